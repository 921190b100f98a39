"""Pull out, stall, kill and change cameras at random, and see whether live reading comes back every time.

    python benchmarks/chaos.py [--each 50] [--seed 1] [--json FILE]

A process of its own reads two cameras at once, each with a reader: the tests' fake V4L2 device (through OpenCV's V4L2
code) and an MJPEG server on this machine. Each fault happens to one of them, in random order:

    unplug         the device is gone for up to a second, and back
    replug         it is gone for a tenth of a second
    stall          the device, or the server, gives nothing until its loss was noticed
    server death   the server's connections are cut and its port is closed, until the loss was noticed
    size change    one of them is back with pictures of another size

Recovered is a fault after which a frame was read that was taken after it (of the new size). The time counts from the
end of the fault to that frame. Threads, file handles and memory are those of the process, before the first fault and
after the last. Waiting times are short (a stall counts after half a second), so that many faults take minutes.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for `python benchmarks/chaos.py` in a bare checkout

from benchmarks.process import Held, fake_camera, held, run_beside
from benchmarks.scenes import frames
from realtime import open_reader
from realtime.cameras import open_camera, open_stream
from realtime.pipeline import Item, scenes
from realtime.values import LOST, Event, Frame, Scene
from realtime.watchdog import Patience
from tests.fakecam.device import FakeDevice
from tests.fakecam.stream import NetworkCamera

KINDS = ("unplug", "replug", "stall", "server death", "size change")
HASTE = Patience(first=2.0, next=0.5, answer=0.6, failing=0.1, pause=0.05, longest=0.5)
SIZES = ((320, 240), (400, 300))
RATE = 15
PATIENCE = 30.0


def resized(picture: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return the picture in a size (width, height)."""
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


class Live(threading.Thread):
    """Reads a camera until it is told to stop, and keeps the last frame and the number of losses."""

    def __init__(self, source: AbstractContextManager[Iterator[Frame | Event]]) -> None:
        super().__init__(daemon=True)
        self.source, self.reader = source, open_reader(live=True)
        self.frame: Frame | None = None
        self.read = self.losses = 0
        self.stopped = False
        self.start()

    def run(self) -> None:
        """Read."""
        with self.source as items:
            for item in scenes(items, self.reader):
                self._note(item)
                if self.stopped:
                    return

    def _note(self, item: Item) -> None:
        if isinstance(item, Scene):
            self.frame, self.read = item.frame, self.read + 1
        elif item.event == LOST and item.is_news and item.attempt == 1:
            self.losses += 1

    def has_read(self, since: float, size: tuple[int, int] | None = None) -> bool:
        """Tell whether a frame that came after `since` was read, of a size (width, height) if one is given."""
        frame = self.frame
        if frame is None or frame.grabbed is None or frame.grabbed <= since:
            return False
        return size is None or frame.image.shape[1::-1] == size


class Result(NamedTuple):
    """A fault: its kind, whose it was, and the seconds until frames came again (None: they did not)."""

    kind: str
    whose: str
    seconds: float | None


