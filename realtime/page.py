"""A picture as it is read: whole, one sheet of it flattened, a part of it nearer, or turned."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.values import Box


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
