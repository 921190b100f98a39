"""Clips of pages under a moving camera: what is in them, and which of their frames count."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.clips import HARDSHIPS, HEIGHT, WIDTH, Hardship, fit, make, pose, shots, spans, stage
from realtime.clips import open_clip
from realtime.measure import truth_fault
from tests.realtime.making import sheet


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


@pytest.mark.parametrize("hardship", HARDSHIPS.values(), ids=HARDSHIPS)
def test_the_middle_of_the_page_stays_in_view(hardship: Hardship) -> None:
    seen = stage(sheet(), hardship, rng())
    h, w = seen.page.shape[:2]
    part = np.array([[(0.15 * w, 0.15 * h), (0.85 * w, 0.15 * h), (0.85 * w, 0.85 * h), (0.15 * w, 0.85 * h)]])
    for t in np.arange(0, 6, 0.1):
        placed = cv2.perspectiveTransform(part, pose(float(t), seen, hardship, np.zeros(2)))[0]
        assert (placed >= 0).all()
        assert (placed < (WIDTH, HEIGHT)).all()


def test_a_still_page_stands_still_and_a_held_one_does_not() -> None:
    def change(name: str) -> float:
        first, *_, last = shots(sheet(), HARDSHIPS[name], 0.4, rng())
        return float(cv2.blur(cv2.absdiff(first.image, last.image), (9, 9)).max())

    assert change("still") < 12
    assert change("hand-held") > 40


def test_frames_with_a_hand_in_them_do_not_count() -> None:
    made = list(shots(sheet(), Hardship(hands=1, rate=10), 2.4, rng()))
    hidden = [shot for shot in made if not shot.whole]
    assert 5 <= len(hidden) <= 10
    assert made[0].whole
    assert made[-1].whole
    assert all((shot.image[..., 2].astype(int) - shot.image[..., 0] > 50).any() for shot in hidden[1:-1])


def test_frames_are_dropped_and_the_others_keep_their_times() -> None:
    times = [shot.time for shot in shots(sheet(), Hardship(dropped=1.0), 1.5, rng())]
    assert times[0] == 0
    assert 5 < len(times) < 30
    assert set(times) < {k / 30 for k in range(45)}
    assert max(np.diff(times)) > 2 / 30


@pytest.mark.parametrize(
    ("whole", "runs"),
    [([], []), ([False], []), ([True, True], [[0, 1]]), ([True, False, True, True, False], [[0, 0], [2, 3]])],
)
def test_runs_of_frames_that_count(whole: list[bool], runs: list[list[int]]) -> None:
    assert spans(whole) == runs


def test_pages_that_nobody_could_follow_are_left_out() -> None:
    page: dict[str, object] = {"file": "a.jpg", "kind": "page", "lines": ["147"]}
    others: list[dict[str, object]] = [
        {"kind": "single"},
        {"order": "loose"},
        {"lines": ["12345"] * 21},
        {"conditions": ["rotated-90"]},
        {"lines": None},
    ]
    assert fit([page, *(page | other for other in others)]) == [page]


def test_a_clip_is_written_with_its_truth(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), sheet())
    item = {"file": "a.png", "kind": "page", "lines": ["147"]}
    (tmp_path / "truth.json").write_text(json.dumps([item]), encoding="utf-8")
    (truth,) = make(tmp_path, tmp_path / "out", ["five-a-second"], 8, 1.0)
    assert truth_fault(truth) is None
    assert (truth["lines"], truth["frames"], truth["all_visible_frames"]) == (["147"], 5, [[0, 4]])
    with open_clip(str(tmp_path / "out" / truth["file"])) as frames:
        read = [(frame.index, frame.image.shape, round(frame.time, 3)) for frame in frames]
    assert read == [(k, (HEIGHT, WIDTH, 3), k / 5) for k in range(5)]
