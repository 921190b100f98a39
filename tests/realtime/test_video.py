"""The journey of a clip: all outputs at once, whatever breaks on the way, and nothing that hangs."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from models.errors import OutputError, UnreadableError
from realtime import open_reader, video_journey
from realtime.clips import open_clip
from realtime.console import progress
from realtime.encoder import Encoder
from realtime.outputs import write_picture
from realtime.pipeline import Item, Sink
from realtime.reader import Reader
from realtime.values import Frame, Reading
from realtime.video_journey import Wanted, read_clip
from tests.realtime.making import Picture, reading, shades, sheet, write_clip, write_sounding_clip
from tests.realtime.test_cli import ROOT, digits, records
from tests.realtime.test_sources import with_rotation


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 5
    while not set(threading.enumerate()) <= before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert set(threading.enumerate()) <= before


class Counting(Reader):
    """Reads the number of the frame, 100 and on; fails at one of them."""

    def __init__(self, fault: BaseException | None = None, at: int = 10**9) -> None:
        real = open_reader(live=True)
        super().__init__(real._classifier)
        self.count, self.fault, self.at = 0, fault, at

    def read(self, picture: Picture) -> Reading:
        """Return the next number."""
        self.count += 1
        if self.fault is not None and self.count == self.at:
            raise self.fault
        return reading(str(99 + self.count), size=(picture.shape[1], picture.shape[0]))


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Counting:
    reader = Counting()
    monkeypatch.setattr(video_journey, "open_reader", lambda *_, **__: reader)
    monkeypatch.setattr(video_journey, "FrameReader", lambda reader: reader)
    monkeypatch.setattr(video_journey, "Tracker", lambda *_, **__: AsRead())
    return reader


class AsRead:
    """Follows nothing: what a frame reads is shown."""

    def carried(self, frame: Frame) -> None:
        return None

    def update(self, read: Reading, frame: Frame) -> Reading:
        return read

    def forget(self) -> None:
        pass


def frames_of(path: Path) -> list[Frame]:
    with open_clip(str(path)) as frames:
        return list(frames)


def all_outputs(folder: Path) -> Wanted:
    return Wanted(folder / "o.mp4", str(folder / "r.jsonl"), str(folder / "s.json"), folder / "s.srt")


def test_all_outputs_of_a_part_tell_the_same(tmp_path: Path) -> None:
    clip = write_sounding_clip(tmp_path / "a.mp4", [sheet()] * 25)
    out = {name: tmp_path / name for name in ("o.mp4", "r.jsonl", "s.csv", "s.srt")}
    done = digits(
        *("video", clip, "--from", "0.2", "--to", "0:00.6", "--every", 2, "--out", out["o.mp4"]),
        *("--jsonl", out["r.jsonl"], "--changes", "--summary", out["s.csv"], "--srt", out["s.srt"]),
    )
    assert (done.returncode, done.stderr) == (0, "5 frames read\n")
    (record,) = records(out["r.jsonl"].read_text())
    assert record["source"]["time_s"] == pytest.approx(0.2, abs=0.001)  # type: ignore[index]
    text = record["lines"][0]["text"]  # type: ignore[index]
    assert done.stdout == f"    0.20 s  {text}\n"
    assert out["s.csv"].read_text().splitlines()[1].startswith(f"{text},0.200,0.600,")
    assert out["s.srt"].read_text() == f"1\n00:00:00,200 --> 00:00:00,600\n{text}\n"
    assert [frame.time for frame in frames_of(out["o.mp4"])] == pytest.approx([0.0, 0.08, 0.16, 0.24, 0.32], abs=0.001)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["a.mp4", *out])


def test_stdout_carries_one_kind_of_data(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", [sheet()] * 6)
    done = digits("video", clip, "--summary", "-")
    assert done.stdout.startswith("number ")
    assert len(done.stdout.splitlines()) == 2
    assert digits("video", clip, "--summary", "-", "--jsonl", "-").returncode == 2


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_clip_comes_through_a_pipe(suffix: str, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / f"a{suffix}", [sheet()] * 6)
    command = [sys.executable, "-m", "realtime", "video", "-", "--jsonl", "-"]
    done = subprocess.run(
        command, input=clip.read_bytes(), capture_output=True, env=os.environ | {"PYTHONPATH": str(ROOT)}, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, b"6 frames read\n")
    assert [record["source"]["uri"] for record in records(done.stdout.decode())] == ["-"] * 6  # type: ignore[index]


def test_live_takes_recordings_too(tmp_path: Path) -> None:
    (tmp_path / "frames").mkdir()
    for i in range(3):
        write_picture(tmp_path / "frames" / f"{i}.png", sheet())
    data = write_clip(tmp_path / "a.mp4", [sheet()] * 3).read_bytes()
    for source in ("frames", "frames/%d.png", "-"):
        command = [sys.executable, "-m", "realtime", "live", source, "--no-window"]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=tmp_path, input=data, capture_output=True, env=environment, timeout=60)
        assert (done.returncode, done.stderr) == (0, b"3 frames read\n")
        assert len(done.stdout.splitlines()) == 1


def test_a_folder_with_a_bad_picture_gives_the_others_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "frames").mkdir()
    for i in range(4):
        write_picture(tmp_path / "frames" / f"{i}.png", sheet(241, 321))
    (tmp_path / "frames" / "2.png").write_text("no picture")
    done = digits("video", "frames", "--fps", 5, "--out", "o.mp4", "--jsonl", "r.jsonl", cwd_folder=tmp_path)
    assert done.returncode == 3
    assert done.stderr.splitlines()[0] == "3 frames read"
    assert done.stderr.splitlines()[1].startswith("error: 1 of 4 pictures cannot be read; the first: frames/2.png: is")
    assert len(records((tmp_path / "r.jsonl").read_text())) == 3
    written = frames_of(tmp_path / "o.mp4")
    assert [frame.time for frame in written] == pytest.approx([0.0, 0.2, 0.6], abs=0.001)
    assert written[0].image.shape == (242, 322, 3)


def test_of_a_broken_clip_all_outputs_are_whole(counting: Counting, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (25, 48, 64, 3), np.uint8)
    whole = write_clip(tmp_path / "whole.mp4", list(noise)).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) * 6 // 10])
    with pytest.raises(UnreadableError, match=r"cut\.mp4: is damaged or cut short after frame"):
        read_clip(str(tmp_path / "cut.mp4"), all_outputs(tmp_path))
    count = counting.count
    assert 3 <= count < 25
    assert len(frames_of(tmp_path / "o.mp4")) == count
    assert len((tmp_path / "r.jsonl").read_text().splitlines()) == count
    assert (tmp_path / "s.srt").read_text().count("-->") == count
    assert json.loads((tmp_path / "s.json").read_text())["schema"] == "digits.summary/1"


@pytest.mark.parametrize("fault", [ValueError("odd"), OutputError("the disk is full"), MemoryError()], ids=repr)
@pytest.mark.parametrize("at", [1, 30])
def test_a_reader_that_fails_ends_all_at_once(
    fault: BaseException, at: int, counting: Counting, tmp_path: Path
) -> None:
    clip = write_clip(tmp_path / "a.mp4", [*shades(25), *shades(25)])
    counting.fault, counting.at = fault, at
    with pytest.raises(type(fault)) as caught:
        read_clip(str(clip), all_outputs(tmp_path))
    assert caught.value is fault
    assert list(tmp_path.iterdir()) == [clip]


@pytest.mark.parametrize("at", [1, 30])
def test_an_encoder_that_fails_ends_all_at_once(
    at: int, counting: Counting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = write_clip(tmp_path / "a.mp4", [*shades(25), *shades(25)])
    write = Encoder.write

    def fails(self: Encoder, picture: Picture, seconds: float) -> None:
        if round(seconds * 25) + 1 >= at:
            raise OutputError("o.mp4: cannot be written (no space left on device)")
        write(self, picture, seconds)

    monkeypatch.setattr(Encoder, "write", fails)
    with pytest.raises(OutputError, match="no space left"):
        read_clip(str(clip), all_outputs(tmp_path))
    assert counting.count <= at + 6, "it was read on though nothing could be written"
    assert list(tmp_path.iterdir()) == [clip]


def test_an_encoder_that_cannot_finish_leaves_nothing(
    counting: Counting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = write_clip(tmp_path / "a.mp4", shades(9))

    def fails(self: Encoder) -> None:
        raise OutputError("o.mp4: cannot be written (no space left on device)")

    monkeypatch.setattr(Encoder, "finish", fails)
    with pytest.raises(OutputError, match="no space left"):
        read_clip(str(clip), Wanted(tmp_path / "o.mp4"))
    assert list(tmp_path.iterdir()) == [clip]


def test_a_preview_that_is_closed_ends_the_clip_there(
    counting: Counting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = write_sounding_clip(tmp_path / "a.mp4", [*shades(25), *shades(25)])
    shown: list[Item] = []

    @contextmanager
    def closed(name: str, *_: object) -> Iterator[Sink]:
        assert name == "a.mp4"

        def sink(item: Item) -> bool:
            shown.append(item)
            return len(shown) < 12

        yield sink

    monkeypatch.setattr(video_journey, "require_display", lambda otherwise: None)
    monkeypatch.setattr(video_journey, "live_window", closed)
    read_clip(str(clip), Wanted(tmp_path / "o.mp4", str(tmp_path / "r.jsonl"), show=True))
    assert len(frames_of(tmp_path / "o.mp4")) == 12
    assert len((tmp_path / "r.jsonl").read_text().splitlines()) == 12
    import av

    with av.open(str(tmp_path / "o.mp4")) as container:
        sound = [float((p.pts or 0) * p.time_base) for p in container.demux(audio=0) if p.pts is not None]
    assert 0.3 < sound[-1] < 0.48


def test_times_that_come_unevenly_and_rotation_are_kept(counting: Counting, tmp_path: Path) -> None:
    times = [0.0, 0.04, 0.08, 0.2, 0.5, 1.0, 1.1]
    plain = write_clip(tmp_path / "a.mp4", shades(7, 48, 64), times)
    plain.write_bytes(with_rotation(plain.read_bytes(), 90))
    read_clip(str(plain), Wanted(tmp_path / "o.mp4"))
    written = frames_of(tmp_path / "o.mp4")
    assert [frame.time for frame in written] == pytest.approx(times, abs=0.001)
    assert written[0].image.shape == (64, 48, 3)


def test_colours_are_what_they_were(counting: Counting, tmp_path: Path) -> None:
    patches = np.zeros((64, 96, 3), np.uint8)
    for i, colour in enumerate(
        [(200, 40, 30), (30, 180, 40), (40, 30, 190), (30, 180, 190), (180, 170, 30), (90,) * 3]
    ):
        patches[:, 16 * i : 16 * i + 16] = colour
    counting.read = lambda picture: Reading((96, 64))  # type: ignore[method-assign]
    clip = write_clip(tmp_path / "a.mp4", [patches] * 3)
    read_clip(str(clip), Wanted(tmp_path / "o.mp4"))
    before, after = (frames_of(path)[1].image.astype(int) for path in (clip, tmp_path / "o.mp4"))
    middles = [8 + 16 * i for i in range(6)]
    assert np.abs(before[:, middles] - after[:, middles]).max() <= 8


def test_progress_tells_how_fast_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "120")
    with progress(400, "frames", "fps") as done:
        deadline = time.monotonic() + 20
        while " fps" not in terminal.getvalue() and time.monotonic() < deadline:
            done()
            time.sleep(0.01)
    assert " fps" in terminal.getvalue()
    assert "/400" in terminal.getvalue()


@pytest.mark.skipif(sys.platform == "win32", reason="signals are of Unix")
def test_ctrl_c_ends_a_pipe_in_which_nothing_comes_and_leaves_what_was_read(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (40, 96, 128, 3), np.uint8)
    data = write_clip(tmp_path / "a.mp4", list(noise)).read_bytes()
    command = [sys.executable, "-m", "realtime", "video", "-", "--out", "o.mp4", "--jsonl", "r.jsonl"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin is not None
    process.stdin.write(data[: len(data) // 2])
    process.stdin.flush()
    part = tmp_path / f".r.jsonl.{process.pid}.part"
    deadline = time.monotonic() + 60
    while not (part.exists() and part.read_text().count("\n") >= 3) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)  # what came is read by now, and the rest is waited for
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=30)[1].decode().splitlines()
    assert time.monotonic() - began < 5
    assert process.returncode == 130
    count = len(records((tmp_path / "r.jsonl").read_text()))
    assert told == [f"{count} frames read", "interrupted"]
    assert len(frames_of(tmp_path / "o.mp4")) == count
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "o.mp4", "r.jsonl"]


def test_changes_are_recorded_once(counting: Counting, tmp_path: Path) -> None:
    texts = iter(["1", "1", "2", "2", "2", "1"])
    counting.read = lambda picture: reading(next(texts))  # type: ignore[method-assign]
    clip = write_clip(tmp_path / "a.mp4", shades(6))
    read_clip(str(clip), Wanted(jsonl=str(tmp_path / "r.jsonl"), changes=True))
    lines = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text().splitlines()]
    assert [(line["source"]["index"], line["lines"][0]["text"]) for line in lines] == [(0, "1"), (2, "2"), (5, "1")]
