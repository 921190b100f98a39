"""A region of interest: only it is read, and boxes are told in pixels of the whole picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import UnreadableError, UsageError
from realtime import open_reader
from realtime.attempt import Attempt
from realtime.page import in_picture
from realtime.reader import Reader
from realtime.roi import RoiReader, parse_roi, roi_of
from realtime.values import Box, Reading
from tests.realtime.making import Picture, picture, sheet


@pytest.fixture(scope="module")
def reader() -> Reader:
    return open_reader(live=True)


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("100,50,320,240", Box(100, 50, 320, 240)),
        (" 0, 0, 640, 480 ", Box(0, 0, 640, 480)),
        ("10%,20%,50%,30%", Box(64, 96, 320, 144)),
        ("25%,10,50%,100", Box(160, 10, 320, 100)),
        ("0,0,100%,100%", Box(0, 0, 640, 480)),
        ("12.5%,0,12.5%,1", Box(80, 0, 80, 1)),
    ],
)
def test_a_region_is_named_in_pixels_or_percent(text: str, box: Box) -> None:
    assert parse_roi(text).box((640, 480)) == box


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "-1,0,10,10", "1;2;3;4", "10%%,0,1,1", "1e3,0,1,1"]
)
def test_what_is_no_region_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(UsageError, match=r"^--roi .*: is no region; write X,Y,W,H in pixels or percent"):
        parse_roi(text)


@pytest.mark.parametrize("text", ["1,2,0,4", "1,2,3,0", "0%,0%,0%,50%"])
def test_a_region_has_a_size(text: str) -> None:
    with pytest.raises(UsageError, match="has no width or no height"):
        parse_roi(text)


@pytest.mark.parametrize("text", ["600,0,100,100", "0,400,10,81", "700,500,10,10", "60%,0,50%,10%"])
def test_a_region_outside_the_picture_is_refused_with_its_size(text: str) -> None:
    with pytest.raises(UsageError, match="reaches outside the picture of 640x480"):
        RoiReader(FakeInspector(), parse_roi(text), frames=True).read(picture(200, 480, 640))


def test_a_region_of_less_than_a_pixel_is_refused() -> None:
    with pytest.raises(UsageError, match="less than a pixel of the picture of 64x48"):
        parse_roi("0,0,0.1%,50%").box((64, 48))


class FakeInspector:
    """Keeps the pictures it was to read."""

    def __init__(self) -> None:
        self.seen: list[Picture] = []
        self.reader = open_reader(live=True)

    def read(self, picture: Picture) -> Reading:
        return self.inspect(picture)[0]

    def inspect(self, picture: Picture) -> tuple[Reading, Attempt]:
        self.seen.append(picture)
        return self.reader.inspect(picture)


def test_later_frames_are_read_as_far_as_they_have_the_part_and_photographs_are_refused() -> None:
    large, small, tiny = picture(200, 480, 640), picture(200, 300, 400), picture(200, 60, 80)
    inspector = FakeInspector()
    reader = RoiReader(inspector, parse_roi("200,100,300,300"), frames=True)
    for shown in (large, small, tiny):
        assert reader.read(shown).size == (shown.shape[1], shown.shape[0])
    assert [seen.shape for seen in inspector.seen] == [(300, 300, 3), (200, 200, 3), (1, 1, 3)]
    scanning = RoiReader(inspector, parse_roi("200,100,300,300"), frames=False)
    scanning.read(large)
    with pytest.raises(UnreadableError, match="reaches outside the picture of 400x300"):
        scanning.read(small)
    assert scanning.read(large).size == (640, 480)


def test_without_a_region_the_picture_itself_is_read() -> None:
    inspector, shown = FakeInspector(), picture(200, 48, 64)
    RoiReader(inspector, frames=True).read(shown)
    assert inspector.seen[0] is shown


def test_only_the_region_is_read_and_boxes_are_of_the_whole_picture(reader: Reader) -> None:
    shown = sheet()
    whole, part = reader.read(shown), RoiReader(reader, parse_roi("240,40,160,200"), frames=True)
    reading, attempt = part.inspect(shown)
    assert (reading.text, reading.size) == ("7", (640, 480))
    seven = next(digit for digit in whole.digits if digit.label == "7")
    assert all(abs(a - b) <= 2 for a, b in zip(reading.digits[0].box, seven.box, strict=True))
    (verdict,) = attempt.digits
    assert in_picture(attempt.regions[verdict.region].box, attempt.view) == reading.digits[0].box
    part.roi = roi_of(Box(40, 40, 220, 200))
    assert part.read(shown).text == "14"
    part.roi = None
    assert part.read(shown).text == whole.text


def test_what_was_refused_lies_in_the_whole_picture_too(reader: Reader) -> None:
    shown = sheet()
    cut = RoiReader(reader, parse_roi("330,90,160,150"), frames=True).read(shown)  # through the 7
    assert cut.numbers == ()
    assert cut.rejected
    assert all(ink.box.x >= 330 and ink.box.y >= 90 for ink in cut.rejected)


@given(
    st.integers(0, 700),
    st.integers(0, 500),
    st.integers(1, 700),
    st.integers(1, 500),
    st.integers(1, 640),
    st.integers(1, 480),
)
@settings(max_examples=100, deadline=None)
def test_what_is_clipped_lies_in_the_picture(x: int, y: int, w: int, h: int, width: int, height: int) -> None:
    box = roi_of(Box(x, y, w, h)).clipped((width, height))
    assert 0 <= box.x < box.right <= width
    assert 0 <= box.y < box.bottom <= height
    shown = np.zeros((height, width), np.uint8)
    assert shown[box.y : box.bottom, box.x : box.right].size == box.w * box.h
