"""Photographs are measured before they are decoded, and every bad file is named with its fault and its remedy."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.errors import UnreadableError
from realtime.headers import header, is_whole
from realtime.pictures import decode_picture, read_bytes, read_picture

SUFFIXES = (".jpg", ".png", ".webp", ".bmp", ".tiff", ".gif", ".ppm", ".jp2", ".avif")


def noise(height: int = 60, width: int = 90) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8)


def encoded(suffix: str, picture: NDArray[np.uint8]) -> bytes:
    try:
        done, data = cv2.imencode(suffix, picture)
    except cv2.error:
        done = False
    if not done:
        pytest.skip(f"this OpenCV does not write {suffix}")
    return bytes(data.tobytes())


def png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that declares width x height pixels."""
    size = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    pixels = png_chunk(b"IDAT", zlib.compress(b"\0" * 1_000_000, 9))
    return b"\x89PNG\r\n\x1a\n" + size + pixels + png_chunk(b"IEND", b"")


def exif(orientation: int) -> bytes:
    """The EXIF data that says how a picture is to be turned."""
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    return b"MM\0*" + struct.pack(">IH", 8, 1) + entry + b"\0\0\0\0"


def with_exif_turn(jpeg: bytes, orientation: int) -> bytes:
    """The JPEG with an EXIF block that says how it is to be turned."""
    block = b"Exif\0\0" + exif(orientation)
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + jpeg[2:]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(("height", "width"), [(1, 1), (60, 90), (300, 20)])
def test_the_header_tells_the_size_that_decoding_gives(suffix: str, height: int, width: int) -> None:
    data = encoded(suffix, noise(height, width))
    found = header(data)
    assert found is not None
    assert (found.height, found.width) == (height, width)
    assert decode_picture(data, "it").shape == (height, width, 3)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".ppm"])
def test_reads_the_pixels_that_were_written(suffix: str, tmp_path: Path) -> None:
    shade = np.full((40, 50, 3), (10, 120, 230), np.uint8)
    (tmp_path / "pücture").write_bytes(encoded(suffix, shade))
    assert np.abs(read_picture(tmp_path / "pücture").astype(int) - shade).max() <= 3


def test_a_photograph_is_turned_as_its_exif_says() -> None:
    picture = np.zeros((40, 80, 3), np.uint8)
    picture[:, :40] = 255
    turned = decode_picture(with_exif_turn(encoded(".jpg", picture), 6), "it")
    assert turned.shape == (80, 40, 3)
    assert turned[5].mean() > 250
    assert turned[-5].mean() < 5


def turned_png(picture: NDArray[np.uint8], orientation: int) -> bytes:
    data = encoded(".png", picture)
    return data[:33] + png_chunk(b"eXIf", exif(orientation)) + data[33:]


def turned_webp(picture: NDArray[np.uint8], orientation: int) -> bytes:
    done, data = cv2.imencode(".webp", picture, [cv2.IMWRITE_WEBP_QUALITY, 101])  # without loss: a VP8L chunk
    assert done
    sides = b"".join((side - 1).to_bytes(3, "little") for side in (picture.shape[1], picture.shape[0]))
    frame = b"VP8X" + struct.pack("<I", 10) + b"\x18\0\0\0" + sides
    block = b"EXIF" + struct.pack("<I", len(exif(orientation))) + exif(orientation)
    body = b"WEBP" + frame + data.tobytes()[12:] + block
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize("turned", [turned_png, turned_webp])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_with_transparency_is_turned_as_its_exif_says(
    turned: Callable[[NDArray[np.uint8], int], bytes], orientation: int
) -> None:
    picture = np.full((40, 80, 4), 255, np.uint8)
    picture[:16, :16, :3] = 0
    picture[:8, 40:, :3] = (200, 100, 0)
    wanted = decode_picture(with_exif_turn(encoded(".jpg", picture[:, :, :3].copy()), orientation), "it")
    shown = decode_picture(turned(picture, orientation), "it")
    assert shown.shape == wanted.shape
    assert np.abs(shown.astype(int) - wanted).mean() < 3


