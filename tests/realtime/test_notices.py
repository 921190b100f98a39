"""What the terminal says of a camera that is lost and back: a line each, and none for every attempt."""

from __future__ import annotations

from realtime.notices import notices
from realtime.pipeline import Item
from realtime.values import BACK, LOST, RESIZED, WAITING, Event
from tests.realtime.making import scene


def test_a_loss_and_the_return_are_a_line_each() -> None:
    told: list[str] = []
    items: list[Item] = [
        scene(),
        Event(1.0, WAITING, is_news=False),
        Event(2.0, LOST, 1),
        Event(2.1, LOST, 1, is_news=False),
        Event(3.0, LOST, 2),
        Event(4.25, BACK, 2),
        Event(4.25, RESIZED),
        scene(1),
        Event(9.0, LOST, 1),
        Event(9.5, BACK, 1),
    ]
    with notices("camera:0", told.append) as sink:
        assert all(sink(item) for item in items)
    assert told == [
        "camera:0: is lost; trying to have it back",
        "camera:0: is back after 2.2 s",
        "camera:0: is lost; trying to have it back",
        "camera:0: is back after 0.5 s",
    ]
