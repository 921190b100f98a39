"""Put the pieces of a broken digit together: candidates, and which of them to take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from realtime.decode import DecodeSettings, Verdict, alone, likeness, sure_height
from realtime.segment import Region
from realtime.values import Box, hull


@dataclass(frozen=True, slots=True)
class JoinSettings:
    """What is joined; lengths are shares of the height of the sure digits, or else of the higher piece.

    gap: between two pieces of one digit.  lowest, tallest, widest: their union.
    joined, gain: the probability it needs, and how much more it must be than that of either piece.
    """

    gap: float = 0.2
    lowest: float = 0.6
    tallest: float = 1.5
    widest: float = 1.3
    joined: float = 0.8
    gain: float = 0.1


@dataclass(frozen=True, slots=True)
class Joining:
    """Two regions that may be one digit."""

    regions: tuple[int, int]
    union: Region


def joinings(verdicts: Sequence[Verdict], regions: Sequence[Region], settings: JoinSettings) -> list[Joining]:
    """Return the pairs of neighbours that may be one digit in two pieces, at least one of them no digit by itself."""
    height = sure_height(verdicts, regions)
    near = [v for v in verdicts if height is None or regions[v.region].box.h <= settings.tallest * height]
    pairs = []
    for a, b in combinations(near, 2):
        one, two = regions[a.region].box, regions[b.region].box
        size = height or max(one.h, two.h)
        if (a.reason or b.reason) and _gap(one, two) <= settings.gap * size:
            both = hull((one, two))
            if both.w <= settings.widest * size and settings.lowest * size <= both.h <= settings.tallest * size:
                pairs.append(Joining((a.region, b.region), _union(regions[a.region], regions[b.region])))
    return pairs


def _gap(a: Box, b: Box) -> int:
    """Return how far two boxes are apart, along the axis on which it is more; negative where they overlap."""
    return max(max(a.x, b.x) - min(a.right, b.right), max(a.y, b.y) - min(a.bottom, b.bottom))


def _union(a: Region, b: Region) -> Region:
    box = hull((a.box, b.box))
    ink = np.zeros((box.h + 2, box.w + 2), np.uint8)
    for region in (a, b):
        y, x = region.box.y - box.y, region.box.x - box.x
        part = ink[y : y + region.box.h + 2, x : x + region.box.w + 2]
        np.maximum(part, region.ink, out=part)
    larger = a if a.area >= b.area else b
    return replace(
        larger, box=box, ink=ink, area=a.area + b.area, edges=(a.edges[0] or b.edges[0], a.edges[1] or b.edges[1])
    )


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
        apart = max(0.0 if by_region[i].reason else by_region[i].probability for i in pair)
        if score >= min(apart + settings.gain, 1.0 - 1e-6) or apart < decoding.accept:
            for i in pair:
                del by_region[i]
            by_region[union] = alone(union, regions[union], probabilities[union], decoding)
    return list(by_region.values())
