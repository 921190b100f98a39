"""A region of interest: the part of each picture that is read. What is read is told in pixels of the whole picture."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from models.errors import UnreadableError, UsageError
from realtime.attempt import Attempt
from realtime.values import Box, Reading

_LENGTH: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(%?)\s*")


class Length(NamedTuple):
    """Pixels, or percent of the picture's width or height."""

    value: float
    is_share: bool

    def pixels(self, whole: int) -> int:
        """Return the length in a picture `whole` pixels wide or high."""
        return round(self.value * whole / 100) if self.is_share else round(self.value)


@dataclass(frozen=True, slots=True)
class Roi:
    """A part of a picture as it was asked for: left, top, width and height; `text` is what the user wrote."""

    text: str
    sides: tuple[Length, Length, Length, Length]

    def box(self, size: tuple[int, int]) -> Box:
        """Return the part of a picture of `size` (width, height); raises UsageError where it is not all in it."""
        box = self._box(size)
        if box.right > size[0] or box.bottom > size[1]:
            raise UsageError(f"{self.text}: reaches outside the picture of {size[0]}x{size[1]}; choose a part of it")
        if box.w < 1 or box.h < 1:
            raise UsageError(f"{self.text}: is less than a pixel of the picture of {size[0]}x{size[1]}; choose more")
        return box

    def clipped(self, size: tuple[int, int]) -> Box:
        """Return what of the part is in a picture of `size`; one pixel at its edge where none is."""
        box = self._box(size)
        x, y = min(box.x, size[0] - 1), min(box.y, size[1] - 1)
        return Box(x, y, max(1, min(box.right, size[0]) - x), max(1, min(box.bottom, size[1]) - y))

    def _box(self, size: tuple[int, int]) -> Box:
        x, y, w, h = (side.pixels(whole) for side, whole in zip(self.sides, (*size, *size), strict=True))
        return Box(x, y, w, h)


def parse_roi(text: str) -> Roi:
    """Return the region that X,Y,W,H names, each in pixels or with a % of the picture; raises UsageError for others."""
    found = [_LENGTH.fullmatch(side) for side in text.split(",")]
    sides = [Length(float(side[1]), side[2] == "%") for side in found if side]
    if len(found) != 4 or len(sides) != 4:
        raise UsageError(
            f"--roi {text}: is no region; write X,Y,W,H in pixels or percent, as 100,50,320,240 or 10%,0,50%,100%"
        )
    x, y, w, h = sides
    if w.value <= 0 or h.value <= 0:
        raise UsageError(f"--roi {text}: has no width or no height; write X,Y,W,H with both more than 0")
    return Roi(f"--roi {text}", (x, y, w, h))


def roi_of(box: Box) -> Roi:
    """Return the region of a box in pixels."""
    x, y, w, h = (Length(float(side), False) for side in box)
    return Roi("the region", (x, y, w, h))


class Inspects(Protocol):
    """What reads a picture and tells from what: `realtime.reader.Reader`, or a fake."""

    def read(self, picture: NDArray[np.uint8]) -> Reading:
        """Read one picture, (H, W, 3) uint8 BGR, upright."""
        ...

    def inspect(self, picture: NDArray[np.uint8]) -> tuple[Reading, Attempt]:
        """Read one picture, (H, W, 3) uint8 BGR, upright, and return beside the reading what it was made from."""
        ...


class RoiReader:
    """Reads a region of each picture, or all of it where `roi` is None; it may be changed at any time.

    The first picture decides whether a region can be: UsageError where it does not hold all of it. Of later ones that
    are smaller what they have is read if they are `frames` of a camera or clip; otherwise UnreadableError is raised.
    """

    def __init__(self, reader: Inspects, roi: Roi | None = None, *, frames: bool) -> None:
        self.roi = roi
        self._reader, self._frames, self._first = reader, frames, True

    def read(self, picture: NDArray[np.uint8]) -> Reading:
        """Read the region of one picture, (H, W, 3) uint8 BGR, upright; boxes are of the whole picture."""
        box = self.part((picture.shape[1], picture.shape[0]))
        if box is None:
            return self._reader.read(picture)
        return _placed(self._reader.read(_cut(picture, box)), picture, box)

    def inspect(self, picture: NDArray[np.uint8]) -> tuple[Reading, Attempt]:
        """Read the region, and return beside the reading what it was made from, also placed in the whole picture."""
        box = self.part((picture.shape[1], picture.shape[0]))
        if box is None:
            return self._reader.inspect(picture)
        reading, attempt = self._reader.inspect(_cut(picture, box))
        return _placed(reading, picture, box), moved_attempt(attempt, box)

    def part(self, size: tuple[int, int]) -> Box | None:
        """Return the part of a picture of a size, (width, height), that is read; None where it is all."""
        if self.roi is None:
            return None
        if self._first:
            box, self._first = self.roi.box(size), False
            return box
        if self._frames:
            return self.roi.clipped(size)
        try:
            return self.roi.box(size)
        except UsageError as fault:
            raise UnreadableError(str(fault)) from fault


def _cut(picture: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    return np.ascontiguousarray(picture[box.y : box.bottom, box.x : box.right])


def _placed(reading: Reading, picture: NDArray[np.uint8], box: Box) -> Reading:
    """Return what was read in a part of a picture, in pixels of all of it."""
    return reading.placed((picture.shape[1], picture.shape[0]), lambda inner: _in_whole(inner, box))


def moved_attempt(attempt: Attempt, part: Box) -> Attempt:
    """Return the attempt at a part with its view placed in the whole picture."""
    shift = np.array([(1, 0, part.x), (0, 1, part.y), (0, 0, 1)], np.float64)
    return replace(attempt, view=replace(attempt.view, to_picture=shift @ attempt.view.to_picture))


def _in_whole(box: Box, part: Box) -> Box:
    return box._replace(x=box.x + part.x, y=box.y + part.y)
