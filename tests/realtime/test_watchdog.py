"""A camera under watch: what is lost comes back, whatever its driver does, and nothing is left behind."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise, takewhile

import pytest

from models.errors import CameraError
from realtime.grabbing import THREAD_NAME, Backlog, Grab, Opened
from realtime.values import BACK, KEEP_ALIVE, LOST, RESIZED, WAITING, Event, Frame
from realtime.watchdog import MOST_INSIDE, Patience, Watch
from tests.fakecam.driver import FakeDriver, Play
from tests.realtime.making import picture, shades

pytestmark = pytest.mark.slow  # cameras are waited for by the clock

Item = Frame | Event
HASTE = Patience(first=1.0, next=0.3, failing=0.05, pause=0.01, longest=0.05, seed=1)
GOOD = Play(shades(30) * 9)


@contextmanager
def watching(driver: FakeDriver, patience: Patience = HASTE) -> Iterator[Watch]:
    """Watch a camera; afterwards nothing of it may be left."""

    def opening() -> Opened:
        capture = driver()
        if not capture.isOpened():
            raise CameraError("cam: cannot be opened; connect it")
        return Opened(capture)

    watch = Watch(opening, "cam", patience)
    try:
        yield watch
    finally:
        watch.close()
        driver.let_go.set()
    wait_for(lambda: grabbing_threads() == 0)
    assert driver.held == 0


def until(items: Iterator[Item], wanted: Callable[[Item], bool], seconds: float = 20.0) -> list[Item]:
    """Return the items up to the one that is wanted."""
    seen: list[Item] = []
    over = time.monotonic() + seconds
    for item in items:
        seen.append(item)
        if wanted(item):
            return seen
        assert time.monotonic() < over, f"not seen among {len(seen)} items"
    raise AssertionError("the source has ended")


def is_event(name: str) -> Callable[[Item], bool]:
    return lambda item: isinstance(item, Event) and item.event == name and item.is_news


def is_frame(item: Item) -> bool:
    return isinstance(item, Frame)


def news(items: list[Item]) -> list[tuple[str, int]]:
    return [(item.event, item.attempt) for item in items if isinstance(item, Event) and item.is_news]


def wait_for(condition: Callable[[], bool]) -> None:
    over = time.monotonic() + 10.0
    while not condition():
        assert time.monotonic() < over
        time.sleep(0.005)


def grabbing_threads() -> int:
    return sum(thread.name == f"{THREAD_NAME}cam" for thread in threading.enumerate())


FAULTS = {
    "fails at once": Play(shades(3)),
    "crashes": Play(shades(3), then="crash"),
    "blocks": Play(shades(3), then="block"),
    "gives one picture": Play(shades(1)),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
@pytest.mark.parametrize(
    "again",
    [
        [],
        [Play(opens="no")] * 3,
        [Play()],  # opens, and never gives a picture
        [Play(then="block")],
        [Play(opens="block")],
    ],
    ids=["at once", "opens at the fourth", "no proof", "no proof and blocks", "opening blocks"],
)
def test_a_lost_camera_comes_back_whatever_its_driver_does(fault: Play, again: list[Play]) -> None:
    driver = FakeDriver(fault, *again, GOOD)
    with watching(driver) as watch:
        items = watch.items()
        seen = until(items, is_event(BACK))
        seen += until(items, is_frame)
    attempts = len(again) + 1
    assert news(seen) == [*((LOST, n + 1) for n in range(attempts)), (BACK, attempts)]
    frames = [item for item in seen if isinstance(item, Frame)]
    assert [frame.index for frame in frames] == list(range(len(frames)))
    assert all(a.time <= b.time for a, b in pairwise(seen))
    assert all(frame.grabbed is not None and 0 < frame.grabbed - frame.time < time.monotonic() for frame in frames)


def test_time_goes_on_from_the_first_opening() -> None:
    with watching(FakeDriver(Play(shades(2)), Play(opens="no"), GOOD)) as watch:
        seen = until(watch.items(), lambda item: is_frame(item) and item.time > 0.5)
    began = [item.grabbed - item.time for item in seen if isinstance(item, Frame) and item.grabbed is not None]
    assert len(began) > 2
    assert max(began) - min(began) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("play", "fault"),
    [
        (Play(opens="no"), "cam: cannot be opened; connect it"),
        (Play(), "cam: gives no picture; unplug it"),
        (Play(then="crash"), r"cam: its driver failed \(RuntimeError\)"),
        (Play(then="block"), "cam: gives no picture within 1 s; unplug it"),
        (Play(opens="block"), "cam: gives no picture within 1 s; unplug it"),
    ],
)
def test_a_camera_that_never_worked_is_refused(play: Play, fault: str) -> None:
    driver = FakeDriver(play)
    with watching(driver) as watch, pytest.raises(CameraError, match=f"^{fault}") as caught:
        watch.items()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("play", [Play(opens="no"), Play(then="block"), Play(opens="block")])
def test_one_gives_up_when_told_to(play: Play) -> None:
    driver = FakeDriver(Play(shades(3)), play)
    patience = Patience(first=0.3, next=0.2, failing=0.05, pause=0.01, give_up=0.6)
    with watching(driver, patience) as watch, pytest.raises(CameraError, match=r"is lost, no picture for 0.6"):
        until(watch.items(), lambda item: False)


def test_giving_up_does_not_wait_until_a_stall_counts_as_a_loss() -> None:
    driver = FakeDriver(Play(shades(3), then="block"))
    with watching(driver, Patience(next=60.0, give_up=0.2)) as watch, pytest.raises(CameraError, match=r"for 0\.2 s"):
        until(watch.items(), lambda item: False)


def test_one_failed_read_is_no_lost_camera() -> None:
    driver = FakeDriver(GOOD)
    with watching(driver, Patience(failing=5.0)) as watch:
        items = watch.items()
        capture, fails = driver.captures[0], iter([False, True, False, True])
        read = capture.read
        capture.read = lambda: read() if next(fails, True) else (False, None)  # type: ignore[method-assign]
        seen = until(items, lambda item: is_frame(item) and item.time > 0.3)
    assert not news(seen)


def test_something_comes_all_the_time_while_nothing_happens() -> None:
    driver = FakeDriver(Play(shades(1), then="block"), Play(opens="no"))
    patience = Patience(first=0.5, next=0.5, failing=0.05, pause=0.3, longest=0.3)
    with watching(driver, patience) as watch:
        seen = until(watch.items(), lambda item: isinstance(item, Event) and item.attempt == 3)
    quiet = [item for item in seen if isinstance(item, Event) and not item.is_news]
    assert {item.event for item in quiet} == {WAITING, LOST}
    assert len([item for item in quiet if item.event == WAITING]) >= 5  # half a second of it
    gaps = sorted(b.time - a.time for a, b in pairwise(seen))
    assert KEEP_ALIVE <= 0.05
    assert gaps[len(gaps) // 2] < 3 * KEEP_ALIVE  # the median: a busy machine may hold up a few


def test_a_driver_that_blocks_for_ever_gets_few_threads() -> None:
    driver = FakeDriver(Play(shades(1), then="block"), *[Play(then="block")] * 9, GOOD)
    patience = Patience(first=0.3, next=0.05, pause=0.01, longest=0.02)
    with watching(driver, patience) as watch:
        items = watch.items()
        until(items, lambda item: isinstance(item, Event) and item.attempt == MOST_INSIDE)
        stop = time.monotonic() + 1.0
        until(items, lambda item: time.monotonic() > stop)
        assert grabbing_threads() == MOST_INSIDE
        driver.plays = [GOOD]
        driver.let_go.set()
        until(items, is_event(BACK))
        wait_for(lambda: grabbing_threads() == 1)
        assert driver.held == 1


def test_another_size_is_an_event_with_and_without_a_loss() -> None:
    small, wide, tall = picture(), picture(height=90), picture(height=160, width=120)
    driver = FakeDriver(Play([*[small] * 10, wide], every=0.03), Play([tall] * 50))
    with watching(driver) as watch:
        seen = until(watch.items(), lambda item: isinstance(item, Frame) and item.image.shape == tall.shape)
    assert news(seen) == [(RESIZED, 0), (LOST, 1), (BACK, 1), (RESIZED, 0)]
    for before, after in pairwise(seen):
        if isinstance(before, Event) and before.event == RESIZED:
            assert isinstance(after, Frame)


def test_a_camera_that_comes_and_goes_is_not_opened_in_haste() -> None:
    driver = FakeDriver(Play(shades(1)))
    patience = Patience(first=1.0, failing=0.0, pause=0.1, longest=5.0, steady=9.0)
    with watching(driver, patience) as watch:
        until(watch.items(), lambda item: item.time > 1.5)
    assert 2 <= len(driver.captures) <= 7


def test_pauses_grow_differ_and_are_the_same_with_the_same_seed() -> None:
    patience = Patience(pause=0.25, longest=4.0)
    assert [patience.before(tried, 0.5) for tried in range(7)] == [0, 0.25, 0.5, 1, 2, 4, 4]
    assert patience.before(10_000, 0.5) == 4
    assert [patience.before(3, chance) for chance in (0.0, 1.0)] == [0.5, 1.5]
    drawn = [[patience.before(n, random.Random(seed).random()) for n in range(1, 4)] for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_slow_reader_sees_the_newest_picture_and_none_twice() -> None:
    driver = FakeDriver(Play(shades(30), then="block", every=0.01))
    seen: list[float] = []
    with watching(driver) as watch:
        for item in takewhile(lambda item: not is_event(LOST)(item), watch.items()):
            if isinstance(item, Frame):
                seen.append(float(item.image.mean()))
                time.sleep(0.05)
    assert 2 <= len(seen) <= 12
    assert seen == sorted(set(seen))
    assert seen[-1] == float(shades(30)[-1].mean())


def test_leaving_does_not_wait_for_a_driver_that_blocks() -> None:
    driver = FakeDriver(Play([picture()], then="block"))
    with watching(driver, Patience()) as watch:
        next(watch.items())
        began = time.monotonic()
        watch.close()
        assert time.monotonic() - began < 1.0  # twenty seconds, were the driver waited for


@pytest.mark.parametrize(
    ("pictures", "last"),
    [
        # (asked, came) of each picture, 25 a second; which are followed by stored ones
        ([(0, 0.3), (0.3, 0.301), (0.301, 0.302), (0.302, 0.34), (0.34, 0.38)], 2),
        ([(0, 0.3), (0.3, 0.34), (0.34, 0.38)], 0),
        ([(0, 0.1), (0.1, 0.14), (0.14, 1.0), (1.0, 1.001), (1.001, 1.04)], 3),  # after a gap, again
        ([(0, 0.1), *((0.1 + i / 100, 0.11 + i / 100) for i in range(400))], 200),  # its rate is not what it says
    ],
)
def test_stored_pictures_are_told_by_their_haste(pictures: list[tuple[float, float]], last: int) -> None:
    backlog = Backlog(0.04)
    told = [backlog.may_follow(asked, came) for asked, came in pictures]
    assert told[0]
    assert max(i for i, more in enumerate(told) if more) == last


def test_of_a_backlog_only_the_newest_picture_is_handed_on() -> None:
    driver = FakeDriver(Play(shades(30), then="block"))  # thirty at once, and then none for a while
    grab = Grab(lambda: Opened(driver(), interval=0.6), "cam", 1.0)  # a second of them would be two
    taken = None
    while taken is None:
        taken = grab.take(0.05)
    assert float(taken.picture.mean()) == float(shades(30)[-1].mean())
    grab.leave()
    driver.let_go.set()
