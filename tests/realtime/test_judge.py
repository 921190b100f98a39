from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.contract import NOT_A_DIGIT
from realtime.attempt import judged
from realtime.decode import CLUTTERED, CUT_OFF, DecodeSettings, decode
from realtime.ink import measured
from realtime.judge import COMMA, PALE, SIZE, THICK, JudgeSettings, judge
from realtime.layout import LayoutSettings
from realtime.page import whole
from realtime.rows import is_bold
from realtime.segment import Region
from realtime.settings import THOROUGH
from realtime.values import Box
from tests.realtime.verdicts import decide, reasons, region, rows


@pytest.mark.parametrize(
    ("odd", "answer", "reason"),
    [
        (region(300, clutter=0.5), (3, 0.99), CLUTTERED),
        (region(90, clutter=0.5), (3, 0.55), CLUTTERED),
        (region(90, clutter=0.5), (3, 0.99), ""),  # a number written tight
        (region(90, height=10), (3, 0.99), "of another size than the digits around it"),
        (region(90, height=99), (3, 0.99), "of another size than the digits around it"),
        (region(90, contrast=40), (3, 0.99), "paler than the digits around it"),
        (region(300, edges=(True, False)), (1, 0.99), CUT_OFF),
        (region(300, edges=(False, True)), (3, 0.85), CUT_OFF),
        (region(90, edges=(False, True)), (3, 0.55), CUT_OFF),
        (region(90, height=66, edges=(True, False)), (1, 0.99), CUT_OFF),
        (region(90, edges=(True, False)), (1, 0.99), ""),  # a number cut out tight
        (region(90, edges=(False, True)), (3, 0.85), ""),
        (region(90, edges=(True, True)), (3, 0.99), ""),
        (region(90, edges=(False, True)), (1, 0.99), ""),
        (region(90), (3, 0.99), ""),
    ],
)
def test_a_digit_is_judged_by_its_neighbours(odd: Region, answer: tuple[int, float], reason: str) -> None:
    verdicts = decide([region(0), region(30), region(60), odd], (4, 0.99), (2, 0.99), (5, 0.98), answer)
    assert reasons(verdicts) == ["", "", "", reason]


def placed(x: int, y: int, height: int = 40, contrast: float = 150, pen: int = 0, width: int = 20) -> Region:
    """A region anywhere; pen: width of an upright stroke that is its ink."""
    ink = np.zeros((height + 2, width + 2), np.uint8)
    ink[1:-1, 1 : 1 + pen] = 255
    return replace(region(x, contrast=contrast), box=Box(x, y, width, height), ink=ink, area=height * pen)


@pytest.mark.parametrize(("last", "reason"), [(60, ""), (40, PALE)], ids=["fades", "shows through"])
def test_digits_may_fade_from_one_to_the_next(last: float, reason: str) -> None:
    column = [placed(0, 60 * i, contrast=contrast) for i, contrast in enumerate([200, 200, 200, 95, last])]
    assert reasons(decide(column, *[(4, 0.99)] * 5)) == ["", "", "", "", reason]
    apart = [*column[:4], replace(column[4], box=Box(400, 400, 20, 40))]
    assert reasons(decide(apart, *[(4, 0.99)] * 5)) == ["", "", "", "", PALE]
    unsure = decide(column, *[(4, 0.99)] * 4, (4, 0.8))
    assert unsure[4].reason == PALE


@pytest.mark.parametrize(("label", "reason"), [(4, ""), (1, SIZE)])
def test_digits_may_grow_smaller_from_one_to_the_next(label: int, reason: str) -> None:
    """A price with small zeros behind; a long bar is no 1 for that."""
    row = [placed(0, 0, 100), placed(30, 30, 70), *[placed(60 + 30 * i, 60, 40) for i in range(5)]]
    assert reasons(decide(row, (label, 0.99), (5, 0.99), *[(3, 0.99)] * 5)) == [reason, *[""] * 6]


