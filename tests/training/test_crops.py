"""Crops of photographed notes: a digit is one by the ink it is made of; joined digits, pieces and marks are none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.contract import SIDE, normalize
from tests.training.sets import split
from training.crops import crops_of, draw_crops
from training.data import REJECT
from training.notes import UNSURE, Note, page, strip
from training.pieces import cut_apart
from training.sampling import Pool, pool_of
from training.snapshots import photographed

DIGITS = pool_of((split("mnist", 60, 20),), "digits")
LETTERS = pool_of((split("neg_omniglot", 30, 10, seed=2),), "negatives")
assert DIGITS is not None


def digits() -> Pool:
    assert DIGITS is not None
    return DIGITS


def note(*strokes: tuple[int, list[tuple[int, int]]], size: tuple[int, int] = (160, 90)) -> Note:
    """Return a white note with strokes drawn by hand: each a label and a path in pixels."""
    picture = np.full((size[1], size[0], 3), 235, np.uint8)
    layers = [np.zeros((size[1], size[0]), np.uint16) for _ in range(2)]
    for i, (_, path) in enumerate(strokes, 1):
        line = [np.array(path, np.int32)]
        cv2.polylines(picture, line, False, (40, 40, 40), 5)
        over = np.zeros((size[1], size[0]), np.uint8)
        cv2.polylines(over, line, False, 255, 5)
        layers[i % 2][over > 0] = i
    areas = tuple(int(np.count_nonzero(layers[i % 2] == i)) for i in range(1, len(strokes) + 1))
    return Note(picture, tuple(layers), tuple(label for label, _ in strokes), areas)


SEVEN = [(30, 22), (58, 22), (40, 70)]
TWO = [(90, 30), (105, 22), (118, 32), (92, 68), (122, 68)]
TOUCHING = [(56, 22), (72, 20), (84, 32), (58, 68), (90, 68)]


def labels(subject: Note, seeds: int = 12) -> list[set[int]]:
    """Return which labels the crops of a note get, under so many cameras."""
    return [{label for _, label in crops_of(subject, np.random.default_rng(s))} for s in range(seeds)]


def test_a_digit_by_itself_gets_its_label_and_no_other() -> None:
    found = labels(note((7, SEVEN), (2, TWO)))
    assert sum({7, 2} <= f for f in found) >= 9
    assert all(f <= {7, 2, REJECT} for f in found)


def test_joined_digits_are_none() -> None:
    subject = note((7, SEVEN), (2, TOUCHING))
    crops = [crop for s in range(8) for crop in crops_of(subject, np.random.default_rng(s))]
    wide = [label for ink, label in crops if ink.shape[1] > 1.1 * ink.shape[0]]
    assert wide
    assert wide.count(REJECT) >= 0.8 * len(wide)


def test_a_digit_that_runs_off_the_sheet_is_left_out() -> None:
    whole = note((7, SEVEN))
    halved = Note(whole.picture, whole.owners, whole.labels, (2 * whole.areas[0],))
    assert all(7 not in found for found in labels(halved))


def test_what_is_unsure_is_left_out() -> None:
    found = labels(note((UNSURE, SEVEN)))
    assert all(f <= {REJECT} for f in found)
    assert sum(bool(f) for f in found) <= 3


def test_a_mark_is_no_digit() -> None:
    found = labels(note((REJECT, [(40, 30), (60, 60), (80, 30), (100, 60)])))
    assert sum(f == {REJECT} for f in found) >= 9


def test_a_bar_is_not_taught_as_no_digit() -> None:
    found = labels(note((REJECT, [(62, 20), (60, 70)])))
    assert sum(REJECT in f for f in found) <= 3


@pytest.mark.parametrize("kind", [strip, page])
def test_a_note_knows_the_ink_of_its_marks(kind: type) -> None:
    made: Note = kind(digits(), LETTERS, np.random.default_rng(4))
    numbers = set().union(*(np.unique(layer).tolist() for layer in made.owners)) - {0}
    assert numbers
    assert numbers <= set(range(1, len(made.labels) + 1))
    assert {label for label in made.labels if label >= 0} <= set(range(REJECT + 1))


def test_the_layers_come_along_with_the_picture() -> None:
    photo = photographed(note((7, SEVEN), (2, TWO)), np.random.default_rng(5))
    gray = photo.picture.mean(axis=2)
    for layer, number in ((photo.owners[1], 1), (photo.owners[0], 2)):
        inside = layer == number
        assert gray[inside].mean() < 0.8 * np.median(gray)
        assert inside.sum() == pytest.approx(photo.areas[number], rel=0.25)


def test_a_cut_keeps_the_layers_under_its_pieces() -> None:
    ink = np.zeros((40, 60), np.uint8)
    ink[5:35, 5:20], ink[18:22, 20:40], ink[5:35, 40:55] = 255, 120, 255
    owner: NDArray[np.uint16] = np.where(ink == 255, np.uint16(3), np.uint16(0))
    for piece, (under,) in cut_apart(ink, [owner], np.random.default_rng(1)):
        assert piece.shape == under.shape
        assert (piece[under == 3] > 100).mean() > 0.6


def test_crops_are_normalized_and_the_same_for_the_same_seed() -> None:
    first, again = (draw_crops(digits(), LETTERS, (3, 1), 150) for _ in range(2))
    np.testing.assert_array_equal(first.images, again.images)
    np.testing.assert_array_equal(first.labels, again.labels)
    assert first.images.shape == (150, SIDE, SIDE)
    assert set(first.labels.tolist()) == set(range(REJECT + 1))
    for image in first.images:
        np.testing.assert_array_equal(np.rint(normalize(image) * 255), image)
    assert (draw_crops(digits(), LETTERS, (3, 2), 150).images != first.images).any()
