"""The stress set: every hardship of every page with its own truth, and several notes with that of all."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.stress import CONDITIONS, SEVERAL, TURNS, condition, harden, several_notes
from realtime.measure import read_truth
from realtime.outputs import write_picture
from realtime.sheets import PageSettings, find_sheets
from tests.realtime.table import PAGE

LINES = ("0247", "42", "70")


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    truth = []
    for i, line in enumerate(LINES):
        write_picture(tmp_path / f"p{i}.jpg", PAGE)
        truth.append({"file": f"p{i}.jpg", "kind": "page", "lines": [line], "count": len(line), "order": "strict"})
    truth.append({"file": "n.jpg", "kind": "negative", "lines": []})
    (tmp_path / "truth.json").write_text(json.dumps(truth))
    return tmp_path


def test_every_page_comes_in_every_condition_and_the_same_again(pages: Path, tmp_path: Path) -> None:
    assert harden(pages, tmp_path / "a", list(CONDITIONS)) == len(LINES) * len(CONDITIONS)
    harden(pages, tmp_path / "b", list(CONDITIONS))
    truth = read_truth(tmp_path / "a")
    assert {(item["conditions"][0], Path(item["file"]).stem) for item in truth} == {
        (name, f"p{i}") for name in CONDITIONS for i in range(3)
    }
    for item in truth:
        assert (tmp_path / "a" / item["file"]).read_bytes() == (tmp_path / "b" / item["file"]).read_bytes()
        if item["conditions"] != [SEVERAL]:
            assert item["lines"] == [LINES[int(Path(item["file"]).stem[1])]]


@pytest.mark.parametrize("name", TURNS)
def test_what_is_other_digits_upside_down_is_a_condition_of_its_own(name: str) -> None:
    assert condition(name, ["66666", "9"]) == condition(name, ["6081"]) == f"{name}-undecidable"
    assert condition(name, ["88", "10"]) == condition(name, ["66", "62"]) == condition(name, []) == name
    assert condition("blur", ["66666"]) == "blur"


def test_several_notes_have_the_truth_of_all_in_no_order(pages: Path, tmp_path: Path) -> None:
    harden(pages, tmp_path / "out", [SEVERAL])
    for item in read_truth(tmp_path / "out"):
        assert 2 <= len(item["lines"]) <= 4
        assert item["lines"][0] == LINES[int(Path(item["file"]).stem[1])]
        assert item["count"] == sum(len(line) for line in item["lines"])
        assert item["order"] == "loose"
        picture = np.asarray(cv2.imread(str(tmp_path / "out" / item["file"])), np.uint8)
        assert len(find_sheets(picture, PageSettings())) == len(item["lines"])


def test_notes_do_not_lie_on_each_other() -> None:
    notes = [np.full((200, 300, 3), 60 + 50 * i, np.uint8) for i in range(4)]
    table = several_notes(notes, np.random.default_rng(5))
    for i in range(4):
        kept = int((np.abs(table.astype(int) - (60 + 50 * i)).max(axis=2) < 6).sum())
        assert kept > 0.9 * (0.4 * 1600) * (0.4 * 1600 * 2 / 3)