def wait_for(condition: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Wait until something is so; False when it is not in time."""
    over = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > over:
            return False
        time.sleep(0.005)
    return True


class Chaos:
    """Two cameras, what reads them, and what can happen to them."""

    def __init__(self, device: FakeDevice, server: NetworkCamera, picture: NDArray[np.uint8], seed: int) -> None:
        self.device, self.server, self.random = device, server, random.Random(seed)
        self.pictures = {size: resized(picture, size) for size in SIZES}
        self.sizes = {"camera": SIZES[0], "stream": SIZES[0]}
        self.live = {
            "camera": Live(open_camera(0, HASTE)),
            "stream": Live(open_stream(server.address, HASTE)),
        }

    def order(self, each: int) -> list[str]:
        """Return the kinds of faults, each so many times, in random order."""
        kinds = [kind for kind in KINDS for _ in range(each)]
        self.random.shuffle(kinds)
        return kinds

    def happens(self, kind: str) -> Result:
        """Let a fault happen, and wait until frames come again."""
        whose = {"server death": "stream"}.get(kind) or "camera"
        if kind in ("stall", "size change"):
            whose = self.random.choice(("camera", "stream"))
        live = self.live[whose]
        wait_for(lambda: live.has_read(time.monotonic() - 0.2))  # it works before it fails
        ended = getattr(self, f"_{kind.replace(' ', '_')}")(whose, live)
        size = self.sizes[whose] if kind == "size change" else None
        back = wait_for(lambda: live.has_read(ended, size))
        return Result(kind, whose, round(time.monotonic() - ended, 3) if back else None)

    def _unplug(self, whose: str, live: Live) -> float:
        self.device.set("unplugged")
        time.sleep(self.random.uniform(0.2, 1.0))
        self.device.clear("unplugged")
        return time.monotonic()

    def _replug(self, whose: str, live: Live) -> float:
        self.device.set("unplugged")
        time.sleep(0.1)
        self.device.clear("unplugged")
        return time.monotonic()

    def _stall(self, whose: str, live: Live) -> float:
        losses = live.losses
        if whose == "camera":
            self.device.set("stalled")
        else:
            self.server.mode = "stall"
        wait_for(lambda: live.losses > losses)
        self.device.clear("stalled")
        self.server.mode = "ok"
        return time.monotonic()

    def _server_death(self, whose: str, live: Live) -> float:
        losses = live.losses
        self.server.die()
        wait_for(lambda: live.losses > losses)
        time.sleep(self.random.uniform(0.0, 0.5))
        self.server.start()
        return time.monotonic()

    def _size_change(self, whose: str, live: Live) -> float:
        size = self.sizes[whose] = SIZES[1 - SIZES.index(self.sizes[whose])]
        if whose == "camera":
            self.device.set("unplugged")
            self.device.show({size: self.pictures[size]}, RATE)
            time.sleep(0.1)
            self.device.clear("unplugged")
        else:
            self.server.show([self.pictures[size]])
            self.server.hang_up()
        return time.monotonic()

    def rest(self) -> Held:
        """Return what the process holds when both cameras are read again and what was left inside a driver is out."""
        wait_for(lambda: all(live.has_read(time.monotonic() - 0.2) for live in self.live.values()))
        time.sleep(3.0)  # a blocked read returns within one, a connection of the server ends
        return held()


def report(results: Sequence[Result], before: Held, after: Held) -> dict[str, Any]:
    """Return the figures: of each kind, how many, how many recovered, seconds until then; and what was held."""
    rows: dict[str, dict[str, float]] = {}
    for kind in KINDS:
        times = [result.seconds for result in results if result.kind == kind]
        back = [seconds for seconds in times if seconds is not None]
        rows[kind] = {"faults": len(times), "recovered": len(back)}
        rows[kind] |= {"median_s": round(median(back), 3), "max_s": max(back)} if back else {}
    return {"faults": rows, "before": before._asdict(), "after": after._asdict()}


def text(figures: dict[str, Any]) -> str:
    """Return the report for people."""
    rows = ["fault            faults  recovered  median s   max s"]
    for kind, row in figures["faults"].items():
        times = f"{row['median_s']:9.2f} {row['max_s']:7.2f}" if "max_s" in row else ""
        rows.append(f"{kind:16} {row['faults']:6} {row['recovered']:10} {times}")
    rows += ["", "                 before   after"]
    for name, value in figures["before"].items():
        rows.append(f"{name:14} {value:8} {figures['after'][name]:7}")
    return "\n".join(rows)


def inside(device: FakeDevice, each: int, seed: int) -> dict[str, Any]:
    """Run the faults in this process, which has the camera, and return the figures."""
    page = frames(seed)["page"]
    with NetworkCamera([resized(page, SIZES[0])], RATE) as server:
        chaos = Chaos(device, server, page, seed)
        for kind in KINDS * 2:  # what is loaded at a first fault is no growth
            chaos.happens(kind)
        before, results = chaos.rest(), []
        for count, kind in enumerate(chaos.order(each), 1):
            results.append(chaos.happens(kind))
            if count % 25 == 0:
                print(f"{count} faults, {sum(r.seconds is not None for r in results)} recovered", file=sys.stderr)
        figures = report(results, before, chaos.rest())
        for live in chaos.live.values():
            live.stopped = True
            live.join(2.0)
    return figures


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=50, metavar="N", help="faults of each kind")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--camera", nargs=2, type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if not args.camera:
        with fake_camera() as device:
            device.show({SIZES[0]: resized(frames(args.seed)["page"], SIZES[0])}, RATE)
            raise SystemExit(run_beside(device))
    cv2.setNumThreads(1)
    figures = inside(FakeDevice(*args.camera), args.each, args.seed)
    print(text(figures))
    if args.json:
        args.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
