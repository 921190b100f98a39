"""From an ink map to regions: connected ink at several thresholds, nested like a tree.

A threshold low enough for pencil runs a ruled line into a digit; one high enough to lose the line breaks pencil. So ink
is cut at several, and each region knows the one it lies in: `decode` keeps, branch by branch, the one most like a digit
(the component tree of Jones 1999, "Connected filtering and segmentation using component trees").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.ink import InkMap
from realtime.values import Box

SAME_GROWN, SAME_AREA = 2, 0.8
"""A region is its parent again if its box is so few pixels smaller and so much of the ink is the same."""


@dataclass(frozen=True, slots=True)
class SegmentSettings:
    """Which connected ink may be a digit.

    levels: thresholds as shares of full contrast, rising.  noises: a threshold lies this many standard deviations of
    the paper's grain above it, unless that is more than the share `faint` of the darkest ink.
    min_height: pixels.  widest: width over height.  most: regions kept per level.
    ring: width of a region's surroundings, as a share of its height.  edge: how near the image's edge is at its edge,
    as a share of its long side: a sheet's rim is not found to the pixel.  smallest_mark: side of the least point that
    counts, as a share of the digits' height.
    """

    levels: tuple[float, ...] = (0.05, 0.08, 0.12, 0.18, 0.27, 0.40, 0.55)
    noises: float = 3.0
    faint: float = 0.35
    min_height: int = 9
    widest: float = 5.0
    most: int = 300
    ring: float = 0.15
    edge: float = 0.01
    smallest_mark: float = 0.08


@dataclass(frozen=True, eq=False, slots=True)
class Region:
    """Connected ink.

    box: pixels of the image.  ink: (box.h + 2, box.w + 2) uint8, 0 paper .. 255 stroke: the box and one pixel around,
    nothing but this region's own ink.
    area: pixels of its ink.  parent: index of the region it lies in at the next lower threshold that has one, or -1.
    contrast: of its strokes, 0..255.  clutter: ink around it over its own.  edges: whether it touches the image's
    sides, and its top or bottom.
    """

    box: Box
    ink: NDArray[np.uint8]
    area: int
    parent: int
    contrast: float
    clutter: float
    edges: tuple[bool, bool]


def find_regions(ink: InkMap, settings: SegmentSettings) -> list[Region]:
    """Return the regions of an ink map, lowest threshold first, so that parents stand before their children."""
    regions: list[Region] = []
    owner = np.full(ink.contrast.shape, -1, np.int32)
    for level in _thresholds(ink, settings):
        _add_level(regions, owner, ink.contrast, level, settings)
    return regions


def _thresholds(ink: InkMap, settings: SegmentSettings) -> list[int]:
    """Return the levels above the grain, though none that lies below a share of the darkest ink is left out."""
    lowest = min(settings.noises * ink.noise, settings.faint * float(np.percentile(ink.contrast, 99)))
    return [round(255 * level) for level in settings.levels if 255 * level >= lowest]


def _add_level(
    regions: list[Region], owner: NDArray[np.int32], contrast: NDArray[np.uint8], level: int, settings: SegmentSettings
) -> None:
    """Append the regions of one threshold; `owner` maps pixels to the index of the region they are in."""
    mask = (contrast >= level).view(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_32S)
    for label in _plausible(np.asarray(stats, np.int32), settings):
        x, y, w, h, area = (int(v) for v in stats[label])
        own = labels[y : y + h, x : x + w] == label
        parent = int(owner[y : y + h, x : x + w][own][0])
        if parent >= 0 and _same(regions[parent], Box(x, y, w, h), area):
            continue
        owner[y : y + h, x : x + w][own] = len(regions)
        regions.append(_cut(contrast, own, Box(x, y, w, h), parent, settings))


def _plausible(stats: NDArray[np.int32], settings: SegmentSettings) -> NDArray[np.intp]:
    """Return the labels of components that could be a digit, without the background, largest first if too many."""
    w, h, area = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_AREA]
    fits = (h >= settings.min_height) & (w <= settings.widest * h) & (area >= 2 * settings.min_height)
    fits[0] = False
    found = np.flatnonzero(fits)
    return found[np.argsort(-area[found], kind="stable")[: settings.most]]


def _same(parent: Region, box: Box, area: int) -> bool:
    """Tell whether a region is its parent again, only a little thinner: asking twice would change nothing."""
    grown = parent.box.w - box.w + parent.box.h - box.h
    return grown <= SAME_GROWN and area > SAME_AREA * parent.area


def _cut(
    contrast: NDArray[np.uint8], own: NDArray[np.bool_], box: Box, parent: int, settings: SegmentSettings
) -> Region:
    h, w = contrast.shape
    pad = max(2, round(settings.ring * box.h))
    top, left = max(0, box.y - pad), max(0, box.x - pad)
    around = contrast[top : box.bottom + pad, left : box.right + pad]
    mask = np.zeros(around.shape, np.uint8)
    mask[box.y - top : box.y - top + box.h, box.x - left : box.x - left + box.w] = own
    soft = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    full = max(1.0, _quantile(around[mask > 0], 0.85))
    ink = np.asarray(cv2.convertScaleAbs(around * soft, alpha=255 / full), np.uint8)
    outside = cv2.dilate(soft, np.ones((3, 3), np.uint8)) == 0
    clutter = float(around[outside].mean()) / full if outside.any() else 0.0
    rim = settings.edge * max(h, w)
    edges = (min(box.x, w - box.right) <= rim, min(box.y, h - box.bottom) <= rim)
    framed = _framed(ink, box.y - top, box.x - left, box)
    return Region(box, framed, int(np.count_nonzero(own)), parent, full, clutter, edges)


def _quantile(values: NDArray[np.uint8], share: float) -> float:
    """Return the value below which a share of the values lies (np.percentile takes ten times as long for so few)."""
    place = int(share * (len(values) - 1))
    return float(np.partition(values, place)[place])


def _framed(ink: NDArray[np.uint8], top: int, left: int, box: Box) -> NDArray[np.uint8]:
    """Return the part of `ink` that holds the box and one pixel around it, blank where there is none."""
    grown = cv2.copyMakeBorder(ink, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    return np.ascontiguousarray(grown[top : top + box.h + 2, left : left + box.w + 2], np.uint8)


def find_marks(ink: InkMap, digits: Sequence[Region], settings: SegmentSettings) -> list[Box]:
    """Return the ink beside the digits that may be a point, a comma or a dash: as dark as they, but smaller.

    digits: at least one.
    """
    height, contrast = median(d.box.h for d in digits), median(d.contrast for d in digits)
    mask = (ink.contrast >= max(1, round(contrast / 2))).view(np.uint8)
    for box in (d.box for d in digits):
        mask[box.y : box.bottom, box.x : box.right] = 0
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    least = settings.smallest_mark * height
    boxes = [Box(*row[:4]) for row in stats[1:].tolist() if row[cv2.CC_STAT_AREA] >= least**2]
    return [box for box in boxes if max(box.w, box.h) >= least and box.h <= height]


def turn_region(region: Region, quarters: int, shape: tuple[int, ...]) -> Region:
    """Return the region as it lies once the image, of the given (height, width), is turned clockwise by quarters."""
    box, (h, w) = region.box, shape[:2]
    for _ in range(quarters % 4):
        box, (h, w) = Box(h - box.bottom, box.x, box.h, box.w), (w, h)
    edges = region.edges if quarters % 2 == 0 else region.edges[::-1]
    return replace(region, box=box, ink=np.ascontiguousarray(np.rot90(region.ink, -quarters)), edges=edges)
