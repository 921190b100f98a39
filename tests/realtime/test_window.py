"""The glass of the live window: opened, fed and ended as OpenCV's windows want it. The real one runs under Xvfb."""

from __future__ import annotations

import ctypes
import ctypes.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from realtime import open_reader
from realtime.clips import open_clip
from realtime.keeping import Keeper, Places
from realtime.overlay import REVIEW
from realtime.roi import RoiReader
from realtime.viewer import About, Viewer
from realtime.window import window
from tests.realtime.making import MODEL, Picture, scene, sheet, write_clip
from tests.realtime.test_cli import ROOT
from tests.realtime.test_overlay import has

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="displays are asked for on Linux")


def viewer(folder: Path) -> Viewer:
    reader = RoiReader(open_reader(live=True), frames=True)
    return Viewer(About("it", "fake", lambda: 0.0), reader, Keeper(Places(folder, folder), MODEL))


class FakeWindows:
    """Stands in for OpenCV's windows: at each turn the next key is pressed; it is closed at the third picture."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, keys: str = "", closed: bool = False) -> None:
        self.shown: list[Picture] = []
        self.keys, self.closed, self.destroyed, self.size = iter(keys), closed, False, (640, 480)
        monkeypatch.setattr("realtime.window.require_display", lambda: None)
        for name in ("namedWindow", "setMouseCallback"):
            monkeypatch.setattr(cv2, name, lambda *args: None)
        monkeypatch.setattr(cv2, "resizeWindow", self.resize)
        monkeypatch.setattr(cv2, "imshow", lambda title, picture: self.shown.append(picture))
        monkeypatch.setattr(cv2, "waitKeyEx", lambda wait: ord(next(self.keys, "\0")) or -1)
        monkeypatch.setattr(cv2, "getWindowProperty", self.visible)
        monkeypatch.setattr(cv2, "getWindowImageRect", lambda title: (0, 0, *self.size))
        monkeypatch.setattr(cv2, "destroyAllWindows", self.destroy)

    def resize(self, title: str, width: int, height: int) -> None:
        self.size = width, height

    def visible(self, *args: object) -> float:
        if self.closed and len(self.shown) >= 3:
            raise cv2.error("NULL window")  # what OpenCV does once the last window is closed
        return 1.0

    def destroy(self) -> None:
        self.destroyed = True


@pytest.mark.parametrize(
    ("keys", "closed", "taken"),
    [("..q", False, 3), ("..Q", False, 3), ("..\x1b", False, 3), ("", True, 3), ("..x", False, 9)],
)
def test_q_escape_and_closing_end_it(
    keys: str, closed: bool, taken: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake = FakeWindows(monkeypatch, keys, closed)
    count = 0
    with window("it", viewer(tmp_path)) as sink:
        wanted = True
        while wanted and count < 9:
            wanted = sink(scene(count, image=sheet()))
            count += 1
    assert count == len(fake.shown) == taken
    assert fake.destroyed


def test_a_held_picture_asks_for_no_other_and_still_takes_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake = FakeWindows(monkeypatch, " mh......h  q")
    with window("it", viewer(tmp_path)) as sink:
        assert sink(scene(0, image=sheet()))  # pause, mirror, help on and off; space goes on
        assert not sink(scene(1, image=sheet()))  # paused by the second space, ended by q
    assert len(fake.shown) == 5 + 2  # what nothing changes is not drawn again


def test_pictures_are_as_large_as_the_window(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake = FakeWindows(monkeypatch)
    with window("it", viewer(tmp_path)) as sink:
        sink(scene(0, image=np.full((2160, 3840, 3), 200, np.uint8)))
        fake.size = (900, 500)
        sink(scene(1, image=np.full((2160, 3840, 3), 200, np.uint8)))
    assert [shown.shape for shown in fake.shown] == [(720, 1280, 3), (500, 900, 3)]


def test_what_is_recorded_is_whole_when_the_window_ends(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    FakeWindows(monkeypatch, "r...q")
    with window("it", viewer(tmp_path)) as sink:
        while sink(scene(0, image=sheet())):
            pass
    (video,) = tmp_path.glob("*-recording.mp4")
    with open_clip(str(video)) as frames:
        assert len([*frames]) == 4


@pytest.fixture(scope="module")
def screen() -> Iterator[dict[str, str]]:
    """Start a display that is nobody else's, and yield the environment of programs that are shown on it."""
    for program in ("Xvfb", "xdotool", "import"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1400x900x24"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    with server.stdout as told:
        yield os.environ | {"DISPLAY": f":{told.readline().strip()}", "PYTHONPATH": str(ROOT)}
    server.terminate()
    server.wait(10)


def until(holds: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)


class Desktop:
    """The window of a program in a process of its own: its keys and mouse, and what it shows."""

    def __init__(self, screen: dict[str, str], folder: Path, title: str, *command: str) -> None:
        self.screen = screen
        self.process = subprocess.Popen(
            [sys.executable, *command], env=screen, cwd=folder, stdout=-1, stderr=-1, text=True
        )
        find = ["xdotool", "search", "--sync", "--name", f"^{title}$"]
        found = subprocess.run(find, env=self.screen, capture_output=True, text=True, timeout=30)
        self.window = found.stdout.split()[-1]

    def _do(self, *words: object) -> None:
        subprocess.run(["xdotool", *map(str, words)], check=True, env=self.screen, capture_output=True)

    def key(self, name: str) -> None:
        # Not checked: where the key ends the program, the window may be gone before xdotool lets go of it.
        subprocess.run(
            ["xdotool", "key", "--window", self.window, name], env=self.screen, capture_output=True, check=False
        )

    def mouse(self, x: int, y: int) -> None:
        self._do("mousemove", "--window", self.window, x, y)

    def button(self, what: str) -> None:
        self._do(what, 1)

    def size(self, width: int, height: int) -> None:
        self._do("windowsize", "--sync", self.window, width, height)

    def shot(self) -> Picture:
        """Return what the window shows, (H, W, 3) uint8 BGR."""
        done = subprocess.run(["import", "-window", self.window, "png:-"], env=self.screen, capture_output=True)
        picture = cv2.imdecode(np.frombuffer(done.stdout, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        return np.asarray(picture, np.uint8)

    def press_until(self, name: str, holds: Callable[[Picture], object]) -> None:
        """Press a key again and again, until what the window shows has a property.

        Between two pictures highgui keeps one key: how often it has to be pressed depends on how fast they come.
        """

        def pressed() -> object:
            self.key(name)
            return holds(self.shot())

        until(pressed)

    def painted(self, holds: Callable[[Picture], object]) -> None:
        """Wait until what the window shows has a property.

        Without a window manager Qt now and then misses that its window was mapped, also of a bare OpenCV window, and
        paints nothing until it is mapped again.
        """
        end = time.monotonic() + 60
        while not holds(self.shot()):
            assert time.monotonic() < end, "it was not painted"
            time.sleep(0.5)
            if self.shot().max() == 0:
                self._do("windowunmap", "--sync", self.window)
                self._do("windowmap", "--sync", self.window)

    def close(self) -> None:
        """Ask the window to close, as a desktop does when its X is clicked."""
        x11 = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
        x11.XOpenDisplay.restype = ctypes.c_void_p
        x11.XInternAtom.restype = ctypes.c_ulong
        display = ctypes.c_void_p(x11.XOpenDisplay(self.screen["DISPLAY"].encode()))
        protocols, delete = (x11.XInternAtom(display, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW"))
        message = ClientMessage(33, 0, 1, display, int(self.window), protocols, 32, (ctypes.c_long * 5)(delete))
        x11.XSendEvent(display, ctypes.c_ulong(int(self.window)), 0, ctypes.c_long(0), ctypes.byref(message))
        x11.XFlush(display)
        x11.XCloseDisplay(display)

    def end(self, seconds: float = 10) -> tuple[int, str]:
        """Return the exit code and what was said on stderr."""
        told = self.process.communicate(timeout=seconds)[1]
        return self.process.returncode, told


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


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", [sheet()] * 1500)


@pytest.fixture
def desktop(screen: dict[str, str], clip: Path, tmp_path: Path) -> Iterator[Desktop]:
    """A window on a clip of a minute, whose records can be counted."""
    live = Desktop(screen, tmp_path, "digits - clip.mp4", "-m", "realtime", "live", str(clip), "--jsonl", "r.jsonl")
    try:
        until(lambda: read_so_far(tmp_path) > 2)
        live.painted(lambda shown: shown[300:400, 450:600].mean() > 200)
        yield live
    finally:
        live.process.kill()
        live.process.communicate()


def read_so_far(folder: Path) -> int:
    path = folder / "r.jsonl"
    return len(path.read_text().splitlines()) if path.exists() else 0


@needs_linux
@pytest.mark.slow
@pytest.mark.parametrize("how", ["q", "Escape", "close", "Ctrl-C"])
def test_a_real_window_shows_the_reading_and_ends(how: str, desktop: Desktop) -> None:
    if how == "close":
        desktop.close()
    elif how == "Ctrl-C":
        desktop.process.send_signal(signal.SIGINT)
    else:
        desktop.key(how)
    code, told = desktop.end()
    assert code == (130 if how == "Ctrl-C" else 0)
    assert "Traceback" not in told
    assert len(told.splitlines()) == 1


def at_rest(shown: Picture) -> bool:
    """Tell whether the lower bar says nothing."""
    return bool(shown[-8:, :300].mean() > 200)


@needs_linux
@pytest.mark.slow
def test_keys_change_what_a_real_window_shows(desktop: Desktop) -> None:
    plain = desktop.shot()
    assert plain.shape == (480, 640, 3)
    desktop.key("h")
    until(lambda: desktop.shot()[100:400, 200:440].mean() < 120)
    desktop.key("h")
    until(lambda: desktop.shot()[300:400, 450:600].mean() > 200)
    desktop.key("t")
    until(lambda: desktop.shot()[300:400, 450:600].min() > 240)  # paper of 225 is 255 in the ink
    desktop.key("t")
    until(lambda: at_rest(desktop.shot()))
    assert not has(REVIEW, desktop.shot())
    desktop.press_until("c", lambda shown: has(REVIEW, shown))
    desktop.press_until("v", lambda shown: not has(REVIEW, shown) and at_rest(shown))
    desktop.key("m")
    until(lambda: np.abs(desktop.shot()[60:200, ::-1].astype(int)[:, 70:110] - plain[60:200, 70:110]).mean() < 12)
    desktop.key("m")
    until(lambda: at_rest(desktop.shot()))
    desktop.mouse(330, 130)
    desktop.key("e")
    until(lambda: desktop.shot()[320:420, 530:600].mean() < 90)
    desktop.key("e")
    until(lambda: at_rest(desktop.shot()))
    ink = (plain[40:440].max(axis=2) < 70).sum()
    desktop.press_until("plus", lambda shown: (shown[40:440].max(axis=2) < 70).sum() > 1.5 * ink)
    desktop.press_until("minus", at_rest)
    desktop.size(1000, 700)
    until(lambda: desktop.shot().shape == (700, 1000, 3) and desktop.shot()[500:640, 700:900].mean() > 200)
    desktop.key("q")
    assert desktop.end()[0] == 0


@needs_linux
@pytest.mark.slow
def test_a_paused_real_window_reads_nothing_and_ends(desktop: Desktop, tmp_path: Path) -> None:
    desktop.key("space")
    until(lambda: not at_rest(desktop.shot()))
    held = read_so_far(tmp_path)
    time.sleep(0.5)
    assert read_so_far(tmp_path) == held
    desktop.key("space")
    until(lambda: read_so_far(tmp_path) > held + 5)
    desktop.key("space")
    until(lambda: not at_rest(desktop.shot()))
    desktop.key("q")
    assert desktop.end()[0] == 0


@needs_linux
@pytest.mark.slow
def test_a_real_window_keeps_snapshots_recordings_and_corrections(desktop: Desktop, tmp_path: Path) -> None:
    desktop.key("s")
    until(lambda: len([*(tmp_path / "snapshots").glob("*.json")]) == 1)
    (record,) = (tmp_path / "snapshots").glob("*.json")
    assert json.loads(record.read_text())["lines"][0]["text"] == "147"
    desktop.key("r")
    until(lambda: (lambda dot: (dot[:, :, 2].astype(int) - dot[:, :, 1]).max() > 120)(desktop.shot()[:30, 300:]))
    before = read_so_far(tmp_path)
    until(lambda: read_so_far(tmp_path) > before + 10)
    desktop.key("r")
    until(lambda: [*(tmp_path / "snapshots").glob("*-recording.mp4")])
    (video,) = (tmp_path / "snapshots").glob("*-recording.mp4")
    with open_clip(str(video)) as frames:
        assert len([*frames]) >= 5
    desktop.key("f")
    until(lambda: not at_rest(desktop.shot()))
    desktop.mouse(330, 130)
    desktop.button("click")
    desktop.key("1")
    lines = tmp_path / "corrections" / "corrections.jsonl"
    until(lambda: lines.exists() and len(lines.read_text().splitlines()) == 1)
    kept = json.loads(lines.read_text())
    assert (kept["label"], kept["read"]) == ("1", "7")
    assert cv2.imread(str(lines.parent / kept["ink"]), cv2.IMREAD_UNCHANGED) is not None
    desktop.key("Delete")  # a second thought
    until(lambda: lines.read_text().splitlines() and json.loads(lines.read_text())["label"] == "not a digit")
    desktop.key("u")
    until(lambda: lines.read_text() == "")
    assert [*lines.parent.glob("*.png")] == []
    desktop.key("f")
    held = read_so_far(tmp_path)
    until(lambda: read_so_far(tmp_path) > held)
    desktop.key("q")
    assert desktop.end()[0] == 0


@needs_linux
@pytest.mark.slow
def test_a_region_dragged_in_a_real_window_is_what_is_read(desktop: Desktop, tmp_path: Path) -> None:
    def last() -> str:
        whole, _, _ = (tmp_path / "r.jsonl").read_text().rpartition("\n")  # a line may be half written yet
        return str(json.loads(whole.splitlines()[-1])["lines"][0]["text"])

    assert last() == "147"
    desktop.key("g")
    until(lambda: not at_rest(desktop.shot()))
    desktop.mouse(250, 30)
    desktop.button("mousedown")
    desktop.mouse(330, 100)
    desktop.mouse(420, 250)
    desktop.button("mouseup")
    until(lambda: last() == "7")
    until(lambda: desktop.shot()[350:420, 450:600].mean() < 180)
    desktop.key("Escape")
    until(lambda: last() == "147")
    desktop.key("Escape")
    assert desktop.end()[0] == 0


LOST = """
import sys, time
from pathlib import Path
from realtime import open_reader
from realtime.keeping import Keeper, Places
from realtime.roi import RoiReader
from realtime.values import Event
from realtime.viewer import About, Viewer
from realtime.window import window
from tests.realtime.making import MODEL, scene, sheet

reader = RoiReader(open_reader(live=True), frames=True)
viewer = Viewer(About("it", "fake", lambda: 0.0), reader, Keeper(Places(), MODEL))
with window("digits - lost", viewer) as sink:
    sink(scene(image=sheet()))
    news = True
    while sink(Event(1.0, "camera lost", 3, news)):
        time.sleep(0.05)
        news = False
"""


@needs_linux
@pytest.mark.slow
def test_a_real_window_whose_camera_is_lost_says_so_and_takes_keys(screen: dict[str, str], tmp_path: Path) -> None:
    lost = Desktop(screen, tmp_path, "digits - lost", "-c", LOST)
    lost.painted(lambda shown: 10 < shown[300:400, 450:600].mean() < 130)
    assert lost.shot()[220:260].max() > 240  # the notice
    lost.key("h")
    until(lambda: lost.shot()[384:412, 300:500].mean() < 50)
    lost.key("q")
    assert lost.end()[0] == 0
