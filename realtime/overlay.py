"""What was read, drawn onto a copy of the picture: boxes, numbers, confidence, and a bar that says how things go.

Letters are strokes of this module's own: OpenCV's putText draws another font in every major version.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.lettering import draw_text, text_width
from realtime.placing import Paper, above_or_beside, below
from realtime.values import Box, Number, Reading, Rejected

Colour = tuple[int, int, int]
# Told apart by colour-blind eyes too (Okabe and Ito), as BGR.
ACCEPTED: Final[Colour] = (115, 158, 0)
REVIEW: Final[Colour] = (0, 159, 230)
REJECTED: Final[Colour] = (150, 150, 150)
DARK: Final[Colour] = (30, 26, 24)
LIGHT: Final[Colour] = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class OverlaySettings:
    """What is drawn."""

    confidence: bool = True
    digit_boxes: bool = True
    rejected: bool = False


class _Pen(NamedTuple):
    """Sizes that suit a picture, in its pixels."""

    line: int
    letters: int
    largest: int


def draw(
    picture: NDArray[np.uint8], reading: Reading, hud: str = "", settings: OverlaySettings | None = None
) -> NDArray[np.uint8]:
    """Return a copy of the picture with what was read in it, and `hud` in a bar along its upper edge.

    picture: (H, W, 3) uint8 BGR, H and W at least 1.
    """
    settings = settings or OverlaySettings()
    canvas, pen = picture.copy(), _pen(picture)
    paper = Paper((picture.shape[1], picture.shape[0]), [_grown(d.box, pen.line) for d in reading.digits])
    if hud:
        paper.take(_hud(canvas, hud, pen))
    if settings.rejected:
        for ink in reading.rejected:
            _rejected(canvas, ink, pen)
    for number in reading.numbers:
        _boxes(canvas, number, pen, settings.digit_boxes)
    for number in reading.numbers:
        _label(canvas, number, pen, paper, settings.confidence)
    if settings.confidence:
        for number in reading.numbers:
            _shares(canvas, number, pen, paper)
    return canvas


def _pen(picture: NDArray[np.uint8]) -> _Pen:
    longest = max(picture.shape[:2])
    return _Pen(line=max(1, round(longest / 800)), letters=max(9, round(longest / 100)), largest=max(12, longest // 32))


def _colour(number: Number) -> Colour:
    return REVIEW if number.status == "review" else ACCEPTED


def _boxes(canvas: NDArray[np.uint8], number: Number, pen: _Pen, digit_boxes: bool) -> None:
    if digit_boxes and len(number.digits) > 1:
        for digit in number.digits:
            _outline(canvas, _grown(digit.box, pen.line), _colour(number), pen.line)
    _outline(canvas, _frame(number, pen), _colour(number), 2 * pen.line)


def _frame(number: Number, pen: _Pen) -> Box:
    return _grown(number.box, 3 * pen.line + 1)


def _label(canvas: NDArray[np.uint8], number: Number, pen: _Pen, paper: Paper, confidence: bool) -> None:
    """Draw the number's plate beside its frame, as large as there is room for, if need be without its confidence."""
    short = number.text + ("?" if number.status == "review" else "")
    full = f"{short} {_percent(number.confidence)}%" if confidence else short
    wanted = min(max(round(0.36 * number.box.h), pen.letters), pen.largest)
    heights = sorted(
        {wanted, round((wanted * 2 + pen.letters) / 3), round((wanted + pen.letters * 2) / 3), pen.letters}
    )
    tries = [(text, height) for text in (full, short) for height in reversed(heights)]
    best, plate = paper.place(_frame(number, pen), [_plate_size(*t) for t in tries], above_or_beside)
    _plate(canvas, *tries[best], plate, _colour(number))


def _shares(canvas: NDArray[np.uint8], number: Number, pen: _Pen, paper: Paper) -> None:
    """Write the confidence of each digit below it, where letters one can read fit and cover nothing."""
    for digit in number.digits if len(number.digits) > 1 else ():
        text = _percent(digit.confidence)
        height = next((h for h in range(pen.letters, 6, -1) if _plate_size(text, h)[0] <= 1.15 * digit.box.w), 0)
        under = digit.box._replace(h=_frame(number, pen).bottom - digit.box.y)
        place = next(below(under, *_plate_size(text, height)))
        if height and paper.covered(place) == 0:
            paper.take(place)
            _plate(canvas, text, height, place, _colour(number))


def _percent(share: float) -> str:
    """Return whole percent, rounded down: 100 is said only of what is certain."""
    return str(int(share * 100 + 1e-9))


def _plate_size(text: str, height: int) -> tuple[int, int]:
    """Return (width, height) of a plate with letters of `height` pixels."""
    margin = round(0.3 * height)
    return text_width(text, height) + 2 * margin, height + 2 * margin


def _plate(canvas: NDArray[np.uint8], text: str, height: int, place: Box, colour: Colour) -> None:
    """Draw letters of `height` pixels on a plate, moved as far as needed to lie in the picture."""
    margin = round(0.3 * height)
    x = max(0, min(place.x, canvas.shape[1] - place.w))
    y = max(0, min(place.y, canvas.shape[0] - place.h))
    cv2.rectangle(canvas, (x, y), (x + place.w - 1, y + place.h - 1), colour, cv2.FILLED)
    light = 0.114 * colour[0] + 0.587 * colour[1] + 0.299 * colour[2] < 125
    draw_text(canvas, text, (x + margin, y + margin), height, LIGHT if light else DARK)


def _rejected(canvas: NDArray[np.uint8], ink: Rejected, pen: _Pen) -> None:
    box = _grown(ink.box, pen.line)
    _outline(canvas, box, REJECTED, pen.line)
    cv2.line(canvas, (box.x, box.bottom - 1), (box.right - 1, box.y), REJECTED, pen.line, cv2.LINE_AA)


def _hud(canvas: NDArray[np.uint8], text: str, pen: _Pen) -> Box:
    """Darken a bar along the upper edge, write into it, and return it."""
    width = canvas.shape[1]
    height = next((h for h in range(round(1.3 * pen.letters), 5, -1) if text_width(text, h) + 2 * h <= width), 5)
    bar = canvas[: 2 * height]
    bar[:] = bar // 4
    draw_text(canvas, text, (height // 2, height // 2), height, LIGHT)
    return Box(0, 0, width, 2 * height)


def _grown(box: Box, by: int) -> Box:
    return Box(box.x - by, box.y - by, box.w + 2 * by, box.h + 2 * by)


def _outline(canvas: NDArray[np.uint8], box: Box, colour: Colour, width: int) -> None:
    cv2.rectangle(canvas, (box.x, box.y), (box.right - 1, box.bottom - 1), colour, width)
