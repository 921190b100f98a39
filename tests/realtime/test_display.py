"""A display is asked for before Qt can abort the process, and what is missing is named."""

from __future__ import annotations

import ctypes
import sys

import cv2
import pytest

from models.errors import DisplayError
from realtime.display import require_display

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="displays are asked for on Linux")


@needs_linux
@pytest.mark.parametrize(
    ("display", "fault"),
    [("", "there is no display"), (":97", "the display :97 does not answer"), ("x", "the display x does not answer")],
)
@pytest.mark.parametrize("library", ["X11", None])
def test_a_missing_display_is_named(
    display: str, fault: str, library: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cv2, "currentUIFramework", lambda: "QT5")
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.setenv("DISPLAY", display)
    if library is None:  # no libX11 to ask with: its socket is tried

        def no_library(name: str) -> None:
            raise OSError(name)

        monkeypatch.setattr(ctypes, "CDLL", no_library)
    with pytest.raises(DisplayError, match=rf"^{fault}.*--no-window"):
        require_display()


def test_an_opencv_without_windows_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "currentUIFramework", lambda: "")
    with pytest.raises(DisplayError, match="built without windows: pip install opencv-python"):
        require_display()
