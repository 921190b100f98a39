"""Finds room for labels: none lies on handwriting or on another label as long as there is free paper beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from realtime.values import Box


class Paper:
    """What is taken of a picture of `size` (width, height), and by what: writing first, then label after label."""

    def __init__(self, size: tuple[int, int], taken: Sequence[Box]) -> None:
        self._width, self._height = size
        self._taken: NDArray[np.int64] = np.array([(b.x, b.y, b.right, b.bottom) for b in taken], np.int64).reshape(
            -1, 4
        )

    def covered(self, box: Box) -> int:
        """Return how many pixels of the box lie on what is taken, or outside the picture."""
        left, top = np.maximum(self._taken[:, :2], (box.x, box.y)).T
        right, bottom = np.minimum(self._taken[:, 2:], (box.right, box.bottom)).T
        on_taken = (np.maximum(right - left, 0) * np.maximum(bottom - top, 0)).sum()
        across = max(0, min(box.right, self._width) - max(box.x, 0))
        down = max(0, min(box.bottom, self._height) - max(box.y, 0))
        return int(on_taken) + box.w * box.h - across * down

    def take(self, box: Box) -> None:
        """Let nothing else come to lie on the box."""
        self._taken = np.vstack([self._taken, [(box.x, box.y, box.right, box.bottom)]])

    def place(
        self, beside: Box, sizes: Sequence[tuple[int, int]], around: Callable[..., Iterator[Box]]
    ) -> tuple[int, Box]:
        """Take room for the first of `sizes` (width, height) that fits, or for the last one where it covers least.

        around: yields the places to try for a size, beside a box.  Returns which size it is, and where.
        """
        for index, size in enumerate(sizes):
            for box in around(beside, *size):
                if self.covered(box) == 0:
                    self.take(box)
                    return index, box
        least = min(around(beside, *sizes[-1]), key=self.covered)
        self.take(least)
        return len(sizes) - 1, least


def above_or_beside(box: Box, width: int, height: int) -> Iterator[Box]:
    """Yield places for a label of a box: above it, below it, on its right, on its left."""
    yield Box(box.x, box.y - height, width, height)
    yield Box(box.right - width, box.y - height, width, height)
    yield Box(box.x, box.bottom, width, height)
    yield Box(box.right, box.y, width, height)
    yield Box(box.right, box.bottom - height, width, height)
    yield Box(box.x - width, box.y, width, height)


def below(box: Box, width: int, height: int) -> Iterator[Box]:
    """Yield the one place for a small label under a box."""
    yield Box(round(box.centre[0] - width / 2), box.bottom, width, height)
