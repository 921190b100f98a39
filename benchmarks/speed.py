"""Time reading: frames the live way beside the least one can do with a frame, photographs the thorough way, memory.

    python benchmarks/speed.py [--repeats 60] [--photos 5] [--seed 1] [--model FILE] [--json FILE]

OpenCV and the model have one thread each. Frames are 1280 x 720; each is read in turn with the bare floor, gray +
adaptiveThreshold + medianBlur + findContours on the same frame. `cpu` is the processor's own time, and `ratio` is of
its medians: by the clock, a busy machine interrupts the longer work more often. Photographs have twelve megapixels;
`decode` is cv2.imdecode of their JPEG. Stages are timed in further readings, from the outside: a stage is a module of
`realtime`, its time that in its functions when called from another module, less what these call elsewhere; so they add
up, and stay when the insides change.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for `python benchmarks/speed.py` in a bare checkout

from benchmarks.scenes import frames, photos
from benchmarks.stopwatch import stages
from models.classifier import DEFAULT_MODEL
from realtime import open_reader

Picture = NDArray[np.uint8]


def floor(frame: Picture) -> int:
    """Do the least: a threshold, specks off, contours; return how many."""
    gray = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
    mask = cv2.adaptiveThreshold(gray, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 25, 10)
    found, _ = cv2.findContours(cv2.medianBlur(mask, 5), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return len(found)


class Taken(NamedTuple):
    """What some work took, in milliseconds: by the clock, and of the processor, which other programs add little to."""

    clock: float
    processor: float


def took(work: Callable[..., object], *given: object) -> Taken:
    """Return how long some work takes."""
    clock, processor = time.perf_counter(), time.process_time()
    work(*given)
    return Taken(1000 * (time.perf_counter() - clock), 1000 * (time.process_time() - processor))


def summary(times: Sequence[Taken]) -> dict[str, float]:
    """Return median and 95th percentile by the clock, and the median of the processor."""
    clock, processor = np.array(times).T
    return {
        "median_ms": round(float(np.median(clock)), 2),
        "p95_ms": round(float(np.percentile(clock, 95)), 2),
        "processor_ms": round(float(np.median(processor)), 2),
    }


def time_frames(seed: int, model: Path, repeats: int) -> dict[str, Any]:
    """Return for each frame the live reading's time, the floor's, their ratio, and the stages."""
    reader, every = open_reader(model, live=True), frames(seed)
    digits = {name: len(reader.read(frame).digits) for name, frame in every.items()}
    read: dict[str, list[Taken]] = {name: [] for name in every}
    bare: dict[str, list[Taken]] = {name: [] for name in every}
    for _ in range(repeats):
        for name, frame in every.items():
            bare[name].append(took(floor, frame))
            read[name].append(took(reader.read, frame))
    return {
        name: {
            "digits": digits[name],
            "read": summary(read[name]),
            "floor": summary(bare[name]),
            "ratio": round(summary(read[name])["processor_ms"] / summary(bare[name])["processor_ms"], 2),
            "stages_ms": stages(frame, model, live=True, repeats=max(3, repeats // 6)),
        }
        for name, frame in every.items()
    }


def time_photos(every: Mapping[str, bytes], model: Path, repeats: int) -> dict[str, Any]:
    """Return for each photograph the time to decode it and to read it thoroughly, and the stages."""
    reader, found = open_reader(model), {}
    for name, data in every.items():
        packed = np.frombuffer(data, np.uint8)
        picture = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
        digits = len(reader.read(picture).digits)
        decode: list[Taken] = []
        read: list[Taken] = []
        for _ in range(repeats):
            decode.append(took(cv2.imdecode, packed, cv2.IMREAD_COLOR))
            read.append(took(reader.read, picture))
        found[name] = {
            "digits": digits,
            "decode": summary(decode),
            "read": summary(read),
            "stages_ms": stages(picture, model, live=False, repeats=2),
        }
    return found


def peak_megabytes() -> float:
    """Return the most memory this process has held, in MB of 2^20 bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage on Linux may still tell the peak of the process that started this one
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def forget_peak() -> None:
    """Let the peak begin anew, where the system lets one; elsewhere the peak after reading holds that of decoding."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def memory_of(photo: Path, model: Path) -> dict[str, float]:
    """Return this process's peak until it has decoded the photograph, and while it reads it; for a fresh process."""
    cv2.setNumThreads(1)
    reader = open_reader(model)
    picture = np.asarray(cv2.imread(str(photo)), np.uint8)
    before = peak_megabytes()
    forget_peak()
    reader.read(picture)
    return {"decoded_mb": round(before, 1), "read_mb": round(peak_megabytes(), 1)}


