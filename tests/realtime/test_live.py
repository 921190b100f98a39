"""`live` in a process of its own, on a V4L2 camera that is pulled out, stalls and changes, and on a network camera."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fakecam.device import FakeDevice, build, missing
from tests.fakecam.stream import NetworkCamera
from tests.realtime.making import network_camera, sheet
from tests.realtime.test_cli import ROOT, digits, records
from tests.realtime.test_watchdog import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="signals are of Unix")]
needs_device = pytest.mark.skipif(bool(missing()), reason=missing() or "-")
SHORT_STALLS = {"OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": "1"}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("fakecam"))


@pytest.fixture
def device(library: Path, tmp_path: Path) -> FakeDevice:
    camera = FakeDevice(tmp_path / "camera", library)
    camera.show({(640, 480): sheet(), (800, 600): sheet(600, 800)})
    return camera


class Live:
    """A `live` that runs: what it wrote so far, and how it ends."""

    def __init__(self, folder: Path, environment: Mapping[str, str], *args: str, window: bool = False) -> None:
        self.folder = folder
        shown = () if window else ("--no-window",)
        command = [sys.executable, "-m", "realtime", "live", *args, *shown, "--jsonl", str(folder / "l.jsonl")]
        self.process = subprocess.Popen(
            command,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.told: list[str] = []
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as stderr:
            self.told.extend(stderr)

    @property
    def lines(self) -> list[dict[str, object]]:
        """The records and events so far; a line may be under way."""
        path = self.folder / "l.jsonl"
        lines = path.read_text().splitlines(True) if path.exists() else []
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def events(self) -> list[str]:
        return [str(line["event"]) for line in self.lines if line["schema"] == "digits.event/1"]

    def read(self) -> int:
        return sum(line["schema"] == "digits.record/1" for line in self.lines)

    def reads_on(self) -> None:
        """Wait until more was read."""
        before = self.read()
        self.until(lambda: self.read() > before + 1)

    def until(self, condition: Callable[[], bool]) -> None:
        over = time.monotonic() + 30.0
        while not condition():
            assert self.process.poll() is None, f"has ended: {self.told}"
            assert time.monotonic() < over, (self.told, self.events())
            time.sleep(0.02)

    def handles(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def threads(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/task"))

    def interrupt(self) -> float:
        """Press Ctrl-C and return how many seconds it takes to end."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.wait()
        return time.monotonic() - began

    def wait(self) -> int:
        code = self.process.wait(30)
        self._listener.join()
        return code


@contextmanager
def live(folder: Path, environment: Mapping[str, str], *args: str, window: bool = False) -> Iterator[Live]:
    running = Live(folder, environment, *args, window=window)
    try:
        yield running
    finally:
        running.process.kill()
        running.wait()


@needs_device
def test_a_real_driver_is_read_with_every_picture_newest_and_once(device: FakeDevice, tmp_path: Path) -> None:
    done = digits("live", "0", "--no-window", "--max-frames", "20", "--jsonl", "-", env=os.environ | device.environment)
    assert (done.returncode, done.stderr) == (0, "20 frames read\n")
    seen = records(done.stdout)
    assert [record["source"]["index"] for record in seen] == list(range(20))  # type: ignore[index]
    assert {record["source"]["uri"] for record in seen} == {"camera:0"}  # type: ignore[index]
    assert seen[-1]["lines"][0]["text"] == "147"  # type: ignore[index]
    taken, _ = device.counts()
    assert taken >= 20


@needs_device
def test_unplugged_and_plugged_in_again_with_another_size(device: FakeDevice, tmp_path: Path) -> None:
    with live(tmp_path, device.environment, "0") as running:
        running.until(lambda: running.read() > 2)
        device.set("unplugged")
        running.until(lambda: running.events().count("camera lost") >= 2)
        device.show({(320, 240): sheet()[:240, :320].copy()})
        device.clear("unplugged")
        running.until(lambda: "camera back" in running.events())
        running.reads_on()
        assert running.interrupt() < 2.0
    assert running.process.returncode == 130
    events = running.events()
    assert events == ["camera lost"] * (len(events) - 2) + ["camera back", "size changed"]
    attempts = [line["attempt"] for line in running.lines if line.get("event") == "camera lost"]
    assert attempts == list(range(1, len(attempts) + 1))
    assert [line.split(";")[0].split(" after")[0] for line in running.told] == [
        "camera:0: is lost",
        "camera:0: is back",
        "interrupted\n",
    ]
    frames = [line["source"] for line in running.lines if line["schema"] == "digits.record/1"]
    assert [frame["index"] for frame in frames] == list(range(len(frames)))  # type: ignore[index]
    assert {(frame["width"], frame["height"]) for frame in frames} == {(640, 480), (320, 240)}  # type: ignore[index]
    times = [line.get("time_s") or line["source"]["time_s"] for line in running.lines]  # type: ignore[index]
    assert times == sorted(times)  # type: ignore[type-var]


