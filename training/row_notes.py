"""Rows of digits as people write them: close, touching, run into each other, among marks, letters and other rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from training.augment import Ink
from training.data import REJECT
from training.forms import DIGITS, FORMS
from training.grounds import ground
from training.notes import Hand, Note, Pad, finished, new_hand, put_mark, scrawl, write_number
from training.own_strokes import any_hand
from training.rare_forms import RARE
from training.recordings import Character, Recordings
from training.sampling import Pool
from training.strokes import drawn_glyph, written

LONGEST: Final = 7
"""Digits of a row."""
_FINE: Final = 16
"""Parts of a pixel that points are rounded to."""
_JOINED: Final = ((0.0, 0.35), (0.15, 0.25), (0.5, 0.25), (0.9, 0.15))
"""How often a hand does not lift the pen between two digits, and how many hands do so."""
_FEW: Final = (0.13, 0.13)
"""How many notes have one digit, and how many have none."""
_SPACED: Final = 0.25
"""How many hands leave room between digits, as in a form or a row of exercises, .."""
_ROOM: Final = (0.3, 1.4)
""".. and how much, in heights."""


@dataclass(frozen=True, slots=True)
class Means:
    """What rows are written with: images of digits and of what is none, and recorded strokes if there are any."""

    digits: Pool
    negatives: Pool | None
    recordings: Recordings | None


def row_note(means: Means, rng: Generator) -> Note:
    """Return a note with one row of digits, or one digit, or none; all else on it is `REJECT` or `UNSURE`."""
    hand, most = new_hand(rng, 26, 62), LONGEST
    lone, blank = (bool(chance) for chance in rng.random(2) < _FEW)
    if spaced := rng.random() < _SPACED:
        room = rng.uniform(*_ROOM)
        hand, most = replace(hand, gap=(room, 0.15 * room)), min(LONGEST, int(8 / (0.7 + room)))
    size = (int(hand.height * 9), int(hand.height * rng.uniform(1.3, 2.4)))
    pad = Pad(ground(size, rng))
    foot, x = size[1] - hand.height * rng.uniform(0.1, 0.5), rng.uniform(0.02, 0.5) * hand.height
    if rng.random() < 0.22:
        _rows_beside(pad, means, hand, (x, foot), rng)
    if means.negatives is not None and blank:
        end = scrawl(pad, means.negatives, hand, (x, foot), rng, most=int(rng.choice([1, 4])))
    else:
        if means.negatives is not None and rng.random() < 0.12:
            x = scrawl(pad, means.negatives, hand, (x, foot), rng) + 0.2 * hand.height
        number = _number(1 if lone else most, rng)
        if rng.random() < 0.5:
            end = _write_strokes(pad, means.recordings, hand, (x, foot), number, spaced, rng)
        else:
            end = write_number(pad, means.digits, means.negatives, hand, (x, foot), len(number), rng)
        if means.negatives is not None and rng.random() < 0.1:
            end = scrawl(pad, means.negatives, hand, (end + 0.2 * hand.height, foot), rng)
    right = max(8, min(size[0], int(end + hand.height * rng.uniform(0.1, 0.8))))
    note = finished(pad)
    return replace(note, picture=note.picture[:, :right], owners=tuple(layer[:, :right] for layer in note.owners))


def _rows_beside(pad: Pad, means: Means, hand: Hand, at: tuple[float, float], rng: Generator) -> None:
    """Write rows above or below, or both, which reach into the row; their digits are none of it."""
    x, foot = at
    for side in ((-1,), (1,), (-1, 1))[int(rng.integers(3))]:
        place = (x + hand.height * rng.uniform(-0.5, 1), foot + side * hand.height * rng.uniform(1.05, 1.6))
        if means.negatives is None or rng.random() < 0.6:
            write_number(pad, means.digits, means.negatives, hand, place, int(rng.integers(2, LONGEST + 2)), rng)
        else:
            scrawl(pad, means.negatives, hand, place, rng)
    pad.labels[:] = [REJECT] * len(pad.labels)


def _number(most: int, rng: Generator) -> list[int]:
    """Return at most so many digits of a number: any, often 0s at its end, as amounts have, or two alike together."""
    count = int(rng.integers(min(2, most), most + 1))
    digits = [int(label) for label in rng.integers(0, 10, count)]
    chance = rng.random()
    if chance < 0.35:
        zeros = int(rng.integers(1, count + 1))
        digits[count - zeros :] = [0] * zeros
        if digits[0] == 0 and rng.random() < 0.8:
            digits[0] = int(rng.integers(1, 10))
    elif chance < 0.5 and count > 1:
        i = int(rng.integers(1, count))
        digits[i] = digits[i - 1]
    return digits


def _write_strokes(
    pad: Pad,
    recordings: Recordings | None,
    hand: Hand,
    at: tuple[float, float],
    number: Sequence[int],
    spaced: bool,
    rng: Generator,
) -> float:
    """Write a number stroke by stroke, as one person would, and return where it ends."""
    x, foot = at
    character, slant = _author(recordings, hand, rng)
    pen = max(1.0, hand.height * float(np.exp(rng.uniform(np.log(0.05), np.log(0.14)))))
    gap, zero = hand.gap if spaced else (max(-0.15, rng.normal(0.12, 0.12)), 0.07), rng.uniform(0.45, 1)
    shares, chances = zip(*_JOINED, strict=True)
    joined = 0.0 if spaced else float(rng.choice(shares, p=chances))
    row: list[tuple[int, list[NDArray[np.float64]]]] = []
    marks: list[float] = []
    for label in number:
        tall = hand.height * float(np.exp(rng.normal(0, 0.1))) * (zero if label == 0 else 1)
        strokes = _sized(character(label), tall, hand.stretch * float(np.exp(rng.normal(0, 0.05))), slant)
        right = max(float(stroke[:, 0].max()) for stroke in strokes)
        shift = np.array([x, foot + hand.height * rng.normal(0, 0.05)])
        row.append((label, [stroke + shift for stroke in strokes]))
        x += right + hand.height * rng.normal(*gap) + pen / 2
        if rng.random() < 0.08:
            marks.append(x)
            x += 0.25 * hand.height
    for i, (label, strokes) in enumerate(row):
        link = _link(strokes, row[i + 1][1], label, hand.height, rng) if i + 1 < len(row) else None
        strokes = [*strokes, link] if link is not None and rng.random() < joined else strokes
        ink, corner = _inked(strokes, pen, rng)
        pad.put(ink, corner, label, hand, rng)
    for place in [*marks, *([x] if rng.random() < 0.35 else [])]:
        put_mark(pad, hand, (place, foot), rng)
    return x


def _author(recordings: Recordings | None, hand: Hand, rng: Generator) -> tuple[Callable[[int], Character], float]:
    """Return what gives the strokes of a digit in one person's way, and the slant they still need."""
    if recordings is not None and rng.random() < 0.65:
        person = recordings.anybody(rng)

        def recorded(label: int) -> Character:
            found = person.get(label)
            while not found:
                found = recordings.anybody(rng).get(label)
            return found[int(rng.integers(len(found)))]

        return recorded, hand.slant
    own = any_hand(rng)
    forms = [(*FORMS[label].values(), *RARE[label].values()) for label in DIGITS]
    chosen = [each[int(rng.integers(len(each)))] for each in forms]

    def drawn(label: int) -> Character:
        mark = written(drawn_glyph(str(label), chosen[label]), own, rng)
        return tuple(stroke[:, :2] for stroke in mark.strokes)

    return drawn, 0.0


