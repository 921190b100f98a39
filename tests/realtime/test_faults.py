"""Every fault a user can meet: one line that names the thing and the remedy, its exit code, nothing half-written."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.classifier import DEFAULT_MODEL
from realtime.outputs import write_picture
from tests.realtime.making import picture, sheet, write_clip
from tests.realtime.test_cli import ROOT, digits, records
from tests.realtime.test_pictures import png_bomb

JPEG = cv2.imencode(".jpg", sheet())[1].tobytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one good picture, one good clip and every kind of bad file."""
    write_picture(tmp_path / "good.png", sheet())
    write_clip(tmp_path / "good.mp4", [sheet()] * 3)
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "cut.jpg").write_bytes(JPEG[: len(JPEG) // 2])
    (tmp_path / "text.jpg").write_text("shopping list")
    (tmp_path / "bomb.png").write_bytes(png_bomb(50_000, 50_000))
    (tmp_path / "text.mp4").write_text("shopping list\n" * 40)
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "nothing").mkdir()
    return tmp_path


def ended(done: subprocess.CompletedProcess[str], code: int, *says: str) -> None:
    """Hold a finished command against its exit code and its one line on stderr."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    for words in says:
        assert words in done.stderr


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (("scan", "gone.jpg"), 2, "gone.jpg: does not exist; check the path"),
        (("scan", "good.png", "gone.jpg"), 2, "gone.jpg: does not exist"),
        (("video", "gone.mp4"), 2, "gone.mp4: does not exist"),
        (("live", "gone.mp4"), 2, "gone.mp4: does not exist"),
        (("score", "nothing"), 2, "truth.json: cannot be read"),
        (("scan", "nothing"), 4, "nothing: no pictures in it; name photographs"),
        (("scan", "empty.jpg"), 4, "empty.jpg: is empty (0 bytes)"),
        (("scan", "cut.jpg"), 4, "cut.jpg: is truncated"),
        (("scan", "text.jpg"), 4, "text.jpg: is not a picture"),
        (("scan", "bomb.png"), 4, "bomb.png: declares 50000x50000 pixels"),
        (("scan", "good.mp4"), 4, "good.mp4: is a video; read it with"),
        (("video", "good.png"), 4, "good.png: is a picture, not a video"),
        (("video", "nothing"), 4, "nothing: has no pictures in it"),
        (("video", "text.mp4"), 4, "text.mp4: cannot be read as a video"),
        (("video", "empty.mp4"), 4, "empty.mp4: is empty"),
        (("video", "f%04d.png"), 2, "f%04d.png: no file fits it"),
        (("video", "rtsp://cam/1", "--out", "a.mp4"), 2, "rtsp://cam/1: is a live stream, not a recording"),
        (("video", "http://127.0.0.1:9/a.mp4"), 4, "http://127.0.0.1:9/a.mp4: cannot be read as a video (connection"),
        (("video", "good.mp4", "--from", "9"), 2, "good.mp4: has no frame from 9 s on"),
        (("video", "good.mp4", "--from", "x"), 2, "--from x: is no time"),
        (("video", "good.mp4", "--from", "2", "--to", "1"), 2, "--from 2 --to 1: nothing lies between"),
        (("video", "good.mp4", "--every", "0"), 2, "--every 0: no frame would be read"),
        (("video", "good.mp4", "--fps", "5"), 2, "good.mp4: has times of its own; leave out --fps"),
        (("video", "good.mp4", "--changes"), 2, "--changes: says which records are written; add --jsonl"),
        (("video", "good.mp4", "--summary", "a.xml"), 2, "a.xml: names no form"),
        (("video", "good.mp4", "--summary", "none/a.csv"), 1, "none/a.csv: cannot be written, there is no folder"),
        (("video", "good.mp4", "--srt", "a.txt"), 2, "a.txt: the subtitles are SubRip"),
        (("video", "good.mp4", "--srt", "good.mp4"), 2, "good.mp4: is an input and would be overwritten"),
        (("video", "good.mp4", "--summary", "a.json", "--jsonl", "a.json"), 2, "a.json: is named for two outputs"),
        (("live", "text.mp4", "--no-window"), 4, "text.mp4: cannot be read as a video"),
        (("video", "good.mp4", "--out", "none/a.mp4"), 1, "none/a.mp4: cannot be written, there is no folder"),
        (("video", "good.mp4", "--out", "nothing"), 2, "give it a name in .mp4"),
        (("video", "good.mp4", "--out", "good.mp4"), 2, "good.mp4: is an input and would be overwritten"),
        (("video", "good.mp4", "--jsonl", "none/a"), 1, "none/a: cannot be written, there is no folder"),
        (("scan", "good.png", "--jsonl", "good.png"), 2, "good.png: is an input and would be overwritten"),
        (("scan", "good.png", "--jsonl", "nothing"), 1, "nothing: is a folder; name a file"),
        (("scan", "good.png", "--annotated", "text.jpg"), 1, "text.jpg: cannot be made a folder"),
        (("live", "good.mp4", "--no-window", "--jsonl", "none/a"), 1, "none/a: cannot be written"),
        (("live", "good.mp4", "--no-window", "--max-frames", "0"), 2, "error: --max-frames 0: no frame would be read"),
        (
            ("scan", "good.png", "--model", "gone.tflite"),
            5,
            "gone.tflite: the model is missing; check the path, or make it: ",
        ),
        (("scan", "good.png", "--model", "text.jpg"), 5, "text.jpg: not a model file"),
    ],
)
def test_a_fault_is_one_line_and_its_exit_code(args: tuple[str, ...], code: int, says: str, folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    done = digits(*args, cwd_folder=folder)
    ended(done, code, "error: ", says)
    assert sorted(folder.rglob("*")) == before, "something was left behind"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("args", [("scan", "good.png"), ("video", "good.mp4"), ("live", "good.mp4", "--no-window")])
def test_a_full_disk_is_told(args: tuple[str, ...], folder: Path) -> None:
    done = digits(*args, "--jsonl", "/dev/full", cwd_folder=folder)
    ended(done, 1, "error: /dev/full: cannot be written (no space left on device)")


def test_a_bad_picture_stops_no_batch(folder: Path) -> None:
    done = digits("scan", ".", "--jsonl", "r.jsonl", cwd_folder=folder)
    assert done.returncode == 3
    assert done.stdout.startswith("good.png\n")
    assert len(done.stderr.splitlines()) == 5
    assert done.stderr.splitlines()[-1] == "1 of 5 pictures read"
    written = records((folder / "r.jsonl").read_text())
    assert [Path(r["source"]["uri"]).name for r in written if r["error"]] == [  # type: ignore[index]
        "bomb.png",
        "cut.jpg",
        "empty.jpg",
        "text.jpg",
    ]


def test_a_clip_cut_short_gives_what_could_be_read(folder: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (20, 48, 64, 3), np.uint8)
    whole = write_clip(folder / "long.mp4", list(noise)).read_bytes()
    (folder / "short.mp4").write_bytes(whole[: len(whole) * 7 // 10])
    done = digits("video", "short.mp4", "--out", "out.mp4", "--jsonl", "v.jsonl", cwd_folder=folder)
    assert done.returncode == 3
    assert "error: short.mp4: is damaged or cut short after frame" in done.stderr
    count = len(records((folder / "v.jsonl").read_text()))
    assert 1 <= count < 20
    assert f"{count} frames read" in done.stderr
    assert len(records(digits("video", "out.mp4", "--jsonl", "-", cwd_folder=folder).stdout)) == count


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda card: card | {"contract": 99}, "made for contract 99"),
        (lambda card: card | {"labels": ["a"]}, "has other labels"),
        (lambda card: card | {"sha256": {"digits.tflite": "00"}}, "is not the file its card describes"),
        (lambda card: None, "the model card is missing"),
    ],
)
def test_another_model_than_promised_is_refused(change: object, says: str, folder: Path) -> None:
    assert callable(change)
    shutil.copy(DEFAULT_MODEL, folder / "digits.tflite")
    card = change(json.loads(DEFAULT_MODEL.with_suffix(".json").read_text()))
    if card:
        (folder / "digits.json").write_text(json.dumps(card))
    ended(digits("scan", "good.png", "--model", "digits.tflite", cwd_folder=folder), 5, says)


def without_display() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}


@pytest.mark.skipif(sys.platform != "linux", reason="displays are asked for on Linux")
@pytest.mark.parametrize(
    ("extra", "says"), [({}, "there is no display"), ({"DISPLAY": ":97"}, "the display :97 does not")]
)
def test_no_display_is_one_line_and_no_abort(extra: dict[str, str], says: str, folder: Path) -> None:
    done = digits("live", "good.mp4", cwd_folder=folder, env=without_display() | extra)
    ended(done, 1, says, "--no-window")
    done = digits("video", "good.mp4", "--show", cwd_folder=folder, env=without_display() | extra)
    ended(done, 1, says, "leave out --show")


@pytest.mark.skipif(sys.platform != "linux" or Path("/dev/video9").exists(), reason="there is a camera 9")
@pytest.mark.parametrize("source", ["9", "/dev/video9"])
def test_no_camera_is_one_line(source: str, folder: Path) -> None:
    done = digits("live", source, "--no-window", "--jsonl", "l.jsonl", cwd_folder=folder)
    ended(done, 6, "cannot be opened", "there is no /dev/video9")


def begun(folder: Path, *args: str) -> subprocess.Popen[str]:
    """Start a command and return once it has told its first reading."""
    command = [sys.executable, "-m", "realtime", *args]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline()
    return process


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("long") / "long.mp4", [sheet()] * 400)


@pytest.fixture
def long_work(folder: Path, long_clip: Path) -> Path:
    """Enough to read that a signal comes in the middle of it."""
    shutil.copy(long_clip, folder / "long.mp4")
    for i in range(300):
        shutil.copy(folder / "good.png", folder / "nothing" / f"{i:03}.png")
    return folder


@pytest.mark.skipif(sys.platform == "win32", reason="signals are of Unix")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_scan_ends_at_once_and_leaves_nothing_half_written(
    sent: signal.Signals, code: int, long_work: Path
) -> None:
    before = sorted(long_work.rglob("*"))
    process = begun(long_work, "scan", "nothing", "--jsonl", "r.jsonl")
    process.send_signal(sent)
    told = process.communicate(timeout=20)[1]
    assert process.returncode == code
    assert told == ("interrupted\n" if code == 130 else "")
    assert sorted(long_work.rglob("*")) == before


@pytest.mark.skipif(sys.platform == "win32", reason="signals are of Unix")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_clip_leaves_what_was_done_whole(sent: signal.Signals, code: int, long_work: Path) -> None:
    before = {path.name for path in long_work.iterdir()}
    process = begun(long_work, "video", "long.mp4", "--out", "out.mp4", "--jsonl", "r.jsonl")
    process.send_signal(sent)
    told = process.communicate(timeout=20)[1].splitlines()
    assert process.returncode == code
    assert told[1:] == (["interrupted"] if code == 130 else [])
    assert {path.name for path in long_work.iterdir()} == before | {"out.mp4", "r.jsonl"}
    lines = (long_work / "r.jsonl").read_text()
    assert lines.endswith("\n")
    count = len(records(lines))
    assert 1 <= count < 400
    capture = cv2.VideoCapture(str(long_work / "out.mp4"))  # another decoder than the one that wrote it
    frames = 0
    while capture.read()[0]:
        frames += 1
    capture.release()
    assert frames == count


def test_a_reader_that_goes_away_is_no_noise(long_work: Path) -> None:
    process = begun(long_work, "scan", "nothing", "--jsonl", "-")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(20) == 1


def test_pictures_stay_as_they_were(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.glob("*.*")}
    write_picture(folder / "also.png", picture())
    digits("scan", ".", "--annotated", ".", cwd_folder=folder)
    assert {path: path.read_bytes() for path in before} == before
    assert (folder / "good-2.png").is_file()
