"""Time a model file by digits in a call, and the rows.tflite beside it by width: `python -m benchmarks.classifier`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from models.classifier import DEFAULT_MODEL, load_classifier
from models.rows import HEIGHT, NAME, rows_beside

CALLS = 100


def timed(call: Callable[[], object]) -> tuple[float, float]:
    """Return the median and the best of many calls, milliseconds."""
    call()
    times = []
    for _ in range(CALLS):
        start = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - start))
    return float(np.median(times)), min(times)


def main(path: Path) -> None:
    """Print the times of a model file and of what lies beside it."""
    rng, start = np.random.default_rng(1), time.perf_counter()
    classify = load_classifier(path)
    print(f"{path.name}: opened in {1000 * (time.perf_counter() - start):.0f} ms; median and best of {CALLS} calls")
    for count in (1, 5, 16, 64, 256):
        digits = rng.random((count, 28, 28), np.float32)
        median, best = timed(lambda digits=digits: classify(digits))
        print(f"{count:4} digits: {median:7.2f} ms, {median / count:.3f} ms a digit, at best {best / count:.3f}")
    rows = rows_beside(path)
    for wide in (96, 224, 448) if rows else ():
        row = rng.integers(0, 256, (HEIGHT, wide), np.uint8)
        median, best = timed(lambda row=row: rows([row]))
        print(f"{NAME}, {wide:3} pixels: {median:5.2f} ms, at best {best:.2f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_MODEL)