@pytest.mark.parametrize("block", [b"", b"MM\0*", exif(0), exif(9), exif(6)[:-8], b"shopping list"])
def test_an_exif_block_that_says_nothing_turns_nothing(block: bytes) -> None:
    data = encoded(".png", np.full((20, 40, 4), 255, np.uint8))
    assert decode_picture(data[:33] + png_chunk(b"eXIf", block) + data[33:], "it").shape == (20, 40, 3)


def keyed_png(colours: int, depth: int, keys: tuple[bytes, ...], left: bytes, right: bytes) -> bytes:
    """A PNG of 16 x 16 pixels whose left half is transparent by a tRNS chunk; left, right: the bytes of 8 pixels."""
    size = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, depth, colours, 0, 0, 0))
    palette = png_chunk(b"PLTE", bytes((0, 0, 0, 60, 60, 60))) if colours == 3 else b""
    pixels = png_chunk(b"IDAT", zlib.compress((b"\0" + left + right) * 16))
    return b"\x89PNG\r\n\x1a\n" + size + palette + png_chunk(b"tRNS", b"".join(keys)) + pixels + png_chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("png", "ink"),
    [
        (keyed_png(3, 8, (b"\0",), bytes(8), b"\1" * 8), 60),
        (keyed_png(2, 8, (b"\0\0",) * 3, bytes(24), b"\x3c" * 24), 60),
        (keyed_png(0, 8, (b"\0\0",), bytes(8), b"\x3c" * 8), 60),
        (keyed_png(0, 16, (b"\x12\x34",), b"\x12\x34" * 8, b"\x12\x35" * 8), 0x12),
        (keyed_png(0, 4, (b"\0\5",), b"\x55" * 4, b"\0" * 4), 0),
        (keyed_png(0, 1, (b"\0\1",), b"\xff", b"\0"), 0),
        (keyed_png(0, 1, (b"\0\0",), b"\0", b"\xff"), 255),
    ],
)
def test_a_colour_that_counts_as_transparent_is_white_paper(png: bytes, ink: int) -> None:
    picture = decode_picture(png, "it")
    assert picture[3, 3].tolist() == [255, 255, 255]
    assert picture[3, 12].tolist() == [ink] * 3


def test_what_is_transparent_is_white_paper() -> None:
    ink = np.zeros((20, 20, 4), np.uint8)
    ink[5:10, :, 3] = 255
    picture = decode_picture(encoded(".png", ink), "it")
    assert picture[0, 0].tolist() == [255, 255, 255]
    assert picture[7, 7].tolist() == [0, 0, 0]


@pytest.mark.parametrize("shape", [(20, 30), (20, 30, 3), (20, 30, 4)])
def test_sixteen_bits_come_down_to_eight(shape: tuple[int, ...]) -> None:
    deep = np.full(shape, 0x80FF, np.uint16)
    deep[..., -1:] = 0x80FF if len(shape) < 3 or shape[2] < 4 else 0xFFFF
    done, data = cv2.imencode(".png", deep)
    assert done
    assert abs(int(decode_picture(data.tobytes(), "it")[3, 3, 0]) - 0x80) <= 1


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("part", [0.3, 0.7, 0.98])
def test_a_file_cut_short_is_refused_and_never_half_a_picture(
    suffix: str, part: float, capfd: pytest.CaptureFixture[str]
) -> None:
    data = encoded(suffix, noise())
    with pytest.raises(UnreadableError, match=r"^cut\.x: .*(truncated|damaged|declares|not a picture)"):
        decode_picture(data[: int(len(data) * part)], "cut.x")


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_a_missing_end_is_called_truncated(suffix: str) -> None:
    with pytest.raises(UnreadableError, match=r"truncated, the end of the .* file is missing; copy it again"):
        decode_picture(encoded(suffix, noise())[:-2], "it")


