"""The words of the domain: plain immutable values that every stage takes and returns.

A picture is read into a `Reading`: lines of numbers of digits, and what was judged no digit. All boxes are in whole
pixels of the upright picture. Arrays inside values are never written to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from operator import add
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from realtime.planes import Pixels, bgr_of, luma_of, size_of

Status = Literal["accept", "review"]
LOST: Final = "camera lost"
BACK: Final = "camera back"
RESIZED: Final = "size changed"
WAITING: Final = "waiting"
KEEP_ALIVE: Final = 0.04
"""Seconds for which a live source leaves whoever asks it without a frame or an event, at most."""


class Box(NamedTuple):
    """An upright rectangle: top left corner and size, in pixels."""

    x: int
    y: int
    w: int
    h: int

    @property
    def right(self) -> int:
        """The first column right of the box."""
        return self.x + self.w

    @property
    def bottom(self) -> int:
        """The first row below the box."""
        return self.y + self.h

    @property
    def centre(self) -> tuple[float, float]:
        """(x, y) of the middle."""
        return self.x + self.w / 2, self.y + self.h / 2


def hull(boxes: Iterable[Box]) -> Box:
    """Return the smallest box around all boxes; raises ValueError if there are none."""
    left, top, w, h = zip(*boxes, strict=True)
    x, y = min(left), min(top)
    return Box(x, y, max(map(add, left, w)) - x, max(map(add, top, h)) - y)


def columns_between(a: Box, b: Box) -> int:
    """Return how many columns lie between two boxes side by side; less than 0 where they overlap."""
    return max(a.x, b.x) - min(a.right, b.right)


def covers(box: Box, other: Box) -> bool:
    """Tell whether a box covers half of another."""
    w = min(box.right, other.right) - max(box.x, other.x)
    h = min(box.bottom, other.bottom) - max(box.y, other.y)
    return min(w, h) > 0 and 2 * w * h >= other.w * other.h


@dataclass(frozen=True, eq=False, slots=True)
class Frame:
    """One picture of a source.

    pixels: the picture, upright, in whichever form the source has it.  index: 0, 1, 2 ... within the source.
    time: seconds since the source started; for a file its own presentation time.
    source: what the user named: "camera:0", "clip.mp4", "sheets/a.jpg".
    grabbed: when it came from a camera, in seconds of time.monotonic(); None for files.
    """

    pixels: Pixels
    index: int
    time: float
    source: str
    grabbed: float | None = None

    @property
    def image(self) -> NDArray[np.uint8]:
        """The picture, (H, W, 3) uint8 BGR."""
        return bgr_of(self.pixels)

    @property
    def luma(self) -> NDArray[np.uint8]:
        """How bright it is, (H, W) uint8."""
        return luma_of(self.pixels)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return size_of(self.pixels)


@dataclass(frozen=True, slots=True)
class Event:
    """What happens to a source between its frames.

    event: LOST, BACK, RESIZED (the frames that follow have another size), or WAITING: no frame for a moment.
    time: seconds since the source started.  attempt: which attempt to have the camera back is under way, 1 or more.
    is_news: False while things are as the event before said: then it only keeps a window alive and is not written down.
    """

    time: float
    event: str
    attempt: int = 0
    is_news: bool = True


@dataclass(frozen=True, slots=True)
class Digit:
    """One digit that was read.

    probabilities: of the eleven labels of `models.contract.LABELS`; they sum to 1.
    track: the same number for the same digit on the paper in all frames; None where nothing is followed.
    """

    box: Box
    label: str
    confidence: float
    probabilities: tuple[float, ...]
    track: int | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """Digits that belong together, left to right; `reasons` says why it is for review, empty when it is accepted.

    candidates: (text, confidence) of the likeliest readings, likeliest first; the first is the number's own.
    """

    digits: tuple[Digit, ...]
    confidence: float
    status: Status
    reasons: tuple[str, ...]
    candidates: tuple[tuple[str, float], ...]

    @property
    def text(self) -> str:
        """The labels of the digits, joined."""
        return "".join(d.label for d in self.digits)

    @property
    def box(self) -> Box:
        """The box around all digits."""
        return hull(d.box for d in self.digits)


@dataclass(frozen=True, slots=True)
class Line:
    """Numbers side by side, left to right."""

    numbers: tuple[Number, ...]

    @property
    def text(self) -> str:
        """The numbers, joined by one space."""
        return " ".join(n.text for n in self.numbers)


@dataclass(frozen=True, slots=True)
class Rejected:
    """Ink that was looked at and judged no digit; `label` is the digit it came nearest to."""

    box: Box
    label: str
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was read in one picture of `size` (width, height): lines in reading order, top to bottom."""

    size: tuple[int, int]
    lines: tuple[Line, ...] = ()
    rejected: tuple[Rejected, ...] = ()

    @property
    def text(self) -> str:
        """The lines, one under the other."""
        return "\n".join(line.text for line in self.lines)

    @property
    def numbers(self) -> tuple[Number, ...]:
        """Every number, in reading order."""
        return tuple(number for line in self.lines for number in line.numbers)

    @property
    def digits(self) -> tuple[Digit, ...]:
        """Every digit, in reading order."""
        return tuple(digit for number in self.numbers for digit in number.digits)

    def placed(self, size: tuple[int, int], place: Callable[[Box], Box]) -> Reading:
        """Return the reading in another picture of `size`, where each box lies as `place` says."""

        def number(of: Number) -> Number:
            return replace(of, digits=tuple(replace(digit, box=place(digit.box)) for digit in of.digits))

        lines = tuple(Line(tuple(number(each) for each in line.numbers)) for line in self.lines)
        return Reading(size, lines, tuple(replace(ink, box=place(ink.box)) for ink in self.rejected))


@dataclass(frozen=True, eq=False, slots=True)
class Scene:
    """A frame and what was read in it: what travels to the sinks."""

    frame: Frame
    reading: Reading
