"""A picture as a video carries it, brightness and colours apart, until somebody needs it as BGR."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Planes:
    """An upright picture of an even width and height, in planes (YUV 4:2:0).

    y: (H, W) uint8, brightness.  u, v: (H/2, W/2) uint8, how blue and how red, around 128.
    convert: gives the same as (H, W, 3) uint8 BGR; it is called when that is asked for, which most frames never are.
    """

    y: NDArray[np.uint8]
    u: NDArray[np.uint8]
    v: NDArray[np.uint8]
    convert: Callable[[], NDArray[np.uint8]]

    @cached_property
    def bgr(self) -> NDArray[np.uint8]:
        """The picture as (H, W, 3) uint8 BGR, converted once."""
        return self.convert()


Pixels = NDArray[np.uint8] | Planes
"""A picture, upright: (H, W, 3) uint8 BGR, or planes."""


def bgr_of(pixels: Pixels) -> NDArray[np.uint8]:
    """Return a picture as (H, W, 3) uint8 BGR."""
    return pixels.bgr if isinstance(pixels, Planes) else pixels


def luma_of(pixels: Pixels) -> NDArray[np.uint8]:
    """Return how bright a picture is, (H, W) uint8; of planes as the video has it, mostly 16..235."""
    return pixels.y if isinstance(pixels, Planes) else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), np.uint8)


def size_of(pixels: Pixels) -> tuple[int, int]:
    """Return (width, height)."""
    height, width = (pixels.y if isinstance(pixels, Planes) else pixels).shape[:2]
    return width, height
