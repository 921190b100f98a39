"""Part ink that may be several digits: the way that explains most of it as digits.

Candidates are the regions inside the ink at all thresholds and the pieces between cuts; `realtime.path` finds the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
from numpy.typing import NDArray

from realtime.cutting import CutSettings, find_slant, pieces_of, sheared
from realtime.decode import CLUTTERED, DecodeSettings, Verdict, alone, among_digits, is_sure, sure_height
from realtime.ink import pen_width
from realtime.path import Blot, best_path, candidates_of
from realtime.rings import INKED
from realtime.segment import Region
from realtime.values import covers


@dataclass(frozen=True, slots=True)
class PartSettings:
    """What is parted, and when a way to part it is good enough; lengths are shares of the height of the sure digits, or
    else of the ink's own.

    lowest, highest: of the ink, and of a candidate.  narrowest, unsure: ink that is no digit, or a digit less sure than
    this, is parted if it is so wide.  left: so is ink of which only a part was read, if so much of its width is left.
    palest: contrast of the ink over that of the sure digits: what shows through the paper is not parted.
    widest: of a candidate.  bar: height a 1 needs.  layers: thresholds at which ink is cut.
    one, digit: how like a digit one upright stroke of its ink counts beside what the model says, of a 1 and of any
    other: pieces of strokes look like 1s, and few digits explain ink better than many.
    skipped: how like a digit ink counts that no candidate takes.  overlap: of two candidates.
    mean, least: probability the candidates of a way must have on average, and each; `lone_mean`, `lone_least` where
    fewer than `company` digits are sure: words, too, fall into pieces that look like digits.
    explained: share of the ink that must be digits.
    doubt: the power of its probability that the confidence in a parted digit is: the cut may be wrong, too.
    """

    lowest: float = 0.4
    highest: float = 1.9
    narrowest: float = 0.7
    unsure: float = 0.9
    left: float = 0.3
    palest: float = 0.45
    widest: float = 1.5
    bar: float = 0.8
    one: float = 0.6
    digit: float = 0.86
    layers: int = 3
    skipped: float = 0.3
    overlap: float = 0.12
    mean: float = 0.85
    least: float = 0.6
    lone_mean: float = 0.97
    lone_least: float = 0.9
    explained: float = 0.7
    company: int = 1
    doubt: float = 2.0


def find_blots(
    verdicts: Sequence[Verdict], regions: Sequence[Region], cutting: CutSettings, settings: PartSettings
) -> list[Blot]:
    """Return the ink that may be several digits, with its candidates."""
    if not verdicts:
        return []
    height = sure_height(verdicts, regions) or max(regions[v.region].box.h for v in verdicts)
    pale = settings.palest * median([regions[v.region].contrast for v in verdicts if is_sure(v)] or [0.0])
    inside: dict[int, list[Verdict]] = {}
    for verdict in verdicts:
        region = regions[verdict.region]
        if settings.lowest * height <= region.box.h <= settings.highest * height and region.contrast >= pale:
            inside.setdefault(_around(verdict.region, regions, settings.highest * height), []).append(verdict)
    return [
        _blot(whole, parts, regions, height, cutting, settings)
        for whole, parts in inside.items()
        if _may_be_several(regions[whole].box.w, parts, regions, height, settings)
    ]


def _around(index: int, regions: Sequence[Region], highest: float) -> int:
    """Return the largest region around one, or itself, that is no higher than a digit can be."""
    found = index
    while (index := regions[index].parent) >= 0:
        if regions[index].box.h <= highest:
            found = index
    return found


def _may_be_several(
    wide: int, parts: Sequence[Verdict], regions: Sequence[Region], height: float, settings: PartSettings
) -> bool:
    if wide - sum(regions[v.region].box.w for v in parts if not v.reason) >= settings.left * height:
        return wide >= settings.narrowest * height
    return any(
        (v.reason or v.probability < settings.unsure) and regions[v.region].box.w >= settings.narrowest * height
        for v in parts
    )


def _blot(
    whole: int,
    parts: Sequence[Verdict],
    regions: Sequence[Region],
    height: float,
    cutting: CutSettings,
    settings: PartSettings,
) -> Blot:
    inside = [i for i in range(whole, len(regions)) if _is_in(i, whole, regions)]
    fit = [i for i in inside if settings.lowest * height <= regions[i].box.h <= settings.highest * height]
    slant = find_slant(regions[whole].ink)
    pieces = [
        piece
        for i in _layers([i for i in fit if regions[i].box.w >= settings.narrowest * height], regions, settings.layers)
        for lean in sorted({0.0, slant})
        for piece in pieces_of(regions[i], height, lean, cutting)
    ]
    among = tuple(i for i in fit if regions[i].box.w <= settings.widest * height)
    return Blot(whole, tuple(parts), among, tuple(pieces), height, slant)


def _is_in(index: int, whole: int, regions: Sequence[Region]) -> bool:
    while index > whole:
        index = regions[index].parent
    return index == whole


def _layers(indexes: Sequence[int], regions: Sequence[Region], most: int) -> list[int]:
    """Return the indexes without those that lie in `most` others: their ink has been cut often enough."""
    depth: dict[int, int] = {}
    for i in indexes:
        above = regions[i].parent
        while above >= 0 and above not in depth:
            above = regions[above].parent
        depth[i] = depth.get(above, -1) + 1
    return [i for i in indexes if depth[i] < most]


def parted(
    verdicts: Sequence[Verdict],
    regions: Sequence[Region],
    probabilities: NDArray[np.float32],
    blots: Sequence[Blot],
    first: int,
    decoding: DecodeSettings,
    settings: PartSettings,
) -> list[Verdict]:
    """Return the verdicts, those of each blot replaced by the best way to part it, if that is good enough.

    Where that makes the first sure digits, all ink is parted once more, as ink beside them.

    regions: from `first` on the pieces of each blot, one blot after the other.
    probabilities: (n, 11) float32 of all regions.
    """
    lone = sum(is_sure(v) for v in verdicts) < settings.company
    found = _parted(verdicts, regions, probabilities, blots, first, lone, decoding, settings)
    if lone and sum(is_sure(v) for v in found) >= settings.company:
        return _parted(verdicts, regions, probabilities, blots, first, False, decoding, settings)
    return found


def _parted(
    verdicts: Sequence[Verdict],
    regions: Sequence[Region],
    probabilities: NDArray[np.float32],
    blots: Sequence[Blot],
    first: int,
    lone: bool,
    decoding: DecodeSettings,
    settings: PartSettings,
) -> list[Verdict]:
    by_region = {v.region: v for v in verdicts}
    if not lone:
        probabilities = among_digits(probabilities, decoding)
    for blot in blots:
        indexes = [*blot.among, *range(first, first + len(blot.pieces))]
        first += len(blot.pieces)
        path = _best_way(blot, indexes, regions, probabilities, lone, decoding, settings)
        if path:
            for verdict in blot.verdicts:
                del by_region[verdict.region]
            by_region |= {v.region: v for v in _replaced(blot, path, regions, probabilities, decoding)}
    return list(by_region.values())


def _best_way(
    blot: Blot,
    indexes: Sequence[int],
    regions: Sequence[Region],
    probabilities: NDArray[np.float32],
    lone: bool,
    decoding: DecodeSettings,
    settings: PartSettings,
) -> list[int]:
    """Return the regions of the best way to part a blot, left to right; none if what was made of it is to stay."""
    mask = sheared(regions[blot.region].ink, blot.slant) >= INKED
    least, mean = (settings.lone_least, settings.lone_mean) if lone else (settings.least, settings.mean)
    scores, ones = probabilities[:, :-1].max(axis=1), probabilities.argmax(axis=1) == 1
    plausible = [
        i
        for i in indexes
        if scores[i] >= least and not (ones[i] and _is_no_stroke(regions[i], blot.height, decoding, settings))
    ]
    tolls = -np.log(np.where(ones, settings.one, settings.digit)) * blot.height * pen_width(mask)
    candidates = candidates_of(blot, plausible, regions, scores, tolls, mask)
    path = best_path(candidates, mask.sum(axis=0), settings.skipped, settings.overlap * blot.height)
    digits = [v for v in blot.verdicts if not v.reason]
    if len(path) < 2 or {c.region for c in path} == {v.region for v in digits}:
        return []
    if all(ones[c.region] for c in path) and not (digits and all(v.label == 1 for v in digits)):
        return []  # an M falls into 1s, too
    if lone and len(path) == 2 and any(ones[c.region] for c in path):
        return []  # a stroke and a ring are a b, d, p or q
    enough = sum(c.ink for c in path) >= settings.explained * float(mask.sum())
    return [c.region for c in path] if enough and sum(float(scores[c.region]) for c in path) >= mean * len(path) else []


def _is_no_stroke(region: Region, height: float, decoding: DecodeSettings, settings: PartSettings) -> bool:
    """Tell whether what reads as a 1 is an edge, or too low to be one beside the other digits."""
    return region.flanks > decoding.flanks or region.box.h < settings.bar * height


def _replaced(
    blot: Blot,
    path: Sequence[int],
    regions: Sequence[Region],
    probabilities: NDArray[np.float32],
    decoding: DecodeSettings,
) -> list[Verdict]:
    """Return the verdicts on a way to part a blot: its digits, and what was refused before and lies beside them.

    The ink around each is that of the others, so that none is refused for it.
    """
    digits = alone(path, regions, probabilities, decoding)
    digits = [Verdict(v.region, v.label, v.probability) if v.reason == CLUTTERED else v for v in digits]
    digits = [replace(v, blot=blot.region) for v in digits]
    boxes = [regions[i].box for i in path]
    beside = [v for v in blot.verdicts if v.reason and not any(covers(b, regions[v.region].box) for b in boxes)]
    return [*digits, *(v for v in beside if v.region != blot.region)]
