"""Which digit of a frame is which of those that were followed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.matching import MatchSettings, Place, assign, carried, overlap, place_of
from realtime.values import Box
from tests.realtime.moving import similarity

SETTINGS = MatchSettings()


def row(count: int, x: float = 0, step: float = 40) -> list[Place]:
    return [Place(100 + step * i + x, 100, 25, 40) for i in range(count)]


@pytest.mark.parametrize(
    ("followed", "seen", "matched"),
    [
        ([], [], {}),
        (row(2), [], {}),
        ([], row(2), {}),
        (row(3), row(3), {0: 0, 1: 1, 2: 2}),
        (row(3), row(3)[::-1], {0: 2, 1: 1, 2: 0}),
        (row(3), row(3, x=10), {0: 0, 1: 1, 2: 2}),
        (row(2), row(3), {0: 0, 1: 1}),
        (row(1), [Place(100, 100, 8, 40)], {0: 0}),  # a 1 where an 8 was: the writing may change
        (row(1), [Place(100, 100, 25, 20)], {}),
        (row(1), [Place(125, 100, 25, 40)], {}),
        (row(1), [Place(110, 100, 25, 40), Place(104, 100, 25, 40)], {1: 0}),
    ],
)
def test_digits_are_matched_by_place_and_height(
    followed: list[Place], seen: list[Place], matched: dict[int, int]
) -> None:
    assert assign(followed, seen, SETTINGS) == matched


numbers = st.floats(0, 500)
places = st.lists(st.builds(Place, numbers, numbers, st.floats(1, 60), st.floats(1, 60)), max_size=12)


@given(places, places)
def test_matching_is_one_to_one(followed: list[Place], seen: list[Place]) -> None:
    matched = assign(followed, seen, SETTINGS)
    assert len(set(matched.values())) == len(matched)
    assert all(0 <= j < len(seen) and 0 <= i < len(followed) for j, i in matched.items())


def test_a_place_is_that_of_its_box() -> None:
    assert place_of(Box(3, 4, 5, 7)).box == Box(3, 4, 5, 7)


def test_places_are_carried_by_their_middles() -> None:
    moved = carried([Place(320, 180, 20, 40), Place(340, 180, 20, 40)], similarity(5, -6, 90, 2))
    assert np.array(moved) == pytest.approx(np.array([(325, 174, 40, 80), (325, 134, 40, 80)]))
    assert carried([], similarity()) == []


def test_overlap_is_that_of_the_smaller() -> None:
    assert overlap(Place(10, 10, 10, 10), Place(10, 10, 4, 4)) == pytest.approx(1)
    assert overlap(Place(10, 10, 10, 10), Place(15, 10, 10, 10)) == pytest.approx(0.5)
    assert overlap(Place(10, 10, 10, 10), Place(30, 10, 10, 10)) == 0
