"""The samples of the project: made again by its program, and those committed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.errors import OutputError
from training.camera import homography, truth
from training.samples import CLIP_SIZE, FPS, FRAMES, clip_scene, clip_view, drawing_shot, sheet_shot, write_samples

COMMITTED = Path(__file__).parents[2] / "samples"
NAMES = {"sheet.jpg": "page", "clip.mp4": "video", "drawing.jpg": "negative"}


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made") / "samples"
    write_samples(out, seed=5)
    return out


def entries(folder: Path) -> dict[str, dict[str, Any]]:
    return {item["file"]: item for item in json.loads((folder / "truth.json").read_text(encoding="utf-8"))}


def check_folder(folder: Path) -> None:
    """Fail where a folder of samples is not as samples/README.md says."""
    truths = entries(folder)
    assert {name: item["kind"] for name, item in truths.items()} == NAMES
    assert sum((folder / name).stat().st_size for name in NAMES) < 4_000_000
    for item in truths.values():
        assert item["count"] == sum(c.isdigit() for line in item["lines"] for c in line)
        assert item["order"] == "strict"
    for name in ("sheet.jpg", "drawing.jpg"):
        picture = cv2.imread(str(folder / name))
        assert picture is not None
        assert picture.shape == (truths[name]["height"], truths[name]["width"], 3)
    assert truths["drawing.jpg"]["lines"] == truths["drawing.jpg"]["boxes"] == []
    assert [[d[0] for d in line] for line in truths["sheet.jpg"]["boxes"]] == [
        list(line.replace(" ", "")) for line in truths["sheet.jpg"]["lines"]
    ]


def check_clip(path: Path) -> None:
    """Fail where a clip is not ten seconds of H.264 that a browser plays at once."""
    import av

    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        sizes = [(frame.width, frame.height, frame.format.name) for frame in file.decode(stream)]
        assert stream.codec_context.name == "h264"
        assert stream.average_rate == FPS
    assert sizes == [(*CLIP_SIZE, "yuv420p")] * FRAMES
    head = path.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")


def test_the_committed_samples_are_as_their_truth_says() -> None:
    check_folder(COMMITTED)
    check_clip(COMMITTED / "clip.mp4")


def test_the_committed_samples_are_what_the_program_draws() -> None:
    told, shot = entries(COMMITTED)["sheet.jpg"], sheet_shot(1)
    assert told["lines"] == [line.text for line in shot.lines]
    boxes = [place for line in told["boxes"] for _, *place in line]
    assert np.abs(np.array(boxes) - [box for line in shot.lines for _, box in line.digits]).max() <= 1
    committed = cv2.imread(str(COMMITTED / "sheet.jpg"))
    assert committed is not None
    assert np.abs(committed.astype(int) - shot.picture).mean() < 3


@pytest.mark.slow
def test_written_samples_are_as_their_truth_says(written: Path) -> None:
    check_folder(written)
    check_clip(written / "clip.mp4")
    assert {path.name for path in written.iterdir()} == {*NAMES, "truth.json"}


def test_every_digit_of_the_clip_stays_in_view() -> None:
    scene = clip_scene(1)
    for i in range(0, FRAMES, 3):
        for line in truth(scene, homography(scene, clip_view(i / FPS))):
            for _, box in line.digits:
                assert box.x >= 15
                assert box.y >= 15
                assert box.right <= CLIP_SIZE[0] - 15
                assert box.bottom <= CLIP_SIZE[1] - 15


def test_the_camera_of_the_clip_moves_and_zooms() -> None:
    views = [clip_view(i / FPS).pose for i in range(FRAMES)]
    assert np.ptp([pose.at[0] for pose in views]) > 100
    assert np.ptp([pose.span for pose in views]) > 200
    assert np.ptp([pose.roll for pose in views]) > 0.05


def test_the_same_seed_draws_the_same_drawing_without_digits() -> None:
    first, again, other = drawing_shot(3), drawing_shot(3), drawing_shot(4)
    assert first.lines == again.lines == other.lines == ()
    assert np.array_equal(first.picture, again.picture)
    assert not np.array_equal(first.picture, other.picture)


def test_an_interrupted_drawing_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(seed: int) -> Iterator[NDArray[np.uint8]]:
        yield np.zeros((CLIP_SIZE[1], CLIP_SIZE[0], 3), np.uint8)
        raise KeyboardInterrupt

    (tmp_path / "sheet.jpg").write_bytes(b"of before")
    monkeypatch.setattr("training.samples.clip_frames", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_samples(tmp_path, seed=1)
    assert [path.name for path in tmp_path.iterdir()] == ["sheet.jpg"]
    assert (tmp_path / "sheet.jpg").read_bytes() == b"of before"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(OutputError, match="taken"):
        write_samples(tmp_path / "taken", seed=1)
