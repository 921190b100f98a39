"""Cameras and streams as they are opened: by what name, with which settings; and streams that do what streams do."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import pytest

from models.errors import CameraError
from realtime.camera_settings import CameraSettings, Given, backends, difference
from realtime.cameras import open_camera, open_stream
from realtime.grabbing import THREAD_NAME
from realtime.values import BACK, LOST, RESIZED, Event, Frame
from realtime.watchdog import Patience
from tests.fakecam.driver import FakeDriver, Play
from tests.fakecam.stream import NetworkCamera
from tests.realtime.making import network_camera, picture, shades
from tests.realtime.test_watchdog import is_event, is_frame, news, until, wait_for

pytestmark = pytest.mark.slow  # cameras are waited for by the clock

HASTE = Patience(first=3.0, next=0.6, answer=1.0, failing=0.05, pause=0.02, longest=0.1)


@pytest.fixture
def stream() -> Iterator[NetworkCamera]:
    with NetworkCamera(shades(20)) as camera:
        yield camera


@pytest.mark.parametrize(("camera", "name"), [(7, "camera:7"), ("/dev/video7", "/dev/video7")])
def test_a_camera_that_cannot_be_opened_is_named(camera: int | str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", FakeDriver(Play(opens="no")))
    with pytest.raises(CameraError, match=f"^{name}: cannot be opened; "), open_camera(camera, HASTE):
        pass


@pytest.mark.parametrize(
    ("asked", "given", "told"),
    [
        (CameraSettings(), Given(640, 480, 0), ""),
        (CameraSettings(640, 480, 30), Given(640, 480, 30.0), ""),
        (CameraSettings(fps=30), Given(640, 480, 29.97), ""),
        (
            CameraSettings(1920, 1080),
            Given(1280, 720, 30),
            "asked for width 1920, height 1080; it gives 1280x720",
        ),
        (CameraSettings(fps=60), Given(640, 480, 30), "asked for fps 60; it gives 640x480 at 30 frames a second"),
        (CameraSettings(fps=60), Given(640, 480, 0), "it gives 640x480 at a rate its driver does not tell"),
    ],
)
def test_what_differs_from_what_was_asked_is_told(asked: CameraSettings, given: Given, told: str) -> None:
    said = difference(asked, given)
    assert told in said
    assert bool(said) == bool(told)


def test_a_camera_is_asked_at_every_opening_and_it_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    driver, told = FakeDriver(Play(shades(2)), Play(shades(20) * 9)), list[str]()
    monkeypatch.setattr(cv2, "VideoCapture", driver)
    with open_camera(0, HASTE, CameraSettings(width=1920), told.append) as frames:
        until(frames, is_event(BACK))
    assert told == ["camera:0: asked for width 1920; it gives 1280x480 at 30 frames a second"]
    for capture in driver.captures:
        assert capture.get(cv2.CAP_PROP_FRAME_WIDTH) == 1280


def test_every_backend_that_is_there_has_a_name() -> None:
    assert all(name == name.lower() and cv2.videoio_registry.hasBackend(number) for name, number in backends().items())


def silence(camera: NetworkCamera) -> None:
    camera.mode = "silent"
    camera.hang_up()


def stall(camera: NetworkCamera) -> None:
    camera.mode = "stall"


def answer(camera: NetworkCamera) -> None:
    camera.mode = "ok"


Act = Callable[[NetworkCamera], None]
FAULTS: dict[str, tuple[Act, Act]] = {
    "hangs up": (NetworkCamera.hang_up, answer),
    "stalls": (stall, answer),
    "does not answer": (silence, answer),
    "dies": (NetworkCamera.die, NetworkCamera.start),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_stream_comes_back_after_every_fault(fault: str, stream: NetworkCamera) -> None:
    begin, end = FAULTS[fault]
    with open_stream(stream.address, HASTE) as frames:
        until(frames, lambda item: is_frame(item) and item.time > 0.1)
        begin(stream)
        seen = until(frames, is_event(LOST))
        end(stream)
        seen += until(frames, is_event(BACK))
        seen += until(frames, is_frame)
    assert {event for event, _ in news(seen)} == {LOST, BACK}


def test_a_stream_that_changes_its_size_goes_on(stream: NetworkCamera) -> None:
    with open_stream(stream.address, HASTE) as frames:
        next(frames)
        stream.show([picture(height=64, width=48)])
        stream.hang_up()
        seen = until(frames, lambda item: isinstance(item, Frame) and item.image.shape == (64, 48, 3))
    assert [event for event, _ in news(seen)][-1] == RESIZED


def test_a_stream_that_ends_is_given_up_when_told_to() -> None:
    with network_camera(shades(5), "close") as address:
        patience = Patience(next=0.5, answer=1.0, pause=5.0, give_up=0.5)
        with (
            pytest.raises(CameraError, match=rf"^{address}: is lost, no picture for 0\.5 s; check"),
            open_stream(address, patience) as frames,
        ):
            until(frames, lambda item: False)


def test_a_stream_nobody_serves_is_named() -> None:
    fault = r"^http://127\.0\.0\.1:9/: no stream answers there"
    with pytest.raises(CameraError, match=fault), open_stream("http://127.0.0.1:9/", HASTE):
        pass


def test_what_a_stream_had_stored_is_not_shown_slowly(stream: NetworkCamera) -> None:
    stream.stored, stream.rate = 400, 10.0
    with open_stream(stream.address, HASTE) as frames:
        shown = 0
        for item in frames:
            shown += isinstance(item, Frame)
            if stream.sent > 400:
                break
    assert shown < 200  # of four hundred: a busy machine may take a few for live ones


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux: a process's own file handles")
def test_no_thread_and_no_handle_is_left_behind(stream: NetworkCamera) -> None:
    def grabbing() -> int:
        return sum(thread.name == f"{THREAD_NAME}{stream.address}" for thread in threading.enumerate())

    with open_stream(stream.address, HASTE) as frames:
        handles = []
        for _ in range(12):
            stream.hang_up()
            until(frames, is_event(BACK))
            until(frames, is_frame)
            wait_for(lambda: grabbing() == 1)
            handles.append(len(os.listdir("/proc/self/fd")))
    assert max(handles[6:]) <= max(handles[:3]) + 1  # the server's side of a connection may be open still
    wait_for(lambda: grabbing() == 0)


def test_events_are_told_apart_from_frames_by_their_kind(stream: NetworkCamera) -> None:
    stream.rate = 5.0
    with open_stream(stream.address, Patience()) as frames:
        seen = until(frames, lambda item: is_frame(item) and item.time > 0.6)
    waiting = [item for item in seen if isinstance(item, Event)]
    assert len(waiting) > 3  # a slow camera is not lost, and a window stays alive meanwhile
    assert not news(seen)
