"""Rows are written, photographed and shown to the row network with every digit where it is."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.errors import UnreadableError
from models.rows import HEIGHT, STRIDE
from realtime.values import Box, covers
from tests.training.sets import split, strokes_of, write_strokes
from training.data import REJECT
from training.recordings import NAME, Recordings, described_recordings, recordings
from training.row_harvest import harvest_rows
from training.row_notes import Means, row_note
from training.row_publish import batches
from training.row_samples import (
    LARGER,
    MOST,
    NO_JITTER,
    STORED,
    Jitter,
    Rows,
    _Mark,
    _taken_for_digits,
    draw_rows,
    shown,
)
from training.sampling import pool_of

SETS = (split("mnist", 60, 30), split("neg_omniglot", 30, 10, seed=2))


def means(folder: Path | None = None) -> Means:
    digits = pool_of(SETS, "digits")
    assert digits is not None
    return Means(digits, pool_of(SETS, "negatives"), recordings(folder, "learn"))


def test_recordings_are_those_of_writers_not_held_out(tmp_path: Path) -> None:
    folder = write_strokes(tmp_path)
    learn, held = recordings(folder, "learn"), recordings(folder, "held")
    assert isinstance(learn, Recordings)
    assert held is not None
    assert (len(learn.writers), len(held.writers)) == (11, 1)
    (character,) = learn.writers[0][4]
    assert [stroke.tolist() for stroke in character] == [stroke.tolist() for stroke in strokes_of(4)]
    (told,) = described_recordings(folder)
    assert (told["learned"], told["held_out"], told["kind"]) == (110, 10, "strokes")


def test_without_recordings_there_are_none(tmp_path: Path) -> None:
    assert recordings(None, "learn") is None
    assert recordings(tmp_path, "learn") is None
    assert described_recordings(tmp_path) == ()


def test_a_damaged_file_of_recordings_is_named(tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.npz").write_bytes(b"damaged")
    with pytest.raises(UnreadableError, match=r"unipen_strokes\.npz: not a readable set of strokes"):
        recordings(tmp_path, "learn")


def test_a_row_is_written_with_the_place_of_each_digit(tmp_path: Path) -> None:
    rng, with_digits = np.random.default_rng(3), 0
    for _ in range(30):
        note = row_note(means(write_strokes(tmp_path)), rng)
        digits = [i + 1 for i, label in enumerate(note.labels) if 0 <= label < REJECT]
        with_digits += len(digits) >= 2
        for mark in digits:
            own = [layer == mark for layer in note.owners]
            place = np.logical_or(*own)
            if place.sum() > 30:
                assert (
                    note.picture[place].mean()
                    < note.picture[np.logical_and(*(layer == 0 for layer in note.owners))].mean()
                )
    assert with_digits >= 18


def test_some_notes_have_one_digit_and_some_none_and_some_hands_leave_room(tmp_path: Path) -> None:
    rng, given = np.random.default_rng(4), means(write_strokes(tmp_path))
    notes = [row_note(given, rng) for _ in range(120)]
    counts = np.array([sum(0 <= label < REJECT for label in note.labels) for note in notes])
    assert 0.05 < np.mean(counts == 1) < 0.25
    assert 0.05 < np.mean(counts == 0) < 0.25
    assert np.mean(counts > 1) > 0.6
    width = [note.picture.shape[1] / note.picture.shape[0] / n for note, n in zip(notes, counts, strict=True) if n > 1]
    assert np.quantile(width, 0.9) > 1.5 * np.median(width)


def test_where_there_is_no_digit_a_mark_or_a_part_of_one_is_looked_at() -> None:
    marks = [_Mark(REJECT, Box(10, 10, 40, 30), True), _Mark(REJECT, Box(80, 12, 20, 30), True)]
    looks = [_taken_for_digits(marks, np.random.default_rng(seed)) for seed in range(60)]
    assert {len(boxes) for boxes in looks} == {1, 2}
    boxes = [box for each in looks for box in each]
    assert any(box == mark.box for box in boxes for mark in marks)
    parts = [box for box in boxes if all(box != mark.box for mark in marks)]
    assert parts
    assert all(any(covers(mark.box, box) for mark in marks) for box in parts)


def test_the_same_seed_draws_the_same_rows(tmp_path: Path) -> None:
    one, other, third = (draw_rows(means(write_strokes(tmp_path)), seed, 12) for seed in ((1, 0), (1, 0), (2, 0)))
    np.testing.assert_array_equal(one.images, other.images)
    np.testing.assert_array_equal(one.labels, other.labels)
    assert not np.array_equal(one.images, third.images)


def test_ink_is_where_a_row_says_that_digits_are() -> None:
    rows = draw_rows(means(), (5,), 40)
    assert rows.images.shape == (40, *STORED[::-1])
    assert (rows.labels[:, MOST - 1] == -1).all()
    inked = []
    for image, labels, sides in zip(rows.images, rows.labels, rows.sides, strict=True):
        for label, (left, right) in zip(labels.tolist(), sides.tolist(), strict=True):
            if label >= 0 and left > 0 and right < STORED[0]:
                part = image[:, int(left) : int(np.ceil(right))]
                inked.append(part.max() > 120)
    assert np.mean(inked) > 0.97
    assert len(inked) > 80


def one_row(*digits: tuple[int, float, float], wide: int = 300) -> Rows:
    """A stored row with a bright bar for each digit: (label, left, right)."""
    rows = Rows.empty(1)
    rows.wide[0] = wide
    for k, (label, left, right) in enumerate(digits):
        rows.labels[0, k], rows.sides[0, k] = label, (left, right)
        rows.images[0, 8:40, max(0, int(left)) : int(right)] = 255
    return rows


def taught(rows: Rows) -> tuple[NDArray[np.float32], list[int], list[float]]:
    images, steps, weights = shown(rows, np.array([0]), np.random.default_rng(0), NO_JITTER)
    assert images.shape == (1, HEIGHT, steps.shape[1] * STRIDE, 1)
    return images[0, :, :, 0], steps[0].tolist(), weights[0].tolist()


def test_a_digit_is_to_be_found_in_its_middle_and_nowhere_else() -> None:
    image, steps, weights = taught(one_row((7, 60, 108)))
    middle = int(84 / LARGER / STRIDE)
    assert steps[middle] == 7
    assert weights[middle] == 1
    found = [i for i, (step, weight) in enumerate(zip(steps, weights, strict=True)) if step == 7 and weight]
    assert found == list(range(found[0], found[-1] + 1))
    assert len(found) <= 3
    assert steps[0] == REJECT
    assert weights[0] == 1
    assert 0.0 in weights, "beside the middle either answer is right"
    assert image[:, middle * STRIDE].max() == 1


def test_two_alike_are_told_apart_by_what_is_between_them() -> None:
    _, steps, weights = taught(one_row((1, 60, 66), (1, 78, 84)))
    between = round((63 / LARGER / STRIDE + 81 / LARGER / STRIDE) / 2 - 0.5)
    assert steps[between] == REJECT
    assert weights[between] == 1
    assert steps.count(1) >= 2


def test_of_a_digit_cut_off_at_the_rows_end_any_answer_is_right() -> None:
    _, steps, weights = taught(one_row((8, -30, 18), (7, 60, 108)))
    assert weights[:3] == [0, 0, 0]
    assert 7 in steps


def test_jitter_moves_digits_and_their_places_together() -> None:
    rows, rng = one_row((3, 100, 148)), np.random.default_rng(1)
    for _ in range(20):
        images, steps, weights = shown(rows, np.array([0]), rng, Jitter(lean=0))
        found = np.flatnonzero((steps[0] == 3) & (weights[0] > 0))
        inked = np.flatnonzero(images[0, :, :, 0].max(axis=0) > 0.5)
        assert abs(found.mean() * STRIDE + STRIDE / 2 - inked.mean()) <= STRIDE


def test_every_row_is_in_one_batch_and_those_of_a_batch_are_of_like_width() -> None:
    rows = Rows.empty(70)
    rows.wide[:] = np.random.default_rng(0).integers(100, 400, 70)
    found = list(batches(rows, 8, np.random.default_rng(1)))
    assert sorted(np.concatenate(found).tolist()) == list(range(70))
    spread = np.mean([np.ptp(rows.wide[batch]) for batch in found])
    assert spread < 60


def test_rows_are_drawn_once_and_kept(tmp_path: Path) -> None:
    said: list[str] = []
    first = harvest_rows(SETS, None, tmp_path, 1, 12, say=said.append)
    again = harvest_rows(SETS, None, tmp_path, 1, 12, say=said.append)
    assert said == ["rows-learn-1-000-12.npz: 12 rows written and photographed"]
    np.testing.assert_array_equal(first.images, again.images)
    held = harvest_rows(SETS, None, tmp_path, 1, 12, "held")
    assert not np.array_equal(first.images, held.images)
    assert len(first.texts()) == 12


def test_a_row_image_is_that_of_a_photograph() -> None:
    rows = draw_rows(means(), (6,), 6, partly=0.0)
    for i in range(6):
        count = int((rows.labels[i] >= 0).sum())
        if count >= 2:
            part = rows.images[i][:, int(rows.sides[i, 0, 0]) : int(rows.sides[i, count - 1, 1])]
            heights = cv2.boundingRect((part > 128).astype(np.uint8))[3]
            assert 0.5 * LARGER * 21 < heights <= LARGER * HEIGHT
