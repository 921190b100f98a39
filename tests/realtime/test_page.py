from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.page import PageSettings, View, closer, find_sheet, flatten, in_picture, reduction, turn, whole
from realtime.values import Box
from tests.realtime.drawing import row_of

SETTINGS = PageSettings()
PAGE = np.asarray(cv2.cvtColor(row_of("0247", height=64)[0], cv2.COLOR_GRAY2BGR), np.uint8)
CORNERS = np.array([(210, 150), (620, 190), (590, 420), (170, 400)], np.float32)
TABLES = {"dark": (50, 50, 50), "wood": (60, 90, 130), "green": (70, 120, 60)}


def on_table(corners: NDArray[np.float32], table: tuple[int, int, int], seed: int = 0) -> NDArray[np.uint8]:
    """Return an 800 x 600 photograph of the page lying with its corners where they are asked for."""
    rng = np.random.default_rng(seed)
    h, w = PAGE.shape[:2]
    warp = cv2.getPerspectiveTransform(np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float32), corners)
    scene = np.clip(np.array(table) + rng.normal(0, 4, (600, 800, 3)), 0, 255).astype(np.uint8)
    sheet = cv2.warpPerspective(PAGE, warp, (800, 600))
    inside = cv2.warpPerspective(np.ones((h, w), np.uint8), warp, (800, 600))[..., None]
    return np.where(inside > 0, sheet, scene).astype(np.uint8)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
def test_the_corners_of_a_sheet_are_found(table: tuple[int, int, int]) -> None:
    found = find_sheet(on_table(CORNERS, table), SETTINGS)
    assert found is not None
    assert np.abs(found - CORNERS).max() < 10


def test_a_sheet_half_in_shadow_is_still_one_sheet() -> None:
    scene = on_table(CORNERS, TABLES["wood"]).astype(np.float32)
    scene[:, 380:] *= 0.5
    found = find_sheet(scene.astype(np.uint8), SETTINGS)
    assert found is not None
    assert np.abs(found - CORNERS).max() < 14


def test_paper_that_fills_the_picture_is_no_sheet() -> None:
    assert find_sheet(PAGE, SETTINGS) is None


def test_a_vignette_is_no_sheet() -> None:
    y, x = np.mgrid[-1:1:600j, -1:1:800j]
    light = (230 * (1 - 0.6 * np.clip(x**2 + y**2, 0, 1))).astype(np.uint8)
    assert find_sheet(light, SETTINGS) is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 400, 3), (5, 5), (20, 300, 3)])
def test_tiny_pictures_have_no_sheet(shape: tuple[int, ...]) -> None:
    assert find_sheet(np.full(shape, 200, np.uint8), SETTINGS) is None


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


@pytest.mark.parametrize("sign", [1, -1], ids=["lighter", "darker"])
def test_a_sheet_may_be_lighter_or_darker_than_the_table(sign: int) -> None:
    table = np.full((600, 800), 140, np.uint8)
    cv2.fillPoly(table, [CORNERS.astype(np.int32)], 140 + sign * 70)
    found = find_sheet(table, SETTINGS)
    assert found is not None
    assert np.abs(found - CORNERS).max() < 10


def test_a_shape_lighter_on_one_side_and_darker_on_the_other_is_no_sheet() -> None:
    ramp = np.tile(np.linspace(60, 220, 800).astype(np.uint8), (600, 1))
    cv2.rectangle(ramp, (250, 150), (550, 450), 140, -1)
    assert find_sheet(ramp, SETTINGS) is None


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
