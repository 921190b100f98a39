"""A clip from file to records: digits keep their tracks while the page moves, and one bad frame changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.measure import read_set
from realtime.values import Box
from realtime.video_journey import Wanted, read_clip
from tests.realtime.making import sheet, write_clip

HIDDEN = 12


def frames(count: int = 24) -> list[NDArray[np.uint8]]:
    """The sheet under a hand that drifts and turns a little; in one frame something lies on the 4."""
    made = []
    for k in range(count):
        turn = cv2.getRotationMatrix2D((320, 240), 0.15 * k, 1 + 0.002 * k)
        turn[:, 2] += (2 * k, k)
        shown = np.asarray(cv2.warpAffine(sheet(), turn, (640, 480), borderMode=cv2.BORDER_REPLICATE), np.uint8)
        if k == HIDDEN:
            cv2.circle(shown, (215, 150), 75, (120, 150, 200), cv2.FILLED)
        made.append(shown)
    return made


def test_digits_of_a_clip_keep_their_tracks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip, out = write_clip(tmp_path / "clip.mp4", frames()), tmp_path / "clip.jsonl"
    read_clip(str(clip), Wanted(jsonl=str(out)))
    records = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [r["lines"][0]["text"].replace(" ", "") for r in records] == ["147"] * 24
    digits = [[d for n in r["lines"][0]["numbers"] for d in n["digits"]] for r in records]
    assert {tuple(d["track"] for d in each) for each in digits} == {(0, 1, 2)}
    before, hidden, after = (Box(*digits[k][1]["box"]) for k in (HIDDEN - 1, HIDDEN, HIDDEN + 1))
    assert before.x <= hidden.x <= after.x
    assert capsys.readouterr().out.count("\n") == 1  # the reading never changed


def test_a_score_follows_the_digits_of_each_video_anew(tmp_path: Path) -> None:
    from realtime import open_reader
    from realtime.layout import LayoutSettings
    from realtime.track import Tracker

    for name in ("a.mp4", "b.mp4"):
        write_clip(tmp_path / name, frames(3))
    truth = [{"file": name, "kind": "video", "lines": ["147"]} for name in ("a.mp4", "b.mp4")]
    reader = open_reader(live=True)
    records = read_set(truth, tmp_path, reader, lambda: reader, {}, follow=lambda: Tracker(LayoutSettings()))
    for found in records.values():
        numbers = found[2]["lines"][0]["numbers"]
        assert [d["track"] for n in numbers for d in n["digits"]] == [0, 1, 2]
