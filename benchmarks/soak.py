"""Read a camera for a long time with a record every frame: is every frame read, how old is it, does memory grow?

    python benchmarks/soak.py [--minutes 30] [--fps 30] [--seed 1] [--json FILE]

The camera is the tests' fake V4L2 device, read through OpenCV's V4L2 code: 1280 x 720, a page of twenty digits that
moves back and forth. Frames are read and written as `live --no-window --jsonl` does it, in a process of their own.

    read           frames read, of those the camera gave while it was read (it counts them itself)
    age            milliseconds from the grab of a frame to its record on disk
    stalls         times without a record for half a second
    processor      the processor's own time for a frame, with all threads: grabbing, reading, writing
    memory slope   MB an hour, by least squares through a value a second, after the warm-up: the first fifth

The last line tells what else kept the processors busy: figures of a machine under other load are the load's, too.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for `python benchmarks/soak.py` in a bare checkout

from benchmarks.process import fake_camera, held, run_beside
from benchmarks.scenes import frames
from models.classifier import DEFAULT_MODEL
from realtime import open_reader
from realtime.pipeline import Item, run, scenes
from realtime.record import SceneLines, model_fields
from realtime.sinks import changes, json_lines
from realtime.sources import open_source
from realtime.values import Scene
from tests.fakecam.device import FakeDevice

STALL = 0.5
SIZE = (1280, 720)


def film(page: NDArray[np.uint8], count: int = 20, far: int = 4) -> NDArray[np.uint8]:
    """Return (count, H, W, 3): the page moved back and forth, `far` pixels from picture to picture."""
    places = [far * (i if i < count // 2 else count - i) for i in range(count)]
    return np.stack([np.roll(page, (place // 2, place), axis=(0, 1)) for place in places])


class Diary:
    """A sink behind all others: how old each frame is once it is dealt with, and a value of memory a second.

    Its own memory does not grow: it is taken when it is begun.
    """

    def __init__(self, seconds: float, fps: float = 30.0) -> None:
        self._until, self._spent = time.monotonic() + seconds, time.process_time()
        self._notes = np.full((2, round(1.2 * max(seconds, 0) * fps) + 100), -1.0)
        self._memory = np.full((2, round(max(seconds, 0)) + 10), -1.0)
        self._read = self._looked = 0

    @property
    def times(self) -> NDArray[np.float64]:
        """When each frame was dealt with, in seconds of time.monotonic()."""
        return self._notes[0, : self._read]

    @property
    def ages(self) -> NDArray[np.float64]:
        """How old each frame was then, in milliseconds."""
        return self._notes[1, : self._read]

    @property
    def memory(self) -> NDArray[np.float64]:
        """Seconds of time.monotonic() and MB, (n, 2), one a second."""
        return self._memory[:, : self._looked].T

    @property
    def processor(self) -> float:
        """Seconds of the processor, of all threads, since it was begun."""
        return time.process_time() - self._spent

    def __call__(self, item: Item) -> bool:
        """Note an item; wants no more when the time is over."""
        now = time.monotonic()
        if isinstance(item, Scene) and item.frame.grabbed is not None:
            self._notes[:, self._read] = now, 1000 * (now - item.frame.grabbed)
            self._read += 1
        if not self._looked or now - self._memory[0, self._looked - 1] >= 1.0:
            self._memory[:, self._looked] = now, held().megabytes
            self._looked += 1
        return now < self._until


def slope(memory: NDArray[np.float64]) -> float:
    """Return MB an hour of (n, 2) seconds and MB, by least squares; the first fifth is warm-up. 0 if n is below two."""
    kept = memory[len(memory) // 5 :]
    if len(kept) < 2:
        return 0.0
    return float(np.polyfit(kept[:, 0] - kept[0, 0], kept[:, 1], 1)[0]) * 3600


def figures(diary: Diary, given: int, lost: int) -> dict[str, Any]:
    """Return what the diary tells; given, lost: frames OpenCV took, and those it was too slow for."""
    ages, gaps, memory = diary.ages, np.diff(diary.times), diary.memory
    return {
        "minutes": round((diary.times[-1] - diary.times[0]) / 60, 1),
        "read": len(ages),
        "given": given + lost,
        "share_read": round(len(ages) / max(given + lost, 1), 4),
        "age_ms": {f"p{p}": round(float(np.percentile(ages, p)), 1) for p in (50, 95, 99)},
        "longest_gap_s": round(float(gaps.max(initial=0.0)), 2),
        "stalls": int((gaps > STALL).sum()),
        "memory_mb": [float(memory[len(memory) // 5, 1]), float(memory[-1, 1])],
        "memory_slope_mb_per_hour": round(slope(memory), 2),
        "memory_by_minute_mb": [round(float(each), 1) for each in memory[::60, 1]],
        "processor_ms": round(1000 * diary.processor / len(ages), 1),
        "load": round(os.getloadavg()[0], 1),
    }


def inside(device: FakeDevice, minutes: float, fps: float) -> dict[str, Any]:
    """Read in this process, which has the camera, and return the figures."""
    reader = open_reader(live=True)
    to_text = SceneLines(model_fields(reader.card, DEFAULT_MODEL))
    with TemporaryDirectory() as folder, ExitStack() as stack:
        sinks = [stack.enter_context(json_lines(str(Path(folder, "r.jsonl")), to_text, live=True))]
        sinks.append(stack.enter_context(changes(lambda line: None)))
        source = stack.enter_context(open_source("0"))
        before = device.counts()
        diary = Diary(60 * minutes, fps)
        run(scenes(source, reader), [*sinks, diary])
        after = device.counts()
    return figures(diary, after[0] - before[0], after[1] - before[1])


def text(told: dict[str, Any]) -> str:
    """Return the report for people."""
    age, (first, last) = told["age_ms"], told["memory_mb"]
    return "\n".join(
        [
            f"{told['minutes']} minutes",
            f"read           {told['read']} of {told['given']} frames ({100 * told['share_read']:.1f} %)",
            f"age            p50 {age['p50']} ms, p95 {age['p95']} ms, p99 {age['p99']} ms",
            f"stalls         {told['stalls']}, the longest time without a record {told['longest_gap_s']} s",
            f"memory slope   {told['memory_slope_mb_per_hour']} MB an hour (from {first} MB to {last})",
            f"processor      {told['processor_ms']} ms a frame",
            f"load           {told['load']} on {os.cpu_count()} processors in the last minute",
        ]
    )


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0, metavar="N")
    parser.add_argument("--fps", type=int, default=30, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--camera", nargs=2, type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if not args.camera:
        with fake_camera() as device:
            device.show({SIZE: film(frames(args.seed)["page"])}, args.fps)
            raise SystemExit(run_beside(device))
    told = inside(FakeDevice(*args.camera), args.minutes, args.fps)
    print(text(told))
    if args.json:
        args.json.write_text(json.dumps(told, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
