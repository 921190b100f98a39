"""The public form of each set becomes a file that training reads."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.errors import UnreadableError, UsageError
from tests.training.sets import digits
from training.data import OWN, SOURCES, read_arrays
from training.prepare import CONVERTERS, framed, off_paper, prepare, printed
from training.recordings import NAME, recordings

SOURCE = {source.name: source for source in SOURCES}


def scan(ink: NDArray[np.uint8], side: int = 90) -> NDArray[np.uint8]:
    """Return ink as a scan shows it, dark on paper."""
    large = cv2.resize(ink, (side, side), interpolation=cv2.INTER_CUBIC)
    return np.asarray(235 - large * 0.75, np.uint8)


def save(path: Path, picture: NDArray[np.uint8]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), picture)


def prepared(name: str, source: Path, tmp_path: Path) -> dict[str, NDArray[np.generic]]:
    path, count = prepare(name, source, tmp_path / "out")
    assert path == tmp_path / "out" / f"{name}.npz"
    arrays: dict[str, NDArray[np.generic]] = read_arrays(path, SOURCE[name])
    assert len(arrays["labels"]) == count
    return arrays


def test_there_is_a_converter_for_every_set_from_files_but_mnist() -> None:
    learned = {source.name for source in SOURCES if source.learn} - {"mnist", *OWN}
    assert set(CONVERTERS) == learned | {NAME}


def test_kensanata(tmp_path: Path) -> None:
    images, labels = digits(6)
    for i, (image, label) in enumerate(zip(images, labels, strict=True)):
        save(tmp_path / "set" / f"000{1 + i % 2}_CH4M" / str(label) / f"number-{i}.png", scan(image))
    arrays = prepared("kensanata_numbers", tmp_path / "set", tmp_path)
    assert sorted(arrays["labels"].tolist()) == sorted(labels.tolist())
    assert set(arrays["writer"].tolist()) == {1, 2}
    assert set(arrays["meta"].tolist()) == {"CH4M"}
    assert (arrays["images"].max(axis=(1, 2)) > 240).all()
    assert (arrays["images"][:, 0] == 0).all()


def test_hwd1000(tmp_path: Path) -> None:
    image = digits(1)[0][0]
    save(tmp_path / "set" / "img" / "0-001.png", np.asarray(255 - image, np.uint8))
    (tmp_path / "set" / "dataset.csv").write_text("image,label\nimg/0-001.png,0\n")
    arrays = prepared("hwd1000", tmp_path / "set", tmp_path)
    np.testing.assert_array_equal(arrays["images"][0], image)
    assert arrays["labels"].tolist() == [0]


def test_omniglot(tmp_path: Path) -> None:
    for drawer in (1, 2):
        picture = np.full((105, 105), 255, np.uint8)
        cv2.line(picture, (20, 20), (80, 20 * drawer), 0, 2)
        save(tmp_path / "set" / "Greek" / "character01" / f"0001_0{drawer}.png", picture)
    arrays = prepared("neg_omniglot", tmp_path / "set", tmp_path)
    assert arrays["labels"].tolist() == ["Greek/character01"] * 2
    assert arrays["writer"].tolist() == [1, 2]


def test_sudoku_cells_that_are_printed_are_left_out(tmp_path: Path) -> None:
    images, _ = digits(3)
    root = tmp_path / "set" / "datasets" / "digit_classification"
    for i in range(30):
        cell = scan(images[0], 128).astype(np.float32) + np.random.default_rng(i).normal(0, 2, (128, 128))
        save(root / "train" / "4" / f"type-{i}.jpg", np.clip(cell, 0, 255).astype(np.uint8))
    for i in (1, 2):
        save(root / "test" / "4" / f"hand-{i}.jpg", scan(images[i], 128))
        save(root / "test" / "0" / f"blank-{i}.jpg", np.full((128, 128), 200 + i, np.uint8))
    arrays = prepared("sudoku_phone_digits", tmp_path / "set", tmp_path)
    assert arrays["labels"].tolist() == [4, 4]
    assert arrays["raw"].shape == (2, 64, 64)
    blank = prepared("neg_sudoku_blank_raw", tmp_path / "set", tmp_path)
    assert blank["labels"].tolist() == ["blank", "blank"]
    assert blank["images"].max() <= 60


UNIPEN = """.WRITER_ID {writer}
.PEN_DOWN
 10 20
 10 60
