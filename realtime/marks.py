"""What stands between digits and is none: points, commas, dashes; and 1s that may be slashes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from realtime.cutting import find_slant
from realtime.ink import InkMap, components
from realtime.segment import Region
from realtime.values import Box, hull


@dataclass(frozen=True, slots=True)
class MarkSettings:
    """What counts as a mark.

    smallest: side of the least point that counts, as a share of the digits' height.
    slash, straight: columns a row by which a slash leans more than the hand, and how far its ink is from a line, over
    its width.
    """

    smallest: float = 0.08
    slash: float = 0.25
    straight: float = 0.45


def find_marks(ink: InkMap, digits: Sequence[Region], settings: MarkSettings) -> list[Box]:
    """Return the ink beside the digits that may be a point, a comma or a dash: as dark as they, but smaller.

    digits: at least one.
    """
    height, contrast = median(d.box.h for d in digits), median(d.contrast for d in digits)
    around, margin = hull(d.box for d in digits), round(height)
    top, left = max(0, around.y - margin), max(0, around.x - margin)
    mask = (ink.contrast[top : around.bottom + margin, left : around.right + margin] >= max(1, contrast / 2)).view(
        np.uint8
    )
    for box in (d.box for d in digits):
        mask[box.y - top : box.bottom - top, box.x - left : box.right - left] = 0
    _, stats = components(mask)
    least = settings.smallest * height
    boxes = [Box(x + left, y + top, w, h) for x, y, w, h, area in stats[1:].tolist() if area >= least**2]
    return [box for box in boxes if max(box.w, box.h) >= least and box.h <= height]


def find_slashes(digits: Sequence[Region], ones: Sequence[Region], settings: MarkSettings) -> list[Box]:
    """Return the boxes of the 1s that are one straight stroke and lean more to the right than the hand does.

    digits: the other digits, whose slant is the hand's; without any it is upright.
    """
    leaning = [(one, lean) for one in ones if (lean := _lean(one, settings)) >= settings.slash]
    hand = median([find_slant(digit.ink) for digit in digits] or [0.0]) if leaning else 0.0
    return [one.box for one, lean in leaning if lean - max(0.0, hand) >= settings.slash]


def _lean(region: Region, settings: MarkSettings) -> float:
    """Return how many columns a row a straight stroke leans to the right; 0 if it is none."""
    stroke = np.nonzero(region.ink > 128)
    if not len(stroke[0]):
        return 0.0
    y, x = (axis - axis.mean() for axis in stroke)
    if not y.any():
        return 0.0
    lean = -float((x * y).sum() / (y * y).sum())
    off = float(np.sqrt(((x + lean * y) ** 2).mean()))
    width = len(y) / (region.box.h * math.hypot(1, lean))
    return lean if off <= settings.straight * width else 0.0
