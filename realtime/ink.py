"""From a picture to an ink map: light and paper evened out, polarity decided, brought to working size."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

RAISED: Final = np.minimum(np.arange(256) + 8, 255).astype(np.uint8)
"""Brightness raised a little before ink and paper are compared, so that the grain of black surfaces is no ink."""


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
    gray: (h, w) uint8, the brightness it was made from, turned round for light ink: ink is darker than its paper.
    ruled: how many ruled lines were taken out of it.  lines: (h, w) bool, where these lay; None if there were none.
    """

    contrast: NDArray[np.uint8]
    noise: float
    gray: NDArray[np.uint8]
    ruled: int = 0
    lines: NDArray[np.bool_] | None = None


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
    return InkMap(contrast, _noise(contrast), gray)


def _thumbnail(gray: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return the image a whole number of times smaller, its longer side about `side`: that is far quicker than a part.

    A last column or row that makes no whole pixel is left out.
    """
    times = round(max(gray.shape) / side)
    if times <= 1 or min(gray.shape) < times:
        return gray
    h, w = (n // times for n in gray.shape)
    whole = np.ascontiguousarray(gray[: h * times, : w * times])
    return np.asarray(cv2.resize(whole, (w, h), interpolation=cv2.INTER_AREA), np.uint8)


def _paper(gray: NDArray[np.uint8], window: float) -> NDArray[np.uint8]:
    """Return the brightness of the paper under the ink, (h, w) uint8."""
    return np.asarray(cv2.medianBlur(gray, max(3, round(window * max(gray.shape))) | 1), np.uint8)


def _contrast(gray: NDArray[np.uint8], paper: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return 255 (1 - gray / paper), both raised.

    gray: (h, w) uint8.  paper: uint8, smaller.
    """
    # The darker neighbour counts: at the edge of a shadow the blend of both sides would make a line of false ink.
    paper = cv2.resize(cv2.erode(paper, np.ones((3, 3), np.uint8)), gray.shape[::-1])  # type: ignore[assignment]
    return np.asarray(cv2.bitwise_not(cv2.divide(cv2.LUT(gray, RAISED), cv2.LUT(paper, RAISED), scale=255)), np.uint8)


def _tails(gray: NDArray[np.uint8], paper: NDArray[np.uint8]) -> tuple[float, float]:
    """Return how far the darkest and the lightest pixels are from their paper: ink is on the side that goes further."""
    dark, light = cv2.subtract(paper, gray), cv2.subtract(gray, paper)
    return quantile(np.asarray(dark, np.uint8), 0.995), quantile(np.asarray(light, np.uint8), 0.995)


def _noise(contrast: NDArray[np.uint8]) -> float:
    """Estimate the grain: contrast is cut at 0, so its upper quartile is 0.6745 standard deviations of the paper."""
    return quantile_of_map(contrast, 0.75) / 0.6745


def quantile(values: NDArray[np.uint8], share: float) -> float:
    """Return the least value that a share of the values does not exceed (np.percentile takes ten times as long).

    values: uint8, of any shape, at least one.  share: 0..1.
    """
    if values.size <= FEW:
        rank = max(0, math.ceil(share * values.size) - 1)
        return float(np.partition(values, rank, axis=None)[rank])
    counts = cv2.calcHist([np.atleast_2d(values)], [0], None, [256], [0, 256]).ravel()
    return float(np.searchsorted(np.cumsum(counts, dtype=np.float64), share * values.size))


def quantile_of_map(values: NDArray[np.uint8], share: float) -> float:
    """Return nearly the same of a whole map, (h, w) uint8: of one pixel in four where there are more than enough."""
    return quantile(np.ascontiguousarray(values[::2, ::2]) if values.size > MANY else values, share)


FEW: Final = 2_000
MANY: Final = 50_000
"""Pixels: up to here sorting is quicker than counting; from there on one in four is enough."""


def components(mask: cv2.typing.MatLike) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the labels of 8-connected components, and for each label x, y, width, height and area.

    mask: (h, w) uint8, 0 or not.  Returns (h, w) int32, 0 where the mask is 0, and (labels, 5) int32.
    """
    # The block-based algorithm (Grana et al. 2010) takes a third of the default's time on sparse ink.
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(mask, 8, cv2.CV_32S, cv2.CCL_GRANA)
    return np.asarray(labels, np.int32), np.asarray(stats, np.int32)
