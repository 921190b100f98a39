"""A picture as a video carries it, brightness and colours apart, until somebody needs it as BGR."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray


class Colours(NamedTuple):
    """What planes mean.

    matrix: as ITU-T H.273 numbers it, 2 where nothing is said: the same as 6.
    is_full: whether brightness goes from 0 to 255, and not from 16 to 235.
    """

    matrix: int
    is_full: bool = False


BT601: Final = Colours(6)
"""What OpenCV makes of BGR."""
_WEIGHTS: Final[Mapping[int, tuple[float, float]]] = MappingProxyType({1: (0.2126, 0.0722), 9: (0.2627, 0.0593)})
"""Of red and blue in the brightness, by matrix; those of BT.601 are for all others."""


@dataclass(frozen=True, eq=False)
class Planes:
    """An upright picture of an even width and height, in planes (YUV 4:2:0).

    y: (H, W) uint8, brightness.  u, v: (H/2, W/2) uint8, how blue and how red, around 128.
    """

    y: NDArray[np.uint8]
    u: NDArray[np.uint8]
    v: NDArray[np.uint8]
    colours: Colours


@dataclass(frozen=True, eq=False)
class Decoded(Planes):
    """The planes of a video's frame.

    convert: gives them as (H, W, 3) uint8 BGR; it is called when that is asked for, which of most frames it never is.
    """

    convert: Callable[[], NDArray[np.uint8]]

    @cached_property
    def bgr(self) -> NDArray[np.uint8]:
        """The picture as (H, W, 3) uint8 BGR, converted once."""
        return self.convert()


Pixels = NDArray[np.uint8] | Decoded
"""A picture, upright: (H, W, 3) uint8 BGR, or what a video has instead."""


def bgr_of(pixels: Pixels) -> NDArray[np.uint8]:
    """Return a picture as (H, W, 3) uint8 BGR."""
    return pixels.bgr if isinstance(pixels, Decoded) else pixels


def luma_of(pixels: Pixels) -> NDArray[np.uint8]:
    """Return how bright a picture is, (H, W) uint8; of planes as the video has it, mostly 16..235."""
    return pixels.y if isinstance(pixels, Decoded) else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), np.uint8)


def size_of(pixels: NDArray[np.uint8] | Planes) -> tuple[int, int]:
    """Return (width, height)."""
    height, width = (pixels.y if isinstance(pixels, Planes) else pixels).shape[:2]
    return width, height


def yuv_of(bgr: NDArray[np.uint8], colours: Colours) -> NDArray[np.uint8]:
    """Return a small picture, (h, w, 3) uint8 BGR, as (h, w, 3) uint8 Y, U, V of some colours."""
    red, blue = _WEIGHTS.get(colours.matrix, (0.299, 0.114))
    bright = np.array((blue, 1 - red - blue, red))
    (low, wide), span = ((0, 255), 255) if colours.is_full else ((16, 219), 224)
    to_yuv = np.array(
        (
            (*(bright * wide / 255), low),
            (*((np.array((1, 0, 0)) - bright) / (2 * (1 - blue)) * span / 255), 128),
            (*((np.array((0, 0, 1)) - bright) / (2 * (1 - red)) * span / 255), 128),
        )
    )
    return np.asarray(cv2.transform(bgr, to_yuv), np.uint8)


def planes_of(bgr: NDArray[np.uint8]) -> Planes:
    """Return a picture, (H, W, 3) uint8 BGR with even H and W, in planes of BT601."""
    height, width = bgr.shape[:2]
    every = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420), np.uint8).ravel()
    y, u, v = np.split(every, (height * width, height * width * 5 // 4))
    half = (height // 2, width // 2)
    return Planes(y.reshape(height, width), u.reshape(half), v.reshape(half), BT601)


def resized(planes: Planes, width: int, height: int) -> Planes:
    """Return planes in another even size."""
    whole, half = (width, height), (width // 2, height // 2)
    y, u, v = (
        np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.uint8)
        for plane, size in ((planes.y, whole), (planes.u, half), (planes.v, half))
    )
    return Planes(y, u, v, planes.colours)
