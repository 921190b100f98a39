"""The window: asked for before Qt can abort, ended by q and by closing it. The real one runs under Xvfb."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import pytest

from models.errors import DisplayError
from realtime.display import require_display, window
from tests.realtime.making import picture, scene, sheet, write_clip
from tests.realtime.test_cli import ROOT

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


class FakeWindows:
    """Stands in for OpenCV's windows: a key is pressed, or the window closed, at the third picture."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, key: int = -1, closed: bool = False) -> None:
        self.shown, self.key, self.closed, self.destroyed = 0, key, closed, False
        monkeypatch.setattr("realtime.display.require_display", lambda: None)
        for name in ("namedWindow", "resizeWindow"):
            monkeypatch.setattr(cv2, name, lambda *args: None)
        monkeypatch.setattr(cv2, "imshow", self.show)
        monkeypatch.setattr(cv2, "waitKey", lambda wait: self.key if self.shown >= 3 else -1)
        monkeypatch.setattr(cv2, "getWindowProperty", self.visible)
        monkeypatch.setattr(cv2, "destroyAllWindows", self.destroy)

    def show(self, *args: object) -> None:
        self.shown += 1

    def visible(self, *args: object) -> float:
        if self.closed and self.shown >= 3:
            raise cv2.error("NULL window")  # what OpenCV does once the last window is closed
        return 1.0

    def destroy(self) -> None:
        self.destroyed = True


@pytest.mark.parametrize(
    ("key", "closed", "shown"),
    [(ord("q"), False, 3), (ord("Q"), False, 3), (27, False, 3), (-1, True, 3), (ord("x"), False, 9)],
)
def test_q_escape_and_closing_end_it(key: int, closed: bool, shown: int, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeWindows(monkeypatch, key, closed)
    with window("it", lambda shown: shown.frame.image) as sink:
        wanted = True
        for i in range(9):
            wanted = wanted and sink(scene(i, image=picture()))
    assert fake.shown == shown
    assert fake.destroyed


DISPLAY = ":94"


@pytest.fixture
def screen() -> Iterator[str]:
    for program in ("Xvfb", "xdotool"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    server = subprocess.Popen(["Xvfb", DISPLAY, "-screen", "0", "1400x900x24"], stderr=subprocess.DEVNULL)
    time.sleep(1.5)
    yield DISPLAY
    server.terminate()
    server.wait(10)


def press(key: str) -> Callable[[str, subprocess.Popen[str]], None]:
    def act(target: str, process: subprocess.Popen[str]) -> None:
        subprocess.run(["xdotool", "key", "--window", target, key], check=True, env=os.environ | {"DISPLAY": DISPLAY})

    return act


def close(target: str, process: subprocess.Popen[str]) -> None:
    """Ask the window to close, as a desktop does when its X is clicked."""

    class ClientMessage(ctypes.Structure):
        _fields_ = (
            ("type", ctypes.c_int),
            ("serial", ctypes.c_ulong),
            ("send_event", ctypes.c_int),
            ("display", ctypes.c_void_p),
            ("window", ctypes.c_ulong),
            ("message_type", ctypes.c_ulong),
            ("format", ctypes.c_int),
            ("data", ctypes.c_long * 5),
            ("room", ctypes.c_long * 24),
        )

    x11 = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XInternAtom.restype = ctypes.c_ulong
    display = ctypes.c_void_p(x11.XOpenDisplay(DISPLAY.encode()))
    protocols, delete = (x11.XInternAtom(display, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW"))
    message = ClientMessage(33, 0, 1, display, int(target), protocols, 32, (ctypes.c_long * 5)(delete))
    x11.XSendEvent(display, ctypes.c_ulong(int(target)), 0, ctypes.c_long(0), ctypes.byref(message))
    x11.XFlush(display)
    x11.XCloseDisplay(display)


def interrupt(target: str, process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)


@needs_linux
@pytest.mark.slow
@pytest.mark.parametrize(
    ("act", "code"),
    [(press("q"), 0), (press("Escape"), 0), (close, 0), (interrupt, 130)],
    ids=["q", "Esc", "close", "Ctrl-C"],
)
def test_a_real_window_shows_the_reading_and_ends(
    act: Callable[[str, subprocess.Popen[str]], None], code: int, screen: str, tmp_path: Path
) -> None:
    clip = write_clip(tmp_path / "clip.mp4", [sheet()] * 500)  # twenty seconds
    environment = os.environ | {"DISPLAY": screen, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "realtime", "live", str(clip)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    find = ["xdotool", "search", "--sync", "--name", "^digits - clip.mp4$"]
    found = subprocess.run(find, env=environment, capture_output=True, text=True, timeout=20)
    time.sleep(1.0)
    act(found.stdout.split()[-1], process)
    told = process.communicate(timeout=10)[1]
    assert process.returncode == code
    assert "Traceback" not in told
    assert len(told.splitlines()) == 1