def test_a_file_cut_short_before_its_size_is_called_truncated() -> None:
    photo = encoded(".jpg", noise())
    long = photo[:2] + b"\xff\xe1" + struct.pack(">H", 60_000) + bytes(59_998) + photo[2:]
    for data, kind in ((long[:20_000], "JPEG"), (encoded(".png", noise())[:20], "PNG")):
        with pytest.raises(UnreadableError, match=f"^it: is a truncated or damaged {kind} file; copy it again"):
            decode_picture(data, "it")


def test_the_end_of_a_thumbnail_is_not_the_end_of_the_photograph() -> None:
    thumbnail, photo = encoded(".jpg", noise(8, 8)), encoded(".jpg", noise())
    block = b"\xff\xe1" + struct.pack(">H", len(thumbnail) + 2) + thumbnail
    whole = photo[:2] + block + photo[2:]
    assert is_whole(whole, "JPEG")
    assert not is_whole(whole[:-200], "JPEG")
    assert is_whole(whole + b"a video that the telephone put behind the photograph", "JPEG")


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (lambda p: None, "does not exist"),
        (lambda p: p.mkdir(), "is a folder"),
        (lambda p: p.write_bytes(b""), r"is empty \(0 bytes\)"),
        (lambda p: p.write_text("these are not the digits you look for"), "is not a picture that can be read"),
        (lambda p: p.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"), "HEIC"),
        (lambda p: p.write_bytes(b"\0\0\0\x18ftypisom\0\0\0\0isomavc1"), "is a video; read it with"),
        (lambda p: p.write_bytes(b"%PDF-1.7"), "is a PDF; turn its pages into pictures"),
        (lambda p: p.write_bytes(png_bomb(0, 0)), "damaged PNG"),
    ],
)
def test_a_bad_file_is_named_with_fault_and_remedy(make: object, fault: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    assert callable(make)
    make(path)
    with pytest.raises(UnreadableError, match=fault) as caught:
        read_picture(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(UnreadableError, match="is not a file"):
        read_bytes(tmp_path / "pipe.jpg")


def test_a_file_without_permission_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"x")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(UnreadableError, match=r"cannot be read \(Permission denied\); check its permissions"):
        read_picture(path)


def test_the_number_of_pixels_is_held_to_the_limit() -> None:
    data = encoded(".png", noise(60, 90))
    assert decode_picture(data, "it", most_pixels=5400).shape == (60, 90, 3)
    with pytest.raises(UnreadableError, match="declares 90x60 pixels, more than 0 million"):
        decode_picture(data, "it", most_pixels=5399)


@pytest.mark.skipif(sys.platform == "win32", reason="resource is of Unix")
def test_a_decompression_bomb_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_bomb(50_000, 50_000))
    code = (
        "import resource, sys\nfrom realtime.pictures import read_picture\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try:\n    read_picture(sys.argv[1])\nexcept Exception as fault:\n    print(fault)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    message, growth = done.stdout.splitlines()
    assert "declares 50000x50000 pixels" in message
    assert int(growth) < 20_000  # kilobytes (bytes on macOS, where the bound is then the tighter)


def test_decoders_do_not_write_to_the_users_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    data = bytearray(encoded(".png", noise()))
    data[200] ^= 0xFF  # inside the pixels: the check sum no longer holds, and libpng says so on stderr
    with pytest.raises(UnreadableError, match="damaged or truncated PNG"):
        decode_picture(bytes(data), "it")
    assert capfd.readouterr().err == ""


@given(st.sampled_from(SUFFIXES[:6]), st.integers(0, 400), st.binary(max_size=40))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_header_or_none(suffix: str, keep: int, tail: bytes) -> None:
    data = encoded(suffix, noise(6, 6))[:keep] + tail
    found = header(data)
    assert found is None or (found.width >= 0 and found.height >= 0)
    if found is not None:
        assert is_whole(data, found.kind) in (True, False)
