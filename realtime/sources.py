"""Where frames come from: one door for cameras, network streams and recordings.

A source is a context manager that yields an iterator of `Frame`: indexes 0, 1, 2 ..., times that never fall, (H, W, 3)
uint8 BGR, upright. It proves itself by a first frame before it is handed out, and it can be left at any time. Between
the frames of cameras and streams stand events: what happened, and, every moment without a frame, that nothing did.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from models.errors import UnreadableError, UsageError
from realtime.addresses import is_address, without_password
from realtime.part import WHOLE, Part
from realtime.values import KEEP_ALIVE, WAITING, Event, Frame

if TYPE_CHECKING:
    from realtime.camera_settings import CameraSettings

LATE: Final = 0.25
"""Seconds by which frames may lag behind their time before that is moved."""
Source = AbstractContextManager[Iterator[Frame | Event]]
Recording = AbstractContextManager[Iterator[Frame]]
_DEVICE: Final = re.compile(r"/dev/video\d+")


@dataclass(frozen=True, slots=True)
class Origin:
    """What the user named as a source: `kind`, and the text as it was given."""

    kind: Literal["camera", "stream", "file"]
    text: str

    @property
    def is_live(self) -> bool:
        """Whether pictures are lost that are not taken in time."""
        return self.kind != "file"

    @property
    def name(self) -> str:
        """What it is called in records and messages: "camera:0"; an address without its password."""
        if self.kind == "stream":
            return without_password(self.text)
        return f"camera:{self.text}" if self.text.isdigit() and self.kind == "camera" else self.text


def origin(text: str) -> Origin:
    """Tell a camera (0, /dev/video0) and a network address (http://..., rtsp://...) from a file."""
    if (text.isascii() and text.isdigit()) or _DEVICE.fullmatch(text):
        return Origin("camera", text)
    return Origin("stream" if is_address(text) else "file", text)


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """What a user may want of a live source.

    camera: what a camera is asked for.  give_up_after: seconds without a picture after which it is lost for good.
    tell: is given a line when a camera does not give what it is asked for.
    """

    camera: CameraSettings | None = None
    give_up_after: float | None = None
    tell: Callable[[str], None] = lambda line: None


def open_source(text: str, options: LiveOptions | None = None) -> Source:
    """Return the source that `text` names: a camera's number, /dev/videoN, an http or rtsp address, or a recording.

    Entering it raises CameraError, UnreadableError or UsageError when it gives no frame.
    """
    named, options = origin(text), options or LiveOptions()
    _require_live(named, options)
    if named.kind == "file":
        return open_recording(text)
    from realtime.cameras import open_camera, open_stream
    from realtime.watchdog import Patience

    patience = Patience(give_up=options.give_up_after)
    if named.kind == "stream":
        return open_stream(text, patience)
    return open_camera(int(text) if text.isdigit() else text, patience, options.camera, options.tell)


def _require_live(named: Origin, options: LiveOptions) -> None:
    """Raise UsageError for options that mean nothing to the source, or nothing at all."""
    if options.camera is not None and named.kind != "camera":
        raise UsageError(f"{named.text}: --width, --height, --fps and --backend are for cameras; leave them out")
    if options.give_up_after is not None and not named.is_live:
        raise UsageError(f"{named.text}: --give-up-after is for cameras and streams; leave it out")
    if options.give_up_after is not None and options.give_up_after <= 0:
        raise UsageError(f"--give-up-after {options.give_up_after:g}: give seconds, more than 0, or leave it out")


def open_recording(text: str, part: Part = WHOLE, fps: float | None = None) -> Recording:
    """Return the part of a recording that `text` names, every frame of it.

    That is a video file, its http address, a folder of pictures, numbered ones (frame-%04d.png), or "-": standard
    input.  fps: of pictures, which tell no times of their own.
    Raises UsageError for a live stream, and for `fps` of what has its own times.
    """
    from realtime.clips import open_clip
    from realtime.sequence import FPS, open_sequence

    if fps is not None and not fps > 0:
        raise UsageError(f"--fps {fps:g}: no time would pass; give more than 0")
    if is_sequence(text):
        return open_sequence(text, part, FPS if fps is None else fps)
    if is_address(text) and not text.lower().startswith(("http://", "https://")):
        raise UsageError(f"{text}: is a live stream, not a recording; read it with: python -m realtime live {text}")
    if fps is not None and text != "-":
        raise UsageError(f"{text}: has times of its own; leave out --fps, which is for pictures one after the other")
    return open_clip(text, part, fps)


def is_sequence(text: str) -> bool:
    """Tell whether `text` names a folder, or numbered pictures."""
    from realtime.sequence import is_pattern

    return not is_address(text) and (os.path.isdir(text) or is_pattern(text))


def count_recording(text: str, part: Part = WHOLE, fps: float | None = None) -> int | None:
    """Return about how many frames a part of a recording has; None where that is not known before they are read."""
    from realtime.clips import count_frames
    from realtime.sequence import FPS, count_stills

    return count_stills(text, part, fps or FPS) if is_sequence(text) else count_frames(text, part)


def files_of(text: str) -> list[str]:
    """Return the paths that are read of a source: none of a camera, an address or standard input."""
    from realtime.sequence import stills

    if origin(text).is_live or text == "-":
        return []
    return stills(text) if is_sequence(text) else [text]


def in_real_time(
    frames: Iterator[Frame | Event],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Frame | Event]:
    """Hold each frame of a file back until its time has come, for eyes to follow; none is left out.

    While one is held back, events that are no news keep a window alive. Where frames are taken late, as after a pause,
    those that follow are not hurried.
    """
    began = clock()
    for frame in frames:
        if isinstance(frame, Event):
            yield frame
            continue
        while (early := began + frame.time - clock()) > 0:
            sleep(min(early, KEEP_ALIVE))
            if early > KEEP_ALIVE:
                yield Event(frame.time - early, WAITING, is_news=False)
        if early < -LATE:
            began -= early
        yield frame


def fingerprint(path: Path | str) -> str:
    """Return the sha256 of the file's bytes, in hexadecimal digits."""
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except OSError as fault:
        raise UnreadableError(f"{path}: cannot be read ({fault.strerror}); check its permissions") from fault
    return digest.hexdigest()
