"""Find the sheets of paper in a picture: what is solid, has four corners, and a real rim all around."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import imutils
import numpy as np
from numpy.typing import NDArray

from realtime.ink import quantiles, raised, shrunk


@dataclass(frozen=True, slots=True)
class PageSettings:
    """What counts as a sheet lying on something else.

    side: long side of the thumbnail that is searched.  levels: thresholds tried of each channel.
    smallest, largest: the sheet's share of the picture.
    solid: share of its hull, and of its four corners' quadrangle, that a sheet fills.
    step: how much lighter or darker, more or less colourful, of 255, a sheet is just inside its rim than just outside.
    rim: share of each side, as far as it is in the picture, that must show that step: a vignette shows none.  hidden:
    and of one of four, where a shadow, a stain or a hand may lie over it, if the others show `open_rim`.
    darker: whether sheets darker or more colourful than what they lie on are looked for, too.
    least: pixels of a sheet's shorter side: less holds no writing; it is ink.
    overlap: share of the smaller one that two sheets may have in common; of more the larger is taken.
    most: sheets of one picture.
    """

    side: int = 320
    levels: int = 12
    smallest: float = 0.02
    largest: float = 0.95
    solid: float = 0.9
    step: float = 24
    rim: float = 0.75
    hidden: float = 0.45
    open_rim: float = 0.8
    darker: bool = True
    least: int = 40
    overlap: float = 0.1
    most: int = 12


def find_sheets(picture: NDArray[np.uint8], settings: PageSettings) -> list[NDArray[np.float32]]:
    """Return the corners of the sheets of paper, the largest first; none where the paper fills the picture.

    picture: (H, W, 3) uint8 BGR or (H, W) uint8 gray.
    Returns (4, 2) float32 x, y each, in pixels of the picture, clockwise from what is most nearly the top left.
    """
    scale = settings.side / max(picture.shape[:2])
    if min(picture.shape[:2]) * scale < 32:
        return []
    channels = _channels(picture, scale)
    quads = _distinct(sorted(_candidates(channels, settings), key=cv2.contourArea, reverse=True))
    found: list[NDArray[np.float32]] = []
    for quad in quads:
        if len(found) < settings.most and _is_apart(quad, found, settings) and _is_sheet(channels, quad, settings):
            found.append(quad)
    half = np.float32(0.5)  # a thumbnail's pixel i is seen at i, and reaches from i to i + 1
    sheets = [((quad + half) / np.float32(scale)).astype(np.float32) for quad in found]
    return [corners for corners in sheets if _shortest(corners) >= settings.least]


def _is_apart(quad: NDArray[np.float32], others: Sequence[NDArray[np.float32]], settings: PageSettings) -> bool:
    """Tell whether a quadrangle lies beside all others: sheets inside a sheet are read with it."""
    most = settings.overlap * cv2.contourArea(quad)
    return all(cv2.intersectConvexConvex(quad, other)[0] <= most for other in others)


def _shortest(corners: NDArray[np.float32]) -> float:
    return float(np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1).min())


def _distinct(quads: Sequence[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
    """Yield the quadrangles in their order, without those that are one before them to half a pixel."""
    seen: list[NDArray[np.float32]] = []
    for quad in quads:
        if not any(np.abs(quad - other).max() <= 0.5 for other in seen):
            seen.append(quad)
            yield quad


def _channels(picture: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """Return (1 or 2, h, w) thumbnails in which paper is bright and ink closed over: log lightness, lack of colour."""
    small = _reduced(picture, scale)
    if small.ndim == 2:
        return _bare(cv2.LUT(small, _LOG))[None]
    blue, green, red = cv2.split(small)
    most, least = cv2.max(cv2.max(blue, green), red), cv2.min(cv2.min(blue, green), red)
    pale = cv2.divide(raised(least), raised(most), scale=255)
    return np.stack([_bare(cv2.LUT(most, _LOG)), _bare(pale)])


def _reduced(picture: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """Return the picture at a scale, however large."""
    times = round(1 / scale)
    if times > 1 and times * scale == 1 and not any(n % times for n in picture.shape[:2]):
        return shrunk(picture, times)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=method), np.uint8)


# 100 log2 of brightness: 24 steps are a factor of 1.18, in light as in shadow.
_LOG = np.clip(100 * np.log2(np.arange(256) / 255 * 0.83 + 0.17) + 255, 0, 255).astype(np.uint8)


def _bare(channel: cv2.typing.MatLike) -> NDArray[np.uint8]:
    closed = cv2.morphologyEx(channel, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    return np.asarray(cv2.medianBlur(closed, 5), np.uint8)


def _candidates(channels: NDArray[np.uint8], settings: PageSettings) -> Iterator[NDArray[np.float32]]:
    """Yield the quadrangles of solid, four-cornered regions of each channel."""
    size = channels[0].size
    for mask in _masks(channels, settings):
        contours = imutils.grab_contours(cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE))
        for contour in contours:
            area = cv2.contourArea(contour)
            if settings.smallest * size <= area <= settings.largest * size:
                hull = cv2.convexHull(contour)
                quad = _quadrangle(np.asarray(hull, np.int32))
                if area >= settings.solid * cv2.contourArea(hull) and area >= settings.solid * cv2.contourArea(quad):
                    yield quad


def _masks(channels: NDArray[np.uint8], settings: PageSettings) -> Iterator[NDArray[np.uint8]]:
    """Yield what is above several levels of each channel, and, if both are wanted, what is below.

    A channel that is alike all over shows no sheet: no rim in it could be a step.
    """
    for channel in channels:
        low, high = quantiles(channel, (0.02, 0.98))
        levels = settings.levels if high - low >= settings.step else 0
        for level in np.linspace(low, high, levels + 2)[1:-1]:
            above = (channel >= level).view(np.uint8)
            for mask in (above, 1 - above) if settings.darker else (above,):
                yield np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)), np.uint8)


def _quadrangle(hull: NDArray[np.int32]) -> NDArray[np.float32]:
    """Return the four-cornered outline nearest to a convex hull, clockwise."""
    length = cv2.arcLength(hull, closed=True)
    outline = hull
    for share in np.arange(0.01, 0.12, 0.01):
        outline = np.asarray(cv2.approxPolyDP(hull, share * length, closed=True), np.int32)
        if len(outline) <= 4:
            break
    corners = outline[:, 0] if len(outline) == 4 else cv2.boxPoints(cv2.minAreaRect(hull))
    return _clockwise(np.asarray(corners, np.float32))


def _clockwise(corners: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the corners clockwise, from the left end of the side that is most nearly level, and above."""
    centre = corners.mean(axis=0)
    around = np.argsort(np.arctan2(corners[:, 1] - centre[1], corners[:, 0] - centre[0]))
    ordered: NDArray[np.float32] = corners[around]
    along = np.roll(ordered, -1, axis=0) - ordered
    first = int((along[:, 0] / (np.hypot(along[:, 0], along[:, 1]) + 1e-6)).argmax())
    return np.asarray(np.concatenate([ordered[first:], ordered[:first]]), np.float32)