def memory(every: Mapping[str, bytes], model: Path) -> dict[str, Any]:
    """Return `memory_of` for each photograph, each in a process of its own."""
    found = {}
    with TemporaryDirectory() as folder:
        for name, data in every.items():
            photo = Path(folder, "photo.jpg")
            photo.write_bytes(data)
            command = [sys.executable, __file__, "--memory-of", str(photo), "--model", str(model)]
            found[name] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


def machine() -> str:
    """Return a few words about what the times were taken on."""
    info = Path("/proc/cpuinfo")
    told = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in told if line.startswith("model name")]
    processor = names[0] if names else platform.processor() or platform.machine()
    return f"{processor}, Python {platform.python_version()}, OpenCV {cv2.__version__}"


def text(report: Mapping[str, Any]) -> str:
    """Return the report for people."""
    rows = [
        report["machine"],
        "",
        "live, 1280 x 720, one thread      digits  read ms    p95    cpu   floor ms    cpu  ratio",
    ]
    for name, row in report["frames"].items():
        read, bare = row["read"], row["floor"]
        times = f"{read['median_ms']:8.2f} {read['p95_ms']:6.2f} {read['processor_ms']:6.2f}"
        times += f" {bare['median_ms']:10.2f} {bare['processor_ms']:6.2f} {row['ratio']:6.2f}"
        rows.append(f"{name:33} {row['digits']:6} {times}")
    rows += [
        "",
        "thorough, 12 megapixels, one thread      digits  decode ms    cpu   read ms    p95    cpu   peak MB",
    ]
    for name, row in report["photos"].items():
        peak = report["memory"].get(name, {})
        memory = f"   {peak['read_mb']:7.0f} ({peak['decoded_mb']:.0f} until decoded)" if peak else ""
        decode, read = row["decode"], row["read"]
        times = f"{decode['median_ms']:10.0f} {decode['processor_ms']:6.0f}"
        times += f" {read['median_ms']:9.0f} {read['p95_ms']:6.0f} {read['processor_ms']:6.0f}"
        rows.append(f"{name:40} {row['digits']:6} {times}{memory}")
    rows += ["", "milliseconds by stage"]
    rows += [f"  {name}: {_stages(row)}" for part in ("frames", "photos") for name, row in report[part].items()]
    return "\n".join(rows)


def _stages(row: Mapping[str, Any]) -> str:
    return "  ".join(f"{stage} {ms:.1f}" for stage, ms in row["stages_ms"].items())


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=60, metavar="N")
    parser.add_argument("--photos", type=int, default=5, metavar="N", help="readings of each photograph; 0 for none")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, metavar="FILE")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--memory-of", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.memory_of:
        print(json.dumps(memory_of(args.memory_of, args.model)))
        return
    cv2.setNumThreads(1)
    every = photos(args.seed) if args.photos else {}
    report = {
        "machine": machine(),
        "memory": memory(every, args.model),
        "frames": time_frames(args.seed, args.model, args.repeats),
        "photos": time_photos(every, args.model, args.photos),
    }
    print(text(report))
    if args.json:
        args.json.write_text(json.dumps(report, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
