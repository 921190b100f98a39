"""The page benchmark: its pages' truth, and how readings are held against it."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks import pages
from benchmarks.drawn import DrawnPage, Written, draw, draw_numbered, truth_item
from benchmarks.pages import Held, figures, hold, overlap, pair, report, text
from benchmarks.recipes import CONDITIONS, Recipe
from realtime.values import Box, Digit, Line, Number, Reading, Rejected
from training.camera import Desk

SMALL = Recipe(size=(400, 300), height=(30, 34), rows=2, chars=(3, 4), digits=(2, 3), noise=0.0, jpeg=100, blur=0.4)


def page(*digits: tuple[str, tuple[float, float, float, float]]) -> DrawnPage:
    row = tuple(Written(label, box) for label, box in digits)
    blank = np.full((100, 100, 3), 255, np.uint8)
    return DrawnPage("p", ("plain",), blank, (("".join(d.label for d in row), row),) if row else ())


def reading(*digits: tuple[str, Box], rejected: tuple[Rejected, ...] = ()) -> Reading:
    numbers = tuple(Number((Digit(box, label, 0.9, ()),), 0.9, "accept", (), ((label, 0.9),)) for label, box in digits)
    return Reading((100, 100), (Line(numbers),) if numbers else (), rejected)


@pytest.mark.parametrize(
    ("a", "b", "share"),
    [
        ((0, 0, 10, 10), (0, 0, 10, 10), 1.0),
        ((0, 0, 10, 10), (10, 0, 20, 10), 0.0),
        ((0, 0, 10, 10), (5, 0, 15, 10), 1 / 3),
        ((0, 0, 10, 10), (0, 0, 10, 5), 0.5),
        ((0, 0, 10, 10), (30, 30, 31, 31), 0.0),
    ],
)
def test_overlap(a: pages.Place, b: pages.Place, share: float) -> None:
    assert overlap(a, b) == overlap(b, a) == pytest.approx(share)


def test_one_box_answers_to_one_digit_and_the_nearest_to_each() -> None:
    wanted: list[pages.Place] = [(0, 0, 10, 10), (0, 0, 10, 11)]
    assert pair(wanted, [(0, 0, 10, 10)]) == {0: 0}
    assert pair(wanted, [(0, 0, 10, 11), (0, 0, 10, 10)]) == {0: 1, 1: 0}
    assert pair(wanted, []) == pair([], wanted) == {}


def test_what_is_found_seen_right_and_false() -> None:
    written = page(("1", (0, 0, 10, 20)), ("2", (20, 0, 30, 20)), ("3", (40, 0, 50, 20)), ("4", (60, 0, 70, 20)))
    read = reading(
        ("1", Box(0, 0, 10, 20)),  # right
        ("7", Box(20, 0, 10, 19)),  # found, wrong
        ("8", Box(80, 50, 10, 20)),  # nothing is there
        rejected=(Rejected(Box(40, 0, 10, 20), "3", 0.4, "not a digit"),),
    )
    held = hold(written, read)
    assert held.counts == Counter(pages=1, written=4, found=2, seen=3, right=1, false=1)
    assert [(digit.label, why) for digit, why in held.misses] == [
        ("3", "rejected: not a digit"),
        ("4", "nothing there"),
    ]
    assert held.falses == (("8", Box(80, 50, 10, 20)),)


@pytest.mark.parametrize(
    ("read", "why"),
    [
        (reading(("1", Box(0, 0, 30, 20))), "read with a larger box"),
        (reading(("1", Box(0, 0, 4, 20))), "read with a smaller box"),
        (reading(rejected=(Rejected(Box(0, 0, 40, 20), "1", 0.4, "too wide"),)), "in rejected ink: too wide"),
        (reading(), "nothing there"),
    ],
)
def test_what_became_of_a_digit_that_was_not_found(read: Reading, why: str) -> None:
    assert [each for _, each in hold(page(("1", (0, 0, 10, 20))), read).misses] == [why]


def test_a_page_without_digits_counts_what_is_read_on_it() -> None:
    assert hold(page(), reading(("1", Box(0, 0, 9, 9)))).counts["false"] == 1
    assert hold(page(), reading()).counts == Counter(pages=1)


def held(found: int, written: int = 10, condition: str = "plain") -> Held:
    counts = Counter(pages=1, written=written, found=found, seen=found, right=found, false=written - found)
    return Held("p", (condition,), counts, (), ())


def test_figures_are_of_all_digits_and_lie_in_their_intervals() -> None:
    found = figures([held(10), held(5), held(20, 20), held(8), held(10)])
    assert found["found"]["value"] == round(53 / 60, 4)
    low, high = found["found"]["interval"]
    assert 0.5 < low < 53 / 60 < high <= 1.0
    assert found["false"]["value"] == 7 / 5
    assert found["counts"]["pages"] == 5


def test_conditions_are_told_apart() -> None:
    told = report([held(10), held(5, condition="ruled"), held(7, condition="ruled")])
    assert told["by_condition"]["plain"]["found"]["value"] == 1.0
    assert told["by_condition"]["ruled"]["found"]["value"] == 0.6
    assert list(told["by_condition"]) == ["plain", "ruled"]
    assert "ruled               2     20" in text({"live": told})


def test_the_same_number_is_the_same_page_and_conditions_take_turns() -> None:
    number = list(CONDITIONS).index("table-small")
    first, again, later = draw_numbered(number, 1), draw_numbered(number, 1), draw_numbered(number, 2)
    assert np.array_equal(first.picture, again.picture)
    assert first.rows == again.rows
    assert first.conditions == later.conditions == ("table-small",)
    assert first.rows != later.rows


@pytest.mark.parametrize("turn", [0.0, 0.3, np.pi / 2])
def test_boxes_hold_the_ink_and_touch_it(turn: float) -> None:
    recipe = replace(SMALL, turn=float(turn), fills=(0.6, 0.6), inks=("black marker",), desk=Desk((220, 230, 236)))
    drawn = draw("p", (), recipe, np.random.default_rng(2))
    dark = drawn.picture.max(axis=2) < 110
    assert len(drawn.digits) > 3
    for digit in drawn.digits:
        left, top, right, bottom = (round(v) for v in digit.box)
        y, x = np.nonzero(dark[top:bottom, left:right])
        assert (x.min(), y.min(), right - left - x.max(), bottom - top - y.max()) == pytest.approx((1, 1, 1, 1), abs=3)
        dark[top:bottom, left:right] = False
    assert not dark.any()


@pytest.mark.parametrize("name", CONDITIONS)
def test_every_condition_can_be_drawn_with_all_digits_in_the_picture(name: str) -> None:
    rng = np.random.default_rng(5)
    recipe = CONDITIONS[name](Recipe(), rng)
    shrunk = 0.4 if recipe.height[0] > 20 else 1.0
    small = replace(
        recipe,
        size=(round(recipe.size[0] * shrunk), round(recipe.size[1] * shrunk)),
        height=(recipe.height[0] * shrunk, recipe.height[1] * shrunk),
        rows=min(2, recipe.rows),
    )
    drawn = draw(name, (name,), small, rng)
    h, w = drawn.picture.shape[:2]
    assert all(d.box[0] > 0 and d.box[1] > 0 and d.box[2] < w and d.box[3] < h for d in drawn.digits)
    assert bool(drawn.digits) == (name != "no-digits")
    assert ["".join(d.label for d in row) for _, row in drawn.rows] == [line.replace(" ", "") for line, _ in drawn.rows]


def test_a_board_is_light_on_dark() -> None:
    drawn = draw("p", (), replace(SMALL, board=True, fills=(1.1, 1.1)), np.random.default_rng(1))
    assert np.median(drawn.picture) < 90 < 150 < drawn.picture.max()


def test_the_truth_says_what_is_written() -> None:
    item = truth_item(page(("1", (1, 2, 4, 9)), ("7", (10, 2.25, 14, 9))))
    assert item["lines"] == ["17"]
    assert item["boxes"] == [[["1", 1, 2, 3, 7], ["7", 10, 2.2, 4, 6.8]]]
    assert (item["kind"], truth_item(page())["kind"]) == ("page", "negative")


def test_the_program_prints_figures_and_keeps_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = draw("0000-plain", ("plain",), SMALL, np.random.default_rng(1))
    monkeypatch.setattr(pages, "draw_numbered", lambda number, seed: drawn)
    monkeypatch.setattr(
        sys, "argv", ["pages.py", "--pages", "1", "--out", str(tmp_path), "--json", str(tmp_path / "f.json")]
    )
    threads = cv2.getNumThreads()
    try:
        pages.main()
    finally:
        cv2.setNumThreads(threads)
    assert capsys.readouterr().out.splitlines()[1].startswith("all ")
    truth = json.loads((tmp_path / "truth.json").read_text())
    assert truth[0]["lines"] == [line for line, _ in drawn.rows]
    assert (tmp_path / truth[0]["file"]).is_file()
    told = json.loads((tmp_path / "f.json").read_text())
    assert told["thorough"]["all"]["found"]["value"] == 1.0
