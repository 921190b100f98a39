"""From the answers of the row network to the digits of a row."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.rows import STRIDE

TEN: Final = 10
SHORT: Final = 4
"""Steps that one digit may fill, whatever their labels are."""


@dataclass(frozen=True, eq=False, slots=True)
class Peak:
    """A digit that the row network found.

    at: how far along the row image, pixels.  ten: (10,) float32, which digit it is; sums to 1.  there: probability that
    there is one.
    """

    at: float
    ten: NDArray[np.float32]
    there: float

    @property
    def label(self) -> int:
        """The likeliest digit."""
        return int(self.ten.argmax())


def find_peaks(steps: NDArray[np.float32]) -> list[Peak]:
    """Return the digits in the answers of the row network, left to right.

    steps: (n, 11) float32, columns as `LABELS`.
    """
    inked = np.flatnonzero(np.diff(np.concatenate([[False], steps[:, TEN] < 0.5, [False]]).astype(np.int8)))
    return [_peak(steps, a, b) for first, end in inked.reshape(-1, 2).tolist() for a, b in _runs(steps, first, end)]


def _runs(steps: NDArray[np.float32], first: int, end: int) -> list[tuple[int, int]]:
    """Return the runs of one label, or one run where it is as short as one digit's."""
    if end - first <= SHORT:
        return [(first, end)]
    labels = steps[first:end, :TEN].argmax(axis=1)
    changes = [first, *(np.flatnonzero(np.diff(labels)) + first + 1).tolist(), end]
    return list(pairwise(changes))


def _peak(steps: NDArray[np.float32], first: int, end: int) -> Peak:
    part = steps[first:end]
    there = 1 - part[:, TEN]
    ten = part[:, :TEN].sum(axis=0)
    at = float((there * (np.arange(first, end) + 0.5)).sum() / there.sum()) * STRIDE
    return Peak(at, np.asarray(ten / ten.sum(), np.float32), float(there.max()))
