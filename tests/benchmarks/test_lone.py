"""Lone ink as pictures of its own: what appears in their readings is counted."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from benchmarks.lone import PAPER, on_paper, shares
from realtime.reader import Reader
from realtime.values import Reading
from tests.realtime.making import reading


class Knows:
    """Reads a digit where a picture has ink."""

    def read(self, picture: NDArray[np.uint8]) -> Reading:
        return reading(*(["7"] if picture.min() < PAPER else []), size=(picture.shape[1], picture.shape[0]))


def test_ink_lies_dark_in_the_middle_of_paper() -> None:
    ink = np.zeros((28, 20), np.uint8)
    ink[10:14, 8:12] = 255
    picture = on_paper(ink)
    assert picture.shape == (84, 76)
    assert picture[38:42, 36:40].max() == 40
    assert picture[0, 0] == PAPER


def test_what_appears_and_what_is_accepted_is_counted() -> None:
    ink, blank = np.full((9, 9), 255, np.uint8), np.zeros((9, 9), np.uint8)
    assert shares(cast("Reader", Knows()), [ink, blank, blank, blank]) == (0.25, 0.25)
