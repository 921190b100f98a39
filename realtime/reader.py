"""From a picture to a reading: page, ink, regions, the classifier, digits, numbers and lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.classifier import Classifier
from models.contract import LABELS, ModelCard, normalize_all
from realtime.decode import DecodeSettings, Verdict, decode, is_bold, judge
from realtime.ink import InkMap, InkSettings, find_ink
from realtime.layout import LayoutSettings, arrange
from realtime.page import PageSettings, View, closer, find_sheet, flatten, in_picture, reduction, turn, whole
from realtime.ruling import RulingSettings, remove_ruling
from realtime.segment import Region, SegmentSettings, find_marks, find_regions, turn_region
from realtime.splice import SpliceSettings, cuttings, joinings, spliced
from realtime.values import Box, Digit, Line, Reading, Rejected, hull


@dataclass(frozen=True, slots=True)
class ReaderSettings:
    """The settings of every stage.

    long_side: pixels a picture's or sheet's longer side is reduced to; more bring paper grain and broken strokes.
    foreign_ink: how many times likelier than the model takes it to be it is that a region is no digit: the model is
    calibrated on digits, but of the regions of a picture most are none (Saerens et al. 2002, "Adjusting the outputs of
    a classifier to new a priori probabilities").
    splicing: whether touching digits are cut and broken ones joined; nothing is cut in a picture of something else, or
    of more than `few` pieces of ink.
    small, enough, worth: digits lower than `small` pixels are looked at more closely, until they have `enough` or the
    picture shows no more, if that makes them so many times higher.
    compare: whether the whole picture is read beside a sheet in it, or only when nothing is found on the sheet.
    turning: whether other ways up are tried, unless `upright_share` of the ink is digits as it is, and its
    digits that look like none the other way up give as much as `upright_way` for each digit.
    turn_share, turn_gain, turn_least: a page is turned where so much of its ink is then digits, with so many times the
    evidence and so much more: one digit alone turns no page.
    """

    long_side: int = 800
    small: int = 30
    enough: int = 44
    worth: float = 1.25
    compare: bool = True
    turning: bool = True
    turn_share: float = 0.7
    turn_gain: float = 1.3
    turn_least: float = 0.5
    upright_share: float = 0.95
    upright_way: float = 0.3
    foreign_ink: float = 6.7
    splicing: bool = True
    few: int = 8
    page: PageSettings = field(default_factory=PageSettings)
    ink: InkSettings = field(default_factory=InkSettings)
    ruling: RulingSettings = field(default_factory=RulingSettings)
    segment: SegmentSettings = field(default_factory=SegmentSettings)
    decode: DecodeSettings = field(default_factory=DecodeSettings)
    splice: SpliceSettings = field(default_factory=SpliceSettings)
    layout: LayoutSettings = field(default_factory=LayoutSettings)


THOROUGH: Final = ReaderSettings()
"""For stills: every threshold, every way up."""
LIVE: Final = ReaderSettings(
    long_side=640,
    small=0,
    compare=False,
    turning=False,
    page=PageSettings(side=160, levels=6, darker=False),
    segment=SegmentSettings(levels=(0.08, 0.15, 0.27, 0.45), most=120),
)
"""For frames: the same reader on fewer pixels and thresholds, upright only."""


BAR: Final = 0.2
"""What a 1 counts for among other digits as evidence: pieces of lines look like 1s."""


@dataclass(frozen=True, eq=False, slots=True)
class _Attempt:
    """A view, and what was made of it: verdicts on each piece of ink by itself (`raw`) and among its neighbours."""

    view: View
    ink: InkMap
    regions: Sequence[Region]
    probabilities: NDArray[np.float32]
    raw: Sequence[Verdict]
    verdicts: Sequence[Verdict]

    @property
    def evidence(self) -> float:
        """How much looks like digits: the sum of what each digit's probability is above one half; bars count little."""
        return sum((v.probability - 0.5) * (BAR if v.label == 1 else 1) for v in self.verdicts if not v.reason)

    @property
    def way_up(self) -> float:
        """The same of those digits only that look like no digit the other way up."""
        return sum(v.probability - 0.5 for v in self.verdicts if not v.reason and v.label not in (0, 1, 8))

    @property
    def share(self) -> float:
        """How much of the ink is digits, 0..1; specks and what shows through the paper are left out."""
        digits = [self.regions[v.region] for v in self.verdicts if not v.reason]
        others = [self.regions[v.region] for v in self.verdicts if v.reason]
        height = median([r.box.h for r in digits] or [0]) / 2
        contrast = median([r.contrast for r in digits] or [0]) / 2
        return len(digits) / max(1, len(digits) + sum(is_bold(r, height, contrast) for r in others))


class Reader:
    """Reads pictures with one classifier; the same for a photograph and for a frame."""

    def __init__(self, classifier: Classifier, settings: ReaderSettings = THOROUGH) -> None:
        self._classifier = classifier
        self._settings = settings

    @property
    def card(self) -> ModelCard:
        """The card of the model that reads."""
        return self._classifier.card

    def read(self, picture: NDArray[np.uint8]) -> Reading:
        """Read the digits of one picture.

        picture: (H, W, 3) uint8 BGR or (H, W) uint8 gray, upright; H and W at least 1.
        Raises TypeError or ValueError, saying what was given, for anything else: cv2.imread, for one, gives None for a
        file it cannot read.
        """
        _check(picture)
        views = self._views(picture)
        first = len(views) if self._settings.compare else 1
        attempts = self._attempts(views[:first])
        if views[first:] and not any(attempt.evidence for attempt in attempts):
            attempts = self._attempts(views[first:])
        best = self._closer(self._upright(max(attempts, key=lambda attempt: attempt.evidence)), picture)
        lines = self._lines(best)
        rejected = tuple(_rejected(v, best) for v in best.verdicts if v.reason)
        return Reading(
            (picture.shape[1], picture.shape[0]), tuple(_placed(line, best.view) for line in lines), rejected
        )

    def _lines(self, attempt: _Attempt) -> tuple[Line, ...]:
        """Return the digits as lines of numbers, boxes still in pixels of the view."""
        settings = self._settings
        digits = [_digit(v, attempt) for v in attempt.verdicts if not v.reason]
        if not digits:
            return ()
        kept = [attempt.regions[v.region] for v in attempt.verdicts if not v.reason]
        return arrange(digits, find_marks(attempt.ink, kept, settings.segment), settings.layout)

    def _views(self, picture: NDArray[np.uint8]) -> list[View]:
        """Return the sheet, if there is one, and the whole picture."""
        settings = self._settings
        views = [whole(picture, settings.long_side)]
        corners = find_sheet(picture, settings.page)
        return views if corners is None else [flatten(picture, corners, settings.long_side), *views]

    def _attempts(self, views: Sequence[View]) -> list[_Attempt]:
        """Read the views, with one call of the classifier for all of them, and none where there is no ink."""
        settings = self._settings
        maps = [
            (view, remove_ruling(ink, settings.ruling)) for view in views for ink in find_ink(view.image, settings.ink)
        ]
        regions = [find_regions(ink, settings.segment) for _, ink in maps]
        crops = [region for found in regions for region in found]
        rows = self._ask(crops)
        parts = np.split(rows, np.cumsum([len(found) for found in regions])[:-1])
        return [
            self._attempt(view, ink, found, part) for (view, ink), found, part in zip(maps, regions, parts, strict=True)
        ]

    def _ask(self, regions: Sequence[Region]) -> NDArray[np.float32]:
        """Return (n, 11) float32 probabilities of n regions, weighted by how often ink in pictures is no digit."""
        if not regions:
            return np.zeros((0, len(LABELS)), np.float32)
        rows = self._classifier(normalize_all([region.ink for region in regions])).copy()
        rows[:, -1] *= self._settings.foreign_ink
        return np.asarray(rows / rows.sum(axis=1, keepdims=True), np.float32)

    def _attempt(
        self, view: View, ink: InkMap, regions: Sequence[Region], probabilities: NDArray[np.float32]
    ) -> _Attempt:
        settings = self._settings
        raw = decode(regions, probabilities, settings.decode)
        return _Attempt(view, ink, regions, probabilities, raw, judge(raw, regions, settings.decode, settings.layout))

    def _spliced(self, attempt: _Attempt) -> _Attempt:
        """Return the attempt after touching digits were cut and broken ones joined, with one more call at most."""
        settings = self._settings
        writing = len(attempt.raw) <= settings.few or attempt.share >= settings.decode.foreign
        cuts = cuttings(attempt.raw, attempt.regions, settings.splice) if writing else []
        joins = joinings(attempt.raw, attempt.regions, settings.splice)
        extra = [*(piece for cut in cuts for piece in cut.pieces), *(join.union for join in joins)]
        if not settings.splicing or not extra:
            return attempt
        rows = self._ask(extra)
        regions = [*attempt.regions, *extra]
        probabilities = np.concatenate([attempt.probabilities, rows])
        raw = spliced(attempt.raw, regions, probabilities, cuts, joins, settings.decode, settings.splice)
        verdicts = judge(raw, regions, settings.decode, settings.layout)
        return _Attempt(attempt.view, attempt.ink, regions, probabilities, raw, verdicts)

    def _upright(self, attempt: _Attempt) -> _Attempt:
        """Return the attempt, cut and joined, or one with the whole page turned if that makes digits of its ink."""
        settings = self._settings
        as_it_lies = self._spliced(attempt)
        if not settings.turning or not attempt.verdicts or self._stands(as_it_lies):
            return as_it_lies
        turned = self._turned(attempt)
        best = max(turned, key=lambda other: other.way_up + other.evidence / 4)
        # Upside down, 0, 1 and 8 look as they did; on its side, none of them does.
        over = best is turned[1]
        had, found = (as_it_lies.way_up, best.way_up) if over else (as_it_lies.evidence, best.evidence)
        if best.share < settings.turn_share or found < settings.turn_least + settings.turn_gain * had:
            return as_it_lies
        return self._spliced(max(self._attempts([best.view]), key=lambda other: other.evidence))

    def _closer(self, attempt: _Attempt, picture: NDArray[np.uint8]) -> _Attempt:
        """Return the attempt, or a closer look at where its digits are if these are small and it finds more."""
        settings = self._settings
        digits = [attempt.regions[v.region].box for v in attempt.verdicts if not v.reason]
        height = median([box.h for box in digits] or [settings.small])
        if height >= settings.small:
            return attempt
        part = _around(digits, 4 * height, attempt.view)
        factor = min(settings.enough / height, 1 / reduction(attempt.view), settings.long_side / max(part.w, part.h))
        if factor < settings.worth:
            return attempt
        nearer = max(self._attempts([closer(picture, attempt.view, part, factor)]), key=lambda other: other.evidence)
        return max(attempt, self._spliced(nearer), key=lambda other: other.evidence)

    def _stands(self, attempt: _Attempt) -> bool:
        """Tell whether a page is upright beyond doubt."""
        digits = sum(not v.reason for v in attempt.verdicts)
        settings = self._settings
        return attempt.share >= settings.upright_share and attempt.way_up >= settings.upright_way * digits

    def _turned(self, attempt: _Attempt) -> list[_Attempt]:
        """Judge the same ink as if the view had been turned by one, two and three quarters, with one call for all."""
        shape, quarters = attempt.view.image.shape, (1, 2, 3)
        turned = [[turn_region(region, n, shape) for region in attempt.regions] for n in quarters]
        rows = np.split(self._ask([region for regions in turned for region in regions]), len(quarters))
        return [
            self._attempt(turn(attempt.view, n), attempt.ink, regions, part)
            for n, regions, part in zip(quarters, turned, rows, strict=True)
        ]


def _check(picture: object) -> None:
    """Refuse what is no picture, with the remedy."""
    if not isinstance(picture, np.ndarray):
        remedy = "; was the file not found, or no picture?" if picture is None else ""
        raise TypeError(f"a picture is a numpy array, as cv2.imread gives it, not {type(picture).__name__}{remedy}")
    if picture.dtype != np.uint8:
        raise TypeError(
            f"a picture is uint8, 0..255, not {picture.dtype}; scale it and convert it with astype('uint8')"
        )
    if picture.size == 0 or not (picture.ndim == 2 or (picture.ndim == 3 and picture.shape[2] == 3)):
        raise ValueError(f"a picture is (H, W, 3) BGR or (H, W) gray, not {picture.shape}")


def _around(boxes: Sequence[Box], margin: float, view: View) -> Box:
    """Return the part of a view that holds the boxes, with a margin."""
    h, w = view.image.shape[:2]
    inner, pad = hull(boxes), round(margin)
    x, y = max(0, inner.x - pad), max(0, inner.y - pad)
    return Box(x, y, min(w, inner.right + pad) - x, min(h, inner.bottom + pad) - y)


def _digit(verdict: Verdict, attempt: _Attempt) -> Digit:
    """Return a digit whose box is still in pixels of the view."""
    row = tuple(float(p) for p in attempt.probabilities[verdict.region])
    return Digit(attempt.regions[verdict.region].box, LABELS[verdict.label], verdict.probability, row)


def _placed(line: Line, view: View) -> Line:
    """Return a line of the view with its boxes in pixels of the picture."""
    return Line(
        tuple(
            replace(number, digits=tuple(replace(digit, box=in_picture(digit.box, view)) for digit in number.digits))
            for number in line.numbers
        )
    )


def _rejected(verdict: Verdict, attempt: _Attempt) -> Rejected:
    box = in_picture(attempt.regions[verdict.region].box, attempt.view)
    return Rejected(box, LABELS[verdict.label], verdict.probability, verdict.reason)
