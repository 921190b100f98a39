"""From a picture to an ink map: light and paper evened out, polarity decided, brought to working size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

ALMOST_ALL: Final = 0.995
"""Share of a picture's pixels; the darkest and the lightest are the others."""
RAISE: Final = 8
"""By so much brightness is raised before ink and paper are compared, so that the grain of black surfaces is no ink."""


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
    darkest: contrast that one pixel in a hundred exceeds.
    gray: (h, w) uint8, the brightness it was made from, turned round for light ink: ink is darker than its paper.
    ruled: how many ruled lines were taken out of it.  lines: (h, w) bool, where these lay; None if there were none.
    """

    contrast: NDArray[np.uint8]
    noise: float
    darkest: float
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
    maps = [_ink_map(gray, paper)]
    return [*maps, _ink_map(255 - gray, 255 - paper)] if _may_be_light(thumbnail, paper, settings.doubt) else maps


def _ink_map(gray: NDArray[np.uint8], paper: NDArray[np.uint8]) -> InkMap:
    return measured(_contrast(gray, paper), gray)


def measured(contrast: NDArray[np.uint8], gray: NDArray[np.uint8]) -> InkMap:
    """Return the ink map with this contrast, (h, w) uint8, made from this brightness, (h, w) uint8."""
    noise, darkest = grain_and_darkest(contrast)
    return InkMap(contrast, noise, darkest, gray)


def _thumbnail(gray: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return the image a whole number of times smaller, its longer side about `side`: far quicker than other ratios."""
    times = round(max(gray.shape) / side)
    return gray if times <= 1 or min(gray.shape) < times else shrunk(gray, times)


