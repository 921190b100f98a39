"""Pictures for tests, drawn with plain lines: what is in them is known exactly."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.values import Box

PAPER, PEN = 230, 40
# Rough digits as polylines in a 10 x 16 box; enough for ink and geometry, where no network is asked.
SHAPES: dict[str, list[list[tuple[int, int]]]] = {
    "0": [[(2, 3), (5, 0), (8, 3), (8, 13), (5, 16), (2, 13), (2, 3)]],
    "1": [[(2, 4), (6, 0), (6, 16)]],
    "2": [[(1, 3), (5, 0), (9, 3), (8, 7), (1, 16), (9, 16)]],
    "4": [[(7, 16), (7, 0), (0, 11), (10, 11)]],
    "7": [[(0, 0), (9, 0), (3, 16)]],
}


def paper(width: int, height: int, brightness: int = PAPER) -> NDArray[np.uint8]:
    """Return blank paper, (height, width) uint8."""
    return np.full((height, width), brightness, np.uint8)


def draw(page: NDArray[np.uint8], shape: str, box: Box, pen: int = PEN, width: int = 3) -> NDArray[np.uint8]:
    """Return a copy of the page with a shape drawn into the box."""
    drawn = page.copy()
    for line in SHAPES[shape]:
        points = np.array([(box.x + x * box.w / 10, box.y + y * box.h / 16) for x, y in line])
        cv2.polylines(drawn, [np.round(points * 8).astype(np.int32)], False, pen, width, cv2.LINE_AA, shift=3)
    return drawn


def row_of(shapes: str, height: int = 48, gap: int = 24, width: int = 3) -> tuple[NDArray[np.uint8], list[Box]]:
    """Return a page with the shapes side by side, and the box of each."""
    step = round(height * 10 / 16)
    boxes = [Box(40 + i * (step + gap), 50, step, height) for i in range(len(shapes))]
    page = paper(boxes[-1].right + 40, height + 100)
    for shape, box in zip(shapes, boxes, strict=True):
        page = draw(page, shape, box, width=width)
    return page, boxes


def waves(page: NDArray[np.uint8], darkness: int, apart: int, high: float, long: float) -> NDArray[np.uint8]:
    """Return a copy of the page printed with waves all over, as cheques and kraft paper are; sizes in pixels."""
    h, w = page.shape
    lines, x = np.zeros_like(page), np.arange(0, w, 2)
    for y in range(0, h + apart, apart):
        path = np.stack([x, y + high * np.sin(2 * np.pi * x / long)], axis=1)
        cv2.polylines(lines, [np.round(path * 8).astype(np.int32)], False, darkness, 1, cv2.LINE_AA, shift=3)
    return np.minimum(page, PAPER - lines)
