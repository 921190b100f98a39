"""What a file is and how large its picture would be, told from its first bytes: nothing is decoded here.

A file of a few hundred kilobytes can unpack to gigabytes, so the size is read from the header before a decoder sees it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Collection, Iterator
from typing import Final, NamedTuple


class Header(NamedTuple):
    """The kind of a picture file and the size it declares, in pixels.

    alpha: it has a layer of transparency, or decoding makes one of its colours.
    clear: the gray that counts as transparent in a picture without such a layer, in the scale of what is decoded.
    """

    kind: str
    width: int
    height: int
    alpha: bool = False
    clear: int | None = None


def header(data: bytes) -> Header | None:
    """Return what the first bytes of a file declare, or None when they are no kind of picture that can be read."""
    for magic, parse in _PARSERS:
        if magic.match(data):
            try:
                return parse(data)
            except (struct.error, IndexError, ValueError, ZeroDivisionError):
                return None
    return None


def begun(data: bytes) -> str | None:
    """Return the kind of picture that the first bytes begin, whether or not the rest of its header is there.

    Kinds whose first bytes may well begin a text are left out.
    """
    return next((kind for magic, kind in _BEGINNINGS if data.startswith(magic)), None)


def is_whole(data: bytes, kind: str) -> bool:
    """Tell whether a JPEG or PNG ends as it must: decoders make half a picture of a file cut short, some in silence.

    Other kinds count as whole; their decoders refuse a file cut short.
    """
    if kind == "JPEG":
        scan = next((at for marker, at in _jpeg_segments(data) if marker == 0xDA), None)
        return scan is not None and data.find(b"\xff\xd9", scan) >= 0
    if kind == "PNG":
        return any(name == b"IEND" and at + 12 <= len(data) for name, at in _png_chunks(data))
    return True


def orientation(data: bytes, kind: str) -> int:
    """Return the EXIF orientation of a PNG or WebP, 1 (upright) to 8; 1 when it tells none."""
    chunks = {"PNG": _png_chunks, "WebP": _webp_chunks}.get(kind)
    try:
        start = next((at + 8 for name, at in chunks(data) if name in (b"eXIf", b"EXIF")), None) if chunks else None
        if start is None:
            return 1
        block = data[start:].removeprefix(b"Exif\0\0")
        turn = _tiff_tags(block, (274,)).get(274, 1) if block[:4] in (b"II*\0", b"MM\0*") else 1
    except struct.error:
        return 1
    return turn if 1 <= turn <= 8 else 1


def foreign(data: bytes) -> str | None:
    """Return what to do with a file that is known but no picture this program reads, or None."""
    return next((remedy for magic, remedy in _FOREIGN if magic.match(data)), None)


def _png(data: bytes) -> Header:
    width, height, depth, colours = struct.unpack(">IIBB", data[16:26])
    first = next((chunk for chunk in _png_chunks(data) if chunk[0] in (b"tRNS", b"IDAT")), (b"", 0))
    keyed, clear = first[0] == b"tRNS", None
    if keyed and colours == 0:  # decoding drops it; fewer than 8 bits are stretched to 8
        clear = struct.unpack(">H", data[first[1] + 8 : first[1] + 10])[0] * (255 // (2**depth - 1) or 1)
    return Header("PNG", width, height, alpha=colours in (4, 6) or keyed, clear=clear)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Yield (name, offset) of each chunk."""
    at = 8
    while at + 8 <= len(data):
        length, name = struct.unpack(">I4s", data[at : at + 8])
        yield name, at
        at += 12 + length


def _jpeg(data: bytes) -> Header:
    frames = (at for marker, at in _jpeg_segments(data) if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC))
    at = next(frames, len(data))
    height, width = struct.unpack(">HH", data[at + 5 : at + 9])
    return Header("JPEG", width, height)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield (marker, offset) of each segment up to the first scan, so that a thumbnail inside one is stepped over."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        yield marker, at
        if marker == 0xDA:
            return
        at += 2 if 0xD0 <= marker <= 0xD8 else 2 + int(struct.unpack(">H", data[at + 2 : at + 4])[0])


def _bmp(data: bytes) -> Header:
    if struct.unpack("<I", data[14:18])[0] == 12:
        return Header("BMP", *struct.unpack("<HH", data[18:22]))
    width, height = struct.unpack("<ii", data[18:26])
    return Header("BMP", abs(width), abs(height))


