"""A page that lies still, or only moved, is not read anew in every frame: what shows the same reads the same."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.motion import Glimpse, Motion, MotionSettings, glimpse, halved
from realtime.values import Box, Reading


@dataclass(frozen=True, slots=True)
class ReuseSettings:
    """When a frame is taken to show what the frame read last showed.

    least, settle: how many readings in a row, over how many seconds, must agree first.  soon: seconds for which none
    is read until then, from the second that agrees on.
    longest: seconds for which none is read: should a change be too faint to be told from noise, it is found then. 0:
    every frame is read.
    closely: seconds after which a frame is compared in all its pixels; or is read, where it moved or the vote on it is
    not settled.
    side, change: pixels of the longer side of the sketches by which a still picture is told, and the most of 255 by
    which any of their pixels may differ: more than a sensor's noise does there, and less than a pencil's stroke.  Of
    720 lines, a pixel stands for 8 x 8.
    fine, faint: the same for a page that moved. Live readers see as few pixels, and ink that differs less is not read.
    `faint` is also for a still picture in all its pixels.
    slack: by which share of the contrast beside it a pixel may differ more, for a picture between pixels is a guess.
    blur, reach: sides in pixels, odd, of the squares over which these are evened out, for a thin stroke on the edge
    between two pixels is half as dark; and in which ink may lie elsewhere than the motion says.
    """

    least: int = 4
    settle: float = 0.25
    soon: float = 0.1
    longest: float = 2.0
    closely: float = 0.5
    side: int = 160
    change: int = 5
    fine: int = 640
    faint: int = 6
    slack: float = 0.15
    blur: int = 3
    reach: int = 3


@dataclass(frozen=True, eq=False)
class Look:
    """A frame made small in steps, each of half the size or less: for comparing, for measuring motion, for a sketch.

    luma: (H, W) uint8, its brightness.  small: (h, w) uint8.  scale: its pixels to one of the frame.
    sketch: (h, w) uint8.  blur: side in pixels of the square over which `fine` is evened out.
    """

    luma: NDArray[np.uint8]
    small: NDArray[np.uint8]
    scale: float
    glimpse: Glimpse
    sketch: NDArray[np.uint8]
    blur: int

    @cached_property
    def fine(self) -> NDArray[np.uint8]:
        """The small frame, evened out; only a frame that moved needs it."""
        return _evened(self.small, self.blur)


def look(luma: NDArray[np.uint8], settings: ReuseSettings, motion: MotionSettings) -> Look:
    """Return a look at a frame by its brightness, (H, W) uint8."""
    small = halved(luma, settings.fine)
    scale = small.shape[1] / luma.shape[1]
    seen = glimpse(small, motion)
    sketch = halved(seen.gray, settings.side)
    return Look(luma, small, scale, Glimpse(seen.gray, scale * seen.scale), sketch, settings.blur)


@dataclass(frozen=True, eq=False, slots=True)
class Kept:
    """The frame that was read last.

    part: of it that was read, None for all.  text: what was read.  time: its own, in seconds.
    agreed, since: how many readings in a row said so, and from when on.
    compared: when a frame was last read, or found the same in all its pixels.
    settled: whether what is told says what was read, of each number, with the same reasons for review.
    """

    look: Look
    part: Box | None
    text: str
    time: float
    agreed: int
    since: float
    compared: float
    settled: bool


def kept(before: Kept | None, seen: Look, part: Box | None, reading: Reading, told: Reading, time: float) -> Kept:
    """Return what is kept of a frame that was read, and of which `told` is told."""
    settled = _says(reading) == _says(told)
    agrees = before is not None and before.text == reading.text and before.part == part and before.since <= time
    if before is not None and agrees:
        return Kept(seen, part, reading.text, time, before.agreed + 1, before.since, time, settled)
    return Kept(seen, part, reading.text, time, 1, time, time, settled)


def _says(reading: Reading) -> list[tuple[str, tuple[str, ...]]]:
    return [(number.text, number.reasons) for number in reading.numbers]


def may_stand(last: Kept, part: Box | None, time: float, settings: ReuseSettings) -> bool:
    """Tell whether a frame at a time need not be read if it shows the same: readings agree and are not old."""
    if last.agreed < settings.least or last.time - last.since < settings.settle:
        longest = settings.soon if last.agreed > 1 else 0.0
    else:
        longest = settings.longest if last.settled else settings.closely  # a vote needs readings to come round
    return last.part == part and 0 <= time - last.time < longest


def is_due(last: Kept, time: float, settings: ReuseSettings) -> bool:
    """Tell whether a frame at a time must be compared closely."""
    return time - last.compared >= settings.closely


def is_still(before: Look, after: Look, part: Box | None, settings: ReuseSettings) -> bool:
    """Tell whether a frame is another but for noise."""
    if before.sketch.shape != after.sketch.shape:
        return False
    scale = before.scale * before.sketch.shape[1] / before.small.shape[1]
    return is_same(_inside(before.sketch, part, scale), _inside(after.sketch, part, scale), settings.change)


def is_still_closely(before: Look, after: Look, part: Box | None, settings: ReuseSettings) -> bool:
    """Tell whether a frame of the same size is another but for noise in all its pixels, evened out.

    Of 720 lines, even a stroke one pixel wide that a live reader, which sees half as many, takes for ink is found.
    """
    a, b = (_evened(_inside(each.luma, part, 1.0), settings.blur) for each in (before, after))
    return is_same(a, b, settings.faint)


def _evened(gray: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.blur(gray, (side, side)), np.uint8)


def is_same(before: NDArray[np.uint8], after: NDArray[np.uint8], change: int) -> bool:
    """Tell whether no pixel of two sketches of one size differs by more than `change`, 0..255."""
    # Not cv2.norm: the function of that name that takes two pictures is not the first that OpenCV tries, and a signal
    # that comes meanwhile ends the process with a segmentation fault.
    return int(cv2.absdiff(before, after).max()) <= change


def only_moved(before: Look, after: Look, motion: Motion, part: Box | None, settings: ReuseSettings) -> bool:
    """Tell whether a frame is another under a motion, in pixels of the frames, but for noise.

    Each pixel must be within what its neighbours have in the other frame: so ink that came and ink that went are both
    found, wherever it is more than the motion is wrong by. What comes in at the rim must go on as the rim did.
    """
    if before.small.shape != after.small.shape:
        return False
    size = (before.fine.shape[1], before.fine.shape[0])
    scaled = np.column_stack([motion[:, :2], motion[:, 2] * before.scale])
    # The nearest pixel is off by half of one at most, which neighbours make up for.
    expected = cv2.warpAffine(before.fine, scaled, size, flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    a, b = (_inside(np.asarray(each, np.uint8), part, before.scale) for each in (expected, after.fine))
    return _lies_within(a, b, settings) and _lies_within(b, a, settings)


def _lies_within(one: NDArray[np.uint8], other: NDArray[np.uint8], settings: ReuseSettings) -> bool:
    """Tell whether each pixel is, but for what is faint, within what its neighbours have in another picture."""
    near = np.ones((settings.reach, settings.reach), np.uint8)
    low, high = cv2.erode(other, near), cv2.dilate(other, near)
    faint = cv2.convertScaleAbs(cv2.subtract(high, low), alpha=settings.slack, beta=settings.faint)
    off = cv2.max(cv2.subtract(low, one), cv2.subtract(one, high))
    return not cv2.subtract(off, faint).any()


def _inside(small: NDArray[np.uint8], part: Box | None, scale: float) -> NDArray[np.uint8]:
    """Return what of a frame made small is in a part of the frame."""
    if part is None:
        return small
    left, top = math.floor(part.x * scale), math.floor(part.y * scale)
    return small[top : math.ceil(part.bottom * scale), left : math.ceil(part.right * scale)]
