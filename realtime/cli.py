"""The commands: they map options to sources, a reader and sinks, and faults to exit codes. Nothing is computed here.

OpenCV, numpy and the classifier are imported inside the commands, so that --help answers at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from models.errors import ExitCode
from realtime.console import fail, guarded, one_input, prepare_process, progress, require_inputs, say, version

if TYPE_CHECKING:
    from realtime.pipeline import Journey, Sink
    from realtime.reader import Reader
    from realtime.scan import Found, Scanned
    from realtime.sinks import Paint

app = typer.Typer(
    name="digits",
    help="Read handwritten digits: from a camera, from a video, from photographs.",
    epilog="Example: digits scan sheet.jpg    (in a checkout: python -m realtime scan sheet.jpg)",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help: rich would take longer to load than the help takes to read
    pretty_exceptions_enable=False,
)

Model = Annotated[
    Path | None,
    typer.Option("--model", metavar="FILE", help="Another model file, its card beside it; e.g. --model mine.tflite"),
]
Jsonl = Annotated[
    str | None,
    typer.Option(
        "--jsonl", metavar="FILE", help="Write a record per picture as JSON Lines; e.g. r.jsonl, - for stdout"
    ),
]


def main() -> None:
    """Run the command line; it always ends in an exit code of `models.errors.ExitCode`."""
    prepare_process()
    app()


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"digits {version()}")
        raise typer.Exit


@app.callback()
def _digits(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    pass


@app.command()
@guarded
def live(
    source: Annotated[
        str,
        typer.Argument(help="Camera number, /dev/videoN, http or rtsp address, or a video file.", metavar="[SOURCE]"),
    ] = "0",
    no_window: Annotated[
        bool, typer.Option("--no-window", help="Show nothing; print the reading whenever it changes.")
    ] = False,
    jsonl: Jsonl = None,
    max_frames: Annotated[
        int | None, typer.Option("--max-frames", min=1, metavar="N", help="End after so many frames; e.g. 100")
    ] = None,
    model: Model = None,
) -> None:
    """Read what a camera sees, in a window with boxes, digits, confidence and frame rate; q or Esc ends it.

    Example: digits live 0 --jsonl seen.jsonl
    """
    from realtime.sources import in_real_time, open_source, origin

    is_file = not origin(source).is_live
    if is_file:
        require_inputs([source], outputs=[jsonl])
    if not no_window:
        from realtime.display import require_display

        require_display()
    reader, about = _open_reader(model)
    with one_input(), ExitStack() as stack:
        sinks = _text_sinks(stack, jsonl, about, source, live=True)
        if not no_window:
            from realtime.display import window

            sinks.append(stack.enter_context(window(f"digits - {Path(source).name}", _painter(source))))
        frames = stack.enter_context(open_source(source))
        paced = in_real_time(frames) if is_file and not no_window else frames
        journey = _run(paced, reader, sinks, max_frames)
    _end(journey, source)


@app.command()
@guarded
def video(
    file: Annotated[str, typer.Argument(help="The video file; e.g. clip.mp4")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write an annotated video (H.264); e.g. annotated.mp4")
    ] = None,
    jsonl: Jsonl = None,
    model: Model = None,
) -> None:
    """Read every frame of a video file, in order.

    Example: digits video clip.mp4 --out annotated.mp4 --jsonl clip.jsonl
    """
    from realtime.clips import count_frames, open_clip
    from realtime.sinks import annotated_video

    require_inputs([file], outputs=[jsonl, out])
    reader, about = _open_reader(model)
    with one_input(), ExitStack() as stack:
        sinks = _text_sinks(stack, jsonl, about, file)
        if out is not None:
            sinks.append(stack.enter_context(annotated_video(out, _painter())))
        frames = stack.enter_context(open_clip(file))
        done = stack.enter_context(progress(count_frames(file) if Path(file).is_file() else None, "frames"))
        journey = _run(frames, reader, [*sinks, lambda _: done() is None], None)
    _end(journey, file)


@app.command()
@guarded
def scan(
    paths: Annotated[list[str], typer.Argument(help="Photographs, and folders of them; e.g. sheet.jpg photos/")],
    jsonl: Jsonl = None,
    annotated: Annotated[
        Path | None,
        typer.Option("--annotated", metavar="DIR", help="Write pictures with the readings drawn in; e.g. out"),
    ] = None,
    model: Model = None,
) -> None:
    """Read photographs, and folders of them, one after the other.

    Example: digits scan photos/ sheet.jpg --jsonl readings.jsonl --annotated out
    """
    from realtime.outputs import make_folder
    from realtime.scan import annotated_places, closed_folders, find_pictures
    from realtime.scan import scan as scan_all
    from realtime.sinks import record_lines

    pictures, closed = find_pictures(paths), closed_folders(paths)
    require_inputs([p.uri for p in pictures], outputs=[jsonl])
    for folder in closed:
        say(f"error: {folder}: cannot be looked into; check its permissions")
    if not pictures:
        fail(f"{', '.join(paths)}: no pictures in it; name photographs or a folder of them", ExitCode.NOTHING_READ)
    reader, about = _open_reader(model)
    places = annotated_places(pictures, annotated) if annotated else {}
    if annotated:
        make_folder(annotated)
    with ExitStack() as stack:
        write = stack.enter_context(record_lines(jsonl)) if jsonl else lambda record: None
        done = stack.enter_context(progress(len(pictures), "pictures"))
        failed = 0
        for scanned in scan_all(pictures, reader, about):
            failed += _show(scanned, places, quiet=jsonl == "-")
            write(scanned.record)
            done()
    _end_scan(len(pictures), failed, len(closed))


def _show(scanned: Scanned, places: dict[Found, Path], quiet: bool) -> bool:
    """Print what was read and write the annotated picture; answer whether the picture was unreadable."""
    from realtime.scan import as_text, write_annotated

    if scanned.fault:
        say(f"error: {scanned.fault}")
        return True
    if not quiet:
        print(as_text(scanned), flush=True)
    if place := places.get(scanned.found):
        write_annotated(scanned, place)
    return False


def _end_scan(count: int, failed: int, closed: int) -> None:
    if failed == count:
        raise typer.Exit(ExitCode.NOTHING_READ)
    if failed or closed:
        say(f"{count - failed} of {count} pictures read")
        raise typer.Exit(ExitCode.SOME_FAILED)


@app.command()
@guarded
def score(
    folder: Annotated[Path, typer.Argument(help="A folder with a truth.json; e.g. samples", metavar="TRUTH_DIR")],
    records: Annotated[
        Path | None, typer.Option("--records", metavar="FILE", help="Score these JSON Lines instead of reading anew.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all figures as JSON.")] = False,
    worst: Annotated[
        int, typer.Option("--worst", min=0, metavar="N", help="How many of the worst files to list.")
    ] = 10,
    model: Model = None,
) -> None:
    """Read all files that a truth.json names and print how many digits are right.

    Example: digits score samples --worst 5
    """
    import json

    from realtime.measure import read_records, read_set, read_truth
    from realtime.score import score as hold_against
    from realtime.score import table

    truth = read_truth(folder)
    if records is not None:
        found = read_records(records, truth)
    else:
        reader, about = _open_reader(model)
        with progress(len(truth), "files") as done:
            found = read_set(truth, folder, reader, about, done)
    figures = hold_against(truth, found)
    print(json.dumps(figures, indent=1) if as_json else table(figures, worst))


def _open_reader(model: Path | None) -> tuple[Reader, dict[str, Any]]:
    """Return a reader, and what records say about its model."""
    from models.classifier import DEFAULT_MODEL
    from realtime import open_reader
    from realtime.quiet import hushed
    from realtime.record import model_fields

    with hushed():
        reader = open_reader(model)
    return reader, model_fields(reader.card, model or DEFAULT_MODEL)


def _text_sinks(
    stack: ExitStack, jsonl: str | None, about: dict[str, Any], source: str, live: bool = False
) -> list[Sink]:
    """Open what goes to the file of records and to stdout."""
    from realtime.record import scene_record
    from realtime.sinks import changes, json_lines
    from realtime.sources import fingerprint

    sinks: list[Sink] = []
    if jsonl is not None:
        sha256 = fingerprint(source) if Path(source).is_file() else None
        to_record = partial(scene_record, model=about, sha256=sha256)
        sinks.append(stack.enter_context(json_lines(jsonl, to_record, live)))
    if jsonl != "-":
        sinks.append(stack.enter_context(changes(partial(print, flush=True))))
    return sinks


def _painter(source: str | None = None) -> Paint:
    """Return what draws a scene; with a bar that tells the rate when `source` is named."""
    import time

    from realtime.overlay import draw
    from realtime.pipeline import Meter

    meter = Meter()
    name = Path(source or "").name if "://" not in (source or "") else "stream"

    def paint(scene: Any) -> Any:
        rate = meter.tick(time.monotonic())
        hud = f"{name}   {rate:.1f} fps   {len(scene.reading.digits)} digits" if source else ""
        return draw(scene.frame.image, scene.reading, hud)

    return paint


def _run(frames: Any, reader: Reader, sinks: Sequence[Sink], most: int | None) -> Journey:
    from realtime.pipeline import run, scenes

    return run(scenes(frames, reader, most), sinks)


def _end(journey: Journey, source: str) -> None:
    say(f"{journey.scenes} frames read")
    if journey.fault is not None:
        raise journey.fault
