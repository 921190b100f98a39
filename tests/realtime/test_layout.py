from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.layout import LayoutSettings, arrange, find_rows, n_best
from realtime.values import Box, Digit

SETTINGS = LayoutSettings()


def digit(label: str, x: float, y: float, confidence: float = 0.99, size: tuple[int, int] = (20, 30)) -> Digit:
    rest = (1 - confidence) / 10
    row = tuple(confidence if str(i) == label else rest for i in range(11))
    return Digit(Box(round(x), round(y), *size), label, confidence, row)


def page(*lines: str, step: int = 26, leading: int = 70) -> list[Digit]:
    """Return digits set out as text: a space in a line is a gap between numbers."""
    return [
        digit(c, 100 + x * step, 100 + y * leading)
        for y, line in enumerate(lines)
        for x, c in enumerate(line)
        if c != " "
    ]


def turned(digits: list[Digit], degrees: float) -> list[Digit]:
    a = math.radians(degrees)
    return [
        digit(d.label, d.box.x * math.cos(a) - d.box.y * math.sin(a), d.box.x * math.sin(a) + d.box.y * math.cos(a))
        for d in digits
    ]


def texts(digits: list[Digit]) -> list[str]:
    return [line.text for line in arrange(digits, [], SETTINGS)]


def test_nothing_gives_no_lines() -> None:
    assert arrange([], [], SETTINGS) == ()


@pytest.mark.parametrize(
    "lines",
    [["7"], ["1234"], ["12  34"], ["1", "2", "3"], ["12  345  6", "78"], ["1  2  3", "4  5  6", "7  8  9"]],
    ids=str,
)
def test_lines_and_numbers_as_written(lines: list[str]) -> None:
    assert texts(page(*lines)) == [" ".join(line.split()) for line in lines]


@pytest.mark.parametrize("degrees", [-12, -5, 5, 12])
def test_writing_that_climbs_keeps_its_lines(degrees: float) -> None:
    assert texts(turned(page("123  456", "789", "0123  45"), degrees)) == ["123 456", "789", "0123 45"]


@given(st.permutations(page("12  345  6", "78", "9  0")))
def test_the_order_of_the_input_does_not_matter(digits: list[Digit]) -> None:
    assert texts(digits) == ["12 345 6", "78", "9 0"]


@given(
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900), st.integers(1, 60), st.integers(1, 80)), max_size=25)
)
def test_every_box_is_in_one_row(boxes: list[tuple[int, int, int, int]]) -> None:
    rows = find_rows([Box(*b) for b in boxes], SETTINGS)
    assert sorted(i for row in rows for i in row) == list(range(len(boxes)))


def test_a_low_seven_stays_on_its_line() -> None:
    digits = [digit("1", 0, 0), digit("7", 26, 8, size=(20, 38)), digit("4", 52, -2)]
    assert texts(digits) == ["174"]


def test_a_number_is_as_sure_as_all_its_digits() -> None:
    (line,) = arrange([digit("1", 0, 0, 0.9), digit("2", 26, 0, 0.5)], [], SETTINGS)
    (number,) = line.numbers
    assert number.confidence == pytest.approx(0.45)
    assert (number.status, number.reasons) == ("review", ("confidence below target",))


def test_a_sure_number_is_accepted() -> None:
    (line,) = arrange(page("42"), [], SETTINGS)
    assert (line.numbers[0].status, line.numbers[0].reasons) == ("accept", ())
    assert line.numbers[0].box == Box(100, 100, 46, 30)


def test_candidates_come_likeliest_first() -> None:
    seven_or_one = tuple({1: 0.3, 7: 0.6}.get(i, 0.01) for i in range(11))
    four = tuple({4: 0.9}.get(i, 0.01) for i in range(11))
    best = n_best([seven_or_one, four], 2)
    assert [text for text, _ in best] == ["74", "14"]
    assert best[0][1] == pytest.approx(0.54)


@given(st.lists(st.lists(st.floats(0.001, 1), min_size=11, max_size=11), min_size=1, max_size=3))
def test_n_best_is_what_trying_all_gives(rows: list[list[float]]) -> None:
    every = [1.0]
    for row in rows:
        every = [p * q for p in every for q in row[:10]]
    assert [p for _, p in n_best(rows, 5)] == pytest.approx(sorted(every, reverse=True)[:5])


POINT, COMMA, MINUS = Box(148, 126, 4, 4), Box(147, 124, 5, 12), Box(146, 114, 10, 3)


@pytest.mark.parametrize("mark", [POINT, COMMA, MINUS], ids=["point", "comma", "minus"])
def test_a_mark_between_digits_is_never_dropped_in_silence(mark: Box) -> None:
    digits = [digit("1", 100, 100), digit("2", 126, 100), digit("5", 158, 100)]
    (line,) = arrange(digits, [mark], SETTINGS)
    assert line.text == "125"
    assert (line.numbers[0].status, line.numbers[0].reasons) == ("review", ("mark between digits",))


@pytest.mark.parametrize("mark", [Box(90, 100, 4, 4), Box(148, 160, 4, 4), Box(190, 110, 5, 5), Box(148, 60, 4, 4)])
def test_marks_elsewhere_say_nothing(mark: Box) -> None:
    digits = [digit("1", 100, 100), digit("2", 126, 100), digit("5", 158, 100)]
    (line,) = arrange(digits, [mark], SETTINGS)
    assert line.numbers[0].status == "accept"


def test_a_sign_between_two_numbers_sends_both_to_review() -> None:
    (line,) = arrange([digit("9", 100, 100), digit("2", 160, 100)], [Box(134, 108, 14, 14)], SETTINGS)
    assert [n.text for n in line.numbers] == ["9", "2"]
    assert {n.status for n in line.numbers} == {"review"}


@pytest.mark.parametrize(
    ("text", "ambiguous"), [("6", True), ("969", True), ("6 9", True), ("961", False), ("8", False)]
)
def test_sixes_and_nines_alone_are_said_to_be_ambiguous(text: str, ambiguous: bool) -> None:
    numbers = [n for line in arrange(page(text), [], SETTINGS) for n in line.numbers]
    assert all(("ambiguous way up" in n.reasons) == ambiguous for n in numbers)


@pytest.mark.parametrize(
    ("ink", "told"),
    [
        (Box(82, 100, 14, 30), True),  # before the first digit
        (Box(178, 104, 12, 22), True),  # after the last
        (Box(178, 104, 12, 10), False),  # too low to be a digit
        (Box(178, 60, 12, 30), False),  # in another line
        (Box(210, 100, 14, 30), False),  # far away
        (Box(178, 40, 12, 150), False),  # a rim
    ],
)
def test_ink_beside_a_number_that_may_be_a_digit_of_it_is_told(ink: Box, told: bool) -> None:
    (line,) = arrange(page("123"), [], SETTINGS, unread=[ink])
    assert line.numbers[0].reasons == (("ink beside it that was not read",) if told else ())


@pytest.mark.parametrize(("slash", "height", "told"), [(1, 30, True), (0, 30, False), (2, 30, False), (1, 20, False)])
def test_only_a_high_stroke_between_digits_may_be_a_slash(slash: int, height: int, told: bool) -> None:
    digits = [replace(d, box=d.box._replace(h=height)) if i == slash else d for i, d in enumerate(page("211"))]
    (line,) = arrange(digits, [], SETTINGS, slashes=[digits[slash].box])
    assert line.numbers[0].reasons == (("a 1 that may be a slash",) if told else ())
