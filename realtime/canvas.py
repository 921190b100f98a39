"""What is drawn on: a copy of a picture in BGR, or of the planes of a video's frame."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.planes import Colours, Planes, yuv_of

Colour = tuple[int, int, int]
"""Blue, green and red, 0..255."""
Point = tuple[int, int]
"""(x, y), in pixels."""


@dataclass(frozen=True, eq=False, slots=True)
class Patch:
    """A small picture to lay onto another: (h, w, 3) uint8 BGR."""

    bgr: NDArray[np.uint8]


class Canvas(Protocol):
    """What can be drawn on; what lies outside is left out."""

    def rectangle(self, first: Point, last: Point, colour: Colour, line: int) -> None:
        """Draw the edges of a rectangle from its first to its last pixel, `line` pixels wide."""
        ...

    def line(self, start: Point, end: Point, colour: Colour, line: int) -> None:
        """Draw a smooth line, `line` pixels wide."""
        ...

    def lay(self, patch: Patch, at: Point) -> None:
        """Lay a patch onto the picture, its top left corner at a point."""
        ...


class InBgr:
    """Draws on a copy of a picture, (H, W, 3) uint8 BGR: `picture`."""

    def __init__(self, picture: NDArray[np.uint8]) -> None:
        self.picture = picture.copy()

    def rectangle(self, first: Point, last: Point, colour: Colour, line: int) -> None:
        """Draw the edges of a rectangle."""
        cv2.rectangle(self.picture, first, last, colour, line)

    def line(self, start: Point, end: Point, colour: Colour, line: int) -> None:
        """Draw a smooth line."""
        cv2.line(self.picture, start, end, colour, line, cv2.LINE_AA)

    def lay(self, patch: Patch, at: Point) -> None:
        """Lay a patch onto the picture."""
        _lay(self.picture, patch.bgr, at)


class InPlanes:
    """Draws on a copy of planes: `planes`. The picture's colours are not converted.

    All is drawn from even pixels on, a pixel to the left or above where it is asked for from an odd one: so colours, of
    which there is one for two pixels, lie as brightness does, and files become a fifth smaller.
    """

    def __init__(self, planes: Planes) -> None:
        self.planes = Planes(planes.y.copy(), planes.u.copy(), planes.v.copy(), planes.colours)

    def rectangle(self, first: Point, last: Point, colour: Colour, line: int) -> None:
        """Draw the edges of a rectangle."""
        y, u, v = _colour_of(colour, self.planes.colours)
        cv2.rectangle(self.planes.y, _even(first), _even(last), y, line)
        for plane, value in ((self.planes.u, u), (self.planes.v, v)):
            cv2.rectangle(plane, _halved(first), _halved(last), value, max(1, line // 2))

    def line(self, start: Point, end: Point, colour: Colour, line: int) -> None:
        """Draw a smooth line."""
        y, u, v = _colour_of(colour, self.planes.colours)
        cv2.line(self.planes.y, _even(start), _even(end), y, line, cv2.LINE_AA)
        for plane, value in ((self.planes.u, u), (self.planes.v, v)):
            cv2.line(plane, _halved(start), _halved(end), value, max(1, line // 2), cv2.LINE_AA)

    def lay(self, patch: Patch, at: Point) -> None:
        """Lay a patch onto the picture."""
        y, u, v = _planes_of(patch, self.planes.colours)
        _lay(self.planes.y, y, _even(at))
        _lay(self.planes.u, u, _halved(at))
        _lay(self.planes.v, v, _halved(at))


def _even(point: Point) -> Point:
    return point[0] & ~1, point[1] & ~1


def _halved(point: Point) -> Point:
    return point[0] // 2, point[1] // 2


def _lay(canvas: NDArray[np.uint8], patch: NDArray[np.uint8], at: Point) -> None:
    """Lay a patch onto a canvas of as many channels; what lies outside is left out."""
    (x, y), (height, width) = at, patch.shape[:2]
    part = canvas[max(0, y) : max(0, y + height), max(0, x) : max(0, x + width)]
    part[:] = patch[max(0, -y) :, max(0, -x) :][: part.shape[0], : part.shape[1]]


@lru_cache(maxsize=64)  # a few colours of few clips
def _colour_of(colour: Colour, colours: Colours) -> tuple[int, int, int]:
    y, u, v = yuv_of(np.array([[colour]], np.uint8), colours)[0, 0].tolist()
    return y, u, v


@lru_cache(maxsize=512)  # frame after frame has the same few
def _planes_of(patch: Patch, colours: Colours) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """Return a patch as Y, (h, w) uint8, and U and V, of half the size, rounded up."""
    even = cv2.copyMakeBorder(patch.bgr, 0, patch.bgr.shape[0] % 2, 0, patch.bgr.shape[1] % 2, cv2.BORDER_REPLICATE)
    yuv = yuv_of(np.asarray(even, np.uint8), colours)
    half = np.asarray(cv2.resize(yuv, (yuv.shape[1] // 2, yuv.shape[0] // 2), interpolation=cv2.INTER_AREA), np.uint8)
    height, width = patch.bgr.shape[:2]
    return yuv[:height, :width, 0], half[..., 1], half[..., 2]
