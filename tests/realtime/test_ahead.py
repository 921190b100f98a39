"""Stages in threads of their own: all in order, nothing without bounds, each fault where it belongs, no hanging."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice

import pytest

from models.errors import OutputError, UnreadableError
from realtime.ahead import ahead, behind

FAULTS = [UnreadableError("a.mp4: is damaged"), ValueError("odd"), KeyboardInterrupt(), SystemExit(143)]


def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so, for five seconds at most."""
    deadline = time.monotonic() + 5
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.002)
    assert condition()


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    until(lambda: set(threading.enumerate()) <= before)


class Source:
    """Gives numbers; remembers how many were made, and whether it was entered and left."""

    def __init__(
        self,
        count: int,
        fault: BaseException | None = None,
        at_entering: BaseException | None = None,
        at_leaving: BaseException | None = None,
    ) -> None:
        self.count, self.fault, self.at_entering, self.at_leaving = count, fault, at_entering, at_leaving
        self.made, self.closed = 0, threading.Event()

    def items(self) -> Iterator[int]:
        for item in range(1, self.count + 1):
            self.made = item
            yield item
        if self.fault:
            raise self.fault

    def __enter__(self) -> Iterator[int]:
        if self.at_entering:
            raise self.at_entering
        return self.items()

    def __exit__(self, *_: object) -> None:
        self.closed.set()
        if self.at_leaving:
            raise self.at_leaving


class Kept:
    """A sink that keeps what it takes, and how it was left."""

    def __init__(
        self,
        fault: BaseException | None = None,
        at: int = 10**9,
        at_entering: BaseException | None = None,
        at_leaving: BaseException | None = None,
        most: int = 10**9,
    ) -> None:
        self.fault, self.at, self.at_entering, self.at_leaving, self.most = fault, at, at_entering, at_leaving, most
        self.taken: list[int] = []
        self.let = threading.Event()
        self.let.set()
        self.left: type[BaseException] | str | None = "not at all"

    def take(self, item: int) -> bool:
        self.let.wait(5)
        if self.fault and item >= self.at:
            raise self.fault
        self.taken.append(item)
        return len(self.taken) < self.most

    def __enter__(self) -> Callable[[int], bool]:
        if self.at_entering:
            raise self.at_entering
        return self.take

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.left = kind
        if kind is None and self.at_leaving:
            raise self.at_leaving


@pytest.mark.parametrize("count", [0, 1, 3, 200])
def test_what_is_made_ahead_comes_in_order(count: int) -> None:
    source = Source(count)
    with ahead(source) as items:
        assert list(items) == list(range(1, count + 1))
        assert next(items, None) is None
    assert source.closed.is_set()


def test_no_more_is_made_ahead_than_there_is_room_for() -> None:
    source = Source(100)
    with ahead(source, room=3) as items:
        until(lambda: source.made == 4)  # three wait, one is held until there is room
        time.sleep(0.05)
        assert source.made == 4
        assert list(islice(items, 2)) == [1, 2]
        until(lambda: source.made == 6)


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
def test_a_fault_of_a_source_comes_after_what_it_gave_and_as_it_is(fault: BaseException) -> None:
    seen: list[int] = []
    with pytest.raises(type(fault)) as caught, ahead(Source(7, fault)) as items:
        seen.extend(items)
    assert caught.value is fault
    assert seen == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
def test_a_source_that_cannot_be_entered_raises_at_once(fault: BaseException) -> None:
    with pytest.raises(type(fault)) as caught, ahead(Source(3, at_entering=fault)):
        pytest.fail("entered")
    assert caught.value is fault


def test_a_fault_of_closing_a_source_is_not_lost() -> None:
    with pytest.raises(OSError, match="gone"), ahead(Source(2, at_leaving=OSError("gone"))) as items:
        assert list(items) == [1, 2]


