"""Digits that were refused by themselves, and are some beside others: a number makes the ink in it likelier digits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.contract import LABELS
from realtime.decode import CLUTTERED, CUT_OFF, STEMMED, SURE, Verdict
from realtime.segment import Region
from realtime.values import columns_between


@dataclass(frozen=True, slots=True)
class CompanySettings:
    """When a digit that was refused is one beside sure ones; distances are in their heights.

    alike: shares of their height and contrast within which its own must be.  beside, reach: how near one of them must
    be, and how near others are that count.
    whole: probability that a digit at the picture's edge or close to other ink needs by itself.
    least: and any other, in its number.  each: how many times likelier every further digit of the number makes it that
    this is one, too, up to `count` of them; other ink that is no digit counts against so many: a sum, a word.
    most: confidence in such a one.
    """

    alike: tuple[float, float] = (0.65, 1.6)
    beside: float = 0.8
    reach: float = 4.0
    whole: float = 0.6
    least: float = 0.6
    each: float = 4.0
    count: int = 4
    most: float = 0.75
    against: int = 2


def in_company(
    verdicts: Sequence[Verdict], regions: Sequence[Region], sure: Sequence[Region], settings: CompanySettings
) -> dict[int, float]:
    """Return the refused digits that have sure ones beside them, or ones that have company themselves.

    By region, with the confidence in each.
    """
    company, lifted = list(sure), dict[int, float]()
    waiting = [v for v in verdicts if v.reason]
    foreign = [regions[v.region] for v in waiting if v.reason == LABELS[-1]]
    while True:
        seen = ((v.region, _in_number(v, regions[v.region], company, foreign, settings)) for v in waiting)
        met = {i: probability for i, probability in seen if probability}
        if not met:
            return lifted
        lifted |= {v.region: _told(v, met[v.region], settings) for v in waiting if v.region in met}
        company += [regions[i] for i, probability in met.items() if probability >= SURE]
        waiting = [v for v in waiting if v.region not in lifted]


def _told(verdict: Verdict, probability: float, settings: CompanySettings) -> float:
    """Return the confidence in a digit: what was taken for none by itself is for review, whatever stands beside it."""
    return probability if verdict.reason in (CUT_OFF, CLUTTERED) else min(probability, settings.most)


def _in_number(
    verdict: Verdict, region: Region, company: Sequence[Region], foreign: Sequence[Region], settings: CompanySettings
) -> float:
    """Return the probability of a digit that was refused if one of its height and pen is beside it; 0 if it is none.

    At the picture's edge or close to other ink: a number may be cut out tight or written tight. Hardly a digit by
    itself: in a number it may be one, the likelier, the longer the number is.
    """
    whole = verdict.reason in (CUT_OFF, CLUTTERED)
    if not whole and verdict.reason not in (LABELS[-1], STEMMED):
        return 0.0
    gaps = [
        columns_between(region.box, other.box) / other.box.h for other in company if _is_of(region, other, settings)
    ]
    near = sum(gap <= settings.reach for gap in gaps)
    if not any(gap <= settings.beside for gap in gaps):
        return 0.0
    if whole:
        return max(verdict.probability, verdict.beside) if verdict.probability >= settings.whole else 0.0
    others = sum(
        columns_between(region.box, other.box) <= settings.reach * other.box.h
        for other in foreign
        if other is not region and _is_of(region, other, settings)
    )
    more = max(0, min(near, settings.count) - 1 - settings.against * others)
    odds = verdict.beside / max(1 - verdict.beside, 1e-6) * settings.each**more
    probability = odds / (1 + odds)
    return probability if probability >= settings.least else 0.0


def _is_of(region: Region, other: Region, settings: CompanySettings) -> bool:
    """Tell whether ink may be of the row, hand and pen of a digit."""
    low, high = settings.alike
    return (
        low <= region.box.h / other.box.h <= 1 / low
        and low <= region.contrast / other.contrast <= high
        and abs(region.box.centre[1] - other.box.centre[1]) <= other.box.h / 2
    )
