"""Rows of digits are read a second time, each as a whole, and the two readings are weighed against each other.

The first reading cuts ink into pieces and asks what each piece is: digits that run into each other, or whose strokes
are broken, have no piece of their own. The second sees all of a row at once and cuts nothing (Matan et al. 1992,
"Multi-digit recognition using a space displacement neural network"; LeCun et al. 1998, "Gradient-based learning applied
to document recognition", section VII).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.contract import LABELS
from models.rows import HEIGHT
from realtime.attempt import Ask, Attempt
from realtime.decode import EDGE, FILLED, Verdict, refused
from realtime.layout import LayoutSettings, find_rows, find_slope
from realtime.row_cells import cut_cell, is_cell
from realtime.row_peaks import TEN, Peak, find_peaks
from realtime.row_view import draw_row, full_ink, place_row
from realtime.segment import Region
from realtime.values import Box, columns_between, covers, hull
from realtime.weighing import (
    SecondSettings,
    SeenRow,
    Spot,
    both_say,
    find_spots,
    first_says,
    least_like_a_digit,
    peak_at,
    relabelled,
    second_says,
)

AskRows = Callable[[Sequence[NDArray[np.uint8]]], list[NDArray[np.float32]]]
"""Takes row images, gives what the row network answers at each of their steps: see `models.rows.RowNet`."""
_Ink = tuple[Region, NDArray[np.float32]]
"""Ink, and what the first reading says of it, (11,) float32."""
UNINKED: Final = (FILLED, EDGE)
"""Why contrast is no ink, which a row image does not show."""
OTHERS: Final = "other digits in its row as a whole"


@dataclass(frozen=True, eq=False, slots=True)
class _Found:
    """A digit of the second reading: its ink, and what both say of it, (11,) float32, columns as `LABELS`."""

    region: Region
    row: NDArray[np.float32]


@dataclass(eq=False, slots=True)
class _Changes:
    """What is to be changed of an attempt. verdicts: new ones by region.  rows: probabilities by region."""

    verdicts: dict[int, Verdict]
    rows: dict[int, NDArray[np.float32]]
    found: list[_Found]


def read_again(
    attempt: Attempt, ask: Ask, ask_rows: AskRows, layout: LayoutSettings, settings: SecondSettings
) -> Attempt:
    """Return the attempt after each row of it was read a second time."""
    digits = attempt.digits
    if len(digits) < 2:
        anew = _all_anew(attempt, ask, ask_rows, layout, settings)
        if anew is not attempt or not digits:
            return anew
    boxes = [attempt.regions[v.region].box for v in digits]
    slope, changes = find_slope(boxes, layout), _Changes({}, {}, [])
    lone = len(digits) <= settings.lone
    for row in find_rows(boxes, layout):
        for part in _parts([digits[i] for i in row], attempt.regions, settings):
            if not lone and (len(part) == 1 or not _is_open(part, attempt, settings)):
                continue
            seen = _seen(attempt, [attempt.regions[v.region].box for v in part], slope, ask_rows)
            if len(part) == 1:
                _weigh_lone(part[0], seen, attempt, settings, changes)
                continue
            for spot in find_spots(part, attempt.regions, seen, settings):
                if lone and len(spot.digits) == 1 and len(spot.peaks) < 2:
                    _weigh_lone(spot.digits[0], seen, attempt, settings, changes)
                elif spot.peaks:
                    _weigh(spot, seen, attempt, ask, settings, changes)
                else:
                    _weigh_unseen(spot.digits[0], seen, attempt, settings, changes)
    return _changed(attempt, changes, settings)


def _parts(row: Sequence[Verdict], regions: Sequence[Region], settings: SecondSettings) -> list[list[Verdict]]:
    """Return a row in parts between wide gaps."""
    widest = settings.gap * median(regions[v.region].box.h for v in row)
    parts = [[row[0]]]
    for before, v in pairwise(row):
        if regions[v.region].box.x - regions[before.region].box.right > widest:
            parts.append([])
        parts[-1].append(v)
    return parts


def _is_open(row: Sequence[Verdict], attempt: Attempt, settings: SecondSettings) -> bool:
    """Tell whether a second reading of a row may change it: a digit is not sure, was cut, or ink beside it refused."""
    if any(v.probability < settings.sure or v.blot >= 0 for v in row):
        return True
    boxes = [attempt.regions[v.region].box for v in row]
    whole, height = hull(boxes), median(box.h for box in boxes)
    low, high = settings.heights
    refused = (attempt.regions[v.region].box for v in attempt.verdicts if v.reason)
    return any(
        low <= box.h / height <= high
        and columns_between(box, whole) <= height
        and whole.y < box.centre[1] < whole.bottom
        for box in refused
    )


def _seen(attempt: Attempt, boxes: Sequence[Box], slope: float, ask_rows: AskRows) -> SeenRow:
    """Return the second reading of the row that boxes lie in."""
    contrast, place = attempt.ink.contrast, place_row(boxes, slope)
    full = full_ink(contrast, boxes)
    steps = ask_rows([draw_row(contrast, place.to_row, (place.wide, HEIGHT), full)])[0]
    return SeenRow(place, full, steps, find_peaks(steps))


def _weigh(spot: Spot, row: SeenRow, attempt: Attempt, ask: Ask, settings: SecondSettings, changes: _Changes) -> None:
    """Decide what stands at one place of a row where the second reading has a digit."""
    if len(spot.digits) == len(spot.peaks):
        for verdict, peak in zip(spot.digits, spot.peaks, strict=True):
            own = attempt.probabilities[verdict.region]
            changes.rows[verdict.region] = both = both_say(own, peak, settings)
            changes.verdicts[verdict.region] = relabelled(verdict, own, both, settings)
        return
    inks = _inks_of(spot.peaks, row, attempt, ask, settings)
    if inks is None:
        return
    first = first_says(spot, row, attempt.regions, settings)
    second = second_says(spot, [own for _, own in inks], settings)
    if second > first:
        for verdict in spot.digits:
            changes.verdicts[verdict.region] = replace(verdict, reason=OTHERS)
        changes.found += _found(spot.peaks, inks, settings)


def _weigh_lone(verdict: Verdict, row: SeenRow, attempt: Attempt, settings: SecondSettings, changes: _Changes) -> None:
    """Decide whether ink is a digit that no others speak for: a letter, a sign, a drawing may look like one.

    It is no surer for being one by both: what looks like a digit to one network does so to another, digit or not.
    """
    own = least_like_a_digit(verdict.region, attempt.regions, attempt.probabilities, settings)
    both = both_say(own, peak_at(attempt.regions[verdict.region].box, row, settings), settings)
    changes.rows[verdict.region] = both
    told = relabelled(verdict, own, both, settings)
    told = replace(told, probability=min(told.probability, verdict.probability))
    changes.verdicts[verdict.region] = (
        told if 1 - float(both[TEN]) >= settings.lone_sure else refused(verdict, LABELS[-1])
    )


def _weigh_unseen(
    verdict: Verdict, row: SeenRow, attempt: Attempt, settings: SecondSettings, changes: _Changes
) -> None:
    """Refuse a digit of a row if both readings together hold it for next to impossible.

    No more than that: a bare 1 may look like a ruled line or a slash in its row.
    """
    own = attempt.probabilities[verdict.region]
    both = both_say(own, peak_at(attempt.regions[verdict.region].box, row, settings), settings)
    if 1 - float(both[TEN]) < settings.unseen:
        changes.rows[verdict.region] = both
        changes.verdicts[verdict.region] = refused(verdict, LABELS[-1])


def _found(peaks: Sequence[Peak], inks: Sequence[_Ink], settings: SecondSettings) -> list[_Found]:
    return [_Found(region, both_say(own, peak, settings)) for peak, (region, own) in zip(peaks, inks, strict=True)]


def _inks_of(
    peaks: Sequence[Peak], row: SeenRow, attempt: Attempt, ask: Ask, settings: SecondSettings
) -> list[_Ink] | None:
    """Return for each digit of the second reading the ink that is most like it; None if one has no ink."""
    choices = [_choices(peak, row, attempt, settings) for peak in peaks]
    if not all(choices):
        return None
    answers = iter(ask([region for each in choices for region in each]))
    return [
        max(((region, next(answers)) for region in each), key=lambda ink: float(ink[1][peak.label]))
        for peak, each in zip(peaks, choices, strict=True)
    ]


def _choices(peak: Peak, row: SeenRow, attempt: Attempt, settings: SecondSettings) -> list[Region]:
    """Return what may be the ink of a digit of the second reading: what lies there, and what was refused there."""
    cell = cut_cell(peak, row, attempt.ink.contrast, settings)
    if cell is None:
        return []
    if any(v.reason in UNINKED and covers(attempt.regions[v.region].box, cell.box) for v in attempt.verdicts):
        return []
    refused = (attempt.regions[v.region] for v in attempt.verdicts if v.reason)
    return [cell, *(region for region in refused if is_cell(region.box, cell.box, peak, row, settings))]


def _all_anew(
    attempt: Attempt, ask: Ask, ask_rows: AskRows, layout: LayoutSettings, settings: SecondSettings
) -> Attempt:
    """Return the attempt with the second reading alone, where the first has next to nothing and the second is sure."""
    tallest = max((attempt.regions[v.region].box.h for v in attempt.raw), default=0)
    boxes = [box for v in attempt.raw if (box := attempt.regions[v.region].box).h >= settings.tall * tallest]
    if not boxes or len(attempt.raw) > settings.few:
        return attempt
    row = max(find_rows(boxes, layout), key=len)
    seen = _seen(attempt, [boxes[i] for i in row], find_slope(boxes, layout), ask_rows)
    sure = [peak.there * float(peak.ten.max()) for peak in seen.peaks]
    if len(sure) < settings.alone or min(sure) < settings.least or sum(sure) < settings.mean * len(sure):
        return attempt
    inks = _inks_of(seen.peaks, seen, attempt, ask, settings)
    if inks is None:
        return attempt
    gone = {v.region: replace(v, reason=OTHERS) for v in attempt.digits}
    return _changed(attempt, _Changes(gone, {}, _found(seen.peaks, inks, settings)), settings)


def _changed(attempt: Attempt, changes: _Changes, settings: SecondSettings) -> Attempt:
    probabilities = attempt.probabilities.copy()
    for i, row in changes.rows.items():
        probabilities[i] = row
    first = len(attempt.regions)
    added = []
    for k, found in enumerate(changes.found):
        label = int(found.row[:TEN].argmax())
        added.append(Verdict(first + k, label, min(float(found.row[label]), settings.most)))
    boxes = [found.region.box for found in changes.found]
    kept = [
        verdict
        for each in attempt.verdicts
        if not (verdict := changes.verdicts.get(each.region, each)).reason
        or not any(covers(box, attempt.regions[verdict.region].box) for box in boxes)
    ]
    if changes.found:
        probabilities = np.concatenate([probabilities, np.stack([found.row for found in changes.found])])
    regions = [*attempt.regions, *(found.region for found in changes.found)]
    return replace(attempt, regions=regions, probabilities=probabilities, verdicts=[*kept, *added])
