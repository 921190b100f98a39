"""The pieces of ink behind a reading, one by one: what the network saw, what it was taken for, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.contract import LABELS, NOT_A_DIGIT, normalize
from realtime.attempt import Attempt
from realtime.page import ink_in_picture
from realtime.values import Box, Reading

TOP: Final = 3


@dataclass(frozen=True, eq=False, slots=True)
class Guess:
    """Ink as the network saw it. glyph: (28, 28) uint8, 255 is stroke.  top: its likeliest labels."""

    glyph: NDArray[np.uint8]
    top: tuple[tuple[str, float], ...]


def guess(ink: NDArray[np.uint8], row: Sequence[float] | NDArray[np.float32]) -> Guess:
    """Return what the network saw of ink, (h, w) uint8, 255 is stroke; row: its probabilities, as `LABELS`."""
    shares = np.asarray(row, np.float32)
    glyph = np.rint(255 * normalize(ink)).astype(np.uint8)
    return Guess(glyph, tuple((LABELS[i], float(shares[i])) for i in np.argsort(-shares, kind="stable")[:TOP]))


@dataclass(frozen=True, eq=False, slots=True)
class Piece:
    """One piece of ink that was judged.

    box: pixels of the picture.  ink: (h, w) uint8, 0 paper .. 255 stroke, upright, as large as the reader saw it.
    label: a digit, or "not a digit" where `reason` says why it was refused.  probabilities: columns as `LABELS`.
    """

    box: Box
    ink: NDArray[np.uint8]
    label: str
    confidence: float
    reason: str
    probabilities: tuple[float, ...]


def pieces(attempt: Attempt) -> tuple[Piece, ...]:
    """Return every piece of ink that was judged, in the reader's order."""
    found = []
    for verdict in attempt.verdicts:
        region, row = attempt.regions[verdict.region], attempt.probabilities[verdict.region]
        label = NOT_A_DIGIT if verdict.reason else LABELS[verdict.label]
        box = ink_in_picture(region.box, region.ink, attempt.view)
        row_of_floats = tuple(float(share) for share in row)
        found.append(Piece(box, region.ink, label, verdict.probability, verdict.reason, row_of_floats))
    return tuple(found)


def least_sure(found: Sequence[Piece]) -> Piece | None:
    """Return the digit that is least sure; where nothing was read, the ink most like one."""
    digits = [piece for piece in found if not piece.reason]
    if digits:
        return min(digits, key=lambda piece: piece.confidence)
    return max(found, key=lambda piece: piece.confidence, default=None)


def shown_label(piece: Piece, reading: Reading) -> str:
    """Return what was shown for a piece: frames before may have told it apart from what this one alone says."""
    x, y = piece.box.centre
    over = (d for d in reading.digits if d.box.x <= x < d.box.right and d.box.y <= y < d.box.bottom)
    nearest = min(over, key=lambda d: abs(d.box.centre[0] - x) + abs(d.box.centre[1] - y), default=None)
    return piece.label if nearest is None else nearest.label
