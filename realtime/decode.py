"""From regions and their probabilities to digits: of every branch of the tree of regions, what is most like a digit."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace
from statistics import median
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.contract import LABELS
from realtime.segment import Region
from realtime.values import Box

CLUTTERED: Final = "in the middle of other ink"
CUT_OFF: Final = "cut by the picture's edge"
EDGE: Final = "an edge rather than a stroke"
FILLED: Final = "a filled shape rather than a stroke"
STEMMED: Final = "a sign with a stroke like a 1"
SURE: Final = 0.9
"""The probability of a digit beyond doubt: it is a measure for its neighbours."""


@dataclass(frozen=True, slots=True)
class DecodeSettings:
    """When ink is taken for a digit.

    accept: probability a digit needs.  either: of its two likeliest labels together, where none has as much: a 7 that
    may be a 1 is a digit, and for review.
    split: how much more digit-like the parts of a region must be to be taken instead of the whole.
    clutter: the most ink around a digit, over its own.
    most: share of a digit's width that digits inside it must have to be taken instead.
    beside: how many times less likely than elsewhere it is beside sure digits that ink is none.
    piece: a 1 inside other ink must be as high as this share of it.  flanks: so unlike its sides (see `Region`), a 1
    is an edge of paper, table or shadow and no stroke.  filled: with a middle so dark (see `Region`), ink is the rim of
    a disc or patch and no stroke.
    left: ink of a region beside the 1s in it, over theirs, from which they are strokes of a letter or sign.
    """

    accept: float = 0.5
    either: float = 0.8
    split: float = 0.15
    most: float = 0.5
    beside: float = 4.0
    clutter: float = 0.2
    piece: float = 0.75
    flanks: float = 3.0
    filled: float = 0.7
    left: float = 0.3


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided of one region: `reason` is empty when it is a digit.

    beside: what the probability is if sure digits stand beside it.  blot: the region it was parted from, or -1.
    """

    region: int
    label: int
    probability: float
    reason: str = ""
    beside: float = 0.0
    blot: int = -1


def decode(
    regions: Sequence[Region],
    probabilities: NDArray[np.float32],
    settings: DecodeSettings,
    hollow: Set[int] = frozenset(),
) -> list[Verdict]:
    """Return a verdict on every piece of ink by itself: what looks like a digit, and what does not with the reason.

    probabilities: (n, 11) float32 of the n regions, columns as `LABELS`; n may be 0.  hollow: regions that are no
    digits themselves, whatever they look like.
    """
    scores = _tree_scores(regions, probabilities, regions, settings)
    scores = [0.0 if i in hollow else score for i, score in enumerate(scores)]
    ones = probabilities[:, :-1].argmax(axis=1) == 1
    stemmed: set[int] = set()

    def breaks(whole: int, parts: Sequence[int]) -> bool:
        if all(ones[i] for i in parts) and _left(regions[whole], [regions[i] for i in parts]) > settings.left:
            stemmed.add(whole)
        return whole in stemmed

    chosen = best_of_tree([r.parent for r in regions], scores, settings, [r.box.w for r in regions], breaks)
    verdicts = alone(chosen, regions, probabilities, settings)
    return [refused(v, STEMMED) if v.region in stemmed and v.reason == LABELS[-1] else v for v in verdicts]


def settled(
    regions: Sequence[Region], first: int, probabilities: NDArray[np.float32], settings: DecodeSettings
) -> list[bool]:
    """Tell of each region from `first` on whether it is so like a digit that nothing inside it can be preferred.

    probabilities: (n, 11) float32 of these regions.
    """
    scores = _tree_scores(regions[first:], probabilities, regions, settings)
    return [score >= 1 - settings.split for score in scores]


