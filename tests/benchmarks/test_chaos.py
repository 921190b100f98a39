"""The programs that let cameras fail for a long time: what they count, and a short run of each."""

from __future__ import annotations

import json
import mmap
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import chaos, soak
from benchmarks.chaos import Result
from benchmarks.process import Held, held
from realtime.values import WAITING, Event, Frame, Reading, Scene
from tests.fakecam.device import missing

ROOT = Path(__file__).parents[2]
needs_device = pytest.mark.skipif(bool(missing()), reason=missing() or "-")


@needs_device
def test_what_a_process_holds_is_counted() -> None:
    before = held()
    with open(__file__):
        assert held().handles == before.handles + 1
    memory = mmap.mmap(-1, 30 * 2**20)  # new pages, where an array may be given some that lie free
    np.frombuffer(memory, np.uint8)[:] = 1
    assert held().megabytes > before.megabytes + len(memory) / 2**20 - 5


def test_chaos_tells_what_recovered_and_what_grew() -> None:
    results = [Result("stall", "camera", 1.0), Result("stall", "stream", 3.0), Result("unplug", "camera", None)]
    figures = chaos.report(results, Held(5, 7, 90.0), Held(6, 7, 95.5))
    assert figures["faults"]["stall"] == {"faults": 2, "recovered": 2, "median_s": 2.0, "max_s": 3.0}
    assert figures["faults"]["unplug"] == {"faults": 1, "recovered": 0}
    rows = chaos.text(figures).splitlines()
    assert ["unplug", "1", "0"] in [row.split() for row in rows]
    assert ["threads", "5", "6"] in [row.split() for row in rows]


def test_a_slope_is_told_from_noise_and_leaves_out_the_warm_up() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 600)
    seconds = np.arange(600.0)
    grows = np.stack([seconds, 100 + 2 * seconds / 3600 + noise + np.where(seconds < 60, 50, 0)], axis=1)
    assert soak.slope(grows) == pytest.approx(2, abs=0.8)
    assert soak.slope(grows[:1]) == 0


def test_a_diary_counts_frames_and_their_age() -> None:
    diary = soak.Diary(60.0)
    picture = np.zeros((4, 4, 3), np.uint8)
    now = diary._until - 60.0
    for index in range(10):
        assert diary(Scene(Frame(picture, index, 0.0, "camera:0", now - 0.1), Reading((4, 4))))
        assert diary(Event(0.0, WAITING, is_news=False))
    told = soak.figures(diary, given=11, lost=1)
    assert (told["read"], told["given"], told["stalls"]) == (10, 12, 0)
    assert told["age_ms"]["p50"] >= 100
    assert not soak.Diary(-1.0)(Event(0.0, WAITING, is_news=False))


def test_the_page_moves_and_comes_back() -> None:
    page = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)
    moved = soak.film(page, count=6)
    assert moved.shape == (6, 40, 60, 3)
    assert (moved[0] == page).all()
    assert (moved[1] == moved[5]).all()
    assert not (moved[1] == page).all()


@pytest.mark.slow
@needs_device
@pytest.mark.parametrize(
    ("program", "args"), [("chaos.py", ("--each", "2")), ("soak.py", ("--minutes", "0.2", "--fps", "5"))]
)
def test_the_programs_run(program: str, args: tuple[str, ...], tmp_path: Path) -> None:
    command = [sys.executable, f"benchmarks/{program}", *args, "--json", str(tmp_path / "told.json")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / "told.json").read_text())
    if program == "chaos.py":
        assert {row["recovered"] for row in told["faults"].values()} == {2}
    else:
        assert told["read"] > 5
