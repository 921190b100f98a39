"""One failure laid open: each mistake with the ink it was made on, what the network saw, and why it was decided so."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.contract import LABELS
from realtime.attempt import Attempt
from realtime.decode import Verdict, likeness
from realtime.figures import Figure, figures, marks_of, overlap, resized
from realtime.mistakes import Kind, Pair, order_alone, pairs, written
from realtime.page import ink_in_picture
from realtime.pieces import Guess, guess
from realtime.score import Truth
from realtime.values import Box, Number, Reading

CROP: Final = 160
"""Pixels of the longer side of a piece of ink with what is around it."""
NEAR: Final = 8
"""Rejected ink is listed with a missed digit up to so many digits' heights away."""
SMALL, LIKELY = 0.25, 0.5
"""Smaller ink, as a share of the digits' height, is listed only where it is likelier a digit, or there is no other."""
MOST_NEAR, MOST_OTHERS = 5, 4


@dataclass(frozen=True, eq=False, slots=True)
class Seen:
    """One piece of ink: where it lies, what the network saw, and what was decided; `reason` is empty of a digit.

    box: pixels of the view.  crop: (h, w, 3) uint8 BGR or (h, w) gray, it and what is around it.
    ink: (h, w) uint8, the same of the ink map, 0 is stroke.
    others: how else this ink was cut out, and what the network said to that.
    """

    number: int
    label: str
    probability: float
    reason: str
    box: Box
    crop: NDArray[np.uint8]
    ink: NDArray[np.uint8]
    guess: Guess
    others: tuple[Guess, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Mistake:
    """A digit confused or read where there is none, or digits missed at one place; "" stands for none.

    within: the number it was read in, None of what was missed.
    ink: what was read; of what was missed, the rejected ink nearby, likeliest first.
    """

    kind: Kind
    wrote: str
    read: str
    within: Number | None
    ink: tuple[Seen, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Exhibit:
    """A failure: its digits and lines, its mistakes, its figures.

    wrote, read: the lines; none in `wrote` where the order of the digits does not count.
    order: how many of the edits there would not be if the order of the digits did not count.
    """

    pairs: tuple[Pair, ...]
    wrote: tuple[str, ...]
    read: tuple[str, ...]
    order: int
    mistakes: tuple[Mistake, ...]
    figures: tuple[Figure, ...]


def exhibit(item: Truth, picture: NDArray[np.uint8], reading: Reading, attempt: Attempt) -> Exhibit:
    """Return what went wrong with a picture.

    picture: (H, W, 3) uint8 BGR, upright.  reading, attempt: as `Reader.inspect` gives them for it.
    """
    read = _verdicts(reading, attempt)
    aligned = pairs(item, reading.digits)
    runs = [*_runs(aligned)]
    inks = [_near(run, aligned, read, attempt) if run[0].kind == "missed" else [read[run[0].place]] for run in runs]
    numbers = {region: n for n, region in enumerate(dict.fromkeys(v.region for ink in inks for v in ink), 1)}
    kinds = {read[pair.place].region: pair.kind for pair in aligned if pair.read}
    missed = any(pair.kind == "missed" for pair in aligned)  # it may be anywhere
    return Exhibit(
        tuple(aligned),
        _lines(item, reading),
        tuple(line.text for line in reading.lines),
        order_alone(item, reading.digits),
        tuple(_mistake(run, ink, reading, attempt, numbers) for run, ink in zip(runs, inks, strict=True)),
        figures(picture, attempt, marks_of(attempt, kinds, numbers), whole=missed),
    )


def _lines(item: Truth, reading: Reading) -> tuple[str, ...]:
    """Return the digits of each line as written; none where their order does not count."""
    loose = item.get("order") == "loose"
    return () if loose else tuple(filter(None, written(item, "".join(d.label for d in reading.digits))))


def _verdicts(reading: Reading, attempt: Attempt) -> list[Verdict]:
    """Return the verdict behind each digit of a reading, in reading order."""
    found = {v.region: attempt.regions[v.region] for v in attempt.digits}
    boxes = {i: ink_in_picture(region.box, region.ink, attempt.view) for i, region in found.items()}
    return [min(attempt.digits, key=lambda v: _apart(boxes[v.region], digit.box)) for digit in reading.digits]


def _apart(a: Box, b: Box) -> int:
    return sum(abs(x - y) for x, y in zip(a, b, strict=True))


def _runs(aligned: Sequence[Pair]) -> Iterator[list[Pair]]:
    """Yield what is not right: each digit by itself, but digits missed at one place together."""
    for (kind, _), group in groupby(aligned, key=lambda pair: (pair.kind, pair.place)):
        if kind != "right":
            yield [*group]


def _mistake(
    run: Sequence[Pair], ink: Sequence[Verdict], reading: Reading, attempt: Attempt, numbers: Mapping[int, int]
) -> Mistake:
    within = _number_of(reading, run[0].place) if run[0].read else None
    seen = tuple(_seen(verdict, attempt, numbers[verdict.region]) for verdict in ink)
    return Mistake(run[0].kind, "".join(pair.wrote for pair in run), run[0].read, within, seen)


def _number_of(reading: Reading, place: int) -> Number:
    """Return the number that holds the digit at a place in reading order."""
    return next(n for i, n in enumerate(n for n in reading.numbers for _ in n.digits) if i == place)


def _near(run: Sequence[Pair], aligned: Sequence[Pair], read: Sequence[Verdict], attempt: Attempt) -> list[Verdict]:
    """Return the rejected ink around the line in which digits were missed, likeliest first.

    The whole line, because where in it digits are missing is not always plain: of 1111 and 111, for one.
    """
    boxes = [attempt.regions[v.region].box for v in read]
    height = median([box.h for box in boxes] or [_tallest(attempt) / 2])
    places = {pair.place for pair in aligned if pair.read and pair.line == run[0].line} | {
        run[0].place - 1,
        run[0].place,
    }
    beside = [box for place, box in enumerate(boxes) if place in places]

    def away(verdict: Verdict) -> float:
        return min((_gap(attempt.regions[verdict.region].box, box) for box in beside), default=0.0) / height

    def cost(verdict: Verdict) -> float:
        small = max(0.0, 1 - attempt.regions[verdict.region].box.h / (0.6 * height))  # specks are everywhere
        return away(verdict) + 6 * small - 2 * verdict.probability

    found = [v for v in attempt.verdicts if v.reason and away(v) <= NEAR]
    worth = [v for v in found if attempt.regions[v.region].box.h >= SMALL * height or v.probability >= LIKELY]
    return sorted(worth or found, key=cost)[:MOST_NEAR]


def _tallest(attempt: Attempt) -> int:
    return max((attempt.regions[v.region].box.h for v in attempt.verdicts), default=1)


def _gap(a: Box, b: Box) -> float:
    """Return the distance between two boxes, 0 where they touch."""
    return math.hypot(max(0, a.x - b.right, b.x - a.right), max(0, a.y - b.bottom, b.y - a.bottom))


def _seen(verdict: Verdict, attempt: Attempt, number: int) -> Seen:
    region, rows = attempt.regions[verdict.region], attempt.probabilities
    return Seen(
        number,
        LABELS[verdict.label],
        verdict.probability,
        verdict.reason,
        region.box,
        _crop(attempt.view.image, region.box),
        _crop(255 - attempt.ink.contrast, region.box),
        guess(region.ink, rows[verdict.region]),
        tuple(guess(attempt.regions[i].ink, rows[i]) for i in _others(verdict.region, attempt)),
    )


def _others(region: int, attempt: Attempt) -> list[int]:
    """Return the regions that share the most ink with one and are most like a digit, no two of the same box."""
    box, scores = attempt.regions[region].box, likeness(attempt.probabilities)
    taken = {box}
    found: list[int] = []
    for i in np.argsort(-scores, kind="stable").tolist():
        other = attempt.regions[i].box
        if i != region and other not in taken and overlap(box, other) > 0.5 and scores[i] > 0.2:
            taken.add(other)
            found.append(i)
    return found[:MOST_OTHERS]


def _crop(image: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    """Return the square around a box, twice as wide as its longer side, or what the image has of it."""
    side = 2 * max(box.w, box.h)
    x, y = (round(middle - side / 2) for middle in box.centre)
    part = image[max(0, y) : y + side, max(0, x) : x + side]
    return resized(part, CROP / max(part.shape[:2]))
