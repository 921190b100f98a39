"""Sets come from files as their form promises; what is held out, doubtful or not permitted is never learned from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models.errors import UnreadableError, UsageError
from tests.training.sets import digits, source, write_folder
from training.data import HELD_EVERY, OWN, REJECT, SOURCES, Split, measured_sets, training_sets

Arrays = dict[str, NDArray[np.generic]]


def by_name(folder: Path) -> dict[str, Split]:
    return {split.source.name: split for split in training_sets(folder)}


def written_by(writers: list[int], per_writer: int) -> Arrays:
    """Return digits whose pixel (0, 0) tells their writer."""
    images, labels = digits(len(writers) * per_writer)
    writer = np.repeat(np.array(writers, np.int32), per_writer)
    images[:, 0, 0] = writer
    return {"images": images, "labels": labels, "writer": writer}


def negatives(count: int, **more: NDArray[np.generic]) -> Arrays:
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, 5:9, 5:9] = np.arange(1, count + 1)[:, None, None]
    return {"images": images, "labels": np.array(["A"] * count), **more}


def test_held_out_writers_are_never_learned_from(tmp_path: Path) -> None:
    writers = list(range(1, 41))
    split = by_name(write_folder(tmp_path, unipen_digits=written_by(writers, 5)))["unipen_digits"]
    learned, held = (set(part.images[:, 0, 0].tolist()) for part in (split.learn, split.held))
    assert not learned & held
    assert learned | held == set(writers)
    assert len(held) == len(writers) // HELD_EVERY
    assert len(split.held) == 5 * len(held)


def test_the_same_writers_are_held_out_every_time(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, unipen_digits=written_by(list(range(50)), 2))
    first, second = by_name(folder)["unipen_digits"].held, by_name(folder)["unipen_digits"].held
    np.testing.assert_array_equal(first.images, second.images)


def test_every_tenth_image_is_held_out_where_writers_are_not_known(tmp_path: Path) -> None:
    images, labels = digits(30)
    split = by_name(write_folder(tmp_path, hwd1000={"images": images, "labels": labels}))["hwd1000"]
    assert (len(split.learn), len(split.held)) == (27, 3)


def test_mnist_is_learned_from_its_training_images_alone(tmp_path: Path) -> None:
    split = by_name(write_folder(tmp_path))["mnist"]
    train = np.load(tmp_path / "mnist.npz")["x_train"]
    np.testing.assert_array_equal(np.concatenate([split.learn.images, split.held.images]), train)
    assert len(split.held) > 0


def test_suspect_labels_are_not_learned_from(tmp_path: Path) -> None:
    arrays = written_by([1], 20) | {"suspect": (np.arange(20) < 4).astype(np.uint8)}
    split = by_name(write_folder(tmp_path, kensanata_numbers=arrays))["kensanata_numbers"]
    assert len(split.learn) + len(split.held) == 16


def test_ambiguous_negatives_are_neither_learned_nor_measured(tmp_path: Path) -> None:
    ambiguous = (np.arange(20) % 2).astype(np.uint8)
    folder = write_folder(
        tmp_path,
        neg_unipen_upper=negatives(20, ambiguous=ambiguous),
        neg_crohme_symbols=negatives(20, ambiguous=ambiguous),
    )
    split = by_name(folder)["neg_unipen_upper"]
    marks = np.concatenate([split.learn.images, split.held.images])[:, 5, 5]
    assert sorted(marks.tolist()) == list(range(1, 21, 2))
    measured = {s.name: inks for s, inks in measured_sets(folder)}["neg_crohme_symbols"]
    assert len(measured) == 10


def test_negatives_are_labelled_not_a_digit(tmp_path: Path) -> None:
    split = by_name(write_folder(tmp_path, neg_omniglot=negatives(20)))["neg_omniglot"]
    assert set(split.learn.labels.tolist()) == {REJECT}


def test_sets_without_a_licence_are_measured_but_never_learned_from(tmp_path: Path) -> None:
    images, labels = digits(30)
    folder = write_folder(tmp_path, usps={"images": images, "labels": labels}, neg_choice_letters=negatives(9))
    assert set(by_name(folder)) == {"mnist", *OWN}
    assert {s.name: len(inks) for s, inks in measured_sets(folder)} == {
        "mnist": 20,
        "usps": 30,
        "neg_choice_letters": 9,
    }


def test_a_set_that_was_learned_from_is_measured_on_its_held_out_writers(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, unipen_digits=written_by(list(range(40)), 3))
    measured = {s.name: inks for s, inks in measured_sets(folder)}
    np.testing.assert_array_equal(measured["unipen_digits"].images, by_name(folder)["unipen_digits"].held.images)
    np.testing.assert_array_equal(measured["mnist"].images, np.load(folder / "mnist.npz")["x_test"])


def test_blank_cells_lose_their_paper_and_their_frame(tmp_path: Path) -> None:
    photos = np.full((10, 64, 64), 60, np.uint8)
    photos[:, :, :4] = 255  # the frame
    photos[:, 30:34, 30:34] = 160  # a speck
    folder = write_folder(tmp_path, neg_sudoku_blank_raw={"images": photos, "labels": np.array(["blank"] * 10)})
    learn = by_name(folder)["neg_sudoku_blank_raw"].learn.images
    assert learn.max() == 255
    assert np.count_nonzero(learn[0]) == 16


def test_absent_sets_are_named_on_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    training_sets(write_folder(tmp_path))
    err = capsys.readouterr().err
    assert "unipen_digits.npz" in err
    assert "usps" not in err  # it is not wanted for training


def test_a_folder_that_is_not_there_is_a_usage_fault(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        training_sets(tmp_path / "nowhere")


def test_mnist_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"mnist\.npz: missing"):
        training_sets(tmp_path)


GARBLED: list[tuple[str, bytes | Arrays]] = [
    ("empty", b""),
    ("no zip", b"this is text"),
    ("cut short", b"PK\x03\x04" + bytes(40)),
    ("another form", {"pictures": np.zeros(3)}),
    ("no pictures", {"images": np.zeros((3, 4), np.uint8), "labels": np.zeros(3, np.uint8)}),
    ("floats", {"images": np.zeros((3, 4, 4)), "labels": np.zeros(3, np.uint8)}),
    ("labels too few", {"images": np.zeros((3, 4, 4), np.uint8), "labels": np.zeros(2, np.uint8)}),
    ("label 11", {"images": np.zeros((1, 4, 4), np.uint8), "labels": np.full(1, 11, np.uint8)}),
]


@pytest.mark.parametrize("content", [row[1] for row in GARBLED], ids=[row[0] for row in GARBLED])
def test_a_garbled_set_is_refused_in_one_line_with_its_path(tmp_path: Path, content: bytes | Arrays) -> None:
    write_folder(tmp_path)
    path = tmp_path / "hwd1000.npz"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        np.savez(path, **content)  # type: ignore[arg-type]
    with pytest.raises(UnreadableError) as refusal:
        training_sets(tmp_path)
    assert str(path) in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_every_known_set_says_its_licence_and_origin() -> None:
    assert len({s.name for s in SOURCES}) == len(SOURCES)
    assert all(s.licence and s.origin for s in SOURCES)
    assert all((s.share > 0) == s.learn for s in SOURCES)


@pytest.mark.parametrize("name", ["usps", "crohme_digits", "orand_car_a_digits", "neg_crohme_symbols"])
def test_the_sets_without_a_permitting_licence_stay_out_of_training(name: str) -> None:
    assert not source(name).learn


def test_own_sets_are_the_same_every_time_and_measure_nothing(tmp_path: Path) -> None:
    folder = write_folder(tmp_path)
    first, again = by_name(folder), by_name(folder)
    for name in OWN:
        np.testing.assert_array_equal(first[name].learn.images, again[name].learn.images)
        assert len(first[name].learn) == 9 * len(first[name].held)
    assert set(first["own_digits"].learn.labels.tolist()) == set(range(10))
    assert set(first["neg_own_signs"].learn.labels.tolist()) == {REJECT}
    assert not {source.name for source, _ in measured_sets(folder)} & set(OWN)
