"""Digits drawn so close that they touch."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.ink import InkSettings, find_ink
from realtime.segment import Region, SegmentSettings, find_regions
from realtime.values import Box
from tests.realtime.drawing import draw, paper


def region_of(page: NDArray[np.uint8]) -> Region:
    """Return the largest region of a page."""
    return max(find_regions(find_ink(page, InkSettings())[0], SegmentSettings()), key=lambda r: r.area)


def touching(gap: int = 0, slant: float = 0.0) -> tuple[NDArray[np.uint8], list[Box]]:
    """Return a page with 0, 4, 0 drawn so close that they touch, leaning by `slant` columns a row."""
    boxes = [Box(60 + i * (32 + gap), 60, 40, 64) for i in range(3)]
    page = paper(280, 190)
    for shape, box in zip("040", boxes, strict=True):
        page = draw(page, shape, box, width=4)
    lean = np.array([(1, -slant, slant * 92), (0, 1, 0)], np.float64)
    return np.asarray(cv2.warpAffine(page, lean, (280, 190), borderValue=(230,)), np.uint8), boxes
