"""From regions and their probabilities to digits: the best of each branch, judged by its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.contract import LABELS
from realtime.layout import LayoutSettings, find_rows
from realtime.segment import Region

BAR: Final = 0.75
"""A 1 inside other ink must be as high as this share of it."""


@dataclass(frozen=True, slots=True)
class DecodeSettings:
    """When ink is taken for a digit; heights and contrasts are shares of the median of the sure digits.

    accept: probability a digit needs.  sure: probability that makes it a measure for its neighbours.
    split: how much more digit-like the parts of a region must be to be taken instead of the whole.
    clutter: the most ink around a digit, over its own.  shortest, tallest: heights.  palest: contrast.
    one, one_height: what a 1 needs more, where there is also ink that is no digit: bars are everywhere.
    stray: a row of nothing but 1s must have heights and contrasts within these of the other digits.
    foreign: share of digits below which a picture is of something else; `scene`: so it is if it holds but 1s, and so
    many times more pieces of ink that are no digit. Then only rows of at least `clear` digits, which are `clear_share`
    of the row, are read.
    """

    accept: float = 0.5
    sure: float = 0.9
    split: float = 0.15
    clutter: float = 0.2
    shortest: float = 0.4
    tallest: float = 2.3
    palest: float = 0.45
    one: float = 0.7
    one_height: float = 0.6
    foreign: float = 0.4
    scene: int = 2
    stray: tuple[float, float] = (0.65, 1.6)
    clear: int = 3
    clear_share: float = 0.8


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided of one region: `reason` is empty when it is a digit."""

    region: int
    label: int
    probability: float
    reason: str = ""


def decode(regions: Sequence[Region], probabilities: NDArray[np.float32], settings: DecodeSettings) -> list[Verdict]:
    """Return a verdict on every piece of ink by itself: what looks like a digit, and what does not with the reason.

    probabilities: (n, 11) float32 of the n regions, columns as `LABELS`; n may be 0.
    """
    if not regions:
        return []
    scores = np.where(probabilities.argmax(axis=1) == len(LABELS) - 1, 0, probabilities[:, :10].max(axis=1))
    bars = [_is_piece(region, regions, row) for region, row in zip(regions, probabilities, strict=True)]
    scores[bars] = 0
    chosen = best_of_tree([r.parent for r in regions], scores.tolist(), settings)
    return [alone(i, regions[i], probabilities[i], settings) for i in chosen]


def judge(
    verdicts: Sequence[Verdict], regions: Sequence[Region], settings: DecodeSettings, layout: LayoutSettings
) -> list[Verdict]:
    """Return the verdicts after the neighbours had their say: size, pen, and what else stands in the row."""
    return _in_their_rows(_beside_the_sure(list(verdicts), regions, settings), regions, settings, layout)


def best_of_tree(parents: Sequence[int], scores: Sequence[float], settings: DecodeSettings) -> list[int]:
    """Return the regions to keep, none inside another, in rising order.

    A region gives way to what lies inside it where that is, on average, clearly more like digits.

    parents: index of each region's parent, before it in the list, or -1.  scores: of each, 0..1 how like a digit.
    """
    inside: list[list[int]] = [[] for _ in parents]
    kept: list[int] = []
    for i in reversed(range(len(parents))):
        digits = [j for j in inside[i] if scores[j] >= settings.accept]
        parts = sum(scores[j] for j in digits) / len(digits) if digits else 0.0
        best = digits if parts > scores[i] + settings.split else [i]
        (inside[parents[i]] if parents[i] >= 0 else kept).extend(best)
    return sorted(kept)


def _is_piece(region: Region, regions: Sequence[Region], row: NDArray[np.float32]) -> bool:
    """Tell whether a region reads as 1 only because it is a piece of a stroke: bars are in every letter and digit."""
    return region.parent >= 0 and int(row.argmax()) == 1 and region.box.h < BAR * regions[region.parent].box.h


def alone(index: int, region: Region, row: NDArray[np.float32], settings: DecodeSettings) -> Verdict:
    """Return the verdict on one region, given its row of probabilities and nothing else."""
    label = int(row[:10].argmax())
    verdict = Verdict(index, label, float(row[label]))
    if verdict.probability < settings.accept:
        return _refused(verdict, LABELS[-1])
    if region.clutter > settings.clutter:
        return _refused(verdict, "in the middle of other ink")
    side, end = region.edges
    if (side and label == 1) or ((side or end) and verdict.probability < settings.sure):
        return _refused(verdict, "cut by the picture's edge")
    return verdict


def _refused(verdict: Verdict, reason: str) -> Verdict:
    return Verdict(verdict.region, verdict.label, verdict.probability, reason)


