"""What was read, drawn onto a copy of the picture: boxes, numbers, confidence.

A number has a thin box and one label, "1958 97%", all labels of a picture equally large; only a digit that is in doubt
has a box and a confidence of its own. Letters are strokes of this project's own: OpenCV's putText draws another font in
every major version.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import median
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from realtime.canvas import Canvas, Colour, InBgr, InPlanes, Patch
from realtime.lettering import draw_text, text_width
from realtime.placing import Paper, around, under
from realtime.planes import Planes, size_of
from realtime.values import Box, Digit, Number, Reading, Rejected

# Told apart by colour-blind eyes too (Okabe and Ito), as BGR.
ACCEPTED: Final[Colour] = (115, 158, 0)
REVIEW: Final[Colour] = (0, 159, 230)
REJECTED: Final[Colour] = (150, 150, 150)
DARK: Final[Colour] = (30, 26, 24)
LIGHT: Final[Colour] = (255, 255, 255)
LEAST: Final = 9
"""Pixels of the smallest letters one can read."""
SMALLER: Final = 0.15
"""Letters become a step smaller where this share of all labels finds a better place by it."""


@dataclass(frozen=True, slots=True)
class OverlaySettings:
    """What is drawn.

    doubt: a digit less sure than this is shown by itself.
    steady: letters as large as the picture's size alone asks for, so that they keep their size from frame to frame;
    otherwise they suit the digits, and are as small as it takes for labels to lie where labels lie best.
    """

    doubt: float = 0.9
    steady: bool = False
    rejected: bool = False


STILL: Final = OverlaySettings()
MOVING: Final = OverlaySettings(steady=True)


class _Label(NamedTuple):
    """A word and, paler, a confidence, on a plate that lies at `place`."""

    word: str
    share: str
    place: Box
    colour: Colour


def draw(
    picture: NDArray[np.uint8],
    reading: Reading,
    settings: OverlaySettings = STILL,
    taken: Sequence[Box] = (),
) -> NDArray[np.uint8]:
    """Return a copy of the picture with what was read in it.

    picture: (H, W, 3) uint8 BGR, H and W at least 1.  taken: where no label may lie, for something else will.
    """
    canvas = InBgr(picture)
    _draw(canvas, size_of(picture), reading, settings, tuple(taken))
    return canvas.picture


def draw_in_planes(picture: Planes, reading: Reading, settings: OverlaySettings = STILL) -> Planes:
    """Return a copy of a picture in planes with what was read in it, or the picture where nothing was."""
    if not reading.numbers and not settings.rejected:
        return picture
    canvas = InPlanes(picture)
    _draw(canvas, size_of(picture), reading, settings, ())
    return canvas.planes


def _draw(
    canvas: Canvas, size: tuple[int, int], reading: Reading, settings: OverlaySettings, taken: tuple[Box, ...]
) -> None:
    if not reading.numbers and not settings.rejected:
        return
    height, labels = _lettered(reading, size, taken, settings)
    line = _line(height)
    for ink in reading.rejected if settings.rejected else ():
        _cross_out(canvas, size, ink, line)
    for number in reading.numbers:
        for box in _outlines(number, height, settings):
            _outline(canvas, size, box, _colour(number), line)
    for label in labels:
        at = (label.place.x, label.place.y)
        canvas.lay(_plate(label.word, label.share, label.colour, (label.place.w, label.place.h), height), at)


def _letters(size: tuple[int, int]) -> int:
    """Return the height of letters that suits a picture of `size`, in pixels."""
    return max(LEAST, round(max(size) / 56))


def _suitable(size: tuple[int, int], reading: Reading) -> list[int]:
    """Return heights of letters to try: what suits the digits, then smaller ones down to what one can still read."""
    least, most = max(LEAST, round(max(size) / 95)), max(LEAST, round(max(size) / 36))
    wanted = 0.34 * median([d.box.h for d in reading.digits] or [0])
    heights = [round(max(least, min(most, wanted)) * 0.85**step) for step in range(8)]
    return sorted({max(least, height) for height in heights}, reverse=True)


@lru_cache(maxsize=2)  # a page that lies still is read the same frame after frame
def _lettered(
    reading: Reading, size: tuple[int, int], taken: tuple[Box, ...], settings: OverlaySettings
) -> tuple[int, list[_Label]]:
    """Return the height at which the labels lie best, a larger one rather than a smaller one, and the labels."""
    heights = [_letters(size)] if settings.steady else _suitable(size, reading)
    found: list[tuple[float, int, list[_Label]]] = []
    for step, height in enumerate(heights):
        labels, astray = _labels(reading, _paper(reading, size, height, taken), height, settings)
        found.append((astray + SMALLER * step, height, labels))
        if not astray:
            break
    return min(found, key=lambda each: each[0])[1:]


def _paper(reading: Reading, size: tuple[int, int], height: int, taken: Sequence[Box]) -> Paper:
    """Return the paper that labels may take: not the digits, and better neither other numbers nor other writing."""
    middle = median([d.box.h for d in reading.digits] or [0])
    writing = [ink.box for ink in reading.rejected if 0.3 * middle <= ink.box.h <= 3 * middle]
    digits = [_digit_box(digit.box, height) for digit in reading.digits]
    return Paper(size, [*taken, *digits], [*writing, *(number.box for number in reading.numbers)])


def _labels(reading: Reading, paper: Paper, height: int, settings: OverlaySettings) -> tuple[list[_Label], float]:
    """Return all labels, and how many of them lie astray, as a share of the numbers."""
    named = [_label(number, paper, height) for number in reading.numbers]
    shares = [
        share
        for number, (_, label) in zip(reading.numbers, named, strict=True)
        for share in _shares(number, label, paper, height, settings)
    ]
    return [*shares, *(label for _, label in named)], sum(astray for astray, _ in named) / max(1, len(named))


def _label(number: Number, paper: Paper, height: int) -> tuple[int, _Label]:
    """Return how far astray the number's label lies, and the label; without its confidence if need be."""
    word, share = number.text + ("?" if number.status == "review" else ""), _percent(number.confidence)
    frame = _frame(number, height)
    if found := paper.place(around(frame, *_plate_size(word, share, height))):
        return found[0], _Label(word, share, found[1], _colour(number))
    places = [*around(frame, *_plate_size(word, "", height))]
    found = paper.place(places)
    return 3, _Label(word, "", found[1] if found else paper.squeeze(places), _colour(number))


