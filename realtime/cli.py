"""The commands: their options, their help, and nothing else. What they do stands in `realtime.journeys`.

OpenCV, numpy and the classifier are imported when a command runs, so that --help answers at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from realtime.console import guarded, left_at_once, prepare_process, version
from realtime.options import Backend, Fps, GiveUp, Grouping, Height, Jsonl, Model, PlainHelp, Roi, TargetError, Width

app = typer.Typer(
    name="digits",
    help="Read handwritten digits: from a camera, from a video, from photographs.",
    epilog="Example: digits scan sheet.jpg    (in a checkout: python -m realtime scan sheet.jpg)",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help: rich would take longer to load than the help takes to read
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Run the command line; it always ends in an exit code of `models.errors.ExitCode`."""
    prepare_process()
    with left_at_once():
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


@app.command(cls=PlainHelp)
@guarded
def live(
    source: Annotated[
        str,
        typer.Argument(help="Camera number, /dev/videoN, http or rtsp address, or a video file.", metavar="SOURCE"),
    ] = "0",
    no_window: Annotated[
        bool, typer.Option("--no-window", help="Show nothing; print the reading whenever it changes.")
    ] = False,
    jsonl: Jsonl = None,
    max_frames: Annotated[
        int | None, typer.Option("--max-frames", metavar="N", help="End after so many frames, 1 or more; e.g. 100")
    ] = None,
    give_up_after: GiveUp = None,
    width: Width = None,
    height: Height = None,
    fps: Fps = None,
    backend: Backend = None,
    roi: Roi = None,
    record: Annotated[
        Path | None, typer.Option("--record", metavar="FILE", help="Write an annotated video (H.264); e.g. seen.mp4")
    ] = None,
    on_change: Annotated[
        str | None,
        typer.Option(
            "--on-change", metavar="COMMAND", help="Run this with the record on its stdin whenever the reading changes."
        ),
    ] = None,
    never_falls: Annotated[
        bool, typer.Option("--never-falls", help="A meter: hold a reading lower than before, for review.")
    ] = False,
    at_most: Annotated[
        str | None,
        typer.Option("--at-most", metavar="N/h", help="A meter: hold one that moved faster; /s /min /h /d; e.g. 20/h"),
    ] = None,
    target_error: TargetError = None,
    model: Model = None,
) -> None:
    """Read what a camera sees, in a window.

    The window shows boxes, digits, confidence and frame rate; h in it lists its keys, q or Esc ends it.
    A camera that is lost is opened again until it is back.

    Example: digits live 0 --jsonl seen.jsonl
    """
    from realtime.camera_settings import CameraSettings
    from realtime.console import say
    from realtime.journeys import watch
    from realtime.live import Unattended
    from realtime.plausible import Rules, parse_rate
    from realtime.roi import parse_roi
    from realtime.sources import LiveOptions

    asked = CameraSettings(width, height, fps, backend)
    options = LiveOptions(asked if asked != CameraSettings() else None, give_up_after, say)
    rules = Rules(never_falls, parse_rate(at_most) if at_most is not None else None)
    unattended = Unattended(parse_roi(roi) if roi is not None else None, record, on_change, rules)
    watch(source, not no_window, jsonl, max_frames, model, options, unattended, target_error)


@app.command(cls=PlainHelp)
@guarded
def video(
    file: Annotated[
        str,
        typer.Argument(help="A video, its http address, a folder of frames, frame-%04d.png, or - .", metavar="FILE"),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write an annotated video (H.264); e.g. annotated.mp4")
    ] = None,
    jsonl: Jsonl = None,
    changes: Annotated[
        bool, typer.Option("--changes", help="Write a record only when the reading is another than before.")
    ] = False,
    summary: Annotated[
        str | None,
        typer.Option("--summary", metavar="FILE", help="Tell when each number was seen; .json, .csv, - for a table"),
    ] = None,
    srt: Annotated[
        Path | None, typer.Option("--srt", metavar="FILE", help="Write the readings as subtitles; e.g. clip.srt")
    ] = None,
    every: Annotated[int, typer.Option("--every", metavar="N", help="Read only every Nth frame; e.g. 5")] = 1,
    start: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="Begin there: seconds, MM:SS or HH:MM:SS; e.g. 1:30")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="TIME", help="End before that time; e.g. 1:45.5")] = None,
    fps: Annotated[
        float | None, typer.Option("--fps", metavar="N", help="Frames a second, of pictures; 25 where none is given")
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Show in a window what is read; q ends.")] = False,
    roi: Roi = None,
    target_error: TargetError = None,
    model: Model = None,
) -> None:
    """Read every frame of a video file.

    Example: digits video clip.mp4 --out annotated.mp4 --jsonl clip.jsonl
    """
    from realtime.part import part_of
    from realtime.roi import parse_roi
    from realtime.video_journey import Wanted, read_clip

    wanted = Wanted(out, jsonl, summary, srt, changes, show)
    region = parse_roi(roi) if roi is not None else None
    read_clip(file, wanted, part_of(start, end, every), model, fps, region, target_error)


@app.command(cls=PlainHelp)
@guarded
def scan(
    paths: Annotated[
        list[str], typer.Argument(help="Photographs, and folders of them; e.g. sheet.jpg photos/", metavar="PATH")
    ],
    jsonl: Jsonl = None,
    annotated: Annotated[
        Path | None,
        typer.Option("--annotated", metavar="DIR", help="Write pictures with the readings drawn in; e.g. out"),
    ] = None,
    roi: Roi = None,
    target_error: TargetError = None,
    model: Model = None,
) -> None:
    """Read photographs and folders of them.

    Example: digits scan photos/ sheet.jpg --jsonl r.jsonl --annotated out
    """
    from realtime.journeys import read_pictures
    from realtime.roi import parse_roi

    read_pictures(paths, jsonl, annotated, model, parse_roi(roi) if roi is not None else None, target_error)


@app.command(cls=PlainHelp)
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
    by: Annotated[
        Grouping | None, typer.Option("--by", metavar="WHAT", help="A row each condition, or source.")
    ] = None,
    intervals: Annotated[bool, typer.Option("--intervals", help="Give each figure its 95 % interval.")] = False,
    compare: Annotated[
        Path | None,
        typer.Option("--compare", metavar="FILE", help="Tell the difference from other records of the same files."),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="DIR", help="Write a page that shows what was read wrong, and why; e.g. out"),
    ] = None,
    model: Model = None,
) -> None:
    """Tell how well pictures with a known truth are read.

    Reads all files that TRUTH_DIR/truth.json names, videos frame by frame.

    Example: digits score samples --worst 5
    """
    from realtime.journeys import measure
    from realtime.score_table import Wanted

    measure(folder, records, Wanted(as_json, worst, by.value if by else None, intervals), compare, model, html)


@app.command(cls=PlainHelp)
@guarded
def doctor(
    source: Annotated[
        str | None, typer.Argument(help="A camera or stream to try out; e.g. 0", metavar="SOURCE", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    model: Model = None,
) -> None:
    """Tell what works here and what does not, and what helps.

    Looks at packages, model, encoder, display and cameras. Ends with 0 when files can be read.

    Example: digits doctor 0
    """
    import json

    from realtime.diagnosis import as_data, diagnose, exit_code, table
    from realtime.doctor import examine

    facts = examine(model, source)
    findings = diagnose(facts)
    print(json.dumps(as_data(facts, findings), indent=1) if as_json else table(findings))
    raise typer.Exit(exit_code(findings))
