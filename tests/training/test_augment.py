"""Degraded ink is still ink: same form, same range, never lost, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from models.contract import normalize
from tests.models.golden import drawn, every_digit
from training.augment import Degradation, Ink, bend, beside, degrade, elastic, evened, trim
from training.nondigits import drawn as drawn_nondigit
from training.nondigits import joined, upright_bar
from training.strokes import glyph

SEEDS = range(60)
FULL = Degradation(untouched=0, only_bent=0)
WORST = Degradation(
    untouched=0, only_bent=0, pen=1, broken=1, ruled=1, neighbour=1, small=1, blur=1, noise=1, shortest=12
)


def digit(label: str = "5", height: float = 48) -> Ink:
    return drawn(glyph(label), height)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("how", [FULL, WORST], ids=["usual", "worst"])
def test_form_and_range_are_kept_and_ink_remains(seed: int, how: Degradation) -> None:
    crop = degrade(digit(), np.random.default_rng(seed), digit("8"), how)
    assert crop.dtype == np.uint8
    assert crop.ndim == 2
    assert crop.max() > 200
    assert normalize(crop).sum() > 10


def test_the_same_seed_gives_the_same_crop_and_another_seed_another() -> None:
    crops = [degrade(digit(), np.random.default_rng(seed), digit("8"), FULL) for seed in (7, 7, 8)]
    np.testing.assert_array_equal(crops[0], crops[1])
    assert crops[0].shape != crops[2].shape or (crops[0] != crops[2]).any()


def test_what_is_handed_in_is_not_written_to() -> None:
    ink, neighbour = digit(), digit("8")
    for seed in SEEDS:
        degrade(ink, np.random.default_rng(seed), neighbour, WORST)
    np.testing.assert_array_equal(ink, digit())
    np.testing.assert_array_equal(neighbour, digit("8"))


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (28, 28), (64, 160)])
@pytest.mark.parametrize("value", [0, 1, 255])
def test_ink_of_any_shape_passes(shape: tuple[int, int], value: int) -> None:
    for seed in range(20):
        crop = degrade(np.full(shape, value, np.uint8), np.random.default_rng(seed), None, WORST)
        assert crop.any() == (value > 0)


def test_one_in_so_many_is_left_as_it_is() -> None:
    how = Degradation(untouched=0.5)
    same = [degrade(digit(), np.random.default_rng(seed), None, how).shape == digit().shape for seed in range(200)]
    assert 70 < sum(same) < 130


def test_bending_turns_no_further_than_it_may() -> None:
    bar = np.zeros((72, 72), np.uint8)
    bar[10:60, 34:38] = 255
    for seed in SEEDS:
        ys, xs = np.nonzero(bend(bar, np.random.default_rng(seed), Degradation(slant=0, aspect=0)) > 128)
        slope = np.polyfit(ys, xs, 1)[0]
        assert abs(np.rad2deg(np.arctan(slope))) < 12.5


def test_bending_cuts_no_ink_off() -> None:
    for seed in SEEDS:
        bent = bend(digit("0", 56), np.random.default_rng(seed))
        assert not any(edge.any() for edge in (bent[0], bent[-1], bent[:, 0], bent[:, -1]))


def test_a_neighbour_stands_beside_and_the_digit_stays_whole() -> None:
    left, right = np.full((20, 8), 255, np.uint8), np.full((10, 3), 90, np.uint8)
    both = beside(left, right, 2, np.random.default_rng(0))
    assert both.shape == (20, 13)
    assert both[:, :8].min() == 255
    assert (both[:, 8:10] == 0).all()
    assert np.count_nonzero(both[:, 10:]) == 30


def test_evening_out_makes_the_background_nought_and_the_stroke_full() -> None:
    contrast = np.full((9, 9), 20, np.float32)
    contrast[2:7, 4] = 100
    stroke = (contrast > 50).astype(np.uint8)
    crop = evened(contrast, stroke)
    assert (crop[2:7, 4] == 255).all()
    assert (crop[:, :3] == 0).all()
    assert (crop[2:7, 3] == 51).all()  # one pixel beside the stroke keeps its gray
    assert not evened(contrast, np.zeros((9, 9), np.uint8)).any()


def test_trim_cuts_to_the_ink() -> None:
    ink = np.zeros((20, 30), np.uint8)
    ink[5:9, 11:13] = 7
    assert trim(ink).shape == (4, 2)
    assert trim(np.zeros((3, 4), np.uint8)).shape == (3, 4)


@pytest.mark.parametrize("seed", SEEDS)
def test_drawn_non_digits_have_ink_and_are_no_upright_bar(seed: int) -> None:
    body = trim(drawn_nondigit(np.random.default_rng(seed)))
    assert body.max() == 255 or body.any()
    assert body.shape[1] > 0.4 * body.shape[0], "an upright bar must not be taught as no digit"


@pytest.mark.parametrize("seed", SEEDS)
def test_bare_ones_are_upright(seed: int) -> None:
    body = trim(upright_bar(np.random.default_rng(seed)))
    assert body.shape[0] > 1.2 * body.shape[1]


def test_joined_digits_are_wider_than_one() -> None:
    for label, form in every_digit():
        pair = joined(drawn(glyph(label, form)), digit("5"), np.random.default_rng(3))
        assert trim(pair).shape[1] > 0.5 * pair.shape[0]
        assert pair.max() == 255


@pytest.mark.parametrize("seed", range(20))
def test_rubber_bends_the_ink_but_keeps_it(seed: int) -> None:
    ink = trim(digit("3"))
    bent = elastic(ink, 0.0, np.random.default_rng(seed))
    assert int(bent.sum()) == pytest.approx(int(ink.sum()), rel=0.25)
    kept = trim(bent)
    assert kept.shape != ink.shape or (kept != ink).any()
    border = np.concatenate([bent[0], bent[-1], bent[:, 0], bent[:, -1]])
    assert border.max() < 255, "most of the ink stays inside"


def test_a_slant_leans_the_ink_to_the_right() -> None:
    bar = np.full((40, 6), 255, np.uint8)
    leaning = elastic(bar, 0.5, np.random.default_rng(1), strength=0.0)
    ys, xs = np.nonzero(leaning > 128)
    assert xs[ys < ys.min() + 4].mean() > xs[ys > ys.max() - 4].mean() + 12
