"""Live, video and scan with a region; live while nobody watches: recorded, passed on, held where it cannot be."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from realtime.clips import open_clip
from realtime.live import Timed
from realtime.outputs import write_picture
from realtime.plausible import FALLS
from tests.realtime.making import FakeReader, Picture, picture, sheet, write_clip
from tests.realtime.test_cli import ROOT, digits, records
from tests.realtime.test_window import read_so_far, until

pytestmark = pytest.mark.slow  # cameras are waited for by the clock


def meter(text: str) -> Picture:
    """A page with a number of 1s and 7s, large."""
    page = np.full((240, 480, 3), 225, np.uint8)
    for i, digit in enumerate(text):
        x = 60 + 110 * i
        strokes = {
            "1": [(x + 20, 90), (x + 50, 50), (x + 50, 180)],
            "7": [(x, 55), (x + 70, 55), (x + 20, 180)],
        }[digit]
        cv2.polylines(page, [np.array(strokes, np.int32)], False, (40, 30, 30), 10, cv2.LINE_AA)
    return page


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", [sheet()] * 6)


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clip") / "long.mp4", [sheet(240, 400)] * 1500)


def texts(text: str) -> list[str]:
    return [" | ".join(line["text"] for line in r["lines"]) for r in records(text)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("command", [("live", "--no-window"), ("video",), ("scan",)])
def test_a_region_is_all_that_is_read(command: tuple[str, ...], clip: Path, tmp_path: Path) -> None:
    write_picture(tmp_path / "sheet.png", sheet())
    source = tmp_path / "sheet.png" if command[0] == "scan" else clip
    for roi, text in (("240,40,160,200", "7"), ("0,0,40%,60%", "14")):
        done = digits(*command, source, "--roi", roi, "--jsonl", "-")
        assert (done.returncode, set(texts(done.stdout))) == (0, {text}), done.stderr
        record = records(done.stdout)[0]
        assert record["source"]["width"] == 640  # type: ignore[index]
    outside = digits(*command, source, "--roi", "600,0,100,100", "--jsonl", tmp_path / "no.jsonl")
    assert outside.returncode == 2
    assert outside.stderr == (
        "error: --roi 600,0,100,100: reaches outside the picture of 640x480; choose a part of it\n"
    )
    assert digits(*command, source, "--roi", "1,2,3").returncode == 2


def test_a_photograph_without_the_region_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    for name, shown in (("a.png", sheet()), ("b.png", picture()), ("c.png", sheet())):
        write_picture(tmp_path / name, shown)
    done = digits("scan", tmp_path, "--roi", "240,40,160,200", "--jsonl", "-")
    assert done.returncode == 3
    assert f"error: {tmp_path / 'b.png'}: --roi 240,40,160,200: reaches outside the picture of 160x120" in done.stderr
    assert texts(done.stdout) == ["7", "", "7"]


def test_live_records_a_video_of_what_is_read(clip: Path, tmp_path: Path) -> None:
    done = digits("live", clip, "--no-window", "--record", tmp_path / "seen.mp4")
    assert (done.returncode, done.stderr) == (0, "6 frames read\n")
    with open_clip(str(tmp_path / "seen.mp4")) as frames:
        shown = [*frames]
    assert len(shown) == 6
    green = shown[0].image[:, :, 1].astype(int) - shown[0].image[:, :, 2]
    assert green.max() > 100  # boxes
    assert digits("live", clip, "--no-window", "--record", tmp_path / "seen.avi").returncode == 2
    assert digits("live", clip, "--no-window", "--record", clip).returncode == 2
    both = digits("live", clip, "--no-window", "--record", tmp_path / "x.mp4", "--jsonl", tmp_path / "x.mp4")
    assert "is named for two outputs" in both.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals of Unix")
@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_recording_that_is_interrupted_can_be_played(how: int, code: int, long: Path, tmp_path: Path) -> None:
    command = ["live", str(long), "--no-window", "--record", "seen.mp4", "--jsonl", "r.jsonl"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    live = subprocess.Popen(
        [sys.executable, "-m", "realtime", *command], cwd=tmp_path, env=environment, stdout=-3, stderr=-3
    )
    try:
        until(lambda: read_so_far(tmp_path) > 20)
        live.send_signal(how)
        assert live.wait(30) == code
    finally:
        live.kill()
        live.wait()
    with open_clip(str(tmp_path / "seen.mp4")) as frames:
        assert len([*frames]) >= 20
    assert not [*tmp_path.glob(".*.part")]


@pytest.mark.skipif(sys.platform == "win32", reason="the command is for a shell of Unix")
def test_a_meter_is_passed_on_and_held_where_it_falls(tmp_path: Path) -> None:
    shown = [meter(text) for text in ("117", "111", "171") for _ in range(14)]  # what changes is voted on for a while
    clip = write_clip(tmp_path / "meter.mp4", shown, [0.5 * i for i in range(42)])
    keep = f"cat >> {tmp_path / 'told.jsonl'}"
    done = digits("live", clip, "--no-window", "--never-falls", "--on-change", keep, "--jsonl", tmp_path / "r.jsonl")
    assert (done.returncode, done.stderr) == (0, "42 frames read\n")
    numbers = [r["lines"][0]["numbers"][0] for r in map(json.loads, (tmp_path / "r.jsonl").read_text().splitlines())]
    assert [numbers[i]["text"] for i in (0, 13, 20, 27, 34, 41)] == ["117", "117", "111", "111", "171", "171"]
    assert [FALLS in numbers[i]["reasons"] for i in (13, 27, 41)] == [False, True, False]
    assert [line.split()[-1] for line in done.stdout.splitlines()] == ["117", "171"]
    assert texts((tmp_path / "told.jsonl").read_text())[-1] == "171"
    assert "111" not in texts((tmp_path / "told.jsonl").read_text())


@pytest.mark.skipif(sys.platform == "win32", reason="the command is for a shell of Unix")
def test_a_command_keeps_stdout_clean_for_records(clip: Path) -> None:
    done = digits("live", clip, "--no-window", "--on-change", "echo hello", "--jsonl", "-")
    assert {r["schema"] for r in records(done.stdout)} == {"digits.record/1"}
    assert "hello" in done.stderr
    assert "hello" in digits("live", clip, "--no-window", "--on-change", "echo hello").stdout


def test_a_timed_reader_tells_how_long_the_last_picture_took() -> None:
    ticks = iter([10.0, 10.021, 20.0, 20.5])
    timed = Timed(FakeReader(), lambda: next(ticks))
    assert timed.seconds == 0
    assert timed.read(picture(77)).text == "77"
    assert timed.seconds == pytest.approx(0.021)
    timed.read(picture())
    assert timed.seconds == pytest.approx(0.5)


def test_a_rate_that_is_none_is_refused(clip: Path) -> None:
    done = digits("live", clip, "--no-window", "--at-most", "20 a week")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: --at-most 20 a week: is no rate")
