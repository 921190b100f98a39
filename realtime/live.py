"""The parts of a live journey: the window with what it needs, and what works while nobody is watching."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.keeping import Keeper, Places
from realtime.pipeline import Reads, Sink
from realtime.roi import RoiReader
from realtime.values import Reading
from realtime.viewer import About, Viewer
from realtime.window import window


class Timed:
    """A reader that tells how long it took: `seconds`, of the last picture."""

    def __init__(self, reader: Reads, clock: Callable[[], float] = time.perf_counter) -> None:
        self._reader, self._clock = reader, clock
        self.seconds = 0.0

    def read(self, picture: NDArray[np.uint8]) -> Reading:
        """Read one picture, (H, W, 3) uint8 BGR, upright."""
        began = self._clock()
        reading = self._reader.read(picture)
        self.seconds = self._clock() - began
        return reading


def live_window(
    name: str, model: Mapping[str, Any], reader: RoiReader, timed: Timed, recording: bool = False
) -> AbstractContextManager[Sink]:
    """Return the window on a source: its name is a few words, for addresses are long and may hold a password."""
    about = About(name, str(model["name"]), lambda: timed.seconds, recording)
    return window(f"digits - {name}", Viewer(about, reader, Keeper(Places(), model)))