def _beside_the_sure(verdicts: list[Verdict], regions: Sequence[Region], settings: DecodeSettings) -> list[Verdict]:
    """Hold each digit against the sure ones: same hand, same pen, same size."""
    found = [v for v in verdicts if not v.reason and v.probability >= settings.sure]
    # Bars are everywhere: where there are other digits, these are the measure.
    sure = [regions[v.region] for v in found if v.label != 1] or [regions[v.region] for v in found]
    if not sure:
        return verdicts
    height, contrast = median(r.box.h for r in sure), median(r.contrast for r in sure)
    mixed = any(v.reason == LABELS[-1] and regions[v.region].box.h >= settings.shortest * height for v in verdicts)
    return [_compared(v, regions[v.region], height, contrast, mixed, settings) for v in verdicts]


def _compared(
    verdict: Verdict, region: Region, height: float, contrast: float, mixed: bool, settings: DecodeSettings
) -> Verdict:
    tall = region.box.h / height
    if verdict.reason:
        return verdict
    if not settings.shortest <= tall <= settings.tallest:
        return _refused(verdict, "of another size than the digits around it")
    if region.contrast < settings.palest * contrast:
        return _refused(verdict, "paler than the digits around it")
    if mixed and verdict.label == 1 and (verdict.probability < settings.one or tall < settings.one_height):
        return _refused(verdict, "a bar rather than a 1")
    return verdict


def _in_their_rows(
    verdicts: list[Verdict], regions: Sequence[Region], settings: DecodeSettings, layout: LayoutSettings
) -> list[Verdict]:
    """Refuse the digits of rows in which more ink is no digit than is: they are parts of words or of a texture.

    Where most of the whole picture is no digit, a row has to be a clear number to be believed.
    """
    digits = [v for v in verdicts if not v.reason]
    if not digits:
        return verdicts
    height = median(regions[v.region].box.h for v in digits) / 3
    contrast = median(regions[v.region].contrast for v in digits) / 2
    others = [v for v in verdicts if v.reason == LABELS[-1] and is_bold(regions[v.region], height, contrast)]
    foreign = len(digits) < settings.foreign * (len(digits) + len(others)) or _is_scene(
        digits, verdicts, regions, settings
    )
    big = digits + others
    alike = [regions[v.region] for v in digits if v.label != 1 and v.probability >= settings.sure]
    drowned: set[int] = set()
    for row in find_rows([regions[v.region].box for v in big], layout):
        read = [big[i] for i in row if not big[i].reason]
        drowned |= {v.region for v in _stray_bars(read, regions, alike, settings)}
        if not (_is_clear_number(read, len(row), settings) if foreign else 2 * len(read) >= len(row)):
            drowned |= {v.region for v in read}
    return [_refused(v, "among writing that is not digits") if v.region in drowned else v for v in verdicts]


def _stray_bars(
    row: Sequence[Verdict], regions: Sequence[Region], alike: Sequence[Region], settings: DecodeSettings
) -> list[Verdict]:
    """Return the 1s of a row of nothing but 1s that are unlike the page's other digits: pieces of lines and edges."""
    if len(alike) < 2 or any(v.label != 1 for v in row):
        return []
    height, contrast = median(r.box.h for r in alike), median(r.contrast for r in alike)
    low, high = settings.stray
    return [
        v
        for v in row
        if not low <= regions[v.region].box.h / height <= 1 / low
        or not low <= regions[v.region].contrast / contrast <= high
    ]


def _is_scene(
    digits: Sequence[Verdict], verdicts: Sequence[Verdict], regions: Sequence[Region], settings: DecodeSettings
) -> bool:
    """Tell whether all there is are bars among other things, small ones too: the edges of a scene, not writing."""
    contrast = settings.palest * median(regions[v.region].contrast for v in digits)
    refused = sum(v.reason == LABELS[-1] and regions[v.region].contrast >= contrast for v in verdicts)
    return refused >= settings.scene * len(digits) and all(v.label == 1 for v in digits)


def _is_clear_number(digits: Sequence[Verdict], among: int, settings: DecodeSettings) -> bool:
    """Tell whether a row of `among` pieces of ink is a number beyond doubt."""
    if len(digits) < settings.clear or len(digits) < settings.clear_share * among:
        return False
    sure = sum(v.probability for v in digits) / len(digits) >= settings.sure
    return sure and any(v.label != 1 for v in digits)


def is_bold(region: Region, height: float, contrast: float) -> bool:
    """Tell whether ink is as large and as dark as writing here: specks and what shows through the paper are not."""
    return region.box.h >= height and region.contrast >= contrast
