"""Letters as strokes: text that looks the same with every version of OpenCV, at every size, without a font file."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

# Each glyph: strokes of points "xy" on a grid 4 wide and 6 high, origin top left; ~ before a stroke rounds its corners.
_GLYPHS: Final[dict[str, str]] = {
    "0": "~20 00 03 06 26 46 43 40 20",
    "1": "12 20 26",
    "2": "~02 00 20 40 41 43 16 06|06 46",
    "3": "~01 00 20 40 42 33 13|~13 33 44 46 26 06 05",
    "4": "36 30 04 44",
    "5": "40 10 03|~03 12 32 42 45 46 26 06 05",
    "6": "~30 10 03 06 26 46 43 23 03 04",
    "7": "00 40 16",
    "8": "~20 00 02 13 33 44 46 26 06 04 13 33 42 40 20",
    "9": "~43 23 03 00 20 40 43 36 16",
    "A": "06 20 46|14 34",
    "B": "06 00|~00 30 40 42 33 03|~03 33 43 46 36 06",
    "C": "~41 40 20 00 03 06 26 46 45",
    "D": "06 00|~00 20 40 43 46 26 06",
    "E": "40 00 06 46|03 33",
    "F": "40 00 06|03 33",
    "G": "~41 40 20 00 03 06 26 46 44|44 43 23",
    "H": "00 06|40 46|03 43",
    "I": "20 26",
    "J": "~40 44 46 26 06 05",
    "K": "00 06|40 04|13 46",
    "L": "00 06 46",
    "M": "06 00 23 40 46",
    "N": "06 00 46 40",
    "O": "~20 00 03 06 26 46 43 40 20",
    "P": "06 00|~00 30 40 43 33 03",
    "Q": "~20 00 03 06 26 46 43 40 20|24 46",
    "R": "06 00|~00 30 40 43 33 03|23 46",
    "S": "~41 40 20 00 02 13 33 44 46 26 06 05",
    "T": "00 40|20 26",
    "U": "~00 04 06 26 46 44 40",
    "V": "00 26 40",
    "W": "00 16 23 36 40",
    "X": "00 46|40 06",
    "Y": "00 23 40|23 26",
    "Z": "00 40 06 46",
    "%": "40 06|~00 10 11 01 00 10|~35 45 46 36 35 45",
    ".": "25 26",
    ",": "25 17",
    ":": "21 22|25 26",
    ";": "21 22|25 17",
    "'": "20 22",
    "#": "11 16|31 36|02 42|05 45",
    "<": "41 03 45",
    ">": "01 43 05",
    "-": "03 43",
    "_": "06 46",
    "/": "40 06",
    "\\": "00 46",
    "+": "03 43|21 25",
    "=": "02 42|04 44",
    "?": "~01 00 20 40 42 23 24|25 26",
    "!": "20 23|25 26",
    "(": "~30 12 14 36",
    ")": "~10 32 34 16",
    "|": "20 26",
    "*": "21 25|12 34|32 14",
    "@": "~43 22 13 24 43 40 20 00 03 06 26 46",
    "&": "46 11|~11 10 30 32 04 06 26 44",
    " ": "",
}
_NARROW: Final = frozenset("I.,:;!'|1() ")
_FALLBACK: Final = "00 40 46 06 00"
_FINE: Final = 4  # drawn so many times larger and then made small: strokes of any weight, evenly grey at their edges


def text_width(text: str, height: int) -> int:
    """Return how wide the text is, in pixels, when its capitals are `height` pixels high."""
    return round(sum(_advance(c) for c in text.upper()) * height / 6)


def draw_text(
    canvas: NDArray[np.uint8], text: str, at: tuple[int, int], height: int, colour: tuple[int, int, int]
) -> None:
    """Draw text onto the canvas, (H, W, 3) uint8 BGR; `at` is its upper left corner, `height` that of a capital.

    What lies outside the canvas is left out; small letters are drawn as capitals.
    """
    x, y = at
    pad = -(-height // 4)
    mask = _mask(text.upper(), height, pad)
    top, left = max(0, y - pad), max(0, x - pad)
    part = canvas[top : max(0, y - pad + mask.shape[0]), left : max(0, x - pad + mask.shape[1])]
    if part.size:
        seen = mask[top - y + pad :, left - x + pad :][: part.shape[0], : part.shape[1], None].astype(np.uint16)
        part[:] = (part * (255 - seen) + np.array(colour, np.uint16) * seen + 127) // 255


@lru_cache(maxsize=512)
def _mask(text: str, height: int, pad: int) -> NDArray[np.uint8]:
    """Return the text as (h, w) uint8, 255 where it covers; `pad` pixels around it leave room for the strokes."""
    unit = _FINE * height / 6
    size = (_FINE * (height + 2 * pad), _FINE * (text_width(text, height) + 2 * pad))
    large = np.zeros(size, np.uint8)
    width = max(_FINE, round(_FINE * height / 7.5)) | 1  # cv2 draws even widths a pixel thinner
    x = _FINE * pad + 0.4 * unit
    for letter in text:
        inset = 0.85 if letter in _NARROW else 0.0
        for stroke in _strokes(letter):
            points = np.round(
                stroke * (0.85 * unit, (_FINE * height - width) / 6) + (x - inset * unit, _FINE * pad + width / 2)
            )
            cv2.polylines(large, [points.astype(np.int32).reshape(-1, 1, 2)], False, 255, width)
        x += _advance(letter) * unit
    small = cv2.resize(large, (size[1] // _FINE, size[0] // _FINE), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _advance(letter: str) -> float:
    """Return how far the next letter is, in units of the grid."""
    return 2.9 if letter in _NARROW else 4.75


@lru_cache(maxsize=256)
def _strokes(letter: str) -> tuple[NDArray[np.float64], ...]:
    """Return the strokes of a letter, each (n, 2) float64 in units of the grid."""
    glyph = _GLYPHS.get(letter, _FALLBACK)
    return tuple(_stroke(text) for text in glyph.split("|") if text)


def _stroke(text: str) -> NDArray[np.float64]:
    points = np.array([[float(p[0]), float(p[1])] for p in text.removeprefix("~").split()])
    return _rounded(_rounded(_rounded(points))) if text.startswith("~") else points


def _rounded(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cut every inner corner (Chaikin); the ends stay."""
    before, after = points[:-1], points[1:]
    cut = np.stack([0.75 * before + 0.25 * after, 0.25 * before + 0.75 * after], axis=1).reshape(-1, 2)
    return np.concatenate([points[:1], cut[1:-1], points[-1:]])
