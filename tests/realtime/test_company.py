"""What stands beside sure digits is believed sooner; pictures in which most is no digit are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from realtime.company import CompanySettings
from realtime.decode import CUT_OFF, DecodeSettings, among_digits
from realtime.ink import measured
from realtime.segment import SegmentSettings, find_regions
from tests.realtime.verdicts import decide, reasons, region, rows

DECODING, COMPANY = DecodeSettings(), CompanySettings()


def test_beside_digits_it_is_less_likely_that_ink_is_none() -> None:
    likely = among_digits(rows((4, 0.3), (4, 0.99)), DECODING)
    np.testing.assert_allclose(likely.sum(axis=1), [1, 1], atol=1e-6)
    assert likely[0, 4] == pytest.approx(0.3 / (0.3 + 0.7 / DECODING.beside))
    assert 0.99 < likely[1, 4] < 1


def test_ink_that_is_hardly_a_digit_is_one_in_a_number() -> None:
    number = decide([region(0), region(30), region(60)], (7, 0.99), (4, 0.4), (2, 0.99))
    assert reasons(number) == ["", "", ""]
    assert number[1].probability == COMPANY.most, "it is for review"
    pair = decide([region(0), region(30)], (7, 0.99), (4, 0.35))
    odds = DECODING.beside * 0.35 / 0.65
    assert pair[1].probability == pytest.approx(odds / (1 + odds))


@pytest.mark.parametrize(("digits", "read"), [(1, False), (2, False), (3, True), (4, True)])
def test_the_longer_a_number_the_likelier_ink_in_it_is_a_digit(digits: int, read: bool) -> None:
    row = decide([region(30 * i) for i in range(digits + 1)], *[(7, 0.99)] * digits, (4, 0.05))
    assert (row[-1].reason == "") is read


def test_but_not_where_other_ink_in_its_row_is_none() -> None:
    row = [region(30 * i) for i in range(5)]
    answers = [(7, 0.99)] * 3 + [(4, 0.1)]
    assert reasons(decide(row, *answers, (10, 1.0))) == ["", "", "", "not a digit", "not a digit"]
    assert reasons(decide(row, *answers, (7, 0.99))) == [""] * 5


def test_a_one_vouches_for_its_neighbour_where_there_are_other_digits() -> None:
    row = [region(0), region(160), region(190)]
    assert reasons(decide(row, (7, 0.99), (1, 0.99), (4, 0.4))) == ["", "", ""]
    assert decide(row[1:], (1, 0.99), (4, 0.4))[1].reason  # bars alone vouch for nothing


def test_what_has_company_is_company() -> None:
    first, between, last = region(0), region(50, edges=(False, True)), region(100, edges=(True, False))
    assert reasons(decide([first, between, last], (7, 0.99), (4, 0.89), (1, 0.95))) == ["", "", ""]
    assert reasons(decide([first, last], (7, 0.99), (1, 0.95))) == ["", CUT_OFF]


@pytest.mark.parametrize(
    "other",
    [
        region(300),  # far from them
        region(30, height=12),  # a mark
        region(30, contrast=40),  # paler
    ],
)
def test_but_not_apart_from_it_or_unlike_it(other: object) -> None:
    found = decide([region(0), other, region(60)], (7, 0.99), (4, 0.4), (2, 0.99))  # type: ignore[list-item]
    assert found[1].reason


def test_what_is_surely_no_digit_stays_none_in_a_number() -> None:
    found = decide([region(0), region(30), region(60)], (7, 0.99), (4, 0.05), (2, 0.99))
    assert found[1].reason == "not a digit"


def test_unsure_digits_among_other_ink_are_no_writing_of_digits() -> None:
    among = [region(30 * i) for i in range(4)]
    unsure = decide(among, (7, 0.7), (2, 0.7), (10, 0.99), (10, 0.99))
    sure = decide(among, (7, 0.99), (2, 0.99), (10, 0.99), (10, 0.99))
    assert [v.reason for v in unsure[:2]] == ["among writing that is not digits"] * 2
    assert [v.reason for v in sure[:2]] == ["", ""]


def test_unsure_digits_by_themselves_are_digits() -> None:
    assert reasons(decide([region(0), region(30)], (7, 0.6), (2, 0.6))) == ["", ""]


def test_what_is_left_of_a_ruled_line_is_no_region() -> None:
    contrast = np.zeros((60, 80), np.uint8)
    contrast[10:50, 20:24] = contrast[10:50, 50:54] = 200
    lines = np.zeros(contrast.shape, bool)
    lines[:, 19:25] = True
    ink = replace(measured(contrast, 255 - contrast), noise=1.0)
    assert len(find_regions(ink, SegmentSettings())) == 2
    assert [r.box.x for r in find_regions(replace(ink, ruled=1, lines=lines), SegmentSettings())] == [50]
