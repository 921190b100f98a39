"""Where frames come from: one door for cameras, network streams and video files.

A source is a context manager that yields an iterator of `Frame`: indexes 0, 1, 2 ..., times that never fall, (H, W, 3)
uint8 BGR, upright. It proves itself by a first frame before it is handed out, and it can be left at any time. Between
the frames of cameras and streams stand events: what happened, and, every moment without a frame, that nothing did.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from models.errors import UnreadableError, UsageError
from realtime.values import Event, Frame

if TYPE_CHECKING:
    from realtime.camera_settings import CameraSettings

Source = AbstractContextManager[Iterator[Frame | Event]]
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
    return Origin("stream" if _ADDRESS.match(text) else "file", text)


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
    """Return the source that `text` names: a camera's number, /dev/videoN, an http or rtsp address, or a video file.

    Entering it raises CameraError, UnreadableError or UsageError when it gives no frame.
    """
    named, options = origin(text), options or LiveOptions()
    _require_live(named, options)
    if named.kind == "file":
        from realtime.clips import open_clip

        return open_clip(text)
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


def without_password(address: str) -> str:
    """Return the address with its password (scheme://user:password@host) masked: it goes into records and pictures."""
    scheme, mark, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    user, at, host = host.rpartition("@")
    return f"{scheme}{mark}{user.partition(':')[0]}{':***' if ':' in user else ''}{at}{host}{slash}{path}"


def in_real_time(
    frames: Iterator[Frame | Event],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Frame | Event]:
    """Hold each frame of a file back until its time has come, for eyes to follow; none is left out."""
    began = clock()
    for frame in frames:
        sleep(max(0.0, began + frame.time - clock()))
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
