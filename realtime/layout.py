"""From digits to lines and numbers in reading order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter
from statistics import median
from typing import Final

import numpy as np

from realtime.values import Box, Digit, Line, Number, columns_between

UNSURE: Final = "confidence below target"
MARKED: Final = "mark between digits"
UNREAD: Final = "ink beside it that was not read"
SLANTED: Final = "a 1 that may be a slash"
AMBIGUOUS: Final = "ambiguous way up"
REASONS: Final = (MARKED, SLANTED, UNREAD, AMBIGUOUS)
"""Why a number is for review, beside its confidence."""


@dataclass(frozen=True, slots=True)
class LayoutSettings:
    """How digits are grouped; lengths are shares of the digits' median height.

    same_line: two digits further apart than this, across the line, are on different lines.
    gap: paper between two digits of one line that separates two numbers.
    reach: how far to the right a neighbour shows which way the line runs.  steepest: degrees a line may climb.
    mark_gap: digits further apart than this are two numbers, whatever stands between them.  mark_slack: how far a mark
    may reach over and under the digits it stands between.
    unread: least and most height of ink beside a number that may be a digit of it.
    either_way: share of 6s and 9s from which a page may as well lie upside down, some of them read as another digit.
    target: a number less sure than this is for review.  nbest: candidates kept of each number.
    """

    same_line: float = 0.55
    gap: float = 0.75
    reach: float = 8.0
    steepest: float = 30.0
    mark_gap: float = 1.6
    mark_slack: float = 0.15
    unread: tuple[float, float] = (0.5, 2.6)
    either_way: float = 0.8
    target: float = 0.8
    nbest: int = 3


def arrange(
    digits: Sequence[Digit],
    marks: Sequence[Box],
    settings: LayoutSettings,
    slashes: Sequence[Box] = (),
    unread: Sequence[Box] = (),
) -> tuple[Line, ...]:
    """Return the digits as lines of numbers, top to bottom and left to right; no digits, no lines.

    marks: other ink; what lies between two digits of a line, a point or a minus, sends their numbers to review.
    slashes: boxes of 1s that are as straight and slanted as a slash; between two digits, and as high, they may be one.
    unread: ink as dark as the digits that is none; right beside a number it may be a digit of it.
    """
    rows = find_rows([d.box for d in digits], settings)
    lines = tuple(_line([digits[i] for i in row], marks, settings, slashes, unread) for row in rows)
    either = sum(d.label in "69" for d in digits)
    return _with_reason(lines, AMBIGUOUS) if digits and either >= settings.either_way * len(digits) else lines


def find_rows(boxes: Sequence[Box], settings: LayoutSettings) -> list[list[int]]:
    """Return the indexes of the boxes, row by row from the top, each from the left.

    The slope of the writing is measured first, once for the picture, and taken out: rows are then level.
    """
    if not boxes:
        return []
    height = median(b.h for b in boxes)
    slope = find_slope(boxes, settings)
    c, s = math.cos(-slope), math.sin(-slope)
    centres = [box.centre for box in boxes]
    across, down = [x * c - y * s for x, y in centres], [x * s + y * c for x, y in centres]
    rows: list[list[int]] = []
    for i in sorted(range(len(boxes)), key=down.__getitem__):
        if rows and down[i] - _middle([down[j] for j in rows[-1]]) <= settings.same_line * height:
            rows[-1].append(i)
        else:
            rows.append([i])
    return [sorted(row, key=across.__getitem__) for row in rows]


def _middle(rising: Sequence[float]) -> float:
    """Return the median of values that rise; at least one."""
    return (rising[(len(rising) - 1) // 2] + rising[len(rising) // 2]) / 2


def find_slope(boxes: Sequence[Box], settings: LayoutSettings) -> float:
    """Return the direction of the lines in radians: the median direction from a digit to its next to the right.

    boxes: of digits, at least one.
    """
    return _slope(tuple(boxes), settings)


@lru_cache(maxsize=1)  # the same digits are asked about when they are judged and when they are laid out
def _slope(boxes: tuple[Box, ...], settings: LayoutSettings) -> float:
    height = median(b.h for b in boxes)
    x, y = np.array([box.centre for box in boxes]).T
    dx, dy = x - x[:, None], y - y[:, None]
    near = (dx > 0) & (dx <= settings.reach * height) & (np.abs(dy) <= math.tan(math.radians(settings.steepest)) * dx)
    nearest = np.where(near, np.hypot(dx, dy), np.inf).argmin(axis=1)
    found = np.flatnonzero(near.any(axis=1))
    angles = np.arctan2(dy[found, nearest[found]], dx[found, nearest[found]]).tolist()
    return median(angles) if angles else 0.0


def _line(
    digits: Sequence[Digit],
    marks: Sequence[Box],
    settings: LayoutSettings,
    slashes: Sequence[Box],
    unread: Sequence[Box],
) -> Line:
    height = median(d.box.h for d in digits)
    between = {d.box for d in digits[1:-1] if d.box in slashes and d.box.h >= height}
    groups: list[list[Digit]] = [[digits[0]]]
    marked: set[int] = set()
    for before, digit in pairwise(digits):
        gap = digit.box.x - before.box.right
        here = {len(groups) - 1}
        if gap > settings.gap * height:
            groups.append([])
            here.add(len(groups) - 1)
        groups[-1].append(digit)
        if gap <= settings.mark_gap * height and any(_is_between(m, before.box, digit.box, settings) for m in marks):
            marked |= here
    reasons = []
    for i, group in enumerate(groups):
        found = {
            MARKED: i in marked,
            SLANTED: any(d.box in between for d in group),
            UNREAD: any(_is_beside(box, d.box, height, settings) for box in unread for d in group),
        }
        reasons.append(tuple(reason for reason, holds in found.items() if holds))
    return Line(tuple(number_of(group, why, settings) for group, why in zip(groups, reasons, strict=True)))


def _is_beside(ink: Box, digit: Box, height: float, settings: LayoutSettings) -> bool:
    """Tell whether ink as high as a digit stands beside one, in its line and no further than within a number."""
    gap = columns_between(ink, digit)
    level = min(ink.bottom, digit.bottom) - max(ink.y, digit.y) >= min(ink.h, digit.h) / 2
    least, most = settings.unread
    return level and gap <= settings.gap * height and least <= ink.h / height <= most


def _is_between(mark: Box, left: Box, right: Box, settings: LayoutSettings) -> bool:
    height = (left.h + right.h) / 2
    x, y = mark.centre
    slack = settings.mark_slack * height
    beside = left.right - slack < x < right.x + slack and left.centre[0] < x < right.centre[0]
    return beside and min(left.y, right.y) - slack < y < max(left.bottom, right.bottom) + 2 * slack


def number_of(digits: Sequence[Digit], why: tuple[str, ...], settings: LayoutSettings) -> Number:
    """Return the number that some digits make, left to right, for review if there is a reason or it is not sure."""
    candidates = n_best([d.probabilities for d in digits], settings.nbest)
    confidence = math.prod(d.confidence for d in digits)
    reasons = (*((UNSURE,) if confidence < settings.target else ()), *why)
    return Number(tuple(digits), confidence, "review" if reasons else "accept", reasons, candidates)


def _with_reason(lines: Sequence[Line], reason: str) -> tuple[Line, ...]:
    """Send every number to review, for one more reason."""
    return tuple(
        Line(tuple(replace(n, status="review", reasons=(*n.reasons, reason)) for n in line.numbers)) for line in lines
    )


def n_best(probabilities: Sequence[Sequence[float]], count: int) -> tuple[tuple[str, float], ...]:
    """Return the `count` likeliest (text, probability) of digits read independently, likeliest first.

    probabilities: of each digit, the labels 0-9 first; what follows them is left out.
    """
    beam = [("", 1.0)]
    for row in probabilities:
        likeliest = [(str(i), row[i]) for i in sorted(range(10), key=row.__getitem__, reverse=True)[:count]]
        grown = [(text + label, p * q) for text, p in beam for label, q in likeliest]
        beam = sorted(grown, key=itemgetter(1), reverse=True)[:count]
    return tuple(beam)