@pytest.mark.parametrize(("pen", "label", "reason"), [(18, 1, THICK), (9, 1, ""), (18, 4, "")])
def test_a_stroke_far_thicker_than_the_pen_is_a_smear(pen: int, label: int, reason: str) -> None:
    row = [placed(30 * i, 0, pen=6) for i in range(3)]
    assert reasons(decide([*row, placed(90, 0, pen=pen)], *[(4, 0.99)] * 3, (label, 0.99)))[3] == reason
    alone = decide([row[0], placed(90, 0, pen=pen)], (4, 0.99), (label, 0.99))
    assert reasons(alone) == ["", ""], "one digit is no measure of the pen"


@pytest.mark.parametrize(
    ("y", "height", "reason"),
    [(28, 22, COMMA), (10, 30, ""), (28, 11, SIZE), (0, 40, ""), (70, 22, "")],
    ids=["a comma", "low on the line", "a point", "a 1", "of the line below"],
)
def test_a_stroke_that_goes_below_the_line_is_a_comma(y: int, height: int, reason: str) -> None:
    price = [placed(0, 0), placed(25, 0), placed(50, y, height, width=8), placed(65, 0), placed(90, 0)]
    answers = [(4, 0.99), (2, 0.99), (1, 0.99), (5, 0.99), (8, 0.99)]
    assert reasons(decide(price, *answers)) == ["", "", reason, "", ""]
    assert decide(price, *answers[:2], (7, 0.99), *answers[3:])[2].reason in ("", SIZE)


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


@pytest.mark.parametrize(("blot", "read"), [(3, 0), (-1, 3)])
def test_what_a_letter_was_parted_into_counts_once_in_its_row(blot: int, read: int) -> None:
    """TEAM, the M parted into three strokes: there are three letters to one piece of ink, not to three digits."""
    word = [region(30 * i) for i in range(6)]
    raw = decode(word, rows(*[(10, 0.9)] * 3, (1, 0.98), (4, 0.98), (1, 0.98)), DecodeSettings())
    raw = [replace(v, blot=blot) if not v.reason else v for v in raw]
    seen = judge(raw, word, JudgeSettings(), LayoutSettings())
    assert len([v for v in seen if not v.reason]) == read


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


@pytest.mark.parametrize(("others", "kept"), [(0, False), (1, True)])
def test_a_one_that_runs_out_of_the_picture_needs_another_digit(others: int, kept: bool) -> None:
    line = region(0, edges=(False, True))
    verdicts = decide([line, *[region(30)] * others], (1, 0.99), *[(4, 0.99)] * others)
    assert verdicts[0].reason == ("" if kept else CUT_OFF)


def test_as_many_bars_as_things_that_are_no_digits_are_no_ones() -> None:
    creases = [region(60 * i, height=30) for i in range(4)]
    folds = [replace(region(60 * i), box=Box(60 * i, 400, 30, 12)) for i in range(4)]
    assert not [v for v in decide(creases + folds, *[(1, 0.99)] * 4, *[(10, 0.9)] * 4) if not v.reason]
    assert len([v for v in decide(creases + folds[:1], *[(1, 0.99)] * 4, (10, 0.9)) if not v.reason]) == 4


@pytest.mark.parametrize(("x", "kept"), [(5, True), (150, False)])
def test_a_low_one_is_believed_right_below_a_digit(x: int, kept: bool) -> None:
    digits = [region(0), region(30), region(60)]
    low = replace(region(0), box=Box(x, 140, 8, 20))
    verdicts = decide([*digits, low], *[(4, 0.99)] * 3, (1, 0.99))
    assert (verdicts[3].reason == "") == kept


def test_one_crease_that_looks_like_another_digit_makes_no_page_of_a_scene() -> None:
    creases = [replace(region(60 * i), box=Box(60 * i, 150 * i, 20, 30)) for i in range(6)]
    folds = [replace(region(60 * i), box=Box(60 * i, 1000, 30, 12)) for i in range(6)]
    seen = decide(creases + folds, (4, 0.9), *[(1, 0.99)] * 5, *[(10, 0.9)] * 6)
    assert not [v for v in seen if not v.reason]


