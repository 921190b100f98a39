"""Which digits of a reading count as right, and what is told of their confidence."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.calibration import are_right, text, told


@pytest.mark.parametrize(
    ("lines", "order", "read", "right"),
    [
        (["12", "34"], "strict", "1234", [True] * 4),
        (["1234"], "strict", "124", [True] * 3),  # one is missing
        (["1234"], "strict", "19234", [True, False, True, True, True]),
        (["1234"], "strict", "1734", [True, False, True, True]),
        (["1134"], "loose", "4311", [True] * 4),
        (["1134"], "loose", "4111", [True, True, True, False]),
        (None, "strict", "7", [False]),
    ],
)
def test_what_is_right(lines: list[str] | None, order: str, read: str, right: list[bool]) -> None:
    assert are_right({"lines": lines, "order": order}, read) == right


def number(digits: str, confidence: float, status: str = "accept") -> dict[str, Any]:
    return {"status": status, "digits": [{"label": digit, "confidence": confidence} for digit in digits]}


def test_said_and_right_stand_side_by_side() -> None:
    truth: list[dict[str, Any]] = [
        {"file": "a.jpg", "kind": "page", "lines": ["12", "3"]},
        {"file": "b.jpg", "kind": "negative"},
        {"file": "c.jpg", "kind": "single", "lines": ["5"]},  # no record
        {"file": "d.mp4", "kind": "video", "lines": ["5"]},
    ]
    page = [{"numbers": [number("12", 0.96)]}, {"numbers": [number("8", 0.7)]}]
    records = {"a.jpg": {0: {"lines": page}}, "b.jpg": {0: {"lines": [{"numbers": [number("1", 0.6, "review")]}]}}}
    found = told(truth, records)
    assert found.right == (True, True, False, False)
    assert found.accepted == (True, False)
    assert "0.95 to 0.99           2   0.960   1.000" in text(found)
    assert "ECE 0.3450 of 4 digits" in text(found)
    assert text(found).endswith("numbers accepted 2, of these all right 1")


def test_no_digits_are_no_fault() -> None:
    assert "ECE 0.0000 of 0 digits" in text(told([{"file": "b.jpg", "kind": "negative"}], {}))
