"""A still picture is read once and not in every frame: what has not changed needs no second reading."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.pipeline import Reads
from realtime.values import Reading


@dataclass(frozen=True, slots=True)
class ReuseSettings:
    """When a picture is taken for the one before.

    side: pixels of the longer side of the sketches that are compared; of 720 lines, a pixel stands for 8 x 8.
    change: the most of 255 by which any pixel of a sketch may differ: more than a sensor's noise does there, and less
    than a pencil's stroke.
    settle: readings of the same still picture that must agree first.  most: frames in a row that are not read: should a
    change be too faint to be told from noise, it is found then.
    """

    side: int = 160
    change: int = 5
    settle: int = 10
    most: int = 10


def sketch(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return a picture, (H, W, 3) uint8 BGR or (H, W) uint8 gray, as gray and halved until it is about `side` long."""
    gray = picture if picture.ndim == 2 else np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
    while max(gray.shape) >= 2 * side and min(gray.shape) >= 2:
        gray = np.asarray(cv2.resize(gray, (gray.shape[1] // 2, gray.shape[0] // 2), interpolation=cv2.INTER_AREA))
    return gray


@dataclass(frozen=True, eq=False, slots=True)
class _Read:
    """What was read last.

    size: (H, W), or (H, W, 3).  agreed: readings in a row that did.  reused: frames since that were not read.
    """

    size: tuple[int, ...]
    sketch: NDArray[np.uint8]
    reading: Reading
    agreed: int = 0
    reused: int = 0


class Reuse:
    """Reads as a reader does, but a picture that is the one before but for noise only now and then.

    A picture that is not read anew gets the very same `Reading` as before: whoever follows digits can tell by `is` that
    it says nothing new.
    """

    def __init__(self, reader: Reads, settings: ReuseSettings | None = None) -> None:
        self._reader, self._settings = reader, settings or ReuseSettings()
        self._last: _Read | None = None

    def read(self, picture: NDArray[np.uint8]) -> Reading:
        """Return the reading of a picture, (H, W, 3) uint8 BGR or (H, W) uint8 gray, upright."""
        seen, last, settings = sketch(picture, self._settings.side), self._last, self._settings
        still = last is not None and last.size == picture.shape and is_same(last.sketch, seen, settings.change)
        if last is not None and still and last.agreed >= settings.settle and last.reused < settings.most:
            self._last = _Read(last.size, last.sketch, last.reading, last.agreed, last.reused + 1)
            return last.reading
        reading = self._reader.read(picture)
        agreed = last.agreed + 1 if last is not None and still and reading.text == last.reading.text else 0
        self._last = _Read(picture.shape, seen, reading, agreed)
        return reading


def is_same(before: NDArray[np.uint8], after: NDArray[np.uint8], change: int) -> bool:
    """Tell whether no pixel of two sketches of one size differs by more than `change`, 0..255."""
    # Not cv2.norm: the function of that name that takes two pictures is not the first that OpenCV tries, and a signal
    # that comes meanwhile ends the process with a segmentation fault.
    return int(cv2.absdiff(before, after).max()) <= change
