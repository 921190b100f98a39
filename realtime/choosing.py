"""Which attempt at a picture to take, and where to look again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from realtime.attempt import Attempt
from realtime.values import Box, hull

BETTER: Final = 1.1
"""How many times the evidence of a first choice another has to have to be preferred."""

LEFT: Final = 1 / 3
"""Most height of what is left of a 1 that was taken for a line, over its own."""


def best_of(attempts: Sequence[Attempt]) -> Attempt:
    """Return the attempt with most evidence; a later one has to have clearly more than those before it."""
    best = attempts[0]
    for other in attempts[1:]:
        if other.evidence > BETTER * best.evidence:
            best = other
    return best


def holds(ruled: Attempt, without: Attempt) -> bool:
    """Tell whether one digit of the ink with its lines holds all that is read without them, each far smaller.

    Then a large 1 was taken for a line, and what is left of it for digits.
    """
    left = [without.regions[v.region].box for v in without.digits]
    return bool(left) and any(
        all(_is_within(box, large) and box.h <= LEFT * large.h for box in left)
        for large in (ruled.regions[v.region].box for v in ruled.digits)
    )


def _is_within(box: Box, large: Box) -> bool:
    return large.x <= box.x and large.y <= box.y and box.right <= large.right and box.bottom <= large.bottom


def around(boxes: Sequence[Box], margin: float, attempt: Attempt) -> Box:
    """Return the part of a view that holds the boxes with a margin, and all ink whole that reaches into it."""
    h, w = attempt.view.image.shape[:2]
    inner, pad = hull(boxes), round(margin)
    outer = Box(inner.x - pad, inner.y - pad, inner.w + 2 * pad, inner.h + 2 * pad)
    others = [attempt.regions[v.region].box for v in attempt.verdicts]
    outer = hull([outer, *(box for box in others if _meet(box, outer))])
    x, y = max(0, outer.x), max(0, outer.y)
    return Box(x, y, min(w, outer.right) - x, min(h, outer.bottom) - y)


def _meet(a: Box, b: Box) -> bool:
    return a.x < b.right and b.x < a.right and a.y < b.bottom and b.y < a.bottom
