from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from realtime.ink import InkSettings, find_ink
from realtime.marks import MarkSettings, find_left, find_marks, find_slashes
from realtime.segment import Region, SegmentSettings, find_regions
from realtime.values import Box
from tests.realtime.drawing import paper, row_of
from tests.realtime.verdicts import region


def test_a_point_beside_digits_is_a_mark_and_grain_is_none() -> None:
    page, _ = row_of("247", height=60)
    page[20:22, 20:22] = 200
    cv2.circle(page, (88, 108), 3, 40, -1, cv2.LINE_AA)
    ink = find_ink(page, InkSettings())[0]
    digits = [r for r in find_regions(ink, SegmentSettings()) if r.parent < 0 and r.box.h > 30]
    (mark,) = find_marks(ink, digits, MarkSettings())
    assert mark.centre == pytest.approx((88.5, 108.5), abs=1.5)


@pytest.mark.parametrize(
    ("lean", "bend", "slash"), [(18, 0, True), (30, 0, True), (6, 0, False), (-24, 0, False), (18, 14, False)]
)
def test_a_straight_stroke_that_leans_to_the_right_may_be_a_slash(lean: int, bend: int, slash: bool) -> None:
    page = paper(200, 160)
    cv2.line(page, (100 + lean, 40), (100 + bend, 80), 40, 3, cv2.LINE_AA)
    cv2.line(page, (100 + bend, 80), (100 - lean, 120), 40, 3, cv2.LINE_AA)
    stroke = max(find_regions(find_ink(page, InkSettings())[0], SegmentSettings()), key=lambda r: r.area)
    assert find_slashes([], [stroke], MarkSettings()) == ([stroke.box] if slash else [])


def test_ink_too_pale_for_a_stroke_is_no_slash() -> None:
    page = paper(200, 160)
    cv2.line(page, (114, 40), (86, 120), 40, 3, cv2.LINE_AA)
    region = max(find_regions(find_ink(page, InkSettings())[0], SegmentSettings()), key=lambda r: r.area)
    assert find_slashes([], [replace(region, ink=region.ink // 2)], MarkSettings()) == []


def test_a_hand_that_leans_writes_leaning_ones() -> None:
    page, boxes = row_of("1471", height=60, gap=40)
    lean = np.array([(1, -0.35, 0.35 * boxes[0].centre[1]), (0, 1, 0)], np.float64)
    h, w = page.shape
    leaning = np.asarray(cv2.warpAffine(page, lean, (w, h), borderValue=(230,)), np.uint8)
    found = find_regions(find_ink(leaning, InkSettings())[0], SegmentSettings())
    digits = sorted((r for r in found if r.parent < 0), key=lambda r: r.box.x)
    stroke = paper(200, 160)
    cv2.line(stroke, (114, 40), (86, 120), 40, 3, cv2.LINE_AA)
    (one,) = [r for r in find_regions(find_ink(stroke, InkSettings())[0], SegmentSettings()) if r.parent < 0]
    assert find_slashes([], [one], MarkSettings()) == [one.box]
    assert find_slashes(digits[1:3], [one], MarkSettings()) == []


def ink_of(box: Box, *, parent: int = -1, contrast: float = 150.0) -> Region:
    """Return ink that fills its box."""
    strokes = np.pad(np.full((box.h, box.w), 255, np.uint8), 1)
    return replace(region(box.x, contrast=contrast, parent=parent), box=box, ink=strokes)


def test_what_is_left_of_ink_that_was_read_in_part_is_found() -> None:
    digit, whole = ink_of(Box(80, 20, 20, 40), parent=0), ink_of(Box(10, 16, 90, 50))
    assert find_left([digit], [whole, digit], 75, MarkSettings()) == [Box(10, 16, 70, 50)]
    assert find_left([digit], [ink_of(Box(76, 16, 26, 50)), digit], 75, MarkSettings()) == []  # too narrow for a digit
    assert find_left([digit], [digit], 75, MarkSettings()) == []


@pytest.mark.parametrize(
    "odd",
    [
        ink_of(Box(10, 40, 90, 12)),  # a ruled line
        ink_of(Box(10, 0, 90, 190)),  # a drawing, or a table's edge
        ink_of(Box(10, 16, 90, 50), contrast=40.0),  # what shows through the paper
    ],
    ids=["low", "tall", "pale"],
)
def test_what_is_no_digit_by_its_size_or_pen_is_not_left(odd: Region) -> None:
    assert find_left([ink_of(Box(80, 20, 20, 40))], [odd], 75, MarkSettings()) == []


def test_of_nested_ink_the_outermost_counts_that_is_not_too_tall() -> None:
    tall, whole, part = (
        ink_of(Box(0, 0, 100, 190)),
        ink_of(Box(10, 16, 90, 50), parent=0),
        ink_of(Box(12, 18, 60, 46), parent=1),
    )
    digit = ink_of(Box(80, 20, 20, 40), parent=1)
    assert find_left([digit], [tall, whole, part, digit], 75, MarkSettings()) == [Box(10, 16, 70, 50)]
