"""Every source keeps one contract; live ones give the newest picture, files every picture."""

from __future__ import annotations

import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import islice, pairwise
from pathlib import Path
from unittest.mock import patch

import cv2
import numpy as np
import pytest

from models.errors import UnreadableError, UsageError
from realtime.addresses import without_password
from realtime.camera_settings import CameraSettings
from realtime.clips import count_frames, open_clip
from realtime.grabbing import THREAD_NAME
from realtime.outputs import write_picture
from realtime.part import Part
from realtime.sources import (
    LiveOptions,
    Origin,
    fingerprint,
    in_real_time,
    open_recording,
    open_source,
    origin,
)
from realtime.values import KEEP_ALIVE, Event, Frame
from realtime.wholeness import is_whole_clip
from tests.fakecam.driver import FakeDriver, Play
from tests.realtime.making import (
    file_server,
    network_camera,
    picture,
    piped_in,
    shades,
    write_clip,
    write_gif,
)

Source = Callable[[Path, pytest.MonkeyPatch], AbstractContextManager[str]]
Door = Callable[[str], AbstractContextManager[Iterator[Frame | Event]]]


def read_all(source: AbstractContextManager[Iterator[Frame | Event]], seen: list[Frame | Event]) -> None:
    with source as frames:
        for frame in frames:
            seen.append(frame)
            assert len(seen) < 500, "the source gives frames without end"


