"""How far figures may lie from what more files would give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from realtime.intervals import FEWEST, TIMES, differences, intervals, ratios, spread, weights
from realtime.score import MACRO, RATIOS, Counted, count, figures_of


def pages(*read: str, written: str = "0123456789", **more: Any) -> list[Counted]:
    """Return pages on which `written` stands and that were read as told."""
    truth = [{"file": f"{i}.png", "kind": "page", "lines": [written]} | more for i in range(len(read))]
    return count(truth, {f"{i}.png": record(text) for i, text in enumerate(read)})


def record(text: str) -> Mapping[int, Mapping[str, Any]]:
    return {0: {"lines": [{"text": text}]}}


RIGHT, ONE_OFF, NOTHING = "0123456789", "0123456780", ""


def test_files_are_drawn_as_often_as_there_are_files() -> None:
    drawn = weights(7)
    assert drawn.shape == (TIMES, 7)
    assert (drawn.sum(axis=1) == 7).all()
    assert np.abs(drawn.mean(axis=0) - 1).max() < 0.1


def test_the_same_seed_draws_the_same() -> None:
    assert np.array_equal(weights(5, 3), weights(5, 3))
    assert not np.array_equal(weights(5, 3), weights(5, 4))


def test_a_ratio_of_nothing_is_none() -> None:
    part, whole = np.array([1.0, 2.0]), np.array([2.0, 0.0])
    found = ratios(part, whole, np.array([[1.0, 1.0], [0.0, 2.0]]))
    assert found[0] == 1.5
    assert np.isnan(found[1])
    assert spread(found) == (1.5, 1.5)
    assert spread(np.array([np.nan])) is None


def test_the_interval_of_a_share_is_as_wide_as_statistics_says() -> None:
    counted = pages(*[RIGHT] * 80, *[NOTHING] * 20)
    low, high = intervals(counted)["page"]["page_exact"]
    expected = 1.96 * np.sqrt(0.8 * 0.2 / 100)
    assert (low, high) == pytest.approx((0.8 - expected, 0.8 + expected), abs=0.015)


def test_more_files_make_the_interval_narrower() -> None:
    few, many = (intervals(pages(*[RIGHT, RIGHT, ONE_OFF, NOTHING] * n))["page"]["digit_error_rate"] for n in (3, 30))
    assert few[0] < many[0] < (0.1 + 1) / 4 < many[1] < few[1]


def test_there_is_an_interval_for_every_figure_and_none_of_too_few_files() -> None:
    counted = pages(*[RIGHT] * FEWEST, conditions=["dark"], source="a") + pages(RIGHT, source="b", conditions=["ruled"])
    found, figures = intervals(counted), figures_of(counted)
    assert found["page"].keys() == {*RATIOS["page"], MACRO["page"][0]} <= figures["page"].keys()
    assert found["by_condition"].keys() == figures["by_condition"].keys()
    assert found["by_source"].keys() == figures["by_source"].keys()
    assert found["by_condition"]["page/dark"]["recall"] == (1.0, 1.0)
    assert found["by_condition"]["page/ruled"]["recall"] is None


def test_the_mean_over_sources_does_not_heed_how_many_files_each_has() -> None:
    counted = pages(*[RIGHT] * 40, source="a") + pages(*[NOTHING] * 10, source="b")
    low, high = intervals(counted)["page"]["macro_digit_error_rate"]
    assert (low, high) == (0.5, 0.5)
    assert intervals(counted)["page"]["digit_error_rate"][1] < 0.4


def test_two_readings_are_compared_file_by_file() -> None:
    other = pages(*[RIGHT, NOTHING] * 20)
    better = pages(*[RIGHT, NOTHING] * 19, RIGHT, ONE_OFF)
    row = differences(better, other)["page"]["digit_error_rate"]
    assert (row["this"], row["other"], row["difference"]) == (0.4775, 0.5, -0.0225)
    low, high = row["interval"]
    assert low < -0.0225 <= high <= 0
    # Unpaired, the two would be lost in each other's spread.
    assert high - low < 0.1 < np.subtract(*reversed(intervals(other)["page"]["digit_error_rate"]))


def test_a_reading_does_not_differ_from_itself() -> None:
    counted = pages(*[RIGHT, ONE_OFF] * 5)
    for row in differences(counted, counted)["page"].values():
        assert (row["difference"], row["interval"]) == (0.0, (0.0, 0.0))


def test_of_few_files_the_difference_is_told_without_an_interval() -> None:
    row = differences(pages(RIGHT), pages(ONE_OFF))["page"]["digit_error_rate"]
    assert (row["difference"], row["interval"]) == (-0.1, None)


def test_no_files_no_intervals() -> None:
    assert intervals([]) == {"by_condition": {}, "by_source": {}}
    assert differences([], []) == {}
