"""Rows of digits as the reader shows them to the row network, with the place of each digit in them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.rows import HEIGHT, STRIDE
from realtime.ink import InkMap, InkSettings, find_ink
from realtime.layout import LayoutSettings, find_slope
from realtime.row_view import draw_row, full_ink, place_row
from realtime.ruling import RulingSettings, remove_ruling
from realtime.values import Box
from training.data import REJECT
from training.notes import UNSURE
from training.row_notes import Means, row_note
from training.snapshots import Photo, photographed

LARGER: Final = 1.5
"""How many times larger than it is shown a row is stored, so that it stays sharp when it is bent."""
STORED: Final = (448, round(LARGER * HEIGHT))
"""Width and height of a stored row; longer ones are left out."""
MOST: Final = 12
"""Digits of a row, at most."""
WHOLE: Final = 0.75
"""Share of its ink that must be seen of every digit."""
CLEAR: Final = 3.0
"""Ink that stands out from the paper's grain by less times as much is left out."""
NONE: Final = REJECT


@dataclass(frozen=True, eq=False, slots=True)
class Rows:
    """Stored rows.

    images: (n, *STORED[::-1]) uint8, 255 full ink.  labels: (n, MOST) int8 digits from the left, then -1.
    sides: (n, MOST, 2) float32, x of each digit's left and right side.  wide: (n,) int16, pixels that are shown.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int8]
    sides: NDArray[np.float32]
    wide: NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.wide)

    @classmethod
    def empty(cls, count: int) -> Rows:
        """Return so many rows with nothing in them."""
        return cls(
            np.zeros((count, *STORED[::-1]), np.uint8),
            np.full((count, MOST), -1, np.int8),
            np.zeros((count, MOST, 2), np.float32),
            np.zeros(count, np.int16),
        )

    def texts(self) -> list[str]:
        """Return the digits of each row."""
        return ["".join(str(label) for label in row if label >= 0) for row in self.labels.tolist()]


def joined_rows(parts: list[Rows]) -> Rows:
    """Return rows one after the other; there is at least one part."""
    return Rows(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Rows)))


def draw_rows(means: Means, seed: tuple[int, ...], count: int, partly: float = 0.3) -> Rows:
    """Return `count` rows, so many of them of which only some digits are known; the same seed gives the same rows."""
    rng, rows, done = np.random.default_rng(seed), Rows.empty(count), 0
    while done < count:
        done += _put(photographed(row_note(means, rng), rng), rows, done, partly, rng)
    return rows


def _put(photo: Photo, rows: Rows, index: int, partly: float, rng: Generator) -> bool:
    """Put the row of a photograph at an index, if all its digits are seen well enough and nothing may be one or not."""
    if UNSURE in photo.labels:
        return False
    found = find_ink(photo.picture, InkSettings())[0]
    ink = remove_ruling(found, RulingSettings()) if rng.random() < 0.85 else found
    marks = _marks(photo)
    digits = sorted((m for m in marks if m.label != REJECT), key=lambda m: m.box.centre[0])
    written = sum(label != REJECT for label in photo.labels)
    if len(digits) < written or not all(m.whole for m in digits) or not len(marks) > 0 or len(digits) > MOST:
        return False
    known = [m.box for m in _known(digits, partly, rng)] or _taken_for_digits(marks, rng)
    place, full = place_row(known, find_slope(known, LayoutSettings())), full_ink(ink.contrast, known)
    wide = round(LARGER * place.wide)
    if wide > STORED[0] or place.height < 10 or full < CLEAR * ink.noise:
        return False
    rows.images[index] = _drawn(ink, LARGER * place.to_row, full, wide)
    rows.wide[index] = wide
    count = 0
    for mark in digits:
        middle = LARGER * place.along(*mark.box.centre)
        half = LARGER * place.scale * mark.box.w / 2
        if middle + half > 0 and middle - half < wide:
            rows.labels[index, count], rows.sides[index, count] = mark.label, (middle - half, middle + half)
            count += 1
    return True


@dataclass(frozen=True, slots=True)
class _Mark:
    """What lies in a photograph: its label, the box of its ink, and whether enough of it is seen."""

    label: int
    box: Box
    whole: bool


def _marks(photo: Photo) -> list[_Mark]:
    found = []
    for layer in photo.owners:
        for number in np.unique(layer).tolist():
            if number:
                own = (layer == number).view(np.uint8)
                seen = int(np.count_nonzero(own)) >= WHOLE * photo.areas[number]
                found.append(_Mark(photo.labels[number - 1], Box(*cv2.boundingRect(own)), seen))
    return found


def _known(digits: list[_Mark], partly: float, rng: Generator) -> list[_Mark]:
    """Return the digits that are known when the row is looked at: all, or some of them side by side."""
    if len(digits) < 3 or rng.random() >= partly:
        return digits
    first = int(rng.integers(0, len(digits) - 1))
    return digits[first : int(rng.integers(first + 2, len(digits) + 1))]


def _taken_for_digits(marks: list[_Mark], rng: Generator) -> list[Box]:
    """Return where a reader may have seen digits where there are none: in one mark or all, in half of them a part."""
    some = [marks[int(rng.integers(len(marks)))]] if rng.random() < 0.5 else marks
    return [_a_part(mark.box, rng) if rng.random() < 0.5 else mark.box for mark in some]


def _a_part(box: Box, rng: Generator) -> Box:
    w, h = max(1, round(box.w * rng.uniform(0.3, 1))), max(1, round(box.h * rng.uniform(0.7, 1)))
    return Box(box.x + int(rng.integers(box.w - w + 1)), box.y + int(rng.integers(box.h - h + 1)), w, h)


def _drawn(ink: InkMap, to_row: NDArray[np.float64], full: float, wide: int) -> NDArray[np.uint8]:
    image = draw_row(ink.contrast, to_row, STORED, full)
    image[:, wide:] = 0
    return image


@dataclass(frozen=True, slots=True)
class Jitter:
    """How unlike the stored rows those that are learned from are; deviations, sizes in logarithms or pixels shown."""

    size: float = 0.12
    width: float = 0.12
    lift: float = 1.2
    lean: float = 0.12
    strength: float = 0.15
    gamma: float = 0.25
    grain: float = 0.06


NO_JITTER: Final = Jitter(0, 0, 0, 0, 0, 0, 0)
PURE: Final = 0.18
"""Shares of a digit's width about its middle: up to here it is to be found, up to `BESIDE` either answer is right."""
BESIDE: Final = 0.42


