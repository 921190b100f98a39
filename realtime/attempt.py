"""One attempt at a view of a picture: its ink, the regions in it, what each was taken for, and how good that is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.contract import LABELS, NOT_A_DIGIT
from realtime.decode import CUT_OFF, SURE, Verdict, decode, settled
from realtime.ink import InkMap
from realtime.joining import joined, joinings
from realtime.judge import PALE, SIZE, judge, writing_from
from realtime.page import View, in_picture, ink_in_picture
from realtime.parting import find_blots, parted
from realtime.rows import is_bold
from realtime.segment import Region, find_regions
from realtime.settings import ReaderSettings

Ask = Callable[[Sequence[Region]], NDArray[np.float32]]
"""Takes n regions, gives their (n, 11) float32 probabilities, columns as `LABELS`; n may be 0."""

UNFIT: Final = (PALE, SIZE)
"""Why ink that looks like a digit is none among its neighbours; then what lies inside it may be."""
BAR_EVIDENCE: Final = 0.2
"""What a 1 counts for among other digits as evidence: pieces of lines look like 1s."""


@dataclass(frozen=True, eq=False, slots=True)
class Attempt:
    """A view, and what was made of it: verdicts on each piece of ink by itself (`raw`) and among its neighbours.

    probabilities: (n, 11) float32 of the n regions, columns as `LABELS`.
    """

    view: View
    ink: InkMap
    regions: Sequence[Region]
    probabilities: NDArray[np.float32]
    raw: Sequence[Verdict]
    verdicts: Sequence[Verdict]

    @property
    def digits(self) -> list[Verdict]:
        """What was taken for digits."""
        return [v for v in self.verdicts if not v.reason]

    @property
    def likeness(self) -> float:
        """How much looks like digits: up to a half for each, little for one hardly likelier than not."""
        return sum(_weight(v) for v in self.digits)

    @property
    def evidence(self) -> float:
        """The same, but little for bars: they are everywhere."""
        return sum(_weight(v) * (BAR_EVIDENCE if v.label == 1 else 1) for v in self.digits)

    @property
    def way_up(self) -> float:
        """The same of those digits only that look like no digit the other way up."""
        return sum(_weight(v) for v in self.digits if v.label not in (0, 1, 8))

    @property
    def unread(self) -> int:
        """How many pieces of ink are no digits; without specks, what shows through the paper, and what is cut off."""
        digits = [self.regions[v.region] for v in self.digits]
        others = [self.regions[v.region] for v in self.verdicts if v.reason not in ("", CUT_OFF)]
        height = median([r.box.h for r in digits] or [0]) / 2
        contrast = median([r.contrast for r in digits] or [0]) / 2
        return sum(is_bold(r, height, contrast) for r in others)

    @property
    def share(self) -> float:
        """How much of the ink is digits, 0..1, by number of pieces."""
        return len(self.digits) / max(1, len(self.digits) + self.unread)


def _weight(verdict: Verdict) -> float:
    """Return 0 for a probability of one half, a half for 1, and in between less than in proportion."""
    return 2 * (verdict.probability - 0.5) ** 2


def attempt(view: View, ink: InkMap, ask: Ask, settings: ReaderSettings) -> Attempt:
    """Return what is made of the ink of a view; a region that is a digit beyond doubt is not looked into further."""
    rows: list[NDArray[np.float32]] = [np.zeros((0, len(LABELS)), np.float32)]

    def settle(regions: Sequence[Region], first: int) -> list[bool]:
        rows.append(ask(regions[first:]))
        return settled(regions, first, rows[-1], settings.decode)

    regions = find_regions(ink, settings.segment, settle)
    return judged(view, ink, regions, np.concatenate(rows), settings)


def judged(
    view: View,
    ink: InkMap,
    regions: Sequence[Region],
    probabilities: NDArray[np.float32],
    settings: ReaderSettings,
    palest: float | None = None,
) -> Attempt:
    """Return the attempt with these regions and probabilities.

    palest: contrast from which ink is writing, where that is known.
    """
    raw = decode(regions, probabilities, settings.decode)
    verdicts = _among_writing(raw, regions, settings, palest)
    hollow = {v.region for v in verdicts if v.reason in UNFIT and _holds_digit(v.region, regions, probabilities)}
    if hollow:
        raw = decode(regions, probabilities, settings.decode, hollow)
        verdicts = _among_writing(raw, regions, settings, palest)
    return Attempt(view, ink, regions, probabilities, raw, verdicts)


def _among_writing(
    raw: Sequence[Verdict], regions: Sequence[Region], settings: ReaderSettings, palest: float | None
) -> list[Verdict]:
    least = writing_from(raw, regions, settings.judge) if palest is None else palest
    return judge(raw, regions, settings.judge, settings.layout, least)


def _holds_digit(whole: int, regions: Sequence[Region], probabilities: NDArray[np.float32]) -> bool:
    """Tell whether a digit beyond doubt, which is no mere bar, lies inside a region."""
    inside = {whole}
    for i in range(whole + 1, len(regions)):
        if regions[i].parent in inside:
            inside.add(i)
            label = int(probabilities[i].argmax())
            if label not in (1, LABELS.index(NOT_A_DIGIT)) and probabilities[i, label] >= SURE:
                return True
    return False


def cut_and_joined(before: Attempt, ask: Ask, settings: ReaderSettings) -> Attempt:
    """Return the attempt after touching digits were cut and broken ones joined, with one more call at most."""
    if not settings.splicing:
        return before
    writing = len(before.raw) <= settings.few or before.share >= settings.judge.rows.foreign
    palest = writing_from(before.raw, before.regions, settings.judge)
    written = [v for v in before.raw if before.regions[v.region].contrast >= palest]
    blots = find_blots(written, before.regions, settings.cut, settings.part) if writing else []
    joins = joinings(written, before.regions, settings.join)
    pieces = [piece for blot in blots for piece in blot.pieces]
    extra = [*pieces, *(join.union for join in joins)]
    if not blots and not joins:
        return before
    regions, first = [*before.regions, *extra], len(before.regions)
    probabilities = np.concatenate([before.probabilities, ask(extra)])
    raw = parted(before.raw, regions, probabilities, blots, first, settings.decode, settings.part)
    raw = joined(raw, regions, probabilities, joins, first + len(pieces), settings.decode, settings.join)
    verdicts = judge(raw, regions, settings.judge, settings.layout, palest)
    return Attempt(before.view, before.ink, regions, probabilities, raw, verdicts)


def laid_together(attempts: Sequence[Attempt], view: View) -> Attempt:
    """Return attempts at parts of a picture as one at the view of all of it, boxes and ink where they lie there."""
    h, w = view.image.shape[:2]
    contrast = np.zeros((h, w), np.uint8)
    regions: list[Region] = []
    raw: list[Verdict] = []
    verdicts: list[Verdict] = []
    for part in attempts:
        first, into = len(regions), np.linalg.inv(view.to_picture) @ part.view.to_picture
        np.maximum(contrast, cv2.warpPerspective(part.ink.contrast, into, (w, h)), out=contrast)
        place = View(part.view.image, into)
        for region in part.regions:
            parent = region.parent + first if region.parent >= 0 else -1
            regions.append(replace(region, box=ink_in_picture(region.box, region.ink, place), parent=parent))
        raw += [replace(v, region=v.region + first) for v in part.raw]
        verdicts += [replace(v, region=v.region + first) for v in part.verdicts]
    image = view.image
    gray = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8) if image.ndim == 3 else image
    inks = [part.ink for part in attempts]
    noise, darkest = max(ink.noise for ink in inks), max(ink.darkest for ink in inks)
    ink = InkMap(contrast, noise, darkest, gray, sum(ink.ruled for ink in inks))
    return Attempt(view, ink, regions, np.concatenate([part.probabilities for part in attempts]), raw, verdicts)


def outside(attempt: Attempt, sheets: Sequence[NDArray[np.float32]]) -> Attempt:
    """Return the attempt without what lies on one of the sheets.

    sheets: (4, 2) corners each, in pixels of the picture.
    """
    beside = [
        all(cv2.pointPolygonTest(sheet, in_picture(region.box, attempt.view).centre, False) < 0 for sheet in sheets)
        for region in attempt.regions
    ]
    raw, verdicts = ([v for v in some if beside[v.region]] for some in (attempt.raw, attempt.verdicts))
    return replace(attempt, raw=raw, verdicts=verdicts)
