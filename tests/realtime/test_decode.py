from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.contract import NOT_A_DIGIT
from realtime.decode import DecodeSettings, best_of_tree, decode, settled
from realtime.segment import Region
from realtime.values import Box
from tests.realtime.verdicts import decide, reasons, region, rows

SETTINGS = DecodeSettings()


@pytest.mark.parametrize(
    ("parents", "scores", "kept"),
    [
        ([], [], []),
        ([-1], [0.2], [0]),
        ([-1, 0], [0.9, 0.95], [0]),  # hardly better: the whole stays
        ([-1, 0], [0.3, 0.9], [1]),  # a line ran into the digit
        ([-1, 0, 0], [0.1, 0.9, 0.8], [1, 2]),  # two digits that touch at the low threshold
        ([-1, 0, 0], [0.9, 0.95, 0.2], [0]),  # a piece of a digit looks like one
        ([-1, 0, 1], [0.1, 0.2, 0.9], [2]),  # two thresholds up
        ([-1, 0, 0, 1], [0.1, 0.1, 0.9, 0.8], [2, 3]),  # from different depths
        ([-1, 0], [0.1, 0.2], [0]),  # no digit anywhere: the whole is what is refused
    ],
)
def test_best_of_tree(parents: list[int], scores: list[float], kept: list[int]) -> None:
    assert best_of_tree(parents, scores, SETTINGS, [20] * len(parents)) == kept


@pytest.mark.parametrize(
    ("score", "width", "kept"),
    [
        (0.7, 6, [0]),  # the stem of a 4
        (0.7, 12, [1]),  # most of it
        (0.3, 6, [1]),  # the whole is no digit: a digit on a line
    ],
)
def test_a_digit_gives_way_only_to_most_of_itself(score: float, width: int, kept: list[int]) -> None:
    assert best_of_tree([-1, 0], [score, 0.99], SETTINGS, [20, width]) == kept


def test_nothing_gives_nothing() -> None:
    assert decide([]) == []


def test_digits_are_kept_with_label_and_probability() -> None:
    (verdict,) = decide([region(0)], (7, 0.97))
    assert (verdict.label, verdict.reason) == (7, "")
    assert verdict.probability == pytest.approx(0.97)


def test_what_the_network_refuses_is_refused() -> None:
    assert reasons(decide([region(0)], (10, 0.9))) == [NOT_A_DIGIT]


@pytest.mark.parametrize(("seven", "one", "read"), [(0.46, 0.42, True), (0.46, 0.3, False), (0.3, 0.28, False)])
def test_what_is_one_of_two_digits_is_a_digit_though_it_is_open_which(seven: float, one: float, read: bool) -> None:
    row = np.zeros((1, 11), np.float32)
    row[0, [7, 1, 10]] = seven, one, 1 - seven - one
    (verdict,) = decode([region(0)], row, SETTINGS)
    assert (verdict.label, not verdict.reason) == (7, read)
    assert verdict.probability == pytest.approx(seven)


@pytest.mark.parametrize(("height", "read"), [(40, False), (72, True)])
def test_a_piece_of_other_ink_is_no_one_unless_it_is_as_high(height: int, read: bool) -> None:
    letter, bar = region(0, height=80), region(0, height=height, parent=0)
    assert any(not v.reason for v in decide([letter, bar], (10, 0.95), (1, 0.99))) == read


def _letter(bar: int) -> tuple[Region, Region]:
    """Return an L whose bar is so dark, and its stem."""
    ink = np.zeros((82, 52), np.uint8)
    ink[1:81, 1:11], ink[71:81, 11:51] = 255, bar
    letter = replace(region(0), box=Box(0, 60, 50, 80), ink=ink)
    return letter, replace(letter, box=Box(0, 60, 10, 80), ink=np.ascontiguousarray(ink[:, :12]), parent=0)


@pytest.mark.parametrize(("bar", "inside", "read"), [(250, 1, False), (100, 1, True), (250, 7, True)])
def test_the_stem_of_a_letter_is_no_one(bar: int, inside: int, read: bool) -> None:
    stem = decide([*_letter(bar)], (10, 0.95), (inside, 0.99))
    assert any(not v.reason for v in stem) == read


def test_a_one_that_touches_another_digit_is_read() -> None:
    both, one = _letter(255)
    other = replace(both, box=Box(11, 60, 39, 80), ink=np.ascontiguousarray(both.ink[:, 10:]), parent=0)
    assert reasons(decide([both, one, other], (10, 0.95), (1, 0.99), (2, 0.99))) == ["", ""]


def test_what_is_inside_a_digit_beyond_doubt_need_not_be_asked() -> None:
    tree = [region(0, height=80), region(50), region(0, height=40, parent=0), region(50, parent=1)]
    answers = rows((4, 0.9), (4, 0.8), (1, 0.99), (5, 0.99))
    assert settled(tree, 0, answers, SETTINGS) == [True, False, False, True]
    assert settled(tree, 2, answers[2:], SETTINGS) == [False, True]
    kept = [v.region for v in decode(tree, answers, SETTINGS)]
    assert kept == [0, 3]


@pytest.mark.parametrize(
    ("label", "flanks", "reason"), [(1, 9.0, "an edge rather than a stroke"), (1, 1.0, ""), (7, 9.0, "")]
)
def test_a_one_between_two_brightnesses_is_an_edge(label: int, flanks: float, reason: str) -> None:
    assert reasons(decide([region(0, flanks=flanks)], (label, 0.99))) == [reason]


def test_what_lies_inside_an_edge_is_looked_at() -> None:
    assert settled([region(0, flanks=9.0)], 0, rows((1, 0.99)), SETTINGS) == [False]


@pytest.mark.parametrize(("filled", "reason"), [(0.95, "a filled shape rather than a stroke"), (0.3, "")])
def test_the_rim_of_a_filled_shape_is_no_digit(filled: float, reason: str) -> None:
    assert reasons(decide([region(0, filled=filled)], (0, 0.99))) == [reason]


def test_what_lies_on_a_filled_shape_is_looked_at() -> None:
    kept = decode([region(0, height=90, filled=0.95), region(0, parent=0)], rows((0, 0.99), (5, 0.9)), SETTINGS)
    assert [(v.region, v.reason) for v in kept] == [(1, "")]
