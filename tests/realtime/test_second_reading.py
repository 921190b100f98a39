"""Rows are read a second time, and the two readings weighed against each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from realtime import open_reader
from realtime.attempt import Attempt
from realtime.layout import LayoutSettings, find_slope
from realtime.reader import Reader
from realtime.row_peaks import Peak
from realtime.row_view import RowPlace, place_row
from realtime.second_reading import OTHERS, read_again
from realtime.segment import Region
from realtime.settings import LIVE, THOROUGH, ReaderSettings
from realtime.values import Box
from realtime.weighing import SecondSettings, both_say
from tests.realtime.drawing import draw, paper, row_of
from tests.realtime.rows import FakeRows
from tests.realtime.test_reader import Fake
from training import row_notes
from training.data import REJECT
from training.notes import Hand, Pad, finished

SETTINGS, LAYOUT = SecondSettings(), LayoutSettings()


def first_reading(page: NDArray[np.uint8], label: int = 4) -> Attempt:
    return Reader(Fake(label)).inspect(page)[1]


def place_of(attempt: Attempt) -> RowPlace:
    boxes = [attempt.regions[v.region].box for v in attempt.digits]
    return place_row(boxes, find_slope(boxes, LAYOUT))


def says(label: int, probability: float) -> NDArray[np.float32]:
    row = np.zeros(11, np.float32)
    row[10] = 1 - probability
    row[label] += probability
    return row


def asked(label: int, probability: float):  # type: ignore[no-untyped-def]  # a function of regions
    def ask(regions: Sequence[Region]) -> NDArray[np.float32]:
        return np.tile(says(label, probability), (len(regions), 1))

    return ask


def text(attempt: Attempt) -> str:
    digits = sorted(attempt.digits, key=lambda v: attempt.regions[v.region].box.x)
    return "".join(str(v.label) for v in digits)


def peaks(attempt: Attempt, *labels: tuple[int, float]) -> FakeRows:
    """A row network that finds these where the digits of the first reading are."""
    place, boxes = place_of(attempt), sorted(attempt.regions[v.region].box for v in attempt.digits)
    return FakeRows(*((place.along(*box.centre), *label) for box, label in zip(boxes, labels, strict=True) if label[1]))


def test_what_both_readings_say_is_surer() -> None:
    attempt = first_reading(row_of("0247")[0])
    after = read_again(attempt, asked(4, 0.9), peaks(attempt, *[(4, 0.9)] * 4), LAYOUT, SETTINGS)
    assert text(after) == "4444"
    assert all(v.probability > 0.99 for v in after.digits)
    np.testing.assert_allclose(after.probabilities.sum(axis=1), 1, atol=1e-5)


def test_the_surer_of_two_readings_is_believed() -> None:
    doubtful = says(4, 0.6)
    doubtful[9] = 0.3
    doubtful[10] = 0.1
    sure, unsure = (
        Peak(0.0, np.asarray(says(9, p)[:10] + says(4, 1 - p)[:10], np.float32), 0.95) for p in (0.95, 0.55)
    )
    assert both_say(doubtful, sure, SETTINGS).argmax() == 9
    assert both_say(doubtful, unsure, SETTINGS).argmax() == 4


def test_where_two_sure_readings_differ_the_digit_is_for_review() -> None:
    attempt = first_reading(row_of("0247")[0])
    after = read_again(
        attempt, asked(4, 0.9), peaks(attempt, (4, 0.99), (9, 1.0), (4, 0.99), (4, 0.99)), LAYOUT, SETTINGS
    )
    assert text(after) == "4944"
    assert sorted(v.probability <= SETTINGS.most for v in after.digits) == [False, False, False, True]


def test_a_digit_that_only_the_second_sees_is_read_where_its_ink_is() -> None:
    page, boxes = row_of("0247")
    attempt = first_reading(page)
    lost = sorted(attempt.digits, key=lambda v: attempt.regions[v.region].box.x)[2]
    verdicts = [v for v in attempt.verdicts if v.region != lost.region]
    network = peaks(attempt, *[(4, 0.9)] * 4)
    before = Attempt(attempt.view, attempt.ink, attempt.regions, attempt.probabilities, attempt.raw, verdicts)
    after = read_again(before, asked(4, 0.8), network, LAYOUT, SETTINGS)
    assert text(before) == "444"
    assert text(after) == "4444"
    found = after.regions[after.verdicts[-1].region]
    assert found.box.centre == pytest.approx(boxes[2].centre, abs=4)
    assert found.ink.max() == 255
    assert after.verdicts[-1].probability <= SETTINGS.most
    assert (
        text(read_again(before, asked(10, 1.0), FakeRows(*network.digits[:2], network.digits[3]), LAYOUT, SETTINGS))
        == "444"
    )


def test_blank_paper_is_no_digit_whatever_the_second_says() -> None:
    page, _ = row_of("0247", gap=60)
    attempt = first_reading(page)
    place, box = place_of(attempt), attempt.regions[attempt.digits[0].region].box
    ghost = (place.along(box.right + 30, box.centre[1]), 1, 0.99)
    network = FakeRows(*peaks(attempt, *[(4, 0.99)] * 4).digits, ghost)
    assert text(read_again(attempt, asked(1, 0.99), network, LAYOUT, SETTINGS)) == "4444"


@pytest.mark.parametrize(("seen", "read"), [(0.01, "4444"), (0.0, "444")])
def test_a_digit_that_the_second_hardly_sees_stays_unless_it_is_sure_there_is_none(seen: float, read: str) -> None:
    attempt = first_reading(row_of("0247")[0])
    network = peaks(attempt, (4, seen), (4, 0.99), (4, 0.99), (4, 0.99))
    after = read_again(attempt, asked(4, 0.5), network, LAYOUT, SETTINGS)
    assert text(after) == read
    assert OTHERS not in {v.reason for v in after.verdicts}


def test_ink_taken_for_one_digit_is_two_where_the_second_sees_two() -> None:
    page = paper(320, 160)
    for x in (60, 140):
        page = draw(page, "4", Box(x, 50, 30, 48))
    for x in (210, 238):
        page = draw(page, "0", Box(x, 50, 34, 48))  # they touch
    attempt = first_reading(page)
    attempt.verdicts[:] = [  # type: ignore[index]
        v if attempt.regions[v.region].box.w < 45 else type(v)(v.region, 8, 0.6) for v in attempt.verdicts
    ]
    place = place_of(attempt)
    network = FakeRows(*((place.along(x, 74), label, 0.95) for x, label in ((75, 4), (155, 4), (227, 0), (255, 0))))
    after = read_again(attempt, asked(0, 0.9), network, LAYOUT, SETTINGS)
    assert text(after) == "4400"
    assert not [v for v in after.verdicts if v.label == 8], "what both 0s cover is gone"
    last = sorted(after.regions[v.region].box for v in after.digits)[-2:]
    assert last[0].centre[0] == pytest.approx(227, abs=6)
    assert last[1].centre[0] == pytest.approx(255, abs=6)


def test_a_row_that_the_first_reading_does_not_see_is_read_if_the_second_is_sure() -> None:
    page, boxes = row_of("0247")
    attempt = first_reading(page, label=10)
    assert not attempt.digits
    place = place_row([attempt.regions[v.region].box for v in attempt.raw], 0.0)
    at = [place.along(*box.centre) for box in boxes]

    def read(least: float) -> str:
        network = FakeRows(*((x, label, least) for x, label in zip(at, (0, 2, 4, 7), strict=True)))
        return text(read_again(attempt, asked(10, 0.9), network, LAYOUT, SETTINGS))

    assert read(0.99) == "0247"
    assert read(0.6) == ""


def test_a_disc_is_no_digit_whatever_the_second_says() -> None:
    page, boxes = row_of("0247", gap=60)
    cv2.circle(page, (boxes[1].right + 30, boxes[1].y + 24), 18, 40, cv2.FILLED)
    attempt = first_reading(page)
    kept = [v for v in attempt.verdicts if abs(attempt.regions[v.region].box.centre[0] - boxes[1].right - 30) > 8]
    before = Attempt(attempt.view, attempt.ink, attempt.regions, attempt.probabilities, attempt.raw, kept)
    disc = (place_of(before).along(boxes[1].right + 30, boxes[1].y + 24), 0, 0.99)
    network = FakeRows(*peaks(before, *[(4, 0.99)] * 4).digits, disc)
    assert text(read_again(before, asked(0, 0.99), network, LAYOUT, SETTINGS)) == "4444"


def far_apart(count: int) -> Attempt:
    page = paper(100 + 260 * count, 160)
    for i in range(count):
        page = draw(page, "4", Box(40 + 260 * i, 50, 30, 48))
    return first_reading(page)


def test_digits_that_stand_alone_are_read_again_where_no_others_speak_for_them() -> None:
    for count, times in ((1, 2), (2, 2), (3, 0)):  # one may be all that was found of a row: that is looked for first
        network, attempt = FakeRows(), far_apart(count)
        after = read_again(attempt, asked(4, 0.9), network, LAYOUT, SETTINGS)
        assert network.shown == times
        assert len(after.digits) == (0 if times else count)  # this network sees none


@pytest.mark.parametrize(("seen", "read"), [(0.99, "4"), (0.5, ""), (0.02, "")])
def test_lone_ink_is_a_digit_if_both_readings_are_sure_of_it(seen: float, read: str) -> None:
    attempt = far_apart(1)
    attempt.probabilities[0] = says(4, 0.7)
    after = read_again(attempt, asked(4, 0.7), peaks(attempt, (4, seen)), LAYOUT, SETTINGS)
    assert text(after) == read
    assert read or [v.reason for v in after.verdicts] == ["not a digit"]


def test_two_lone_digits_side_by_side_must_each_be_one_by_both() -> None:
    attempt = first_reading(row_of("24")[0])
    for v in attempt.digits:
        attempt.probabilities[v.region] = says(4, 0.8)
    for seen, read in ((0.99, "44"), (0.6, "")):
        after = read_again(attempt, asked(4, 0.8), peaks(attempt, (4, seen), (4, seen)), LAYOUT, SETTINGS)
        assert text(after) == read


def test_lone_ink_is_no_surer_for_being_a_digit_by_both() -> None:
    attempt = far_apart(1)
    attempt.verdicts[:] = [replace(attempt.verdicts[0], probability=0.7)]  # type: ignore[index]
    attempt.probabilities[0] = says(4, 0.7)
    after = read_again(attempt, asked(4, 0.7), peaks(attempt, (4, 0.999)), LAYOUT, SETTINGS)
    assert [v.probability for v in after.digits] == [0.7]


def test_a_piece_of_a_letter_is_no_digit_because_a_higher_threshold_thinned_it() -> None:
    attempt = far_apart(1)
    digit = attempt.regions[attempt.digits[0].region]
    for wide, read in ((digit.box.w + 4, ""), (4 * digit.box.w, "4")):  # far wider: another thing, a ruled line say
        letter = replace(digit, parent=-1, box=digit.box._replace(w=wide))
        rows = np.stack([says(4, 0.03), says(4, 0.99)])
        nested = Attempt(
            attempt.view,
            attempt.ink,
            [letter, replace(digit, parent=0)],
            rows,
            attempt.raw,
            [replace(attempt.digits[0], region=1)],
        )
        assert text(read_again(nested, asked(4, 0.9), peaks(attempt, (4, 0.9)), LAYOUT, SETTINGS)) == read


def test_of_two_lone_strokes_one_that_the_second_does_not_see_is_none() -> None:
    attempt = first_reading(row_of("11")[0])
    after = read_again(attempt, asked(4, 0.9), peaks(attempt, (4, 0.99), (4, 0.0)), LAYOUT, SETTINGS)
    assert len(after.digits) == 1


def test_in_frames_a_row_of_sure_digits_is_not_read_again() -> None:
    attempt, sure = first_reading(row_of("0247")[0]), LIVE.second
    network = peaks(attempt, *[(4, 0.9)] * 4)
    assert read_again(attempt, asked(4, 0.9), network, LAYOUT, sure).verdicts == attempt.verdicts
    assert network.shown == 0
    first = attempt.verdicts[0]
    attempt.verdicts[:] = [replace(first, probability=0.9), *attempt.verdicts[1:]]  # type: ignore[index]
    read_again(attempt, asked(4, 0.9), network, LAYOUT, sure)
    assert network.shown == 1
    attempt.verdicts[:] = [replace(first, blot=first.region), *attempt.verdicts[1:]]  # type: ignore[index]
    read_again(attempt, asked(4, 0.9), network, LAYOUT, sure)
    assert network.shown == 2
    attempt.verdicts[:] = [replace(first, reason="not a digit"), *attempt.verdicts[1:]]  # type: ignore[index]
    read_again(attempt, asked(4, 0.9), network, LAYOUT, sure)
    assert network.shown == 3


def test_a_digit_seen_beyond_the_picture_is_none() -> None:
    page = row_of("0247")[0][:, 38:]
    attempt = first_reading(page)
    ghost = (2.0, 1, 0.99)
    network = FakeRows(ghost, *peaks(attempt, *[(4, 0.99)] * len(attempt.digits)).digits)
    assert text(read_again(attempt, asked(1, 0.99), network, LAYOUT, SETTINGS)) == text(attempt)


def in_one_stroke(seed: int, monkeypatch: pytest.MonkeyPatch) -> tuple[NDArray[np.uint8], str]:
    """A number written without lifting the pen, and its digits."""
    monkeypatch.setattr(row_notes, "_JOINED", ((1.0, 1.0),))
    pad = Pad(np.full((110, 420, 3), 232, np.float32))
    hand = Hand(48, 0.1, 1.0, (0.1, 0.05), 0, (60.0, 50.0, 50.0), 0.9, 0.02)
    rng = np.random.default_rng(seed)
    row_notes._write_strokes(pad, None, hand, (20, 80), row_notes._number(row_notes.LONGEST, rng), False, rng)
    return finished(pad).picture, "".join(str(label) for label in pad.labels if 0 <= label < REJECT)


@pytest.mark.parametrize("settings", [THOROUGH, LIVE], ids=["thorough", "live"])
@pytest.mark.parametrize("seed", [19, 43, 92, 121])
def test_the_shipped_networks_read_together_what_one_does_not(
    seed: int, settings: ReaderSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, written = in_one_stroke(seed, monkeypatch)
    reader = open_reader(live=settings is LIVE)
    assert reader.read(page).text.replace(" ", "") == written
    assert reader.with_settings(replace(settings, twice=False)).read(page).text.replace(" ", "") != written
