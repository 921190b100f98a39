"""Which digit of a frame is which of those that were followed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from realtime.motion import Motion, scale_of
from realtime.values import Box


class Place(NamedTuple):
    """Where a digit is: its middle and its size, in fractions of pixels."""

    x: float
    y: float
    w: float
    h: float

    @property
    def box(self) -> Box:
        """The place in whole pixels."""
        x, y = round(self.x - self.w / 2), round(self.y - self.h / 2)
        return Box(x, y, max(1, round(self.w)), max(1, round(self.h)))


def place_of(box: Box) -> Place:
    """Return the place of a box."""
    return Place(*box.centre, box.w, box.h)


def carrier(motion: Motion) -> Callable[[Place], Place]:
    """Return what tells where a place comes to lie: its middle moves, its size is scaled; it stays upright."""
    (a, b, x), (c, d, y) = motion.tolist()
    scale = scale_of(motion)
    return lambda p: Place(a * p.x + b * p.y + x, c * p.x + d * p.y + y, scale * p.w, scale * p.h)


def carried(places: Iterable[Place], motion: Motion) -> list[Place]:
    """Return where places come to lie."""
    return list(map(carrier(motion), places))


@dataclass(frozen=True, slots=True)
class MatchSettings:
    """When a digit may be one that was followed.

    near: most distance between the middles, over the larger height.  alike: least ratio of their heights.
    """

    near: float = 0.45
    alike: float = 0.6


def assign(followed: Sequence[Place], seen: Sequence[Place], settings: MatchSettings) -> dict[int, int]:
    """Return for digits seen, by index, which of those followed they are: one to one, the nearest first.

    Predicted places are right to a few pixels and digits do not lie on each other, so the nearest pairs leave nothing
    for a costlier assignment (Kuhn 1955) to do better.
    """
    if not followed or not seen:
        return {}
    a, b = np.array(followed)[:, None], np.array(seen)[None]
    taller, lower = np.maximum(a[..., 3], b[..., 3]), np.minimum(a[..., 3], b[..., 3])
    distance = np.hypot(a[..., 0] - b[..., 0], a[..., 1] - b[..., 1]) / taller
    fits = (distance <= settings.near) & (lower >= settings.alike * taller)
    pairs = np.argwhere(fits)
    order = np.argsort(distance[fits], kind="stable")
    matched: dict[int, int] = {}
    taken: set[int] = set()
    for i, j in pairs[order].tolist():
        if j not in matched and i not in taken:
            matched[j] = i
            taken.add(i)
    return matched


def overlap(a: Place, b: Place) -> float:
    """Return how much of the smaller of two places lies in the other, 0..1."""
    wide = min(a.x + a.w / 2, b.x + b.w / 2) - max(a.x - a.w / 2, b.x - b.w / 2)
    high = min(a.y + a.h / 2, b.y + b.h / 2) - max(a.y - a.h / 2, b.y - b.h / 2)
    return max(0.0, wide) * max(0.0, high) / max(1e-6, min(a.w * a.h, b.w * b.h))
