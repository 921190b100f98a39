"""The benchmark of clips: what it films, and that what it tells comes out of real runs."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from benchmarks import video
from realtime import open_reader, video_journey
from realtime.clips import open_clip


@pytest.fixture(scope="module")
def paper() -> video.Picture:
    return video.page(1)


def test_the_page_has_twenty_digits(paper: video.Picture) -> None:
    read = open_reader(live=True).read(video.seen(paper, 0.0))
    assert len(read.digits) == 20


def test_a_moving_page_moves_and_a_still_one_only_has_noise(paper: video.Picture) -> None:
    for moving, least, most in ((True, 3.0, 60.0), (False, 1.0, 3.0)):
        first, last = (frame for i, frame in enumerate(video.frames(paper, moving, 16, 1)) if i in (0, 15))
        difference = float(np.abs(first.astype(int) - last).mean())
        assert least < difference < most, moving


def test_it_tells_what_real_runs_took_and_leaves_the_journey_as_it_was(paper: video.Picture, tmp_path: Path) -> None:
    clip, opened = tmp_path / "clip.mp4", vars(video_journey)["open_reader"]
    video.write(clip, itertools.islice(video.frames(paper, True, 6, 1), 6))
    found = video.measured(clip, open_reader(live=True), 1, tmp_path)
    assert (found["frames"], found["digits"]) == (6, 20.0)
    assert set(found["ratios"]) == set(video.RATIOS)
    assert all(ms > 0 for ms in [*found["ms"].values(), *found["ratios"].values()])
    assert found["cpu_ms"]["records"] > found["cpu_ms"]["records, recalled"]
    with open_clip(str(tmp_path / "out.mp4")) as frames:
        assert len(list(frames)) == 6
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 6
    assert vars(video_journey)["open_reader"] is opened
    assert "moving: 6 frames" in video.text({"machine": "here", "clips": {"moving": found}})
