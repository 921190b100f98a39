"""Doubtful digits are compared with the sure ones of the same page."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.decode import Verdict
from realtime.hand import HandSettings, in_one_hand
from realtime.segment import Region
from realtime.values import Box
from tests.realtime.drawing import draw
from tests.realtime.verdicts import region

SETTINGS = HandSettings()


def drawn(label: str) -> Region:
    """A region with the ink of a digit."""
    return replace(region(0), ink=draw(np.zeros((42, 32), np.uint8), label, Box(6, 4, 20, 34), pen=255))


def seen(*answers: dict[int, float]) -> NDArray[np.float32]:
    """Probabilities of each region; what is not given is none."""
    rows = np.zeros((len(answers), 11), np.float32)
    for row, answer in zip(rows, answers, strict=True):
        for label, probability in answer.items():
            row[label] = probability
    return rows


SURE_4 = {4: 0.99, 10: 0.01}
SURE_7, SURE_1, OPEN = {7: 0.99, 10: 0.01}, {1: 0.99, 10: 0.01}, {1: 0.5, 7: 0.4, 10: 0.1}


def compared(ink: str, *others: tuple[str, dict[int, float]]) -> tuple[Verdict, NDArray[np.float32]]:
    """What becomes of a digit that is a 1 or a 7, among others."""
    regions = [drawn(label) for label, _ in others] + [drawn(ink)]
    probabilities = seen(*(answer for _, answer in others), OPEN)
    verdicts = [Verdict(i, max(a, key=a.__getitem__), max(a.values())) for i, (_, a) in enumerate(others)]
    found, after = in_one_hand([*verdicts, Verdict(len(others), 1, 0.5)], regions, probabilities, SETTINGS)
    assert found[:-1] == verdicts
    np.testing.assert_array_equal(after[:-1], probabilities[:-1])
    return found[-1], after[-1]


def test_a_doubtful_digit_is_what_it_looks_like_on_its_page() -> None:
    others = ("7", SURE_7), ("1", SURE_1)
    assert compared("7", *others)[0].label == 7
    assert compared("1", *others)[0].label == 1


def test_what_is_no_digit_is_no_less_likely_for_it() -> None:
    verdict, row = compared("7", ("7", SURE_7), ("1", SURE_1))
    assert row[10] == pytest.approx(0.1)
    assert row.sum() == pytest.approx(1.0)
    assert verdict.probability == pytest.approx(float(row[7]))
    assert 0.4 < verdict.probability < 0.9


def test_a_label_of_which_the_page_has_none_is_not_ruled_out() -> None:
    row = compared("0", ("7", SURE_7), ("7", SURE_7), ("4", SURE_4))[1]
    assert row[1] > 0.35


def test_on_a_page_of_one_digit_a_doubtful_one_is_likely_that_one() -> None:
    other = ("4", SURE_4)
    shares = [compared("0", *[("7", SURE_7)] * n, *[other] * slips)[1][7] for n, slips in [(2, 0), (4, 0), (8, 1)]]
    assert 0.4 < shares[0] < shares[1]
    assert min(shares[1:]) > 0.8
    mixed = compared("0", *[("7", SURE_7)] * 4, *[other] * 4)[1][7]
    assert mixed == pytest.approx(compared("0", ("7", SURE_7), other)[1][7], abs=0.01)


def test_few_or_doubtful_others_tell_nothing() -> None:
    for others in ([], [("7", SURE_7)], [("7", {7: 0.8, 10: 0.2})] * 3):
        regions = [drawn(label) for label, _ in others] + [drawn("7")]
        rows = seen(*(answer for _, answer in others), OPEN)
        verdicts = [Verdict(i, 7, max(answer.values())) for i, (_, answer) in enumerate(others)]
        before = [*verdicts, Verdict(len(others), 1, 0.5)]
        found, after = in_one_hand(before, regions, rows, SETTINGS)
        assert found == before
        assert after is rows


def test_what_was_refused_takes_no_part() -> None:
    regions = [drawn("7"), drawn("7"), drawn("7"), drawn("7")]
    rows = seen(SURE_7, SURE_7, OPEN, OPEN)
    refused = Verdict(2, 1, 0.5, "not a digit")
    found, after = in_one_hand(
        [Verdict(0, 7, 0.99), Verdict(1, 7, 0.99, "paler"), refused, Verdict(3, 1, 0.5)], regions, rows, SETTINGS
    )
    assert found[2:] == [refused, Verdict(3, 1, 0.5)]
    assert after is rows


def test_likeness_makes_nothing_surer_than_that_it_is_a_digit_at_all() -> None:
    regions = [drawn("7"), drawn("1"), drawn("7")]
    rows = seen(SURE_7, SURE_1, {1: 0.05, 7: 0.04, 10: 0.91})
    before = [Verdict(0, 7, 0.99), Verdict(1, 1, 0.99), Verdict(2, 1, 0.75)]  # for review, as it was taken for none
    last = in_one_hand(before, regions, rows, SETTINGS)[0][-1]
    assert (last.label, last.probability) == (7, 0.75)
