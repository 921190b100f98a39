"""A still picture is read once: what is shown is the same as if each frame were read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from realtime import open_reader
from realtime.layout import LayoutSettings
from realtime.pipeline import Reads, scenes
from realtime.reuse import Reuse, ReuseSettings
from realtime.track import Tracker
from realtime.values import Frame, Reading, Scene
from tests.realtime.making import FakeReader, sheet

ROOT = Path(__file__).parents[2]
Picture = NDArray[np.uint8]
SETTINGS = ReuseSettings(settle=3, most=4)


class Counting:
    """Counts how often a reader is asked."""

    def __init__(self, reader: Reads) -> None:
        self.reader, self.asked = reader, 0

    def read(self, picture: Picture) -> Reading:
        self.asked += 1
        return self.reader.read(picture)


def noisy(picture: Picture, seed: int, sigma: float = 3.0) -> Picture:
    noise = np.random.default_rng(seed).normal(0, sigma, picture.shape)
    return np.asarray(np.clip(picture + noise, 0, 255), np.uint8)


def test_a_still_picture_is_read_until_readings_agree_and_then_now_and_then() -> None:
    reader = Counting(FakeReader())
    reuse, picture = Reuse(reader, SETTINGS), sheet()
    asked = []
    for _ in range(14):
        reuse.read(picture)
        asked.append(reader.asked)
    assert asked == [1, 2, 3, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 6]


@pytest.mark.parametrize("change", ["stroke", "light", "size", "moved"])
def test_a_change_is_read_at_once(change: str) -> None:
    reader, before = Counting(FakeReader()), sheet()
    reuse = Reuse(reader, SETTINGS)
    for _ in range(6):
        reuse.read(before)
    after = before.copy()
    if change == "stroke":
        after[300:340, 500:503] = 170  # a pencil's, three pixels wide
    elif change == "light":
        after -= 12
    elif change == "moved":
        after = np.roll(after, 2, axis=1)
    else:
        after = after[:-2]
    asked = reader.asked
    assert reuse.read(after) is not reuse.read(before)
    assert reader.asked == asked + 2


def test_readings_that_disagree_are_not_reused() -> None:
    reader = Counting(FakeReader())  # reads the mean brightness
    reuse = Reuse(reader, SETTINGS)
    for k in range(20):
        reuse.read(np.full((64, 64, 3), 100 + k % 2, np.uint8))
    assert reader.asked == 20


def test_what_is_shown_is_the_same_without_reuse() -> None:
    reader, still, other = open_reader(live=True), sheet(), sheet()
    other[60:200, 60:110] = 225  # the 1 is gone
    pictures = [noisy(still, k) for k in range(40)] + [noisy(other, k) for k in range(40, 80)]
    frames = [Frame(picture, k, k / 30, "film") for k, picture in enumerate(pictures)]

    def shown(reads: Reads) -> list[Reading]:
        tracked = scenes(frames, reads, None, Tracker(LayoutSettings()))
        return [item.reading for item in tracked if isinstance(item, Scene)]

    counting = Counting(reader)
    with_it, without = shown(Reuse(counting)), shown(reader)
    assert counting.asked < 50
    assert [read.text for read in with_it] == [read.text for read in without]
    assert [[d.track for d in read.digits] for read in with_it] == [[d.track for d in read.digits] for read in without]
    assert [[n.status for n in read.numbers] for read in with_it] == [[n.status for n in r.numbers] for r in without]
    assert {with_it[0].text, with_it[-1].text} == {"147", "47"}
    for read, full in zip(with_it, without, strict=True):
        assert [d.confidence for d in read.digits] == pytest.approx([d.confidence for d in full.digits], abs=0.05)


ALARMS = """
import random, signal
import numpy as np
from realtime.reuse import is_same

class Stop(Exception):
    pass

def stop(*_):
    raise Stop

def once(sketch):
    try:
        signal.setitimer(signal.ITIMER_REAL, random.uniform(0.0001, 0.0005))
        while True:
            is_same(sketch, sketch, 5)
    except Stop:
        return

signal.signal(signal.SIGALRM, stop)
for _ in range(1000):
    once(np.zeros((90, 160), np.uint8))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="alarms are of Unix")
def test_a_signal_that_comes_while_pictures_are_compared_ends_nothing() -> None:
    """OpenCV's norm, for one, crashed: SIGTERM in the middle of a clip was now and then a segmentation fault."""
    assert subprocess.run([sys.executable, "-c", ALARMS], cwd=ROOT, check=False, timeout=60).returncode == 0
