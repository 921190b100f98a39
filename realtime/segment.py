"""From an ink map to regions: connected ink at several thresholds, nested like a tree.

A threshold low enough for pencil runs a ruled line into a digit; one high enough to lose the line breaks pencil. So ink
is cut at several, and each region knows the one it lies in: `decode` keeps, branch by branch, the one most like a digit
(the component tree of Jones 1999, "Connected filtering and segmentation using component trees").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from statistics import median
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.ink import InkMap, at_least, components, quantile
from realtime.values import Box, hull

SQUARE: Final = np.ones((3, 3), np.uint8)
SAME_GROWN, SAME_AREA = 2, 0.8
"""A region is its parent again if its box is so few pixels smaller and so much of the ink is the same."""


@dataclass(frozen=True, slots=True)
class SegmentSettings:
    """Which connected ink may be a digit.

    levels: thresholds as shares of full contrast, rising.  noises: a threshold lies this many standard deviations of
    the paper's grain above it, unless that is more than the share `faint` of the darkest ink; that bound is one more
    threshold where the next is more than `apart` times as high.
    min_height: pixels.  widest: width over height.  most: regions kept per level.
    bar: what is no wider than this share of its height, or no higher than this share of its width, is a bar.
    ring: width of a region's surroundings, as a share of its height.  edge: how near the image's edge is at its edge,
    as a share of its long side: a sheet's rim is not found to the pixel.
    remnant: share of ink from which it is what is left of a ruled line that was taken out.
    """

    levels: tuple[float, ...] = (0.05, 0.08, 0.12, 0.18, 0.27, 0.40, 0.55)
    noises: float = 3.0
    faint: float = 0.35
    apart: float = 1.2
    min_height: int = 9
    widest: float = 5.0
    most: int = 300
    bar: float = 0.5
    ring: float = 0.15
    edge: float = 0.01
    remnant: float = 0.8


@dataclass(frozen=True, eq=False, slots=True)
class Region:
    """Connected ink.

    box: pixels of the image.  ink: (box.h + 2, box.w + 2) uint8, 0 paper .. 255 stroke: the box and one pixel around,
    nothing but this region's own ink.
    area: pixels of its ink.  parent: index of the region it lies in at the next lower threshold that has one, or -1.
    contrast: of its strokes, 0..255.  clutter: ink around it over its own.  edges: whether it touches the image's
    sides, and its top or bottom.  flanks: of a bar, how far apart in brightness its two long sides are, over how far
    its ink is below the darker; 0 of what is no bar.  filled: of what is open in its middle, how much darker that is
    than what lies around, over how much its ink is; 0 of what is not.
    """

    box: Box
    ink: NDArray[np.uint8]
    area: int
    parent: int
    contrast: float
    clutter: float
    edges: tuple[bool, bool]
    flanks: float = 0.0
    filled: float = 0.0


Settle = Callable[[Sequence[Region], int], Sequence[bool]]
"""Takes all regions so far and the index of the first new one; tells which of the new ones are not looked into at
higher thresholds, because nothing inside them could be preferred to them."""


def find_regions(ink: InkMap, settings: SegmentSettings, settle: Settle | None = None) -> list[Region]:
    """Return the regions of an ink map, lowest threshold first, so that parents stand before their children.

    settle: called after each threshold that brings new regions.
    """
    regions: list[Region] = []
    owner, unsettled = None, ink.contrast
    window = Box(0, 0, *ink.contrast.shape[::-1])
    for level in _thresholds(ink, settings):
        first = len(regions)
        masks, large = _add_level(regions, owner, ink, unsettled, window, level, settings)
        closed = settle(regions, first) if settle and masks else [False] * len(masks)
        for region in compress(regions[first:], closed):
            large.remove(region.box)
        if not large:
            break
        window = hull(large)
        if owner is None:
            owner, unsettled = np.full(unsettled.shape, -1, np.int32), unsettled.copy()
        for index, mask, done in zip(range(first, len(regions)), masks, closed, strict=True):
            np.copyto(_within(owner, regions[index].box), index, where=mask)
            if done:
                np.copyto(_within(unsettled, regions[index].box), 0, where=mask)
    return regions


def _within(image: NDArray[Any], box: Box) -> NDArray[Any]:
    """Return the part of an image in a box, as a view of it."""
    return image[box.y : box.bottom, box.x : box.right]


def _thresholds(ink: InkMap, settings: SegmentSettings) -> list[int]:
    """Return the levels above the grain and the lowest that is, though never more than a share of the darkest ink."""
    lowest = min(settings.noises * ink.noise, settings.faint * ink.darkest)
    levels = [255 * level for level in settings.levels]
    above = [round(level) for level in levels if level >= lowest]
    apart = lowest >= levels[0] and (not above or above[0] > settings.apart * lowest)
    return [round(lowest), *above] if apart else above


def _add_level(
    regions: list[Region],
    owner: NDArray[np.int32] | None,
    ink: InkMap,
    unsettled: NDArray[np.uint8],
    window: Box,
    level: int,
    settings: SegmentSettings,
) -> tuple[list[NDArray[np.bool_]], list[Box]]:
    """Append the regions of one threshold of the unsettled ink in a window.

    owner: maps pixels to the index of the region they are in, -1 in none; None before there are any.
    Returns the mask of each in its box, and the boxes of all ink large enough to hold regions at the next threshold.
    """
    masks: list[NDArray[np.bool_]] = []
    mask, window = _inked(at_least(_within(unsettled, window), level), window)
    if not mask.size:
        return masks, []
    labels, stats = components(mask)
    stats[:, :2] += (window.x, window.y)
    large = np.flatnonzero(_is_large(stats, settings))
    plausible = _plausible(stats, large, settings)
    for label, (x, y, w, h, area) in zip(plausible.tolist(), stats[plausible].tolist(), strict=True):
        box = Box(x, y, w, h)
        top, left = y - window.y, x - window.x
        own = labels[top : top + h, left : left + w] == label
        parent = -1 if owner is None else int(owner[y, x + int(own[0].argmax())])
        if (parent >= 0 and _same(regions[parent], box, area)) or _is_remnant(ink.lines, own, box, settings):
            continue
        regions.append(_cut(ink, own, box, area, parent, settings))
        masks.append(own)
    return masks, [Box(*row) for row in stats[large, :4].tolist()]


def _inked(mask: NDArray[np.uint8], window: Box) -> tuple[NDArray[np.uint8], Box]:
    """Return the part of a window's mask that holds all its ink, of no size if there is none, and where it lies."""
    x, y, w, h = cv2.boundingRect(mask)
    left, top = x - x % 2, y - y % 2  # components are counted in blocks of 2 x 2: so their order stays
    return mask[top : y + h, left : x + w], Box(window.x + left, window.y + top, x + w - left, y + h - top)


