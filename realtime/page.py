"""A picture as it is read: whole, one sheet of it flattened, a part of it nearer, or turned."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.values import Box

_MIDDLE_IN: Final = np.array([(1, 0, 0.5), (0, 1, 0.5), (0, 0, 1)], np.float64)
"""From where OpenCV's warps have a pixel's middle, at its index, to where it is."""
_MIDDLE_OUT: Final = np.array([(1, 0, -0.5), (0, 1, -0.5), (0, 0, 1)], np.float64)


@dataclass(frozen=True, eq=False, slots=True)
class View:
    """A picture as it is read: whole, or one sheet of it flattened, or turned.

    image: (h, w, 3) uint8 BGR or (h, w) uint8 gray.
    to_picture: (3, 3) float64 homography from places in it to those in the upright picture; pixel i reaches from i to
    i + 1.
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
    warp = _MIDDLE_OUT @ np.linalg.inv(to_picture) @ source.to_picture @ _MIDDLE_IN
    image = cv2.warpPerspective(source.image, warp, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return View(np.asarray(image, np.uint8), to_picture)


def turn(view: View, quarters: int) -> View:
    """Return the view turned clockwise by a number of quarters."""
    image, to_picture = view.image, view.to_picture
    for _ in range(quarters % 4):
        back = np.array([(0, 1, 0), (-1, 0, image.shape[0]), (0, 0, 1)], np.float64)
        image, to_picture = np.ascontiguousarray(np.rot90(image, -1)), to_picture @ back
    return View(image, to_picture)


def quarters_of(view: View) -> int:
    """Return by how many quarters, clockwise, a view is turned: 0..3, the nearest."""
    (along, _, _), (down, _, _), _ = view.to_picture.tolist()
    return round(-math.atan2(down, along) / (math.pi / 2)) % 4


def in_picture(box: Box, view: View) -> Box:
    """Return the upright box, in whole pixels of the picture, around a box of the view."""
    (across, b, c), (d, down, e), (f, g, _) = view.to_picture.tolist()
    if not (b or c or d or e or f or g):  # the whole picture, reduced: its diagonal alone
        return _around(across * box.x, down * box.y, across * box.right, down * box.bottom)
    return _placed(np.array([(box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom)]), view)


def ink_in_picture(box: Box, ink: NDArray[np.uint8], view: View) -> Box:
    """Return the upright box, in whole pixels of the picture, around ink of the view.

    Where the view lies askew that is less than what is around its box: of a stroke that leans, much less.

    box: around the ink in the view.  ink: (box.h + 2, box.w + 2) uint8, the box and one pixel around, 0 where there is
    none; ink of another form (a piece whose slant was taken out) is not looked at.
    """
    if ink.shape != (box.h + 2, box.w + 2) or _is_level(view.to_picture):
        return in_picture(box, view)
    rim = cv2.convexHull(cv2.findNonZero(ink))[:, 0] + (box.x - 1, box.y - 1)
    return _placed((rim[:, None] + [(0, 0), (1, 0), (1, 1), (0, 1)]).reshape(-1, 2), view)


def _is_level(to_picture: NDArray[np.float64]) -> bool:
    """Tell whether a homography keeps boxes boxes: it only scales, moves, and turns by quarters."""
    (a, b, _), (c, d, _), (e, f, _) = to_picture.tolist()
    return not (e or f) and not ((a or d) and (b or c))


def _placed(points: NDArray[np.floating | np.integer], view: View) -> Box:
    """Return the box in the picture around points, (n, 2), of the view."""
    placed = cv2.perspectiveTransform(points[None].astype(np.float64), view.to_picture)[0]
    return _around(*placed.min(axis=0).tolist(), *placed.max(axis=0).tolist())


def _around(left: float, top: float, right: float, bottom: float) -> Box:
    """Return the box of whole pixels that is nearest to a rectangle."""
    x, y = round(left), round(top)
    return Box(x, y, round(right) - x, round(bottom) - y)
