"""Whether a video file is whole, told by the lengths that its own outermost parts declare."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import BinaryIO


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
