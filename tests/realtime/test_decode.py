from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from models.contract import NOT_A_DIGIT
from realtime.decode import DecodeSettings, Verdict, best_of_tree, decode, settled
from realtime.judge import JudgeSettings, judge
from realtime.layout import LayoutSettings
from realtime.segment import Region
from realtime.values import Box

SETTINGS, JUDGE, LAYOUT = DecodeSettings(), JudgeSettings(), LayoutSettings()
NO_INK = np.zeros((1, 1), np.uint8)


def region(
    x: int,
    height: int = 40,
    parent: int = -1,
    contrast: float = 150,
    clutter: float = 0.0,
    edges: tuple[bool, bool] = (False, False),
) -> Region:
    return Region(Box(x, 100 - height // 2, 20, height), NO_INK, 99, parent, contrast, clutter, edges)


def rows(*answers: tuple[int, float]) -> NDArray[np.float32]:
    """Return probabilities, given (label, probability) of each region; the rest goes to "not a digit", or to 0."""
    table = np.zeros((len(answers), 11), np.float32)
    for row, (label, p) in zip(table, answers, strict=True):
        row[10 if label != 10 else 0] = 1 - p
        row[label] = p
    return table


def decide(regions: list[Region], *answers: tuple[int, float]) -> list[Verdict]:
    return judge(decode(regions, rows(*answers), SETTINGS), regions, JUDGE, LAYOUT)


def reasons(verdicts: list[Verdict]) -> list[str]:
    return [v.reason for v in verdicts]


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
    assert best_of_tree(parents, scores, SETTINGS) == kept


def test_nothing_gives_nothing() -> None:
    assert decide([]) == []


def test_digits_are_kept_with_label_and_probability() -> None:
    (verdict,) = decide([region(0)], (7, 0.97))
    assert (verdict.label, verdict.reason) == (7, "")
    assert verdict.probability == pytest.approx(0.97)


def test_what_the_network_refuses_is_refused() -> None:
    assert reasons(decide([region(0)], (10, 0.9))) == [NOT_A_DIGIT]


@pytest.mark.parametrize(
    ("odd", "answer", "reason"),
    [
        (region(90, clutter=0.5), (3, 0.99), "in the middle of other ink"),
        (region(90, height=10), (3, 0.99), "of another size than the digits around it"),
        (region(90, height=99), (3, 0.99), "of another size than the digits around it"),
        (region(90, contrast=40), (3, 0.99), "paler than the digits around it"),
        (region(90, edges=(True, False)), (1, 0.99), "cut by the picture's edge"),
        (region(90, edges=(False, True)), (3, 0.8), "cut by the picture's edge"),
        (region(90, edges=(True, True)), (3, 0.99), ""),
        (region(90, edges=(False, True)), (1, 0.99), ""),
        (region(90), (3, 0.99), ""),
    ],
)
def test_a_digit_is_judged_by_its_neighbours(odd: Region, answer: tuple[int, float], reason: str) -> None:
    verdicts = decide([region(0), region(30), region(60), odd], (4, 0.99), (2, 0.99), (5, 0.98), answer)
    assert reasons(verdicts) == ["", "", "", reason]


def test_a_bare_one_stays_among_digits() -> None:
    verdicts = decide([region(0), region(30), region(60)], (4, 0.99), (2, 0.99), (1, 0.6))
    assert reasons(verdicts) == ["", "", ""]


def test_an_unsure_bar_is_no_one_among_other_writing() -> None:
    verdicts = decide([region(0), region(30), region(60), region(90)], (4, 0.99), (2, 0.99), (1, 0.6), (10, 0.9))
    assert reasons(verdicts) == ["", "", "a bar rather than a 1", NOT_A_DIGIT]


def test_a_row_that_is_mostly_no_digits_is_refused_whole() -> None:
    word = [region(30 * i) for i in range(5)]
    verdicts = decide(word, (10, 0.9), (0, 0.99), (10, 0.9), (10, 0.9), (6, 0.95))
    assert reasons(verdicts).count("among writing that is not digits") == 2


def test_a_sum_is_read() -> None:
    verdicts = decide([region(30 * i) for i in range(5)], (9, 0.99), (10, 0.9), (2, 0.99), (10, 0.9), (7, 0.95))
    assert [str(v.label) for v in verdicts if not v.reason] == ["9", "2", "7"]


def test_in_a_page_of_text_only_clear_numbers_are_read() -> None:
    words = [replace(region(30 * i), box=Box(30 * i, 400 + 100 * (i // 6), 20, 40)) for i in range(18)]
    pair = [region(0), region(30)]
    verdicts = decide(words + pair, *[(10, 0.9)] * 18, (4, 0.99), (7, 0.99))
    assert not [v for v in verdicts if not v.reason]
    number = [region(0), region(30), region(60), region(90)]
    verdicts = decide(words + number, *[(10, 0.9)] * 18, (4, 0.99), (7, 0.99), (1, 0.97), (9, 0.99))
    assert len([v for v in verdicts if not v.reason]) == 4


def test_a_row_of_bars_in_a_page_of_something_else_is_no_number() -> None:
    texture = [replace(region(30 * i), box=Box(30 * i, 400 + 100 * (i // 6), 20, 40)) for i in range(18)]
    bars = [region(0), region(30), region(60), region(90)]
    verdicts = decide(texture + bars, *[(10, 0.9)] * 18, *[(1, 0.99)] * 4)
    assert not [v for v in verdicts if not v.reason]


def test_a_bar_among_other_things_is_no_one() -> None:
    things = [region(60), region(120, height=12), region(180, height=12)]
    assert not [v for v in decide([region(0, height=90), *things], (1, 0.99), *[(10, 0.9)] * 3) if not v.reason]
    pale = [replace(thing, contrast=20) for thing in things]
    assert [v for v in decide([region(0, height=90), *pale], (1, 0.99), *[(10, 0.9)] * 3) if not v.reason]


def test_bars_alone_in_their_row_must_be_like_the_other_digits() -> None:
    digits = [region(0), region(30), region(60)]
    below = [replace(region(30), box=Box(30, 300, 8, 40)), replace(region(90), box=Box(90, 300, 8, 19))]
    sure = [(4, 0.99), (2, 0.99), (5, 0.98)]
    assert reasons(decide([*digits, below[0]], *sure, (1, 0.99))) == [""] * 4
    assert reasons(decide([*digits, below[1]], *sure, (1, 0.99)))[3]
    assert reasons(decide([*digits, replace(below[0], contrast=255)], *sure, (1, 0.99)))[3]


@pytest.mark.parametrize(("height", "read"), [(40, False), (72, True)])
def test_a_piece_of_other_ink_is_no_one_unless_it_is_as_high(height: int, read: bool) -> None:
    letter, bar = region(0, height=80), region(0, height=height, parent=0)
    assert any(not v.reason for v in decide([letter, bar], (10, 0.95), (1, 0.99))) == read


def test_what_is_inside_a_digit_beyond_doubt_need_not_be_asked() -> None:
    tree = [region(0, height=80), region(50), region(0, height=40, parent=0), region(50, parent=1)]
    answers = rows((4, 0.9), (4, 0.8), (1, 0.99), (5, 0.99))
    assert settled(tree, 0, answers, SETTINGS) == [True, False, False, True]
    assert settled(tree, 2, answers[2:], SETTINGS) == [False, True]
    kept = [v.region for v in decode(tree, answers, SETTINGS)]
    assert kept == [0, 3]
