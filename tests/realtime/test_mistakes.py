"""The alignment with its places: as many mistakes as the score counts edits, and the right ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.mistakes import Pair, order_alone, pairs, written
from realtime.score import Truth, compare
from realtime.values import Digit
from tests.realtime.making import number

ITEMS = st.fixed_dictionaries(
    {
        "lines": st.lists(st.text("0123 ", max_size=4), max_size=3),
        "order": st.sampled_from(["strict", "loose"]),
        "optional": st.text("013", max_size=2),
    }
)


def read(text: str) -> tuple[Digit, ...]:
    return number(text).digits


def unsure(text: str, *least: int) -> list[Digit]:
    """Digits of which some are less sure than the others, each of which might as well be a 9."""
    row = (*[0.0] * 9, 0.3, 0.0)
    return [Digit(d.box, d.label, 0.4, row) if i in least else d for i, d in enumerate(read(text))]


def shown(found: list[Pair]) -> str:
    return " ".join(f"{pair.wrote or '.'}{pair.read or '.'}" for pair in found)


@given(ITEMS, st.text("01234", max_size=7))
def test_there_are_as_many_mistakes_as_the_score_counts_edits(item: Truth, text: str) -> None:
    found = pairs(item, read(text))
    edits, hits, count = compare(item, text)
    assert sum(pair.kind != "right" for pair in found) == edits
    assert sum(pair.kind == "right" for pair in found) == hits
    assert sum(bool(pair.wrote) for pair in found) == count
    assert [pair.place for pair in found if pair.read] == [*range(len(text))]
    assert "".join(pair.read for pair in found) == text


@pytest.mark.parametrize(
    ("lines", "text", "expected"),
    [
        (["123"], "123", "11 22 33"),
        (["123"], "13", "11 2. 33"),
        (["123"], "183", "11 28 33"),
        (["123"], "1823", "11 .8 22 33"),
        ([], "57", ".5 .7"),
        (["1 2"], "", "1. 2."),
    ],
)
def test_each_digit_stands_beside_what_was_read(lines: list[str], text: str, expected: str) -> None:
    assert shown(pairs({"lines": lines}, read(text))) == expected


def test_a_digit_knows_its_line_and_a_missed_one_its_place() -> None:
    found = pairs({"lines": ["12", "", "34"]}, read("124"))
    assert [(pair.line, pair.place) for pair in found] == [(0, 0), (0, 1), (2, 2), (2, 2)]
    assert [pair.kind for pair in found] == ["right", "right", "missed", "right"]


def test_of_equal_digits_too_many_the_least_sure_is_wrong_and_stands_beside_what_it_is_most_like() -> None:
    found = pairs({"lines": ["9 7"], "order": "loose"}, unsure("717", 2))
    assert shown(found) == "77 .1 97"
    assert shown(pairs({"lines": ["97"], "order": "loose"}, read("7"))) == "77 9."


def test_optional_digits_stand_among_the_written_where_they_were_read() -> None:
    assert written({"lines": ["90", "2"], "optional": "7"}, "9072") == ["907", "2"]
    assert written({"lines": ["90", "2"], "optional": "7"}, "902") == ["90", "2"]


def test_edits_of_order_alone_are_told() -> None:
    assert order_alone({"lines": ["12", "34"]}, read("3412")) == 4
    assert order_alone({"lines": ["12", "34"]}, read("1243")) == 2
    assert order_alone({"lines": ["12", "34"]}, read("1235")) == 0
