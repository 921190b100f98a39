"""Cut touching digits apart: every way that may be right (which of them is, `parting` decides).

Over-segmentation (LeCun et al. 1998, "Gradient-based learning applied to document recognition", section V): cuts where
there is little ink from top to bottom, upright and along the slant of the hand, and every run of segments a candidate;
and so is every ring.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.rings import rings_of
from realtime.segment import Region
from realtime.values import Box


@dataclass(frozen=True, slots=True)
class CutSettings:
    """How ink is cut; lengths are shares of the height of the digits around it.

    thinnest, widest: a piece's width.  cuts: where there is little ink, tried in a region.  apart: two cuts.
    ridges, ridge: cuts through upright strokes so high or higher: two rings that touch share one.
    hole: least height and width of the hole of a ring.  rim: how far from it ink is of the ring, in widths of strokes.
    """

    thinnest: float = 0.1
    widest: float = 1.3
    cuts: int = 16
    apart: float = 0.08
    ridges: int = 5
    ridge: float = 0.4
    hole: tuple[float, float] = (0.3, 0.12)
    rim: float = 1.2


def pieces_of(region: Region, height: float, slant: float, settings: CutSettings) -> list[Region]:
    """Return what lies between any two cuts along a slant that are as far apart as a digit may be wide, and the rings.

    The ink of a piece is upright: the slant is taken out of it.  height: of the digits around it, pixels.
    """
    upright = sheared(region.ink, slant)
    columns = _columns(upright, height, settings)
    least, most = settings.thinnest * height, settings.widest * height
    last = len(columns) - 1
    between = [
        _piece(region, upright, slant, columns[i], columns[j], i == 0 or j == last)
        for i, j in combinations(range(len(columns)), 2)
        if least <= columns[j] - columns[i] <= most
    ]
    high, wide = (share * height for share in settings.hole)
    rings = [_whole(region, ring, slant, columns) for ring in rings_of(upright, high, wide, settings.rim)]
    return [*between, *(ring for ring in rings if ring.box.w <= most)]


def find_slant(ink: NDArray[np.uint8]) -> float:
    """Return the shear, columns to the right a row, that makes the column profile most uneven: strokes then stand."""

    def unevenness(slant: float) -> float:
        return float((sheared(ink, slant).sum(axis=0, dtype=np.float64) ** 2).sum())

    return max((float(s) for s in np.linspace(-0.3, 0.6, 10)), key=unevenness)


def sheared(ink: NDArray[np.uint8], slant: float) -> NDArray[np.uint8]:
    """Return the ink with its rows moved by slant times their height above the middle, in a frame wide enough."""
    h, w = ink.shape
    margin = margin_of(h)
    shear = np.array([(1, slant, margin - slant * h / 2), (0, 1, 0)], np.float64)
    return np.asarray(cv2.warpAffine(ink, shear, (w + 2 * margin, h)), np.uint8)


def margin_of(height: int) -> int:
    """Return how many columns `sheared` adds on either side of ink so high."""
    return round(0.3 * height) + 1


def _columns(ink: NDArray[np.uint8], height: float, settings: CutSettings) -> list[int]:
    """Return where to cut: the ends of the ink, between them where it is least, and through upright strokes."""
    profile = np.convolve(ink.sum(axis=0, dtype=np.float64) / 255, np.ones(3) / 3, mode="same")
    inked = np.flatnonzero(profile > 0.5)
    first, last = (int(inked[0]), int(inked[-1]) + 1) if len(inked) else (0, ink.shape[1])
    inner = range(first + 2, last - 2)
    thin = [x for x in inner if profile[x] <= profile[x - 1] and profile[x] < profile[x + 1]]
    upright = [
        x
        for x in inner
        if profile[x] >= profile[x - 1] and profile[x] > profile[x + 1] and profile[x] >= settings.ridge * height
    ]
    apart = settings.apart * height
    chosen = _spread(sorted(thin, key=lambda x: float(profile[x])), apart, settings.cuts)
    ridges = _spread(sorted(upright, key=lambda x: -float(profile[x])), apart, settings.ridges)
    return sorted({first, last, *chosen, *ridges})


def _spread(columns: Sequence[int], apart: float, most: int) -> list[int]:
    """Return the first of the columns that are so far from those before them, so many at most."""
    chosen: list[int] = []
    for x in columns:
        if len(chosen) < most and all(abs(x - other) >= apart for other in chosen):
            chosen.append(x)
    return chosen


def _whole(region: Region, ink: NDArray[np.uint8], slant: float, columns: Sequence[int]) -> Region:
    """Return upright ink that is a part of a region's as a region."""
    inked = np.flatnonzero(ink.any(axis=0))
    left, right = int(inked[0]), int(inked[-1]) + 1
    return _piece(region, ink, slant, left, right, left <= columns[0] or right >= columns[-1])


def _piece(region: Region, upright: NDArray[np.uint8], slant: float, left: int, right: int, outermost: bool) -> Region:
    """Return what lies between two columns of the upright ink as a region, its box where it lies in the image."""
    ink = without_specks(upright[:, left:right])
    edges = (region.edges[0] and outermost, region.edges[1])
    rows, columns = np.nonzero(ink > 64)
    if len(rows) == 0:
        return replace(region, ink=ink, area=0, edges=edges, flanks=0.0)
    h = upright.shape[0]
    x = columns + left - margin_of(h) - slant * (rows - h / 2) + region.box.x - 1
    top, bottom = int(rows.min()), int(rows.max()) + 1
    first, end = (
        min(max(v, region.box.x), region.box.right) for v in (round(float(x.min())), round(float(x.max())) + 1)
    )
    top, bottom = max(top, 1), min(bottom, h - 1)
    box = Box(first, region.box.y - 1 + top, max(1, end - first), max(1, bottom - top))
    return replace(region, box=box, ink=ink, area=len(rows), edges=edges, flanks=0.0)


def without_specks(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the ink without the scraps a cut leaves of a neighbour."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats((ink > 64).view(np.uint8), connectivity=8)
    areas = stats[:, cv2.CC_STAT_AREA]
    scraps = areas < 0.1 * areas[1:].sum()
    scraps[0] = False
    return np.where(scraps[labels], 0, ink).astype(np.uint8)
