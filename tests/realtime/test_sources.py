"""Every source keeps one contract; live ones give the newest picture, files every picture."""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import islice, pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.errors import CameraError, UnreadableError, UsageError
from realtime.cameras import Patience, open_camera, open_stream, without_password
from realtime.clips import count_frames, is_whole_clip, open_clip
from realtime.sources import KEEP_ALIVE, Origin, fingerprint, in_real_time, open_source, origin
from realtime.values import Event, Frame
from tests.realtime.making import Picture, network_camera, picture, shades, write_clip

Source = Callable[[Path, pytest.MonkeyPatch], AbstractContextManager[str]]
HASTE = Patience(first=2.0, next=1.0, answer=1.0, failing=0.05)


class FakeCamera:
    """Stands in for cv2.VideoCapture: gives its pictures, then fails, or blocks as drivers do."""

    def __init__(self, pictures: list[Picture], then: str = "fail", opens: bool = True, every: float = 0.005) -> None:
        self.pictures, self.then, self.opens, self.every = list(pictures), then, opens, every
        self.released = threading.Event()

    def __call__(self, *args: object) -> FakeCamera:
        return self

    def isOpened(self) -> bool:  # noqa: N802
        return self.opens

    def read(self) -> tuple[bool, Picture | None]:
        time.sleep(self.every)
        if self.pictures:
            return True, self.pictures.pop(0)
        if self.then == "block":
            self.released.wait(5.0)
        if self.then == "crash":
            raise RuntimeError("driver")
        return False, None

    def release(self) -> None:
        self.released.set()


@pytest.fixture
def camera(monkeypatch: pytest.MonkeyPatch) -> Callable[..., FakeCamera]:
    def make(*args: object, **kwargs: object) -> FakeCamera:
        fake = FakeCamera(*args, **kwargs)  # type: ignore[arg-type]
        monkeypatch.setattr(cv2, "VideoCapture", fake)
        return fake

    return make


def read_all(source: AbstractContextManager[Iterator[Frame]], seen: list[Frame], pause: float = 0.0) -> None:
    with source as frames:
        for frame in frames:
            seen.append(frame)
            assert len(seen) < 500, "the source gives frames without end"
            time.sleep(pause)


@contextmanager
def camera_source(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(cv2, "VideoCapture", FakeCamera(shades(20)))
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


@pytest.mark.parametrize(
    "make",
    [camera_source, stream_source, *(file_source(s) for s in (".mp4", ".mkv", ".avi", ".webm", ".mov"))],
    ids=["camera", "stream", "mp4", "mkv", "avi", "webm", "mov"],
)
def test_every_source_keeps_the_contract(make: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with make(tmp_path, monkeypatch) as text:
        with open_source(text) as frames:
            seen = list(islice(frames, 5))
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("grab")]
    assert [frame.index for frame in seen] == [0, 1, 2, 3, 4]
    assert all(a.time <= b.time for a, b in pairwise(seen))
    assert seen[0].time >= 0
    assert all(frame.image.dtype == np.uint8 and frame.image.shape == (48, 64, 3) for frame in seen)
    assert {frame.source for frame in seen} == {"camera:0" if text == "0" else text}


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


def test_a_slow_reader_sees_the_newest_picture_and_none_twice(camera: Callable[..., FakeCamera]) -> None:
    camera(shades(30), every=0.01)
    seen: list[Frame] = []
    with pytest.raises(CameraError):
        read_all(open_camera(0, HASTE), seen, pause=0.05)
    brightness = [float(frame.image.mean()) for frame in seen]
    assert 3 <= len(seen) <= 12
    assert brightness == sorted(set(brightness))
    assert brightness[-1] == float(shades(30)[-1].mean())


@pytest.mark.parametrize(
    ("fake", "fault"),
    [
        ({"pictures": [], "opens": False}, "camera:7: cannot be opened; "),
        ({"pictures": []}, "camera:7: is lost; check its cable"),
        ({"pictures": [picture()]}, "camera:7: is lost; check its cable"),
        ({"pictures": [picture()], "then": "crash"}, r"camera:7: its driver failed \(RuntimeError\)"),
        ({"pictures": [picture()], "then": "block"}, "camera:7: is lost, no picture for 1 s"),
    ],
)
def test_a_camera_that_fails_is_named(fake: dict[str, object], fault: str, camera: Callable[..., FakeCamera]) -> None:
    made = camera(**fake)
    with pytest.raises(CameraError, match=f"^{fault}") as caught:
        read_all(open_camera(7, HASTE), [])
    assert "\n" not in str(caught.value)
    assert made.released.is_set() or not made.opens or made.then == "block"


def test_one_failed_read_is_no_lost_camera(camera: Callable[..., FakeCamera]) -> None:
    fake = camera(shades(10))
    fails = iter([False, True, False, True, True])
    read = fake.read
    fake.read = lambda: (False, None) if next(fails, False) else read()  # type: ignore[method-assign]
    with open_camera(0, Patience(failing=1.0)) as frames:
        assert len(list(islice(frames, 3))) == 3


def test_leaving_a_blocked_camera_takes_no_longer_than_a_second(camera: Callable[..., FakeCamera]) -> None:
    camera([picture()], then="block")
    with open_camera(0, HASTE) as frames:
        next(frames)
        began = time.monotonic()
    assert time.monotonic() - began < 1.5


def test_a_camera_without_a_first_picture_is_refused(camera: Callable[..., FakeCamera]) -> None:
    camera([], then="block")
    with pytest.raises(CameraError, match=r"gives no picture within 0.2 s"), open_camera(0, Patience(first=0.2)):
        pass


@pytest.mark.parametrize(("then", "fault"), [("close", "is lost"), ("stall", "is lost")])
def test_a_stream_that_ends_or_stalls_is_lost(then: str, fault: str) -> None:
    seen: list[Frame] = []
    with network_camera(shades(5), then) as address:
        with pytest.raises(CameraError, match=fault) as caught:
            read_all(open_stream(address, HASTE), seen)
        assert str(caught.value).startswith(address)
    assert seen


def test_a_stream_nobody_serves_is_named() -> None:
    with pytest.raises(CameraError, match=r"^http://127\.0\.0\.1:9/: no stream answers there"):
        read_all(open_stream("http://127.0.0.1:9/", HASTE), [])


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


def test_the_number_of_frames_is_known_beforehand(tmp_path: Path) -> None:
    assert count_frames(str(write_clip(tmp_path / "a.mp4", shades(7)))) == 7


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
    seen: list[Frame] = []
    with pytest.raises(UnreadableError, match=rf"cut\{suffix}: is damaged or cut short after frame \d+ at"):
        read_all(open_clip(str(cut)), seen)
    assert 3 <= len(seen) < 25
    assert [frame.index for frame in seen] == list(range(len(seen)))


@pytest.mark.parametrize(
    ("make", "error", "fault"),
    [
        (lambda p: None, UsageError, "does not exist"),
        (lambda p: p.mkdir(), UnreadableError, "is a folder"),
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