def _sized(strokes: Character, tall: float, stretch: float, slant: float) -> list[NDArray[np.float64]]:
    """Return strokes so many pixels high, slanted; they begin at x = 0 and stand on y = 0."""
    every = np.concatenate(strokes)
    low, high = every.min(axis=0), every.max(axis=0)
    scale = tall / max(float(high[1] - low[1]), float(high[0] - low[0]) / 1.6, 1e-3)
    placed = [(stroke - (low[0], high[1])) * (scale * stretch, scale) for stroke in strokes]
    leaning = [np.column_stack([p[:, 0] - slant * p[:, 1], p[:, 1]]) for p in placed]
    left = min(float(stroke[:, 0].min()) for stroke in leaning)
    return [stroke - (left, 0) for stroke in leaning]


def _link(
    strokes: Sequence[NDArray[np.float64]],
    after: Sequence[NDArray[np.float64]],
    label: int,
    height: float,
    rng: Generator,
) -> NDArray[np.float64] | None:
    """Return the stroke from the end of a digit to the beginning of the next; None where no hand would draw one."""
    last, begin = strokes[-1], after[0][0]
    end = last[int(last[:, 1].argmin())] if label == 0 and rng.random() < 0.5 else last[-1]
    if float(np.hypot(*(begin - end))) >= 1.3 * height or end[1] - begin[1] <= -0.6 * height:
        return None
    along = np.linspace(0, 1, 8)[:, None]
    sag = np.sin(np.pi * along) * (0, rng.normal(0.08, 0.12) * height)
    return np.asarray(end + (begin - end) * along + sag)


def _inked(strokes: Sequence[NDArray[np.float64]], pen: float, rng: Generator) -> tuple[Ink, tuple[int, int]]:
    """Return strokes drawn with a pen so many pixels wide, (h, w) uint8, and the (x, y) of its top left corner."""
    every = np.concatenate(strokes)
    low = np.floor(every.min(axis=0) - pen - 2).astype(int)
    high = np.ceil(every.max(axis=0) + pen + 3).astype(int)
    ink = np.zeros((int(high[1] - low[1]), int(high[0] - low[0])), np.uint8)
    for stroke in strokes:
        path = np.rint((np.concatenate([stroke, stroke[-1:]]) - low) * _FINE).astype(np.int32)  # a dot is two points
        cv2.polylines(ink, [path], False, 255, max(1, round(pen * rng.uniform(0.9, 1.1))), cv2.LINE_AA, 4)
    return ink, (int(low[0]), int(low[1]))
