"""Read the frames of one camera or clip, whichever way up the page in them lies."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.contract import ModelCard
from realtime.attempt import Attempt
from realtime.page import View, in_picture, quarters_of, turn
from realtime.reader import Reader
from realtime.settings import ReaderSettings
from realtime.upright import stands
from realtime.values import Reading

SELDOM: Final = 8
"""At least one frame in so many is tried every way up while what is read does not stand."""
HELD: Final = 0.8
"""Share of the evidence seen before that another way up must have; each try that finds less asks for so much less.

A hand over half of the page leaves ink that may well be digits another way up; a page that was turned shows them all.
"""


class FrameReader:
    """Reads frames one after the other, the way up that was found last.

    Where that makes no digits of some of the ink, every way is tried, which takes two to four times as long: in the
    first such frame, and then ever more seldom. A page that lies on its side is read as quickly as an upright one.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader, self._trying = reader, reader.with_settings(replace(reader.settings, turning=True))
        self._quarters = 0
        self._evidence = 0.0
        self._pause, self._wait = 1, 0

    @property
    def card(self) -> ModelCard:
        """The card of the model that reads."""
        return self._reader.card

    @property
    def settings(self) -> ReaderSettings:
        """The settings it reads by."""
        return self._reader.settings

    def read(self, picture: NDArray[np.uint8]) -> Reading:
        """Read the next frame, (H, W, 3) uint8 BGR or (H, W) uint8 gray; boxes are of the frame as it is."""
        tries = self._wait == 0
        reading, attempt = _turned(self._trying if tries else self._reader, picture, self._quarters)
        quarters = quarters_of(attempt.view)
        if quarters != self._quarters and attempt.evidence < HELD * self._evidence:
            reading, attempt = _turned(self._reader, picture, self._quarters)
            quarters = self._quarters
        self._evidence = max(attempt.evidence, HELD * self._evidence if tries else self._evidence)
        if stands(attempt, self.settings) or quarters != self._quarters:
            self._pause, self._wait = 1, 0  # trying costs nothing where a page stands
        elif tries:
            self._wait, self._pause = self._pause, min(2 * self._pause, SELDOM - 1)
        else:
            self._wait -= 1
        self._quarters = quarters
        return reading

    def inspect(self, picture: NDArray[np.uint8]) -> tuple[Reading, Attempt]:
        """Read a frame as the one before, and return beside the reading what it was made from."""
        return _turned(self._reader, picture, self._quarters)


def _turned(reader: Reader, picture: NDArray[np.uint8], quarters: int) -> tuple[Reading, Attempt]:
    """Return the reading of a picture turned clockwise by a number of quarters, and its attempt, as it lies."""
    if not quarters:
        return reader.inspect(picture)
    whole = turn(View(picture, np.eye(3)), quarters)
    reading, attempt = reader.inspect(whole.image)
    size = (picture.shape[1], picture.shape[0])
    view = View(attempt.view.image, whole.to_picture @ attempt.view.to_picture)
    return reading.placed(size, lambda box: in_picture(box, whole)), replace(attempt, view=view)
