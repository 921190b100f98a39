"""The one place where a frame's journey is written down: frames go in, scenes come out, sinks take them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.errors import CameraError, DigitsError, UnreadableError
from realtime.values import Event, Frame, Reading, Scene

Item = Scene | Event
"""What travels to the sinks: a scene, or what happened to the source between two of them."""
Sink = Callable[[Item], bool]
"""Takes an item; answers whether more are wanted."""


class Reads(Protocol):
    """What reads a picture: `realtime.reader.Reader`, or a fake."""

    def read(self, picture: NDArray[np.uint8]) -> Reading:
        """Read the digits of one picture, (H, W, 3) uint8 BGR, upright."""
        ...


@dataclass(frozen=True, slots=True)
class Journey:
    """How a run ended: after how many scenes, and by which fault of its source, if any."""

    scenes: int
    fault: DigitsError | None = None


class Follows(Protocol):
    """What follows digits from frame to frame: `realtime.track.Tracker`, or a fake."""

    def carried(self, frame: Frame) -> Reading | None:
        """Return the reading of a frame that shows what the one read last showed; None where it must be read."""
        ...

    def update(self, reading: Reading, frame: Frame) -> Reading:
        """Return the reading of the frame as seen in the light of those before it, its digits with their tracks."""
        ...

    def forget(self) -> None:
        """Know nothing of the frames before."""
        ...


def scenes(
    frames: Iterable[Frame | Event], reader: Reads, most: int | None = None, tracker: Follows | None = None
) -> Iterator[Item]:
    """Read each frame, at most `most` of them; no frame beyond them is asked for.

    Events pass through; after one that is news, a lost camera for one, digits are followed anew.
    """
    count = 0
    for frame in frames if most != 0 else ():
        if isinstance(frame, Event):
            if tracker is not None and frame.is_news:
                tracker.forget()
            yield frame
            continue
        yield Scene(frame, _reading(frame, reader, tracker))
        count += 1
        if count == most:
            return


def _reading(frame: Frame, reader: Reads, tracker: Follows | None) -> Reading:
    if tracker is None:
        return reader.read(frame.image)
    carried = tracker.carried(frame)
    return tracker.update(reader.read(frame.image), frame) if carried is None else carried


def run(read: Iterable[Item], sinks: Sequence[Sink]) -> Journey:
    """Bring every scene and event to every sink, until they end or a sink wants no more.

    A source that fails after it gave something ends the journey and does not undo it: what was read is kept, and the
    fault is returned. One that gives nothing raises.
    """
    count = 0
    try:
        for item in read:
            count += isinstance(item, Scene)
            wanted = [sink(item) for sink in sinks]  # every sink sees the last one too
            if not all(wanted):
                break
    except (CameraError, UnreadableError) as fault:
        if count == 0:
            raise
        return Journey(count, fault)
    return Journey(count)


class Meter:
    """Counts how many times a second something happens, over the last `span` seconds."""

    def __init__(self, span: float = 2.0) -> None:
        self._span = span
        self._times: deque[float] = deque()

    def tick(self, now: float) -> float:
        """Note that it happened at `now` (seconds) and return the rate; 0 until it has happened twice."""
        self._times.append(now)
        while len(self._times) > 2 and now - self._times[0] > self._span:
            self._times.popleft()
        passed = now - self._times[0]
        return (len(self._times) - 1) / passed if passed > 0 else 0.0  # n ticks bound n - 1 intervals
