"""Which part of a picture lies where in a window: fitted, zoomed, mirrored. Points go both ways."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.values import Box, Line, Reading

Point = tuple[float, float]
GROUND: Final = (24, 20, 18)
"""What lies beside the picture, BGR."""


@dataclass(frozen=True, slots=True)
class Viewport:
    """A picture of some size in a window of some size.

    picture, window: (width, height) in pixels, each at least 1.  zoom: 1 shows the whole picture as large as it fits.
    centre: what is in the middle, as shares of the picture's width and height.
    """

    picture: tuple[int, int]
    window: tuple[int, int]
    zoom: float = 1.0
    centre: Point = (0.5, 0.5)
    mirror: bool = False

    @property
    def scale(self) -> float:
        """Pixels of the window to one of the picture."""
        return self.zoom * min(w / p for w, p in zip(self.window, self.picture, strict=True))

    @property
    def origin(self) -> Point:
        """The point of the picture at the window's upper left (without the mirror): never more margin than needed."""
        return self._start(0), self._start(1)

    def _start(self, axis: int) -> float:
        whole, seen = self.picture[axis], self.window[axis] / self.scale
        if seen >= whole:
            return (whole - seen) / 2
        return min(max(self.centre[axis] * whole - seen / 2, 0.0), whole - seen)

    @property
    def matrix(self) -> NDArray[np.float64]:
        """(3, 3) float64: brings points of the picture to points of the window."""
        (x, y), scale = self.origin, self.scale
        placed = np.array([(scale, 0, -scale * x), (0, scale, -scale * y), (0, 0, 1)], np.float64)
        flip = np.array([(-1, 0, self.window[0]), (0, 1, 0), (0, 0, 1)], np.float64)
        return flip @ placed if self.mirror else placed

    def to_picture(self, at: Point) -> Point:
        """Return the point of the picture that is seen at a point of the window."""
        x = self.window[0] - at[0] if self.mirror else at[0]
        return x / self.scale + self.origin[0], at[1] / self.scale + self.origin[1]

    def to_window(self, box: Box) -> Box:
        """Return where a box of the picture is seen."""
        (x, y), scale = self.origin, self.scale
        left, right = (round(scale * (edge - x)) for edge in (box.x, box.right))
        top, bottom = (round(scale * (edge - y)) for edge in (box.y, box.bottom))
        if self.mirror:
            left, right = self.window[0] - right, self.window[0] - left
        return Box(left, top, right - left, bottom - top)

    def shows(self, box: Box) -> bool:
        """Tell whether something of a box of the picture is seen."""
        at, (width, height) = self.to_window(box), self.window
        return at.x < width and at.right > 0 and at.y < height and at.bottom > 0

    def zoomed(self, zoom: float, at: Point) -> Viewport:
        """Return the viewport with another zoom, under which the picture stays where it is at a point of the window."""
        held, middle = self.to_picture(at), self.to_picture((self.window[0] / 2, self.window[1] / 2))
        x, y = (h + (m - h) * self.zoom / zoom for h, m in zip(held, middle, strict=True))
        return replace(self, zoom=zoom, centre=(x / self.picture[0], y / self.picture[1]))


def seen(picture: NDArray[np.uint8], viewport: Viewport) -> NDArray[np.uint8]:
    """Return what the window shows of the picture, (h, w, 3) uint8 BGR of the window's size, as a new array.

    picture: (H, W, 3) uint8 BGR of the viewport's picture size.
    """
    width, height = viewport.window
    canvas = np.full((height, width, 3), GROUND, np.uint8)
    part = _visible(viewport)
    place = replace(viewport, mirror=False).to_window(part)
    method = cv2.INTER_AREA if viewport.scale < 1 else cv2.INTER_LINEAR
    crop = np.ascontiguousarray(picture[part.y : part.bottom, part.x : part.right])
    scaled = cv2.resize(crop, (max(1, place.w), max(1, place.h)), interpolation=method)
    left, top = max(0, place.x), max(0, place.y)
    shown = scaled[top - place.y : height - place.y, left - place.x : width - place.x]
    canvas[top : top + shown.shape[0], left : left + shown.shape[1]] = shown
    return np.ascontiguousarray(canvas[:, ::-1]) if viewport.mirror else canvas


def _visible(viewport: Viewport) -> Box:
    """Return the whole pixels of the picture of which something is seen."""
    starts = [max(0, int(start)) for start in viewport.origin]
    ends = [
        min(whole, int(start + window / viewport.scale) + 1)
        for start, window, whole in zip(viewport.origin, viewport.window, viewport.picture, strict=True)
    ]
    return Box(starts[0], starts[1], max(1, ends[0] - starts[0]), max(1, ends[1] - starts[1]))


def placed(reading: Reading, viewport: Viewport) -> Reading:
    """Return a reading of the picture with its boxes where the window shows them, without what it does not show."""
    lines = (Line(tuple(n for n in line.numbers if viewport.shows(n.box))) for line in reading.lines)
    rejected = tuple(ink for ink in reading.rejected if viewport.shows(ink.box))
    shown = Reading(reading.size, tuple(line for line in lines if line.numbers), rejected)
    return shown.placed(viewport.window, viewport.to_window)
