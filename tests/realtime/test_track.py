"""Digits followed from frame to frame: their numbers on the paper, what they are shown as, and for how long."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.layout import MARKED, UNSURE, LayoutSettings
from realtime.settings import LIVE
from realtime.track import BRIEF, Tracker
from realtime.values import Box, Frame, Reading, Rejected
from tests.realtime.moving import (
    HEIGHT,
    WIDTH,
    Film,
    Motion,
    Page,
    digit,
    moved,
    reading,
    seen_on,
    similarity,
    tracks,
)

RATES = (5.0, 15.0, 30.0, 120.0)
PAGE = Page(("2014 7", "421"))
OTHER = Page((" 710", "  42", "0"))


def texts(films: list[Reading]) -> set[str]:
    return {read.text for read in films}


def test_the_first_frame_reads_as_its_reading_does_at_once() -> None:
    read = seen_on(PAGE)
    shown = Film(PAGE).show(read)
    assert shown.text == "2014 7\n421"
    assert tracks(shown) == [0, 1, 2, 3, 4, 5, 6, 7]
    assert [replace(d, track=None) for d in shown.digits] == list(read.digits)
    assert [n.candidates for n in shown.numbers] == [n.candidates for n in read.numbers]


def test_a_page_without_digits_stays_one() -> None:
    film = Film(PAGE)
    blank = np.full((HEIGHT, WIDTH, 3), 230, np.uint8)
    assert [film.show(reading([]), blank) for _ in range(3)] == [Reading((WIDTH, HEIGHT))] * 3


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("at", [1, 2, 20])
def test_one_wrong_frame_never_flips_a_shown_digit(rate: float, at: int) -> None:
    film = Film(PAGE, rate)
    seen = film.still(at) + film.still(1, says={2: "7"}) + film.still(10)
    assert texts(seen) == {"2014 7\n421"}


@settings(deadline=None, max_examples=60)
@given(
    rate=st.floats(1, 240),
    before=st.lists(st.sampled_from("1499"), min_size=1, max_size=12),
    sure=st.floats(0.5, 1),
)
def test_whatever_came_before_a_label_that_one_frame_says_is_not_taken_over(
    rate: float, before: list[str], sure: float
) -> None:
    film = Film(PAGE, rate)
    picture = PAGE.picture()
    for label in before:
        shown = film.show(reading([digit(label, PAGE.boxes[0])]), picture).text
    after = film.show(reading([digit("3", PAGE.boxes[0], sure)]), picture).text
    assert after == shown


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("sure", [0.6, 0.8, 0.99])
def test_a_held_change_wins_within_half_a_second(rate: float, sure: float) -> None:
    film, picture = Film(PAGE, rate), PAGE.picture()
    for _ in range(round(2 * rate)):
        film.show(reading([digit("4", PAGE.boxes[0], 0.99)]), picture)
    shown = [film.show(reading([digit("9", PAGE.boxes[0], sure)]), picture) for _ in range(math.ceil(rate / 2))]
    assert shown[0].text == "4"
    assert shown[-1].text == "9"
    assert {tuple(tracks(read)) for read in shown} == {(0,)}
    flips = [i for i in range(1, len(shown)) if shown[i].text != shown[i - 1].text]
    assert len(flips) == 1


@pytest.mark.parametrize("rate", RATES)
def test_a_new_digit_is_shown_within_half_a_second_and_one_that_flickers_never(rate: float) -> None:
    film, part = Film(PAGE, rate), 7
    film.still(round(2 * rate), without=[part])
    flicker = film.still(1) + film.still(round(2 * rate), without=[part])
    assert texts(flicker) == {"2014 7\n42"}
    assert [(r.reason, r.label) for r in flicker[0].rejected] == [(BRIEF, "1")]
    written = film.still(math.ceil(rate / 2))
    assert written[-1].text == "2014 7\n421"


@pytest.mark.parametrize("rate", RATES)
def test_a_digit_missed_for_a_moment_is_bridged_and_one_that_is_gone_goes(rate: float) -> None:
    film = Film(PAGE, rate)
    film.still(round(2 * rate))
    missing = [*film.still(1, without=[1]), *film.still(1), *film.still(math.ceil(0.75 * rate), without=[1])]
    assert missing[0].text == "2014 7\n421"
    assert tracks(missing[0]) == list(range(8))
    assert missing[-1].text == "2 14 7\n421"


@pytest.mark.parametrize("rate", RATES)
def test_a_digit_hidden_for_half_a_second_keeps_its_track_and_is_shown_at_once(rate: float) -> None:
    film = Film(PAGE, rate)
    film.still(round(2 * rate))
    film.still(math.ceil(0.5 * rate), without=[0, 1, 5])
    assert tracks(film.still(1)[0]) == list(range(8))


@pytest.mark.parametrize("rate", [15.0, 30.0, 120.0])
def test_a_digit_that_came_up_out_of_order_is_shown_in_its_place(rate: float) -> None:
    """In the frame in which a hand uncovers it, it stands in a line of its own."""
    film = Film(PAGE, rate)
    film.still(round(2 * rate), without=[2])
    alone, others = seen_on(PAGE, without=[0, 1, 3, 4, 5, 6, 7]), seen_on(PAGE, without=[2])
    film.show(Reading(others.size, alone.lines + others.lines))
    assert film.still(math.ceil(0.5 * rate))[-1].text == "2014 7\n421"


def hand_held(t: float) -> Motion:
    return similarity(25 * math.sin(2.2 * t), 18 * math.sin(3.1 * t + 1), 3 * math.sin(1.7 * t))


def zooming(t: float) -> Motion:
    return similarity(scale=1 + 0.3 * math.sin(t))


def turning(t: float) -> Motion:
    return similarity(degrees=14 * math.sin(1.2 * t))


@pytest.mark.parametrize("path", [hand_held, zooming, turning])
@pytest.mark.parametrize("rate", [10.0, 30.0])
def test_a_moving_page_keeps_its_tracks(path: Callable[[float], Motion], rate: float) -> None:
    shown = Film(PAGE, rate).moving(path, 3)
    assert {tuple(tracks(read)) for read in shown} == {tuple(range(8))}
    assert texts(shown) == {"2014 7\n421"}


@pytest.mark.parametrize("label", "12470")
def test_a_single_digit_is_followed_too(label: str) -> None:
    shown = Film(Page((f"    {label}",))).moving(hand_held, 1.5)
    assert {(read.text, *tracks(read)) for read in shown} == {(label, 0)}


def test_a_page_that_comes_into_view_while_it_moves_is_shown_within_half_a_second() -> None:
    film, blank = Film(PAGE), np.full((HEIGHT, WIDTH, 3), 230, np.uint8)
    for _ in range(30):
        film.show(reading([]), blank)
    shown = film.moving(lambda t: similarity(-60 + 240 * t, 20 - 90 * t), 0.5)
    assert shown[0].text == ""
    assert shown[-1].text == "2014 7\n421"
    assert tracks(shown[-1]) == list(range(8))


def test_a_digit_hidden_on_a_moving_page_is_shown_where_it_is() -> None:
    film = Film(PAGE)
    film.moving(hand_held, 1)
    for k in range(10):
        motion = hand_held(1 + k / 30)
        shown = film.show(seen_on(PAGE, motion, without=[3]), PAGE.picture(motion))
        box, true = shown.digits[3].box, moved(PAGE.boxes[3], motion)
        assert math.dist(box.centre, true.centre) <= 3
    assert shown.text == "2014 7\n421"


def test_a_page_hidden_as_a_whole_comes_back_with_its_tracks() -> None:
    film = Film(PAGE)
    film.still(30)
    hand = np.full((HEIGHT, WIDTH, 3), (110, 140, 190), np.uint8)
    for _ in range(15):
        hidden = film.show(reading([]), hand)
    assert hidden.text == ""
    assert tracks(film.still(1)[0]) == list(range(8))


def test_what_looks_like_a_digit_before_a_page_does_not_end_it() -> None:
    film = Film(PAGE)
    film.still(30)
    hand = np.full((HEIGHT, WIDTH, 3), (110, 140, 190), np.uint8)
    cv2.line(hand, (300, 50), (310, 300), (60, 80, 120), 5)
    for _ in range(10):
        film.show(reading([digit("1", Box(295, 50, 20, 250))]), hand)
    assert tracks(film.still(1)[0]) == list(range(8))


def test_a_cut_drops_all_tracks_at_once_and_shows_the_other_page() -> None:
    film = Film(PAGE)
    film.still(30)
    shown = film.show(seen_on(OTHER), OTHER.picture())
    assert shown.text == "710\n42\n0"
    assert min(track for track in tracks(shown) if track is not None) >= 8
    blank = np.full((HEIGHT, WIDTH, 3), 40, np.uint8)
    assert film.show(reading([]), blank).text == ""


@pytest.mark.parametrize("size", [(WIDTH, HEIGHT), (800, 600)])
def test_after_a_lost_camera_or_another_size_tracks_are_new(size: tuple[int, int]) -> None:
    film = Film(PAGE)
    film.still(10)
    if size == (WIDTH, HEIGHT):
        film.tracker.forget()
    again = replace(seen_on(PAGE), size=size)
    shown = film.show(again, np.full((size[1], size[0], 3), 200, np.uint8))
    assert shown.text == "2014 7\n421"
    assert tracks(shown) == list(range(8, 16))


def test_confidence_is_the_mean_of_what_was_seen_and_grows_no_surer_with_time() -> None:
    film, picture = Film(PAGE), PAGE.picture()
    for k in range(200):
        shown = film.show(reading([digit("4", PAGE.boxes[0], 0.7 + 0.2 * (k % 2), "9")]), picture)
    assert shown.digits[0].confidence == pytest.approx(0.8, abs=0.02)
    assert sum(shown.digits[0].probabilities) == pytest.approx(1)
    assert [text for text, _ in shown.numbers[0].candidates[:2]] == ["4", "9"]


def test_the_status_follows_the_voted_confidence() -> None:
    film, picture, box = Film(PAGE), PAGE.picture(), PAGE.boxes[0]
    film.show(reading([digit("4", box, 0.99)]), picture)
    doubted = [film.show(reading([digit("4", box, 0.6)]), picture) for _ in range(30)]
    assert doubted[-1].numbers[0].status == "review"
    assert doubted[-1].numbers[0].reasons == (UNSURE,)
    for _ in range(30):
        shown = film.show(reading([digit("4", box, 0.99)]), picture)
    assert shown.numbers[0].status == "accept"


def test_a_mark_between_digits_is_not_lost_when_some_frames_do_not_see_it() -> None:
    film = Film(PAGE)
    digits, point = list(seen_on(PAGE).digits), Box(163, 128, 6, 6)
    for k in range(60):
        shown = film.show(reading(digits, [point] if k % 2 else []))
    assert [MARKED in number.reasons for number in shown.numbers] == [True, False, False]
    for _ in range(30):
        shown = film.show(reading(digits))
    assert [number.reasons for number in shown.numbers] == [(), (), ()]


def test_ink_refused_where_a_digit_is_bridged_is_not_told_of_twice() -> None:
    film = Film(PAGE)
    film.still(30)
    box = PAGE.boxes[0]
    refused = (Rejected(box, "2", 0.4, "not a digit"), Rejected(Box(500, 300, 20, 20), "5", 0.1, "not a digit"))
    shown = film.show(replace(seen_on(PAGE, without=[0]), rejected=refused))
    assert shown.text == "2014 7\n421"
    assert shown.rejected == refused[1:]


def test_a_digit_that_falls_into_two_is_never_shown_beside_its_parts() -> None:
    film, picture = Film(PAGE), PAGE.picture()
    box = PAGE.boxes[0]
    whole = reading([digit("0", box)])
    halves = reading([digit("1", Box(box.x, box.y, 12, 48)), digit("7", Box(box.x + 16, box.y, 14, 48))])
    for _ in range(30):
        film.show(whole, picture)
    shown = [film.show(halves, picture).text for _ in range(30)]
    assert shown[0] == "0"
    assert max(len(text) for text in shown) == 2
    assert shown[-1] == "17"


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**16),
    rate=st.floats(1, 240),
    size=st.integers(0, 8),
)
def test_whatever_is_read_each_track_is_shown_once_and_votes_are_probabilities(
    seed: int, rate: float, size: int
) -> None:
    rng, tracker = np.random.default_rng(seed), Tracker(LIVE.layout)
    picture = PAGE.picture()
    for k in range(6):
        boxes = [Box(*(int(v) for v in rng.integers((0, 0, 5, 10), (600, 300, 40, 50)))) for _ in range(size)]
        digits = [digit(str(rng.integers(10)), box, float(rng.uniform(0.5, 1))) for box in boxes]
        shown = tracker.update(reading(digits), Frame(picture, k, k / rate, "film"))
        ids = tracks(shown)
        assert len(set(ids)) == len(ids)
        assert all(0 <= d.confidence <= 1 and sum(d.probabilities) == pytest.approx(1) for d in shown.digits)
        assert all(n.candidates[0][0] == n.text for n in shown.numbers)


def test_time_that_stands_still_or_runs_back_breaks_nothing() -> None:
    tracker, picture, read = Tracker(LayoutSettings()), PAGE.picture(), seen_on(PAGE)
    for time in (1.0, 1.0, 1.0, 0.5, 0.5, 90.0):
        assert tracker.update(read, Frame(picture, 0, time, "film")).text == "2014 7\n421"