.PEN_UP
.PEN_DOWN
 30 20
 40 60
.PEN_UP
.SEGMENT CHARACTER 0 ? "{one}"
.SEGMENT CHARACTER 1 ? "{other}"
.SEGMENT WORD 0-1 ? "{one}{other}"
"""


@pytest.mark.parametrize(
    ("name", "category", "one", "other", "found"),
    [
        ("unipen_digits", "1a", "7", "x", [7, 7]),
        ("neg_unipen_upper", "1b", "A", "b", ["A", "A"]),
        ("neg_unipen_lower", "1c", "l", "B", ["l", "l"]),
        ("neg_unipen_symbols", "1d", "+", "@", ["+", "+"]),
        ("neg_unipen_words", "8", "a", "b", ["ab", "ab"]),
    ],
)
def test_unipen(tmp_path: Path, name: str, category: str, one: str, other: str, found: list[object]) -> None:
    for writer in ("anna", "ben"):
        path = tmp_path / "set" / "data" / category / "abc" / f"{writer}.dat"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(UNIPEN.format(writer=writer, one=one, other=other))
    arrays = prepared(name, tmp_path / "set", tmp_path)
    assert arrays["labels"].tolist() == found
    assert arrays["writer"].tolist() == [0, 1]
    assert (arrays["images"].max(axis=(1, 2)) > 200).all()
    if "neg" in name:
        assert arrays["ambiguous"].tolist() == [int(one == "l")] * 2


def test_strokes_are_recorded_as_written_but_with_y_down(tmp_path: Path) -> None:
    for k in range(12):
        path = tmp_path / "set" / "data" / "1a" / "abc" / f"{k:02}.dat"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(UNIPEN.format(writer=k, one="7", other="4"))
    path, count = prepare("unipen_strokes", tmp_path / "set", tmp_path / "out")
    arrays = dict(np.load(path))
    assert count == 24
    assert arrays["labels"].tolist() == [7, 4] * 12
    assert arrays["points"][arrays["stroke_start"][0] : arrays["stroke_start"][1]].tolist() == [[0, 1000], [0, 0]]
    assert arrays["points"][arrays["stroke_start"][1] : arrays["stroke_start"][2]].tolist() == [[0, 1000], [250, 0]]
    assert arrays["char_start"].tolist() == list(range(25))
    assert len(np.unique(arrays["writer"])) == 12
    assert recordings(tmp_path / "out", "learn") is None, "nobody of them wrote all digits"


def test_stray_marks_and_the_rim_are_taken_off() -> None:
    page = scan(digits(1)[0][0])
    marked = page.copy()
    cv2.line(marked, (0, 2), (89, 2), 60, 2)
    cv2.circle(marked, (80, 80), 1, 90, -1)
    clean, kept = off_paper(page), off_paper(marked)
    assert kept[:4].max() == 0
    assert kept[76:84, 76:84].max() == 0
    assert np.abs(framed(clean).astype(int) - framed(kept)).mean() < 6


def test_ink_is_made_smaller_but_never_larger() -> None:
    assert framed(np.full((10, 6), 255, np.uint8)).sum() == 60 * 255
    large = framed(np.full((200, 100), 255, np.uint8))
    assert np.flatnonzero(large.max(axis=1) > 0).size == 60


def test_nothing_is_printed_where_nothing_is() -> None:
    assert printed([]).tolist() == []
    assert printed([np.zeros((64, 64), np.uint8)]).tolist() == [False]


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such set; choose one of"):
        prepare("odd", tmp_path, tmp_path)
    with pytest.raises(UsageError, match="fetch the set first"):
        prepare("hwd1000", tmp_path / "gone", tmp_path)
    with pytest.raises(UnreadableError, match=r"dataset\.csv: not the list"):
        prepare("hwd1000", tmp_path, tmp_path)
    with pytest.raises(UnreadableError, match="holds nothing of neg_omniglot"):
        prepare("neg_omniglot", tmp_path, tmp_path)
    (tmp_path / "0001_CH4M" / "3").mkdir(parents=True)
    (tmp_path / "0001_CH4M" / "3" / "number-1.png").write_bytes(b"no picture")
    with pytest.raises(UnreadableError, match=r"number-1\.png: no picture"):
        prepare("kensanata_numbers", tmp_path, tmp_path)