def _shares(number: Number, label: _Label, paper: Paper, height: int, settings: OverlaySettings) -> Iterator[_Label]:
    """Yield the confidence of each doubtful digit, and of the number where its label had no room for it."""
    shown = [(_digit_box(digit.box, height), digit.confidence) for digit in _doubtful(number, settings)]
    if not label.share:
        shown.append((_frame(number, height), number.confidence))
    for box, confidence in shown:
        low = box._replace(h=_frame(number, height).bottom - box.y)
        if found := paper.place(under(low, *_plate_size("", _percent(confidence), height))):
            yield _Label("", _percent(confidence), found[1], _colour(number))


def _doubtful(number: Number, settings: OverlaySettings) -> list[Digit]:
    """Return the digits that are shown by themselves; one that is a number alone has the number's box and label."""
    return [d for d in number.digits if d.confidence < settings.doubt] if len(number.digits) > 1 else []


def _percent(share: float) -> str:
    """Return whole percent, rounded down: 100 is said only of what is certain."""
    return f"{int(share * 100 + 1e-9)}%"


def _colour(number: Number) -> Colour:
    return REVIEW if number.status == "review" else ACCEPTED


def _line(height: int) -> int:
    return max(1, round(height / 10))


def _frame(number: Number, height: int) -> Box:
    """Return the box that is drawn around a number."""
    return _grown(number.box, 2 * _line(height) + 1)


def _digit_box(box: Box, height: int) -> Box:
    return _grown(box, _line(height))


def _outlines(number: Number, height: int, settings: OverlaySettings) -> list[Box]:
    return [_frame(number, height), *(_digit_box(digit.box, height) for digit in _doubtful(number, settings))]


def _margin(height: int) -> int:
    return round(0.32 * height)


def _plate_size(word: str, share: str, height: int) -> tuple[int, int]:
    """Return (width, height) of a plate with letters of `height` pixels."""
    width = text_width(word, height) + text_width(share, height) + (_margin(height) if word and share else 0)
    return width + 2 * _margin(height), height + 2 * _margin(height)


@lru_cache(maxsize=512)  # frame after frame has the same few
def _plate(word: str, share: str, colour: Colour, size: tuple[int, int], height: int) -> Patch:
    """Return a plate of `size` (width, height) with letters of `height` pixels."""
    plate, margin = np.full((size[1], size[0], 3), colour, np.uint8), _margin(height)
    ink = LIGHT if np.dot((0.114, 0.587, 0.299), colour) < 125 else DARK  # by how bright the plate is
    draw_text(plate, word, (margin, margin), height, ink)
    at = (size[0] - margin - text_width(share, height), margin)
    draw_text(plate, share, at, height, _between(ink, colour) if word else ink)
    return Patch(plate)


def _between(ink: Colour, ground: Colour) -> Colour:
    """Return a paler ink on its ground."""
    blue, green, red = (round(0.72 * a + 0.28 * b) for a, b in zip(ink, ground, strict=True))
    return blue, green, red


def _cross_out(canvas: Canvas, size: tuple[int, int], ink: Rejected, line: int) -> None:
    box = _grown(ink.box, line)
    _outline(canvas, size, box, REJECTED, line)
    canvas.line((box.x, box.bottom - 1), (box.right - 1, box.y), REJECTED, line)


def _grown(box: Box, by: int) -> Box:
    return Box(box.x - by, box.y - by, box.w + 2 * by, box.h + 2 * by)


def _outline(canvas: Canvas, size: tuple[int, int], box: Box, colour: Colour, line: int) -> None:
    """Draw the edges of a box, `line` pixels wide; those beyond the picture's edge along it."""
    width, height = size
    left, top = max(box.x, line // 2), max(box.y, line // 2)
    right, bottom = min(box.right - 1, width - 1 - line // 2), min(box.bottom - 1, height - 1 - line // 2)
    if left <= right and top <= bottom:
        canvas.rectangle((left, top), (right, bottom), colour, line)
