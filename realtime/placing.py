"""Finds room for labels: none lies on handwriting or on another label as long as there is free paper beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from realtime.values import Box


class Place(NamedTuple):
    """Where a label may lie, and what around it should be clear: where it touches other writing it seems to be its."""

    box: Box
    clear: Box


class Paper:
    """What is taken of a picture of `size` (width, height): the writing first, then label after label.

    spared: boxes that are left free as well where that is possible, such as ink that is no digit.
    """

    def __init__(self, size: tuple[int, int], taken: Sequence[Box], spared: Sequence[Box] = ()) -> None:
        self._size = size
        self._taken, self._spared = _corners(taken), _corners(spared)

    def covered(self, box: Box) -> int:
        """Return how many pixels of the box lie on what is taken, or outside the picture."""
        across = max(0, min(box.right, self._size[0]) - max(box.x, 0))
        down = max(0, min(box.bottom, self._size[1]) - max(box.y, 0))
        return _shared(box, self._taken) + box.w * box.h - across * down

    def take(self, box: Box) -> None:
        """Let nothing else come to lie on the box."""
        self._taken = np.vstack([self._taken, _corners([box])])

    def place(self, places: Iterable[Place]) -> tuple[int, Box] | None:
        """Take the first of the places that is free, if possible of what is spared too; None where none is.

        Returns how far astray it is (0 the first place, 1 another, 2 one that is not clear), and its box, moved as far
        as needed to lie in the picture.
        """
        chosen: tuple[int, Box] | None = None
        for i, place in enumerate(places):
            box = self._within(place.box)
            if not self._free(box):
                continue
            if not _shared(place.clear, self._spared):
                chosen = int(i > 0), box
                break
            chosen = chosen or (2, box)
        if chosen is not None:
            self.take(chosen[1])
        return chosen

    def squeeze(self, places: Iterable[Place]) -> Box:
        """Take the place that covers least, and return its box."""
        least = min((self._within(place.box) for place in places), key=self.covered)
        self.take(least)
        return least

    def _free(self, box: Box) -> bool:
        return self.covered(box) == 0

    def _within(self, box: Box) -> Box:
        """Return the box, moved as far as needed to lie in the picture."""
        width, height = self._size
        return box._replace(x=max(0, min(box.x, width - box.w)), y=max(0, min(box.y, height - box.h)))


def _corners(boxes: Sequence[Box]) -> NDArray[np.int64]:
    """Return (n, 4) int64: left, top, right and bottom of each box, in pixels."""
    return np.array([(b.x, b.y, b.right, b.bottom) for b in boxes], np.int64).reshape(-1, 4)


def _shared(box: Box, corners: NDArray[np.int64]) -> int:
    """Return how many pixels the box shares with the boxes of `corners`, (n, 4) int64."""
    left, top = np.maximum(corners[:, :2], (box.x, box.y)).T
    right, bottom = np.minimum(corners[:, 2:], (box.right, box.bottom)).T
    return int((np.maximum(right - left, 0) * np.maximum(bottom - top, 0)).sum())


def around(box: Box, width: int, height: int) -> Iterator[Place]:
    """Yield places for a label of a box, the best first: above it, below it, on its right, on its left."""
    for x in (box.x, box.right - width):
        above = Box(x, box.y - height, width, height)
        yield Place(above, above)
    for x in (box.x, box.right - width):
        yield Place(Box(x, box.bottom, width, height), Box(x, box.bottom, width, 2 * height))
    for y in (box.y, box.bottom - height):
        right, left = Box(box.right, y, width, height), Box(box.x - width, y, width, height)
        yield Place(right, right._replace(w=width + height))
        yield Place(left, left._replace(x=left.x - height, w=width + height))


def under(box: Box, width: int, height: int) -> Iterator[Place]:
    """Yield places for a small label of one digit: in the middle below it, lower still, above it."""
    x = round(box.centre[0] - width / 2)
    for y in (box.bottom, box.bottom + height, box.y - height):
        yield Place(Box(x, y, width, height), Box(x, y, width, height))
