"""Reading what a truth file names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from models.errors import UsageError
from realtime.measure import read_records, read_set, read_truth
from realtime.outputs import write_picture
from realtime.score import score
from realtime.values import Reading
from tests.realtime.making import MODEL, FakeReader, Picture, picture, reading, write_clip

TRUTH: list[dict[str, Any]] = [
    {"file": "a.png", "kind": "page", "lines": ["120"]},
    {"file": "clip.mp4", "kind": "video", "lines": ["90"], "frames": 4, "fps": 2},
    {"file": "gone.png", "kind": "single", "lines": ["1"]},
    {"file": "gone.mp4", "kind": "video", "lines": ["1"], "frames": 2},
]


class SaysReader:
    """Reads the same text in every picture."""

    def __init__(self, text: str) -> None:
        self._text = text

    def read(self, picture: Picture) -> Reading:
        return reading(self._text)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_picture(tmp_path / "a.png", picture(120))
    write_clip(tmp_path / "clip.mp4", [picture(90)] * 4)
    (tmp_path / "truth.json").write_text(json.dumps(TRUTH))
    return tmp_path


def test_every_file_is_read_and_a_missing_one_is_an_error_and_no_end(folder: Path) -> None:
    told: list[int] = []
    records = read_set(read_truth(folder), folder, FakeReader(), FakeReader(), MODEL, lambda: told.append(1))
    assert len(told) == 4
    assert sorted(records["clip.mp4"]) == [0, 1, 2, 3]
    assert records["a.png"][0]["lines"][0]["text"] == "120"
    assert [name for name, found in records.items() if any(r["error"] for r in found.values())] == [
        "gone.png",
        "gone.mp4",
    ]
    figures = score(TRUTH, records)
    assert figures["page"]["page_exact"] == 1.0
    assert figures["single"]["errors"] == figures["video"]["errors"] == 1


def test_videos_are_read_the_fast_way_and_pictures_the_thorough_one(folder: Path) -> None:
    records = read_set(read_truth(folder), folder, SaysReader("1"), SaysReader("2"), MODEL)
    assert records["a.png"][0]["lines"][0]["text"] == "1"
    assert {r["lines"][0]["text"] for r in records["clip.mp4"].values()} == {"2"}


@pytest.mark.parametrize("text", ["", "{}x", '[{"file": 3, "kind": "page"}]', '[{"kind": "page"}]', "[1]", "7"])
def test_a_truth_file_that_is_none_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "truth.json").write_text(text)
    with pytest.raises(UsageError, match=r"truth\.json: is no list of .*; mend it"):
        read_truth(tmp_path)


def test_records_that_are_missing_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"r\.jsonl: cannot be read"):
        read_records(tmp_path / "r.jsonl", TRUTH)
