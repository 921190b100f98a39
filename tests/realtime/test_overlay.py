"""What is drawn is drawn on a copy, can be read, and does not lie on the writing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.lettering import draw_text, text_width
from realtime.overlay import ACCEPTED, REJECTED, REVIEW, OverlaySettings, draw
from realtime.placing import Paper, above_or_beside, below
from realtime.values import Box, Line, Reading
from tests.realtime.making import Picture, number, picture, reading

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ%.,:-_/\\+=?!()|*@&"


def has(colour: tuple[int, int, int], shown: Picture) -> bool:
    return bool((shown == np.array(colour, np.uint8)).all(axis=2).any())


def read(status: str = "accept", size: tuple[int, int] = (640, 480)) -> Reading:
    one = number("1958", 200, 200, 60, "review" if status == "review" else "accept")
    return Reading(size, (Line((one,)),), reading().rejected)


def test_the_picture_itself_is_not_drawn_upon() -> None:
    shown = picture(200, 480, 640)
    drawn = draw(shown, read(), "camera:0")
    assert (shown == 200).all()
    assert drawn.shape == shown.shape
    assert not (drawn == shown).all()


@pytest.mark.parametrize(("status", "colour", "other"), [("accept", ACCEPTED, REVIEW), ("review", REVIEW, ACCEPTED)])
def test_a_number_for_review_has_a_colour_of_its_own(
    status: str, colour: tuple[int, int, int], other: tuple[int, int, int]
) -> None:
    drawn = draw(picture(200, 480, 640), read(status))
    assert has(colour, drawn)
    assert not has(other, drawn)


def test_rejected_ink_is_shown_on_request_only() -> None:
    shown = picture(200, 480, 640)
    assert not has(REJECTED, draw(shown, reading(size=(640, 480))))
    assert has(REJECTED, draw(shown, reading(size=(640, 480)), settings=OverlaySettings(rejected=True)))


def test_nothing_read_leaves_the_picture_as_it_is() -> None:
    shown = picture(200, 480, 640)
    assert (draw(shown, Reading((640, 480))) == shown).all()


def test_the_bar_says_something_along_the_upper_edge() -> None:
    drawn = draw(picture(200, 480, 640), Reading((640, 480)), "29.7 fps")
    assert drawn[0].max() < 60
    assert drawn[:24].max() > 240
    assert (drawn[40:] == 200).all()


def test_labels_leave_the_writing_free_even_where_lines_are_close() -> None:
    """Nothing but a box's own outline comes between the reader and the ink."""
    lines = tuple(Line((number("123", 60, 60 + 66 * i, 50), number("45", 300, 60 + 66 * i, 50))) for i in range(5))
    drawn = draw(picture(200, 480, 640), Reading((640, 480), lines))
    for line in lines:
        for digit in (d for n in line.numbers for d in n.digits):
            box = digit.box
            assert (drawn[box.y + 2 : box.bottom - 2, box.x + 2 : box.right - 2] == 200).all()


@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 2000), (2000, 3), (80, 100), (3000, 4000)])
def test_any_size_of_picture_can_be_drawn_upon(height: int, width: int) -> None:
    box = number("12", width // 2, height // 2, max(1, min(height, width) // 8))
    drawn = draw(picture(90, height, width), Reading((width, height), (Line((box,)),)), "a rather long line of text")
    assert drawn.shape == (height, width, 3)


@given(
    st.integers(-900, 900), st.integers(-900, 900), st.integers(1, 400), st.text("0123456789", min_size=1, max_size=6)
)
@settings(max_examples=60, deadline=None)
def test_boxes_anywhere_can_be_drawn(x: int, y: int, size: int, text: str) -> None:
    assert draw(picture(), Reading((160, 120), (Line((number(text, x, y, size),)),))).shape == (120, 160, 3)


@pytest.mark.parametrize("height", [8, 12, 40])
def test_no_two_letters_look_alike(height: int) -> None:
    seen: dict[bytes, str] = {}
    for letter in LETTERS.replace("O", ""):  # O and 0 are one
        canvas = np.zeros((height * 2, height * 2, 3), np.uint8)
        draw_text(canvas, letter, (height // 2, height // 2), height, (255, 255, 255))
        assert canvas.max() > 100, letter
        twin = seen.setdefault(canvas.tobytes(), letter)
        assert twin in (letter, "I", "|"), (twin, letter)
        edges = np.concatenate([canvas[0], canvas[-1], canvas[:, 0], canvas[:, -1]])
        assert edges.max() == 0, letter


def test_text_keeps_to_the_width_it_announces() -> None:
    for height in (9, 16, 40):
        canvas = np.zeros((height * 2, 60 * height, 3), np.uint8)
        draw_text(canvas, LETTERS, (0, height // 2), height, (255, 255, 255))
        right = int(np.flatnonzero(canvas.max(axis=(0, 2)))[-1])
        assert abs(right - text_width(LETTERS, height)) <= height // 2


@pytest.mark.parametrize("at", [(-500, 5), (5, -500), (500, 5), (5, 500), (-10, -3), (155, 118)])
def test_text_outside_the_canvas_is_left_out(at: tuple[int, int]) -> None:
    draw_text(picture(), "98% é", at, 12, (0, 0, 0))


def test_paper_finds_a_free_place_and_takes_it() -> None:
    paper = Paper((200, 100), [Box(50, 40, 40, 20), Box(50, 10, 40, 29)])
    index, first = paper.place(Box(50, 40, 40, 20), [(30, 12)], above_or_beside)
    assert (index, first) == (0, Box(50, 60, 30, 12))
    assert paper.covered(first) == 30 * 12
    _, second = paper.place(Box(50, 40, 40, 20), [(30, 12)], above_or_beside)
    assert second != first
    assert paper.covered(Box(190, 90, 20, 20)) == 300


def test_paper_without_room_takes_the_last_size() -> None:
    paper = Paper((40, 40), [Box(0, 0, 40, 40)])
    assert paper.place(Box(10, 10, 5, 5), [(30, 30), (4, 4)], above_or_beside)[0] == 1
    assert next(below(Box(10, 10, 6, 5), 4, 4)) == Box(11, 15, 4, 4)
