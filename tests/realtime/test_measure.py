"""Reading what a truth file names."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from models.errors import UnreadableError, UsageError
from realtime.measure import parse_records, read_records, read_set, read_truth
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
    records = read_set(read_truth(folder), folder, FakeReader(), FakeReader, MODEL, lambda: told.append(1))
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
    records = read_set(read_truth(folder), folder, SaysReader("1"), lambda: SaysReader("2"), MODEL)
    assert records["a.png"][0]["lines"][0]["text"] == "1"
    assert {r["lines"][0]["text"] for r in records["clip.mp4"].values()} == {"2"}


@pytest.mark.parametrize("text", ["", "{}x", "{}", "[]", "null", "7"])
def test_a_truth_file_that_is_none_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "truth.json").write_text(text)
    with pytest.raises(UsageError, match=r"truth\.json: is no list of .*; mend it"):
        read_truth(tmp_path)


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        (1, 'is no {"file", "kind", "lines"}'),
        ({"kind": "page", "lines": []}, '"file" must be the name of a file'),
        ({"file": 3, "kind": "page"}, '"file" must be the name of a file'),
        ({"file": "b.png"}, '"kind" (of b.png) must be one of page, single, negative, video'),
        ({"file": "b.png", "kind": "sheet"}, '"kind" (of b.png) must be one of page, single, negative, video'),
        ({"file": "b.png", "kind": "page"}, '"lines" (of b.png) is missing'),
        ({"file": "b.png", "kind": "page", "lines": None}, '"lines" (of b.png) is missing'),
        ({"file": "b.png", "kind": "page", "lines": [1]}, '"lines" (of b.png) must be a list of texts'),
        ({"file": "b.png", "kind": "single", "lines": "1"}, '"lines" (of b.png) must be a list of texts'),
        ({"file": "b.mp4", "kind": "video", "fps": "x"}, '"fps" (of b.mp4) must be a number'),
        ({"file": "b.mp4", "kind": "video", "frames": 1.5}, '"frames" (of b.mp4) must be a whole number'),
        (
            {"file": "b.mp4", "kind": "video", "all_visible_frames": [1, 2]},
            '"all_visible_frames" (of b.mp4) must be a list of pairs of frames',
        ),
        ({"file": "b.png", "kind": "single", "conditions": [["dark"]]}, '"conditions" (of b.png) must be a list of'),
        ({"file": "b.png", "kind": "single", "optional": 7}, '"optional" (of b.png) must be a text'),
    ],
)
def test_an_item_of_a_truth_file_that_is_none_is_named(item: object, fault: str, tmp_path: Path) -> None:
    (tmp_path / "truth.json").write_text(json.dumps([TRUTH[0], item]))
    with pytest.raises(UsageError, match=re.escape(f"truth.json: item 2: {fault}")):
        read_truth(tmp_path)


def test_what_may_be_left_out_or_null_is_taken(tmp_path: Path) -> None:
    items = [
        {"file": "a.png", "kind": "negative"},
        {"file": "a.mp4", "kind": "video", "lines": None, "fps": None, "frames": None, "all_visible_frames": None},
        {"file": "b.png", "kind": "page", "lines": [], "conditions": None, "source": None, "order": None},
    ]
    (tmp_path / "truth.json").write_text(json.dumps(items))
    truth = read_truth(tmp_path)
    assert truth == items
    assert score(truth, {})["page"]["no_record"] == 1


def test_records_that_are_not_utf_8_are_named(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text("{}", encoding="utf-16")
    with pytest.raises(UsageError, match=r"r\.jsonl: is not UTF-8 text; make the file anew with --jsonl"):
        read_records(tmp_path / "r.jsonl", TRUTH)


def test_records_that_are_missing_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"r\.jsonl: cannot be read"):
        read_records(tmp_path / "r.jsonl", TRUTH)


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
