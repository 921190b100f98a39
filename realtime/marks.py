"""What stands between digits and is none: points, commas, dashes; 1s that may be slashes; ink read only in part."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np

from realtime.cutting import find_slant
from realtime.ink import InkMap, at_least, components
from realtime.segment import Region
from realtime.values import Box, hull


@dataclass(frozen=True, slots=True)
class MarkSettings:
    """What counts as a mark.

    smallest: side of the least point that counts, as a share of the digits' height.
    slash, straight: columns a row by which a slash leans more than the hand, and how far its ink is from a line, over
    its width.
    left, lowest, highest: width of ink left of what was read only in part, and height of it and of all that ink, from
    which it may be a digit; shares of the digits' height.
    """

    smallest: float = 0.08
    slash: float = 0.25
    straight: float = 0.45
    left: float = 0.3
    lowest: float = 0.5
    highest: float = 2.6


def find_marks(ink: InkMap, digits: Sequence[Region], settings: MarkSettings) -> list[Box]:
    """Return the ink beside the digits that may be a point, a comma or a dash: as dark as they, but smaller.

    digits: at least one.
    """
    height, contrast = median(d.box.h for d in digits), median(d.contrast for d in digits)
    around, margin = hull(d.box for d in digits), round(height)
    top, left = max(0, around.y - margin), max(0, around.x - margin)
    mask = at_least(ink.contrast[top : around.bottom + margin, left : around.right + margin], max(1, contrast / 2))
    for box in (d.box for d in digits):
        mask[box.y - top : box.bottom - top, box.x - left : box.right - left] = 0
    if not mask.any():
        return []
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


def find_left(digits: Sequence[Region], regions: Sequence[Region], palest: float, settings: MarkSettings) -> list[Box]:
    """Return the ink that no digit covers and that may be one: what is left of ink that was read in part, for one.

    digits: at least one.  regions: all, the digits among them.  palest: least contrast that counts.
    """
    height = median(d.box.h for d in digits)
    low, high = settings.lowest * height, settings.highest * height
    fit = {id(r) for r in regions if low <= r.box.h <= high and r.contrast >= palest}
    left = fit - {id(d) for d in digits}  # a digit covers itself
    outermost = [r for r in regions if id(r) in left and (r.parent < 0 or id(regions[r.parent]) not in fit)]
    return [
        box
        for region in outermost
        for box in _uncovered(region, [d.box for d in digits], settings.left * height)
        if box.h >= low
    ]


def _uncovered(region: Region, boxes: Sequence[Box], least: float) -> list[Box]:
    """Return the parts of a region, at least so wide, whose columns no box covers."""
    strokes = region.ink[1:-1, 1:-1] > 128
    for box in boxes:
        if box.y < region.box.bottom and region.box.y < box.bottom:
            strokes[:, max(0, box.x - region.box.x) : max(0, box.right - region.box.x)] = False
    edges = np.flatnonzero(np.diff(strokes.any(axis=0).astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
    found = []
    for left, right in edges.tolist():
        rows = np.flatnonzero(strokes[:, left:right].any(axis=1))
        if right - left >= least:
            top, bottom = int(rows[0]), int(rows[-1]) + 1
            found.append(Box(region.box.x + left, region.box.y + top, right - left, bottom - top))
    return found


def _lean(region: Region, settings: MarkSettings) -> float:
    """Return how many columns a row a straight stroke leans to the right; 0 if it is none."""
    moments = cv2.moments(at_least(region.ink, 129), binaryImage=True)
    area, across, down = moments["m00"], moments["mu20"], moments["mu02"]
    if down <= 0:
        return 0.0
    lean = -moments["mu11"] / down
    off = math.sqrt(max(0.0, across - lean**2 * down) / area)
    width = area / (region.box.h * math.hypot(1, lean))
    return lean if off <= settings.straight * width else 0.0
