"""Video files as frames: every one, in order, with its own presentation time, upright.

They are decoded with PyAV, not cv2.VideoCapture: it tells the time of each frame and says when a packet is damaged.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from models.errors import UnreadableError, UsageError
from realtime.values import Frame

if TYPE_CHECKING:
    from av import FFmpegError, VideoFrame, VideoStream
    from av.container import InputContainer

_REMEDY: Final = "copy or record it again, or convert it: ffmpeg -i FILE new.mp4"


@contextmanager
def open_clip(path: str) -> Iterator[Iterator[Frame]]:
    """Open the video file at `path` and yield its frames.

    Raises UsageError when there is no such file and UnreadableError when no frame can be had from it. A file that is
    cut short or damaged gives what can be read; then the iterator raises UnreadableError.
    """
    with _opened(path) as container:
        frames = _frames(container, path)
        first = next(frames, None)
        if first is None:
            raise UnreadableError(f"{path}: has no picture in it; {_REMEDY}")
        yield chain([first], frames)


def count_frames(path: str) -> int | None:
    """Return how many frames the video file says it has, or None where it does not say."""
    with _opened(path) as container:
        return container.streams.video[0].frames or None


@contextmanager
def _opened(path: str) -> Iterator[InputContainer]:
    import av

    if not os.path.exists(path):
        raise UsageError(f"{path}: does not exist; check the path")
    if os.path.isdir(path):
        raise UnreadableError(
            f"{path}: is a folder, not a video; to read a folder of pictures: python -m realtime scan {path}"
        )
    if os.path.isfile(path) and os.path.getsize(path) == 0:
        raise UnreadableError(f"{path}: is empty (0 bytes); copy it again")
    try:
        container = av.open(path)
    except av.FFmpegError as fault:
        raise UnreadableError(f"{path}: cannot be read as a video ({_reason(fault)}); {_REMEDY}") from fault
    with container:
        if container.format.name.endswith("_pipe") or container.format.name == "image2":
            raise UnreadableError(f"{path}: is a picture, not a video; read it with: python -m realtime scan {path}")
        if not container.streams.video:
            raise UnreadableError(f"{path}: has sound or text but no pictures; name a video")
        yield container


def _frames(container: InputContainer, path: str) -> Iterator[Frame]:
    """Yield every frame that can be decoded; raises UnreadableError in the end when the file was not whole."""
    start = (container.start_time or 0) / 1_000_000
    index, time, fault = 0, 0.0, ""
    for picture in _decoded(container):
        if isinstance(picture, str):
            fault = fault or picture
            continue
        time = max(time, picture.time - start) if picture.time is not None else time
        yield Frame(_upright(picture), index, time, path)
        index += 1
    fault = fault or ("" if is_whole_clip(Path(path)) else "its end is missing")
    if fault:
        raise UnreadableError(
            f"{path}: is damaged or cut short after frame {index} at {time:.1f} s ({fault}); {_REMEDY}"
        )


def _decoded(container: InputContainer) -> Iterator[VideoFrame | str]:
    """Yield frames, and for each fault on the way its reason; a damaged packet does not end a clip."""
    import av

    stream: VideoStream = container.streams.video[0]
    stream.thread_type = "AUTO"
    packets = container.demux(stream)
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
            yield from packet.decode()
        except av.FFmpegError as fault:
            yield _reason(fault)


def _reason(fault: FFmpegError) -> str:
    return (fault.strerror or str(fault)).lower()


def _upright(picture: VideoFrame) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8 BGR, turned by the rotation that the file asks players for."""
    image = picture.to_ndarray(format="bgr24")
    turned = np.rot90(image, round(picture.rotation / 90) % 4)
    return np.ascontiguousarray(turned, np.uint8)


def is_whole_clip(path: Path) -> bool:
    """Tell whether the file holds as many bytes as its own outermost parts (MP4, Matroska, AVI) say it has.

    Counting frames is no way to tell: a clip trimmed on a telephone declares frames that are not meant to be shown.
    """
    if not path.is_file():
        return True
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(12)
        if start[4:8] in (b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip"):
            return _end_of_boxes(file, size) <= size
        if start[:4] == b"RIFF":
            return 8 + int(struct.unpack("<I", start[4:8])[0]) <= size
        return start[:4] != b"\x1aE\xdf\xa3" or _end_of_segment(file, size) <= size


def _end_of_boxes(file: BinaryIO, size: int) -> int:
    """Return where the last of the outermost boxes of an MP4 file ends."""
    at = 0
    while at + 8 <= size:
        file.seek(at)
        box = file.read(16).ljust(16, b"\0")
        length, _, long = struct.unpack(">I4sQ", box)
        length = long if length == 1 else length
        if length < 8:  # 0: up to the end of the file
            return size
        at += length
    return at


def _end_of_segment(file: BinaryIO, size: int) -> int:
    """Return where the segment of a Matroska or WebM file ends; `size` where it does not say, as when recorded live."""
    file.seek(4)
    head = _ebml_size(file)
    file.seek(head or 0, os.SEEK_CUR)
    if file.read(4) != b"\x18\x53\x80\x67":
        return size
    length = _ebml_size(file)
    return size if length is None else file.tell() + length


def _ebml_size(file: BinaryIO) -> int | None:
    """Read a length of 1 to 8 bytes, whose leading zero bits tell how many; None for "unknown"."""
    first = file.read(1)
    more = 8 - first[0].bit_length() if first else 8
    if more > 7:
        return 0
    rest = file.read(more)
    value = int.from_bytes(first + rest, "big") & ((1 << 7 * (more + 1)) - 1)
    return None if value == (1 << 7 * (more + 1)) - 1 else value
