"""What the live window says beside the picture: bars, panels, notices, at the scale of the window, not the frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.contract import NOT_A_DIGIT
from realtime.canvas import Colour
from realtime.controls import HELP
from realtime.lettering import draw_text, text_width
from realtime.overlay import ACCEPTED, DARK, LEAST, LIGHT, REVIEW
from realtime.pieces import Guess, Piece, guess
from realtime.values import Box

Canvas = NDArray[np.uint8]
PALE: Final[Colour] = (178, 172, 168)
RED: Final[Colour] = (60, 60, 235)
KEY: Final[Colour] = (233, 180, 86)
LARGEST: Final = 22
"""Pixels of the largest letters of a bar."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the bar tells: rate of pictures, age of this one when it is drawn (None of a file), and where time goes.

    age, read, draw: seconds.
    """

    fps: float
    age: float | None
    read: float
    draw: float
    digits: int
    source: str
    model: str


def letters(canvas: Canvas) -> int:
    """Return the height of letters that suits a window, in pixels."""
    height, width = canvas.shape[:2]
    return int(max(LEAST, min(LARGEST, round(min(width / 80, height / 48)))))


def bar(canvas: Canvas, bottom: bool = False) -> Box:
    """Return where the bar along the upper (or lower) edge lies."""
    height, width = canvas.shape[:2]
    high = min(height, round(2.4 * letters(canvas)))
    return Box(0, height - high if bottom else 0, width, high)


def shade(canvas: Canvas, box: Box, share: float = 0.76) -> None:
    """Darken a box of the canvas; its picture stays to be guessed."""
    part = canvas[max(0, box.y) : max(0, box.bottom), max(0, box.x) : max(0, box.right)]
    part[:] = cv2.addWeighted(part, 1 - share, np.full_like(part, DARK), share, 0) if part.size else part


def draw_figures(canvas: Canvas, figures: Figures, recording: bool) -> None:
    """Draw the bar along the upper edge; what does not fit is left out, the least important first."""
    at, high = bar(canvas), letters(canvas)
    shade(canvas, at)
    top = at.y + (at.h - high) // 2
    ending = at.right - high
    for word, colour in (("h help", PALE), *((("rec", LIGHT),) if recording else ())):
        ending -= text_width(word, high)
        draw_text(canvas, word, (ending, top), high, colour)
        ending -= high
    if recording:
        cv2.circle(canvas, (ending, at.y + at.h // 2), round(0.45 * high), RED, cv2.FILLED, cv2.LINE_AA)
        ending -= 2 * high
    x = high
    for value, unit in _fitting(_told(figures), high, ending - high):
        draw_text(canvas, value, (x, top), high, LIGHT)
        x += text_width(value, high) + (round(0.35 * high) if unit else 0)
        draw_text(canvas, unit, (x, top), high, PALE)
        x += text_width(unit, high) + round(1.3 * high)


def _told(figures: Figures) -> list[tuple[int, str, str]]:
    """Return (rank, value, unit) of each figure, left to right; the highest ranks are left out first."""
    age = [] if figures.age is None else [(1, _ms(figures.age), "ms old")]
    return [
        (0, f"{figures.fps:.1f}", "fps"),
        *age,
        (3, _ms(figures.read), "ms read"),
        (4, _ms(figures.draw), "ms draw"),
        (2, str(figures.digits), "digit" if figures.digits == 1 else "digits"),
        (5, figures.source, ""),
        (6, figures.model, ""),
    ]


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.0f}"


def _fitting(told: Sequence[tuple[int, str, str]], high: int, width: int) -> Iterator[tuple[str, str]]:
    """Yield (value, unit) of what fits into a width, in its order."""
    kept: list[int] = []
    room = float(width)
    for rank, value, unit in sorted(told):
        room -= text_width(value, high) + text_width(unit, high) + 1.65 * high
        if room >= -1.3 * high:  # the last has no gap after it
            kept.append(rank)
    return ((value, unit) for rank, value, unit in told if rank in kept)


def draw_status(canvas: Canvas, text: str) -> None:
    """Draw a bar along the lower edge with a text, in smaller letters where it would not fit."""
    at, high = bar(canvas, bottom=True), letters(canvas)
    shade(canvas, at)
    high = fitting(text, high, at.w - 2 * high)
    draw_text(canvas, text, (letters(canvas), at.y + (at.h - high) // 2), high, LIGHT)


def fitting(text: str, high: int, width: int) -> int:
    """Return the height of letters, at most `high`, at which a text is no wider than `width` pixels; at least 5."""
    return next((h for h in range(high, 5, -1) if text_width(text, h) <= width), 5)


def draw_notice(canvas: Canvas, text: str) -> None:
    """Dim everything, and say one thing in the middle."""
    height, width = canvas.shape[:2]
    shade(canvas, Box(0, 0, width, height), 0.6)
    high = fitting(text, round(1.5 * letters(canvas)), round(0.8 * width))
    wide = text_width(text, high) + 4 * high
    panel = Box((width - wide) // 2, height // 2 - 2 * high, wide, 4 * high)
    shade(canvas, panel, 0.85)
    cv2.circle(canvas, (panel.x + round(1.4 * high), height // 2), round(0.45 * high), REVIEW, cv2.FILLED, cv2.LINE_AA)
    draw_text(canvas, text, (panel.x + round(2.5 * high), height // 2 - high // 2), high, LIGHT)


def draw_help(canvas: Canvas) -> None:
    """List every key, in the middle."""
    height, width = canvas.shape[:2]
    longest = max(text_width(what, 100) for _, what in HELP) / 100
    high = max(5, min(LARGEST, int(0.9 * width / (longest + 9)), int(0.8 * height / (2 * len(HELP) + 2))))
    wide, tall = round((longest + 8) * high), (2 * len(HELP) + 2) * high
    panel = Box((width - wide) // 2, (height - tall) // 2, wide, tall)
    shade(canvas, panel, 0.88)
    for row, (key, what) in enumerate(HELP):
        y = panel.y + round((1.5 + 2 * row) * high)
        draw_text(canvas, key, (panel.x + round(1.5 * high), y), high, KEY)
        draw_text(canvas, what, (panel.x + round(6.8 * high), y), high, LIGHT)


def draw_explanation(canvas: Canvas, piece: Piece, at: Box) -> None:
    """Show what the network saw of a piece of ink, which is seen in the window `at`, and what it took it for."""
    high = letters(canvas)
    seen = guess(piece.ink, piece.probabilities)
    side = 28 * max(3, round(0.42 * high))
    decided = piece.reason or f"read as {piece.label}, {int(100 * piece.confidence)}%"
    told = [*_wrapped(decided, high, side)]
    panel = _beside(canvas, at, side + 2 * high, side + round((8.2 + 1.6 * len(told)) * high))
    shade(canvas, panel, 0.88)
    _outline(canvas, at, LIGHT)
    x, y = panel.x + high, panel.y + high
    glyph = cv2.resize(seen.glyph, (side, side), interpolation=cv2.INTER_NEAREST)
    part = canvas[y : y + side, x : x + side]
    part[:] = glyph[: part.shape[0], : part.shape[1], None]
    cv2.rectangle(canvas, (x, y), (x + side - 1, y + side - 1), PALE, 1)
    for row, text in enumerate(told):
        colour = REVIEW if piece.reason else LIGHT
        draw_text(canvas, text, (x, y + side + round((0.8 + 1.6 * row) * high)), high, colour)
    _likeliest(canvas, seen, Box(x, y + side + round((1.3 + 1.6 * len(told)) * high), side, 6 * high), high)


def _likeliest(canvas: Canvas, seen: Guess, at: Box, high: int) -> None:
    """Draw a row for each of the likeliest labels: the label, a bar, the share."""
    for row, (label, share) in enumerate(seen.top):
        y = at.y + 2 * row * high
        draw_text(canvas, "no" if label == NOT_A_DIGIT else label, (at.x, y), high, LIGHT)
        left, right = at.x + round(2.2 * high), at.right - text_width("00.0%", high)
        track = Box(left, y + high // 4, max(1, right - left - high // 2), max(1, high // 2))
        _filled(canvas, track, (70, 64, 60))
        _filled(canvas, track._replace(w=round(share * track.w)), ACCEPTED)
        told = f"{100 * share:.1f}%" if share < 0.9995 else "100%"
        draw_text(canvas, told, (at.right - text_width(told, high), y), high, PALE)


def _beside(canvas: Canvas, at: Box, wide: int, tall: int) -> Box:
    """Return a place for a panel: at the lower right, or the lower left where it would hide what it explains."""
    height, width = canvas.shape[:2]
    y = max(0, min(bar(canvas, bottom=True).y - letters(canvas), height) - tall)
    right = Box(width - wide - letters(canvas), y, wide, tall)
    hides = at.right > right.x and at.bottom > right.y
    return right._replace(x=letters(canvas)) if hides else right


def _wrapped(text: str, high: int, width: int) -> Iterator[str]:
    """Yield the lines of a text that are no wider than `width` pixels, as far as its words allow."""
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and text_width(longer, high) > width:
            yield line
            longer = word
        line = longer
    if line:
        yield line


def draw_picked(canvas: Canvas, at: Box, label: str | None) -> None:
    """Mark the piece of ink that is to be corrected, or with a label one that was."""
    _outline(canvas, at, KEY if label else LIGHT)
    if label:
        high = letters(canvas)
        text = "no digit" if label == NOT_A_DIGIT else label
        plate = Box(at.x - 3, at.bottom + 3, text_width(text, high) + high, 2 * high)
        _filled(canvas, plate, KEY)
        draw_text(canvas, text, (plate.x + high // 2, plate.y + high // 2), high, DARK)


def _outline(canvas: Canvas, at: Box, colour: Colour) -> None:
    """Draw a box around `at` that is seen on light and on dark ground."""
    for by, width, shown in ((3, 4, DARK), (3, 2, colour)):
        cv2.rectangle(canvas, (at.x - by, at.y - by), (at.right + by - 1, at.bottom + by - 1), shown, width)


def _filled(canvas: Canvas, at: Box, colour: Colour) -> None:
    if at.w > 0 and at.h > 0:
        cv2.rectangle(canvas, (at.x, at.y), (at.right - 1, at.bottom - 1), colour, cv2.FILLED)