def shown(
    rows: Rows, chosen: NDArray[np.int64], rng: Generator, jitter: Jitter
) -> tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.float32]]:
    """Return chosen rows as the network is shown them: images (n, HEIGHT, w, 1) float32 in 0..1, steps, weights.

    steps: (n, w / STRIDE) int32, what is to be answered at each step.  weights: of the same shape, 0 where any answer
    is right.
    """
    places = [_jittered(int(rows.wide[i]), rng, jitter) for i in chosen.tolist()]
    wide = max(_wide(int(rows.wide[i]), place) for i, place in zip(chosen.tolist(), places, strict=True))
    images = np.zeros((len(chosen), HEIGHT, wide, 1), np.float32)
    steps = np.full((len(chosen), wide // STRIDE), NONE, np.int32)
    weights = np.ones(steps.shape, np.float32)
    for k, (i, place) in enumerate(zip(chosen.tolist(), places, strict=True)):
        image = cv2.warpAffine(rows.images[i], place, (wide, HEIGHT), flags=cv2.INTER_LINEAR)
        images[k, :, :, 0] = _toned(np.asarray(image / np.float32(255), np.float32), rng, jitter)
        count = int((rows.labels[i] >= 0).sum())
        sides = rows.sides[i, :count] * place[0, 0] + place[0, 2]
        _teach(rows.labels[i, :count], sides, _wide(int(rows.wide[i]), place), steps[k], weights[k])
    return images, steps, weights


def _wide(stored: int, place: NDArray[np.float64]) -> int:
    """Return how wide a row is shown, a multiple of 32: networks are quicker on few widths."""
    return 32 * int(np.ceil((stored * place[0, 0] + place[0, 2]) / 32))


def _jittered(wide: int, rng: Generator, jitter: Jitter) -> NDArray[np.float64]:
    """Return (2, 3) float64, from a stored row to the one that is shown."""
    size = np.exp(rng.normal(0, jitter.size)) / LARGER
    across = size * np.exp(rng.normal(0, jitter.width))
    lean = size * rng.normal(0, jitter.lean)
    middle = STORED[1] / 2
    left = rng.uniform(0, 10) if jitter.width else 0.0
    across = min(across, (STORED[0] / LARGER - left) / wide)
    return np.array(
        [(across, -lean, left + lean * middle), (0, size, HEIGHT / 2 - size * middle + rng.normal(0, jitter.lift))]
    )


def _toned(image: NDArray[np.float32], rng: Generator, jitter: Jitter) -> NDArray[np.float32]:
    if not jitter.gamma:
        return image
    gamma, gain = np.exp(rng.normal(0, jitter.gamma)), np.exp(rng.normal(0, jitter.strength))
    toned = image ** np.float32(gamma) * np.float32(gain)
    if rng.random() < 0.3:
        toned += rng.standard_normal(image.shape, np.float32) * np.float32(jitter.grain)
    return np.asarray(np.clip(toned, 0, 1), np.float32)


def _teach(
    labels: NDArray[np.int8],
    sides: NDArray[np.float32],
    wide: int,
    steps: NDArray[np.int32],
    weights: NDArray[np.float32],
) -> None:
    """Write what is to be answered at each step of a row.

    Of a digit that is cut off where the row ends any answer is right.
    """
    if not len(labels):
        return
    middles = sides.mean(axis=1) / STRIDE - 0.5
    widths = (sides[:, 1] - sides[:, 0]) / STRIDE
    columns = np.arange(len(steps))
    apart = np.abs(columns[:, None] - middles[None])
    nearest = apart.argmin(axis=1)
    near, width = apart[columns, nearest], widths[nearest]
    inside, around = np.maximum(0.75, PURE * width), np.maximum(1.5, BESIDE * width)
    steps[:] = np.where(near <= inside, labels[nearest], NONE)
    weights[:] = np.where((near > inside) & (near < around), 0, 1)
    for k in np.flatnonzero(labels[1:] == labels[:-1]).tolist():  # two alike are told apart by what is between them
        between = round(float(middles[k] + middles[k + 1]) / 2)
        if 0 <= between < len(steps):
            steps[between], weights[between] = NONE, 1
    for left, right in sides.tolist():
        cut = min(right, wide) - max(left, 0)
        if cut < 0.8 * (right - left):
            first, end = max(0, int(left // STRIDE)), max(0, int(np.ceil(right / STRIDE)))
            weights[first:end] = 0
