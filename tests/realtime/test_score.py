"""The figures on a small made-up set; tests/golden/score holds what the judging program prints for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.measure import parse_records
from realtime.score import RATIOS, align, bag, compare, count, figures_of, grouped, score
from realtime.score_table import table

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


def test_missing_records_are_no_score() -> None:
    assert "NO SCORE: 14 files have no record" in table(score(TRUTH, {}))


def test_every_kind_has_its_figures_and_its_main_one_stands_first() -> None:
    for kind, names in RATIOS.items():
        assert names.keys() <= FIGURES[kind].keys()
    assert [next(iter(names)) for names in RATIOS.values()] == [
        "digit_error_rate",
        "accuracy",
        "false_digits_per_image",
        "digit_error_rate",
        "false_digits_per_frame",
    ]


def test_a_file_of_two_conditions_stands_in_both_groups_and_in_one_source() -> None:
    truth = [
        {"file": "a.jpg", "kind": "page", "lines": ["1"], "conditions": ["dark", "ruled"], "source": "us: album 3"}
    ]
    counted = count(truth, {})
    assert list(grouped(counted, "condition")) == [("page", "dark"), ("page", "ruled")]
    assert list(grouped(counted, "source")) == [("page", "us")]
    assert figures_of(counted)["by_source"]["page/us"]["digits"] == 1
