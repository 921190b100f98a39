"""The steps of a row network become digits."""

from __future__ import annotations

import pytest

from realtime.row_peaks import find_peaks
from tests.realtime.rows import answered


def test_digits_are_found_where_they_are() -> None:
    found = find_peaks(answered(20, (10, 4, 0.9), (42, 0, 0.8)))
    assert [(peak.label, round(peak.there, 3), peak.at) for peak in found] == [
        (4, 0.9, 10.0),
        (0, pytest.approx(0.8), 42.0),
    ]
    assert float(found[0].ten.sum()) == pytest.approx(1)


def test_no_digit_is_found_in_blank_paper() -> None:
    assert find_peaks(answered(20)) == []
    assert find_peaks(answered(20, (10, 4, 0.4))) == []


def test_steps_side_by_side_are_one_digit() -> None:
    (peak,) = find_peaks(answered(20, (8, 4, 0.9), (12, 4, 0.9), (16, 9, 0.6)))
    assert peak.label == 4
    assert peak.ten[9] == pytest.approx(0.25)
    assert 8 < peak.at < 20


def test_a_long_run_is_parted_where_the_label_changes() -> None:
    steps = answered(20, *((4 * i, 4 if i < 6 else 9, 0.9) for i in range(3, 9)))
    assert [peak.label for peak in find_peaks(steps)] == [4, 9]


def test_two_alike_are_two_where_paper_is_seen_between_them() -> None:
    assert [p.label for p in find_peaks(answered(20, (8, 1, 0.9), (16, 1, 0.9)))] == [1, 1]


def test_every_digit_at_the_ends_is_found() -> None:
    assert [peak.label for peak in find_peaks(answered(10, (0, 7, 0.9), (36, 3, 0.9)))] == [7, 3]
