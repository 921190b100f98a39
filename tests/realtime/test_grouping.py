"""The steady order of followed digits, and which number and line each belongs to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.grouping import Grouping, grouped, grown, lines_of, merged, neighbours
from realtime.votes import lapse
from tests.realtime.making import reading

FRAME = lapse(1 / 30, 0.25)
Lines = list[list[list[int]]]


def after(*frames: Lines, alive: set[int] | None = None) -> Grouping:
    """What is known after frames that showed these lines."""
    known = Grouping()
    for lines in frames:
        every = {track for line in lines for number in line for track in number} | set(known.order)
        known = grown(known, lines, every if alive is None else alive, FRAME)
    return known


def shown(known: Grouping, tracks: set[int] | None = None) -> Lines:
    return grouped(known, set(known.order) if tracks is None else tracks)


def test_nothing_has_no_lines() -> None:
    assert shown(after([])) == []


def test_the_lines_of_a_reading_in_tracks() -> None:
    assert lines_of(reading("12", "3"), [7, 5, 9]) == [[[7, 5]], [[9]]]
    assert neighbours([[[1, 2], [3]], [[4]]]) == {(1, 2): 0, (2, 3): 1, (3, 4): 2}


@pytest.mark.parametrize("lines", [[[[1, 2], [3]], [[4, 5]]], [[[3]], [[1]], [[2, 4]]], [[[1, 2, 3, 4]]]])
def test_one_frame_is_shown_as_it_is(lines: Lines) -> None:
    assert shown(after(lines)) == lines


@pytest.mark.parametrize(
    "other",
    [
        [[[1, 2, 3]], [[4]]],
        [[[1], [2]], [[3], [4]]],
        [[[1, 2]], [[3]], [[4]]],
        [[[3, 1]], [[2, 4]]],
        [[[4, 3], [2, 1]]],
    ],
)
def test_one_frame_that_groups_otherwise_changes_nothing(other: Lines) -> None:
    lines = [[[1, 2], [3]], [[4]]]
    assert shown(after(*[lines] * 10, other)) == lines
    assert shown(after(*[lines] * 10, *[other] * 40)) == other


@pytest.mark.parametrize("each", [1, 2, 4])
@pytest.mark.parametrize("first", [[[1, 2]], [[1], [2]]])
def test_a_gap_on_the_brink_does_not_open_and_close(first: list[list[int]], each: int) -> None:
    """Half of the frames see one number, half two: what was shown first stays."""
    other = [[1], [2]] if len(first) == 1 else [[1, 2]]
    frames = [[first]] * 10 + [[other if i // each % 2 else first] for i in range(60)]
    assert all(shown(after(*frames[:n])) == [first] for n in range(10, len(frames)))


def test_what_was_never_shown_has_no_place_to_keep() -> None:
    """A hand is taken away: where a digit first appeared, half of its line was still hidden."""
    half, whole = [[[3]], [[1, 2]]], [[[1, 2, 3]]]
    known = grown(grown(Grouping(), half, {1, 2, 3}, FRAME), whole, {1, 2, 3}, FRAME, fresh={3})
    assert known.order == (1, 2, 3)
    assert grown(grown(Grouping(), half, {1, 2, 3}, FRAME), whole, {1, 2, 3}, FRAME).order == (3, 1, 2)
    assert grown(known, [[[1, 2]]], {1, 2, 3}, FRAME, fresh={3}).order == (1, 2, 3), "hidden again, it keeps its place"


def test_a_digit_that_is_not_seen_stays_in_its_place() -> None:
    lines = [[[1, 2], [3]], [[4, 5]]]
    for hidden in ([[[1], [3]], [[4, 5]]], [[[2], [3]], [[4, 5]]], [[[1, 2], [3]]], [[[4, 5]]], []):
        assert shown(after(*[lines] * 3, hidden)) == lines


def test_a_digit_that_is_not_shown_leaves_the_gap_that_is_there() -> None:
    known = after([[[1], [2], [3]]])
    assert shown(known, {1, 3}) == [[[1], [3]]]
    assert shown(after([[[1]], [[2]], [[3]]]), {1, 3}) == [[[1]], [[3]]]
    assert shown(after([[[1, 2, 3]]]), {1, 3}) == [[[1, 3]]]


def test_what_was_seen_side_by_side_is_so_when_what_flickered_between_is_gone() -> None:
    assert shown(after([[[1, 3]]], [[[1], [2], [3]]]), {1, 3}) == [[[1, 3]]]


def test_a_new_digit_comes_where_it_is_read() -> None:
    assert shown(after([[[1, 3]]], [[[1, 2, 3]], [[4]]])) == [[[1, 2, 3]], [[4]]]


def test_what_is_no_longer_followed_is_forgotten() -> None:
    known = after([[[1, 2, 3]]], [[[1, 3]]], alive={1, 3})
    assert known.order == (1, 3)
    assert set(known.links) == {(1, 3)}


orders = st.lists(st.integers(0, 9), unique=True)


@given(orders, orders)
def test_merging_keeps_the_first_order_and_loses_nothing(first: list[int], second: list[int]) -> None:
    every = merged(first, second)
    assert [track for track in every if track in first] == first
    assert sorted(every) == sorted({*first, *second})


@given(orders)
def test_merging_with_a_part_changes_nothing(order: list[int]) -> None:
    assert merged(order, order[::2]) == order
