"""The cheapest way from left to right through what may be digits: the best path through a segmentation graph.

LeCun et al. 1998, "Gradient-based learning applied to document recognition", sections IV-VI. Each pixel of ink costs
the negative logarithm of how like a digit the candidate is that takes it, or a fixed price where none does; and each
candidate costs a toll, however much ink it takes: if each pixel of a 1 cost more, its neighbours would take them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from realtime.cutting import margin_of, sheared
from realtime.decode import Verdict
from realtime.segment import Region
from realtime.values import Box


@dataclass(frozen=True, eq=False, slots=True)
class Blot:
    """Connected ink that may be several digits.

    region: its index.  verdicts: what was made of it so far.  among: indexes of the regions in it that may be a digit.
    pieces: what it may be cut into.  height: of the digits around, pixels.  slant: of its strokes, columns a row.
    """

    region: int
    verdicts: tuple[Verdict, ...]
    among: tuple[int, ...]
    pieces: tuple[Region, ...]
    height: float
    slant: float


class Candidate(NamedTuple):
    """One piece of ink that may be a digit, in the upright ink of a blot.

    region: its index among all.  left, right: first column and the one after the last.  ink: how much of the blot's ink
    it takes.  beside: how much lies above and below it in its columns.  score: how like a digit it is, 0..1.
    toll: what it costs beside its ink, as pixels of ink do.
    """

    region: int
    left: int
    right: int
    ink: float
    beside: float
    score: float
    toll: float


def candidates_of(
    blot: Blot,
    indexes: Sequence[int],
    regions: Sequence[Region],
    scores: NDArray[np.float32],
    tolls: NDArray[np.float64],
    mask: NDArray[np.bool_],
) -> list[Candidate]:
    """Return where each candidate lies in the upright ink of the blot, and how much of the ink it takes.

    scores: (n,) float32.  tolls: (n,) float64.  Both of all n regions; see `Candidate`.
    """
    box, (high, wide) = regions[blot.region].box, mask.shape
    total = np.pad(mask.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    found = []
    for i in indexes:
        region = regions[i]
        left, right = _columns_of(region, i in blot.among, blot.slant, box)
        left, right = min(max(0, left), wide), min(max(0, right), wide)
        top, bottom = (min(max(0, y - box.y + 1), high) for y in (region.box.y, region.box.bottom))
        if left < right and top < bottom and region.area:
            column = total[high, right] - total[high, left]
            own = total[bottom, right] - total[bottom, left] - total[top, right] + total[top, left]
            found.append(Candidate(i, left, right, float(own), float(column - own), float(scores[i]), float(tolls[i])))
    return found


def _columns_of(region: Region, leans: bool, slant: float, box: Box) -> tuple[int, int]:
    """Return the columns a region takes of the upright ink of the blot in a box.

    leans: whether the region's ink still has its slant; that of pieces is upright already.
    """
    ink = sheared(region.ink, slant) if leans else region.ink
    wide = int(np.count_nonzero(ink.max(axis=0) > 64))
    (x, y), high = region.box.centre, box.h + 2
    middle = x - box.x + 1 + margin_of(high) + slant * (y - box.y + 1 - high / 2)
    return round(middle - wide / 2), round(middle + wide / 2)


def best_path(
    candidates: Sequence[Candidate], profile: NDArray[np.intp], skipped: float, overlap: float
) -> list[Candidate]:
    """Return the candidates, left to right, that explain the ink at the least cost; none if skipping all is cheapest.

    profile: (w,) ink in each column of the blot.  skipped: what a pixel counts as, 0..1 how like a digit, that no
    candidate takes.  overlap: columns by which a candidate may reach into the one before.
    """
    price = -math.log(skipped)
    until = np.concatenate([[0.0], np.cumsum(profile)])
    order = sorted(candidates, key=lambda c: (c.right, c.left))
    costs: list[float] = []
    before: list[int] = []
    for candidate in order:
        best, at = price * float(until[candidate.left]), -1
        for k, other in enumerate(order[: len(costs)]):
            follows = other.left < candidate.left and other.right - overlap <= candidate.left
            between = float(until[max(candidate.left, other.right)] - until[other.right])
            if follows and (cost := costs[k] + price * between) < best:
                best, at = cost, k
        costs.append(best - candidate.ink * math.log(candidate.score) + candidate.toll + price * candidate.beside)
        before.append(at)
    ends = [cost + price * float(until[-1] - until[c.right]) for cost, c in zip(costs, order, strict=True)]
    if not ends or min(ends) >= price * float(until[-1]):
        return []
    path, at = [], int(np.argmin(ends))
    while at >= 0:
        path.append(order[at])
        at = before[at]
    return path[::-1]
