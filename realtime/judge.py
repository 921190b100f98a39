"""What the neighbours say of a digit: same hand, same pen, same size, and whether all this is writing of digits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Final

from models.contract import LABELS
from realtime.company import CompanySettings, in_company
from realtime.decode import CUT_OFF, SURE, Verdict, is_sure, refused
from realtime.ink import pen_width
from realtime.layout import LayoutSettings
from realtime.rows import RowSettings, in_their_rows
from realtime.segment import Region
from realtime.values import Box, columns_between

BAR: Final = "a bar rather than a 1"
PALE: Final = "paler than the digits around it"
SIZE: Final = "of another size than the digits around it"
THICK: Final = "thicker than the pen of the digits around it"
THICK_LEAST: Final = 5
"""Pixels of ink that a stroke thicker than a pen has in a row; it saves measuring the rest."""
COMMA: Final = "a comma rather than a 1"


@dataclass(frozen=True, slots=True)
class JudgeSettings:
    """What its neighbours ask of a digit; heights and contrasts are shares of the median of the sure digits.

    shortest, tallest: heights.  palest: contrast.  near: most heights between a digit and one that it is measured by.
    thickest: of a 1, over the thickest pen of others: it is a smear, or the edge of a shadow.
    comma: most height of one, over the digits beside it.
    one, one_height: what a 1 needs more, where there is also ink that is no digit: bars are everywhere.
    bold: writing begins at the middle one of these shares of the contrast of the boldest digit, if between the others
    lies no more ink than the share `between` of what is writing, or of half of what is not: then that is a texture.
    alike: height from which a digit may be as pale as one beside it, over that one's.
    company: when a digit that was refused is one beside others.  rows: when a row is believed.
    """

    shortest: float = 0.4
    tallest: float = 2.3
    palest: float = 0.45
    bold: tuple[float, float, float] = (0.4, 0.5, 0.65)
    between: float = 0.1
    near: float = 1.5
    thickest: float = 2.0
    comma: float = 0.75
    one: float = 0.7
    one_height: float = 0.6
    alike: float = 0.65
    company: CompanySettings = field(default_factory=CompanySettings)
    rows: RowSettings = field(default_factory=RowSettings)


def judge(
    verdicts: Sequence[Verdict],
    regions: Sequence[Region],
    settings: JudgeSettings,
    layout: LayoutSettings,
    palest: float = 0.0,
) -> list[Verdict]:
    """Return the verdicts after the neighbours had their say: size, pen, and what else stands in the row.

    palest: contrast below which ink is texture, and has no say; see `writing_from`.
    """
    writing = [v for v in verdicts if regions[v.region].contrast >= palest]
    seen = in_their_rows(_beside_the_sure(writing, regions, settings), regions, settings.rows, layout)
    if len(writing) == len(verdicts):
        return seen
    by_region = {v.region: v for v in seen}
    return [by_region.get(v.region, v if v.reason else refused(v, PALE)) for v in verdicts]


def writing_from(verdicts: Sequence[Verdict], regions: Sequence[Region], settings: JudgeSettings) -> float:
    """Return the contrast from which ink is writing and not the texture of its paper; 0 where there is no texture.

    A texture is far paler than the boldest digits, with hardly anything between the two, and mostly no digits.
    """
    boldest = max((regions[v.region].contrast for v in verdicts if is_sure(v)), default=0.0)
    low, middle, high = (share * boldest for share in settings.bold)
    pale = [v for v in verdicts if regions[v.region].contrast < middle]
    between = sum(low <= regions[v.region].contrast < high for v in verdicts)
    clear = between <= settings.between * max(len(verdicts) - len(pale), len(pale) / 2)
    return middle if clear and sum(not v.reason for v in pale) < settings.rows.foreign * len(pale) else 0.0


def _beside_the_sure(verdicts: list[Verdict], regions: Sequence[Region], settings: JudgeSettings) -> list[Verdict]:
    """Hold each digit against the sure ones: same hand, same pen, same size.

    A 1 that runs out of the picture needs another digit to be one: a line along a floor or a mat does so, too.
    """
    found = [v for v in verdicts if not v.reason and v.probability >= SURE]
    # Bars are everywhere: where there are other digits, these are the measure.
    sure = [regions[v.region] for v in found if v.label != 1] or [regions[v.region] for v in found]
    if not sure:
        return verdicts
    height, contrast = median(r.box.h for r in sure), median(r.contrast for r in sure)
    lone = all(v.label == 1 for v in found)
    mixed = any(v.reason == LABELS[-1] and regions[v.region].box.h >= settings.shortest * height for v in verdicts)
    smears = _thicker_ones(found, regions, settings)
    lifted = {} if lone else in_company(verdicts, regions, [regions[v.region] for v in found], settings.company)
    seen = []
    for v in verdicts:
        if lone and not v.reason and regions[v.region].edges[1]:
            seen.append(refused(v, CUT_OFF))
        elif not v.reason and v.label == 1 and _is_comma(regions[v.region].box, sure, settings):
            seen.append(refused(v, COMMA))
        elif v.region in smears:
            seen.append(refused(v, THICK))
        elif v.region in lifted:
            seen.append(replace(v, reason="", probability=lifted[v.region]))
        else:
            tall, least = _expected(v, regions[v.region], height, contrast, sure, settings)
            seen.append(_compared(v, regions[v.region], tall, least, mixed, settings))
    return seen


def _expected(
    verdict: Verdict, region: Region, height: float, contrast: float, sure: Sequence[Region], settings: JudgeSettings
) -> tuple[float, float]:
    """Return the height that a digit is measured by, and the least contrast it should have.

    Those of all, or for a sure one those of one near it: the light or the pencil may fade, the hand grow smaller. A 1
    has the height of all: bars are everywhere.
    """
    least, tall = settings.palest * contrast, _fits(region.box.h, height, settings)
    if verdict.reason or verdict.probability < SURE or (tall and region.contrast >= least):
        return height, least
    near = [
        other
        for other in sure
        if _is_near(region.box, other.box, settings)
        and _fits(other.box.h, height, settings)
        and other.contrast >= least
    ]
    heights = [other.box.h for other in near if verdict.label != 1 and _fits(region.box.h, other.box.h, settings)]
    alike = [other.contrast for other in near if _is_as_high(region.box, other.box, settings)]
    return (height if tall or not heights else heights[0]), min([least, *(settings.palest * each for each in alike)])


def _fits(height: float, to: float, settings: JudgeSettings) -> bool:
    return settings.shortest <= height / to <= settings.tallest


def _is_as_high(box: Box, other: Box, settings: JudgeSettings) -> bool:
    return settings.alike <= box.h / other.h <= 1 / settings.alike


def _is_near(box: Box, other: Box, settings: JudgeSettings) -> bool:
    """Tell whether two digits have no room for a third between them, whichever way they lie."""
    apart = max(columns_between(box, other), max(box.y, other.y) - min(box.bottom, other.bottom))
    return apart <= settings.near * other.h


def _is_comma(box: Box, digits: Sequence[Region], settings: JudgeSettings) -> bool:
    """Tell whether a stroke stands on the line beside digits, low, and goes below it."""
    beside = [
        other.box
        for other in digits
        if columns_between(box, other.box) <= settings.near * other.box.h
        and other.box.y < box.bottom
        and box.y < other.box.bottom
    ]
    return bool(beside) and all(
        box.h <= settings.comma * other.h and box.y >= other.centre[1] and box.bottom >= other.bottom
        for other in beside
    )


def _thicker_ones(found: Sequence[Verdict], regions: Sequence[Region], settings: JudgeSettings) -> set[int]:
    """Return the regions of the 1s among sure digits that are far thicker than the strokes of any of two others."""
    bars = [v.region for v in found if v.label == 1 and _is_wide(regions[v.region])]
    others = [v.region for v in found if v.label != 1] if bars else []
    if len(others) < 2:
        return set()
    pens = {i: _pen(regions[i]) / settings.thickest for i in bars}
    return {i for i, pen in pens.items() if all(_pen(regions[other]) < pen for other in others)}


def _is_wide(region: Region) -> bool:
    return region.area >= THICK_LEAST * region.box.h


def _pen(region: Region) -> float:
    """Return how wide a region's strokes are, pixels; of a stroke w wide `pen_width` is w + 2."""
    bold = region.ink > 127
    return max(1.0, pen_width(bold) - 2) if bold.any() else 1.0


def _compared(
    verdict: Verdict, region: Region, height: float, palest: float, mixed: bool, settings: JudgeSettings
) -> Verdict:
    tall = region.box.h / height
    if verdict.reason:
        return verdict
    if not settings.shortest <= tall <= settings.tallest:
        return refused(verdict, SIZE)
    if region.contrast < palest:
        return refused(verdict, PALE)
    if mixed and verdict.label == 1 and (verdict.probability < settings.one or tall < settings.one_height):
        return refused(verdict, BAR)
    return verdict
