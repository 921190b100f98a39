"""Pages: the ink is where the truth says, and nowhere else."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from training.forms import DIGITS
from training.paper import INKS, Page, Sheet, WrittenLine, draw_page, text_of
from training.strokes import new_writer

PLAIN = Sheet((900, 420), grain=0.0)


def page(seed: int = 1, text: str = "30 8194", ink: str = "black marker", sheet: Sheet = PLAIN) -> Page:
    rng = np.random.default_rng(seed)
    return draw_page(sheet, [WrittenLine(text, new_writer(rng), ink, (60, 260), 120, turn=0.05)], rng)


def ink_of(picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.asarray(picture.min(axis=2) < 200, np.bool_)


@pytest.mark.parametrize("seed", range(4))
def test_boxes_are_tight_around_the_ink_of_their_digit(seed: int) -> None:
    drawn = page(seed)
    ink, left_over = ink_of(drawn.picture), ink_of(drawn.picture)
    for mark in drawn.lines[0]:
        if mark.label == " ":
            continue
        own = np.zeros(ink.shape, np.uint8)
        cv2.fillConvexPoly(own, np.round(cv2.convexHull(mark.hull.astype(np.float32))).astype(np.int32), 1)
        y, x = np.nonzero(ink & (cv2.dilate(own, np.ones((3, 3), np.uint8)) > 0))
        reach = (x.min(), y.min(), x.max() + 1, y.max() + 1)
        assert reach == pytest.approx((*mark.hull.min(axis=0), *mark.hull.max(axis=0)), abs=2.0)
        left_over[own > 0] = False
    assert cv2.erode(left_over.astype(np.uint8), np.ones((3, 3), np.uint8)).sum() == 0


def test_the_same_seed_draws_the_same_page() -> None:
    assert np.array_equal(page(7).picture, page(7).picture)
    assert not np.array_equal(page(7).picture, page(8).picture)


def test_a_page_is_a_bgr_picture_of_the_sheets_size() -> None:
    drawn = page()
    assert drawn.picture.shape == (420, 900, 3)
    assert drawn.picture.dtype == np.uint8


@pytest.mark.parametrize("ink", INKS)
def test_each_ink_is_darker_than_the_paper_and_of_its_colour(ink: str) -> None:
    drawn = page(ink=ink, text="8")
    y, x = np.nonzero(drawn.picture.min(axis=2) < 160)
    seen = drawn.picture[y, x].mean(axis=0)
    assert len(y) > 200
    assert int(np.argmax(INKS[ink].colour)) == int(np.argmax(seen)) or np.ptp(INKS[ink].colour) < 10


@pytest.mark.parametrize(("kind", "rows", "columns"), [("plain", 0, 0), ("ruled", 5, 0), ("squared", 6, 14)])
def test_printed_lines_lie_a_pitch_apart(kind: Literal["plain", "ruled", "squared"], rows: int, columns: int) -> None:
    sheet = Sheet((900, 420), kind, pitch=60, grain=0.0)
    blank = draw_page(sheet, [], np.random.default_rng(0)).picture[:, :, 2]
    assert starts(np.median(blank, axis=1) < 225) == rows
    assert starts(np.median(blank, axis=0) < 225) == columns


def starts(dark: NDArray[np.bool_]) -> int:
    return int((np.diff(dark.astype(np.int8)) == 1).sum())


def test_text_is_the_digits_with_one_space_at_gaps() -> None:
    assert text_of(page(text="30 8194").lines[0]) == "30 8194"
    assert text_of(page(text="3+8 A").lines[0]) == "3 8"
    assert text_of(page(text="NEAR").lines[0]) == ""


def test_a_line_too_long_is_written_smaller() -> None:
    drawn = page(text=DIGITS * 2)
    right = max(float(mark.hull[:, 0].max()) for mark in drawn.lines[0])
    assert 780 < right < 900


def test_ink_off_the_sheet_is_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="runs off the sheet"):
        draw_page(PLAIN, [WrittenLine("8", new_writer(rng), "pencil", (60, 40), 120)], rng)
