"""How a page moved from one frame to another, measured on its own ink.

Corners of the ink are followed by pyramids of small windows (Lucas and Kanade 1981; Bouguet 2000), and what most of
them agree on is the motion: a shift, a turn and a scale (Fischler and Bolles 1981, "Random sample consensus"). A hand
before the page, or a table behind it that does not move along, are outvoted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.values import Box

Motion = NDArray[np.float64]
"""(2, 3) float64: takes pixels (x, y, 1) of one picture to those of another."""


@dataclass(frozen=True, slots=True)
class MotionSettings:
    """How motion is measured; lengths are pixels of the glimpse.

    side: its longer side.  points: corners followed at most.  corner: least of a corner's strength, over the strongest.
    apart: between two corners.  rim: around ink in which they are looked for.
    window, levels: of the pyramid; together they reach some 60 pixels.  steps: of refinement.
    off: further than this from the motion, a corner disagrees.  least, share: of the corners that must agree, by number
    and as a part of all.  search, alike: where corners cannot be followed, how far the ink is looked for as a whole,
    and how alike it must be, -1..1.  zoom, turn: the most that a page may grow or shrink, and turn, in degrees,
    between two looks.
    """

    side: int = 320
    points: int = 60
    corner: float = 0.05
    apart: int = 4
    rim: int = 3
    window: int = 15
    levels: int = 3
    steps: int = 15
    off: float = 1.0
    least: int = 5
    share: float = 0.5
    search: int = 24
    alike: float = 0.6
    zoom: float = 1.5
    turn: float = 30.0


@dataclass(frozen=True, eq=False, slots=True)
class Glimpse:
    """A picture made small for measuring motion.

    gray: (h, w) uint8.  scale: its pixels to one of the picture.
    """

    gray: NDArray[np.uint8]
    scale: float


def halved(gray: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return a picture, (H, W) uint8, halved until its longer side is less than twice `side`."""
    # By areas, that is several times quicker than any other ratio.
    while max(gray.shape) >= 2 * side and min(gray.shape) >= 2:
        gray = np.asarray(cv2.resize(gray, (gray.shape[1] // 2, gray.shape[0] // 2), interpolation=cv2.INTER_AREA))
    return gray


def glimpse(luma: NDArray[np.uint8], settings: MotionSettings) -> Glimpse:
    """Return a glimpse of a picture by its brightness, (H, W) uint8."""
    gray = halved(luma, settings.side)
    return Glimpse(gray, gray.shape[1] / luma.shape[1])


def find_corners(seen: Glimpse, boxes: Iterable[Box], settings: MotionSettings) -> NDArray[np.float32]:
    """Return (n, 2) float32 corners of the ink in and around the boxes, in pixels of the glimpse.

    boxes: in pixels of the picture.
    """
    mask = np.zeros(seen.gray.shape, np.uint8)
    for box in boxes:
        left, top = (max(0, math.floor(v * seen.scale) - settings.rim) for v in (box.x, box.y))
        right, bottom = (max(0, math.ceil(v * seen.scale) + settings.rim) for v in (box.right, box.bottom))
        mask[top:bottom, left:right] = 255
    found = cv2.goodFeaturesToTrack(seen.gray, settings.points, settings.corner, settings.apart, mask=mask)
    return np.zeros((0, 2), np.float32) if found is None else np.asarray(found[:, 0], np.float32)


def find_motion(
    before: Glimpse, corners: NDArray[np.float32], after: Glimpse, settings: MotionSettings
) -> Motion | None:
    """Return how pixels of the picture before came to the picture after; None where the ink is not found again.

    corners: (n, 2) float32, of the glimpse before; n may be 0.
    """
    if len(corners) == 0 or before.gray.shape != after.gray.shape:
        return None
    found = _by_corners(before, corners, after, settings) if len(corners) >= settings.least else None
    if found is None:
        found = _by_likeness(before, corners, after, settings)
    if found is not None:
        found[:, 2] /= before.scale
    return found


def _by_corners(
    before: Glimpse, corners: NDArray[np.float32], after: Glimpse, settings: MotionSettings
) -> Motion | None:
    """Return what most corners agree on, in pixels of the glimpse."""
    moved, followed, _ = cv2.calcOpticalFlowPyrLK(
        before.gray,
        after.gray,
        corners,
        np.empty_like(corners),
        winSize=(settings.window, settings.window),
        maxLevel=settings.levels,
        criteria=(cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, settings.steps, 0.03),
    )
    kept = followed.ravel() > 0
    if kept.sum() < settings.least:
        return None
    found, agree = cv2.estimateAffinePartial2D(corners[kept], moved[kept], ransacReprojThreshold=settings.off)
    enough = max(settings.least, settings.share * len(corners))
    if found is None or agree.sum() < enough or not _is_likely(found, settings):
        return None
    return np.array(found, np.float64)


def _by_likeness(
    before: Glimpse, corners: NDArray[np.float32], after: Glimpse, settings: MotionSettings
) -> Motion | None:
    """Return where the part with the corners is most alike, in pixels of the glimpse: a lens out of focus has none."""
    h, w = before.gray.shape
    left, top = (int(v) for v in np.maximum(corners.min(axis=0) - settings.rim, 0))
    right, bottom = (int(v) + settings.rim + 1 for v in corners.max(axis=0))
    part = before.gray[top : min(h, bottom), left : min(w, right)]
    x, y = max(0, left - settings.search), max(0, top - settings.search)
    around = after.gray[y : bottom + settings.search, x : right + settings.search]
    _, alike, _, at = cv2.minMaxLoc(cv2.matchTemplate(around, part, cv2.TM_CCOEFF_NORMED))
    if not settings.alike <= alike <= 1:  # where all is one brightness, OpenCV gives more than 1, or nothing
        return None
    return np.array([(1, 0, x + at[0] - left), (0, 1, y + at[1] - top)], np.float64)


def _is_likely(motion: cv2.typing.MatLike, settings: MotionSettings) -> bool:
    turn = math.degrees(math.atan2(motion[1, 0], motion[0, 0]))
    return 1 / settings.zoom <= scale_of(motion) <= settings.zoom and abs(turn) <= settings.turn


def scale_of(motion: Motion | cv2.typing.MatLike) -> float:
    """Return how many times larger things become."""
    return math.hypot(motion[0, 0], motion[1, 0])


STILL: Final = np.eye(2, 3)
"""The motion of what does not move."""


def followed_by(first: Motion, second: Motion) -> Motion:
    """Return what two motions do one after the other."""
    return np.asarray(np.column_stack([second[:, :2] @ first[:, :2], second[:, :2] @ first[:, 2] + second[:, 2]]))


def undone(motion: Motion) -> Motion:
    """Return the motion back."""
    return np.asarray(cv2.invertAffineTransform(motion), np.float64)
