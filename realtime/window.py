"""The glass of the live window: OpenCV's highgui. What is shown and what keys do stand in `realtime.viewer`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import cv2

from realtime.display import require_display
from realtime.pipeline import Item, Sink
from realtime.viewer import Viewer

_LARGEST: Final = (1280, 720)
_FIRST: Final = (640, 480)
_HELD: Final = 30
"""Milliseconds that keys are waited for while the picture stands still."""


@contextmanager
def window(title: str, viewer: Viewer) -> Iterator[Sink]:
    """Show scenes in a window and do what its keys say; q, Esc or closing it wants no more.

    While the picture is held no scene is asked for: a file waits, and of a camera the pictures go by.
    Raises DisplayError without a display.
    """
    require_display()
    _quiet_qt()
    glass = _Glass(title, viewer)
    try:
        yield glass.sink
    finally:
        viewer.close()
        with suppress(cv2.error):  # it may be closed already
            cv2.destroyAllWindows()


class _Glass:
    def __init__(self, title: str, viewer: Viewer) -> None:
        self._title, self._viewer = title, viewer
        self._size: tuple[int, int] | None = None
        self._sized = False

    def sink(self, item: Item) -> bool:
        self._viewer.take(item)
        wanted = self._turn(1)
        while wanted and self._viewer.state.holds:
            wanted = self._turn(_HELD)
        return wanted

    def _turn(self, wait: int) -> bool:
        """Show what is new, take one key; answer whether the window is still wanted."""
        picture = self._viewer.picture(self._open())
        if picture is not None:
            cv2.imshow(self._title, picture)
        key = cv2.waitKeyEx(wait)
        if key >= 0:
            self._viewer.press(key)
        return not self._viewer.ended and self._is_open()

    def _open(self) -> tuple[int, int]:
        """Return (width, height) of the window, which is opened before the first picture and sized by the first frame.

        Pictures are made as large as the window is, so that nothing is scaled after letters were drawn.
        """
        if self._size is None:
            cv2.namedWindow(self._title, cv2.WINDOW_NORMAL | cv2.WINDOW_FREERATIO | cv2.WINDOW_GUI_NORMAL)
            cv2.setMouseCallback(self._title, self._mouse)
            self._size = _FIRST
            cv2.resizeWindow(self._title, *_FIRST)
        frame = self._viewer.picture_size
        if frame is not None and not self._sized:
            self._sized, self._size = True, _suitable(frame)
            cv2.resizeWindow(self._title, *self._size)
            return self._size
        with suppress(cv2.error):  # it was closed
            width, height = cv2.getWindowImageRect(self._title)[2:]
            if width > 0 and height > 0:
                self._size = width, height
        return self._size

    def _mouse(self, event: int, x: int, y: int, flags: int, data: object) -> None:
        if event == cv2.EVENT_MOUSEMOVE:
            self._viewer.point("move", (x, y))
        elif event == cv2.EVENT_LBUTTONDOWN:
            self._viewer.point("down", (x, y))
        elif event == cv2.EVENT_LBUTTONUP:
            self._viewer.point("up", (x, y))

    def _is_open(self) -> bool:
        try:
            return cv2.getWindowProperty(self._title, cv2.WND_PROP_VISIBLE) >= 1
        except cv2.error:  # what OpenCV raises once the last window is closed
            return False


def _quiet_qt() -> None:
    """Keep Qt to the one platform the wheel brings, and its advice about fonts, which are not used, to itself."""
    if sys.platform == "linux":
        os.environ.setdefault("QT_QPA_PLATFORM", "xcb")
    os.environ.setdefault("QT_LOGGING_RULES", "*.warning=false;*.debug=false;*.info=false")


def _suitable(frame: tuple[int, int]) -> tuple[int, int]:
    """Return the size of a window for a frame: its own, if the screen is likely to have room for that."""
    scale = min(1.0, *(most / side for most, side in zip(_LARGEST, frame, strict=True)))
    scale = max(scale, min(2.0, *(least / side for least, side in zip(_FIRST, frame, strict=True))))
    return max(1, round(frame[0] * scale)), max(1, round(frame[1] * scale))
