"""Recordings of a pen: parts are found by component and point, files include others, strokes become ink."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.errors import UnreadableError
from training.unipen import Segment, drawn_strokes, segments

PEN = """.WRITER_ID anna
.PEN_DOWN
 10 20
 10 60
.PEN_UP
.PEN_DOWN
 30 20
 40 60
 50 20
.PEN_UP
 55 25
 60 30
.PEN_DOWN
 70 20
 70 60
"""


def write(root: Path, text: str, pen: str = PEN, name: str = "data/1a/abc/one.dat") -> Path:
    (root / "include" / "abc").mkdir(parents=True, exist_ok=True)
    (root / "include" / "abc" / "pen.dat").write_text(pen)
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(".VERSION 1.0\n.INCLUDE abc/notes.doc\n.INCLUDE abc/pen.dat\n" + text)
    return path


def read(root: Path, text: str, pen: str = PEN) -> list[Segment]:
    return list(segments(write(root, text, pen), root))


@pytest.mark.parametrize(
    ("places", "strokes"),
    [
        ("0", [[(10, 20), (10, 60)]]),
        ("0-1", [[(10, 20), (10, 60)], [(30, 20), (40, 60), (50, 20)]]),
        ("1:1-1:2", [[(40, 60), (50, 20)]]),
        ("1-3", [[(30, 20), (40, 60), (50, 20)], [(70, 20), (70, 60)]]),  # 2 is the way of the lifted pen
        ("0,3", [[(10, 20), (10, 60)], [(70, 20), (70, 60)]]),
        ("0-99", [[(10, 20), (10, 60)], [(30, 20), (40, 60), (50, 20)], [(70, 20), (70, 60)]]),
    ],
)
def test_a_segment_has_the_strokes_of_its_components(
    tmp_path: Path, places: str, strokes: list[list[tuple[int, int]]]
) -> None:
    (found,) = read(tmp_path, f'.SEGMENT CHARACTER {places} ? "4"\n')
    assert (found.level, found.label, found.writer) == ("CHARACTER", "4", "anna")
    assert [[tuple(p) for p in stroke.tolist()] for stroke in found.strokes] == strokes


def test_what_names_nothing_is_left_out(tmp_path: Path) -> None:
    assert read(tmp_path, '.SEGMENT CHARACTER 2 ? "1"\n.SEGMENT CHARACTER 88 ? "2"\n.SEGMENT odd\n') == []


def test_columns_are_where_the_file_says(tmp_path: Path) -> None:
    pen = ".COORD T Y X\n.PEN_DOWN\n 1 20 10\n 2 60 10\nodd line\n.PEN_UP\n"
    (found,) = read(tmp_path, '.SEGMENT WORD 0 ? "a b"\n', pen)
    assert found.strokes[0].tolist() == [[10, 20], [10, 60]]
    assert (found.label, found.writer) == ("a b", "abc")  # the contributor, where no writer is named


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, ".INCLUDE abc/gone.dat\n")
    with pytest.raises(UnreadableError, match=r"gone\.dat: cannot be read"):
        list(segments(path, tmp_path))


def test_files_that_include_each_other_end(tmp_path: Path) -> None:
    path = write(tmp_path, "", ".INCLUDE abc/pen.dat\n")
    with pytest.raises(UnreadableError, match="include each other"):
        list(segments(path, tmp_path))


def test_strokes_become_upright_ink_that_fits() -> None:
    seven = [np.array([(0, 90), (60, 90), (20, 0)], np.float64)]
    for seed in range(5):
        ink = drawn_strokes(seven, (64, 64), np.random.default_rng(seed))
        assert ink.shape == (64, 64)
        assert ink[0].max() == ink[-1].max() == ink[:, 0].max() == ink[:, -1].max() == 0
        rows = np.flatnonzero(ink.max(axis=1) > 128)
        assert 40 <= rows[-1] - rows[0] <= 60
        top, bottom = (np.count_nonzero(ink[row] > 128) for row in (rows[3], rows[-4]))
        assert top > 2 * bottom  # the bar of the 7 is above


def test_a_point_is_a_dot() -> None:
    assert drawn_strokes([np.zeros((1, 2))], (64, 64), np.random.default_rng(0)).max() == 255
