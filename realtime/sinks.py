"""Where scenes go: JSON Lines, an annotated video, the terminal. The window is in `realtime.display`.

A sink is a context manager that yields a function: it takes a scene and answers whether more are wanted. Left by an
error (Ctrl-C is one), it leaves no half-written file.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, TextIO

import numpy as np
from numpy.typing import NDArray

from models.errors import UsageError
from realtime.encoder import VIDEO_SUFFIXES, Encoder
from realtime.outputs import cannot_write, whole_file
from realtime.part import WHOLE, Part
from realtime.pipeline import Item, Sink
from realtime.planes import Planes
from realtime.record import Record, event_record, to_line
from realtime.sound import Sound
from realtime.values import Reading, Scene

Paint = Callable[[Scene], NDArray[np.uint8] | Planes]
"""Draws what was read onto a copy of the frame: (H, W, 3) uint8 BGR, or planes."""


@contextmanager
def record_lines(target: str, live: bool = False) -> Iterator[Callable[[Record], None]]:
    """Write records as JSON Lines, as `text_lines` writes lines."""
    with text_lines(target, live) as write:
        yield lambda record: write(to_line(record))


@contextmanager
def text_lines(target: str, live: bool = False) -> Iterator[Callable[[str], None]]:
    """Write lines of text to the file `target`, or to stdout when it is "-".

    live: add to the file and flush it, so that whoever follows it sees each line; otherwise it appears when it is
    whole. stdout is flushed after each line, too.
    """
    if target == "-":
        yield _line_writer(sys.stdout, "stdout")
    elif live:
        cut = _is_cut_short(Path(target))
        with _opened(Path(target), "a", target) as file:
            if cut:
                file.write("\n")
            yield _line_writer(file, target)
    else:
        with whole_file(Path(target)) as part, _opened(part, "w", target) as file:
            yield _line_writer(file, target, flushed=False)
            with _told(target):
                file.flush()  # closing would not tell that the disk is full


def _is_cut_short(path: Path) -> bool:
    """Tell whether a file's last line was cut short: a record added to it would be lost with it."""
    try:
        return path.is_file() and path.stat().st_size > 0 and _last_byte(path) != b"\n"
    except OSError:
        return False  # opening it will say what is wrong


def _last_byte(path: Path) -> bytes:
    with open(path, "rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1)


@contextmanager
def _opened(path: Path, mode: Literal["a", "w"], name: str) -> Iterator[TextIO]:
    try:
        file = open(path, mode, encoding="utf-8", newline="\n")  # noqa: SIM115 - its errors are told apart
    except OSError as fault:
        raise cannot_write(name, fault) from fault
    try:
        yield file
    finally:
        with suppress(OSError):  # what did not fit has been reported; closing tries it once more
            file.close()


def _line_writer(file: TextIO, name: str, flushed: bool = True) -> Callable[[str], None]:
    def write(line: str) -> None:
        with _told(name):
            file.write(line + "\n")
            if flushed:
                file.flush()

    return write


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Let faults of writing be told as what they are of the file of this name; a reader that went away is none."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as fault:
        raise cannot_write(name, fault) from fault


@contextmanager
def json_lines(target: str, to_text: Callable[[Scene], str], live: bool = False) -> Iterator[Sink]:
    """Write one line a scene, as `text_lines` does, and one for each event that is news."""
    with text_lines(target, live) as write:

        def sink(item: Item) -> bool:
            if isinstance(item, Scene):
                write(to_text(item))
            elif item.is_news:
                write(to_line(event_record(item)))
            return True

        yield sink


def on_one_line(reading: Reading) -> str:
    """Return all that is read, with bars between the lines."""
    return " | ".join(line.text for line in reading.lines)


def when_changed(sink: Sink, told: Callable[[Reading], str | None] = on_one_line, before: str | None = None) -> Sink:
    """Return a sink that passes on scenes of which something else is told than of the one before, and all events.

    told: gives None where there is nothing to tell: such a scene is passed over.  before: what counts as told before
    the first; None: whatever is told of it, the first is passed on.
    """

    def changed(item: Item) -> bool:
        nonlocal before
        if isinstance(item, Scene):
            text = told(item.reading)
            if text is None or text == before:
                return True
            before = text
        return sink(item)

    return changed


@contextmanager
def changes(show: Callable[[str], None], told: Callable[[Reading], str | None] = on_one_line) -> Iterator[Sink]:
    """Show a line with the time and what is told of the reading whenever that is another than before."""

    def sink(item: Item) -> bool:
        if isinstance(item, Scene):
            show(f"{item.frame.time:8.2f} s  {told(item.reading) or '-'}")
        return True

    yield when_changed(sink, told, before="")


@contextmanager
def annotated_video(path: Path, paint: Paint, part: Part = WHOLE, sound: Sound | None = None) -> Iterator[Sink]:
    """Write painted scenes as H.264, with the presentation times of their frames; any browser plays it as .mp4.

    part: of the clip that the scenes come from.  sound: copied beside the pictures, where the container can hold it.
    The video is written beside `path` and moved there when it is whole; without a scene there is no file.
    """
    if path.suffix.lower() not in VIDEO_SUFFIXES:
        raise UsageError(f"{path}: the annotated video is H.264; give it a name in {', '.join(VIDEO_SUFFIXES)}")
    with whole_file(path) as place:
        encoder = Encoder(place, path, part, sound)
        try:

            def sink(item: Item) -> bool:
                if isinstance(item, Scene):
                    encoder.write(paint(item), item.frame.time)
                return True

            yield sink
            encoder.finish()
        finally:
            encoder.close()
