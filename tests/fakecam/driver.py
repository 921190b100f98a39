"""Stands in for cv2.VideoCapture, and does what drivers do: fails, blocks, crashes, opens what is not there."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Play:
    """One opening: the pictures it gives, one `every` so many seconds, and what reading does `then`.

    then: fail (at once, for ever), block, crash.  opens: yes, no, or block.
    """

    pictures: Sequence[Picture] = ()
    then: str = "fail"
    opens: str = "yes"
    every: float = 0.005


class FakeDriver:
    """Gives one play after the other, the last one again and again; `let_go` ends all blocking."""

    def __init__(self, *plays: Play) -> None:
        self.plays, self.let_go = list(plays), threading.Event()
        self.captures: list[FakeCapture] = []

    def __call__(self, *args: object) -> FakeCapture:
        play = self.plays.pop(0) if len(self.plays) > 1 else self.plays[0]
        if play.opens == "block":
            self.let_go.wait(20.0)
        self.captures.append(FakeCapture(play, self.let_go))
        return self.captures[-1]

    @property
    def held(self) -> int:
        """How many captures were opened and not released."""
        return sum(capture.isOpened() and not capture.released for capture in self.captures)


MOST: Final = {cv2.CAP_PROP_FRAME_WIDTH: 1280.0, cv2.CAP_PROP_FRAME_HEIGHT: 720.0, cv2.CAP_PROP_FPS: 30.0}


class FakeCapture:
    """What an opening gives; what is set is given, but never more than 1280 x 720 pixels 30 times a second."""

    def __init__(self, play: Play, let_go: threading.Event) -> None:
        self.play, self.let_go, self.released = play, let_go, False
        self.pictures = list(play.pictures)
        self.properties = {cv2.CAP_PROP_FRAME_WIDTH: 640.0, cv2.CAP_PROP_FRAME_HEIGHT: 480.0, cv2.CAP_PROP_FPS: 30.0}

    def isOpened(self) -> bool:  # noqa: N802
        return self.play.opens != "no"

    def set(self, name: int, value: float) -> bool:
        self.properties[name] = min(value, MOST.get(name, value))
        return True

    def get(self, name: int) -> float:
        return self.properties.get(name, 0.0)

    def read(self) -> tuple[bool, Picture | None]:
        time.sleep(self.play.every)
        if self.pictures:
            return True, self.pictures.pop(0)
        if self.play.then == "block":
            self.let_go.wait(20.0)
        if self.play.then == "crash":
            raise RuntimeError("driver")
        return False, None

    def release(self) -> None:
        self.released = True
