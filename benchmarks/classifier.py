"""Time a model file by the number of digits in a call: `python -m benchmarks.classifier [FILE]`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

from models.classifier import DEFAULT_MODEL, load_classifier


def main(path: Path, calls: int = 100) -> None:
    start = time.perf_counter()
    classify = load_classifier(path)
    print(f"{path.name}: opened in {1000 * (time.perf_counter() - start):.0f} ms; median and best of {calls} calls")
    for count in (1, 5, 16, 64, 256):
        digits = np.random.default_rng(1).random((count, 28, 28), np.float32)
        classify(digits)
        times = []
        for _ in range(calls):
            start = time.perf_counter()
            classify(digits)
            times.append(1000 * (time.perf_counter() - start))
        median, best = float(np.median(times)), min(times)
        print(f"{count:4} digits: {median:7.2f} ms, {median / count:.3f} ms a digit, at best {best / count:.3f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_MODEL)