def _is_sheet(channels: NDArray[np.uint8], quad: NDArray[np.float32], settings: PageSettings) -> bool:
    """Tell whether at least two sides of the quadrangle are in the picture, and each that is shows a real rim."""
    steps, seen = _steps(channels, quad)
    real = seen.mean(axis=1) >= 0.3
    if real.sum() < 2:
        return False
    steps, seen = steps[:, real], seen[real]
    # A sheet is lighter than what it lies on or darker, more colourful or less, but the same all around.
    signs = np.sign(np.median(steps[:, seen], axis=1)) if settings.darker else np.ones(len(channels))
    stepped = (signs[:, None, None] * steps).max(axis=0) >= settings.step
    shares = np.sort((stepped & seen).sum(axis=1) / seen.sum(axis=1))
    one_hidden = len(shares) == 4 and shares[0] >= settings.hidden and shares[1] >= settings.open_rim
    return bool(shares[0] >= settings.rim or one_hidden)


def _steps(channels: NDArray[np.uint8], quad: NDArray[np.float32]) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
    """Return (channels, 4, n) differences across the sides, inside minus outside, and which of (4, n) were seen."""
    ahead = np.roll(quad, -1, axis=0) - quad
    inwards = ahead[:, ::-1] * (-1, 1)  # the corners run clockwise, y points down
    inwards = 4 * inwards / (np.linalg.norm(inwards, axis=1, keepdims=True) + 1e-6)
    along = quad[:, None] + ahead[:, None] * ALONG[:, None]
    size = np.array(channels.shape[:0:-1])
    outside, inside = along - inwards[:, None], along + inwards[:, None]
    seen = ((outside >= 0) & (outside < size)).all(axis=2)
    return _at(channels, inside, size) - _at(channels, outside, size), seen


ALONG: Final = np.linspace(0.06, 0.94, 40)
"""Where along each side of a sheet its rim is looked at."""


def _at(channels: NDArray[np.uint8], points: NDArray[np.floating], size: NDArray[np.intp]) -> NDArray[np.int16]:
    """Return the channels at (4, n, 2) points, (channels, 4, n); points outside take the nearest pixel."""
    x, y = np.moveaxis(np.minimum(np.maximum(np.rint(points).astype(np.intp), 0), size - 1), -1, 0)
    return np.asarray(channels[:, y, x], np.int16)