@pytest.mark.parametrize(
    ("width", "height", "area", "bold"),
    [(20, 20, 314, False), (20, 20, 150, True), (4, 20, 70, True), (6, 6, 14, False)],
    ids=["a punched hole", "a letter", "a bar", "a speck"],
)
def test_holes_and_specks_are_no_writing(width: int, height: int, area: int, bold: bool) -> None:
    ink = replace(region(10), box=Box(10, 10, width, height), area=area)
    assert is_bold(ink, height=10, contrast=100) is bold
    assert not is_bold(replace(ink, contrast=90), height=10, contrast=100)


@pytest.mark.parametrize(("share", "read"), [(0.78, 3), (0.3, 0)], ids=["holes", "letters"])
def test_a_column_of_punched_holes_does_not_make_a_page_foreign(share: float, read: int) -> None:
    digits = [region(100 + 40 * i) for i in range(2)] + [region(400)]
    holes = [replace(region(10), box=Box(10, 30 * i, 22, 22), area=round(share * 22 * 22)) for i in range(8)]
    verdicts = decide([*digits, *holes], *[(4, 0.97)] * 3, *[(10, 0.99)] * 8)
    assert sum(not reason for reason in reasons(verdicts)) == read


@pytest.mark.parametrize(("inside", "read"), [(0.99, "4445"), (0.7, "444")])
def test_pale_ink_that_looks_like_a_digit_gives_way_to_a_sure_digit_inside_it(inside: float, read: str) -> None:
    """The edge of a shadow runs through a digit: together they look like another one."""
    row = [placed(60 * i, 0) for i in range(3)]
    shadow = placed(180, 0, 90, contrast=40, width=60)
    digit = replace(placed(190, 30), parent=3)
    paper = np.full((200, 300), 230, np.uint8)
    seen = judged(
        whole(paper, 300),
        measured(255 - paper, paper),
        [*row, shadow, digit],
        rows(*[(4, 0.99)] * 3, (9, 0.8), (5, inside)),
        THOROUGH,
    )
    assert "".join(str(v.label) for v in seen.digits) == read


def textured(contrast: float, between: int = 0, digits: int = 0) -> str:
    """What is read of a column of six digits beside two hundred pieces of a texture, so many of them like digits."""
    page = np.full((800, 900), 230, np.uint8)
    column = [placed(20, 20 + 90 * i, contrast=120) for i in range(6)]
    texture = [placed(100 + 40 * (i % 20), 20 + 70 * (i // 20), contrast=contrast) for i in range(200)]
    texture[:between] = [replace(each, contrast=55.0) for each in texture[:between]]
    answers = [*[(4, 0.99)] * 6, *[(5, 0.95)] * digits, *[(10, 0.9)] * (200 - digits)]
    seen = judged(whole(page, 900), measured(255 - page, page), [*column, *texture], rows(*answers), THOROUGH)
    return "".join(str(v.label) for v in seen.digits)


def test_writing_far_bolder_than_a_texture_is_judged_by_itself() -> None:
    assert textured(40, digits=80) == "444444"  # much of a texture looks like digits
    assert textured(40, digits=80, between=60) != "444444"  # there is ink of all strengths: it is of one kind
    assert textured(100, digits=80) != "444444"


def test_pale_digits_are_no_texture() -> None:
    assert textured(58, digits=199).count("5") == 199


@pytest.mark.parametrize(("label", "edges", "read"), [(3, True, "3"), (3, False, ""), (1, True, "")])
def test_desk_and_rim_around_a_sure_digit_are_no_writing_beside_it(label: int, edges: bool, read: str) -> None:
    """They run out of the picture; but a bar may be one of them."""
    desk = [replace(region(300 * i, edges=(edges, False)), box=Box(300 * i, 300 * (i % 2), 60, 60)) for i in range(4)]
    verdicts = decide([placed(500, 150, height=60), *desk], (label, 0.99), *[(10, 0.99)] * 4)
    assert "".join(str(v.label) for v in verdicts if not v.reason) == read