def _is_remnant(lines: NDArray[np.bool_] | None, own: NDArray[np.bool_], box: Box, settings: SegmentSettings) -> bool:
    """Tell whether ink lies almost wholly where a ruled line was: what is left of a line, or of a 1 taken for one."""
    return lines is not None and float(_within(lines, box)[own].mean()) >= settings.remnant


def _is_large(stats: NDArray[np.int32], settings: SegmentSettings) -> NDArray[np.bool_]:
    """Tell of each component whether it is high enough to be a digit; the background is not."""
    large = (stats[:, cv2.CC_STAT_HEIGHT] >= settings.min_height) & (
        stats[:, cv2.CC_STAT_AREA] >= 2 * settings.min_height
    )
    large[0] = False
    return np.asarray(large, np.bool_)


def _plausible(stats: NDArray[np.int32], large: NDArray[np.intp], settings: SegmentSettings) -> NDArray[np.intp]:
    """Return the labels of the large components that could be a digit, largest first if too many."""
    w, h, area = stats[large, cv2.CC_STAT_WIDTH], stats[large, cv2.CC_STAT_HEIGHT], stats[large, cv2.CC_STAT_AREA]
    fits = w <= settings.widest * h
    found, area = large[fits], area[fits]
    return np.asarray(found[np.argsort(-area, kind="stable")[: settings.most]], np.intp)


def _same(parent: Region, box: Box, area: int) -> bool:
    """Tell whether a region is its parent again, only a little thinner: asking twice would change nothing."""
    grown = parent.box.w - box.w + parent.box.h - box.h
    return grown <= SAME_GROWN and area > SAME_AREA * parent.area


def _cut(ink: InkMap, own: NDArray[np.bool_], box: Box, area: int, parent: int, settings: SegmentSettings) -> Region:
    contrast, (h, w) = ink.contrast, ink.contrast.shape
    pad = max(2, round(settings.ring * box.h))
    top, left = max(0, box.y - pad), max(0, box.x - pad)
    around = contrast[top : box.bottom + pad, left : box.right + pad]
    mask = np.zeros(around.shape, np.uint8)
    mask[box.y - top : box.bottom - top, box.x - left : box.right - left] = own
    soft = np.asarray(cv2.dilate(mask, SQUARE), np.uint8)
    full = max(1.0, quantile(_within(contrast, box)[own], 0.85))
    outside = cv2.threshold(cv2.dilate(soft, SQUARE), 0, 1, cv2.THRESH_BINARY_INV)[1]
    clutter = cv2.mean(around, outside)[0] / full
    rim = settings.edge * max(h, w)
    edges = (min(box.x, w - box.right) <= rim, min(box.y, h - box.bottom) <= rim)
    strokes = _strokes(around, soft, full, Box(box.x - left, box.y - top, box.w, box.h))
    flanks, filled = _flanks(ink.gray, own, box, settings.bar), _filled(ink.gray, own, box)
    return Region(box, strokes, area, parent, full, clutter, edges, flanks, filled)


