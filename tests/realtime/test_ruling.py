from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from realtime import open_reader
from realtime.ink import InkMap, measured
from realtime.ruling import RulingSettings, remove_ruling
from tests.realtime.drawing import paper, row_of, waves

SETTINGS = RulingSettings()


def ink_of(page: NDArray[np.uint8]) -> InkMap:
    """Return the page's ink as a map: dark lines on paper become contrast."""
    return replace(measured(np.asarray(230 - np.minimum(page, 230), np.uint8), page), noise=1.0)


def ruled(page: NDArray[np.uint8], darkness: int, degrees: float = 0, both: bool = False) -> NDArray[np.uint8]:
    lines = np.full_like(page, 230)
    h, w = page.shape
    slope = np.tan(np.radians(degrees))
    for y in range(-w, h + w, 22):
        cv2.line(lines, (0, y), (w, round(y + slope * w)), 230 - darkness, 1, cv2.LINE_AA)
    for x in range(0, w, 22) if both else ():
        cv2.line(lines, (x, 0), (round(x - slope * h), h), 230 - darkness, 1, cv2.LINE_AA)
    return np.minimum(page, lines)


PAGE, BOXES = row_of("0247", height=70, width=4)
INK = ink_of(PAGE).contrast > 60


@pytest.mark.parametrize("degrees", [0, 2, -6])
@pytest.mark.parametrize("darkness", [40, 90])
@pytest.mark.parametrize("both", [False, True], ids=["ruled", "squared"])
def test_lines_go_and_strokes_stay(degrees: float, darkness: int, both: bool) -> None:
    found = remove_ruling(ink_of(ruled(PAGE, darkness, degrees, both)), SETTINGS).contrast > 30
    assert (found & INK).sum() > 0.93 * INK.sum()
    near = cv2.dilate(INK.view(np.uint8), np.ones((5, 5), np.uint8)) > 0
    assert (found & ~near).sum() < 0.03 * INK.sum()


def test_each_shape_stays_in_one_piece_though_lines_as_dark_as_ink_cross_it() -> None:
    found = remove_ruling(ink_of(ruled(PAGE, 180)), SETTINGS).contrast > 60
    for box in BOXES:
        crop = found[box.y - 4 : box.bottom + 4, box.x - 4 : box.right + 4]
        _, _, stats, _ = cv2.connectedComponentsWithStats(crop.view(np.uint8), connectivity=8)
        assert stats[1:, cv2.CC_STAT_AREA].max() > 0.85 * stats[1:, cv2.CC_STAT_AREA].sum()


def test_a_page_without_lines_is_left_as_it_is() -> None:
    ink = ink_of(PAGE)
    assert remove_ruling(ink, SETTINGS) is ink


def test_bars_in_a_row_are_no_ruling() -> None:
    ink = ink_of(row_of("1111111", height=60)[0])
    assert remove_ruling(ink, SETTINGS) is ink


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (200, 3)])
def test_tiny_maps_are_left_as_they_are(shape: tuple[int, int]) -> None:
    ink = measured(np.zeros(shape, np.uint8), np.zeros(shape, np.uint8))
    assert remove_ruling(ink, SETTINGS) is ink


def test_the_darkest_ink_is_that_of_the_strokes_once_the_lines_are_gone() -> None:
    ink = ink_of(ruled(paper(400, 300), 90))
    without = remove_ruling(ink, SETTINGS)
    assert ink.darkest > 50
    assert without.darkest == 0


@pytest.mark.parametrize("darkness", [25, 35, 50])
@pytest.mark.parametrize("wave", [(7, 2, 14), (8, 3, 16), (9, 2, 20), (10, 3, 24), (12, 4, 24), (14, 5, 30)])
def test_digits_on_printed_waves_are_not_taken_for_what_is_left_of_lines(
    wave: tuple[int, float, float], darkness: int
) -> None:
    page, (number, _) = paper(620, 500), row_of("0247", height=60, width=5)
    page[40 : 40 + number.shape[0], 20 : 20 + number.shape[1]] = number
    assert open_reader().read(waves(page, darkness, *wave)).text == "0247"
