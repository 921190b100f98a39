"""From a picture to an ink map: light and paper evened out, polarity decided, brought to working size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

DARK: Final = np.uint8(8)
"""Brightness added to ink and paper alike before they are compared."""


@dataclass(frozen=True, slots=True)
class InkSettings:
    """How the ink is found.

    thumbnail, window: size at which the paper is estimated, and the share of it that one median looks at: wider than
    any stroke, narrower than a shadow.  doubt: light ink is looked for, too, where the lightest pixels
    stand out from their paper at least one so many times as far as the darkest.
    """

    thumbnail: int = 200
    window: float = 0.25
    doubt: float = 2.0


@dataclass(frozen=True, eq=False, slots=True)
class InkMap:
    """How much darker (on a blackboard: brighter) than its paper each pixel is.

    contrast: (h, w) uint8, 0 paper .. 255 full contrast.
    noise: standard deviation of the paper's grain, in units of contrast.
    """

    contrast: NDArray[np.uint8]
    noise: float


def find_ink(image: NDArray[np.uint8], settings: InkSettings) -> list[InkMap]:
    """Return the ink map of an image, of the same size, for dark ink; then one for light ink, where there may be any.

    Contrast is one minus brightness over the paper's own brightness, so that light, shadow and vignette cancel; the
    paper is the local median, which unlike a closing keeps the edges of shadows and of sheets where they are.

    image: (h, w, 3) uint8 BGR or (h, w) uint8 gray; h and w at least 1.
    """
    gray = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8) if image.ndim == 3 else image
    thumbnail = _thumbnail(gray, settings.thumbnail)
    paper = _paper(thumbnail, settings.window)
    dark, light = _tails(thumbnail, paper)
    maps = [_ink_map(gray, paper)]
    return [*maps, _ink_map(255 - gray, 255 - paper)] if light * settings.doubt > dark else maps


def _ink_map(gray: NDArray[np.uint8], paper: NDArray[np.uint8]) -> InkMap:
    contrast = _contrast(gray, paper)
    return InkMap(contrast, _noise(contrast))


def _thumbnail(gray: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    scale = side / max(gray.shape)
    if scale >= 1:
        return gray
    size = [max(1, round(scale * n)) for n in gray.shape[::-1]]
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)


def _paper(gray: NDArray[np.uint8], window: float) -> NDArray[np.uint8]:
    """Return the brightness of the paper under the ink, (h, w) uint8."""
    return np.asarray(cv2.medianBlur(gray, max(3, round(window * max(gray.shape))) | 1), np.uint8)


def _contrast(gray: NDArray[np.uint8], paper: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return 255 (1 - gray / paper), both raised a little so that the grain of black surfaces is no ink.

    gray: (h, w) uint8.  paper: uint8, smaller.
    """
    # The darker neighbour counts: at the edge of a shadow the blend of both sides would make a line of false ink.
    paper = cv2.resize(cv2.erode(paper, np.ones((3, 3), np.uint8)), gray.shape[::-1])  # type: ignore[assignment]
    # cv2.add of a scalar means something else to arrays of four rows and one column.
    share = cv2.divide(np.minimum(gray, 255 - DARK) + DARK, np.minimum(paper, 255 - DARK) + DARK, scale=255)
    return np.asarray(255 - share, np.uint8)


def _tails(gray: NDArray[np.uint8], paper: NDArray[np.uint8]) -> tuple[float, float]:
    """Return how far the darkest and the lightest pixels are from their paper: ink is on the side that goes further."""
    dark, light = np.percentile(gray.astype(np.int16) - paper, (0.5, 99.5))
    return max(0.0, -float(dark)), max(0.0, float(light))


def _noise(contrast: NDArray[np.uint8]) -> float:
    """Estimate the grain: contrast is cut at 0, so its upper quartile is 0.6745 standard deviations of the paper."""
    return quantile(contrast, 0.75) / 0.6745


def quantile(values: NDArray[np.uint8], share: float) -> float:
    """Return the least value that a share of the values does not exceed (np.percentile takes ten times as long).

    values: uint8, of any shape, at least one.  share: 0..1.
    """
    counts = cv2.calcHist([values.reshape(-1, 1)], [0], None, [256], [0, 256]).ravel()
    return float(np.searchsorted(np.cumsum(counts, dtype=np.float64), share * values.size))
