"""Digits and signs of this project's own: whole, different from each other, each of its form."""

from __future__ import annotations

import numpy as np
import pytest

from training.forms import DIGITS, FORMS
from training.own_strokes import SIDE, any_hand, drawn_digits, drawn_signs, rendered
from training.rare_forms import RARE, SIGNS
from training.strokes import Writer, drawn_glyph, written

EVERY = [(label, name, paths) for label, forms in RARE.items() for name, paths in forms.items()]


@pytest.mark.parametrize(("label", "name", "paths"), EVERY, ids=[f"{label} {name}" for label, name, _ in EVERY])
def test_a_rare_form_is_of_a_digit_and_not_one_of_the_samples(label: str, name: str, paths: str) -> None:
    assert label in DIGITS
    assert name not in FORMS[label]
    assert paths not in FORMS[label].values()


@pytest.mark.parametrize("paths", [paths for _, _, paths in EVERY] + list(SIGNS.values()))
def test_every_form_fills_its_picture_whatever_the_hand(paths: str) -> None:
    rng = np.random.default_rng(3)
    for _ in range(5):
        hand = any_hand(rng)
        ink = rendered(written(drawn_glyph("any", paths), hand, rng), hand.pen)
        rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
        longest = max(np.ptp(rows), np.ptp(columns)) + 1
        assert 50 <= longest <= SIDE
        assert 0.02 < (ink > 127).mean() < 0.75


def test_a_thicker_pen_leaves_more_ink() -> None:
    mark = written(drawn_glyph("9", RARE["9"]["p"]), Writer(), np.random.default_rng(0))
    assert rendered(mark, 0.12).sum() > 1.5 * rendered(mark, 0.05).sum()


def test_digits_come_with_their_labels_and_no_two_are_the_same() -> None:
    images, labels = drawn_digits(60, np.random.default_rng(1))
    assert (images.shape, str(images.dtype), labels.shape) == ((60, SIDE, SIDE), "uint8", (60,))
    assert len({image.tobytes() for image in images}) == 60
    assert set(labels.tolist()) == set(range(10))
    assert drawn_digits(0, np.random.default_rng(1))[0].shape == (0, SIDE, SIDE)


def test_signs_are_drawn_by_the_same_lot_again() -> None:
    first, again = (drawn_signs(30, np.random.default_rng(2)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert len({image.tobytes() for image in first}) == 30
