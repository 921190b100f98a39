"""Whether a meter or counter can have come to what is read: it never falls, it moves at most so fast.

The meter is the only number that is read or, of several, the one whose box is largest. A reading it cannot have come to
is held: its number is for review, with the reason, and is not passed on.

How fast: a counter shows whole steps, so that within t seconds it moves by less than rate * t + 1. Held against every
value that was taken, not just the last one, this is one bound that moves with time (the leaky bucket of Turner 1986,
"New directions in communications"): many small steps in a row cannot pass for one that is too large.

When the camera was wrong: other values that are plausible after each other, read at least `sightings` times over
`patience` seconds without the old ones in between, win. From then on they are the meter's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from models.errors import UsageError
from realtime.pipeline import Item
from realtime.values import Line, Number, Reading, Scene

FALLS: Final = "lower than before"
FAST: Final = "further from before than it can have moved"
IMPLAUSIBLE: Final = frozenset({FALLS, FAST})
_RATE: Final = re.compile(r"(\d+(?:\.\d+)?)/(s|min|h|d)")
_SECONDS: Final = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True, slots=True)
class Rules:
    """What a meter does.

    most: steps a second it moves at most, up or down; None for any.
    patience, sightings: seconds and number of readings after which other values win.
    """

    never_falls: bool = False
    most: float | None = None
    patience: float = 60.0
    sightings: int = 3

    @property
    def any(self) -> bool:
        """Whether there is a rule at all."""
        return self.never_falls or self.most is not None


NO_RULES: Final = Rules()


def parse_rate(text: str) -> float:
    """Return steps a second of a rate as 20/h, 0.5/min, 3/s or 100/d; raises UsageError for others."""
    found = _RATE.fullmatch(text.replace(" ", ""))
    if found is None or float(found[1]) <= 0:
        raise UsageError(f"--at-most {text}: is no rate; write a number above 0 and /s, /min, /h or /d, as 20/h")
    return float(found[1]) / _SECONDS[found[2]]


@dataclass(frozen=True, slots=True)
class Trail:
    """The values a meter was taken to have, as far as they bound what it can have next.

    first, last: times of the first and the last sighting.  low, high: what the values leave of time 0, were it to move
    as fast as it can from each of them: it is below `low` + rate * t + 1 and above `high` - rate * t - 1 at time t.
    """

    value: int
    first: float
    last: float
    low: float
    high: float
    sightings: int = 1


def begun(value: int, time: float, rules: Rules) -> Trail:
    """Return the trail of a meter of which nothing was known before."""
    moved = (rules.most or 0.0) * time
    return Trail(value, time, time, value - moved, value + moved)


def followed(trail: Trail, value: int, time: float, rules: Rules) -> Trail:
    """Return the trail with one more sighting, which is plausible."""
    new = begun(value, time, rules)
    low, high = min(trail.low, new.low), max(trail.high, new.high)
    return Trail(value, trail.first, time, low, high, trail.sightings + 1)


def objection(trail: Trail, value: int, time: float, rules: Rules) -> str:
    """Return why the meter cannot have come to a value; empty where it can."""
    if rules.never_falls and value < trail.value:
        return FALLS
    if rules.most is None or value == trail.value:
        return ""
    moved = rules.most * time + 1
    return "" if trail.high - moved < value < trail.low + moved else FAST


@dataclass(frozen=True, slots=True)
class Watch:
    """What is known of a meter: the trail that is believed, and one of other values that may win."""

    believed: Trail | None = None
    rival: Trail | None = None


def judged(watch: Watch, value: int, time: float, rules: Rules) -> tuple[Watch, str]:
    """Return what is known after a value was read, and why it is held; empty where it is passed on."""
    if watch.believed is None:
        return Watch(begun(value, time, rules)), ""
    reason = objection(watch.believed, value, time, rules)
    if not reason:
        return Watch(followed(watch.believed, value, time, rules)), ""
    rival = watch.rival
    if rival is None or objection(rival, value, time, rules):
        return replace(watch, rival=begun(value, time, rules)), reason
    rival = followed(rival, value, time, rules)
    if time - rival.first >= rules.patience and rival.sightings >= rules.sightings:
        return Watch(rival), ""
    return replace(watch, rival=rival), reason


def meter_of(reading: Reading) -> Number | None:
    """Return the number that is the meter: the one with the largest box, the first of equals; None without numbers."""
    return max(reading.numbers, key=lambda number: number.box.w * number.box.h, default=None)


def plausible(items: Iterable[Item], rules: Rules) -> Iterator[Item]:
    """Yield the items, the meter of each scene for review where it cannot have come to what is read.

    A number that is for review anyway is no measure for others, and is not judged.
    """
    watch = Watch()
    for item in items:
        meter = meter_of(item.reading) if isinstance(item, Scene) and rules.any else None
        if not isinstance(item, Scene) or meter is None or meter.status == "review":
            yield item
            continue
        watch, reason = judged(watch, int(meter.text), item.frame.time, rules)
        yield item if not reason else replace(item, reading=_held(item.reading, meter, reason))


def passed_on(reading: Reading) -> str | None:
    """Return what the meter shows when that is accepted; None where there is nothing to pass on."""
    meter = meter_of(reading)
    return meter.text if meter is not None and meter.status == "accept" else None


def _held(reading: Reading, meter: Number, reason: str) -> Reading:
    held = replace(meter, status="review", reasons=(*meter.reasons, reason))
    lines = (Line(tuple(held if number is meter else number for number in line.numbers)) for line in reading.lines)
    return replace(reading, lines=tuple(lines))
