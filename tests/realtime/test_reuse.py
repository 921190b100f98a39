"""A page that lies still or only moved is not read anew: what is shown is the same as if each frame were read."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from realtime import open_reader
from realtime.layout import LayoutSettings
from realtime.motion import Motion, MotionSettings
from realtime.pipeline import Reads, scenes
from realtime.reuse import Look, ReuseSettings, is_still, is_still_closely, kept, look, may_stand, only_moved
from realtime.roi import RoiReader, parse_roi
from realtime.scenery import TrackSettings
from realtime.track import Tracker
from realtime.values import Box, Frame, Line, Reading, Scene
from tests.realtime.making import FakeReader, sheet
from tests.realtime.moving import STILL, Page, seen_on, similarity
from training.strokes import glyph

ROOT = Path(__file__).parents[2]
Picture = NDArray[np.uint8]
NEVER = TrackSettings(reuse=ReuseSettings(longest=0))
PAGE = Page(("2014 7", "421"))


class Counting:
    """Counts how often a reader is asked."""

    def __init__(self, reader: Reads) -> None:
        self.reader, self.asked = reader, 0

    def read(self, picture: Picture) -> Reading:
        self.asked += 1
        return self.reader.read(picture)


class Truth:
    """Reads pictures as it was told to, by which picture it is."""

    def __init__(self, pictures: Sequence[Picture], readings: Sequence[Reading]) -> None:
        self.told = {id(picture): read for picture, read in zip(pictures, readings, strict=True)}

    def read(self, picture: Picture) -> Reading:
        return self.told[id(picture)]


def noisy(picture: Picture, seed: int, sigma: float = 3.0) -> Picture:
    noise = np.random.default_rng(seed).normal(0, sigma, picture.shape)
    return np.asarray(np.clip(picture + noise, 0, 255), np.uint8)


FIRST = (0, 1, 5, 9)
"""Of still frames, 32 a second, those that are read until readings agree."""


def shown(pictures: Sequence[Picture], reader: Reads, settings: TrackSettings | None = None) -> list[Reading]:
    """Return what is told of frames, 32 a second."""
    frames = [Frame(picture, k, k / 32, "film") for k, picture in enumerate(pictures)]
    tracked = scenes(frames, reader, None, Tracker(LayoutSettings(), settings))
    return [item.reading for item in tracked if isinstance(item, Scene)]


def asked(pictures: Sequence[Picture], reader: Reads) -> list[int]:
    """Return which of the frames, 32 a second, are read."""
    counting, tracker, read = Counting(reader), Tracker(LayoutSettings()), []
    for k, picture in enumerate(pictures):
        before = counting.asked
        list(scenes([Frame(picture, k, k / 32, "film")], counting, None, tracker))
        read += [k] if counting.asked > before else []
    return read


def film(path: Callable[[float], Motion], seconds: float, page: Callable[[float], Page]) -> tuple[list[Picture], Truth]:
    """Return noisy pictures of a page under a moving camera, 32 a second, and a reader that knows the truth."""
    times = [k / 32 for k in range(round(seconds * 32))]
    pictures = [noisy(page(at).picture(path(at)), k, 2.0) for k, at in enumerate(times)]
    return pictures, Truth(pictures, [seen_on(page(at), path(at)) for at in times])


def swaying(at: float) -> Motion:
    return similarity(25 * np.sin(2 * at), 12 * np.cos(1.5 * at), 2 * np.sin(at), 1 + 0.02 * np.sin(at))


def test_a_still_picture_is_read_until_readings_agree_and_then_now_and_then() -> None:
    pictures = [sheet()] * 140
    assert asked(pictures, FakeReader()) == [*FIRST, 73, 137]


def enlarged(picture: Picture) -> Picture:
    return np.repeat(np.repeat(picture, 2, axis=0), 2, axis=1)


def test_a_change_too_faint_for_the_sketch_is_read_half_a_second_later_at_most() -> None:
    before = enlarged(sheet())
    after = before.copy()
    after[600:680, 1000] -= 30  # one pixel wide, and half as dark in what a live reader sees: hardly ink
    one, other = sight(before), sight(after)
    assert is_still(one, other, None, ReuseSettings())
    assert asked([before] * 12 + [after] * 20, FakeReader()) == [*FIRST, 25]


def test_what_changes_outside_the_part_that_is_read_is_not_compared_closely() -> None:
    before = enlarged(sheet())
    after = before.copy()
    after[600:680, 1000] -= 30
    one, other = sight(before), sight(after)
    assert is_still_closely(one, other, Box(0, 0, 900, 900), ReuseSettings())
    assert not is_still_closely(one, other, Box(0, 0, 1010, 900), ReuseSettings())


def test_a_still_picture_in_which_noise_hides_faint_changes_is_read_twice_a_second() -> None:
    shown = enlarged(sheet())
    pictures = [noisy(shown, k, 6.0) for k in range(46)]
    assert asked(pictures, FakeReader()) == [*FIRST, 25, 41]


def test_a_few_frames_a_second_are_all_read_until_readings_agree() -> None:
    counting, tracker = Counting(FakeReader()), Tracker(LayoutSettings())
    for k in range(12):
        list(scenes([Frame(sheet(), k, k / 4, "film")], counting, None, tracker))
    assert counting.asked == 5  # the first four, and one two seconds after


def test_where_the_vote_has_not_come_round_a_frame_is_read_twice_a_second() -> None:
    settings, seen, read = ReuseSettings(), sight(sheet()), FakeReader().read(sheet())
    doubted = read.lines[0].numbers[0]
    doubted = replace(doubted, status="review", reasons=("a mark",))
    told = replace(read, lines=(Line((doubted,)),))
    for shown, longest in ((read, settings.longest), (told, settings.closely)):
        last = None
        for k in range(5):
            last = kept(last, seen, None, read, shown, k / 8)
        assert last is not None
        assert may_stand(last, None, 0.5 + longest - 0.01, settings)
        assert not may_stand(last, None, 0.5 + longest, settings)


def sight(picture: Picture) -> Look:
    return look(Frame(picture, 0, 0.0, "film").luma, ReuseSettings(), MotionSettings())


@pytest.mark.parametrize("change", ["stroke", "light", "size", "moved"])
def test_a_change_is_read_at_once(change: str) -> None:
    before = sheet()
    after = before.copy()
    if change == "stroke":
        after[300:340, 500:503] = 170  # a pencil's, three pixels wide
    elif change == "light":
        after -= 12
    elif change == "moved":
        after = np.roll(after, 2, axis=1)
    else:
        after = after[:-2]
    assert asked([before] * 12 + [after], FakeReader()) == [*FIRST, 12]
    assert asked([before] * 3 + [after], FakeReader()) == [0, 1, 3]


def test_readings_that_disagree_are_not_reused() -> None:
    shades = [np.full((64, 64, 3), 100 + k % 2, np.uint8) for k in range(30)]
    assert asked(shades, FakeReader()) == list(range(30))  # it reads the mean brightness


def test_what_is_shown_is_the_same_without_reuse() -> None:
    reader, still, other = open_reader(live=True), sheet(), sheet()
    other[60:200, 60:110] = 225  # the 1 is gone
    pictures = [noisy(still, k) for k in range(40)] + [noisy(other, k) for k in range(40, 80)]
    counting = Counting(reader)
    with_it, without = shown(pictures, counting), shown(pictures, reader, NEVER)
    assert counting.asked < 50
    assert [read.text for read in with_it] == [read.text for read in without]
    assert [[d.track for d in read.digits] for read in with_it] == [[d.track for d in read.digits] for read in without]
    assert [[n.status for n in read.numbers] for read in with_it] == [[n.status for n in r.numbers] for r in without]
    assert {with_it[0].text, with_it[-1].text} == {"147", "47"}
    for read, full in zip(with_it, without, strict=True):
        assert [d.confidence for d in read.digits] == pytest.approx([d.confidence for d in full.digits], abs=0.05)


def test_a_page_that_moves_is_read_now_and_then_and_its_digits_are_where_they_are() -> None:
    pictures, truth = film(swaying, 3.0, lambda at: PAGE)
    counting = Counting(truth)
    with_it, without = shown(pictures, counting), shown(pictures, truth, NEVER)
    assert counting.asked < len(pictures) / 3
    for read, full in zip(with_it, without, strict=True):
        assert (read.text, [d.track for d in read.digits]) == (full.text, [d.track for d in full.digits])
        for one, other in zip(read.digits, full.digits, strict=True):
            assert np.abs(np.subtract(one.box, other.box)).max() <= 2


@pytest.mark.parametrize("at", [0.4, 1.03, 1.5])
def test_a_change_on_a_page_that_moves_is_read_at_once_and_shown_within_half_a_second(at: float) -> None:
    pictures, truth = film(swaying, at + 0.6, lambda time: PAGE if time < at else Page(("2074 7", "421")))
    read = asked(pictures, truth)
    first = int(np.ceil(at * 32))
    assert set(range(first, first + 3)) <= set(read)
    told = shown(pictures, truth)
    assert told[first + 16].text == "2074 7\n421"
    assert told[first - 1].text == "2014 7\n421"


def test_a_hand_before_a_page_that_moves_is_read_at_once() -> None:
    pictures, truth = film(swaying, 1.0, lambda at: PAGE)
    covered = pictures[20].copy()
    covered[150:, 420:520] = 140
    truth.told[id(covered)] = truth.told[id(pictures[20])]
    assert 20 not in asked(pictures, truth)
    assert 20 in asked([*pictures[:20], covered], truth)


def test_ink_that_comes_in_at_the_rim_is_read_at_once() -> None:
    pictures, truth = film(lambda at: similarity(-60 * at), 1.0, lambda at: PAGE)
    entering = pictures[20].copy()
    entering[100:140, 636:] = 60
    truth.told[id(entering)] = truth.told[id(pictures[20])]
    assert 20 not in asked(pictures, truth)
    assert 20 in asked([*pictures[:20], entering], truth)


def test_a_digit_that_leaves_the_picture_is_not_carried_out_of_it() -> None:
    pictures, truth = film(lambda at: similarity(-100 * at), 1.6, lambda at: PAGE)
    width, height = 640, 360
    for read in shown(pictures, truth):
        assert all(0 <= d.box.x + d.box.w / 2 < width and 0 <= d.box.y < height for d in read.digits)
    seen = asked(pictures, truth)
    gone = next(k for k in range(len(pictures)) if seen_on(PAGE, similarity(-100 * k / 32)).digits[0].box.x < 0)
    assert {gone, gone + 1} <= set(seen)


def test_another_part_is_read_at_once_and_what_is_outside_a_part_does_not_matter() -> None:
    class Inspecting(Counting):
        def inspect(self, picture: Picture) -> object:
            raise NotImplementedError

    counting = Inspecting(FakeReader())
    reader = RoiReader(counting, parse_roi("0,0,300,300"), frames=True)  # type: ignore[arg-type]
    tracker = Tracker(LayoutSettings(), part=reader.part)
    changed = sheet()
    changed[350:400, 400:600] = 60
    read = []
    for k, picture in enumerate([sheet()] * 12 + [changed] * 4):
        reader.roi = parse_roi("0,0,300,300") if k < 14 else parse_roi("0,0,320,300")
        before = counting.asked
        list(scenes([Frame(picture, k, k / 32, "film")], reader, None, tracker))
        read += [k] if counting.asked > before else []
    assert read == [*FIRST, 14, 15]


def written(label: str, height: int, contrast: int) -> Picture:
    """Return a large picture of one digit in thin pencil, (720, 1280) uint8."""
    paper = np.full((720, 1280), 210, np.uint8)
    for stroke in glyph(label).strokes:
        points = np.round((stroke * height + (600, 300)) * 16).astype(np.int32)
        cv2.polylines(paper, [points], False, 210 - contrast, 2, cv2.LINE_AA, shift=4)
    return paper


def photographed(paper: Picture, motion: Motion, seed: int) -> Look:
    moved = cv2.warpAffine(paper, motion, (1280, 720), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    blurred = np.asarray(cv2.GaussianBlur(moved, (0, 0), 0.7), np.uint8)
    return look(noisy(blurred, seed, 2.0), ReuseSettings(), MotionSettings())


@pytest.mark.parametrize(("height", "contrast"), [(24, 30), (32, 80), (44, 150)])
def test_no_digit_passes_for_another_and_each_for_itself(height: int, contrast: int) -> None:
    motion = np.asarray(cv2.getRotationMatrix2D((640, 360), 0.7, 1.01), np.float64)
    motion[:, 2] += (3.3, -4.2)
    nearly = motion + np.array([(0, 0, 0.3), (0, 0, -0.3)])  # as well as it is measured
    papers = {label: written(label, height, contrast) for label in "0123456789"}
    before = {label: photographed(paper, STILL, 1) for label, paper in papers.items()}
    moved = {label: photographed(paper, motion, 2) for label, paper in papers.items()}
    still = {label: photographed(paper, STILL, 3) for label, paper in papers.items()}
    settings = ReuseSettings()
    for a in papers:
        assert only_moved(before[a], moved[a], nearly, None, settings)
        assert is_still(before[a], still[a], None, settings)
    for a, b in permutations(papers, 2):
        assert not only_moved(before[a], moved[b], nearly, None, settings)
        assert not is_still(before[a], still[b], None, settings)


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
