"""What the commands do: each opens its outputs, its source and a reader, and lets pictures travel between them.

Imported by the commands when they run, so that --help does not pay for OpenCV. What can be found wrong beforehand (a
path, an output, the display, the model) is found before anything is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from models.classifier import DEFAULT_MODEL
from models.errors import ExitCode, UsageError
from realtime import open_reader
from realtime.console import fail, one_input, progress, require_inputs, say
from realtime.display import require_display
from realtime.frame_reader import FrameReader
from realtime.gallery import PAGE, failures, require_gallery, write_gallery
from realtime.live import Timed, Unattended, live_window, unattended_sinks
from realtime.measure import read_records, read_set, read_truth
from realtime.notices import notices
from realtime.outputs import make_folder
from realtime.pipeline import Journey, Sink, run, scenes
from realtime.plausible import plausible
from realtime.reader import Reader
from realtime.record import SceneLines, model_fields
from realtime.roi import Roi, RoiReader
from realtime.scan import (
    Found,
    Scanned,
    annotated_places,
    as_text,
    closed_folders,
    find_pictures,
    scan,
    write_annotated,
)
from realtime.score import Counted, Records, count
from realtime.score_table import Wanted, report
from realtime.sinks import changes, json_lines, on_one_line, record_lines
from realtime.sources import LiveOptions, files_of, fingerprint, in_real_time, open_source, origin
from realtime.track import Tracker
from realtime.values import Event, Frame, Reading


def watch(
    source: str,
    windowed: bool,
    jsonl: str | None,
    most: int | None,
    model: Path | None,
    options: LiveOptions | None = None,
    unattended: Unattended = Unattended(),  # noqa: B008 - it is frozen
    target_error: float | None = None,
) -> None:
    """Read a camera, a stream or a clip as it comes."""
    if most is not None and most < 1:
        raise UsageError(f"--max-frames {most}: no frame would be read; give 1 or more, or leave it out")
    is_file = not origin(source).is_live
    require_inputs(files_of(source) if is_file else [], outputs=[jsonl, unattended.record])
    if windowed:
        require_display()
    opened, about = _reader(model, live=True, target_error=target_error)
    reader = RoiReader(FrameReader(opened), unattended.roi, frames=True)
    timed = Timed(reader)
    with one_input(), ExitStack() as stack:
        sinks = _text_sinks(stack, jsonl, about, source, unattended.told)
        sinks += unattended_sinks(stack, unattended, about, quiet=jsonl == "-")
        if windowed:
            recorded = unattended.record is not None
            sinks.append(stack.enter_context(live_window(_short(source), about, reader, timed, recorded)))
        else:
            sinks.append(stack.enter_context(notices(origin(source).name, say)))
        frames: Iterator[Frame | Event] = stack.enter_context(open_source(source, options))
        if is_file and windowed:
            frames = in_real_time(frames)
        read = scenes(frames, timed, most, Tracker(opened.settings.layout, part=reader.part))
        journey = run(plausible(read, unattended.rules), sinks)
    _end(journey)


def read_pictures(
    paths: list[str],
    jsonl: str | None,
    annotated: Path | None,
    model: Path | None,
    roi: Roi | None = None,
    target_error: float | None = None,
) -> None:
    """Read photographs one after the other; one that cannot be read does not stop the others."""
    pictures, closed = find_pictures(paths, annotated), closed_folders(paths)
    require_inputs([picture.uri for picture in pictures], outputs=[jsonl])
    for folder in closed:
        say(f"error: {folder}: cannot be looked into; check its permissions")
    if not pictures:
        fail(f"{', '.join(paths)}: no pictures in it; name photographs or a folder of them", ExitCode.NOTHING_READ)
    reader, about = _reader(model, target_error=target_error)
    places = annotated_places(pictures, annotated) if annotated else {}
    if annotated:
        make_folder(annotated)
    failed = 0
    with ExitStack() as stack:
        write = stack.enter_context(record_lines(jsonl)) if jsonl else lambda record: None
        done = stack.enter_context(progress(len(pictures), "pictures"))
        for scanned in scan(pictures, RoiReader(reader, roi, frames=False), about):
            failed += _show(scanned, annotated, places, quiet=jsonl == "-")
            write(scanned.record)
            done()
    _end_scan(len(pictures), failed, len(closed))


def measure(
    folder: Path,
    records: Path | None,
    wanted: Wanted,
    compared: Path | None,
    model: Path | None,
    html: Path | None = None,
) -> None:
    """Print the figures of a folder with a truth.json: of records written earlier, or reading everything anew.

    compared: records of another reading of the same files.  html: a folder for the gallery of what was read wrong.
    """
    if html is not None:
        if records is not None:
            raise UsageError("--html: shows what is read wrong now, not what records say; leave out --records")
        require_gallery(html)
    truth = read_truth(folder)
    other = count(truth, read_records(compared, truth)) if compared is not None else None
    found = read_records(records, truth) if records is not None else _read_set(truth, folder, model)
    counted = count(truth, found)
    if html is not None:  # before stdout is written to: whoever reads it may go away
        _show_failures(html, counted, found, folder, model)
    print(report(counted, wanted, other, str(compared)))
    if records is None:
        failed = sum(any(r.get("error") for r in found.get(item["file"], {}).values()) for item in truth)
        _end_scan(len(truth), failed, 0, "files")


def _read_set(truth: list[dict[str, Any]], folder: Path, model: Path | None) -> Records:
    still, about = _reader(model)
    live, _ = _reader(model, live=True)
    with progress(len(truth), "files") as done:
        return read_set(
            truth, folder, still, partial(FrameReader, live), about, done, partial(Tracker, live.settings.layout)
        )


def _show_failures(html: Path, counted: list[Counted], found: Records, folder: Path, model: Path | None) -> None:
    """Write the gallery, and say where it is."""
    still, about = _reader(model)
    live, _ = _reader(model, live=True)
    title = f"{folder}, read by {about['name']}"
    with progress(len(failures(counted)), "failures") as done:
        shown = write_gallery(html, counted, found, folder, (still, live), title, done)
    say(f"{html / PAGE}: shows {shown} of {len(counted)} files, those not read right")


def _reader(model: Path | None, live: bool = False, target_error: float | None = None) -> tuple[Reader, dict[str, Any]]:
    """Return a reader, fast for frames if `live`, and what records say about its model."""
    reader = open_reader(model, live=live, target_error=target_error)
    return reader, model_fields(reader.card, model or DEFAULT_MODEL)


def _text_sinks(
    stack: ExitStack,
    jsonl: str | None,
    about: Mapping[str, Any],
    source: str,
    told: Callable[[Reading], str | None] = on_one_line,
) -> list[Sink]:
    """Open what goes to the file of records and to stdout."""
    sinks: list[Sink] = []
    if jsonl is not None:
        sha256 = fingerprint(source) if Path(source).is_file() else None
        sinks.append(stack.enter_context(json_lines(jsonl, SceneLines(about, sha256), live=True)))
    if jsonl != "-":
        sinks.append(stack.enter_context(changes(partial(print, flush=True), told)))
    return sinks


def _short(source: str) -> str:
    """Return a few words for a source: addresses are long and may hold a password."""
    named = origin(source)
    return {"camera": f"camera {source}", "stream": "stream", "file": Path(source).name}[named.kind]


def _end(journey: Journey) -> None:
    say(f"{journey.scenes} frames read")
    if journey.fault is not None:
        raise journey.fault


def _show(scanned: Scanned, annotated: Path | None, places: Mapping[Found, Path], quiet: bool) -> bool:
    """Print what was read and write the annotated picture; answer whether the picture was unreadable."""
    if scanned.fault:
        say(f"error: {scanned.fault}")
        return True
    if not quiet:
        print(as_text(scanned), flush=True)
    if annotated and (place := places.get(scanned.found)):
        write_annotated(scanned, place, annotated)
    return False


def _end_scan(count: int, failed: int, closed: int, what: str = "pictures") -> None:
    """End with the exit code that tells how many of the pictures were read."""
    if failed == count:
        raise SystemExit(ExitCode.NOTHING_READ)
    if failed or closed:
        say(f"{count - failed} of {count} {what} read")
        raise SystemExit(ExitCode.SOME_FAILED)
