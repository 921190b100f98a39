"""Rings in touching ink: a hole and the stroke around it may be a 0, whatever else hangs on it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

INKED = 100
"""From here on, of 255, a pixel is stroke."""


def rings_of(ink: NDArray[np.uint8], high: float, wide: float, rim: float) -> list[NDArray[np.uint8]]:
    """Return the ink of each ring, of the same shape, and nothing else in it.

    A row of 0s that run into each other, joined by a stroke or sharing one, has no column free of ink between them;
    but each has its hole.

    ink: (h, w) uint8, 0 paper .. 255 stroke.  high, wide: least size of a hole, pixels.  rim: how far from its hole ink
    is of a ring, over the width of the strokes.
    """
    stroke = (ink >= INKED).astype(np.uint8)
    paper = cv2.copyMakeBorder(1 - stroke, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(paper, connectivity=4)
    large = (stats[:, cv2.CC_STAT_HEIGHT] >= high) & (stats[:, cv2.CC_STAT_WIDTH] >= wide)
    holes = [k for k in np.flatnonzero(large).tolist() if k not in (0, labels[0, 0])]  # 0 is the stroke itself
    if not holes:
        return []
    reach = max(1, round(rim * _stroke_width(stroke)))
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    near = [cv2.dilate((labels == k).astype(np.uint8), disk)[1:-1, 1:-1] for k in holes]
    return [ink * np.asarray(each, np.uint8) for each in near]


def _stroke_width(stroke: NDArray[np.uint8]) -> float:
    """Return how wide strokes are, pixels: their ink over half the length of their outlines.

    stroke: (h, w) uint8, 0 or 1; at least one is 1.
    """
    outlines, _ = cv2.findContours(stroke, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    return 2 * float(stroke.sum()) / max(1.0, sum(cv2.arcLength(outline, True) for outline in outlines))
