"""The window that shows scenes, and the question whether a display can show one."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import DisplayError
from realtime.pipeline import Item, Sink
from realtime.sinks import Paint
from realtime.values import Scene

_ENDS: Final = {ord("q"), ord("Q"), 27}
_LARGEST: Final = (1280, 720)


def require_display(otherwise: str = "add --no-window") -> None:
    """Raise DisplayError when no window can be opened; `otherwise` is what to do then.

    To be asked before any window function of OpenCV: without a display Qt does not raise, it aborts the process.
    """
    remedy = f"run it on a desktop, or {otherwise}"
    framework = cv2.currentUIFramework()
    if not framework:
        raise DisplayError(f"this OpenCV was built without windows: pip install opencv-python, or {remedy}")
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM", "xcb").partition(":")[0] != "xcb":
        return
    name = os.environ.get("DISPLAY", "")
    if not name:
        raise DisplayError(f"there is no display (DISPLAY is not set); {remedy}")
    if not _x_display_answers(name):
        raise DisplayError(f"the display {name} does not answer; {remedy}")


def _x_display_answers(name: str) -> bool:
    """Open and close the X display `name`; where there is no libX11 to ask with, see whether its socket answers."""
    try:
        x11 = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
    except OSError:
        return _socket_answers(name)
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XOpenDisplay.argtypes = [ctypes.c_char_p]
    x11.XCloseDisplay.argtypes = [ctypes.c_void_p]
    display = x11.XOpenDisplay(name.encode())
    if not display:
        return False
    x11.XCloseDisplay(display)
    return True


def _socket_answers(name: str) -> bool:
    host, _, number = name.rpartition(":")
    number = number.partition(".")[0]
    if not number.isdigit():
        return False
    try:
        if host in ("", "unix"):
            with socket.socket(socket.AF_UNIX) as local:
                local.connect(str(Path("/tmp/.X11-unix") / f"X{number}"))
        else:
            socket.create_connection((host, 6000 + int(number)), 2).close()
    except OSError:
        return False
    return True


@contextmanager
def window(title: str, paint: Paint) -> Iterator[Sink]:
    """Show painted scenes in a window; q, Esc or closing the window wants no more. DisplayError without a display."""
    require_display()
    _quiet_qt()
    shown = False

    def sink(item: Item) -> bool:
        nonlocal shown
        if isinstance(item, Scene):
            picture = paint(item)
            if not shown:
                _open(title, picture)
                shown = True
            cv2.imshow(title, picture)
        return cv2.waitKey(1) & 0xFF not in _ENDS and _is_open(title)

    try:
        yield sink
    finally:
        with suppress(cv2.error):  # it may be closed already
            cv2.destroyAllWindows()


def _quiet_qt() -> None:
    """Keep Qt to the one platform the wheel brings, and its advice about fonts, which are not used, to itself."""
    if sys.platform == "linux":
        os.environ.setdefault("QT_QPA_PLATFORM", "xcb")
    os.environ.setdefault("QT_LOGGING_RULES", "*.warning=false;*.debug=false;*.info=false")


def _open(title: str, picture: NDArray[np.uint8]) -> None:
    height, width = picture.shape[:2]
    scale = min(1.0, _LARGEST[0] / width, _LARGEST[1] / height)
    cv2.namedWindow(title, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
    cv2.resizeWindow(title, max(1, round(width * scale)), max(1, round(height * scale)))


def _is_open(title: str) -> bool:
    try:
        return cv2.getWindowProperty(title, cv2.WND_PROP_VISIBLE) >= 1
    except cv2.error:  # what OpenCV raises once the last window is closed
        return False
