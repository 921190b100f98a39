"""Rows are shown to the row network level, of one height, and their ink as strong as any."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.rows import HEIGHT, STRIDE
from realtime.row_view import MARGIN, TALL, WIDER, draw_row, full_ink, place_row
from realtime.values import Box

BARS = [Box(40 + 30 * i, 60, 10, 42) for i in range(4)]


def barred(boxes: list[Box], strength: int = 200) -> NDArray[np.uint8]:
    contrast = np.zeros((160, 240), np.uint8)
    for box in boxes:
        contrast[box.y : box.bottom, box.x : box.right] = strength
    return contrast


def inked(image: NDArray[np.uint8]) -> Box:
    return Box(*cv2.boundingRect((image >= 128).astype(np.uint8)))


def test_digits_are_of_one_height_in_the_middle_and_wider_than_they_were() -> None:
    place = place_row(BARS, 0.0)
    ink = inked(draw_row(barred(BARS), place.to_row, (place.wide, HEIGHT), 200))
    assert ink.h == pytest.approx(TALL, abs=1)
    assert ink.centre[1] == pytest.approx(HEIGHT / 2, abs=0.5)
    assert ink.w == pytest.approx(100 * WIDER * TALL / 42, abs=1)
    assert ink.x == pytest.approx(MARGIN * WIDER * TALL, abs=1)
    assert place.wide % STRIDE == 0


def test_the_height_is_that_of_most_digits() -> None:
    low = [*BARS[:3], Box(130, 90, 10, 12)]
    assert place_row(low, 0.0).height == 42


def test_a_row_that_falls_is_levelled() -> None:
    falling = [Box(box.x, box.y + 6 * i, box.w, box.h) for i, box in enumerate(BARS)]
    place = place_row(falling, float(np.arctan2(6, 30)))
    image = draw_row(barred(falling), place.to_row, (place.wide, HEIGHT), 200)
    assert inked(image).h <= TALL + 3
    assert inked(draw_row(barred(falling), place_row(falling, 0.0).to_row, (place.wide, HEIGHT), 200)).h > TALL + 5


def test_places_are_found_again() -> None:
    place = place_row(BARS, 0.1)
    for box in BARS:
        x, y = place.back(place.along(*box.centre))
        assert place.along(x, y) == pytest.approx(place.along(*box.centre))
        assert abs(x - box.centre[0]) < 5


def test_pale_ink_is_as_strong_as_dark_ink() -> None:
    place = place_row(BARS, 0.0)
    pale = barred(BARS, 60)
    assert full_ink(pale, BARS) == 60
    shown = [
        draw_row(each, place.to_row, (place.wide, HEIGHT), full_ink(each, BARS)).astype(int)
        for each in (pale, barred(BARS))
    ]
    assert np.abs(shown[0] - shown[1]).max() <= 4
    assert full_ink(np.zeros((160, 240), np.uint8), BARS) == 1
