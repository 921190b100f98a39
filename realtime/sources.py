"""Where frames come from: one door for cameras, network streams and video files.

A source is a context manager that yields an iterator of `Frame`: indexes 0, 1, 2 ..., times that never fall, (H, W, 3)
uint8 BGR, upright. It proves itself by a first frame before it is handed out, and it can be left at any time.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from models.errors import UnreadableError
from realtime.values import Event, Frame

KEEP_ALIVE: Final = 0.05
"""Seconds for which a window is left without an item at most."""
LATE: Final = 0.25
"""Seconds by which frames may lag behind their time before that is moved."""
Source = AbstractContextManager[Iterator[Frame]]
_DEVICE: Final = re.compile(r"/dev/video\d+")
_ADDRESS: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://")


@dataclass(frozen=True, slots=True)
class Origin:
    """What the user named as a source: `kind`, and the text as it was given."""

    kind: Literal["camera", "stream", "file"]
    text: str

    @property
    def is_live(self) -> bool:
        """Whether pictures are lost that are not taken in time."""
        return self.kind != "file"


def origin(text: str) -> Origin:
    """Tell a camera (0, /dev/video0) and a network address (http://..., rtsp://...) from a file."""
    if (text.isascii() and text.isdigit()) or _DEVICE.fullmatch(text):
        return Origin("camera", text)
    return Origin("stream" if _ADDRESS.match(text) else "file", text)


def open_source(text: str) -> Source:
    """Return the source that `text` names: a camera's number, /dev/videoN, an http or rtsp address, or a video file.

    Entering it raises CameraError, UnreadableError or UsageError when it gives no frame.
    """
    named = origin(text)
    if named.kind == "file":
        from realtime.clips import open_clip

        return open_clip(text)
    from realtime.cameras import open_camera, open_stream

    if named.kind == "stream":
        return open_stream(text)
    return open_camera(int(text) if text.isdigit() else text)


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
                yield Event(frame.time - early, "waiting", is_news=False)
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
