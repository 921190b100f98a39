"""Two readings of a row, laid side by side and weighed against each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.rows import STRIDE
from realtime.decode import Verdict
from realtime.row_peaks import TEN, Peak
from realtime.row_view import RowPlace
from realtime.segment import Region
from realtime.values import Box


@dataclass(frozen=True, slots=True)
class SecondSettings:
    """How the second reading counts beside the first; lengths are shares of the height of a row's digits.

    weight: of the second reading's logarithms of probability, over the first's.  floor, own_floor: least probability
    that the second, and the first, count for: either may be wrong however sure it is.  cut_floor: that the first
    counts for of ink that was cut out where the second sees a digit: it may be cut badly.
    gap: digits further apart are in two rows.  sure: a row of digits as sure as this, none of them cut from its
    neighbour, and with no ink refused beside them, is not read again; more than 1 is never reached.
    core: share of a digit's width about its middle in which its peak lies.  reach: of a peak about its place.
    near: how far from the middle of a digit of the first reading the second may have it, in heights and in its widths.
    cell: width of the ink that may be of one digit.  band: height of the row that ink is taken from.
    stroke: contrast of ink over full ink.  speck: area of a piece of ink over that of the largest.
    lowest: height of a digit.  heights: least and most of ink that was refused and is a digit in its row.
    most: confidence in a digit that only the second reading has, or that was another before: they are for review.
    few, alone, least, mean, tall: where the first reading has next to nothing, of no more pieces of ink than `few`, the
    second is taken if it has so many digits, and is so sure of each and on average; ink so high over the highest shows
    where the row lies.
    unseen: probability by both below which a digit that the second does not see is none.
    lone, lone_sure: in a picture of no more digits each must be one by both, with this probability: so 99.1 % of lone
    digits by held-out writers are read.  same: shares of the width and height of ink that a piece of it must have to be
    the same sign, seen at a higher threshold.
    """

    weight: float = 1.3
    floor: float = 0.002
    own_floor: float = 0.02
    cut_floor: float = 0.2
    gap: float = 2.5
    sure: float = 2.0
    core: float = 0.7
    reach: float = 0.15
    near: tuple[float, float] = (0.22, 0.3)
    cell: float = 1.1
    band: float = 1.5
    stroke: float = 0.3
    speck: float = 0.12
    lowest: float = 0.3
    heights: tuple[float, float] = (0.4, 1.9)
    most: float = 0.75
    few: int = 20
    alone: int = 3
    least: float = 0.3
    mean: float = 0.75
    tall: float = 0.35
    unseen: float = 0.03
    lone: int = 2
    lone_sure: float = 0.98
    same: tuple[float, float] = (0.4, 0.75)


@dataclass(frozen=True, eq=False, slots=True)
class SeenRow:
    """A row as the second reading has it.

    place, full: of the row image.  steps: (n, 11) float32, the network's answers.  peaks: its digits, left to right.
    """

    place: RowPlace
    full: float
    steps: NDArray[np.float32]
    peaks: Sequence[Peak]


@dataclass(frozen=True, eq=False, slots=True)
class Spot:
    """What the two readings have at one place of a row, each from the left."""

    digits: list[Verdict]
    peaks: list[Peak]


def find_spots(
    digits: Sequence[Verdict], regions: Sequence[Region], row: SeenRow, settings: SecondSettings
) -> list[Spot]:
    """Return the digits of both readings, those together that lie at one place."""
    place = row.place
    reach = settings.reach * place.height * place.scale
    cores = [_core(regions[v.region].box, place, settings) for v in digits]
    spots: list[Spot] = [Spot([v], []) for v in digits]
    for peak in row.peaks:
        met = [k for k, (a, b) in enumerate(cores) if a < peak.at + reach and peak.at - reach < b]
        together = {id(spots[k]): spots[k] for k in met}
        joint = Spot([], [peak])
        for spot in together.values():
            joint.digits.extend(spot.digits)
            joint.peaks.extend(spot.peaks)
        joint.peaks.sort(key=lambda p: p.at)
        spots = [joint if id(spot) in together else spot for spot in spots]
        if not met:
            spots.append(joint)
            cores.append((math.inf, -math.inf))
    return list({id(spot): spot for spot in spots}.values())


def _core(box: Box, place: RowPlace, settings: SecondSettings) -> tuple[float, float]:
    """Return from where to where along the row image the peak of a digit may lie."""
    at, half = place.along(*box.centre), settings.core * box.w / 2 * place.scale
    return at - half, at + half


def both_say(own: NDArray[np.float32], peak: Peak, settings: SecondSettings) -> NDArray[np.float32]:
    """Return what both readings say of a digit, (11,) float32, as if they were wrong independently of each other.

    own: (11,) float32, what the first says of its ink.
    """
    digit = float(own[:TEN].sum())
    ten = np.maximum(own[:TEN] / max(digit, 1e-9), settings.own_floor)
    ten = ten * np.maximum(peak.ten, settings.floor) ** settings.weight
    there = min(max(peak.there, settings.floor), 1 - settings.floor)
    odds = max(digit, settings.own_floor) / max(1 - digit, settings.own_floor)
    odds *= (there / (1 - there)) ** settings.weight
    share = odds / (1 + odds)
    return np.append(ten / ten.sum() * share, 1 - share).astype(np.float32)


def relabelled(
    verdict: Verdict, own: NDArray[np.float32], both: NDArray[np.float32], settings: SecondSettings
) -> Verdict:
    """Return a verdict with what both readings say; less sure where the neighbours made it so before, or it changed."""
    label = int(both[:TEN].argmax())
    if label != verdict.label:
        return replace(verdict, label=label, probability=min(settings.most, float(both[label])))
    trust = min(1.0, verdict.probability / max(float(own[label]), 1e-6))
    return replace(verdict, probability=trust * float(both[label]))


def steps_at(box: Box, row: SeenRow, settings: SecondSettings) -> NDArray[np.float32]:
    """Return what the second reading says about the middle of a digit of the first, (n, 11) float32."""
    place = row.place
    at, reach = place.along(*box.centre), max(settings.near[0] * place.height, settings.near[1] * box.w) * place.scale
    first, end = max(0, round((at - reach) / STRIDE)), round((at + reach) / STRIDE)
    return np.asarray(row.steps[first : max(end, first + 1)], np.float32)


def peak_at(box: Box, row: SeenRow, settings: SecondSettings) -> Peak:
    """Return the digit that the second reading has where the first has one, however unlikely it takes it to be."""
    steps = steps_at(box, row, settings)
    ten = steps[:, :TEN].sum(axis=0) + np.float32(1e-9)
    there = float((1 - steps[:, TEN]).max(initial=0.0))
    return Peak(row.place.along(*box.centre), np.asarray(ten / ten.sum(), np.float32), there)


def least_like_a_digit(
    piece: int, regions: Sequence[Region], probabilities: NDArray[np.float32], settings: SecondSettings
) -> NDArray[np.float32]:
    """Return what the first reading says of a piece of ink, (11,) float32: at the threshold where it is likeliest none.

    A letter that is none as a whole is taken for a digit once a higher threshold has thinned it or cut an end off.
    """
    box, (w, h) = regions[piece].box, settings.same
    likest, around = probabilities[piece], regions[piece].parent
    while around >= 0:
        other = regions[around].box
        if box.w >= w * other.w and box.h >= h * other.h and probabilities[around, TEN] > likest[TEN]:
            likest = probabilities[around]
        around = regions[around].parent
    return np.asarray(likest, np.float32)


def first_says(spot: Spot, row: SeenRow, regions: Sequence[Region], settings: SecondSettings) -> float:
    """Return the logarithm of how likely the digits of the first reading are by both."""
    total, place = 0.0, row.place
    unmet = list(spot.peaks)
    for verdict in spot.digits:
        box = regions[verdict.region].box
        at, steps = place.along(*box.centre), steps_at(box, row, settings)
        seen = float(steps[:, verdict.label].max(initial=0.0))
        total += _log(verdict.probability, settings.own_floor) + settings.weight * _log(seen, settings.floor)
        nearest = min(unmet, key=lambda p: abs(p.at - at), default=None)
        if nearest is not None:
            unmet.remove(nearest)
    return total + sum(settings.weight * _log(1 - peak.there, settings.floor) for peak in unmet)


def second_says(spot: Spot, asked: Sequence[NDArray[np.float32]], settings: SecondSettings) -> float:
    """Return the logarithm of how likely the digits of the second reading are by both.

    asked: of each (11,) float32, what the first says of its ink.
    """
    total = 0.0
    for peak, own in zip(spot.peaks, asked, strict=True):
        label = int(both_say(own, peak, settings)[:TEN].argmax())
        seen = peak.there * float(peak.ten[label])
        total += _log(float(own[label]), settings.cut_floor) + settings.weight * _log(seen, settings.floor)
    return total


def _log(probability: float, floor: float) -> float:
    return math.log(min(1.0, max(probability, floor)))
