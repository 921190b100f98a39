"""A row of digits as the row network sees it: levelled, of one height, its ink of one strength."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.rows import HEIGHT, STRIDE
from realtime.values import Box

TALL: Final = 21.0
"""Pixels of a row image that its digits are high, in the median."""
WIDER: Final = 1.2
"""Times by which rows are stretched: two 1s side by side then lie more than a step of the network apart."""
MARGIN: Final = 1.5
"""Heights of a digit that are shown left and right of the digits known."""
STROKES: Final = 0.9
"""Share of the pixels in a digit's box that are paler than its strokes."""


@dataclass(frozen=True, eq=False, slots=True)
class RowPlace:
    """Where a row lies.

    to_row: (2, 3) float64, from places in the view to those in the row image.  wide: pixels of the image.
    height: of the row's digits in the view, pixels.
    """

    to_row: NDArray[np.float64]
    wide: int
    height: float

    def along(self, x: float, y: float) -> float:
        """Return how far along the row image a place in the view lies."""
        return float(self.to_row[0] @ (x, y, 1.0))

    def back(self, along: float) -> tuple[float, float]:
        """Return the place in the view, x and y, of a point on the middle line of the row image."""
        x, y = np.linalg.solve(self.to_row[:, :2], (along - self.to_row[0, 2], HEIGHT / 2 - self.to_row[1, 2]))
        return float(x), float(y)

    @property
    def scale(self) -> float:
        """Pixels along the row image for one of the view."""
        return float(np.hypot(*self.to_row[0, :2]))


def place_row(boxes: Sequence[Box], slope: float) -> RowPlace:
    """Return where a row of digits is shown, with what stands beside it.

    boxes: of its digits in the view, at least one.  slope: radians by which the row falls to the right.
    """
    height = float(median(box.h for box in boxes))
    c, s = math.cos(slope), math.sin(slope)
    level = np.array([(c, s), (-s, c)])
    centres = np.array([box.centre for box in boxes]) @ level.T
    halves = np.array([box.w / 2 for box in boxes])
    left = float((centres[:, 0] - halves).min()) - MARGIN * height
    right = float((centres[:, 0] + halves).max()) + MARGIN * height
    scale = TALL / height
    onto = np.diag([scale * WIDER, scale]) @ level
    corner = np.array([scale * WIDER * left, scale * float(np.median(centres[:, 1])) - HEIGHT / 2])
    wide = STRIDE * math.ceil((right - left) * scale * WIDER / STRIDE)
    return RowPlace(np.column_stack([onto, -corner]), wide, height)


def full_ink(contrast: NDArray[np.uint8], boxes: Sequence[Box]) -> float:
    """Return the contrast of full ink: the median of that of the strokes in each box; at least 1.

    contrast: (h, w) uint8.  boxes: inside it, at least one.
    """
    strokes = (np.quantile(contrast[box.y : box.bottom, box.x : box.right], STROKES) for box in boxes)
    return max(1.0, float(median(float(each) for each in strokes)))


def draw_row(
    contrast: NDArray[np.uint8], to_row: NDArray[np.float64], size: tuple[int, int], full: float
) -> NDArray[np.uint8]:
    """Return a row image, (h, w) uint8, 0 paper .. 255 full ink.

    contrast: of a view, (H, W) uint8.  to_row: (2, 3), from places in the view to those in the image.
    size: (w, h) of the image.  full: contrast of full ink.
    """
    scale = float(np.hypot(*to_row[1, :2]))
    strong = cv2.convertScaleAbs(contrast, alpha=255 / full)
    if scale < 0.7:
        strong = cv2.GaussianBlur(strong, (0, 0), 0.35 / scale)
    middles = to_row.copy()
    middles[:, 2] += to_row[:, :2] @ (0.5, 0.5) - 0.5  # OpenCV has a pixel's middle at its index
    return np.asarray(cv2.warpAffine(strong, middles, size, flags=cv2.INTER_LINEAR), np.uint8)
