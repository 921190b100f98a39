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
    if settings.rejected:
        for ink in reading.rejected:
            _rejected(canvas, ink, pen)
    for line in reading.lines:
        for number, room in zip(line.numbers, _room(line.numbers, picture.shape[1]), strict=True):
            _number(canvas, number, room, pen, settings)
    if hud:
        _hud(canvas, hud, pen)
    return canvas


def _pen(picture: NDArray[np.uint8]) -> _Pen:
    longest = max(picture.shape[:2])
    return _Pen(line=max(1, round(longest / 640)), letters=max(9, round(longest / 70)), largest=max(12, longest // 28))


def _room(numbers: tuple[Number, ...], width: int) -> list[int]:
    """Return for each number of a line how far its label may reach: up to the next one, or to the picture's edge."""
    starts = [n.box.x for n in numbers[1:]] + [width]
    return [max(start - number.box.x, number.box.w) for start, number in zip(starts, numbers, strict=True)]


def _number(canvas: NDArray[np.uint8], number: Number, room: int, pen: _Pen, settings: OverlaySettings) -> None:
    colour = REVIEW if number.status == "review" else ACCEPTED
    frame = _grown(number.box, 3 * pen.line + 1)
    if settings.digit_boxes and len(number.digits) > 1:
        for digit in number.digits:
            _outline(canvas, _grown(digit.box, pen.line), colour, pen.line)
    _outline(canvas, frame, colour, 2 * pen.line)
    _label(canvas, frame, number, colour, room, pen, settings.confidence)
    if settings.confidence and len(number.digits) > 1:
        for digit in number.digits:
            _share(canvas, digit.box, frame.bottom, digit.confidence, colour, pen)


def _label(
    canvas: NDArray[np.uint8], frame: Box, number: Number, colour: Colour, room: int, pen: _Pen, confidence: bool
) -> None:
    """Draw the number's plate above its frame, or below where there is no room above."""
    mark = "?" if number.status == "review" else ""
    text = number.text + mark
    full = f"{text} {_percent(number.confidence)}%" if confidence else text
    wanted = min(max(round(0.36 * number.box.h), pen.letters), pen.largest)
    if text_width(full, pen.letters) > room:
        full = text
    height = _fitting(full, wanted, pen.letters, room)
    top = frame.y - round(1.7 * height)
    if top < 0:
        top = frame.bottom
    _plate(canvas, full, frame.x, top, height, colour)


def _fitting(text: str, wanted: int, least: int, room: int) -> int:
    """Return the height of letters, at most `wanted`, at which the text fits into `room` pixels; `least` if none."""
    return next((h for h in range(wanted, least, -1) if text_width(text, h) + h <= room), least)


def _share(canvas: NDArray[np.uint8], box: Box, top: int, share: float, colour: Colour, pen: _Pen) -> None:
    """Write a digit's confidence below it, if letters one can read fit into its width."""
    text = _percent(share)
    height = _fitting(text, round(pen.letters * 1.1), 6, round(box.w * 1.15))
    if height > 6:
        left = round(box.centre[0] - (text_width(text, height) + 0.7 * height) / 2)
        _plate(canvas, text, left, top + pen.line, height, colour)


def _percent(share: float) -> str:
    """Return whole percent, rounded down: 100 is said only of what is certain."""
    return str(int(share * 100 + 1e-9))


def _plate(canvas: NDArray[np.uint8], text: str, x: int, y: int, height: int, colour: Colour) -> None:
    """Draw letters on a plate with its upper left corner at (x, y), moved as far as needed to lie in the picture."""
    margin = round(0.35 * height)
    w, h = text_width(text, height) + 2 * margin, height + 2 * margin
    x, y = max(0, min(x, canvas.shape[1] - w)), max(0, min(y, canvas.shape[0] - h))
    cv2.rectangle(canvas, (x, y), (x + w - 1, y + h - 1), colour, cv2.FILLED)
    light = 0.114 * colour[0] + 0.587 * colour[1] + 0.299 * colour[2] < 125
    draw_text(canvas, text, (x + margin, y + margin), height, LIGHT if light else DARK)


def _rejected(canvas: NDArray[np.uint8], ink: Rejected, pen: _Pen) -> None:
    box = _grown(ink.box, pen.line)
    _outline(canvas, box, REJECTED, pen.line)
    cv2.line(canvas, (box.x, box.bottom - 1), (box.right - 1, box.y), REJECTED, pen.line, cv2.LINE_AA)


def _hud(canvas: NDArray[np.uint8], text: str, pen: _Pen) -> None:
    """Darken a bar along the upper edge and write into it."""
    height = next((h for h in range(pen.letters, 5, -1) if text_width(text, h) + 2 * h <= canvas.shape[1]), 5)
    bar = canvas[: 2 * height]
    bar[:] = bar // 4
    draw_text(canvas, text, (height // 2, height // 2), height, LIGHT)


def _grown(box: Box, by: int) -> Box:
    return Box(box.x - by, box.y - by, box.w + 2 * by, box.h + 2 * by)


def _outline(canvas: NDArray[np.uint8], box: Box, colour: Colour, width: int) -> None:
    cv2.rectangle(canvas, (box.x, box.y), (box.right - 1, box.bottom - 1), colour, width, cv2.LINE_AA)
