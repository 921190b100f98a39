"""The speed benchmark: what it times, and the pictures it times it on."""

from __future__ import annotations

import os
import sys
import time
from types import FunctionType

import numpy as np
import pytest

from benchmarks import scenes, speed
from benchmarks.speed import Taken
from benchmarks.stopwatch import Stopwatch, stages, watched
from models.classifier import DEFAULT_MODEL
from realtime import open_reader
from realtime.pictures import decode_picture


class Clock:
    """Tells the times it was given, one after the other."""

    def __init__(self, *times: float) -> None:
        self._times = list(times)

    def __call__(self) -> float:
        return self._times.pop(0)


def test_own_time_leaves_out_what_runs_inside() -> None:
    watch = Stopwatch(Clock(0, 1, 4, 6))
    with watch.stage("outer"), watch.stage("inner"):
        pass
    assert watch.seconds == {"outer": 1 + 2, "inner": 3}


def test_a_stage_that_fails_is_left_all_the_same() -> None:
    watch = Stopwatch(Clock(0, 1, 2, 5))
    with pytest.raises(ValueError, match="no"), watch.stage("a"):
        raise ValueError("no")
    with watch.stage("b"):
        pass
    assert watch.seconds == {"a": 1, "b": 3}


def test_a_timed_function_answers_as_before() -> None:
    assert Stopwatch().timed(divmod, "math")(7, 2) == (3, 1)


def test_watching_wraps_what_modules_take_from_others_and_puts_it_back() -> None:
    open_reader()
    reader = sys.modules["realtime.reader"]
    before = dict(vars(reader))
    taken = [n for n, v in before.items() if isinstance(v, FunctionType) and v.__module__ != "realtime.reader"]
    with watched(Stopwatch()):
        assert any(vars(reader)[name] is not before[name] for name in taken)
    assert dict(vars(reader)) == before


def test_stages_name_the_steps_of_a_reading_and_add_up() -> None:
    frame = np.full((360, 480, 3), 225, np.uint8)
    frame[100:160, 100:107] = 30
    found = stages(frame, DEFAULT_MODEL, live=True, repeats=1)
    assert {"classifier", "ink", "segment", "layout"} <= found.keys()
    assert list(found.values()) == sorted(found.values(), reverse=True)


def test_frames_are_what_they_are_called() -> None:
    frames, reader = scenes.frames(1), open_reader()
    assert {frame.shape for frame in frames.values()} == {(720, 1280, 3)}
    assert len(reader.read(frames["page"]).digits) == 20
    assert len(reader.read(frames["bare wall"]).digits) == 0
    assert frames["busy scene"].std() > 30 > frames["bare wall"].std()


def test_a_photograph_is_twice_its_drawing_as_jpeg() -> None:
    data = scenes._twelve_megapixels(np.full((30, 40, 3), 128, np.uint8), np.random.default_rng(0))
    assert data[:2] == b"\xff\xd8"
    assert decode_picture(data, "p.jpg").shape == (60, 80, 3)


def test_the_floor_finds_contours_where_there_is_ink() -> None:
    frame = np.full((100, 100, 3), 220, np.uint8)
    assert speed.floor(frame) == 0
    frame[20:80, 40:46] = 30
    frame[20:80, 60:66] = 30
    assert speed.floor(frame) == 2


def test_summary_gives_median_and_tail() -> None:
    taken = [Taken(1.0, 0.5)] * 90 + [Taken(11.0, 0.5)] * 10
    assert speed.summary(taken) == {"median_ms": 1.0, "p95_ms": 11.0, "processor_ms": 0.5}


def test_waiting_takes_time_by_the_clock_alone() -> None:
    taken = speed.took(time.sleep, 0.05)
    assert taken.processor < 25 < 50 <= taken.clock + 1


def test_peak_memory_is_more_than_what_is_held() -> None:
    held = np.ones(60 * 2**20, np.uint8)
    assert speed.peak_megabytes() > held.nbytes / 2**20


@pytest.mark.skipif(not os.access("/proc/self/clear_refs", os.W_OK), reason="needs Linux, which forgets on demand")
def test_the_peak_begins_anew() -> None:
    held = np.ones(90 * 2**20, np.uint8)
    before = speed.peak_megabytes()
    del held
    speed.forget_peak()
    assert speed.peak_megabytes() < before - 80


def test_the_report_names_every_picture() -> None:
    row = {
        "digits": 20,
        "read": speed.summary([Taken(9, 8)]),
        "floor": speed.summary([Taken(3, 2)]),
        "ratio": 3.0,
        "stages_ms": {"ink": 2.0},
    }
    photo = {
        "digits": 7,
        "read": speed.summary([Taken(400, 390)]),
        "decode": speed.summary([Taken(60, 50)]),
        "stages_ms": {"page": 99.0},
    }
    peak = {"decoded_mb": 120.0, "read_mb": 180.0}
    told = speed.text(
        {"machine": "M", "frames": {"page": row}, "photos": {"large": photo}, "memory": {"large": peak}}
    ).splitlines()
    assert told[3].split() == ["page", "20", "9.00", "9.00", "8.00", "3.00", "2.00", "3.00"]
    assert told[6].split() == ["large", "7", "60", "50", "400", "400", "390", "180", "(120", "until", "decoded)"]
    assert told[-2:] == ["  page: ink 2.0", "  large: page 99.0"]
