"""From a picture to a reading: page, ink, regions, the classifier, digits, numbers and lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import isfinite
from statistics import median
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.classifier import Classifier
from models.contract import LABELS, ModelCard, normalize_all
from models.rows import RowNet
from realtime.attempt import Attempt, attempt, cut_and_joined, laid_together, outside
from realtime.choosing import BETTER, around, best_of, holds
from realtime.decode import Verdict
from realtime.hand import in_one_hand
from realtime.ink import InkMap, find_ink
from realtime.layout import LayoutSettings, arrange, find_rows, find_slope
from realtime.marks import find_left, find_marks, find_slashes
from realtime.page import View, closer, flatten, in_picture, ink_in_picture, reduction, whole
from realtime.ruling import remove_ruling
from realtime.second_reading import read_again
from realtime.segment import Region
from realtime.settings import THOROUGH, ReaderSettings
from realtime.sheets import find_sheets
from realtime.upright import better_way_up, stands
from realtime.values import Box, Digit, Line, Reading, Rejected

BESIDE: Final = 0.75
"""Evidence that ink beside the sheets needs to be read, too: that of two sure digits."""


class Reader:
    """Reads pictures with one classifier; the same for a photograph and for a frame.

    rows: the network that reads rows a second time; None leaves it at the first reading.
    """

    def __init__(self, classifier: Classifier, settings: ReaderSettings = THOROUGH, rows: RowNet | None = None) -> None:
        self._classifier = classifier
        self._settings = settings
        self._rows = rows

    @property
    def card(self) -> ModelCard:
        """The card of the model that reads."""
        return self._classifier.card

    @property
    def settings(self) -> ReaderSettings:
        """The settings it reads by."""
        return self._settings

    def with_settings(self, settings: ReaderSettings) -> Reader:
        """Return a reader with the same model and other settings."""
        return Reader(self._classifier, settings, self._rows)

    def read(self, picture: NDArray[np.uint8]) -> Reading:
        """Read the digits of one picture.

        picture: (H, W, 3) uint8 BGR or (H, W) uint8 gray, upright; H and W at least 1.
        Raises TypeError or ValueError, saying what was given, for anything else: cv2.imread, for one, gives None for a
        file it cannot read.
        """
        return self._read(picture)[0]

    def inspect(self, picture: NDArray[np.uint8]) -> tuple[Reading, Attempt]:
        """Read one picture, and return beside the reading what it was made from: view, ink, regions and verdicts.

        Of several sheets of paper, which are read one by one, the attempts are laid together over the whole picture.
        Takes and raises what `read` does.
        """
        reading, attempts = self._read(picture)
        if len(attempts) == 1:
            return reading, attempts[0]
        return reading, laid_together(attempts, whole(picture, self._settings.long_side))

    def _read(self, picture: NDArray[np.uint8]) -> tuple[Reading, list[Attempt]]:
        _check(picture)
        attempts = [self._again(self._in_one_hand(best)) for best in self._sheets(picture)]
        lines = tuple(line for best in attempts for line in _placed(self._lines(best), best))
        rejected = tuple(_rejected(v, best) for best in attempts for v in best.verdicts if v.reason)
        return Reading((picture.shape[1], picture.shape[0]), lines, rejected), attempts

    def _sheets(self, picture: NDArray[np.uint8]) -> list[Attempt]:
        """Return the best attempt at each sheet, in reading order; or one, at the whole picture or its only sheet."""
        settings = self._settings
        every = whole(picture, settings.long_side)
        corners = [
            np.asarray(cv2.perspectiveTransform(each[None], every.to_picture)[0], np.float32)
            for each in find_sheets(every.image, settings.page)
        ]
        sheets = in_order([flatten(picture, each, settings.long_side) for each in corners], settings.layout)
        if len(sheets) < 2:
            return [self._best_of_views([*sheets, every], picture)]
        found = [self._best_of_views([sheet], picture) for sheet in sheets]
        evidence = sum(each.evidence for each in found)
        at_once = self._best_of_views([every], picture)
        beside = outside(at_once, corners)
        if not evidence or at_once.evidence - beside.evidence > BETTER * evidence:
            return [at_once]
        return [*found, beside] if beside.evidence >= BESIDE else found

    def _best_of_views(self, views: Sequence[View], picture: NDArray[np.uint8]) -> Attempt:
        """Return the best attempt at any of these views of the picture, the right way up, and near enough."""
        first = len(views) if self._settings.compare else 1
        attempts = self._attempts(views[:first])
        if views[first:] and not any(attempt.evidence for attempt in attempts):
            attempts = self._attempts(views[first:])
        return self._closer(self._upright(attempts), picture)

    def _again(self, attempt: Attempt) -> Attempt:
        """Return the attempt after its rows were read a second time."""
        if self._rows is None or not self._settings.twice:
            return attempt
        return read_again(attempt, self._ask, self._rows, self._settings.layout, self._settings.second)

    def _in_one_hand(self, attempt: Attempt) -> Attempt:
        """Return the attempt with its doubtful digits compared with its sure ones."""
        seen = in_one_hand(attempt.verdicts, attempt.regions, attempt.probabilities, self._settings.hand)
        return replace(attempt, verdicts=seen[0], probabilities=seen[1])

    def _lines(self, attempt: Attempt) -> tuple[Line, ...]:
        """Return the digits as lines of numbers, boxes still in pixels of the view."""
        digits = [_digit(v, attempt, self._settings.part.doubt) for v in attempt.digits]
        if not digits:
            return ()
        settings, kept = self._settings, [attempt.regions[v.region] for v in attempt.digits]
        marks = find_marks(attempt.ink, kept, settings.marks)
        ones, rest = (
            [r for r, v in zip(kept, attempt.digits, strict=True) if (v.label == 1) == one] for one in (True, False)
        )
        slashes = find_slashes(rest, ones, settings.marks)
        pale = settings.judge.palest * median(region.contrast for region in kept)
        others = [attempt.regions[v.region] for v in attempt.verdicts if v.reason]
        unread = [region.box for region in others if region.contrast >= pale]
        unread += find_left(kept, attempt.regions, pale, settings.marks)
        return arrange(digits, marks, settings.layout, slashes, unread)

    def _attempts(self, views: Sequence[View]) -> list[Attempt]:
        """Return an attempt at each view, two where the ink may be light as well as dark."""
        return [attempt for view in views for attempt in self._attempts_at(view)]

    def _attempts_at(self, view: View) -> Iterator[Attempt]:
        """Yield an attempt at dark ink, and at light ink where there may be any, unless the dark ink is settled."""
        for ink in find_ink(view.image, self._settings.ink):
            found = self._attempt(view, ink)
            yield found
            if found.share >= self._settings.settled_share and found.evidence >= self._settings.settled:
                return

    def _attempt(self, view: View, ink: InkMap) -> Attempt:
        """Return the attempt without ruled lines; or with them where they are few, for a large 1 looks like one."""
        settings = self._settings
        without = remove_ruling(ink, settings.ruling)
        best = attempt(view, without, self._ask, settings)
        if not 0 < without.ruled < settings.ruling.family:
            return best
        ruled = attempt(view, ink, self._ask, settings)
        return ruled if ruled.likeness > BETTER * best.likeness or holds(ruled, best) else best

    def _ask(self, regions: Sequence[Region]) -> NDArray[np.float32]:
        """Return (n, 11) float32 probabilities of n regions, weighted by how often ink in pictures is no digit."""
        if not regions:
            return np.zeros((0, len(LABELS)), np.float32)
        rows = self._classifier(normalize_all([region.ink for region in regions])).copy()
        rows[:, -1] *= self._settings.foreign_ink
        return np.asarray(rows / rows.sum(axis=1, keepdims=True), np.float32)

    def _upright(self, attempts: Sequence[Attempt]) -> Attempt:
        """Return the best attempt, cut and joined, or one at the page turned if that makes digits of its ink."""
        settings = self._settings
        best = best_of(attempts)
        as_it_lies = cut_and_joined(best, self._ask, settings)
        if not settings.turning or stands(as_it_lies, settings):
            return as_it_lies
        # Next to no evidence does not tell that the writing is in this map: the first one is tried, too.
        starts = [best] if as_it_lies.evidence >= settings.turn_least or best is attempts[0] else [best, attempts[0]]
        for start in starts:
            view = better_way_up(as_it_lies, start, self._ask, settings) if start.verdicts else None
            if view is not None:
                return cut_and_joined(best_of(self._attempts([view])), self._ask, settings)
        return as_it_lies

    def _closer(self, far: Attempt, picture: NDArray[np.uint8]) -> Attempt:
        """Return the attempt, or another where its digits are, levelled and enlarged, if that finds more."""
        settings = self._settings
        digits = [far.regions[v.region].box for v in far.digits]
        if not digits:
            return far
        height = median(box.h for box in digits)
        slope = find_slope(digits, settings.layout) if isfinite(settings.lean) else 0.0
        slope = slope if abs(slope) >= settings.lean else 0.0
        part = around(digits, 4 * height, far)
        room = min(1 / reduction(far.view), settings.long_side / max(part.w, part.h))
        factor = min(settings.enough / height, room) if height < settings.small else min(1.0, room)
        if factor < settings.worth and not slope:
            return far
        near = best_of(self._attempts([closer(picture, far.view, part, factor, slope)]))
        near = cut_and_joined(near, self._ask, settings)
        return near if near.evidence > far.evidence else far


def in_order(views: Sequence[View], layout: LayoutSettings) -> list[View]:
    """Return views of a picture row by row from the top, each row from the left."""
    boxes = [in_picture(Box(0, 0, view.image.shape[1], view.image.shape[0]), view) for view in views]
    return [views[i] for row in find_rows(boxes, layout) for i in row]


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


def _digit(verdict: Verdict, attempt: Attempt, doubt: float) -> Digit:
    """Return a digit whose box is still in pixels of the view; one of touching ink is right only if the cut is."""
    row, box = attempt.probabilities[verdict.region], attempt.regions[verdict.region].box
    if verdict.blot < 0:
        return Digit(box, LABELS[verdict.label], verdict.probability, tuple(row.tolist()))
    right = verdict.probability ** (doubt - 1)
    shares = (right * row).tolist()
    return Digit(box, LABELS[verdict.label], right * verdict.probability, (*shares[:-1], 1 - sum(shares[:-1])))


def _placed(lines: Sequence[Line], attempt: Attempt) -> Iterator[Line]:
    """Yield the lines of an attempt with their boxes in pixels of the picture."""
    places = {attempt.regions[v.region].box: _place(v, attempt) for v in attempt.digits}
    for line in lines:
        yield Line(
            tuple(
                replace(number, digits=tuple(replace(digit, box=places[digit.box]) for digit in number.digits))
                for number in line.numbers
            )
        )


def _place(verdict: Verdict, attempt: Attempt) -> Box:
    """Return where in the picture the ink is that a verdict is on."""
    region = attempt.regions[verdict.region]
    return ink_in_picture(region.box, region.ink, attempt.view)


def _rejected(verdict: Verdict, attempt: Attempt) -> Rejected:
    return Rejected(_place(verdict, attempt), LABELS[verdict.label], verdict.probability, verdict.reason)
