"""How a page moved, measured on pictures that were moved by a known motion."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.motion import (
    STILL,
    Motion,
    MotionSettings,
    find_corners,
    find_motion,
    followed_by,
    glimpse,
    scale_of,
    undone,
)
from realtime.planes import luma_of
from realtime.values import Box
from tests.realtime.moving import HEIGHT, WIDTH, Page, similarity

SETTINGS = MotionSettings()
PAGE = Page(("2014 7", "421"))
ENDS = np.array([(box.x, box.y, 1) for box in PAGE.boxes], np.float64)
Picture = NDArray[np.uint8]


def measured(before: Picture, after: Picture, boxes: list[Box] | None = None) -> Motion | None:
    first = glimpse(luma_of(before), SETTINGS)
    corners = find_corners(first, PAGE.boxes if boxes is None else boxes, SETTINGS)
    return find_motion(first, corners, glimpse(luma_of(after), SETTINGS), SETTINGS)


def error(found: Motion | None, true: Motion) -> float:
    assert found is not None
    return float(np.abs(ENDS @ (found - true).T).max())


@pytest.mark.parametrize(
    "true",
    [
        STILL,
        similarity(3, -2),
        similarity(40, 25),
        similarity(0, 0, 6),
        similarity(5, 5, -3, 1.06),
        similarity(-8, 4, 2, 0.93),
    ],
)
@pytest.mark.parametrize("times", [1, 2])
def test_a_shift_a_turn_and_a_scale_are_measured_to_a_pixel(true: Motion, times: int) -> None:
    before, after = PAGE.picture(), PAGE.picture(true)
    if times == 2:  # frames of twice the size are made as small before
        before, after = (np.asarray(cv2.resize(p, None, fx=2, fy=2), np.uint8) for p in (before, after))
        doubled = [Box(*(2 * v for v in box)) for box in PAGE.boxes]
        found = measured(before, after, doubled)
        assert found is not None
        found = found * ((1, 1, 0.5), (1, 1, 0.5))
    else:
        found = measured(before, after)
    assert error(found, true) <= 2


@pytest.mark.parametrize("sigma", [2, 5])
def test_blur_does_not_hide_the_motion(sigma: float) -> None:
    true = similarity(7, 3)
    after = np.asarray(cv2.GaussianBlur(PAGE.picture(true), (0, 0), sigma), np.uint8)
    assert error(measured(PAGE.picture(), after), true) <= 4


def test_a_hand_that_moves_another_way_is_outvoted() -> None:
    before, after = PAGE.picture(), PAGE.picture(similarity(6, 2))
    for shown, x in ((before, 100), (after, 160)):
        cv2.circle(shown, (x, 230), 45, (90, 120, 170), cv2.FILLED)
    assert error(measured(before, after), similarity(6, 2)) <= 2


@pytest.mark.parametrize(
    "after",
    [
        np.full((HEIGHT, WIDTH, 3), 230, np.uint8),
        np.full((HEIGHT, WIDTH, 3), 20, np.uint8),
        Page((" 710", "  42", "0")).picture(),
        np.random.default_rng(1).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8),
        PAGE.picture()[:, : WIDTH // 2],
    ],
)
def test_another_picture_is_no_motion(after: Picture) -> None:
    assert measured(PAGE.picture(), after) is None


def test_without_ink_there_is_no_motion() -> None:
    blank = np.full((HEIGHT, WIDTH, 3), 230, np.uint8)
    assert measured(blank, blank) is None
    assert measured(PAGE.picture(), PAGE.picture(), []) is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (700, 3), (5, 5, 3), (720, 1280, 3), (2160, 3840, 3)])
def test_a_glimpse_of_any_picture_is_small(shape: tuple[int, ...]) -> None:
    shown = np.full(shape, 99, np.uint8)
    seen = glimpse(shown if shown.ndim == 2 else luma_of(shown), SETTINGS)
    assert seen.gray.ndim == 2
    assert max(seen.gray.shape) < max(2 * SETTINGS.side, max(shape[:2]) + 1)
    assert len(find_corners(seen, [Box(-5, -5, 4000, 4000)], SETTINGS)) == 0


def test_motions_can_be_joined_and_undone() -> None:
    first, second = similarity(3, 4, 10, 1.2), similarity(-7, 1, -4, 0.9)
    both = followed_by(first, second)
    assert scale_of(both) == pytest.approx(1.2 * 0.9)
    assert followed_by(both, undone(second)) == pytest.approx(first)
