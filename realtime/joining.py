"""Put the pieces of a broken digit together: candidates, and which of them to take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from realtime.decode import DecodeSettings, Verdict, alone, likeness, sure_height
from realtime.segment import Region
from realtime.values import Box, hull


@dataclass(frozen=True, slots=True)
class JoinSettings:
    """What is joined; lengths are shares of the height of the sure digits, or else of the higher piece.

    gap: between two pieces of one digit.  lowest, tallest, widest: their union.
    piece, as_others: height of either of two digits that may be one, over the union's, and of this over the highest.
    joined, gain: the probability it needs, and how much more it must be than that of either piece; `sure` instead of
    the gain where both were digits.
    """

    gap: float = 0.2
    lowest: float = 0.6
    tallest: float = 1.5
    widest: float = 1.3
    piece: float = 0.8
    as_others: float = 1.25
    joined: float = 0.8
    gain: float = 0.1
    sure: float = 0.95


@dataclass(frozen=True, slots=True)
class Joining:
    """Two regions that may be one digit."""

    regions: tuple[int, int]
    union: Region


def joinings(verdicts: Sequence[Verdict], regions: Sequence[Region], settings: JoinSettings) -> list[Joining]:
    """Return the pairs of neighbours that may be one digit in two pieces.

    At least one of them is no digit by itself, or they stand one on the other and are low beside the other digits.
    """
    height = sure_height(verdicts, regions)
    near = [v for v in verdicts if height is None or regions[v.region].box.h <= settings.tallest * height]
    pairs = []
    for a, b in _close_pairs(near, regions, height, settings):
        one, two = regions[a.region].box, regions[b.region].box
        size, both = height or max(one.h, two.h), hull((one, two))
        fits = both.w <= settings.widest * size and settings.lowest * size <= both.h <= settings.tallest * size
        if fits if a.reason or b.reason else _stacked(a, b, both, verdicts, regions, settings):
            pairs.append(Joining((a.region, b.region), _union(regions[a.region], regions[b.region])))
    return pairs


def _close_pairs(
    verdicts: Sequence[Verdict], regions: Sequence[Region], height: float | None, settings: JoinSettings
) -> Iterator[tuple[Verdict, Verdict]]:
    """Yield the pairs whose boxes are no further apart than the gap allows, along the axis on which it is more."""
    sides = chain.from_iterable(regions[v.region].box for v in verdicts)
    x, y, w, h = np.fromiter(sides, np.float64).reshape(-1, 4).T
    beside = np.maximum.outer(x, x) - np.minimum.outer(x + w, x + w)
    above = np.maximum.outer(y, y) - np.minimum.outer(y + h, y + h)
    size = height or np.maximum.outer(h, h)
    for i, j in np.argwhere(np.maximum(beside, above) <= settings.gap * size).tolist():
        if i < j:
            yield verdicts[i], verdicts[j]


def _stacked(
    a: Verdict, b: Verdict, both: Box, verdicts: Sequence[Verdict], regions: Sequence[Region], settings: JoinSettings
) -> bool:
    """Tell whether two digits may be the top and the bottom of one, cut through where a ruled line was taken out."""
    one, two = regions[a.region].box, regions[b.region].box
    over = min(one.right, two.right) - max(one.x, two.x) >= min(one.w, two.w) / 2
    apart = max(one.y, two.y) - min(one.bottom, two.bottom) >= -settings.gap * both.h
    low = both.w <= settings.widest * both.h and max(one.h, two.h) <= settings.piece * both.h
    if not (over and apart and low):
        return False
    others = [regions[v.region].box.h for v in verdicts if not v.reason and v.region not in (a.region, b.region)]
    return both.h <= settings.as_others * max(others, default=0)


def _union(a: Region, b: Region) -> Region:
    box = hull((a.box, b.box))
    ink = np.zeros((box.h + 2, box.w + 2), np.uint8)
    for region in (a, b):
        y, x = region.box.y - box.y, region.box.x - box.x
        part = ink[y : y + region.box.h + 2, x : x + region.box.w + 2]
        np.maximum(part, region.ink, out=part)
    larger = a if a.area >= b.area else b
    edges = (a.edges[0] or b.edges[0], a.edges[1] or b.edges[1])
    return replace(larger, box=box, ink=ink, area=a.area + b.area, edges=edges, flanks=0.0)


def joined(
    verdicts: Sequence[Verdict],
    regions: Sequence[Region],
    probabilities: NDArray[np.float32],
    joins: Sequence[Joining],
    first: int,
    decoding: DecodeSettings,
    settings: JoinSettings,
) -> list[Verdict]:
    """Return the verdicts with pairs replaced by their union, where that is a digit.

    regions: from `first` on the union of each join.  probabilities: (n, 11) float32 of all regions.
    """
    by_region = {v.region: v for v in verdicts}
    scores = likeness(probabilities[first : first + len(joins)])
    for k in sorted(range(len(joins)), key=lambda k: -float(scores[k])):
        pair, score, union = joins[k].regions, float(scores[k]), first + k
        if score < settings.joined or not by_region.keys() >= set(pair):
            continue
        apart = [by_region[i].probability for i in pair if not by_region[i].reason]
        needed = settings.sure if len(apart) == 2 else min(max(apart, default=0) + settings.gain, 1.0 - 1e-6)
        if score >= needed or not apart:
            for i in pair:
                del by_region[i]
            by_region |= {v.region: v for v in alone([union], regions, probabilities, decoding)}
    return list(by_region.values())
