"""HEIC pictures.

The two in golden/heic show a row of digits drawn by these tests, written by heif-enc of libheif; in the second, a
property that turns it by 270 degrees was put in by hand.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from models.classifier import load_classifier
from models.errors import UnreadableError
from realtime.heic import is_heic
from realtime.pictures import decode_picture, read_picture
from realtime.reader import Reader

FOLDER = Path(__file__).parents[1] / "golden" / "heic"
ROW = (FOLDER / "row.heic").read_bytes()


def test_a_telephones_picture_is_read() -> None:
    pytest.importorskip("pi_heif", reason="pi-heif is not installed")
    picture = read_picture(FOLDER / "row.heic")
    assert picture.shape == (164, 248, 3)
    assert Reader(load_classifier()).read(picture).text.replace(" ", "") == "724"


def test_it_is_turned_as_the_file_says() -> None:
    pytest.importorskip("pi_heif", reason="pi-heif is not installed")
    upright, turned = (read_picture(FOLDER / f"{name}.heic") for name in ("row", "turned"))
    assert np.array_equal(np.rot90(upright, 3), turned)


def test_one_that_declares_too_much_is_refused_by_its_header() -> None:
    pytest.importorskip("pi_heif", reason="pi-heif is not installed")
    with pytest.raises(UnreadableError, match="it: declares 248x164 pixels"):
        decode_picture(ROW, "it", most_pixels=248 * 164 - 1)


@pytest.mark.parametrize("length", [24, 200, len(ROW) // 2])
def test_a_damaged_one_is_named_with_fault_and_remedy(length: int) -> None:
    pytest.importorskip("pi_heif", reason="pi-heif is not installed")
    with pytest.raises(UnreadableError, match=r"^it: is a damaged or truncated HEIC file; copy it again"):
        decode_picture(ROW[:length], "it")


def test_without_the_library_its_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    with pytest.raises(UnreadableError, match=r"^it: is a HEIC picture, which needs pi-heif; pip install pi-heif, or"):
        decode_picture(ROW, "it")


def test_other_pictures_and_videos_are_none() -> None:
    assert is_heic(ROW)
    assert not is_heic(b"\0\0\0\x18ftypisom\0\0\0\0isomavc1")
    assert not is_heic(b"\xff\xd8\xff\xe0")
