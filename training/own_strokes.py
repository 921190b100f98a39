"""Digits and signs drawn by this project, each by a hand of its own: a set to learn from that needs no file."""

from __future__ import annotations

from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from training.augment import Ink
from training.forms import DIGITS, FORMS
from training.rare_forms import RARE, SIGNS
from training.strokes import Glyph, Mark, Writer, drawn_glyph, written

SIDE: Final = 64
_ROOM: Final = 52.0
"""Pixels that the longer side of a character fills."""
_FINE: Final = 16
"""Parts of a pixel that points are rounded to."""
OTHERS: Final = tuple(label for label in FORMS if label.isalpha() and len(label) == 1)
"""The letters of `training.forms`."""


def any_hand(rng: Generator) -> Writer:
    """Return a hand that differs from others more than those of the samples do: slanted, wide, hasty, thick."""
    return Writer(
        slant=float(np.clip(rng.normal(0.12, 0.25), -0.4, 0.8)),
        aspect=float(np.exp(rng.normal(0, 0.22))),
        wobble=float(rng.uniform(0.01, 0.045)),
        bend=(*rng.normal(0, 0.04, 3), *rng.uniform(0, 2 * np.pi, 3)),
        pen=float(np.exp(rng.uniform(np.log(0.035), np.log(0.15)))),
    )


def drawn_digits(count: int, rng: Generator) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return digits, (count, 64, 64) uint8, 255 is stroke, and their labels; every form of a digit is as likely."""
    labels = rng.integers(0, len(DIGITS), count)
    shapes = [_forms(DIGITS[label]) for label in labels]
    inks = [_drawn(forms[rng.integers(len(forms))], rng) for forms in shapes]
    return _stacked(inks), labels.astype(np.int64)


def drawn_signs(count: int, rng: Generator) -> NDArray[np.uint8]:
    """Return `count` signs and letters that are no digits, (count, 64, 64) uint8, 255 is stroke."""
    shapes = _signs()
    return _stacked([_drawn(shapes[rng.integers(len(shapes))], rng) for _ in range(count)])


def _stacked(inks: list[Ink]) -> NDArray[np.uint8]:
    return np.stack(inks) if inks else np.zeros((0, SIDE, SIDE), np.uint8)


@cache
def _forms(label: str) -> tuple[Glyph, ...]:
    return tuple(drawn_glyph(label, paths) for paths in (*FORMS[label].values(), *RARE[label].values()))


@cache
def _signs() -> tuple[Glyph, ...]:
    letters = [drawn_glyph(label, paths) for label in OTHERS for paths in FORMS[label].values()]
    return (*letters, *(drawn_glyph(name, paths) for name, paths in SIGNS.items()))


def _drawn(shape: Glyph, rng: Generator) -> Ink:
    hand = any_hand(rng)
    return rendered(written(shape, hand, rng), hand.pen)


def rendered(mark: Mark, pen: float) -> Ink:
    """Return the character in the middle of a picture, (64, 64) uint8, 255 is stroke.

    pen: stroke width in heights of the line, before pressure.
    """
    every = np.concatenate(mark.strokes)[:, :2]
    low, high = every.min(axis=0), every.max(axis=0)
    scale = _ROOM / max(float((high - low).max()), 1e-6)
    out = np.zeros((SIDE, SIDE), np.uint8)
    for stroke in mark.strokes:
        points = np.rint(((stroke[:, :2] - (low + high) / 2) * scale + SIDE / 2) * _FINE).astype(np.int32)
        widths = np.maximum(1, np.rint(pen * scale * stroke[:, 2])).astype(int).tolist()
        for a, b, width in zip(points[:-1], points[1:], widths[1:], strict=True):
            cv2.line(out, a.tolist(), b.tolist(), 255, width, cv2.LINE_AA, 4)
    return out
