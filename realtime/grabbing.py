"""A camera read in a thread of its own: whatever its driver does, nobody else has to wait for it.

The thread leaves each picture in a place for one, where a newer one replaces it: a slow reader sees the present and not
a backlog. A thread whose driver blocks is left behind; it releases what it opened as soon as the driver returns.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from models.errors import CameraError

THREAD_NAME: Final = "grab "
"""What the names of the threads begin with."""
_AT_THE_END: Final = 1.0


class Taken(NamedTuple):
    """A picture, (H, W, 3) uint8 BGR, and when it came, in seconds of time.monotonic()."""

    picture: NDArray[np.uint8]
    grabbed: float


class Capture(Protocol):
    """What reads an opened camera: cv2.VideoCapture, or a fake."""

    def read(self) -> tuple[bool, Any]:
        """Return whether there is a picture, and the picture; may block."""
        ...

    def release(self) -> None:
        """Let go of the camera."""
        ...


class Opened(NamedTuple):
    """What reads a camera, and the seconds between pictures of a stream that may have stored some (None: has not)."""

    capture: Capture
    interval: float | None = None


Opening = Callable[[], Opened]
"""Opens a camera; may block. Raises CameraError when it cannot be."""


class Backlog:
    """Tells the pictures a stream had stored from those of this moment: stored ones come faster than they were taken.

    Servers begin with what they have stored (RTSP with about a second), and send it, too, when a network held it up.
    interval: seconds between two pictures of the stream.  gap: seconds without a picture after which there may be a
    backlog.  most: seconds after which it is over in any case, were it only that the interval is wrong.
    """

    def __init__(self, interval: float, gap: float = 0.5, most: float = 2.0) -> None:
        self.quick = interval / 2
        self._gap, self._most = gap, most
        self._since: float | None = None
        self._began = False

    def may_follow(self, asked: float, came: float) -> bool:
        """Answer whether a newer picture may be stored behind the one asked for and come at these times, in seconds."""
        waited = came - asked
        if not self._began or waited > self._gap:
            self._began, self._since = True, came
        elif self._since is not None and (waited > self.quick or came - self._since > self._most):
            self._since = None
        return self._since is not None


class Grab:
    """One opening of a camera, from the start of its thread until it is left.

    failing: seconds for which reading may fail at once, as it does now and then for a single picture, and for good when
    the cable is pulled.
    """

    def __init__(self, opening: Opening, name: str, failing: float) -> None:
        self.began: float | None = None
        """When the camera was open, in seconds of time.monotonic()."""
        self._opening, self._name, self._failing = opening, name, failing
        self._changed = threading.Condition()
        self._newest: Taken | None = None
        self._ripe = 0.0  # from when on the newest picture may be taken
        self._fault: CameraError | None = None
        self._alive = time.monotonic()
        self._left = False
        self._thread = threading.Thread(target=self._run, name=f"{THREAD_NAME}{name}", daemon=True)
        # A driver that returns while Python takes itself down would abort the process (docs/adr/0008).
        atexit.register(self.leave, _AT_THE_END)
        self._thread.start()

    def take(self, seconds: float) -> Taken | None:
        """Return the newest picture if nobody has taken it yet, or wait for one; None when none comes in time.

        Raises CameraError, once there is no picture left, when there will be no more.
        """
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                now = time.monotonic()
                if self._newest is not None and now >= self._ripe:
                    taken, self._newest = self._newest, None
                    return taken
                if self._newest is None and self._fault is not None:
                    raise self._fault
                if now >= deadline:
                    return None
                self._changed.wait((deadline if self._newest is None else min(deadline, self._ripe)) - now)

    def idle(self) -> float:
        """Return for how many seconds there was no picture."""
        return time.monotonic() - self._alive

    def leave(self, wait: float = 0.0) -> None:
        """Want no more pictures; wait so many seconds for the camera to be released."""
        self._left = True
        self._thread.join(wait)

    def is_inside(self) -> bool:
        """Tell whether the thread is still there: left, but inside a driver that blocks."""
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            opened = self._opening()
            try:
                self._read(opened)
            finally:
                opened.capture.release()
        except CameraError as fault:
            self._end(fault)
        except Exception as fault:
            self._end(CameraError(f"{self._name}: its driver failed ({type(fault).__name__}); plug it in again"))
        finally:
            atexit.unregister(self.leave)

    def _read(self, opened: Opened) -> None:
        backlog = Backlog(opened.interval) if opened.interval else None
        self.began = last = time.monotonic()
        while not self._left:
            asked = time.monotonic()
            there, picture = opened.capture.read()
            now = time.monotonic()
            if there:
                may_follow = backlog is not None and backlog.may_follow(asked, now)
                self._put(Taken(np.asarray(picture, np.uint8), now), backlog.quick if backlog and may_follow else 0.0)
                last = now
            elif now - last > self._failing:
                raise CameraError(f"{self._name}: gives no picture; unplug it and plug it in again")
            else:
                time.sleep(0.01)

    def _put(self, taken: Taken, rest: float) -> None:
        """Leave a picture for the reader, who takes it when it has been the newest for `rest` seconds."""
        with self._changed:
            self._newest, self._alive, self._ripe = taken, taken.grabbed, taken.grabbed + rest
            self._changed.notify()

    def _end(self, fault: CameraError) -> None:
        with self._changed:
            self._fault = fault
            self._changed.notify()
