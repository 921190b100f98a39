"""Ctrl-C and SIGTERM that come between two steps of a journey, never within one."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
Handler = Callable[[int, FrameType | None], object]


@contextmanager
def between_steps() -> Iterator[Callable[[Callable[[], bool]], bool]]:
    """Yield a function that does a step and returns its answer; a signal that comes meanwhile has effect after it.

    So a frame reaches all outputs or none. A second signal has effect at once: a step may hang. Outside the main
    thread, where no signal comes, steps are just done.
    """
    is_busy, waiting = False, list[tuple[int, FrameType | None]]()
    before: dict[int, Handler] = {}

    def come(number: int, frame: FrameType | None) -> None:
        if is_busy and not waiting:
            waiting.append((number, frame))
        else:
            before[number](number, frame)

    def step(work: Callable[[], bool]) -> bool:
        nonlocal is_busy
        is_busy = True
        try:
            answer = work()
        finally:
            is_busy = False
        if waiting:
            number, frame = waiting[0]
            before[number](number, frame)
        return answer

    if threading.current_thread() is threading.main_thread():
        for number in _SIGNALS:
            handler = signal.getsignal(number)
            if callable(handler):  # not one that is ignored, as in the background of a shell
                before[number] = handler
                signal.signal(number, come)
    try:
        yield step
    finally:
        for known, handler in before.items():
            signal.signal(known, handler)
