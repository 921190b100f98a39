"""The forms people write, and writers with a hand of their own."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from training.forms import DIGITS, FORMS
from training.strokes import Mark, Writer, curve, glyph, new_writer, write

EVERY_FORM = [(label, form) for label, kinds in FORMS.items() for form in kinds]


def points(mark: Mark) -> NDArray[np.float64]:
    return np.concatenate(mark.strokes)


@pytest.mark.parametrize("digit", DIGITS)
def test_each_digit_has_several_forms(digit: str) -> None:
    assert len(FORMS[digit]) >= 3


@pytest.mark.parametrize(
    ("digit", "form", "strokes"),
    [
        ("0", "slashed", 2),
        ("1", "bare", 1),
        ("1", "base", 2),
        ("4", "open", 2),
        ("4", "closed", 2),
        ("5", "one stroke", 1),
        ("5", "two strokes", 2),
        ("7", "plain", 1),
        ("7", "crossed", 2),
        ("8", "two rings", 2),
    ],
)
def test_a_form_takes_as_many_strokes_as_its_name_says(digit: str, form: str, strokes: int) -> None:
    assert len(glyph(digit, form).strokes) == strokes


@pytest.mark.parametrize(("label", "form"), EVERY_FORM)
def test_every_form_lies_in_the_unit_box_and_is_smooth(label: str, form: str) -> None:
    for stroke in glyph(label, form).strokes:
        assert stroke.min() >= 0
        assert stroke.max() <= 1
        assert np.linalg.norm(np.diff(stroke, axis=0), axis=1).max() < 0.06


@pytest.mark.parametrize(("digit", "form"), [pair for pair in EVERY_FORM if pair[0] in DIGITS])
def test_digits_stand_on_the_line_and_reach_its_top(digit: str, form: str) -> None:
    y = np.concatenate(glyph(digit, form).strokes)[:, 1]
    assert y.min() < 0.06
    assert y.max() > 0.93


def test_a_curve_runs_through_its_knots() -> None:
    knots = np.array([(0.0, 0.0), (1.0, 0.2), (1.2, 1.0), (0.0, 1.1)])
    drawn = curve([knots], steps=10)
    assert np.allclose(drawn[::10], knots)


def test_a_corner_stays_sharp_and_a_knot_does_not() -> None:
    a, b, c = (0.0, 0.0), (1.0, 0.0), (1.0, 1.0)
    sharp = curve([np.array([a, b]), np.array([b, c])])
    smooth = curve([np.array([a, b, c])])
    assert largest_turn(sharp) == pytest.approx(np.pi / 2)
    assert largest_turn(smooth) < 0.6


def largest_turn(stroke: NDArray[np.float64]) -> float:
    way = np.diff(stroke, axis=0)
    angles = np.arctan2(way[:, 1], way[:, 0])
    return float(np.abs(np.angle(np.exp(1j * np.diff(angles)))).max())


def test_the_same_seed_writes_the_same() -> None:
    def once(seed: int) -> list[NDArray[np.float64]]:
        rng = np.random.default_rng(seed)
        return [points(mark) for mark in write("2047", new_writer(rng), rng)]

    assert all(np.array_equal(a, b) for a, b in zip(once(5), once(5), strict=True))
    assert not np.array_equal(once(5)[0], once(6)[0])


def test_a_writer_writes_a_digit_alike_but_never_twice_the_same() -> None:
    rng = np.random.default_rng(3)
    first, second = (points(mark) - points(mark).min(axis=0) for mark in write("33", new_writer(rng), rng))
    apart = np.abs(first - second)[:, :2].max()
    assert 0.001 < apart < 0.25


def test_marks_stand_side_by_side_and_a_space_leaves_a_gap() -> None:
    writer, rng = Writer(wobble=0.0), np.random.default_rng(1)
    ends = [(points(mark)[:, 0].min(), points(mark)[:, 0].max()) for mark in write("12 3", writer, rng)]
    gaps = [after[0] - before[1] for before, after in pairwise(ends)]
    assert gaps[0] > 0.1
    assert gaps[1] > gaps[0] + 0.4


def test_slant_leans_the_writing_to_the_right() -> None:
    upright, leaning = (
        points(write("1", Writer(forms=(("1", "bare"),), slant=slant, wobble=0.0), np.random.default_rng(0))[0])
        for slant in (0.0, 0.4)
    )
    assert leaning[0, 0] - leaning[-1, 0] == pytest.approx(upright[0, 0] - upright[-1, 0] + 0.4, abs=0.05)


def test_a_form_asked_for_is_written() -> None:
    rng = np.random.default_rng(2)
    crossed, plain = (new_writer(rng, {"7": form}) for form in ("crossed", "plain"))
    assert len(write("7", crossed, rng)[0].strokes) == 2
    assert len(write("7", plain, rng)[0].strokes) == 1


def test_words_name_drawings_and_nothing_is_written_for_nothing() -> None:
    rng = np.random.default_rng(2)
    assert [mark.label for mark in write(("house", " ", "star"), Writer(), rng)] == ["house", "star"]
    assert write("", Writer(), rng) == ()


def test_pressure_stays_in_reach_of_a_hand() -> None:
    rng = np.random.default_rng(4)
    for mark in write(DIGITS * 5, new_writer(rng), rng):
        assert points(mark)[:, 2].min() >= 0.5
        assert points(mark)[:, 2].max() <= 1.4
