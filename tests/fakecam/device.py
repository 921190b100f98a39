"""A V4L2 camera for a process of its own: the library beside this file, compiled, and the folder that is the camera."""

from __future__ import annotations

import os
import platform
import shutil
import struct
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

SOURCE = Path(__file__).with_name("v4l2.c")
PATH = "/dev/video0"


def missing() -> str:
    """Return why no such camera can be made here; "" where it can."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return "the fake V4L2 camera is for Linux on x86-64"
    return "" if compiler() else "no C compiler: apt-get install gcc"


def compiler() -> str | None:
    return shutil.which("cc") or shutil.which("gcc")


def build(folder: Path) -> Path:
    """Compile the library into a folder and return its path."""
    library = folder / "v4l2.so"
    command = [compiler() or "cc", "-shared", "-fPIC", "-O2", "-o", str(library), str(SOURCE), "-lpthread"]
    subprocess.run(command, check=True, capture_output=True)
    return library


def yuyv(picture: NDArray[np.uint8]) -> bytes:
    """Return (H, W, 3) uint8 BGR, W even, as raw YUYV 4:2:2."""
    coded = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV)
    raw = np.empty((*picture.shape[:2], 2), np.uint8)
    raw[..., 0] = coded[..., 0]
    raw[:, 0::2, 1], raw[:, 1::2, 1] = coded[:, 0::2, 1], coded[:, 0::2, 2]
    return raw.tobytes()


class FakeDevice:
    """The camera: what it shows, and what happens to it."""

    def __init__(self, folder: Path, library: Path) -> None:
        self.folder, self.library = folder, library
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def environment(self) -> dict[str, str]:
        """What a process that is to have the camera needs in its environment."""
        return {"FAKECAM": str(self.folder), "LD_PRELOAD": str(self.library)}

    def show(self, films: Mapping[tuple[int, int], NDArray[np.uint8]], *rates: int) -> None:
        """Give these pictures, by (width, height), from the next opening on; the first size is the usual one."""
        for (width, height), film in films.items():
            part = self.folder / "part"
            part.write_bytes(b"".join(yuyv(picture) for picture in film.reshape(-1, height, width, 3)))
            os.replace(part, self.folder / f"{width}x{height}.YUYV")  # the old one may be mapped
        told = " ".join(map(str, rates or (30,)))
        (self.folder / "modes").write_text("".join(f"{w}x{h} YUYV {told}\n" for w, h in films))

    def show_compressed(self, picture: NDArray[np.uint8], *rates: int) -> None:
        """Give this picture, too, as Motion JPEG in its own size, at these rates."""
        height, width = picture.shape[:2]
        (self.folder / f"{width}x{height}.MJPG").write_bytes(cv2.imencode(".jpg", picture)[1].tobytes())
        with open(self.folder / "modes", "a") as modes:
            modes.write(f"{width}x{height} MJPG {' '.join(map(str, rates))}\n")

    def set(self, *flags: str) -> None:
        """Unplug it, stall it, ...: the names stand at the head of the library."""
        for flag in flags:
            (self.folder / flag).touch()

    def clear(self, *flags: str) -> None:
        """Let what was set be over."""
        for flag in flags:
            (self.folder / flag).unlink(missing_ok=True)

    def counts(self) -> tuple[int, int]:
        """Return how many pictures the program took, and how many were lost to it because it was too slow."""
        taken, lost = struct.unpack("QQ", (self.folder / "count").read_bytes())
        return taken, lost
