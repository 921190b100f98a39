"""Find the sheet of paper in a picture and flatten it; turn it the way it was written."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import imutils
import numpy as np
from numpy.typing import NDArray

from realtime.ink import RAISED, quantile
from realtime.values import Box


@dataclass(frozen=True, slots=True)
class PageSettings:
    """What counts as a sheet lying on something else.

    side: long side of the thumbnail that is searched.  levels: thresholds tried of each channel.
    smallest, largest: the sheet's share of the picture.
    solid: share of its hull, and of its four corners' quadrangle, that a sheet fills.
    step: how much lighter or darker, more or less colourful, of 255, a sheet is just inside its rim than just outside.
    rim: share of each side, as far as it is in the picture, that must show that step: a vignette shows none.
    darker: whether sheets darker or more colourful than what they lie on are looked for, too.
    least: pixels of a sheet's shorter side: less holds no writing; it is ink.
    """

    side: int = 320
    levels: int = 12
    smallest: float = 0.02
    largest: float = 0.95
    solid: float = 0.9
    step: float = 24
    rim: float = 0.75
    darker: bool = True
    least: int = 40


def find_sheet(picture: NDArray[np.uint8], settings: PageSettings) -> NDArray[np.float32] | None:
    """Return the corners of the sheet of paper, or None where the paper fills the picture or none stands out.

    picture: (H, W, 3) uint8 BGR or (H, W) uint8 gray.
    Returns (4, 2) float32 x, y in pixels of the picture, clockwise from what is most nearly the top left.
    """
    scale = settings.side / max(picture.shape[:2])
    if min(picture.shape[:2]) * scale < 32:
        return None
    channels = _channels(picture, scale)
    quads = _distinct(sorted(_candidates(channels, settings), key=cv2.contourArea, reverse=True))
    signed = channels.astype(np.int16)
    found = next((quad for quad in quads if _is_sheet(signed, quad, settings)), None)
    if found is None:
        return None
    corners = (found / np.float32(scale)).astype(np.float32)
    shortest = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1).min()
    return corners if shortest >= settings.least else None


def _distinct(quads: Sequence[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
    """Yield the quadrangles in their order, without those that are one before them to half a pixel."""
    seen: list[NDArray[np.float32]] = []
    for quad in quads:
        if not any(np.abs(quad - other).max() <= 0.5 for other in seen):
            seen.append(quad)
            yield quad


def _channels(picture: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """Return (1 or 2, h, w) thumbnails in which paper is bright and ink closed over: log lightness, lack of colour."""
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=method)
    if small.ndim == 2:
        return _bare(cv2.LUT(small, _LOG))[None]
    blue, green, red = cv2.split(small)
    most, least = cv2.max(cv2.max(blue, green), red), cv2.min(cv2.min(blue, green), red)
    pale = cv2.divide(cv2.LUT(least, RAISED), cv2.LUT(most, RAISED), scale=255)
    return np.stack([_bare(cv2.LUT(most, _LOG)), _bare(pale)])


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
        low, high = quantile(channel, 0.02), quantile(channel, 0.98)
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


def _is_sheet(channels: NDArray[np.int16], quad: NDArray[np.float32], settings: PageSettings) -> bool:
    """Tell whether at least two sides of the quadrangle are in the picture, and each that is shows a real rim."""
    steps, seen = _steps(channels, quad)
    real = seen.mean(axis=1) >= 0.3
    if real.sum() < 2:
        return False
    steps, seen = steps[:, real], seen[real]
    # A sheet is lighter than what it lies on or darker, more colourful or less, but the same all around.
    signs = np.sign(np.median(steps[:, seen], axis=1)) if settings.darker else np.ones(len(channels))
    stepped = (signs[:, None, None] * steps).max(axis=0) >= settings.step
    return bool(((stepped & seen).sum(axis=1) >= settings.rim * seen.sum(axis=1)).all())


def _steps(channels: NDArray[np.int16], quad: NDArray[np.float32]) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
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


def _at(channels: NDArray[np.int16], points: NDArray[np.floating], size: NDArray[np.intp]) -> NDArray[np.int16]:
    """Return the channels at (4, n, 2) points, (channels, 4, n); points outside take the nearest pixel."""
    x, y = np.moveaxis(np.minimum(np.maximum(np.rint(points).astype(np.intp), 0), size - 1), -1, 0)
    return np.asarray(channels[:, y, x], np.int16)


@dataclass(frozen=True, eq=False, slots=True)
class View:
    """A picture as it is read: whole, or one sheet of it flattened, or turned.

    image: (h, w, 3) uint8 BGR or (h, w) uint8 gray.
    to_picture: (3, 3) float64 homography from its pixels to those of the upright picture.
    """

    image: NDArray[np.uint8]
    to_picture: NDArray[np.float64]


def whole(picture: NDArray[np.uint8], long_side: int) -> View:
    """Return the whole picture, reduced where its longer side is more than `long_side` pixels."""
    h, w = picture.shape[:2]
    if max(h, w) <= long_side:
        return View(picture, np.eye(3))
    scale = long_side / max(h, w)
    size = (max(1, round(scale * w)), max(1, round(scale * h)))  # imutils.resize would make nothing of a thin picture
    image = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    return View(image, np.diag((w / image.shape[1], h / image.shape[0], 1.0)))


def flatten(picture: NDArray[np.uint8], corners: NDArray[np.float32], long_side: int) -> View:
    """Return the sheet with the given corners, seen from straight above, its longer side at most `long_side` pixels."""
    a, b, c, d = corners.astype(np.float64)
    width = max(float(np.linalg.norm(b - a)), float(np.linalg.norm(c - d)))
    height = max(float(np.linalg.norm(d - a)), float(np.linalg.norm(c - b)))
    scale = min(1.0, long_side / max(width, height))
    w, h = max(1, round(width * scale)), max(1, round(height * scale))
    flat = np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float32)
    to_picture = np.asarray(cv2.getPerspectiveTransform(flat, corners), np.float64)
    return _seen(picture, to_picture, (w, h), scale)


def closer(picture: NDArray[np.uint8], view: View, box: Box, factor: float, slope: float) -> View:
    """Return the part of a view in a box, enlarged by a factor with what more the picture shows, and levelled.

    slope: radians by which the lines of writing fall to the right; they are level in what is returned.
    """
    c, s = math.cos(slope), math.sin(slope)
    w, h = box.w * c + box.h * abs(s), box.w * abs(s) + box.h * c
    (x, y), k = box.centre, 1 / factor
    left, top = x - (c * w - s * h) / 2, y - (s * w + c * h) / 2
    zoom = np.array([(k * c, -k * s, left), (k * s, k * c, top), (0, 0, 1)], np.float64)
    size = (max(1, round(w * factor)), max(1, round(h * factor)))
    return _seen(picture, view.to_picture @ zoom, size, factor * reduction(view))


def reduction(view: View) -> float:
    """Return how many pixels of the view there are to one of the picture, in the middle of the view."""
    h, w = view.image.shape[:2]
    ends = np.array([[(w / 2 - 0.5, h / 2), (w / 2 + 0.5, h / 2)]], np.float64)
    a, b = cv2.perspectiveTransform(ends, view.to_picture)[0]
    return 1 / max(1e-6, float(np.linalg.norm(b - a)))


def _seen(picture: NDArray[np.uint8], to_picture: NDArray[np.float64], size: tuple[int, int], scale: float) -> View:
    """Return the view of the given (width, height) under a homography that shrinks the picture to about `scale`."""
    # Warping skips pixels where it shrinks: shrink by areas first, to twice the size that is wanted.
    side = max(1, round(2 * scale * max(picture.shape[:2])))
    source = whole(picture, side) if scale < 0.5 else View(picture, np.eye(3))
    warp = np.linalg.inv(to_picture) @ source.to_picture
    image = cv2.warpPerspective(source.image, warp, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return View(np.asarray(image, np.uint8), to_picture)


def turn(view: View, quarters: int) -> View:
    """Return the view turned clockwise by a number of quarters."""
    image, to_picture = view.image, view.to_picture
    for _ in range(quarters % 4):
        back = np.array([(0, 1, 0), (-1, 0, image.shape[0]), (0, 0, 1)], np.float64)
        image, to_picture = np.ascontiguousarray(np.rot90(image, -1)), to_picture @ back
    return View(image, to_picture)


def in_picture(box: Box, view: View) -> Box:
    """Return the upright box, in pixels of the picture, around a box of the view."""
    if np.count_nonzero(view.to_picture) == 3:  # the whole picture, reduced: its diagonal alone
        across, down = float(view.to_picture[0, 0]), float(view.to_picture[1, 1])
        x, y = round(across * box.x), round(down * box.y)
        return Box(x, y, round(across * box.right) - x, round(down * box.bottom) - y)
    corners = [(box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom)]
    placed = cv2.perspectiveTransform(np.array([corners], np.float64), view.to_picture)[0]
    x, y = (round(float(v)) for v in placed.min(axis=0))
    right, bottom = (round(float(v)) for v in placed.max(axis=0))
    return Box(x, y, right - x, bottom - y)
