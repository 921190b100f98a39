"""A page of drawn digits under a moving camera, read by a reader that knows the truth: what a tracker is fed with."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.layout import LayoutSettings, arrange
from realtime.track import Tracker
from realtime.values import Box, Digit, Frame, Reading
from tests.realtime.drawing import draw, paper

WIDTH, HEIGHT = 640, 360
Motion = NDArray[np.float64]
STILL: Motion = np.eye(2, 3)


def similarity(x: float = 0, y: float = 0, degrees: float = 0, scale: float = 1) -> Motion:
    """Return a motion about the middle of the picture."""
    turn = np.asarray(cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), degrees, scale), np.float64)
    turn[:, 2] += (x, y)
    return turn


@dataclass(frozen=True)
class Page:
    """What is written where, before the camera moves."""

    rows: tuple[str, ...]

    @property
    def boxes(self) -> list[Box]:
        """Of the digits in reading order; a space is a gap between two numbers."""
        return [
            Box(120 + 50 * i, 90 + 110 * row, 30, 48)
            for row, text in enumerate(self.rows)
            for i, label in enumerate(text)
            if label != " "
        ]

    @property
    def labels(self) -> str:
        """The digits, joined."""
        return "".join(self.rows).replace(" ", "")

    def picture(self, motion: Motion = STILL) -> NDArray[np.uint8]:
        """Return the page as the camera sees it, (HEIGHT, WIDTH, 3) uint8."""
        sheet = paper(WIDTH, HEIGHT)
        for label, box in zip(self.labels, self.boxes, strict=True):
            sheet = draw(sheet, label if label in "01247" else "2", box)
        seen = cv2.warpAffine(sheet, motion, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(cv2.cvtColor(seen, cv2.COLOR_GRAY2BGR), np.uint8)


def digit(label: str, box: Box, confidence: float = 0.95, other: str = "") -> Digit:
    """Return a digit whose other probability goes to "not a digit", or to another label."""
    rest = int(other) if other else 10
    row = tuple(confidence if i == int(label) else 1 - confidence if i == rest else 0.0 for i in range(11))
    return Digit(box, label, confidence, row)


def moved(box: Box, motion: Motion) -> Box:
    """Return the box around a box that moved."""
    corners = np.array([(box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom), box.centre])
    x, y = (corners @ motion[:, :2].T + motion[:, 2])[4]
    scale = math.hypot(motion[0, 0], motion[1, 0])
    w, h = round(box.w * scale), round(box.h * scale)
    return Box(round(x - w / 2), round(y - h / 2), w, h)


def reading(digits: Iterable[Digit], marks: Sequence[Box] = (), size: tuple[int, int] = (WIDTH, HEIGHT)) -> Reading:
    """Return the reading of some digits."""
    return Reading(size, arrange(list(digits), marks, LayoutSettings()))


def seen_on(
    page: Page, motion: Motion = STILL, says: Mapping[int, str] | None = None, without: Iterable[int] = ()
) -> Reading:
    """Return the reading of a page; says: other labels of some digits, by index.  without: digits that are missed."""
    told = says or {}
    return reading(
        digit(told.get(i, label), moved(box, motion))
        for i, (label, box) in enumerate(zip(page.labels, page.boxes, strict=True))
        if i not in set(without)
    )


class Film:
    """A tracker that is shown a page frame by frame."""

    def __init__(self, page: Page, rate: float = 30.0) -> None:
        self.page, self.rate = page, rate
        self.tracker = Tracker(LayoutSettings())
        self.frames = 0

    @property
    def time(self) -> float:
        """Of the next frame, in seconds."""
        return self.frames / self.rate

    def show(self, read: Reading, picture: NDArray[np.uint8] | None = None) -> Reading:
        """Return what the tracker makes of a reading, and the picture it is of: by default the page as it lies."""
        shown = self.page.picture() if picture is None else picture
        frame = Frame(shown, self.frames, self.time, "film")
        self.frames += 1
        return self.tracker.update(read, frame)

    def still(self, count: int, says: Mapping[int, str] | None = None, without: Iterable[int] = ()) -> list[Reading]:
        """Return what becomes of the same reading of the page as it lies, for some frames."""
        return [self.show(seen_on(self.page, says=says, without=without)) for _ in range(count)]

    def moving(self, path: Callable[[float], Motion], seconds: float) -> list[Reading]:
        """Return what becomes of perfect readings of the page along a path, a motion by the time in seconds."""
        motions = [path(k / self.rate) for k in range(round(seconds * self.rate))]
        return [self.show(seen_on(self.page, motion), self.page.picture(motion)) for motion in motions]


def tracks(read: Reading) -> list[int | None]:
    """Return the tracks of the digits in reading order."""
    return [d.track for d in read.digits]
