"""A stage of a journey in a thread of its own: a few items ahead of whoever takes them, or behind whoever gives them.

Decoding, reading and encoding then overlap, for FFmpeg and OpenCV let go of Python's lock while they work. Both sides
take a context manager and give one of the same kind, entered and left in the thread: what is opened there is closed
there, and a thread that blocks in a driver or a network can be left behind. A fault reaches the other side as it is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Final, Generic, TypeVar

T = TypeVar("T")
ROOM: Final = 4
"""Items between two stages: enough to even out slow ones, few enough to hold 4K frames."""
_GRACE: Final = 1.0
"""Seconds a thread has to end once nobody waits for it any more."""


@dataclass(frozen=True, slots=True)
class _End:
    """Stands behind the last item of a belt: why no more comes, None where all is well."""

    fault: BaseException | None


class _Abandoned(BaseException):
    """Raised in a sink's thread when whoever gave it items met a fault: what it made is not wanted."""


class _Belt(Generic[T]):
    """A bounded queue between two threads, either of which may go away.

    Of `SimpleQueue` alone, whose calls are whole or not at all: `Queue` and `Condition` are Python code, and a
    KeyboardInterrupt between two of their lines would leave a lock held for ever.
    """

    def __init__(self, room: int) -> None:
        self._items: SimpleQueue[T | _End] = SimpleQueue()
        self._room: SimpleQueue[None] = SimpleQueue()
        self._closed = False
        for _ in range(room):
            self._room.put(None)

    def put(self, item: T) -> bool:
        """Wait for room and add the item; answer False when nobody takes any more."""
        _wait(self._room)
        if self._closed:
            self._room.put(None)
            return False
        self._items.put(item)
        return True

    def end(self, fault: BaseException | None = None) -> None:
        """Say that no more comes, and why."""
        self._items.put(_End(fault))

    def close(self) -> None:
        """Say that no more is taken."""
        self._closed = True
        self._room.put(None)

    def __iter__(self) -> Iterator[T]:
        """Yield the items; raises, in the end, the fault of the side that put them."""
        while not isinstance(item := _wait(self._items), _End):
            self._room.put(None)
            yield item
        if item.fault is not None:
            raise item.fault


def _wait(queue: SimpleQueue[T]) -> T:
    """Take what comes next; in short waits, between which Ctrl-C comes on Windows, too."""
    while True:
        try:
            return queue.get(timeout=0.2)
        except Empty:
            continue


@contextmanager
def ahead(source: AbstractContextManager[Iterable[T]], room: int = ROOM) -> Iterator[Iterator[T]]:
    """Enter the source in a thread, and yield its items, of which up to `room` are made before they are asked for.

    Raises what entering the source raises; the iterator raises what the source raises, after the items before it.
    """
    belt, ready = _Belt[T](room), SimpleQueue[BaseException | None]()

    def work() -> None:
        try:
            with source as items:
                ready.put(None)
                for item in items:
                    if not belt.put(item):
                        return
            belt.end()
        except BaseException as fault:  # whatever it is, it belongs to the one who waits
            ready.put(fault)
            belt.end(fault)

    thread = threading.Thread(target=work, name="ahead", daemon=True)
    try:
        _begin(thread, ready)
        yield iter(belt)
    finally:
        belt.close()
        thread.join(_GRACE)


@contextmanager
def behind(sink: AbstractContextManager[Callable[[T], bool]], room: int = ROOM) -> Iterator[Callable[[T], bool]]:
    """Enter the sink in a thread, and yield a function that leaves it an item and goes on; `room` may wait.

    The function answers whether more are wanted, and raises what the sink has raised meanwhile. Leaving waits until all
    is done, and raises what went wrong in it. Left by an exception, the sink is left by one, too.
    """
    belt, ready = _Belt[T](room), SimpleQueue[BaseException | None]()
    met: list[BaseException] = []

    def work() -> None:
        try:
            with sink as take:
                ready.put(None)
                all(take(item) for item in belt)  # until they end or no more are wanted
        except BaseException as fault:  # whatever it is, it belongs to the one who gives
            met.append(fault)
            ready.put(fault)
        finally:
            belt.close()

    def give(item: T) -> bool:
        if belt.put(item):
            return True
        _raise_first(met)
        return False

    thread = threading.Thread(target=work, name="behind", daemon=True)
    try:
        _begin(thread, ready)
        yield give
        belt.end()
        while thread.is_alive():
            thread.join(0.2)
    except BaseException:
        belt.end(_Abandoned())
        thread.join(_GRACE)
        raise
    _raise_first(met)


def _begin(thread: threading.Thread, ready: SimpleQueue[BaseException | None]) -> None:
    """Start the thread, and wait until it has entered its context; raises what it met there."""
    thread.start()
    fault = _wait(ready)
    if fault is not None:
        raise fault


def _raise_first(met: list[BaseException]) -> None:
    if met:
        raise met[0]
