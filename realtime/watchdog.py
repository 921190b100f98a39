"""Watches a camera by the clock: one that gives no more pictures is released and opened again until it does.

Whatever a driver does, what is asked for comes within `KEEP_ALIVE` seconds, a frame or an event: a window can be kept
alive and left at any time.
"""

from __future__ import annotations

import random
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Final

from models.errors import CameraError
from realtime.grabbing import Grab, Opening, Taken
from realtime.values import BACK, KEEP_ALIVE, LOST, RESIZED, WAITING, Event, Frame

MOST_INSIDE: Final = 3
"""How many threads may be left inside a driver before the camera is opened again: each holds a thread's memory."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds.

    first: for the first picture after opening; some drivers call a camera opened that will never give one.  next: for
    each one after it.  answer: for a stream's server.  failing: while reading fails at once, as it does now and then
    for a single picture.
    pause, longest: before the second attempt to have a lost camera back, and at most; it doubles from attempt to
    attempt, each time up to half more or less so that many programs do not ask one server in step.  steady: for how
    long a camera must give pictures until the pauses begin anew.  seed: of the randomness in them.
    give_up: without a picture, after which the camera is lost for good; None: never.
    """

    first: float = 10.0
    next: float = 5.0
    answer: float = 3.0
    failing: float = 1.0
    pause: float = 0.25
    longest: float = 5.0
    steady: float = 5.0
    seed: int | None = None
    give_up: float | None = None

    def before(self, tried: int, chance: float) -> float:
        """Return the pause after so many attempts in vain; `chance` is 0 .. 1. The first attempt is made at once."""
        if tried == 0:
            return 0.0
        return min(self.longest, self.pause * 2.0 ** min(tried - 1, 60)) * (0.5 + chance)


class Watch:
    """A camera under watch."""

    def __init__(self, opening: Opening, name: str, patience: Patience) -> None:
        self._opening, self._name, self._patience = opening, name, patience
        self._random = random.Random(patience.seed)
        self._inside: list[Grab] = []
        self._grab = self._open()
        self._began = self._seen = self._back = time.monotonic()
        self._index = self._tried = 0
        self._size: tuple[int, ...] | None = None

    def items(self) -> Iterator[Frame | Event]:
        """Wait for the first picture and return it with all that follows; raises CameraError when none comes."""
        first, limit = None, self._patience.first
        while first is None and self._grab.idle() < limit:
            first = self._grab.take(KEEP_ALIVE)
        if first is None:
            raise CameraError(f"{self._name}: gives no picture within {limit:g} s; unplug it and plug it in again")
        self._began = self._grab.began or first.grabbed
        return self._items(first)

    def close(self) -> None:
        """Let go of the camera; one whose driver blocks is let go of when it returns."""
        self._grab.leave(wait=0.1)

    def _items(self, first: Taken) -> Iterator[Frame | Event]:
        yield from self._shown(first)
        while True:
            yield from self._flowing()
            yield from self._lost()

    def _flowing(self) -> Iterator[Frame | Event]:
        """Yield frames until the camera fails, or none has come for too long."""
        while True:
            try:
                taken = self._grab.take(KEEP_ALIVE)
            except CameraError:
                return
            if taken is not None:
                yield from self._shown(taken)
            elif self._grab.idle() > self._patience.next:
                return
            else:
                yield self._still(WAITING)

    def _lost(self) -> Iterator[Frame | Event]:
        """Open the camera again and again, until it gives a picture."""
        if self._seen - self._back > self._patience.steady:
            self._tried = 0
        for attempt in count(1):
            yield Event(self._now(), LOST, attempt)
            yield from self._pause(attempt)
            self._grab = self._open()
            self._tried += 1
            taken = yield from self._proof(attempt)
            if taken is not None:
                self._back = taken.grabbed
                yield Event(taken.grabbed - self._began, BACK, attempt)
                yield from self._shown(taken)
                return

    def _pause(self, attempt: int) -> Iterator[Event]:
        self._grab.leave()
        self._inside.append(self._grab)
        over = time.monotonic() + self._patience.before(self._tried, self._random.random())
        while (left := over - time.monotonic()) > 0 or self._is_crowded():
            time.sleep(min(KEEP_ALIVE, left) if left > 0 else KEEP_ALIVE)
            yield self._still(LOST, attempt)

    def _is_crowded(self) -> bool:
        self._inside = [grab for grab in self._inside if grab.is_inside()]
        return len(self._inside) >= MOST_INSIDE

    def _proof(self, attempt: int) -> Generator[Event, None, Taken | None]:
        """Wait for the first picture, the only proof that a camera is there."""
        while self._grab.idle() < self._patience.first:
            try:
                taken = self._grab.take(KEEP_ALIVE)
            except CameraError:
                return None
            if taken is not None:
                return taken
            yield self._still(LOST, attempt)
        return None

    def _shown(self, taken: Taken) -> Iterator[Frame | Event]:
        seconds, size = taken.grabbed - self._began, taken.picture.shape[:2]
        if self._size is not None and self._size != size:
            yield Event(seconds, RESIZED)
        yield Frame(taken.picture, self._index, seconds, self._name, taken.grabbed)
        self._size, self._seen = size, taken.grabbed
        self._index += 1

    def _still(self, event: str, attempt: int = 0) -> Event:
        """Return an event that is no news; raises CameraError when it is time to give up."""
        limit = self._patience.give_up
        if limit is not None and time.monotonic() - self._seen > limit:
            raise CameraError(f"{self._name}: is lost, no picture for {limit:g} s; check its cable or network")
        return Event(self._now(), event, attempt, is_news=False)

    def _open(self) -> Grab:
        return Grab(self._opening, self._name, self._patience.failing)

    def _now(self) -> float:
        return time.monotonic() - self._began
