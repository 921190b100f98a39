"""A frame's journey: a list in, scenes out, and whatever breaks on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from models.errors import CameraError, OutputError, UnreadableError
from realtime.pipeline import Item, Meter, run, scenes
from realtime.values import Event, Frame, Reading, Scene
from tests.realtime.making import FakeReader, Picture, picture


def frames(count: int, fault: Exception | None = None) -> Iterator[Frame]:
    for i in range(count):
        yield Frame(picture(100 + i), i, i / 10, "a")
    if fault:
        raise fault


class Empties:
    """Takes all from the second frame."""

    def __init__(self) -> None:
        self.forgot = 0

    def carried(self, frame: Frame) -> Reading | None:
        return Reading((7, 7)) if frame.index == 4 else None

    def update(self, reading: Reading, frame: Frame) -> Reading:
        return Reading(reading.size) if frame.index == 1 else reading

    def forget(self) -> None:
        self.forgot += 1


class Counting(FakeReader):
    def __init__(self) -> None:
        self.asked = 0

    def read(self, picture: Picture) -> Reading:
        self.asked += 1
        return super().read(picture)


def index_of(item: Item) -> int:
    assert isinstance(item, Scene)
    return item.frame.index


def test_events_pass_between_the_scenes_and_are_not_counted_as_such() -> None:
    lost = Event(0.1, "camera lost", 1)
    first, second = frames(2)
    seen: list[Item] = []

    def keeps(item: Item) -> bool:
        seen.append(item)
        return True

    journey = run(scenes([first, lost, second], FakeReader()), [keeps])
    assert [seen[1], index_of(seen[0]), index_of(seen[2]), journey.scenes] == [lost, 0, 1, 2]


def test_a_tracker_has_the_last_word_on_what_a_frame_reads() -> None:
    read = [item.reading.text for item in scenes(frames(3), FakeReader(), None, Empties()) if isinstance(item, Scene)]
    assert read == ["100", "", "102"]


def test_a_frame_that_shows_the_same_is_not_read() -> None:
    reader = Counting()
    read = [item.reading for item in scenes(frames(6), reader, None, Empties()) if isinstance(item, Scene)]
    assert reader.asked == 5
    assert [reading.size == (7, 7) for reading in read] == [False] * 4 + [True, False]


@pytest.mark.parametrize(("is_news", "times"), [(True, 1), (False, 0)])
def test_a_tracker_forgets_when_something_happened_to_the_source(is_news: bool, times: int) -> None:
    tracker, (first, second) = Empties(), frames(2)
    assert len(list(scenes([first, Event(0.1, "camera lost", 1, is_news), second], FakeReader(), None, tracker))) == 3
    assert tracker.forgot == times


def test_a_list_of_frames_becomes_scenes() -> None:
    read = [item for item in scenes(frames(3), FakeReader()) if isinstance(item, Scene)]
    assert [scene.reading.text for scene in read] == ["100", "101", "102"]
    assert [scene.frame.index for scene in read] == [0, 1, 2]
    assert list(scenes([], FakeReader())) == []


def test_no_frame_beyond_the_most_is_asked_for() -> None:
    source = frames(5)
    assert len(list(scenes(source, FakeReader(), 2))) == 2
    assert next(source).index == 2


def test_every_sink_sees_every_scene_until_one_wants_no_more() -> None:
    first: list[int] = []
    second: list[int] = []

    def ends_after_two(item: Item) -> bool:
        first.append(index_of(item))
        return len(first) < 2

    def goes_on(item: Item) -> bool:
        second.append(index_of(item))
        return True

    journey = run(scenes(frames(9), FakeReader()), [ends_after_two, goes_on])
    assert first == second == [0, 1]
    assert (journey.scenes, journey.fault) == (2, None)


@pytest.mark.parametrize("fault", [CameraError("lost"), UnreadableError("cut short")])
def test_a_source_that_fails_late_ends_the_journey_and_keeps_what_was_read(fault: Exception) -> None:
    journey = run(scenes(frames(3, fault), FakeReader()), [])
    assert (journey.scenes, journey.fault) == (3, fault)


@pytest.mark.parametrize("fault", [CameraError("lost"), UnreadableError("cut short"), OutputError("full")])
def test_a_source_that_gives_nothing_raises(fault: Exception) -> None:
    with pytest.raises(type(fault)):
        run(scenes(frames(0, fault), FakeReader()), [])


def test_an_exception_in_a_sink_closes_all_parts_in_reverse_order() -> None:
    closed: list[str] = []

    @contextmanager
    def part(name: str) -> Iterator[None]:
        try:
            yield
        finally:
            closed.append(name)

    def fails(item: Item) -> bool:
        raise OutputError("disk full")

    def journey() -> None:
        with ExitStack() as stack:
            for name in ("video", "window", "source"):
                stack.enter_context(part(name))
            run(scenes(frames(3), FakeReader()), [fails])

    with pytest.raises(OutputError, match="disk full"):
        journey()
    assert closed == ["source", "window", "video"]


@pytest.mark.parametrize("rate", [5.0, 29.97, 120.0])
def test_the_meter_tells_the_rate_it_is_ticked_at(rate: float) -> None:
    meter = Meter()
    told = [meter.tick(10 + i / rate) for i in range(int(rate * 5))]
    assert told[0] == 0
    assert told[1:] == pytest.approx([rate] * len(told[1:]))


def test_the_meter_follows_a_change_within_its_span() -> None:
    meter = Meter(span=1.0)
    for i in range(100):
        meter.tick(i / 50)
    told = [meter.tick(2 + i / 10) for i in range(15)]
    assert told[-1] == pytest.approx(10, rel=0.05)


def test_the_meter_does_not_divide_by_a_standing_clock() -> None:
    meter = Meter()
    assert [meter.tick(1.0), meter.tick(1.0)] == [0.0, 0.0]
