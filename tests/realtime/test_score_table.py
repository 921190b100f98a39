"""The figures as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from realtime.score import Counted, count, figures_of
from realtime.score_table import Wanted, difference_table, figure, report, table

TRUTH: list[dict[str, Any]] = [
    {"file": f"{i}.png", "kind": "page", "lines": ["12"], "conditions": ["ruled"], "source": f"album {i % 2}: x"}
    for i in range(6)
] + [{"file": "n.png", "kind": "negative", "lines": [], "conditions": ["scene"]}]


def counted(*read: str) -> list[Counted]:
    records: Mapping[str, Mapping[int, Any]] = {
        item["file"]: {0: {"lines": [{"text": text}]}} for item, text in zip(TRUTH, read, strict=False)
    }
    return count(TRUTH, records)


SOME = counted("12", "12", "12", "13", "12", "12", "")


def row(text: str, start: str) -> list[str]:
    return next(line for line in text.splitlines() if line.strip().startswith(start)).split()


def test_without_wishes_the_table_is_the_judges() -> None:
    assert report(SOME, Wanted()) == table(figures_of(SOME))


def test_without_wishes_json_is_the_judges() -> None:
    assert json.loads(report(SOME, Wanted(as_json=True))) == figures_of(SOME)


def test_a_row_each_condition_or_source() -> None:
    by_condition = report(SOME, Wanted(by="condition"))
    assert row(by_condition, "ruled") == ["ruled", "6", "0.083", "0.917", "0.917", "0.833", "0.833"]
    assert row(by_condition, "scene") == ["scene", "1", "0.000", "1.000"]
    by_source = report(SOME, Wanted(by="source"))
    assert row(by_source, "album 1") == ["album", "1", "3", "0.167", "0.833", "0.833", "0.667", "0.667"]
    assert "(no source)" in by_source
    assert "ruled" not in by_source
    assert "edits  3.png" in by_source


def test_intervals_stand_beside_the_figures() -> None:
    text = report(SOME, Wanted(intervals=True))
    assert "0.083 [0.000, 0.250]" in text
    assert row(text, "all, mean")[4:] == ["0.083", "[0.000,", "0.250]"]
    assert row(text.partition("negative")[2], "all") == ["all", "1", "0.000", "1.000"]  # one file, no interval


def test_json_holds_intervals_and_differences_beside_the_figures() -> None:
    told = json.loads(report(SOME, Wanted(as_json=True, intervals=True), SOME, "r.jsonl"))
    assert told["page"] == figures_of(SOME)["page"]
    assert told["intervals"]["page"]["digit_error_rate"] == [0.0, 0.25]
    assert told["differences"]["page"]["recall"]["difference"] == 0


def test_a_clear_difference_has_a_star() -> None:
    text = report(SOME, Wanted(), counted(*["19"] * 6, ""), "before.jsonl")
    assert row(text, "page digit_error_rate")[-1] == "*"
    assert row(text, "page digit_error_rate")[2:5] == ["0.083", "0.500", "-0.417"]
    assert row(text, "negative false_digits_per_image")[-3:] == ["too", "few", "files"]
    assert "*" not in "\n".join(report(SOME, Wanted(), SOME, "same").splitlines()[:-1])


def test_files_that_the_other_reading_lacks_are_told() -> None:
    assert "NO SCORE: 5 files have no record in before.jsonl" in report(
        SOME, Wanted(), counted("12", "12"), "before.jsonl"
    )


@pytest.mark.parametrize(
    ("value", "interval", "text"),
    [(0.5, None, "0.500"), (None, None, "-"), (0.0312, (0.01, 0.06), "0.031 [0.010, 0.060]")],
)
def test_figure(value: float | None, interval: tuple[float, float] | None, text: str) -> None:
    assert figure(value, interval) == text


def test_nothing_to_compare_is_an_empty_table() -> None:
    assert len(difference_table({}, "r.jsonl").splitlines()) == 2
