"""The figures on a small made-up set; tests/golden/score holds what the judging program prints for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import UnreadableError
from realtime.score import align, bag, compare, parse_records, score, table

GOLDEN = Path(__file__).parents[1] / "golden" / "score"
TRUTH: list[dict[str, Any]] = json.loads((GOLDEN / "truth.json").read_text(encoding="utf-8"))
LINES = (GOLDEN / "records.jsonl").read_text(encoding="utf-8").splitlines()
EXPECTED: dict[str, Any] = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))
FIGURES = score(TRUTH, parse_records(LINES, TRUTH))
digit_strings = st.text("0123456789", max_size=12)


@pytest.mark.parametrize("part", EXPECTED)
def test_figures_equal_the_judges(part: str) -> None:
    assert FIGURES[part] == EXPECTED[part]


def test_no_figure_more_than_the_judges() -> None:
    assert FIGURES.keys() == EXPECTED.keys()


def test_the_table_equals_the_judges() -> None:
    assert table(FIGURES) == (GOLDEN / "expected.txt").read_text(encoding="utf-8").rstrip("\n")


@pytest.mark.parametrize(
    ("truth", "read", "edits", "matches"),
    [
        ("", "", 0, 0),
        ("123", "123", 0, 3),
        ("123", "13", 1, 2),
        ("123", "", 3, 0),
        ("", "77", 2, 0),
        ("12", "21", 2, 1),
    ],
)
def test_align(truth: str, read: str, edits: int, matches: int) -> None:
    assert align(truth, read) == (edits, matches)


@given(digit_strings, digit_strings)
def test_align_is_a_distance(a: str, b: str) -> None:
    edits, matches = align(a, b)
    assert (edits == 0) == (a == b)
    assert align(b, a)[0] == edits
    assert abs(len(a) - len(b)) <= edits <= max(len(a), len(b))
    assert 0 <= matches <= min(len(a), len(b))


@given(digit_strings, st.randoms(use_true_random=False))
def test_a_bag_has_no_order(text: str, random: Any) -> None:
    shuffled = "".join(random.sample(text, len(text)))
    assert bag(text, shuffled) == (0, len(text))


@pytest.mark.parametrize("read", ["902", "9027", "7902"])
def test_optional_digits_may_be_read_or_skipped(read: str) -> None:
    assert compare({"lines": ["902"], "optional": "7"}, read)[0] == 0


def test_optional_digits_are_no_licence_for_others() -> None:
    assert compare({"lines": ["902"], "optional": "7"}, "9028")[0] == 1


def test_a_record_goes_to_the_file_with_the_longest_common_ending() -> None:
    truth = [{"file": "a/x.jpg", "kind": "page"}, {"file": "b/x.jpg", "kind": "page"}]
    line = json.dumps({"source": {"uri": "/mnt/b/x.jpg"}, "lines": []})
    assert list(parse_records([line], truth)) == ["b/x.jpg"]


@pytest.mark.parametrize(
    "line",
    [
        "{oops",
        '{"source": {"uri": "a.jpg"}, "lines": [{"digits": []}]}',
        '{"source": {"uri": "a.jpg"}, "lines": [{"text": 12}]}',
        '{"source": {"uri": "a.jpg"}, "lines": ["12"]}',
        '{"source": {"uri": "a.jpg"}, "lines": 12}',
        '{"source": {"uri": "a.jpg", "index": Infinity}, "lines": []}',
    ],
)
def test_a_line_that_is_no_record_is_named(line: str) -> None:
    with pytest.raises(UnreadableError, match=r"^r\.jsonl: line 2 is no record; make the file anew with --jsonl$"):
        parse_records(["", line], TRUTH, "r.jsonl")


def test_missing_records_are_no_score() -> None:
    assert "NO SCORE: 14 files have no record" in table(score(TRUTH, {}))
