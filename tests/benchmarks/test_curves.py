"""The curves' digits: as high, wide, tilted and blurred as they are said to be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks import curves
from benchmarks.curves import CURVES, USUAL, Look, drawn, shares, thinned
from realtime import open_reader
from tests.training.sets import digits


def bar(height: int = 60, width: int = 12) -> NDArray[np.uint8]:
    return np.pad(np.full((height, width), 255, np.uint8), 4)


def box(picture: NDArray[np.uint8]) -> tuple[int, int]:
    """Return height and width of the ink."""
    ink = picture < curves.PAPER - 60
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


def test_the_middle_of_a_bar_is_one_pixel_wide_and_not_broken() -> None:
    middle = thinned(bar()) > 0
    rows = np.flatnonzero(middle.any(axis=1))
    assert middle.sum(axis=1).max() == 1
    assert np.array_equal(rows, np.arange(rows[0], rows[-1] + 1))
    assert len(rows) > 40


@pytest.mark.parametrize("height", [16, 40, 160])
def test_a_digit_is_as_high_as_it_is_said_to_be(height: int) -> None:
    look = Look(height=height, stroke=height / 8)
    assert box(drawn(bar(), look, np.random.default_rng(0)))[0] == pytest.approx(height, rel=0.2)


@pytest.mark.parametrize("stroke", [2, 5, 9])
def test_strokes_are_as_wide_as_they_are_said_to_be(stroke: int) -> None:
    assert box(drawn(bar(), replace(USUAL, stroke=stroke), np.random.default_rng(0)))[1] == pytest.approx(stroke, abs=1)


def test_tilt_and_blur_do_what_they_say() -> None:
    rng = np.random.default_rng(0)
    upright, tilted, soft = (drawn(bar(), look, rng) for look in (USUAL, Look(tilt=30), Look(blur=4)))
    assert box(tilted)[1] > box(upright)[1] + 12
    assert soft.min() > upright.min() + 40


def test_what_is_drawn_in_the_usual_way_is_read() -> None:
    images, labels = digits(20, side=56)
    right, none = shares(open_reader(), list(zip(images, labels.tolist(), strict=True)), USUAL)
    assert right >= 0.8
    assert none <= 0.1
    assert all(len(looks) >= 5 for looks in CURVES.values())
