"""What stands between digits and is none: points, commas, dashes; and 1s that may be slashes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from realtime.ink import InkMap, components
from realtime.segment import Region
from realtime.values import Box, hull


@dataclass(frozen=True, slots=True)
class MarkSettings:
    """What counts as a mark.

    smallest: side of the least point that counts, as a share of the digits' height.
    slash, straight: columns a row by which a slash leans, and how far its ink is from a line, over its width.
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


def is_slash(region: Region, settings: MarkSettings) -> bool:
    """Tell whether the ink is one straight stroke that leans to the right as slashes do, more than 1s mostly do."""
    y, x = (axis - axis.mean() for axis in np.nonzero(region.ink > 128))
    if len(y) == 0 or not y.any():
        return False
    lean = -float((x * y).sum() / (y * y).sum())
    off = float(np.sqrt(((x + lean * y) ** 2).mean()))
    width = len(y) / (region.box.h * math.hypot(1, lean))
    return lean >= settings.slash and off <= settings.straight * width
