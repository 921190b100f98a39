"""Rows in which more ink is no digit than is: parts of words or of a texture, however like digits they look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from models.contract import LABELS
from realtime.decode import SURE, Verdict, is_sure, refused
from realtime.layout import LayoutSettings, find_rows
from realtime.segment import Region
from realtime.values import Box

AMONG_OTHERS: Final = "among writing that is not digits"


@dataclass(frozen=True, slots=True)
class RowSettings:
    """When a row of digits is believed; heights and contrasts are shares of the median of the digits.

    stray: a row of nothing but 1s must have heights and contrasts within these of the other digits.  beside: most
    heights between two digits of a column.
    bold: height and contrast from which ink counts as writing of the digits' kind.  palest: contrast from which a piece
    of a scene counts.
    foreign: share of digits below which a picture is of something else, each counting less by `doubt` times what its
    probability lacks; `scene`: so it is if this share, `bars`, of its digits are 1s, and as many pieces of ink are no
    digit, but at least so many. Then only rows of at least `clear` digits, which are `clear_share` of the row and
    `clear_sure` on average, are read.
    """

    stray: tuple[float, float] = (0.65, 1.6)
    beside: float = 0.8
    bold: tuple[float, float] = (0.33, 0.5)
    palest: float = 0.45
    foreign: float = 0.45
    doubt: float = 2.0
    scene: int = 2
    bars: float = 0.8
    clear: int = 3
    clear_share: float = 0.8
    clear_sure: float = 0.95


def in_their_rows(
    verdicts: list[Verdict], regions: Sequence[Region], settings: RowSettings, layout: LayoutSettings
) -> list[Verdict]:
    """Refuse the digits of rows in which more ink is no digit than is: they are parts of words or of a texture.

    Where most of the whole picture is no digit, a row has to be a clear number to be believed.
    """
    digits = [v for v in verdicts if not v.reason]
    if not digits:
        return verdicts
    height = settings.bold[0] * median(regions[v.region].box.h for v in digits)
    contrast = settings.bold[1] * median(regions[v.region].contrast for v in digits)
    others = [v for v in verdicts if v.reason == LABELS[-1] and is_bold(regions[v.region], height, contrast)]
    if all(is_sure(v) and v.label != 1 for v in digits):  # then what runs out of the picture is desk and paper's rim
        others = [v for v in others if not any(regions[v.region].edges)]
    foreign = _is_foreign(digits, len(others), settings) or _is_scene(digits, verdicts, regions, settings)
    big = digits + others
    alike = [regions[v.region] for v in digits if v.label != 1 and v.probability >= SURE]
    drowned: set[int] = set()
    for row in find_rows([regions[v.region].box for v in big], layout):
        read = [big[i] for i in row if not big[i].reason]
        drowned |= {v.region for v in _stray_bars(read, regions, alike, settings)}
        believed = _is_clear_number(read, len(row), settings) if foreign else _pieces(read) >= len(row) - len(read)
        if not believed:
            drowned |= {v.region for v in read}
    return [refused(v, AMONG_OTHERS) if v.region in drowned else v for v in verdicts]


def _pieces(digits: Sequence[Verdict]) -> int:
    """Return how many pieces of ink the digits are: an M that was parted is one, however many strokes it falls into."""
    return len({(v.blot, v.region if v.blot < 0 else -1) for v in digits})


def _is_foreign(digits: Sequence[Verdict], others: int, settings: RowSettings) -> bool:
    """Tell whether most of the ink is no digit: a digit counts the less, the less sure it is."""
    worth = sum(1 - settings.doubt * (1 - v.probability) for v in digits)
    return others > 0 and worth < settings.foreign * (len(digits) + others)


def _stray_bars(
    row: Sequence[Verdict], regions: Sequence[Region], alike: Sequence[Region], settings: RowSettings
) -> list[Verdict]:
    """Return the 1s of a row of nothing but 1s that are unlike the page's other digits: pieces of lines and edges."""
    if len(alike) < 2 or any(v.label != 1 for v in row):
        return []
    height, contrast = median(r.box.h for r in alike), median(r.contrast for r in alike)
    low, high = settings.stray
    return [
        v
        for v in row
        if (
            not low <= regions[v.region].box.h / height <= 1 / low
            and not (v.probability >= SURE and _in_a_column(regions[v.region].box, alike, height, settings))
        )
        or not low <= regions[v.region].contrast / contrast <= high
    ]


def _in_a_column(box: Box, alike: Sequence[Region], height: float, settings: RowSettings) -> bool:
    """Tell whether there is a digit right above or below."""
    return any(
        abs(box.centre[0] - other.box.centre[0]) <= height / 2
        and 0 <= max(box.y, other.box.y) - min(box.bottom, other.box.bottom) <= settings.beside * height
        for other in alike
    )


def _is_scene(
    digits: Sequence[Verdict], verdicts: Sequence[Verdict], regions: Sequence[Region], settings: RowSettings
) -> bool:
    """Tell whether there are but bars among other things, small ones too: the edges of a scene, not writing."""
    contrast = settings.palest * median(regions[v.region].contrast for v in digits)
    refused = sum(v.reason != "" and regions[v.region].contrast >= contrast for v in verdicts)
    return refused >= max(settings.scene, len(digits)) and sum(v.label == 1 for v in digits) >= settings.bars * len(
        digits
    )


def _is_clear_number(digits: Sequence[Verdict], among: int, settings: RowSettings) -> bool:
    """Tell whether a row of `among` pieces of ink is a number beyond doubt."""
    if len(digits) < settings.clear or len(digits) < settings.clear_share * among:
        return False
    sure = sum(v.probability for v in digits) / len(digits) >= settings.clear_sure
    return sure and any(v.label != 1 for v in digits)


SOLID: Final = 0.68
"""Share of its box that a disc fills; strokes fill less."""


def is_bold(region: Region, height: float, contrast: float) -> bool:
    """Tell whether ink is writing as large and dark as that here: no speck, nothing that shows through the paper.

    Nor is it a hole in the paper, a button, a bullet: as wide as high, and solid.
    """
    return region.box.h >= height and region.contrast >= contrast and not is_solid(region.box, region.area)


def is_solid(box: Box, area: int) -> bool:
    """Tell whether ink, so many pixels in a box, fills it as a disc or a patch does, and no digit."""
    return 0.5 <= box.w / box.h <= 2 and area >= SOLID * box.w * box.h
