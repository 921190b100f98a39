"""What a process holds, and a process of its own that has the fake camera of the tests (Linux)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.fakecam.device import FakeDevice, build, missing


class Held(NamedTuple):
    """Threads, open file handles, and memory in use, in MB of 2^20 bytes."""

    threads: int
    handles: int
    megabytes: float


def held() -> Held:
    """Return what this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    megabytes = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    return Held(len(os.listdir("/proc/self/task")), len(os.listdir("/proc/self/fd")) - 1, round(megabytes, 1))


@contextmanager
def fake_camera() -> Iterator[FakeDevice]:
    """Make a fake camera in a folder of its own; ends the program with a line where none can be made."""
    if why := missing():
        raise SystemExit(why)
    with TemporaryDirectory() as folder:
        yield FakeDevice(Path(folder, "camera"), build(Path(folder)))


def run_beside(device: FakeDevice, *args: str) -> int:
    """Run this program again, with the camera, and return its exit code; it is told of the camera by --camera."""
    given = ["--camera", str(device.folder), str(device.library), *args]
    # A read that gets no picture blocks for one second, not ten.
    environment = {"OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": "1", "OPENCV_LOG_LEVEL": "OFF", "OPENCV_FFMPEG_LOGLEVEL": "-8"}
    command = [sys.executable, *sys.argv, *given]
    return subprocess.run(command, env={**os.environ, **environment, **device.environment}).returncode