@contextmanager
def camera_source(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(cv2, "VideoCapture", FakeDriver(Play(shades(20))))
    yield "0"


@contextmanager
def stream_source(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with network_camera(shades(20)) as address:
        yield address


def file_source(suffix: str) -> Source:
    @contextmanager
    def make(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
        yield str(write_clip(folder / f"clip{suffix}", shades(20)))

    return make


@contextmanager
def folder_source(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    (folder / "frames").mkdir()
    for i, shown in enumerate(shades(20)):
        write_picture(folder / "frames" / f"f{i}.png", shown)
    yield str(folder / "frames")


@contextmanager
def pattern_source(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for i, shown in enumerate(shades(20)):
        write_picture(folder / f"f{i + 7:04}.png", shown)
    yield str(folder / "f%04d.png")


def pipe_source(suffix: str) -> Source:
    @contextmanager
    def make(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
        with piped_in(write_clip(folder / f"clip{suffix}", shades(20)).read_bytes()):
            yield "-"

    return make


@contextmanager
def mjpeg_source(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with piped_in(b"".join(cv2.imencode(".jpg", shown)[1].tobytes() for shown in shades(20))):
        yield "-"


@contextmanager
def gif_source(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    pictures = [np.full((48, 64), 5 + 5 * i, np.uint8) for i in range(20)]
    yield str(write_gif(folder / "a.gif", pictures, [4] * 20))


@contextmanager
def http_source(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    write_clip(folder / "a.mp4", shades(20))
    with file_server(folder) as address:
        yield f"{address}/a.mp4"


FILES = {suffix[1:]: file_source(suffix) for suffix in (".mp4", ".mkv", ".avi", ".webm", ".mov")}
RECORDINGS = FILES | {
    "folder": folder_source,
    "pattern": pattern_source,
    "gif": gif_source,
    "mp4 through a pipe": pipe_source(".mp4"),
    "mkv through a pipe": pipe_source(".mkv"),
    "ts through a pipe": pipe_source(".ts"),
    "mjpeg through a pipe": mjpeg_source,
}
DOORS: dict[str, tuple[Door, Source]] = {
    "camera": (open_source, camera_source),
    "stream": (open_source, stream_source),
    **{name: (open_source, make) for name, make in RECORDINGS.items()},
    "http": (open_recording, http_source),
}


@pytest.mark.parametrize(("door", "make"), DOORS.values(), ids=DOORS.keys())
def test_every_source_keeps_the_contract(
    door: Door, make: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with make(tmp_path, monkeypatch) as text:
        with door(text) as frames:
            seen = list(islice((frame for frame in frames if isinstance(frame, Frame)), 5))
        assert not [thread for thread in threading.enumerate() if thread.name.startswith(THREAD_NAME)]
    assert [frame.index for frame in seen] == [0, 1, 2, 3, 4]
    assert all(a.time <= b.time for a, b in pairwise(seen))
    assert seen[0].time >= 0
    live = door is open_source and origin(text).is_live
    assert all((frame.grabbed is not None) == live for frame in seen)
    assert all(frame.image.dtype == np.uint8 and frame.image.shape == (48, 64, 3) for frame in seen)
    assert {frame.source for frame in seen} == {"camera:0" if text == "0" else text}


@pytest.mark.parametrize("make", [*RECORDINGS.values(), http_source], ids=[*RECORDINGS, "http"])
def test_every_recording_gives_every_frame_in_order(
    make: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with make(tmp_path, monkeypatch) as text, open_recording(text) as frames:
        seen = list(frames)
    assert [frame.index for frame in seen] == list(range(20))
    assert [frame.time for frame in seen] == pytest.approx([i / 25 for i in range(20)], abs=0.002)
    brightness = [frame.image.mean() for frame in seen]
    assert brightness == sorted(brightness)
    assert brightness[-1] - brightness[0] > 100


@pytest.mark.parametrize("make", [*RECORDINGS.values(), http_source], ids=[*RECORDINGS, "http"])
def test_of_every_recording_a_part_can_be_read(make: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with make(tmp_path, monkeypatch) as text, open_recording(text, Part(0.16, 0.6, 5)) as frames:
        seen = list(frames)
    assert [frame.time for frame in seen] == pytest.approx([0.16, 0.36, 0.56], abs=0.002)
    assert [frame.index for frame in seen] == [0, 5, 10]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", Origin("camera", "0")),
        ("12", Origin("camera", "12")),
        ("/dev/video2", Origin("camera", "/dev/video2")),
        ("http://cam/video", Origin("stream", "http://cam/video")),
        ("rtsp://u:p@cam:554/1", Origin("stream", "rtsp://u:p@cam:554/1")),
        ("clip.mp4", Origin("file", "clip.mp4")),
        ("./0", Origin("file", "./0")),
        ("C:\\clips\\a.mp4", Origin("file", "C:\\clips\\a.mp4")),
        ("²", Origin("file", "²")),
    ],
)
def test_a_source_is_told_by_its_name(text: str, expected: Origin) -> None:
    assert origin(text) == expected
    assert origin(text).is_live == (expected.kind != "file")


@pytest.mark.parametrize(
    ("text", "name"),
    [("0", "camera:0"), ("/dev/video2", "/dev/video2"), ("rtsp://u:p@cam/1", "rtsp://u:***@cam/1"), ("12/0", "12/0")],
)
def test_a_source_has_a_name_for_records_and_messages(text: str, name: str) -> None:
    assert origin(text).name == name


@pytest.mark.parametrize(
    ("text", "options", "fault"),
    [
        ("a.mp4", LiveOptions(CameraSettings(width=640)), "^a.mp4: --width, --height, --fps and --backend are for cam"),
        ("http://c/", LiveOptions(CameraSettings(fps=5)), "^http://c/: --width, --height, --fps and --backend are for"),
        ("a.mp4", LiveOptions(give_up_after=5), "^a.mp4: --give-up-after is for cameras and streams; leave it out"),
        ("0", LiveOptions(give_up_after=0), "^--give-up-after 0: give seconds, more than 0"),
        (
            "0",
            LiveOptions(CameraSettings(backend="vhs")),
            "^--backend vhs: this OpenCV opens cameras with ",
        ),
    ],
)
def test_options_that_mean_nothing_to_a_source_are_refused(text: str, options: LiveOptions, fault: str) -> None:
    with pytest.raises(UsageError, match=fault), open_source(text, options):
        pass


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://me:secret@cam:554/a/b", "rtsp://me:***@cam:554/a/b"),
        ("rtsp://me:a@b@cam/x", "rtsp://me:***@cam/x"),
        ("rtsp://me@cam/x", "rtsp://me@cam/x"),
        ("http://cam:80/video?a=1@2", "http://cam:80/video?a=1@2"),
    ],
)
def test_a_password_is_not_shown(address: str, shown: str) -> None:
    assert without_password(address) == shown


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_every_frame_comes_in_order_with_its_own_time(suffix: str, tmp_path: Path) -> None:
    times = [0.0, 0.04, 0.08, 0.2, 0.5, 1.0, 1.1]
    with open_clip(str(write_clip(tmp_path / f"a{suffix}", shades(7), times))) as frames:
        seen = list(frames)
    assert [frame.time for frame in seen] == pytest.approx(times, abs=0.001)
    means = [frame.image.mean() for frame in seen]
    assert means == pytest.approx([shade.mean() for shade in shades(7)], abs=4)


def test_one_converter_serves_all_frames(tmp_path: Path) -> None:
    """Each starts as many threads as there are processors: with one for each frame a clip took three times as long."""
    from av.video.reformatter import VideoReformatter

    with (
        patch("av.video.reformatter.VideoReformatter", side_effect=VideoReformatter) as made,
        open_clip(str(write_clip(tmp_path / "a.mp4", shades(7)))) as frames,
    ):
        assert len(list(frames)) == 7
    assert made.call_count == 1


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_the_number_of_frames_is_known_beforehand(suffix: str, tmp_path: Path) -> None:
    assert count_frames(str(write_clip(tmp_path / f"a{suffix}", shades(7)))) == 7


def with_rotation(clip: bytes, turn: int) -> bytes:
    """Write into an MP4's track header that players are to turn it clockwise by 90 or 180 degrees."""
    one = 0x10000
    matrix = {90: (0, one, 0, -one, 0, 0), 180: (-one, 0, 0, 0, -one, 0)}[turn]
    at = clip.index(b"tkhd") + 4 + 40
    return clip[:at] + struct.pack(">6i", *matrix) + clip[at + 24 :]


@pytest.mark.parametrize("turn", [90, 180])
def test_a_clip_is_turned_as_its_rotation_says(turn: int, tmp_path: Path) -> None:
    half = np.zeros((48, 64, 3), np.uint8)
    half[:, :32] = 250  # the left half is light
    plain = write_clip(tmp_path / "a.mp4", [half] * 3)
    turned = tmp_path / "turned.mp4"
    turned.write_bytes(with_rotation(plain.read_bytes(), turn))
    with open_clip(str(turned)) as frames:
        image = next(frames).image
    want = np.rot90(half, {90: 3, 180: 2}[turn])
    assert image.shape == want.shape
    assert np.abs(image.astype(int) - want).mean() < 8
    capture = cv2.VideoCapture(str(turned))  # an independent witness of which way is up
    assert np.abs(image.astype(int) - capture.read()[1]).mean() < 8
    capture.release()


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi", ".webm"])
def test_a_clip_cut_short_gives_what_can_be_read_and_then_its_fault(suffix: str, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (25, 48, 64, 3), np.uint8)
    whole = write_clip(tmp_path / f"whole{suffix}", list(noise))
    assert is_whole_clip(whole)
    cut = tmp_path / f"cut{suffix}"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    assert not is_whole_clip(cut)
    seen: list[Frame | Event] = []
    with pytest.raises(UnreadableError, match=rf"cut\{suffix}: is damaged or cut short after frame \d+ at"):
        read_all(open_clip(str(cut)), seen)
    assert 3 <= len(seen) < 25
    assert [frame.index for frame in seen if isinstance(frame, Frame)] == list(range(len(seen)))


@pytest.mark.parametrize(
    ("make", "error", "fault"),
    [
        (lambda p: None, UsageError, "does not exist"),
        (lambda p: p.mkdir(), UnreadableError, "has no pictures in it"),
        (lambda p: p.write_bytes(b""), UnreadableError, r"is empty \(0 bytes\)"),
        (lambda p: p.write_text("no video, no video at all\n" * 9), UnreadableError, "cannot be read as a video"),
        (lambda p: p.write_bytes(cv2.imencode(".jpg", picture())[1].tobytes()), UnreadableError, "is a picture, not a"),
        (
            lambda p: p.write_bytes(write_clip(p.with_name("w.mp4"), shades(9)).read_bytes()[:300]),
            UnreadableError,
            "a.mp4",
        ),
    ],
)
def test_a_bad_clip_is_named(
    make: Callable[[Path], object], error: type[Exception], fault: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.mp4"
    make(path)
    with pytest.raises(error, match=fault) as caught, open_source(str(path)):
        pass
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_in_real_time_waits_for_each_frame_and_leaves_none_out() -> None:
    now, slept = [100.0], []

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 3))
        now[0] += seconds

    clip = iter([Frame(picture(), i, i * 0.5, "a") for i in range(4)])
    shown, waited = [], 0
    for item in in_real_time(clip, lambda: now[0], sleep):
        if isinstance(item, Event):
            assert not item.is_news
            waited += 1
            continue
        shown.append((item.index, round(now[0] - 100, 3)))
        now[0] += 2.0 if item.index == 1 else 0.1  # reading frame 1 takes longer than the clip has time
    assert shown == [(0, 0.0), (1, 0.5), (2, 2.5), (3, 3.0)]  # and 3 is not hurried for it
    assert max(slept) <= KEEP_ALIVE
    assert waited >= 14


def test_a_fingerprint_is_the_files_sha256(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert fingerprint(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    with pytest.raises(UnreadableError, match="cannot be read"):
        fingerprint(tmp_path)