@needs_device
def test_a_camera_that_stalls_comes_back(device: FakeDevice, tmp_path: Path) -> None:
    with live(tmp_path, device.environment | SHORT_STALLS, "0") as running:
        running.until(lambda: running.read() > 2)
        device.set("stalled")
        running.until(lambda: "camera lost" in running.events())
        device.clear("stalled")
        running.until(lambda: "camera back" in running.events())
        running.reads_on()


@needs_device
@pytest.mark.slow
def test_losses_leave_no_threads_and_no_handles(device: FakeDevice, tmp_path: Path) -> None:
    with live(tmp_path, device.environment, "0") as running:
        running.until(lambda: running.read() > 2)
        seen = []
        for n in range(1, 6):
            device.set("unplugged")
            running.until(lambda n=n: len([e for e in running.told if "is lost" in e]) == n)  # type: ignore[misc]
            device.clear("unplugged")
            running.until(lambda n=n: running.events().count("camera back") == n)  # type: ignore[misc]
            running.reads_on()
            seen.append((running.handles(), running.threads()))
    assert len(set(seen)) == 1, seen


@needs_device
@pytest.mark.parametrize("flag", ["unplugged", "stalled"])
def test_a_camera_that_stays_away_is_given_up_when_told_to(flag: str, device: FakeDevice, tmp_path: Path) -> None:
    with live(tmp_path, device.environment, "0", "--give-up-after", "1.5") as running:
        running.until(lambda: running.read() > 2)
        device.set(flag)
        assert running.wait() == 6
    assert running.told[-1] == "error: camera:0: is lost, no picture for 1.5 s; check its cable or network\n"
    assert running.read() > 2


@needs_device
@pytest.mark.parametrize(
    ("flag", "says"),
    [
        ("unplugged", "error: camera:0: cannot be opened; there is no /dev/video0; connect a camera"),
        ("forbidden", "error: camera:0: cannot be opened; no permission for /dev/video0: sudo usermod -aG video $USER"),
        ("busy", "error: camera:0: cannot be opened; close other programs that use it"),
    ],
)
def test_a_camera_that_cannot_be_opened_is_one_line(flag: str, says: str, device: FakeDevice) -> None:
    device.set(flag)
    done = digits("live", "0", "--no-window", env=os.environ | device.environment)
    assert done.returncode == 6
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(says)


@needs_device
def test_what_the_camera_really_gives_is_told(device: FakeDevice) -> None:
    device.show({(640, 480): sheet(), (800, 600): sheet(600, 800)}, 30, 10)
    asked = ("--width", "1920", "--height", "1080", "--fps", "60", "--backend", "V4L2")
    environment = os.environ | device.environment
    done = digits("live", "0", "--no-window", "--max-frames", "1", "--jsonl", "-", *asked, env=environment)
    assert done.stderr.splitlines()[0] == (
        "camera:0: asked for width 1920, height 1080, fps 60; it gives 800x600 at 30 frames a second"
    )
    (record,) = records(done.stdout)
    assert (record["source"]["width"], record["source"]["height"]) == (800, 600)  # type: ignore[index]
    done = digits("live", "0", "--no-window", "--max-frames", "1", "--fps", "10", env=environment)
    assert done.stderr == "1 frames read\n"


@needs_device
@pytest.mark.parametrize(
    ("rate", "told"), [("30", ""), ("10", ""), ("60", "; it gives 1280x720 at 30 frames a second")]
)
def test_a_rate_that_raw_pictures_do_not_reach_is_had_with_compressed_ones(
    rate: str, told: str, device: FakeDevice
) -> None:
    device.show({(640, 480): sheet(), (1280, 720): sheet(720, 1280)}, 10)
    device.show_compressed(sheet(720, 1280), 30)
    asked = ("--width", "1280", "--height", "720", "--fps", rate, "--max-frames", "6")
    done = digits("live", "0", "--no-window", "--jsonl", "-", *asked, env=os.environ | device.environment)
    assert done.stderr.splitlines()[-1] == "6 frames read"
    assert told in done.stderr.splitlines()[0]
    assert bool(told) == (len(done.stderr.splitlines()) == 2)
    seen = records(done.stdout)
    assert {(record["source"]["width"], record["source"]["height"]) for record in seen} == {(1280, 720)}  # type: ignore[index]
    assert seen[-1]["lines"][0]["text"] == "147"  # type: ignore[index]


