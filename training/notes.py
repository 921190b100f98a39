"""Notes: numbers in many hands and pens on all kinds of paper, with the place of every digit's ink."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from training.augment import Ink, elastic, resized, trim
from training.data import REJECT
from training.grounds import Field, ground
from training.haste import hasty
from training.nondigits import drawn
from training.sampling import Pool

UNSURE: Final = -1
"""What a mark is that may rightly be taken for a digit: never learned from, one way or the other."""
INKED: Final = 110
"""Ink from here on, 0..255, belongs to its mark."""
LAYERS: Final = 2
"""Neighbours lie in different layers, so that where they overlap the ink of both is known."""


@dataclass(frozen=True, eq=False, slots=True)
class Note:
    """A flat note.

    picture: (h, w, 3) uint8 BGR.  owners: (h, w) uint16 layers: the number of the mark whose ink lies there, 0 is none.
    labels: of mark 1, 2, ...: a digit, `REJECT`, or `UNSURE`.  areas: pixels of its ink, lost and hidden ones included.
    """

    picture: NDArray[np.uint8]
    owners: tuple[NDArray[np.uint16], ...]
    labels: tuple[int, ...]
    areas: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Hand:
    """How one number is written.

    height: of a digit, pixels.  slant, stretch: of all its digits.  gap: between digits, in heights, and how much it
    varies.  grow: -1 thinner, 0, 1, 2 wider strokes.  colour: BGR.  cover, grain: as of `training.paper.Ink`.
    """

    height: float
    slant: float
    stretch: float
    gap: tuple[float, float]
    grow: int
    colour: tuple[float, float, float]
    cover: float
    grain: float


class Pad:
    """A note being made. picture: (h, w, 3) float32 BGR."""

    def __init__(self, picture: Field) -> None:
        self.picture = picture
        self.owners = [np.zeros(picture.shape[:2], np.uint16) for _ in range(LAYERS)]
        self.labels: list[int] = []
        self.areas: list[int] = []

    def put(self, ink: Ink, at: tuple[int, int], label: int, hand: Hand, rng: Generator) -> None:
        """Lay the ink down with its top left corner at (x, y); what lies beyond the sheet is lost."""
        x, y = at
        h, w = self.picture.shape[:2]
        left, top, right, bottom = max(x, 0), max(y, 0), min(x + ink.shape[1], w), min(y + ink.shape[0], h)
        self.labels.append(label)
        self.areas.append(int(np.count_nonzero(ink > INKED)))
        if left >= right or top >= bottom:
            return
        place = (slice(top, bottom), slice(left, right))
        part = ink[top - y : bottom - y, left - x : right - x]
        tooth = 1 + hand.grain * rng.standard_normal(part.shape, np.float32)
        cover = np.clip(part * np.float32(hand.cover / 255) * tooth, 0, 1)[:, :, None]
        self.picture[place] += (np.asarray(hand.colour, np.float32) - self.picture[place]) * cover
        self.owners[len(self.labels) % LAYERS][place][part > INKED] = len(self.labels)


def strip(digits: Pool, negatives: Pool | None, rng: Generator) -> Note:
    """Return one number that fills its picture, as the amount of a cheque does."""
    hand = new_hand(rng, 26, 62)
    count = int(rng.integers(2, 8))
    wide = 0.75 * count * hand.stretch + rng.uniform(0.1, 1.6)
    size = (int(hand.height * wide), int(hand.height * rng.uniform(1.05, 1.9)))
    sheet = Pad(ground(size, rng))
    foot = size[1] - hand.height * rng.uniform(0.02, 0.3)
    write_number(sheet, digits, negatives, hand, (rng.uniform(0, 0.3) * hand.height, foot), count, rng)
    return finished(sheet)


def page(digits: Pool, negatives: Pool | None, rng: Generator) -> Note:
    """Return a small sheet with rows of numbers, and here and there other writing."""
    size = (int(rng.integers(260, 520)), int(rng.integers(200, 400)))
    sheet, foot = Pad(ground(size, rng)), rng.uniform(30, 70)
    while foot < size[1] - 6:
        hand = new_hand(rng, 22, min(90, size[1] / 2))
        foot += hand.height * rng.uniform(0.9, 1.3)
        x = rng.uniform(4, 60)
        while x < size[0] - hand.height:
            count = int(rng.integers(1, 6))
            if negatives is not None and rng.random() < 0.3:
                x = scrawl(sheet, negatives, hand, (x, foot), rng)
            else:
                x = write_number(sheet, digits, negatives, hand, (x, foot), count, rng)
            x += hand.height * rng.uniform(0.5, 2)
        foot += hand.height * rng.uniform(0.1, 0.8)
    return finished(sheet)


def finished(sheet: Pad) -> Note:
    """Return the note as it is now."""
    picture = np.asarray(np.clip(sheet.picture, 0, 255), np.uint8)
    return Note(picture, tuple(sheet.owners), tuple(sheet.labels), tuple(sheet.areas))


def new_hand(rng: Generator, lowest: float, highest: float) -> Hand:
    """Return a way to write a number: pencil, ballpoint or marker, close or wide, upright or leaning."""
    pale = rng.random() < 0.25
    dark = rng.uniform(15, 90)
    return Hand(
        height=lowest * (highest / lowest) ** rng.random(),
        slant=float(np.clip(rng.normal(0.08, 0.18), -0.3, 0.65)),
        stretch=float(np.exp(rng.normal(0, 0.16))),
        gap=(float(rng.normal(0.1, 0.1)), 0.09),
        grow=int(rng.choice([-1, 0, 1, 2], p=[0.2, 0.45, 0.25, 0.1])),
        colour=tuple((dark * rng.uniform(0.6, 1.5, 3)).tolist()),
        cover=float(rng.uniform(0.3, 0.65) if pale else rng.uniform(0.65, 0.98)),
        grain=float(rng.uniform(0.1, 0.4) if pale else rng.uniform(0.02, 0.2)),
    )


def write_number(
    sheet: Pad,
    digits: Pool,
    negatives: Pool | None,
    hand: Hand,
    at: tuple[float, float],
    count: int,
    rng: Generator,
) -> float:
    """Write a number from (x, foot) on and return where it ends; now and then with a point, comma or dash in it."""
    x, foot = at
    for i in range(count):
        ink, label = digits.pick(rng)
        tall = hand.height * float(np.exp(rng.normal(0, 0.13))) * (rng.uniform(0.5, 1) if label == 0 else 1)
        shape = written(hasty(ink, label, rng), tall, hand, rng)
        top = foot - shape.shape[0] + hand.height * rng.normal(0, 0.06)
        sheet.put(shape, (round(x), round(top)), label, hand, rng)
        x += shape.shape[1] + hand.height * rng.normal(*hand.gap)
        if rng.random() < (0.14 if i + 1 < count else 0.35):
            x = put_mark(sheet, hand, (x, foot), rng)
    return x


def put_mark(sheet: Pad, hand: Hand, at: tuple[float, float], rng: Generator) -> float:
    """Put a point, comma, dash, double dash, plus or slash; a slash may rightly be taken for a 1."""
    x, foot = at
    h = hand.height
    kinds: dict[str, list[tuple[tuple[float, float], tuple[float, float]]]] = {
        "point": [((0.1, 0.92), (0.12, 0.95))],
        "comma": [((0.16, 0.88), (0.05, 1.12))],
        "dash": [((0.05, 0.55), (0.6, 0.5))],
        "double dash": [((0.05, 0.45), (0.6, 0.42)), ((0.05, 0.7), (0.6, 0.66))],
        "plus": [((0.05, 0.55), (0.6, 0.53)), ((0.33, 0.25), (0.31, 0.82))],
        "slash": [((0.5, 0.0), (0.05, 1.05))],
        "colon": [((0.1, 0.4), (0.12, 0.42)), ((0.1, 0.9), (0.12, 0.92))],
    }
    name = str(rng.choice(list(kinds), p=[0.3, 0.14, 0.18, 0.1, 0.14, 0.06, 0.08]))
    wide = int(0.75 * h) + 8
    ink, pen = np.zeros((int(1.3 * h) + 8, wide), np.uint8), max(2, round(h * rng.uniform(0.06, 0.13)))
    for stroke in kinds[name]:
        ends = (np.array(stroke) + rng.normal(0, 0.04, (2, 2))) * h + 4
        (a, b), (c, d) = np.rint(ends * 16).astype(int).tolist()
        cv2.line(ink, (a, b), (c, d), 255, pen, cv2.LINE_AA, 4)
    sheet.put(ink, (round(x), round(foot - h - 4)), UNSURE if name == "slash" else REJECT, hand, rng)
    return x + h * float({"point": 0.25, "comma": 0.3, "colon": 0.3}.get(name, 0.75)) * rng.uniform(0.6, 1.3)


def scrawl(sheet: Pad, negatives: Pool, hand: Hand, at: tuple[float, float], rng: Generator, most: int = 4) -> float:
    """Put a few letters, a word or a scribble, at most so many, and return where they end."""
    x, foot = at
    for _ in range(int(rng.integers(1, most + 1))):
        ink = negatives.pick(rng)[0] if rng.random() < 0.7 else drawn(rng)
        if not ink.any():
            continue
        shape = written(ink, hand.height * rng.uniform(0.6, 1.1), hand, rng)
        sheet.put(shape, (round(x), round(foot - shape.shape[0])), REJECT, hand, rng)
        x += shape.shape[1] + hand.height * rng.normal(hand.gap[0] + 0.1, hand.gap[1])
    return x


def written(ink: Ink, height: float, hand: Hand, rng: Generator) -> Ink:
    """Return the ink so many pixels high, in the hand's slant, width and pen; a little different every time."""
    body = trim(ink)
    side = height / body.shape[0]
    body = resized(body, min(side, 2.5 * height / body.shape[1]), hand.stretch * float(np.exp(rng.normal(0, 0.07))))
    shape = trim(elastic(body, hand.slant + rng.normal(0, 0.05), rng))
    if hand.grow < 0:
        thin = cv2.erode(shape, _CROSS)
        return np.asarray(thin if int(thin.sum()) > 0.45 * int(shape.sum()) else shape, np.uint8)
    if hand.grow == 0 or height < 20 * hand.grow:
        return shape
    return np.asarray(cv2.dilate(shape, _CROSS if hand.grow == 1 else _SQUARE), np.uint8)


_CROSS: Final = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
_SQUARE: Final = np.ones((3, 3), np.uint8)
