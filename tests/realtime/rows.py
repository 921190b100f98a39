"""Answers of a row network, made up for tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.rows import STRIDE


def answered(count: int, *digits: tuple[float, int, float]) -> NDArray[np.float32]:
    """Return (count, 11) float32 that have digits, each (place in pixels, label, probability), one step wide."""
    steps = np.zeros((count, 11), np.float32)
    steps[:, 10] = 1
    for at, label, probability in digits:
        steps[int(at // STRIDE), label] = probability
        steps[int(at // STRIDE), 10] = 1 - probability
    return steps


class FakeRows:
    """A row network that finds digits where a test says: (place along the row image, label, probability)."""

    def __init__(self, *digits: tuple[float, int, float]) -> None:
        self.digits, self.shown = digits, 0

    def __call__(self, rows: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.float32]]:
        self.shown += len(rows)
        return [answered(row.shape[1] // STRIDE, *self.digits) for row in rows]