def shrunk(image: NDArray[np.uint8], times: int) -> NDArray[np.uint8]:
    """Return an image a whole number of times smaller, each pixel the mean of those it stands for.

    image: (h, w) or (h, w, 3) uint8; h and w at least `times`.  times: at least 2.
    Returns (h // times, w // times) or the same with colours, uint8; a row or column that fills no pixel is left out.
    """
    h, w = (n // times for n in image.shape[:2])
    whole = np.ascontiguousarray(image[: h * times, : w * times])
    if times == 2:
        return np.asarray(cv2.resize(whole, (w, h), interpolation=cv2.INTER_AREA), np.uint8)
    # OpenCV has vector instructions for 2 x 2 alone: with the rows summed first the same takes half the time.
    rows = np.zeros((h, *whole.shape[1:]), np.float32)
    for i in range(times):
        cv2.accumulate(whole[i::times], rows)
    across = cv2.resize(rows, (w, h), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.convertScaleAbs(across, alpha=1 / times), np.uint8)


def _paper(gray: NDArray[np.uint8], window: float) -> NDArray[np.uint8]:
    """Return the brightness of the paper under the ink, (h, w) uint8."""
    return np.asarray(cv2.medianBlur(gray, max(3, round(window * max(gray.shape))) | 1), np.uint8)


def _contrast(gray: NDArray[np.uint8], paper: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return 255 (1 - gray / paper), both raised.

    gray: (h, w) uint8.  paper: uint8, smaller.
    """
    # The darker neighbour counts: at the edge of a shadow the blend of both sides would make a line of false ink.
    darker = cv2.resize(cv2.erode(paper, np.ones((3, 3), np.uint8)), gray.shape[::-1])
    share = cv2.divide(raised(gray), raised(darker), dst=darker, scale=255)  # what is at hand is still in the cache
    return np.asarray(cv2.bitwise_not(share, dst=share), np.uint8)


def raised(gray: cv2.typing.MatLike) -> NDArray[np.uint8]:
    """Return brightness, uint8 of any shape, `RAISE` higher, at most 255."""
    return np.asarray(cv2.convertScaleAbs(gray, alpha=1, beta=RAISE), np.uint8)


def _may_be_light(gray: NDArray[np.uint8], paper: NDArray[np.uint8], doubt: float) -> bool:
    """Tell whether the darkest pixels stand out from their paper less than `doubt` times as far as the lightest.

    They do where almost all pixels do: that is told without sorting them.
    """
    far = doubt * quantile(np.asarray(cv2.subtract(gray, paper), np.uint8), ALMOST_ALL)
    nearer = gray.size - cv2.countNonZero(at_least(cv2.subtract(paper, gray), far))
    return nearer >= ALMOST_ALL * gray.size


def grain_and_darkest(contrast: NDArray[np.uint8]) -> tuple[float, float]:
    """Return the standard deviation of the paper's grain, and the contrast that one pixel in a hundred exceeds.

    Contrast is cut at 0, so its upper quartile is 0.6745 standard deviations of the paper. One pixel in four is looked
    at where there are more than enough.

    contrast: (h, w) uint8, at least one pixel.
    """
    quartile, darkest = quantiles(contrast[::2, ::2] if contrast.size > MANY else contrast, (0.75, 0.99))
    return quartile / 0.6745, darkest


def quantile(values: NDArray[np.uint8], share: float) -> float:
    """Return the least value that a share of the values does not exceed (np.percentile takes ten times as long).

    values: uint8, of any shape, at least one.  share: 0..1.
    """
    if values.size > FEW:
        return quantiles(values, (share,))[0]
    rank, flat = max(0, math.ceil(share * values.size) - 1), values.flatten()
    flat.partition(rank)
    return float(flat[rank])


def quantiles(values: NDArray[np.uint8], shares: Sequence[float]) -> list[float]:
    """Return `quantile` for each share, from one count of the values."""
    counts = cv2.calcHist([np.ascontiguousarray(np.atleast_2d(values))], [0], None, [256], [0, 256])
    up_to = counts.cumsum(dtype=np.float64)
    return [float(up_to.searchsorted(share * values.size)) for share in shares]


FEW: Final = 2_000
MANY: Final = 50_000
"""Pixels: up to here sorting is quicker than counting; from there on one in four is enough."""


def at_least(values: cv2.typing.MatLike, least: float, ink: int = 1) -> NDArray[np.uint8]:
    """Return a mask, `ink` where the values, (h, w) uint8, are not less than the least and 0 elsewhere.

    numpy compares with a float in float64: that takes ten times as long.
    """
    return np.asarray(cv2.threshold(values, math.ceil(least) - 1, ink, cv2.THRESH_BINARY)[1], np.uint8)


def components(mask: cv2.typing.MatLike) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the labels of 8-connected components, and for each label x, y, width, height and area.

    mask: (h, w) uint8, 0 or not.
    Returns (h, w) int32, 0 where the mask is 0, and (labels, 5) int32, zeros for label 0.
    """
    # The block-based algorithm (Grana et al. 2010) takes a third of the default's time on sparse ink. Runs of ink are
    # measured in half the time of OpenCV's own statistics, which look at every pixel of the paper, too.
    count, labels = cv2.connectedComponentsWithAlgorithm(mask, 8, cv2.CV_32S, cv2.CCL_GRANA)
    return np.asarray(labels, np.int32), _extents(mask, np.asarray(labels, np.int32), count)


def _extents(mask: cv2.typing.MatLike, labels: NDArray[np.int32], count: int) -> NDArray[np.int32]:
    """Return x, y, width, height and area of each label, (count, 5) int32, from the runs of ink in each row."""
    rows, left, right = _runs(mask)
    own = labels[rows, left]
    x, (end, top, bottom) = np.full(count, mask.shape[1]), np.zeros((3, count), np.intp)
    np.minimum.at(x, own, left)
    np.maximum.at(end, own, right)
    top[own[::-1]] = rows[::-1]  # rows rise: of those of one label, the last that is written stays
    bottom[own] = rows + 1
    stats = np.stack([x, top, end - x, bottom - top, np.bincount(own, right - left, count)], axis=1).astype(np.int32)
    stats[0] = 0
    return stats


def _runs(mask: cv2.typing.MatLike) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Return row, first column and column after the last of each run of ink in a row, in reading order."""
    h, w = mask.shape
    inked = np.zeros(1 + h * (w + 1), np.bool_)  # paper before the first row and after each
    inked[1:].reshape(h, w + 1)[:, :w] = mask
    ends = np.flatnonzero(inked[1:] != inked[:-1])
    rows, left = np.divmod(ends[::2], w + 1)
    return rows, left, ends[1::2] - rows * (w + 1)


def pen_width(mask: NDArray[np.bool_]) -> float:
    """Return how wide strokes are, pixels: four times their ink's mean distance to paper.

    mask: (h, w) bool, some of it ink, with paper all around.
    """
    return 4 * float(cv2.distanceTransform(mask.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3)[mask].mean())
