"""What `video` does: every frame of a clip is decoded ahead, read, and written behind, all at the same time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2

from models.classifier import DEFAULT_MODEL
from models.errors import UsageError
from realtime import open_reader
from realtime.addresses import is_address, without_password
from realtime.ahead import ahead, behind
from realtime.console import one_input, progress, require_inputs, say
from realtime.digest import subtitles, summary
from realtime.display import require_display
from realtime.frame_reader import FrameReader
from realtime.interruption import between_steps
from realtime.keeping import paint_frame
from realtime.live import Timed, live_window
from realtime.part import WHOLE, Part
from realtime.pipeline import Item, Journey, Sink, run, scenes
from realtime.record import Record, SceneLines, model_fields
from realtime.roi import Roi, RoiReader
from realtime.sinks import annotated_video, changes, json_lines, when_changed
from realtime.sound import Sound, open_sound
from realtime.sources import count_recording, files_of, fingerprint, open_recording
from realtime.track import Tracker
from realtime.values import Frame, Scene


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to come of a clip: files to write ("-" is stdout), and whether to show it meanwhile.

    changes: records only of frames that read otherwise than the one before.
    Raises UsageError for what does not go together.
    """

    out: Path | None = None
    jsonl: str | None = None
    summary: str | None = None
    srt: Path | None = None
    changes: bool = False
    show: bool = False

    def __post_init__(self) -> None:
        if self.changes and self.jsonl is None:
            raise UsageError("--changes: says which records are written; add --jsonl FILE")
        if self.jsonl == self.summary == "-":
            raise UsageError("--jsonl - --summary -: stdout takes one of them; give the other one a file")

    @property
    def takes_stdout(self) -> bool:
        """Whether stdout carries data, and nothing else."""
        return "-" in (self.jsonl, self.summary)


def read_clip(
    file: str,
    wanted: Wanted,
    part: Part = WHOLE,
    model: Path | None = None,
    fps: float | None = None,
    roi: Roi | None = None,
    target_error: float | None = None,
) -> None:
    """Read every frame of a part of a recording, all of it or `roi`; `fps`: of pictures, which tell no times.

    Ctrl-C ends it as the end of the clip does: what was done until then is whole in all outputs.
    """
    source = open_recording(file, part, fps)
    require_inputs(files_of(file), outputs=[wanted.jsonl, wanted.out, wanted.summary, wanted.srt])
    if wanted.show:
        require_display("leave out --show")
    opened = open_reader(model, live=True, target_error=target_error)
    reader = RoiReader(FrameReader(opened), roi, frames=True)
    timed = Timed(reader)
    about = model_fields(opened.card, model or DEFAULT_MODEL)
    with one_input(), _one_thread_of_opencv(), ExitStack() as stack:
        has_sound = wanted.out is not None and (Path(file).is_file() or is_address(file))
        sound = stack.enter_context(open_sound(file, part)) if has_sound else None
        sinks = _sinks(stack, file, wanted, about)
        if wanted.out is not None:
            sinks.append(stack.enter_context(behind(annotated_video(wanted.out, paint_frame, part, sound))))
        if wanted.show:
            sinks.append(stack.enter_context(live_window(Path(file).name, about, reader, timed)))
        frames = stack.enter_context(ahead(source))
        done = stack.enter_context(progress(count_recording(file, part, fps), "frames", "fps"))
        sinks.append(lambda _: done() is None)
        read = scenes(_to_the_end(frames, sound), timed, tracker=Tracker(opened.settings.layout, part=reader.part))
        journey, stopped = _travel(read, sinks)
    say(f"{journey.scenes} frames read")
    if fault := stopped or journey.fault:
        raise fault


@contextmanager
def _one_thread_of_opencv() -> Iterator[None]:
    """Leave the other processors to the decoder and the encoder: pictures are too small to be worth sharing out."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def _travel(read: Iterator[Item], sinks: Sequence[Sink]) -> tuple[Journey, BaseException | None]:
    """Run the journey; answer how it ended, and what stopped it when somebody did: Ctrl-C, or SIGTERM."""
    count = 0

    def deliver(item: Item) -> bool:
        nonlocal count
        count += isinstance(item, Scene)
        wanted = [sink(item) for sink in sinks]  # every sink sees the last one too
        return all(wanted)

    try:
        with between_steps() as step:
            return run(read, [lambda item: step(partial(deliver, item))]), None
    except (KeyboardInterrupt, SystemExit) as stopped:
        return Journey(count), stopped


def _to_the_end(frames: Iterator[Frame], sound: Sound | None) -> Iterator[Frame]:
    """Yield the frames, and tell the sound when all were taken."""
    yield from frames
    if sound is not None:
        sound.whole = True


def _sinks(stack: ExitStack, file: str, wanted: Wanted, about: Record) -> list[Sink]:
    """Open what goes to files of text and to stdout; `about` is what records say about the model."""
    sinks: list[Sink] = []
    sha256 = fingerprint(file) if Path(file).is_file() else None
    if wanted.jsonl is not None:
        records = stack.enter_context(json_lines(wanted.jsonl, SceneLines(about, sha256)))
        sinks.append(when_changed(records) if wanted.changes else records)
    if wanted.summary is not None:
        source = {"uri": without_password(file)} | ({"sha256": sha256} if sha256 else {})
        sinks.append(stack.enter_context(summary(wanted.summary, source)))
    if wanted.srt is not None:
        sinks.append(stack.enter_context(subtitles(wanted.srt)))
    if not wanted.takes_stdout:
        sinks.append(stack.enter_context(changes(partial(print, flush=True))))
    return sinks
