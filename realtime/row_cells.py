"""The ink of a digit that was seen in its row as a whole, and has no piece of ink of its own."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.row_peaks import Peak
from realtime.rows import is_solid
from realtime.segment import SQUARE, Region
from realtime.values import Box
from realtime.weighing import SecondSettings, SeenRow


def cut_cell(peak: Peak, row: SeenRow, contrast: NDArray[np.uint8], settings: SecondSettings) -> Region | None:
    """Return the ink that a digit of the second reading is, as far as the digits beside it; None if there is none."""
    place, height = row.place, row.place.height
    reach = settings.cell / 2 * height * place.scale
    left = max((p.at for p in row.peaks if p.at < peak.at), default=-math.inf)
    right = min((p.at for p in row.peaks if p.at > peak.at), default=math.inf)
    start = place.back(max(peak.at - reach, (left + peak.at) / 2))
    end = place.back(min(peak.at + reach, (right + peak.at) / 2))
    middle, half = (start[1] + end[1]) / 2, settings.band / 2 * height
    h, w = contrast.shape
    x, y = max(0, round(start[0])), max(0, round(middle - half))
    part = contrast[y : max(y, min(h, round(middle + half))), x : max(x, min(w, round(end[0])))]
    own = _strokes(part, row.full, settings)
    if own is None:
        return None
    rows, columns = np.nonzero(own)
    inner = Box(int(columns.min()), int(rows.min()), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)
    if inner.h < settings.lowest * height or is_solid(inner, len(rows)):
        return None
    soft = np.pad(cv2.dilate(own.view(np.uint8), SQUARE), 1)
    strong = np.pad(cv2.convertScaleAbs(part, alpha=255 / row.full), 1) * soft
    ink = np.asarray(strong[inner.y : inner.bottom + 2, inner.x : inner.right + 2], np.uint8)
    box = Box(x + inner.x, y + inner.y, inner.w, inner.h)
    return Region(box, ink, len(rows), -1, row.full, 0.0, (False, False))


def _strokes(part: NDArray[np.uint8], full: float, settings: SecondSettings) -> NDArray[np.bool_] | None:
    """Return the strokes in a part of the contrast, (h, w) bool, without specks; None if there are none."""
    if part.size == 0:
        return None
    stroke = (part >= settings.stroke * full).view(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(stroke, connectivity=8)
    if count < 2:
        return None
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    return np.asarray((areas >= settings.speck * areas.max())[labels], np.bool_)


def is_cell(box: Box, cell: Box, peak: Peak, row: SeenRow, settings: SecondSettings) -> bool:
    """Tell whether a piece of ink may be the digit that is seen where a cell was cut."""
    place, (low, high) = row.place, settings.heights
    near = abs(place.along(*box.centre) - peak.at) <= settings.core / 2 * box.w * place.scale
    fits = low <= box.h / place.height <= high and box.w <= high * place.height
    return near and fits and cell.y < box.bottom and box.y < cell.bottom
