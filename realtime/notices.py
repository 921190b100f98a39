"""What is said in the terminal about a camera that is lost, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from realtime.pipeline import Item, Sink
from realtime.values import BACK, LOST, Event, Scene


def notice(event: Event, since: float) -> str:
    """Return the line about an event that is news, "" where there is nothing to say; `since` is when it was lost."""
    if event.event == LOST and event.attempt == 1:
        return "is lost; trying to have it back"
    if event.event == BACK:
        return f"is back after {event.time - since:.1f} s"
    return ""


@contextmanager
def notices(name: str, show: Callable[[str], None]) -> Iterator[Sink]:
    """Show a line when the source called `name` is lost, and one when it is back; not one for each attempt."""
    since = 0.0

    def sink(item: Item) -> bool:
        nonlocal since
        if isinstance(item, Scene) or not item.is_news:
            return True
        since = item.time if item.event == LOST and item.attempt == 1 else since
        if said := notice(item, since):
            show(f"{name}: {said}")
        return True

    yield sink
