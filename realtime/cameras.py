"""Cameras and network streams as frames: always the newest picture, and never the same one twice.

What is lost is opened again until it is back (`realtime.watchdog`), and no driver is waited for (`realtime.grabbing`).
"""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

import cv2

from models.errors import CameraError
from realtime.camera_settings import CameraSettings, ask, backend_number, difference
from realtime.grabbing import Opened, Opening
from realtime.sources import origin
from realtime.values import Event, Frame
from realtime.watchdog import Patience, Watch

_USUAL_RATE: Final = 25.0


@contextmanager
def open_camera(
    camera: int | str,
    patience: Patience | None = None,
    settings: CameraSettings | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> Iterator[Iterator[Frame | Event]]:
    """Open a camera, by number or as /dev/videoN, and yield its newest frames, and events while it is lost.

    tell: is given a line when the camera does not give what `settings` ask for.  Raises CameraError when no first
    picture comes (later on only if `patience` gives up), UsageError for a backend that is not there.
    """
    name, settings = origin(str(camera)).name, settings or CameraSettings()
    backend = _usual_backend() if settings.backend is None else backend_number(settings.backend)
    told = ""

    def opening() -> Opened:
        nonlocal told
        capture = cv2.VideoCapture(camera, backend)
        if not capture.isOpened():
            raise CameraError(f"{name}: cannot be opened; {_missing_camera(camera)}")
        differs = difference(settings, ask(capture, settings))
        if differs and differs != told:  # once, not after each loss
            tell(f"{name}: {differs}")
        told = differs
        return Opened(capture)

    with _watched(opening, name, patience or Patience()) as frames:
        yield frames


@contextmanager
def open_stream(address: str, patience: Patience | None = None) -> Iterator[Iterator[Frame | Event]]:
    """Open a network stream (http, rtsp, ...) and yield its newest frames, and events while it is lost.

    Raises CameraError when no first picture comes; later on only if `patience` gives up.
    """
    name, patience = origin(address).name, patience or Patience()
    wait = int(patience.answer * 1000)
    # These count only as parameters of opening: set() later answers False.
    timeouts = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, wait, cv2.CAP_PROP_READ_TIMEOUT_MSEC, wait]

    def opening() -> Opened:
        capture = cv2.VideoCapture(address, cv2.CAP_FFMPEG, timeouts)
        if not capture.isOpened():
            raise CameraError(f"{name}: no stream answers there; check the address and that the camera is on")
        rate = capture.get(cv2.CAP_PROP_FPS)
        return Opened(capture, 1.0 / (rate if 1.0 <= rate <= 240.0 else _USUAL_RATE))

    # A stream that failed once fails for good: its connection is gone.
    with _watched(opening, name, replace(patience, failing=0.0)) as frames:
        yield frames


@contextmanager
def _watched(opening: Opening, name: str, patience: Patience) -> Iterator[Iterator[Frame | Event]]:
    watch = Watch(opening, name, patience)
    try:
        yield watch.items()
    finally:
        watch.close()


def _usual_backend() -> int:
    return cv2.CAP_V4L2 if sys.platform == "linux" else cv2.CAP_ANY


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
