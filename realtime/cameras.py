"""Cameras and network streams as frames: always the newest picture, never the same one twice.

A thread of its own grabs as fast as pictures come, so that a slow reader sees the present and not a backlog, and so
that Ctrl-C never waits for a driver that blocks (ten seconds for a camera, half a minute for a stream).
"""

from __future__ import annotations

import glob
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import CameraError, DigitsError
from realtime.addresses import without_password as without_password
from realtime.values import Frame

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds.

    first: for the first picture.  next: for each one after it.  answer: for a stream's server.  failing: while reading
    fails at once, as it does now and then for a single picture, and for good when the cable is pulled.
    """

    first: float = 10.0
    next: float = 5.0
    answer: float = 3.0
    failing: float = 1.0


@contextmanager
def open_camera(camera: int | str, patience: Patience | None = None) -> Iterator[Iterator[Frame]]:
    """Open a camera, by number or as /dev/videoN, and yield its newest frames; CameraError when none comes."""
    name = f"camera:{camera}" if isinstance(camera, int) else camera
    backend = cv2.CAP_V4L2 if sys.platform == "linux" else cv2.CAP_ANY

    def capture() -> cv2.VideoCapture:
        opened = cv2.VideoCapture(camera, backend)
        if not opened.isOpened():
            raise CameraError(f"{name}: cannot be opened; {_missing_camera(camera)}")
        return opened

    with _newest_frames(capture, name, patience or Patience()) as frames:
        yield frames


@contextmanager
def open_stream(address: str, patience: Patience | None = None) -> Iterator[Iterator[Frame]]:
    """Open a network stream (http, rtsp, ...) and yield its newest frames; CameraError when none comes."""
    name, patience = without_password(address), patience or Patience()
    wait = int(patience.answer * 1000)
    # These count only as parameters of opening: set() later answers False.
    timeouts = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, wait, cv2.CAP_PROP_READ_TIMEOUT_MSEC, wait]

    def capture() -> cv2.VideoCapture:
        opened = cv2.VideoCapture(address, cv2.CAP_FFMPEG, timeouts)
        if not opened.isOpened():
            raise CameraError(f"{name}: no stream answers there; check the address and that the camera is on")
        return opened

    with _newest_frames(capture, name, patience) as frames:
        yield frames


def _missing_camera(camera: int | str) -> str:
    """Say why the camera is not there, as far as the system tells."""
    path = f"/dev/video{camera}" if isinstance(camera, int) else camera
    if sys.platform != "linux":
        return "connect it, allow this program to use it, close other programs that use it, or try another number"
    if not os.path.exists(path):
        others = ", ".join(sorted(glob.glob("/dev/video*")))
        return f"there is no {path}" + (f", but {others}" if others else "; connect a camera, or name a video file")
    if not os.access(path, os.R_OK | os.W_OK):
        return f"no permission for {path}: sudo usermod -aG video $USER, then log in again"
    return "close other programs that use it, or try another number"


class _Newest:
    """Room for one picture between the thread that grabs and the one that reads: a new picture replaces an old one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._picture: tuple[Picture, float] | None = None
        self._fault: Exception | None = None
        self.stopped = False

    def put(self, picture: Picture, seconds: float) -> None:
        """Leave a picture for the reader."""
        with self._changed:
            self._picture = picture, seconds
            self._changed.notify()

    def end(self, fault: Exception) -> None:
        """Tell the reader that no more will come, and why."""
        with self._changed:
            self._fault = fault
            self._changed.notify()

    def take(self, patience: float) -> tuple[Picture, float] | None:
        """Wait for a picture nobody has taken yet; None when patience ends. Raises what the other thread met."""
        deadline = time.monotonic() + patience
        with self._changed:
            while self._picture is None and self._fault is None and time.monotonic() < deadline:
                self._changed.wait(0.2)  # not longer: on Windows Ctrl-C comes only in between
            if self._picture is None and self._fault is not None:
                raise self._fault
            taken, self._picture = self._picture, None
            return taken


@contextmanager
def _newest_frames(capture: Callable[[], cv2.VideoCapture], name: str, patience: Patience) -> Iterator[Iterator[Frame]]:
    newest = _Newest()
    grab = partial(_grab, capture, newest, name, patience.failing)
    thread = threading.Thread(target=grab, name=f"grab {name}", daemon=True)
    thread.start()
    try:
        first = newest.take(patience.first)  # drivers call a camera opened that will never give a picture
        if first is None:
            raise CameraError(f"{name}: gives no picture within {patience.first:g} s; unplug it and plug it in again")
        yield _frames(newest, first, name, patience.next)
    finally:
        newest.stopped = True
        thread.join(1.0)  # a thread blocked in the driver is left behind: it is a daemon and holds nothing of ours


def _frames(newest: _Newest, first: tuple[Picture, float], name: str, patience: float) -> Iterator[Frame]:
    taken: tuple[Picture, float] | None = first
    index = 0
    while taken is not None:
        yield Frame(taken[0], index, taken[1], name)
        index += 1
        taken = newest.take(patience)
    raise CameraError(f"{name}: is lost, no picture for {patience:g} s; check its cable or network and start again")


def _grab(open_capture: Callable[[], cv2.VideoCapture], newest: _Newest, name: str, failing: float) -> None:
    """Grab pictures until told to stop; whatever goes wrong is handed to the reader."""
    try:
        capture = open_capture()
        try:
            opened = last = time.monotonic()
            while not newest.stopped:
                there, picture = capture.read()
                now = time.monotonic()
                if there:
                    newest.put(np.asarray(picture, np.uint8), now - opened)
                    last = now
                elif now - last > failing:
                    raise CameraError(f"{name}: is lost; check its cable or network and start again")
                else:
                    time.sleep(0.01)
        finally:
            capture.release()
    except DigitsError as fault:
        newest.end(fault)
    except Exception as fault:
        newest.end(CameraError(f"{name}: its driver failed ({type(fault).__name__}); plug it in again"))
