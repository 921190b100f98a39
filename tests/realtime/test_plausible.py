"""What a meter cannot have come to is held, and a camera that was wrong once does not hold it for ever."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import UsageError
from realtime.pipeline import Item
from realtime.plausible import FALLS, FAST, NO_RULES, Rules, Watch, judged, meter_of, parse_rate, passed_on, plausible
from realtime.values import Event, Frame, Line, Reading, Scene, Status
from tests.realtime.making import number, picture

FALLING = Rules(never_falls=True)
HOURLY = Rules(most=20 / 3600)


def reasons(rules: Rules, *readings: tuple[float, int]) -> list[str]:
    """Return what is said of values read at times."""
    watch, said = Watch(), []
    for time, value in readings:
        watch, reason = judged(watch, value, time, rules)
        said.append(reason)
    return said


def test_rates_are_read_and_others_refused() -> None:
    assert parse_rate("20/h") == pytest.approx(20 / 3600)
    assert parse_rate("0.5 / min") == pytest.approx(0.5 / 60)
    assert (parse_rate("3/s"), parse_rate("86400/d")) == (3, 1)
    for text in ("", "20", "h", "20/week", "-3/h", "0/h", "20/h/h", "nan/h"):
        with pytest.raises(UsageError, match=r"^--at-most .*: is no rate; write a number above 0 and /s, /min"):
            parse_rate(text)


def test_a_meter_that_never_falls_is_held_where_it_does() -> None:
    assert reasons(FALLING, (0, 158), (1, 158), (2, 153), (3, 159), (4, 158)) == ["", "", FALLS, "", FALLS]
    assert reasons(FALLING, (0, 1), (1, 10**9)) == ["", ""]


def test_a_meter_moves_no_faster_than_it_can_up_or_down() -> None:
    assert reasons(HOURLY, (0, 100), (3600, 120), (7200, 141), (7201, 98)) == ["", "", FAST, FAST]
    assert reasons(HOURLY, (0, 100), (3600, 80)) == ["", ""]
    assert reasons(Rules(never_falls=True, most=20 / 3600), (0, 100), (3600, 80)) == ["", FALLS]
    assert reasons(Rules(most=2.0), (0, 100), (10, 120), (10, 99)) == ["", "", FAST]


def test_one_step_is_possible_at_any_time_but_steps_add_up() -> None:
    """Thirty frames a second, each one step further: a misreading creeps nowhere."""
    said = reasons(HOURLY, *((i / 30, 100 + i) for i in range(30)))
    assert said[:2] == ["", ""]
    assert set(said[2:]) == {FAST}


@given(st.lists(st.floats(0.01, 400), min_size=1, max_size=60), st.floats(0, 1), st.booleans())
@settings(deadline=None)
def test_a_meter_that_moves_as_fast_as_it_may_is_never_held(gaps: Sequence[float], phase: float, falls: bool) -> None:
    """Whole steps of a wheel that turns at 20 an hour, read at any times."""
    rate = 20 / 3600
    times = [float(time) for time in np.cumsum([0.0, *gaps])]
    values = [int(phase + rate * time * 0.999) for time in times]
    readings = [(time, 1000 - value if falls else value) for time, value in zip(times, values, strict=True)]
    assert set(reasons(Rules(never_falls=not falls, most=rate), *readings)) == {""}


def test_a_camera_that_was_wrong_once_is_overruled_by_what_is_read_steadily() -> None:
    said = reasons(FALLING, (0, 958), *((float(t), 158) for t in range(1, 70)), (70, 159), (71, 157))
    assert said[1:61] == [FALLS] * 60
    assert said[61:71] == [""] * 10
    assert said[71] == FALLS


def test_the_old_values_in_between_keep_others_from_winning() -> None:
    readings = [(float(t), 158 if t % 10 == 0 else 153) for t in range(200)]
    assert reasons(FALLING, *readings).count(FALLS) == 180


def test_values_that_are_not_plausible_after_each_other_do_not_win() -> None:
    readings = [(0.0, 9000), *((float(t), 100 + (t * 37) % 50) for t in range(1, 300))]
    assert set(reasons(Rules(most=1 / 60), *readings)[1:]) == {FAST}


def test_two_looks_a_long_time_apart_are_not_steady() -> None:
    assert reasons(FALLING, (0, 958), (10, 158), (500, 158)) == ["", FALLS, FALLS]
    assert reasons(FALLING, (0, 958), (10, 158), (500, 158), (501, 158)) == ["", FALLS, FALLS, ""]


def test_a_meter_hidden_for_an_hour_may_have_moved_for_an_hour() -> None:
    assert reasons(HOURLY, (0, 100), (1, 100), (3601, 120)) == ["", "", ""]
    assert reasons(HOURLY, (0, 100), (1, 100), (3601, 121)) == ["", "", FAST]


def scene(time: float, *texts: tuple[str, int, Status]) -> Scene:
    """A scene with numbers below each other: text, height of its digits, status."""
    lines = tuple(
        Line((number(text, y=10 + 60 * row, size=size, status=status),))
        for row, (text, size, status) in enumerate(texts)
    )
    return Scene(Frame(picture(), 0, time, "camera:0"), Reading((640, 480), lines))


def test_the_meter_is_the_largest_number() -> None:
    reading = scene(0, ("77", 20, "accept"), ("1958", 40, "accept"), ("3", 40, "accept")).reading
    meter = meter_of(reading)
    assert meter is not None
    assert meter.text == "1958"
    assert meter_of(Reading((640, 480))) is None


def test_an_impossible_number_is_for_review_and_not_passed_on() -> None:
    event = Event(1.5, "camera lost", 1)
    items: list[Item] = [
        scene(0, ("77", 20, "accept"), ("158", 40, "accept")),
        scene(1, ("76", 20, "accept"), ("153", 40, "accept")),  # the 77 may fall
        event,
        scene(2, ("159", 40, "accept")),
        scene(3),
        scene(4, ("100", 40, "review")),
    ]
    first, held, passed, after, empty, unsure = plausible(items, FALLING)
    assert passed is event
    assert isinstance(first, Scene)
    assert first is items[0]
    assert isinstance(held, Scene)
    assert [(n.text, n.status, n.reasons) for n in held.reading.numbers] == [
        ("76", "accept", ()),
        ("153", "review", (FALLS,)),
    ]
    assert (after, empty, unsure) == (items[3], items[4], items[5])
    told = [passed_on(item.reading) for item in (first, held, after, empty, unsure) if isinstance(item, Scene)]
    assert told == ["158", None, "159", None, None]


def test_without_rules_nothing_is_held() -> None:
    items = [scene(0, ("158", 40, "accept")), scene(1, ("100", 40, "accept"))]
    assert [*plausible(items, NO_RULES)] == items
