"""H.264 files: pictures with their times and, beside them, the sound of the clip they come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import OutputError
from realtime.console import say
from realtime.outputs import cannot_write
from realtime.part import WHOLE, Part
from realtime.planes import BT601, Planes, planes_of, resized, size_of
from realtime.pyav import packed, range_of
from realtime.sound import Sound

if TYPE_CHECKING:
    from av import AudioStream, VideoFrame
    from av.container import OutputContainer
    from av.video.stream import VideoStream

TICKS: Final = 90_000
"""Units of time in a second of the video: a multiple of all usual frame rates."""
VIDEO_SUFFIXES: Final = (".mp4", ".mov", ".mkv")
CODING: Final = MappingProxyType({"preset": "veryfast", "crf": "20", "bf": "0"})
"""Without B-frames: with them, the durations of frames that do not come evenly are written wrong."""
THREADS: Final = "FRAME"
"""Frames side by side: slices of one, PyAV's default, make the file larger and wait for each other."""


class Encoder:
    """An H.264 file under way; its size is that of the first picture, and its colours are what that says they are.

    It begins at 0 as the clip does, or with its first picture where only a `part` of the clip is read.
    """

    def __init__(self, place: Path, name: Path, part: Part = WHOLE, sound: Sound | None = None) -> None:
        """Prepare to write to `place`; `name` is what it is called in messages, and its suffix names the container."""
        self._place, self._name, self._part, self._sound = place, name, part, sound
        self._container: OutputContainer | None = None
        self._stream: VideoStream | None = None
        self._heard: dict[int, AudioStream] = {}
        self._colours = BT601
        self._start, self._ticks, self._last = 0.0, -1, 0

    def write(self, picture: NDArray[np.uint8] | Planes, seconds: float) -> None:
        """Add a picture, (H, W, 3) uint8 BGR or planes, shown from `seconds` on."""
        planes = picture if isinstance(picture, Planes) else planes_of(even(picture))
        with self._faults():
            stream = self._stream or self._open(planes, seconds)
            if size_of(planes) != (stream.width, stream.height):  # a source may change its own on the way
                planes = resized(planes, stream.width, stream.height)
            frame = packed(planes, self._colours)
            before = self._ticks
            self._ticks = max(round((seconds - self._start) * TICKS), before + 1)
            self._last = self._ticks - before if before >= 0 else TICKS // 25
            frame.pts, frame.time_base = self._ticks, Fraction(1, TICKS)
            self._mux_sound(self._ticks / TICKS)
            self._mux(frame)

    def finish(self) -> None:
        """Write what the encoder still holds, and the index of the file; no file is left where nothing was written."""
        if self._container is None:
            self._place.unlink(missing_ok=True)
            return
        with self._faults():
            self._mux(None)
            self._mux_sound(None if self._sound and self._sound.whole else (self._ticks + self._last) / TICKS)
            container, self._container = self._container, None
            container.close()

    def close(self) -> None:
        """Let go of the file, whole or not."""
        if self._container is not None:
            with suppress(OSError, ValueError):
                self._container.close()

    def _open(self, first: Planes, seconds: float) -> VideoStream:
        """Open the file for pictures of the size of the first one, with the sound where the container can hold it."""
        from av.error import FFmpegError

        self._start = seconds if self._part.start else 0.0
        if self._sound is None:
            return self._begin(first, ())
        self._sound.begin(self._start)
        try:
            return self._begin(first, self._sound.streams)
        except (FFmpegError, ValueError):  # the header tells what it cannot hold, and not of which stream
            self.close()
            stream = self._begin(first, ())  # raises again where it was the pictures
            kind, suffix = self._sound.kind, self._name.suffix.lower()
            say(f"{self._sound.name}: its sound ({kind}) cannot be put into {suffix}; left out")
            return stream

    def _begin(self, first: Planes, sound: Sequence[AudioStream]) -> VideoStream:
        import av

        kind = {".mkv": "matroska", ".mov": "mov"}.get(self._name.suffix.lower(), "mp4")
        options = {} if kind == "matroska" else {"movflags": "+faststart"}  # plays before it has come whole
        self._container = av.open(str(self._place), "w", format=kind, container_options=options)
        stream = self._container.add_stream("libx264", rate=30, options=dict(CODING))
        stream.width, stream.height = size_of(first)
        self._colours = first.colours
        stream.pix_fmt = "yuv420p"
        about = stream.codec_context
        # Players of HD take another matrix than BT.601 unless told.
        about.colorspace, about.color_range = first.colours.matrix, range_of(first.colours)
        about.time_base, about.thread_type = Fraction(1, TICKS), THREADS
        self._heard = {each.index: self._container.add_stream_from_template(each) for each in sound}
        self._container.start_encoding()
        self._stream = stream
        return stream

    def _mux_sound(self, until: float | None) -> None:
        """Copy the sound up to a moment, in seconds; None: to its end."""
        if self._container is None or self._sound is None or not self._heard:
            return
        for packet in self._sound.packets(until):
            if (stream := self._heard.get(packet.stream_index)) is not None:
                packet.stream = stream
                with suppress(ValueError):  # a damaged one, whose time does not fit in: the pictures go on
                    self._container.mux(packet)

    def _mux(self, frame: VideoFrame | None) -> None:
        if self._container is not None and self._stream is not None:
            self._container.mux(self._stream.encode(frame))

    @contextmanager
    def _faults(self) -> Iterator[None]:
        from av.error import FFmpegError

        try:
            yield
        except OSError as fault:  # most of av's errors of writing are OSErrors, too
            raise cannot_write(self._name, fault) from fault
        except FFmpegError as fault:
            raise OutputError(f"{self._name}: H.264 cannot hold these frames ({fault}); make them smaller") from fault


def even(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the picture with its last column and row doubled where their number is odd: H.264 wants even sizes."""
    height, width = picture.shape[:2]
    if height % 2 == width % 2 == 0:
        return picture
    return np.asarray(cv2.copyMakeBorder(picture, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE), np.uint8)
