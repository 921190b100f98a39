from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.page import View, closer, flatten, in_picture, ink_in_picture, reduction, turn, whole
from realtime.values import Box
from tests.realtime.table import CORNERS, PAGE, TABLES, on_table


def test_a_flattened_sheet_is_the_page_again() -> None:
    view = flatten(on_table(CORNERS, TABLES["dark"]), CORNERS, 800)
    h, w = view.image.shape[:2]
    page = cv2.resize(PAGE, (w, h), interpolation=cv2.INTER_AREA)
    assert np.abs(view.image.astype(int) - page).mean() < 6


@pytest.mark.parametrize("long_side", [90, 200, 800])
def test_flattening_keeps_to_the_size_asked_for_and_knows_the_way_back(long_side: int) -> None:
    view = flatten(on_table(CORNERS, TABLES["dark"]), CORNERS, long_side)
    h, w = view.image.shape[:2]
    assert max(h, w) <= long_side
    back = cv2.perspectiveTransform(np.array([[(0, 0), (w, 0), (w, h), (0, h)]], np.float64), view.to_picture)[0]
    assert back == pytest.approx(CORNERS, abs=0.01)


def test_whole_pictures_are_reduced_never_enlarged() -> None:
    assert whole(PAGE, 10_000).image is PAGE
    view = whole(PAGE, 100)
    assert max(view.image.shape[:2]) == 100
    right = in_picture(Box(0, 0, view.image.shape[1], view.image.shape[0]), view)
    assert right == Box(0, 0, PAGE.shape[1], PAGE.shape[0])


@pytest.mark.parametrize("quarters", range(5))
def test_a_turned_view_knows_where_things_were(quarters: int) -> None:
    image = np.zeros((60, 100), np.uint8)
    image[10:25, 70:80] = 255
    view = turn(View(image, np.eye(3)), quarters)
    x, y, w, h = cv2.boundingRect(view.image)
    assert in_picture(Box(x, y, w, h), view) == Box(70, 10, 10, 15)
    assert np.array_equal(view.image, np.rot90(image, -quarters))


def bar(length: int, lean: float) -> tuple[Box, NDArray[np.uint8]]:
    """A stroke that leans by so many columns a row: its box in a view at (200, 100), and its ink."""
    ink = np.zeros((length + 2, length + 2), np.uint8)
    for y in range(length):
        x = 1 + round(abs(lean) * (length - 1) / 2 + lean * (y - (length - 1) / 2))
        ink[1 + y, x : x + 3] = 255
    x, y, w, h = cv2.boundingRect(ink)
    return Box(200, 100, w, h), ink[y - 1 : y + h + 1, x - 1 : x + w + 1]


@pytest.mark.parametrize("degrees", [15, -15, 30])
def test_a_stroke_of_a_view_that_lies_askew_has_a_tight_box(degrees: float) -> None:
    turned = np.vstack([cv2.getRotationMatrix2D((200, 100), degrees, 1), (0, 0, 1)])
    box, ink = bar(60, np.tan(np.radians(-degrees)))  # it stands in the picture
    view = View(np.zeros((300, 400), np.uint8), turned)
    tight, loose = ink_in_picture(box, ink, view), in_picture(box, view)
    assert tight.w <= 7 < 20 < loose.w
    assert abs(tight.h - 60 / np.cos(np.radians(degrees))) <= 4
    assert loose.x <= tight.x < tight.right <= loose.right
    assert loose.y <= tight.y < tight.bottom <= loose.bottom


def test_in_a_view_that_lies_level_the_box_of_ink_is_its_box() -> None:
    box, ink = bar(20, 0.3)
    for view in (whole(PAGE, 100), turn(whole(PAGE, 100), 1), closer(PAGE, whole(PAGE, 100), box, 2.0, 0.0)):
        assert ink_in_picture(box, ink, view) == in_picture(box, view)


def test_a_closer_look_shows_the_same_place_larger() -> None:
    view = whole(PAGE, PAGE.shape[1] // 4)
    assert reduction(view) == pytest.approx(0.25, rel=0.05)
    part = Box(10, 8, 40, 24)
    near = closer(PAGE, view, part, 3.0, 0.0)
    assert near.image.shape[:2] == (72, 120)
    assert reduction(near) == pytest.approx(0.75, rel=0.05)
    assert in_picture(Box(0, 0, 120, 72), near) == in_picture(part, view)
    there = in_picture(part, view)
    crop = PAGE[there.y : there.bottom, there.x : there.right]
    expected = cv2.resize(crop, (120, 72), interpolation=cv2.INTER_AREA)
    assert np.abs(near.image.astype(int) - expected).mean() < 8


@pytest.mark.parametrize("slope", [0.2, -0.3])
def test_a_closer_look_levels_lines(slope: float) -> None:
    view = View(PAGE, np.eye(3))
    part = Box(40, 30, 60, 40)
    near = closer(PAGE, view, part, 2.0, slope)
    x, y = part.centre
    along = np.array([[(x - 10, y - 10 * np.tan(slope)), (x, y), (x + 10, y + 10 * np.tan(slope))]])
    placed = cv2.perspectiveTransform(along, np.linalg.inv(near.to_picture))[0]
    assert placed[:, 1] == pytest.approx([placed[0, 1]] * 3, abs=0.01)
    assert placed[2, 0] - placed[0, 0] == pytest.approx(2 * 20 / np.cos(slope), rel=0.01)
    h, w = near.image.shape[:2]
    assert placed[1] == pytest.approx((w / 2, h / 2), abs=1)
    corners = np.array(
        [[(part.x, part.y), (part.right, part.y), (part.right, part.bottom), (part.x, part.bottom)]], float
    )
    inside = cv2.perspectiveTransform(corners, np.linalg.inv(near.to_picture))[0]
    assert inside.min() > -2
    assert (inside < (w + 2, h + 2)).all()


@pytest.mark.parametrize("long_side", [300, 150, 75])
def test_what_is_seen_lies_where_it_is(long_side: int) -> None:
    picture = np.full((240, 300), 255, np.uint8)
    picture[80:160, 100:200] = 0
    every = np.array([(0, 0), (300, 0), (300, 240), (0, 240)], np.float32)
    near = closer(picture, whole(picture, 150), Box(10, 10, 130, 100), 2.5, 0.0)
    for view in (whole(picture, long_side), flatten(picture, every, long_side), near):
        ink = np.argwhere(np.pad(view.image, 1, mode="edge") < 128)
        (top, left), (bottom, right) = ink.min(axis=0) - 1, ink.max(axis=0)
        assert in_picture(Box(left, top, right - left, bottom - top), view) == (100, 80, 100, 80)
        dark = 255 - view.image.astype(float)
        middle = [(dark * (axis + 0.5)).sum() / dark.sum() for axis in np.indices(dark.shape)[::-1]]
        placed = cv2.perspectiveTransform(np.array([[middle]]), view.to_picture)[0, 0]
        assert placed == pytest.approx((150, 120), abs=0.05)