def test_what_is_asked_of_a_camera_that_is_none_is_refused(tmp_path: Path) -> None:
    done = digits("live", "http://127.0.0.1:9/", "--no-window", "--width", "640")
    assert (done.returncode, done.stderr[:52]) == (2, "error: http://127.0.0.1:9/: --width, --height, --fps")


def test_a_stream_that_ends_is_lost_and_its_records_stay(tmp_path: Path) -> None:
    with network_camera([sheet()] * 5, "close") as address:
        give_up = ("--give-up-after", "0.01")
        done = digits("live", address, "--no-window", "--jsonl", tmp_path / "l.jsonl", *give_up)
    assert done.returncode == 6
    assert done.stderr.splitlines()[-1].startswith(f"error: {address}: is lost")
    assert "digits.record/1" in (tmp_path / "l.jsonl").read_text()


@needs_device
@pytest.mark.parametrize("flag", [None, "stalled", "unplugged"])
def test_ctrl_c_ends_it_whatever_the_driver_does(flag: str | None, device: FakeDevice, tmp_path: Path) -> None:
    with live(tmp_path, device.environment, "0") as running:
        running.until(lambda: running.read() > 2)
        if flag:
            device.set(flag)
        if flag == "unplugged":
            running.until(lambda: "camera lost" in running.events())
        took = running.interrupt()
    assert (running.process.returncode, running.told[-1]) == (130, "interrupted\n")
    assert took < 2.0  # a read blocks for three seconds


def test_ctrl_c_ends_it_while_the_first_opening_blocks(tmp_path: Path) -> None:
    with NetworkCamera([sheet()]) as camera:
        camera.mode = "silent"
        with live(tmp_path, {}, camera.address) as running:
            wait_for(lambda: camera.asked > 0)
            took = running.interrupt()
    assert (running.process.returncode, running.told) == (130, ["interrupted\n"])
    assert took < 2.0


def test_ctrl_c_ends_it_while_opening_again_blocks(tmp_path: Path) -> None:
    with NetworkCamera([sheet()]) as camera, live(tmp_path, {}, camera.address) as running:
        running.until(lambda: running.read() > 1)
        camera.mode = "silent"
        asked = camera.asked
        camera.hang_up()
        running.until(lambda: camera.asked > asked)
        took = running.interrupt()
    assert (running.process.returncode, running.told[-1]) == (130, "interrupted\n")
    assert took < 2.0


def test_a_driver_that_returns_while_python_ends_does_not_abort_the_process() -> None:
    with network_camera([sheet()], rate=6.0) as address:  # the next picture comes within what Python takes to end
        for _ in range(3):
            done = digits("live", address, "--no-window", "--max-frames", "2")
            assert (done.returncode, done.stderr) == (0, "2 frames read\n")


@pytest.fixture
def screen() -> Iterator[str]:
    """A display of one's own, whose number the server picks."""
    for program in ("Xvfb", "xdotool"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1400x900x24"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout is not None
    with server.stdout as told:
        yield f":{told.readline().strip()}"
        server.terminate()
    server.wait(10)


@needs_device
@pytest.mark.slow
@pytest.mark.parametrize("flag", ["stalled", "unplugged"])
def test_q_ends_the_window_while_the_camera_is_away(flag: str, screen: str, device: FakeDevice, tmp_path: Path) -> None:
    environment = device.environment | {"DISPLAY": screen}
    with live(tmp_path, environment, "0", window=True) as running:
        running.until(lambda: running.read() > 2)
        find = ["xdotool", "search", "--sync", "--onlyvisible", "--name", "^digits - camera 0"]
        display = os.environ | {"DISPLAY": screen}
        window = subprocess.run(find, env=display, capture_output=True, text=True, timeout=20).stdout.split()[-1]
        device.set(flag)
        if flag == "unplugged":
            running.until(lambda: "camera lost" in running.events())
        else:
            time.sleep(1.0)  # inside a read, which blocks for three seconds
        began = time.monotonic()
        # Not checked: the window may be gone before xdotool lets go of the key.
        subprocess.run(["xdotool", "key", "--window", window, "q"], env=display, check=False, stderr=subprocess.DEVNULL)
        assert running.wait() == 0
        assert time.monotonic() - began < 1.5
