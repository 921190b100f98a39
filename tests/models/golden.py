"""Ink drawn once and frozen in tests/golden, with what `normalize` made of it under the contract of that day.

Run `python -m tests.models.golden` after raising CONTRACT: it draws and writes the two files of the new contract.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.contract import CONTRACT, normalize
from training.forms import DIGITS, FORMS
from training.strokes import Glyph, glyph

FOLDER = Path(__file__).parents[1] / "golden"
INKS = FOLDER / f"contract-{CONTRACT}-inks.npy"
IMAGES = FOLDER / f"contract-{CONTRACT}-images.npy"
SIDE = 72


def every_digit() -> list[tuple[str, str]]:
    """Return (label, form) of all digits in all their forms."""
    return [(label, form) for label in DIGITS for form in FORMS[label]]


def drawn(shape: Glyph, height: float = 48, pen: int = 5, slant: float = 0.0) -> NDArray[np.uint8]:
    """Return a character as (72, 72) uint8 ink, 0 paper .. 255 stroke."""
    out = np.zeros((SIDE, SIDE), np.uint8)
    lean = np.array([[1, 0], [-slant, 1]])
    lines = [np.round((((stroke - 0.5) @ lean) * height + SIDE / 2) * 16).astype(np.int32) for stroke in shape.strokes]
    cv2.polylines(out, lines, False, 255, pen, cv2.LINE_AA, 4)
    return out


def inks() -> NDArray[np.uint8]:
    """Return (n, 72, 72) uint8: every digit in every form, sizes, pens and slants going round."""
    settings = [(48.0, 5, 0.0), (30.0, 3, 0.15), (20.0, 2, 0.0), (58.0, 8, 0.25), (14.0, 2, -0.1)]
    return np.stack(
        [drawn(glyph(label, form), *settings[i % len(settings)]) for i, (label, form) in enumerate(every_digit())]
    )


if __name__ == "__main__":
    frozen = inks()
    np.save(INKS, frozen)
    np.save(IMAGES, np.stack([normalize(ink) for ink in frozen]))