def _strokes(contrast: NDArray[np.uint8], soft: NDArray[np.uint8], full: float, box: Box) -> NDArray[np.uint8]:
    """Return the contrast of strokes, 255 where it is full, in a box and one pixel around it, blank beyond the image.

    contrast, soft: (h, w) uint8 around the box; soft is 1 on the strokes and beside them, 0 elsewhere.
    """
    (h, w), x, y = contrast.shape, max(0, box.x - 1), max(0, box.y - 1)
    inner = (slice(y, box.bottom + 1), slice(x, box.right + 1))
    strokes = np.asarray(cv2.multiply(contrast[inner], soft[inner], scale=255 / full), np.uint8)
    top, bottom, left, right = (int(at_edge) for at_edge in (box.y == 0, box.bottom == h, box.x == 0, box.right == w))
    if not (top or bottom or left or right):
        return strokes
    return np.asarray(cv2.copyMakeBorder(strokes, top, bottom, left, right, cv2.BORDER_CONSTANT), np.uint8)


def _flanks(gray: NDArray[np.uint8], own: NDArray[np.bool_], box: Box, bar: float) -> float:
    """Return how unlike the two long sides of a bar are: ink lies on one paper, an edge between two brightnesses.

    gray: (h, w) uint8, ink darker.  own: (box.h, box.w) bool.
    """
    if box.h <= bar * box.w:
        return _flanks(gray.T, own.T, Box(box.y, box.x, box.h, box.w), bar)
    if box.w > bar * box.h:
        return 0.0
    rows = np.arange(box.h // 8, box.h - box.h // 8)
    first = own[rows].argmax(axis=1)
    last = box.w - 1 - own[rows, ::-1].argmax(axis=1)
    beside = max(2, round(median((last - first).tolist()) / 2 + 1.5))
    columns = np.stack([first - beside, last + beside]) + box.x
    left, right = gray[rows + box.y, np.minimum(np.maximum(columns, 0), gray.shape[1] - 1)].astype(np.int16)
    darkest = np.where(own, _within(gray, box), 255)[rows].min(axis=1)
    depth = float(median((np.minimum(left, right) - darkest).tolist()))
    return abs(float(median((left - right).tolist()))) / max(1.0, depth)


def _filled(gray: NDArray[np.uint8], own: NDArray[np.bool_], box: Box) -> float:
    """Return how much of its ink's depth the empty middle of a region has: of a 0 none, of a disc all.

    A blob larger than the surroundings that paper is estimated from stands out by its rim alone, which reads as a 0.

    gray: (h, w) uint8, ink darker.  own: (box.h, box.w) bool.
    """
    y, x = box.h // 3, box.w // 3
    if x < 3 or y < 3 or own[y : box.h - y, x : box.w - x].any():
        return 0.0
    rows, columns = slice(box.y + y, box.bottom - y), slice(box.x + x, box.right - x)
    sides = (
        gray[rows, max(0, box.x - x) : box.x],
        gray[rows, box.right : box.right + x],
        gray[max(0, box.y - y) : box.y, columns],
        gray[box.bottom : box.bottom + y, columns],
    )
    around = median([float(np.median(side)) for side in sides if side.size] or [0.0])
    depth = around - float(np.median(_within(gray, box)[own]))
    return max(0.0, around - quantile(gray[rows, columns].ravel(), 0.8)) / max(1.0, depth)


def turn_region(region: Region, quarters: int, shape: tuple[int, ...]) -> Region:
    """Return the region as it lies once the image, of the given (height, width), is turned clockwise by quarters."""
    box, (h, w) = region.box, shape[:2]
    for _ in range(quarters % 4):
        box, (h, w) = Box(h - box.bottom, box.x, box.h, box.w), (w, h)
    edges = region.edges if quarters % 2 == 0 else region.edges[::-1]
    return replace(region, box=box, ink=np.ascontiguousarray(np.rot90(region.ink, -quarters)), edges=edges)
