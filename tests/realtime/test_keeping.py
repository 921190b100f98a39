"""What the window keeps: snapshots, recordings and corrections, whole or not at all."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.contract import NOT_A_DIGIT, normalize
from models.errors import OutputError
from realtime.clips import open_clip
from realtime.corrections import LIST, drop_correction
from realtime.keeping import Keeper, Places, recording
from realtime.pieces import Piece
from realtime.values import Box, Event
from tests.realtime.making import MODEL, scene, shades, sheet

NOON = datetime(2026, 11, 24, 12, 0, 0)


def keeper(folder: Path) -> Keeper:
    return Keeper(Places(folder / "snapshots", folder / "corrections"), MODEL, lambda: NOON)


def piece(reason: str = "") -> Piece:
    ink = np.zeros((30, 20), np.uint8)
    ink[4:26, 9:12] = 255
    row = (0.05, 0.9, *[0.0] * 5, 0.05, 0.0, 0.0, 0.0)
    return Piece(Box(10, 10, 16, 24), ink, NOT_A_DIGIT if reason else "1", 0.9, reason, row)


def test_a_snapshot_is_the_picture_the_reading_and_the_record(tmp_path: Path) -> None:
    kept = keeper(tmp_path)
    shown = scene(7, 0.28, image=sheet())
    assert kept.snapshot(shown) == f"kept {tmp_path / 'snapshots' / '20261124-120000-snapshot.png'}"
    kept.snapshot(shown)  # within the same second
    names = sorted(path.name for path in (tmp_path / "snapshots").iterdir())
    stems = ("20261124-120000-snapshot", "20261124-120000-snapshot-2")
    assert names == sorted(f"{stem}{end}" for stem in stems for end in ("-read.png", ".json", ".png"))
    picture = cv2.imread(str(tmp_path / "snapshots" / names[2]))
    assert picture is not None
    assert (picture == shown.frame.image).all()
    record = json.loads((tmp_path / "snapshots" / f"{stems[0]}.json").read_text())
    assert (record["schema"], record["source"]["index"]) == ("digits.record/1", 7)


def test_a_recording_begins_at_its_first_picture_and_can_be_followed_by_another(tmp_path: Path) -> None:
    kept = keeper(tmp_path)
    kept.see(scene(0))  # nothing is recorded yet
    for start in (20.0, 40.0):
        assert kept.record().startswith("recording ")
        for i, image in enumerate(shades(5)):
            kept.see(scene(i, start + i / 25, image=image))
        path = Path(kept.record().removeprefix("kept "))
        assert not kept.records
        with open_clip(str(path)) as frames:
            assert [round(frame.time, 2) for frame in frames] == [0.0, 0.04, 0.08, 0.12, 0.16]
    assert len([*(tmp_path / "snapshots").iterdir()]) == 2
    assert kept.close() == ""


def test_a_recording_of_nothing_leaves_nothing(tmp_path: Path) -> None:
    kept = keeper(tmp_path)
    kept.record()
    assert kept.close() == "nothing was recorded"
    assert [*(tmp_path / "snapshots").iterdir()] == []


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
def test_a_recording_that_is_interrupted_is_whole(end: type[BaseException], tmp_path: Path) -> None:
    def record() -> None:
        with recording(tmp_path / "r.mp4") as write:
            assert write(Event(0.0, "camera lost", 1))
            for i, image in enumerate(shades(5)):
                assert write(scene(i, i / 25, image=image))
            raise end

    with pytest.raises(end):
        record()
    with open_clip(str(tmp_path / "r.mp4")) as frames:
        assert len([*frames]) == 5


def test_a_recording_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def record() -> None:
        with recording(tmp_path / "r.mp4") as write:
            write(scene(0))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        record()
    assert [*tmp_path.iterdir()] == []


@pytest.mark.skipif(os.name == "nt", reason="needs signals of Unix")
def test_sigterm_ends_a_recording_as_ctrl_c_does(tmp_path: Path) -> None:
    def ended(*_: object) -> None:
        sys.exit(143)

    before = signal.signal(signal.SIGTERM, ended)

    def record() -> None:
        with recording(tmp_path / "r.mp4") as write:
            write(scene(0))
            os.kill(os.getpid(), signal.SIGTERM)
            write(scene(1, 0.04))

    try:
        with pytest.raises(SystemExit):
            record()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert (tmp_path / "r.mp4").stat().st_size > 0


def test_a_correction_is_the_ink_and_a_line(tmp_path: Path) -> None:
    kept = keeper(tmp_path)
    folder = tmp_path / "corrections"
    said = kept.correct(3, piece(), "7", scene(5, 0.2, text="12"))
    assert said == f"kept {folder / '20261124-120000-7.png'}: 1 is 7"
    kept.correct(4, piece("not a digit"), NOT_A_DIGIT, scene(5, 0.2, text=""))
    first, second = (json.loads(line) for line in (folder / LIST).read_text().splitlines())
    assert (first["label"], first["read"], first["reason"], first["ink"]) == ("7", "1", "", "20261124-120000-7.png")
    assert (second["label"], second["read"], second["reason"]) == (NOT_A_DIGIT, NOT_A_DIGIT, "not a digit")
    assert first["source"] == {"uri": "clip.mp4", "index": 5, "time_s": 0.2}
    assert first["model"] == MODEL
    assert sum(first["probabilities"]) == pytest.approx(1)
    assert datetime.fromisoformat(first["made"]).replace(tzinfo=None) == NOON
    ink = cv2.imread(str(folder / first["ink"]), cv2.IMREAD_UNCHANGED)
    assert ink is not None
    assert (ink == piece().ink).all()


def test_what_was_shown_counts_as_read_whatever_this_picture_alone_says(tmp_path: Path) -> None:
    kept = keeper(tmp_path)
    assert kept.correct(0, piece(), "7", scene(text="42")).endswith(": 4 is 7")


def test_a_correction_can_be_undone_and_others_stay(tmp_path: Path) -> None:
    kept, folder = keeper(tmp_path), tmp_path / "corrections"
    folder.mkdir()
    (folder / LIST).write_text("# a line of somebody else\n")
    for index in (0, 1, 2):
        kept.correct(index, piece(), str(index), scene())
    assert kept.undo(1) == "undone: 20261124-120000-1.png"
    assert kept.undo(1) == ""
    lines = (folder / LIST).read_text().splitlines()
    assert lines[0] == "# a line of somebody else"
    assert [json.loads(line)["label"] for line in lines[1:]] == ["0", "2"]
    assert sorted(path.name for path in folder.glob("*.png")) == ["20261124-120000-0.png", "20261124-120000-2.png"]
    kept.thawed()
    assert kept.undo(0) == ""


def test_training_can_read_corrections_as_the_guide_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = keeper(tmp_path)
    kept.correct(0, piece(), "7", scene())
    kept.correct(1, piece(), NOT_A_DIGIT, scene())
    guide = (Path(__file__).parents[2] / "docs" / "guide.md").read_text(encoding="utf-8")
    section = guide[guide.index("### Corrections") :]
    code = section[section.index("```python\n") + 10 :]
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(code[: code.index("```")], names)
    images, labels = names["images"], names["labels"]
    assert isinstance(images, np.ndarray)
    assert images.shape == (2, 28, 28)
    assert (images[0] == normalize(piece().ink)).all()
    assert labels == [7, 10]


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "snapshots").write_text("a file, no folder")
    (tmp_path / "corrections").write_text("a file, no folder")
    kept = keeper(tmp_path)
    keeps: list[Callable[[], str]] = [
        lambda: kept.snapshot(scene()),
        kept.record,
        lambda: kept.correct(0, piece(), "7", scene()),
    ]
    for keep in keeps:
        with pytest.raises(OutputError, match="cannot be made a folder"):
            keep()
    assert not kept.records
    with pytest.raises(OutputError, match="cannot be undone"):
        drop_correction(tmp_path / "gone", "a.png")


def test_a_recording_that_cannot_go_on_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = keeper(tmp_path)
    kept.record()
    kept.see(scene(0))

    def full(*args: object) -> None:
        raise OutputError("no space left")

    monkeypatch.setattr("realtime.encoder.Encoder.write", full)
    with pytest.raises(OutputError, match="no space left"):
        kept.see(scene(1, 0.04))
    assert not kept.records
    assert kept.see(scene(2, 0.08)) == ""
    assert [*(tmp_path / "snapshots").iterdir()] == []
