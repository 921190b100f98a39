"""Cut joined digits at thin places, upright or along a slant, as `realtime.cutting` does: good pieces and bad ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from realtime.cutting import margin_of, sheared, without_specks
from training.augment import Ink


def cut_apart(
    ink: Ink, owners: Sequence[NDArray[np.uint16]], rng: Generator
) -> Iterator[tuple[Ink, list[NDArray[np.uint16]]]]:
    """Yield a few of the pieces that upright or slanted cuts at thin places make of joined digits, as cutting does.

    With each piece come the layers under it.
    """
    h, w = ink.shape
    slant = float(rng.choice([0.0, rng.uniform(-0.3, 0.6)]))
    margin = margin_of(h)
    shear = np.array([(1, slant, margin - slant * h / 2), (0, 1, 0)], np.float64)
    size = (w + 2 * margin, h)
    upright = sheared(ink, slant)
    layers = [np.asarray(cv2.warpAffine(layer, shear, size, flags=cv2.INTER_NEAREST), np.uint16) for layer in owners]
    columns = _thin_columns(upright)
    spans = [(a, b) for a in columns for b in columns if 0.1 * h <= b - a <= 1.3 * h]
    for k in rng.permutation(len(spans))[:10].tolist():
        left, right = spans[k]
        piece = without_specks(upright[:, left:right])
        if piece.any():
            yield piece, [layer[:, left:right] for layer in layers]


def _thin_columns(upright: Ink) -> list[int]:
    profile = np.convolve(upright.sum(axis=0, dtype=np.float64) / 255, np.ones(3) / 3, mode="same")
    inked = np.flatnonzero(profile > 0.5)
    if len(inked) == 0:
        return []
    first, last = int(inked[0]), int(inked[-1]) + 1
    between = range(first + 2, last - 2)
    return [first, *(x for x in between if profile[x] <= profile[x - 1] and profile[x] < profile[x + 1]), last]
