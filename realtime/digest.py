"""Sinks that tell of a clip as a whole, when it has ended: a summary of its numbers, and subtitles."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from models.errors import UsageError
from realtime.outputs import cannot_write, whole_file
from realtime.pipeline import Item, Sink
from realtime.spans import Seen, Timeline, summarize
from realtime.summary import as_csv, as_json, as_srt, as_table
from realtime.values import Scene

SUMMARY_SUFFIXES: Final = (".json", ".csv", ".txt")


@contextmanager
def summary(target: str, source: Mapping[str, Any]) -> Iterator[Sink]:
    """Write which numbers were seen and when: JSON or CSV as the suffix says, a table to .txt, and to stdout for "-".

    source: what records say about the clip.
    """
    sink, tell = _seeing()
    if target == "-":
        yield sink
        sys.stdout.write(as_table(tell()))
        return
    forms: dict[str, Callable[[tuple[Seen, ...]], str]] = {
        ".json": lambda seen: as_json(seen, source),
        ".csv": as_csv,
        ".txt": as_table,
    }
    form = forms.get(Path(target).suffix.lower())
    if form is None:
        raise UsageError(f"{target}: names no form; give it a name in {', '.join(SUMMARY_SUFFIXES)}, or - for stdout")
    with whole_file(Path(target)) as place:
        yield sink
        _write(place, target, form(tell()))


@contextmanager
def subtitles(path: Path) -> Iterator[Sink]:
    """Write what was read as subtitles (SubRip), with the clip's own times: an entry whenever the reading changes."""
    if path.suffix.lower() != ".srt":
        raise UsageError(f"{path}: the subtitles are SubRip; give it a name in .srt")
    read = Timeline[str]()

    def sink(item: Item) -> bool:
        if isinstance(item, Scene):
            read.add(item.frame.time, item.reading.text)
        return True

    with whole_file(path) as place:
        yield sink
        _write(place, path, as_srt(read.moments, read.end))


def _seeing() -> tuple[Sink, Callable[[], tuple[Seen, ...]]]:
    """Return a sink, and a function that tells what it has seen so far."""
    view, confidences = Timeline[frozenset[str]](), dict[str, float]()

    def sink(item: Item) -> bool:
        if isinstance(item, Scene):
            numbers = item.reading.numbers
            view.add(item.frame.time, frozenset(number.text for number in numbers))
            confidences.update((n.text, max(n.confidence, confidences.get(n.text, 0.0))) for n in numbers)
        return True

    return sink, lambda: summarize(view.moments, view.end, confidences)


def _write(place: Path, name: object, text: str) -> None:
    try:
        place.write_text(text, encoding="utf-8", newline="\n")
    except OSError as fault:
        raise cannot_write(name, fault) from fault
