"""Video files as frames: every one, in order, with its own presentation time, upright.

They are decoded with PyAV, not cv2.VideoCapture: it tells the time of each frame and says when a packet is damaged.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from models.errors import UnreadableError, UsageError
from realtime import piped
from realtime.addresses import is_address, without_password
from realtime.part import WHOLE, Part, expected
from realtime.pyav import Unpacker
from realtime.values import Frame
from realtime.wholeness import is_whole_clip

if TYPE_CHECKING:
    from av import FFmpegError, Packet, VideoFrame
    from av.container import InputContainer
    from av.stream import Stream

_REMEDY: Final = "copy or record it again, or convert it: ffmpeg -i FILE new.mp4"
_PATIENCE: Final = 10.0
"""Seconds a server has to answer, and to send what comes next."""
_EXACT: Final = 1e-6
"""Seconds: a time that was typed may be a rounded one."""


@contextmanager
def open_clip(path: str, part: Part = WHOLE, fps: float | None = None) -> Iterator[Iterator[Frame]]:
    """Open the video file at `path`, an http address, or "-" for standard input, and yield the frames of a part of it.

    Times count from the beginning of the clip, indexes from the first frame of the part, those passed over included.
    Raises UsageError when there is no such file or nothing in the part, and UnreadableError when no frame can be had
    from it. A file that is cut short or damaged gives what can be read; then the iterator raises UnreadableError.
    """
    with _opened(path, fps) as container:
        frames, name = _frames(container, path, part), without_password(path)
        first = next(frames, None)
        if first is None and not part.is_whole:
            raise UsageError(f"{name}: has no frame {_between(part)}{_length(container)}; give another --from or --to")
        if first is None:
            raise UnreadableError(f"{name}: has no picture in it; {_remedy(path)}")
        yield chain([first], frames)


def count_frames(path: str, part: Part = WHOLE) -> int | None:
    """Return about how many frames a part of the video file has, by what it says of itself; None where it is silent."""
    if not os.path.isfile(path):  # what comes through a pipe or from a server is opened once
        return None
    with _opened(path) as container:
        stream, length = container.streams.video[0], container.duration / 1_000_000 if container.duration else None
        by_rate = round(length * stream.average_rate) if length and stream.average_rate else None
        return expected(stream.frames or by_rate, length, part)


def _between(part: Part) -> str:
    return f"from {part.start:g} s on" if math.isinf(part.end) else f"between {part.start:g} s and {part.end:g} s"


def _length(container: InputContainer) -> str:
    return f", it ends at {container.duration / 1_000_000:.1f} s" if container.duration else ""


@contextmanager
def _opened(path: str, fps: float | None = None) -> Iterator[InputContainer]:
    import av

    waits = _PATIENCE if is_address(path) else None
    options = {"framerate": f"{fps:g}"} if fps else {}  # of pictures one after the other, which tell no times
    with _input(path) as source:
        try:
            container = av.open(source, "r", options=options, timeout=waits, metadata_errors="replace")
        except (av.FFmpegError, OSError) as fault:
            raise UnreadableError(
                f"{without_password(path)}: cannot be read as a video ({_reason(fault)}); {_remedy(path)}"
            ) from fault
        with container:
            still = container.format.name.endswith("_pipe") or container.format.name == "image2"
            if still and os.path.isfile(path):
                raise UnreadableError(
                    f"{path}: is a picture, not a video; read it with: python -m realtime scan {path}"
                )
            if not container.streams.video:
                raise UnreadableError(f"{without_password(path)}: has sound or text but no pictures; name a video")
            stream = container.streams.video[0]
            if stream.codec_context is None:
                raise UnreadableError(f"{without_password(path)}: holds a kind of video that is not known; {_REMEDY}")
            stream.thread_type = "AUTO"
            yield container


@contextmanager
def _input(path: str) -> Iterator[str | piped.Reads]:
    """Yield what PyAV can open, once it is known to be there."""
    if path == piped.NAME:
        with piped.standard_input() as file:
            yield file
        return
    if not is_address(path):
        if not os.path.exists(path):
            raise UsageError(f"{path}: does not exist; check the path")
        if os.path.isdir(path):
            raise UnreadableError(f"{path}: is a folder, not a video; name a file")
        if os.path.isfile(path) and os.path.getsize(path) == 0:
            raise UnreadableError(f"{path}: is empty (0 bytes); copy it again")
    yield path


def _remedy(path: str) -> str:
    return "check the address, and that its server is on" if is_address(path) else _REMEDY


def _frames(container: InputContainer, path: str, part: Part) -> Iterator[Frame]:
    """Yield every frame that can be decoded; raises UnreadableError in the end when the file was not whole."""
    name, opened = without_password(path), (container.start_time or 0) / 1_000_000
    index, time, fault = 0, 0.0, ""
    unpacker = Unpacker()
    for picture in _from(container, part.start, opened):
        if isinstance(picture, str):
            fault = fault or picture
            continue
        time = max(time, picture.time - opened) if picture.time is not None else time
        if time >= part.end:
            return
        if index % part.every == 0:
            yield Frame(unpacker.pixels(picture), index, time, name)
        index += 1
    fault = fault or ("" if path == piped.NAME or is_whole_clip(Path(path)) else "its end is missing")
    if fault:
        raise UnreadableError(
            f"{name}: is damaged or cut short after frame {index} at {time:.1f} s ({fault}); {_REMEDY}"
        )


def _from(container: InputContainer, start: float, opened: float) -> Iterator[VideoFrame | str]:
    """Yield what is decoded from the first frame on that is shown at `start` or later; `opened`: when the clip begins.

    Seeking goes to a key frame, in some containers not to the last one before, or to a later one: then from farther
    back.
    """
    import av

    for back in (0.0, 5.0, start) if start else ():
        try:
            container.seek(round((max(0.0, start - back) + opened) * 1_000_000), backward=True)
        except av.FFmpegError:  # a pipe, say: what comes before is read and passed over
            break
        pictures = _decoded(container)
        first = next((p for p in pictures if not isinstance(p, str) and p.time is not None), None)
        if first is not None and (first.time - opened <= start or back == start):
            yield from _since(chain([first], pictures), start, opened)
            return
    yield from _since(_decoded(container), start, opened)


def _since(pictures: Iterator[VideoFrame | str], start: float, opened: float) -> Iterator[VideoFrame | str]:
    """Leave out the frames that are shown before `start`."""
    return (p for p in pictures if isinstance(p, str) or p.time is None or p.time - opened >= start - _EXACT)


def _decoded(container: InputContainer) -> Iterator[VideoFrame | str]:
    """Yield frames, and for each fault on the way its reason; a damaged packet does not end a clip."""
    import av

    packets = demuxed(container, container.streams.video[0])
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError as fault:
            yield _reason(fault)
            packet = None
        if packet is None:
            return
        try:
            if packet.is_corrupt:
                yield "a packet is damaged"
            yield from (picture for picture in packet.decode() if isinstance(picture, av.VideoFrame))
        except av.FFmpegError as fault:
            yield _reason(fault)


def demuxed(container: InputContainer, *streams: Stream) -> Iterator[Packet[Stream]]:
    """Yield the packets of the streams; PyAV stumbles over those of streams that appear only on the way."""
    while True:
        try:
            yield from container.demux(*streams)
            return
        except IndexError:  # what comes behind that packet can be read
            continue


def _reason(fault: FFmpegError | OSError) -> str:
    import av

    if isinstance(fault, av.ExitError):
        return f"no answer within {_PATIENCE:g} s"
    return (fault.strerror or str(fault)).lower()