@pytest.mark.parametrize("fault", [None, *FAULTS], ids=repr)
def test_a_source_is_closed_when_it_is_left_early(fault: BaseException | None) -> None:
    source = Source(10**9)

    def begin() -> None:
        with ahead(source) as items:
            next(items)
            if fault:
                raise fault

    if fault:
        with pytest.raises(type(fault)):
            begin()
    else:
        begin()
    assert source.closed.is_set()
    assert source.made < 10


def test_a_source_that_blocks_is_left_behind_and_ends_when_it_comes_back() -> None:
    free, closed = threading.Event(), threading.Event()

    @contextmanager
    def blocks() -> Iterator[Iterator[int]]:
        def items() -> Iterator[int]:
            yield 1
            free.wait(30)
            yield 2

        try:
            yield items()
        finally:
            closed.set()

    began = time.monotonic()
    with ahead(blocks(), room=1) as items:
        assert next(items) == 1
    assert time.monotonic() - began < 5
    assert not closed.is_set()
    free.set()
    until(closed.is_set)


@pytest.mark.parametrize("count", [0, 1, 3, 200])
def test_all_that_was_given_is_done_when_a_sink_is_left(count: int) -> None:
    kept = Kept()
    with behind(kept, room=2) as give:
        assert all(give(item) for item in range(count))
    assert kept.taken == list(range(count))
    assert kept.left is None


def test_giving_goes_on_while_a_sink_works_until_there_is_no_room() -> None:
    kept, given = Kept(), []
    kept.let.clear()
    with behind(kept, room=3) as give:
        for item in range(4):  # one at work, three wait
            given.append(give(item))
        assert kept.taken == []
        full = threading.Thread(target=lambda: given.append(give(4)))
        full.start()
        full.join(0.1)
        assert full.is_alive()
        kept.let.set()
        full.join(5)
    assert given == [True] * 5
    assert kept.taken == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("fault", [OutputError("a.mp4: no room"), ValueError("odd")], ids=repr)
@pytest.mark.parametrize("at", [0, 5])
def test_a_fault_of_a_sink_reaches_who_gives_as_it_is(fault: Exception, at: int) -> None:
    kept, given = Kept(fault, at), 0

    def give_all() -> None:
        nonlocal given
        with behind(kept, room=2) as give:
            for item in range(1000):
                give(item)
                given += 1

    with pytest.raises(type(fault)) as caught:
        give_all()
    assert caught.value is fault
    assert given <= at + 3, "the fault comes no later than there is room"
    assert kept.left is type(fault)


def test_a_fault_of_a_sink_comes_though_nothing_more_is_given() -> None:
    with pytest.raises(OutputError, match="last"), behind(Kept(OutputError("last"), 2)) as give:
        [give(item) for item in range(3)]


def test_a_sink_that_cannot_be_entered_or_finished_says_so() -> None:
    with pytest.raises(OutputError, match="no folder"), behind(Kept(at_entering=OutputError("no folder"))):
        pytest.fail("entered")
    with pytest.raises(OutputError, match="no room"), behind(Kept(at_leaving=OutputError("no room"))) as give:
        give(1)


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
def test_a_sink_is_told_when_who_gives_meets_a_fault(fault: BaseException) -> None:
    kept = Kept()

    def fails() -> None:
        with behind(kept) as give:
            give(1)
            raise fault

    with pytest.raises(type(fault)) as caught:
        fails()
    assert caught.value is fault
    assert isinstance(kept.left, type)
    assert issubclass(kept.left, BaseException)


def test_a_sink_that_wants_no_more_gets_no_more() -> None:
    kept = Kept(most=3)
    with behind(kept, room=1) as give:
        given = sum(1 for item in range(1000) if give(item))
    assert kept.taken == [0, 1, 2]
    assert given < 10
    assert kept.left is None


def test_both_sides_at_once_keep_everything() -> None:
    kept = Kept()
    with behind(kept) as give, ahead(Source(500)) as items:
        for item in items:
            give(item)
    assert kept.taken == list(range(1, 501))