def likeness(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how like a digit each of n regions is, (n,) float32 in 0..1: 0 where "not a digit" is likeliest.

    probabilities: (n, 11) float32, columns as `LABELS`; n may be 0.
    """
    digits = probabilities[:, :-1].max(axis=1, initial=0)
    return np.where(digits >= probabilities[:, -1], digits, 0).astype(np.float32)


def _tree_scores(
    asked: Sequence[Region], probabilities: NDArray[np.float32], regions: Sequence[Region], settings: DecodeSettings
) -> list[float]:
    """Return how like a digit each of the asked regions is, in their place among all regions."""
    scores = likeness(probabilities).tolist()
    bars = probabilities.argmax(axis=1) == 1 if len(asked) else ()
    return [
        0.0
        if (bar and (region.flanks > settings.flanks or _is_piece(region, regions, settings)))
        or region.filled > settings.filled
        else score
        for region, score, bar in zip(asked, scores, bars, strict=True)
    ]


def best_of_tree(
    parents: Sequence[int],
    scores: Sequence[float],
    settings: DecodeSettings,
    widths: Sequence[float],
    breaks: Callable[[int, Sequence[int]], bool] = lambda whole, parts: False,
) -> list[int]:
    """Return the regions to keep, none inside another, in rising order.

    A region gives way to what lies inside it where that is, on average, clearly more like digits; one that is a digit
    only if that is most of it: the stem of a 4 is a clear 1.

    parents: index of each region's parent, before it in the list, or -1.  scores: of each, 0..1 how like a digit.
    widths: of each, pixels.  breaks: tells of a region and the digits in it whether giving way would break a sign.
    """
    inside: list[list[int]] = [[] for _ in parents]
    kept: list[int] = []
    for i in reversed(range(len(parents))):
        digits = [j for j in inside[i] if scores[j] >= settings.accept]
        parts = sum(scores[j] for j in digits) / len(digits) if digits else 0.0
        whole = scores[i] < settings.accept or sum(widths[j] for j in digits) >= settings.most * widths[i]
        gives = whole and parts > scores[i] + settings.split and not breaks(i, digits)
        best = digits if gives else [i]
        (inside[parents[i]] if parents[i] >= 0 else kept).extend(best)
    return sorted(kept)


def _is_piece(region: Region, regions: Sequence[Region], settings: DecodeSettings) -> bool:
    """Tell whether a region reads as 1 only because it is a piece of a stroke: bars are in every letter and digit."""
    return region.parent >= 0 and region.box.h < settings.piece * regions[region.parent].box.h


def alone(
    indexes: Sequence[int], regions: Sequence[Region], probabilities: NDArray[np.float32], settings: DecodeSettings
) -> list[Verdict]:
    """Return the verdict on each of some regions, given its row of probabilities and nothing else.

    probabilities: (n, 11) float32 of all n regions.
    """
    rows = probabilities[list(indexes)]
    labels = rows[:, :-1].argmax(axis=1)
    here = np.arange(len(rows)), labels
    either = (np.sort(rows[:, :-1], axis=1)[:, -2:].sum(axis=1) >= settings.either).tolist()
    verdicts = zip(
        indexes, labels.tolist(), rows[here].tolist(), among_digits(rows, settings)[here].tolist(), strict=True
    )
    return [
        _checked(Verdict(i, label, p, beside=beside), regions[i], known, settings)
        for (i, label, p, beside), known in zip(verdicts, either, strict=True)
    ]


def _checked(verdict: Verdict, region: Region, is_either: bool, settings: DecodeSettings) -> Verdict:
    """Return the verdict on a region, refused if it is hardly a digit, or if how it lies speaks against it.

    is_either: it is one of two digits, though it may be open which.
    """
    if verdict.probability < settings.accept and not is_either:
        return refused(verdict, LABELS[-1])
    if region.clutter > settings.clutter:
        return refused(verdict, CLUTTERED)
    if verdict.label == 1 and region.flanks > settings.flanks:
        return refused(verdict, EDGE)
    if region.filled > settings.filled:
        return refused(verdict, FILLED)
    side, end = region.edges
    if (side and verdict.label == 1) or ((side or end) and verdict.probability < SURE):
        return refused(verdict, CUT_OFF)
    return verdict


def refused(verdict: Verdict, reason: str) -> Verdict:
    """Return the verdict that a region is no digit, for this reason."""
    return replace(verdict, reason=reason)


def among_digits(rows: NDArray[np.float32], settings: DecodeSettings) -> NDArray[np.float32]:
    """Return probabilities, (..., 11) float32, as they are beside sure digits: there ink is less likely to be none."""
    likely = rows.copy()
    likely[..., -1] /= settings.beside
    return np.asarray(likely / likely.sum(axis=-1, keepdims=True), np.float32)


def sure_height(verdicts: Sequence[Verdict], regions: Sequence[Region]) -> float | None:
    """Return the median height of the digits read so far, None if there are none."""
    heights = [regions[v.region].box.h for v in verdicts if is_sure(v)]
    return median(heights) if heights else None


def is_sure(verdict: Verdict) -> bool:
    """Tell whether this is a digit beyond doubt."""
    return not verdict.reason and verdict.probability >= SURE


def _left(whole: Region, parts: Sequence[Region]) -> float:
    """Return how much ink at least half as dark as its strokes a region has beside some parts of it, over theirs."""
    bold = whole.ink > 127
    own = sum(_shared(bold, whole.box, part) for part in parts)
    return (int(np.count_nonzero(bold)) - own) / max(1, own)


def _shared(bold: NDArray[np.bool_], box: Box, part: Region) -> int:
    """Return how many bold pixels of the region in a box are those of a part of it."""
    y, x = part.box.y - box.y, part.box.x - box.x
    h, w = part.ink.shape
    return int(np.count_nonzero(bold[y : y + h, x : x + w] & (part.ink > 0)))
