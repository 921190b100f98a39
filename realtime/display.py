"""The question whether a display can show a window, asked before Qt can abort the process."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import socket
import sys
from pathlib import Path

import cv2

from models.errors import DisplayError


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
