"""Hasty digits: 0s with a gap or a tail, 1s with an upstroke; the others as they are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from training.haste import hasty


def ring() -> NDArray[np.uint8]:
    ink = np.zeros((64, 64), np.uint8)
    cv2.ellipse(ink, (32, 32), (18, 26), 0, 0, 360, 255, 5)
    return ink


def bar() -> NDArray[np.uint8]:
    ink = np.zeros((64, 64), np.uint8)
    cv2.line(ink, (34, 6), (32, 58), 255, 5)
    return ink


def holes(ink: NDArray[np.uint8]) -> int:
    ground = np.pad((ink < 100).view(np.uint8), 1, constant_values=1)
    return int(cv2.connectedComponents(ground, connectivity=4)[0]) - 2


def test_many_zeros_are_open_and_some_run_on() -> None:
    written = [hasty(ring(), 0, np.random.default_rng(seed), 1.0) for seed in range(40)]
    assert 20 <= sum(holes(ink) == 0 for ink in written) <= 36
    assert sum(cv2.boundingRect(ink)[2] > 44 for ink in written) >= 8


def test_most_of_the_ink_stays() -> None:
    for seed in range(40):
        for label, ink in enumerate((ring(), bar())):
            assert hasty(ink, label, np.random.default_rng(seed), 1.0).sum() > 0.6 * ink.sum()


def test_ones_get_a_stroke_to_the_left_of_their_top() -> None:
    for seed in range(20):
        _, _, w, h = cv2.boundingRect(hasty(bar(), 1, np.random.default_rng(seed), 1.0))
        assert w >= 0.25 * h
        assert h <= 66


def test_a_one_with_a_base_stays_as_it_is() -> None:
    ink = bar()
    cv2.line(ink, (10, 58), (58, 58), 255, 5)
    written = hasty(ink, 1, np.random.default_rng(1), 1.0)
    x, y, w, h = cv2.boundingRect(ink)
    np.testing.assert_array_equal(written, ink[y : y + h, x : x + w])


@pytest.mark.parametrize("label", range(2, 11))
def test_other_labels_are_left_alone(label: int) -> None:
    ink = ring()
    assert hasty(ink, label, np.random.default_rng(1), 1.0) is ink
