"""Digits as people write them in haste: a 0 that does not close or runs on, a 1 with a long upstroke."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from training.augment import Ink, trim


def hasty(ink: Ink, label: int, rng: Generator, share: float = 0.4) -> Ink:
    """Return the ink of a digit, in so many cases of a 0 or a 1 written in haste; never blank if the ink is not."""
    if label not in (0, 1) or rng.random() > share:
        return ink
    body = trim(ink)
    written = _zero(body, rng) if label == 0 else _one(body, rng)
    return written if int(written.sum()) > 0.6 * int(ink.sum()) else ink


def _zero(body: Ink, rng: Generator) -> Ink:
    """Leave a gap of 20 to 75 degrees in a ring, or let it end in a stroke to the next digit, or both."""
    h, w = body.shape
    out = np.asarray(cv2.copyMakeBorder(body, 4, 4, 4, h // 2 + 4, cv2.BORDER_CONSTANT, value=0), np.uint8)
    kind = rng.random()
    if kind < 0.75:
        middle, radius = np.array([w / 2 + 4, h / 2 + 4]), float(max(h, w))
        start, wide = rng.uniform(0, 2 * np.pi), np.deg2rad(rng.uniform(20, 75))
        angles = np.array([start, start + wide / 2, start + wide])
        far = middle + radius * np.column_stack([np.cos(angles) * w / h, np.sin(angles)])
        cv2.fillPoly(out, [np.rint([middle, *far]).astype(np.int32)], 0)
    if kind > 0.5:
        y, reach = int(4 + h * rng.uniform(0.02, 0.35)), int(h * rng.uniform(0.15, 0.5))
        x = 4 + int(w * rng.uniform(0.6, 0.95))
        end = (min(x + reach, out.shape[1] - 3), max(2, y + int(rng.normal(0, 0.06 * h))))
        cv2.line(out, (x, y), end, 255, max(1, _pen(body) // 2), cv2.LINE_AA)  # a row crosses a ring twice
    return out


def _one(body: Ink, rng: Generator) -> Ink:
    """Draw a stroke up to the top of a 1: 0.3 to 1 of its height long, as far as the stroke of the 1 leaves room."""
    h, w = body.shape
    if w > 0.5 * h:
        return body
    columns = np.flatnonzero(body[: max(2, h // 8)].max(axis=0) > 100)
    if len(columns) == 0:
        return body
    top = (float(columns.mean()), 0.04 * h)
    down, left = h * rng.uniform(0.25, 0.95), h * rng.uniform(0.2, 0.5)
    room = int(left) + 6
    out = np.asarray(cv2.copyMakeBorder(body, 2, 2, room, 2, cv2.BORDER_CONSTANT, value=0), np.uint8)
    bend = (top[0] - 0.4 * left + room, top[1] + down * rng.uniform(0.25, 0.5))
    path = np.rint([(top[0] + room, top[1] + 2), bend, (top[0] - left + room, top[1] + down + 2)]).astype(np.int32)
    cv2.polylines(out, [path], False, 255, _pen(body), cv2.LINE_AA)
    return out


def _pen(body: Ink) -> int:
    """Return about the width of the strokes: of every row the middle one of its runs of ink."""
    runs = [int(np.count_nonzero(row > 100)) for row in body]
    inked = sorted(n for n in runs if n)
    return max(1, min(inked[len(inked) // 4], body.shape[0] // 6)) if inked else 2