def _gif(data: bytes) -> Header:
    return Header("GIF", *struct.unpack("<HH", data[6:10]))


def _webp(data: bytes) -> Header:
    chunk = data[12:16]
    if chunk == b"VP8X":
        width, height = (1 + int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
        return Header("WebP", width, height, alpha=bool(data[20] & 0x10))
    if chunk == b"VP8L":
        bits = struct.unpack("<I", data[21:25])[0]
        return Header("WebP", 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF), alpha=bool(bits >> 28 & 1))
    width, height = struct.unpack("<HH", data[26:30])
    return Header("WebP", width & 0x3FFF, height & 0x3FFF)


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Yield (name, offset) of each chunk."""
    at = 12
    while at + 8 <= len(data):
        name, length = struct.unpack("<4sI", data[at : at + 8])
        yield name, at
        at += 8 + length + length % 2


def _tiff(data: bytes) -> Header:
    sizes = _tiff_tags(data, (256, 257))
    if len(sizes) < 2:
        raise ValueError("no size")
    return Header("TIFF", sizes[256], sizes[257])


def _tiff_tags(data: bytes, wanted: Collection[int]) -> dict[int, int]:
    """Return the wanted whole numbers in the first directory, by tag."""
    order = "<" if data[:1] == b"I" else ">"
    big = struct.unpack(order + "H", data[2:4])[0] == 43
    at = struct.unpack(order + ("Q" if big else "I"), data[8:16] if big else data[4:8])[0]
    size, count = (20, "Q") if big else (12, "H")
    start = at + struct.calcsize(order + count)
    entries = struct.unpack(order + count, data[at:start])[0]
    found: dict[int, int] = {}
    for entry in range(start, start + size * min(entries, 4096), size):
        tag, form = struct.unpack(order + "HH", data[entry : entry + 4])
        if tag in wanted:  # a short or a long, at the start of the value's room
            value = entry + (12 if big else 8)
            width = 2 if form == 3 else 4
            found[tag] = struct.unpack(order + ("H" if form == 3 else "I"), data[value : value + width])[0]
    return found


def _netpbm(data: bytes) -> Header:
    bare = re.sub(rb"#[^\n]*", b"", data[:4096]).split()
    return Header("PNM", int(bare[1]), int(bare[2]))


def _avif(data: bytes) -> Header:
    sizes = [
        struct.unpack(">II", found.group(1)) for found in re.finditer(rb"ispe\0{4}(.{8})", data[:65536], re.DOTALL)
    ]
    width, height = max(sizes, key=lambda size: int(size[0]) * int(size[1]))
    return Header("AVIF", width, height)


def _jpeg2000(data: bytes) -> Header:
    at = data.index(b"ihdr") + 4
    height, width = struct.unpack(">II", data[at : at + 8])
    return Header("JPEG 2000", width, height)


_PARSERS: Final[tuple[tuple[re.Pattern[bytes], Callable[[bytes], Header]], ...]] = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), _png),
    (re.compile(rb"\xff\xd8\xff"), _jpeg),
    (re.compile(rb"BM"), _bmp),
    (re.compile(rb"GIF8[79]a"), _gif),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), _webp),
    (re.compile(rb"II[*+]\0|MM\0[*+]"), _tiff),
    (re.compile(rb"P[1-6]\s"), _netpbm),
    (re.compile(rb".{4}ftypavi[fs]", re.DOTALL), _avif),
    (re.compile(rb"\0{3}\x0cjP  "), _jpeg2000),
)

_BEGINNINGS: Final = ((b"\xff\xd8\xff", "JPEG"), (b"\x89PNG", "PNG"), (b"II*\0", "TIFF"), (b"MM\0*", "TIFF"))
_VIDEO: Final = "is a video; read it with: python -m realtime video FILE"
_FOREIGN: Final[tuple[tuple[re.Pattern[bytes], str], ...]] = (
    (re.compile(rb".{4}ftyp", re.DOTALL), _VIDEO),
    (re.compile(rb"\x1aE\xdf\xa3|RIFF.{4}AVI ", re.DOTALL), _VIDEO),
    (re.compile(rb"%PDF"), "is a PDF; turn its pages into pictures first, for example: pdftoppm -r 300 -png FILE page"),
)
