"""A page that lies on a table, photographed from wherever."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.realtime.drawing import row_of

PAGE = np.asarray(cv2.cvtColor(row_of("0247", height=64)[0], cv2.COLOR_GRAY2BGR), np.uint8)
CORNERS = np.array([(210, 150), (620, 190), (590, 420), (170, 400)], np.float32)
TABLES = {"dark": (50, 50, 50), "wood": (60, 90, 130), "green": (70, 120, 60)}


def on_table(
    corners: NDArray[np.float32],
    table: tuple[int, int, int] | NDArray[np.uint8],
    seed: int = 0,
    page: NDArray[np.uint8] = PAGE,
) -> NDArray[np.uint8]:
    """Return an 800 x 600 photograph of the page lying with its corners where they are asked for.

    table: its colour, BGR, or an 800 x 600 photograph of it.
    """
    rng = np.random.default_rng(seed)
    h, w = page.shape[:2]
    warp = cv2.getPerspectiveTransform(np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float32), corners)
    grain = 4 if isinstance(table, tuple) else 0
    scene = np.clip(np.array(table) + rng.normal(0, grain, (600, 800, 3)), 0, 255).astype(np.uint8)
    sheet = cv2.warpPerspective(page, warp, (800, 600))
    inside = cv2.warpPerspective(np.ones((h, w), np.uint8), warp, (800, 600))[..., None]
    return np.where(inside > 0, sheet, scene).astype(np.uint8)
