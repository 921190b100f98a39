"""The parts of a live journey: the window with what it needs, and what works while nobody is watching."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.console import say
from realtime.keeping import Keeper, Places, recording
from realtime.on_change import on_change
from realtime.pipeline import Reads, Sink
from realtime.plausible import NO_RULES, Rules, passed_on
from realtime.record import scene_record
from realtime.roi import Roi, RoiReader
from realtime.sinks import on_one_line
from realtime.values import Reading
from realtime.viewer import About, Viewer
from realtime.window import window


@dataclass(frozen=True, slots=True)
class Unattended:
    """What a live journey does besides reading.

    roi: the part of the pictures that is read.  record: an annotated video to write.  on_change: a command to run.
    """

    roi: Roi | None = None
    record: Path | None = None
    on_change: str | None = None
    rules: Rules = NO_RULES

    @property
    def told(self) -> Callable[[Reading], str | None]:
        """What is told of a reading whenever it changes: all of it, or with rules what the meter shows."""
        return passed_on if self.rules.any else on_one_line


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


def unattended_sinks(stack: ExitStack, unattended: Unattended, model: Mapping[str, Any], quiet: bool) -> list[Sink]:
    """Open what works while nobody is watching. quiet: stdout carries records only."""
    sinks: list[Sink] = []
    if unattended.on_change is not None:
        to_record = partial(scene_record, model=model)
        sinks.append(stack.enter_context(on_change(unattended.on_change, unattended.told, to_record, say, quiet)))
    if unattended.record is not None:
        sinks.append(stack.enter_context(recording(unattended.record)))
    return sinks
