"""Means over time that are the same at every frame rate."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.votes import MOST, Vote, cast, lapse


def value(vote: Vote) -> float:
    return float(vote.mean[0])


def mean(values: list[float], rate: float, half_life: float = 0.5) -> float:
    vote = Vote(np.array(values[:1]))
    for each in values[1:]:
        vote = cast(vote, np.array([each]), lapse(1 / rate, half_life))
    return value(vote)


@pytest.mark.parametrize("rate", [5.0, 15.0, 30.0, 120.0])
def test_what_was_seen_counts_half_after_each_half_life(rate: float) -> None:
    long = [1.0] * round(20 * rate)
    assert mean([*long, *[0.0] * round(rate)], rate) == pytest.approx(0.25, abs=0.01)


def test_the_first_frames_count_alike() -> None:
    assert mean([1.0, 0.0], 100) == pytest.approx(0.5, abs=0.01)
    assert mean([1.0, 0.0, 0.0], 100) == pytest.approx(1 / 3, abs=0.01)


def test_no_frame_outvotes_those_before_however_long_it_took() -> None:
    assert mean([1.0] * 8 + [0.0], 0.01) > 0.5
    assert lapse(1000, 0.5).weight == pytest.approx(MOST)


def test_a_frame_at_the_same_time_says_nothing() -> None:
    vote = Vote(np.array([1.0]))
    assert value(cast(vote, np.array([0.0]), lapse(0, 0.5))) == 1


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.floats(0.5, 240))
def test_a_mean_lies_between_what_it_is_of(values: list[float], rate: float) -> None:
    assert min(values) - 1e-9 <= mean(values, rate) <= max(values) + 1e-9
