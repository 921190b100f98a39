"""Take ruled and squared lines out of an ink map, and mend the strokes that crossed them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.ink import InkMap, at_least, grain_and_darkest


@dataclass(frozen=True, slots=True)
class RulingSettings:
    """What counts as a ruled line; lengths are shares of the line's chord through the image.

    segment: shortest straight piece looked for.  alone: share that must be ink for a line on its own.
    together: share for each of at least `family` parallel lines.  faint: share for one more line of such a family.
    margin: how near its ends must come to the edges.
    angle: degrees by which pieces of one line, and lines of one family, may differ.
    darker: ink this much darker than its line is a stroke on it.  gap: pixels over which a stroke is
    mended.  thick: pixels; thicker is no ruling.  broken: pixels that may be missing in a straight piece.
    large: pixels of the shorter side from which pieces are looked for at half the size.
    many, square: so many lines are a texture unless they run one way, or two at right angles: the length of the mean of
    their directions, taken four times, is 1 where they all do.  dense: share of the page from which lines are so close
    that lying among them tells nothing of ink.
    """

    segment: float = 0.12
    alone: float = 0.8
    together: float = 0.45
    family: int = 4
    faint: float = 0.25
    margin: float = 0.12
    angle: float = 4.0
    darker: float = 1.6
    gap: int = 13
    thick: int = 7
    broken: int = 8
    large: int = 240
    many: int = 12
    square: float = 0.7
    dense: float = 0.7


ACROSS: Final = (-0.8, -0.4, 0.0, 0.4, 0.8)
"""Radians off the perpendicular of a line in which strokes cross it."""
ALONG: Final = np.linspace(0, 1, 64)
"""Where along a straight piece it is looked for ink, as shares of its length; half of them in either half."""
OFFSETS: Final = np.arange(-3, 4)
"""Pixels to either side of a straight piece where its ink may lie."""
Piece = tuple[float, float, float, float]
"""x1, y1, x2, y2 of a straight piece of ink."""


class _Lead(NamedTuple):
    """A piece as others are held against it; angle: radians, 0 along x.  towards: its cosine and sine."""

    start: tuple[float, float]
    middle: tuple[float, float]
    angle: float
    towards: tuple[float, float]
    length: float


@dataclass(frozen=True, slots=True)
class _Line:
    """Pieces of one straight line.

    angle: radians, 0 along x.  covered: share of its chord that is ink.  reach: it runs from edge to edge.
    """

    angle: float
    pieces: tuple[Piece, ...]
    covered: float
    reach: bool


def remove_ruling(ink: InkMap, settings: RulingSettings) -> InkMap:
    """Return the ink map without its ruled lines; the same map if it has none, or a texture instead."""
    thin = _thin(ink, settings.thick)
    lines = _ruled(_lines(_pieces(thin, settings), ink.contrast.shape, settings), settings)
    if not lines or _is_texture(lines, settings):
        return ink
    shape = ink.contrast.shape
    level = [line for line in lines if _apart(line.angle, 0) <= math.pi / 4]
    steep = [line for line in lines if _apart(line.angle, 0) > math.pi / 4]
    bands = [(_band(family, shape), family[0].angle) for family in (level, steep) if family]
    covered = np.logical_or.reduce([band > 0 for band, _ in bands])
    line = float(np.percentile(ink.contrast[covered & (thin > 0)], 75))
    without = _mended(ink.contrast, bands, settings.darker * line, settings.gap)
    _, darkest = grain_and_darkest(without)
    told = covered if covered.mean() <= settings.dense else None
    return replace(ink, contrast=without, darkest=darkest, ruled=len(lines), lines=told)


def _is_texture(lines: Sequence[_Line], settings: RulingSettings) -> bool:
    """Tell whether lines run all ways, as those found in waves and lattices do, and no ruling."""
    together = np.exp(4j * np.array([line.angle for line in lines])).mean()
    return len(lines) >= settings.many and abs(together) < settings.square


def _thin(ink: InkMap, thick: int) -> NDArray[np.uint8]:
    """Return a mask of thin ink: lines and pen strokes, no blobs or shadows."""
    kernel = np.ones((thick, thick), np.uint8)
    thin = cv2.morphologyEx(ink.contrast, cv2.MORPH_TOPHAT, kernel)
    return at_least(thin, max(8.0, 2.5 * ink.noise), 255)


def _pieces(thin: NDArray[np.uint8], settings: RulingSettings) -> list[Piece]:
    """Return the straight pieces in a mask; those of a large one are looked for at half its size, to save time."""
    h, w = thin.shape
    shrunk = 2 if min(h, w) >= settings.large else 1
    mask = thin
    if shrunk > 1:
        small = cv2.resize(thin, (w // 2, h // 2), interpolation=cv2.INTER_AREA)
        mask = np.asarray(cv2.threshold(small, 0, 255, cv2.THRESH_BINARY)[1], np.uint8)
    shortest, gap = settings.segment * min(mask.shape), settings.broken // shrunk
    found = cv2.HoughLinesP(mask, 1, math.pi / 180, round(0.6 * shortest), minLineLength=shortest, maxLineGap=gap)
    if found is None:
        return []
    rows = _centred(thin, shrunk * (np.asarray(found, np.float64).reshape(-1, 4) + 0.5) - 0.5)
    return [(x1, y1, x2, y2) for x1, y1, x2, y2 in rows.tolist()]


def _centred(thin: NDArray[np.uint8], pieces: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return straight pieces, (n, 4) x1 y1 x2 y2, with each end moved across to where most of its half is on ink."""
    start, along = pieces[:, :2], pieces[:, 2:] - pieces[:, :2]
    across = along[:, ::-1] * (-1, 1) / (np.linalg.norm(along, axis=1, keepdims=True) + 1e-6)
    points = start[:, None] + along[:, None] * ALONG[:, None]  # (n, 64, 2)
    spots = points[:, :, None] + across[:, None, None] * OFFSETS[:, None]  # (n, 64, 7, 2)
    nearest = np.minimum(np.maximum(np.rint(spots).astype(np.intp), 0), np.array(thin.shape[::-1]) - 1)
    on_ink = thin[nearest[..., 1], nearest[..., 0]].reshape(len(pieces), 2, len(ALONG) // 2, len(OFFSETS)) > 0
    shares = on_ink.mean(axis=2)
    near = shares - 0.01 * np.abs(OFFSETS)  # of equals the nearest
    best = _middle(shares >= near.max(axis=2, keepdims=True), OFFSETS)
    ends = pieces.reshape(-1, 2, 2) + across[:, None] * best[..., None]
    return np.asarray(ends.reshape(-1, 4), np.float64)


def _middle(chosen: NDArray[np.bool_], offsets: NDArray[np.intp]) -> NDArray[np.float64]:
    return np.asarray((chosen * offsets).sum(axis=-1) / chosen.sum(axis=-1), np.float64)


def _lines(pieces: Sequence[Piece], shape: tuple[int, ...], settings: RulingSettings) -> list[_Line]:
    """Group pieces that continue each other."""
    groups: list[tuple[_Lead, list[Piece]]] = []
    for piece in sorted(pieces, key=_length, reverse=True):
        lead = _lead(piece)
        home = next((group for longest, group in groups if _continues(lead, longest, settings)), None)
        if home is None:
            groups.append((lead, [piece]))
        else:
            home.append(piece)
    return [_line(longest, group, shape, settings) for longest, group in groups]


def _length(piece: Piece) -> float:
    x1, y1, x2, y2 = piece
    return math.hypot(x2 - x1, y2 - y1)


def _apart(a: float, b: float) -> float:
    """Return the difference of two directions, 0..pi/2."""
    d = abs(a - b) % math.pi
    return min(d, math.pi - d)


def _lead(piece: Piece) -> _Lead:
    x1, y1, x2, y2 = piece
    angle, middle = math.atan2(y2 - y1, x2 - x1) % math.pi, ((x1 + x2) / 2, (y1 + y2) / 2)
    return _Lead((x1, y1), middle, angle, (math.cos(angle), math.sin(angle)), _length(piece))


def _continues(piece: _Lead, other: _Lead, settings: RulingSettings) -> bool:
    if _apart(piece.angle, other.angle) > math.radians(settings.angle):
        return False
    (x, y), (left, top), (c, s) = piece.middle, other.start, other.towards
    along, across = (x - left) * c + (y - top) * s, abs(-(x - left) * s + (y - top) * c)
    return across < 3 + 0.02 * max(0.0, abs(along) - other.length)


def _line(longest: _Lead, group: Sequence[Piece], shape: tuple[int, ...], settings: RulingSettings) -> _Line:
    (left, top), (c, s) = longest.start, longest.towards
    start, end = _chord(left, top, c, s, shape)
    chord = max(end - start, 1.0)
    hit = np.zeros(max(1, math.ceil(chord)) + 1, bool)
    for x1, y1, x2, y2 in group:
        a, b = sorted((x - left) * c + (y - top) * s - start for x, y in ((x1, y1), (x2, y2)))
        hit[max(0, round(a)) : max(0, round(b)) + 1] = True
    where = np.flatnonzero(hit)
    margin = settings.margin * chord
    reach = bool(where[0] <= margin and where[-1] >= chord - margin) if len(where) else False
    return _Line(longest.angle, tuple(group), np.count_nonzero(hit) / len(hit), reach)


def _chord(x: float, y: float, c: float, s: float, shape: tuple[int, ...]) -> tuple[float, float]:
    """Return where, along (c, s) from (x, y), a line enters and leaves the image."""
    low, high = -math.inf, math.inf
    for position, direction, size in ((x, c, shape[1] - 1), (y, s, shape[0] - 1)):
        if abs(direction) > 1e-9:
            a, b = sorted((-position / direction, (size - position) / direction))
            low, high = max(low, a), min(high, b)
    return low, high


def _ruled(lines: Sequence[_Line], settings: RulingSettings) -> list[_Line]:
    """Return the lines that are ruling: long ones, and shorter ones that are many and parallel."""
    near = math.radians(settings.angle)
    sure = [line for line in lines if line.covered >= settings.together and line.reach]
    families = [a for a in sure if sum(_apart(a.angle, b.angle) <= near for b in sure) >= settings.family]
    return [
        line
        for line in lines
        if (line.covered >= settings.alone and line.reach)
        or (line.covered >= settings.faint and any(_apart(line.angle, other.angle) <= near for other in families))
    ]


def _band(lines: Sequence[_Line], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Return a mask of the lines, gaps between their pieces bridged, drawn to the edges of the image."""
    band = np.zeros(shape, np.uint8)
    for line in lines:
        x0, y0 = line.pieces[0][:2]
        c, s = math.cos(line.angle), math.sin(line.angle)
        ends = [(x, y) for x1, y1, x2, y2 in line.pieces for x, y in ((x1, y1), (x2, y2))]
        ends.sort(key=lambda p: (p[0] - x0) * c + (p[1] - y0) * s)
        start, end = _chord(x0, y0, c, s, shape)
        path = [(x0 + start * c, y0 + start * s), *ends, (x0 + end * c, y0 + end * s)]
        cv2.polylines(band, [np.rint(path).astype(np.int32)], False, 255, 5)
    return band


def _mended(
    contrast: NDArray[np.uint8], bands: Sequence[tuple[NDArray[np.uint8], float]], stroke: float, gap: int
) -> NDArray[np.uint8]:
    """Return the contrast with the bands emptied of all but strokes: what is darker, and what joins ink on both sides.

    A stroke that crosses is bridged along the directions that lead across the line, not along it.
    """
    covered = np.logical_or.reduce([band > 0 for band, _ in bands])
    left = np.where(covered & (contrast < stroke), 0, contrast).astype(np.uint8)
    mended = left.copy()
    for band, angle in bands:
        for off in ACROSS:
            bridged = cv2.morphologyEx(left, cv2.MORPH_CLOSE, _bar(gap, angle + math.pi / 2 + off))
            np.maximum(mended, np.where(band > 0, np.minimum(bridged, contrast), 0).astype(np.uint8), out=mended)
    return mended


def _bar(length: int, angle: float) -> NDArray[np.uint8]:
    """Return a structuring element: a line of pixels through the middle."""
    bar = np.zeros((length, length), np.uint8)
    middle, reach = length // 2, length / 2
    dx, dy = round(reach * math.cos(angle)), round(reach * math.sin(angle))
    cv2.line(bar, (middle - dx, middle - dy), (middle + dx, middle + dy), 1)
    return bar
