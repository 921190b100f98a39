"""What is drawn is drawn on a copy, can be read, and does not lie on the writing."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.canvas import Colour
from realtime.lettering import draw_text, text_width
from realtime.overlay import ACCEPTED, MOVING, REJECTED, REVIEW, STILL, OverlaySettings, draw
from realtime.placing import Paper, around
from realtime.values import Box, Line, Number, Reading
from tests.realtime.making import Picture, number, picture, reading

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ%.,:;'#<>-_/\\+=?!()|*@&"


def has(colour: Colour, shown: Picture) -> bool:
    return bool((shown == np.array(colour, np.uint8)).all(axis=2).any())


def read(status: str = "accept", size: tuple[int, int] = (640, 480)) -> Reading:
    one = number("1958", 200, 200, 60, "review" if status == "review" else "accept")
    return Reading(size, (Line((one,)),), reading().rejected)


def test_the_picture_itself_is_not_drawn_upon() -> None:
    shown = picture(200, 480, 640)
    drawn = draw(shown, read())
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


def test_no_label_lies_where_something_else_will() -> None:
    lines = (Line((number("42", 200, 70, 60),)),)
    taken = Box(0, 0, 640, 55)
    drawn = draw(picture(200, 480, 640), Reading((640, 480), lines), taken=[taken])
    assert (drawn[: taken.bottom] == 200).all()
    assert plates(drawn)


def test_labels_leave_the_writing_free_even_where_lines_are_close() -> None:
    """Nothing but a box's own outline comes between the reader and the ink."""
    lines = tuple(Line((number("123", 60, 60 + 66 * i, 50), number("45", 300, 60 + 66 * i, 50))) for i in range(5))
    drawn = draw(picture(200, 480, 640), Reading((640, 480), lines))
    for line in lines:
        for digit in (d for n in line.numbers for d in n.digits):
            box = digit.box
            assert (drawn[box.y + 2 : box.bottom - 2, box.x + 2 : box.right - 2] == 200).all()


def plates(drawn: Picture) -> list[Box]:
    """Return where plates lie on paper of 200, top to bottom: what is drawn there is wider and higher than a line."""
    solid = cv2.morphologyEx((drawn != 200).any(axis=2).astype(np.uint8), cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    found = cv2.connectedComponentsWithStats(solid)[2][1:]
    return sorted((Box(*(int(v) for v in row[:4])) for row in found), key=lambda box: (box.y, box.x))


def drawn_numbers(*numbers: Number, settings: OverlaySettings = STILL, size: tuple[int, int] = (640, 480)) -> Picture:
    return draw(picture(200, size[1], size[0]), Reading(size, tuple(Line((n,)) for n in numbers)), settings=settings)


def test_every_label_of_a_picture_is_equally_high_and_stands_above_its_number() -> None:
    numbers = [number("7", 60, 80, 110), number("1958", 250, 90, 40), number("42", 80, 300, 24)]
    found = plates(drawn_numbers(*numbers))
    assert len(found) == 3
    assert len({plate.h for plate in found}) == 1
    for plate, box in zip(found, (n.box for n in numbers), strict=True):
        assert abs(plate.x - box.x) <= 12
        assert plate.bottom <= box.y


def test_a_label_without_room_above_stands_below() -> None:
    (plate,) = plates(drawn_numbers(number("58", 200, 2, 60)))
    assert plate.y >= 62


def test_labels_become_smaller_so_that_each_stands_above_its_number() -> None:
    rows = [number("12345", 60, 40 + 82 * i, 60) for i in range(5)]
    tight, loose = plates(drawn_numbers(*rows)), plates(drawn_numbers(*rows[::2]))
    for plate, row in zip(tight, rows, strict=True):
        assert row.box.y - 25 < plate.y < plate.bottom <= row.box.y
    assert tight[0].h < loose[0].h


def test_letters_of_frames_keep_their_size_whatever_is_read() -> None:
    sizes = {plates(drawn_numbers(number("58", 200, 200, h), settings=MOVING))[0].h for h in (20, 60, 120)}
    assert len(sizes) == 1


def test_a_digit_in_doubt_has_a_box_and_a_confidence_of_its_own() -> None:
    sure = number("1958", 200, 200, 60, "review")
    doubtful = replace(sure, digits=(*sure.digits[:2], replace(sure.digits[2], confidence=0.6), sure.digits[3]))
    before, after = drawn_numbers(sure), drawn_numbers(doubtful)
    assert (len(plates(before)), len(plates(after))) == (1, 2)
    box = doubtful.digits[2].box
    changed = np.argwhere((before != after).any(axis=2))
    assert (changed[:, 1] >= box.x - 12).all()
    assert (changed[:, 1] <= box.right + 12).all()


@pytest.mark.parametrize("settings", [STILL, MOVING])
def test_labels_lie_neither_on_each_other_nor_on_digits_while_there_is_room(settings: OverlaySettings) -> None:
    numbers = [number(str(1000 + 37 * i), 20 + i % 5 * 124, 40 + i // 5 * 40, 12) for i in range(50)]
    drawn = drawn_numbers(*numbers, settings=settings)
    assert len(plates(drawn)) == 50
    for digit in (d for n in numbers for d in n.digits):
        box = digit.box
        assert (drawn[box.y : box.bottom, box.x : box.right] == 200).all()


@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 2000), (2000, 3), (80, 100), (3000, 4000)])
def test_any_size_of_picture_can_be_drawn_upon(height: int, width: int) -> None:
    box = number("12", width // 2, height // 2, max(1, min(height, width) // 8))
    drawn = draw(picture(90, height, width), Reading((width, height), (Line((box,)),)))
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
    assert paper.place(around(Box(50, 40, 40, 20), 30, 12)) == (1, Box(50, 60, 30, 12))
    assert paper.covered(Box(50, 60, 30, 12)) == 30 * 12
    second = paper.place(around(Box(50, 40, 40, 20), 30, 12))
    assert second is not None
    assert second[1] != Box(50, 60, 30, 12)
    assert paper.covered(Box(190, 90, 20, 20)) == 300


def test_paper_moves_a_place_into_the_picture() -> None:
    paper = Paper((200, 100), [])
    assert paper.place(around(Box(190, 2, 10, 20), 30, 12)) == (0, Box(170, 0, 30, 12))


def test_paper_without_room_says_so_and_is_covered_least_where_one_insists() -> None:
    paper = Paper((40, 40), [Box(0, 0, 40, 36)])
    assert paper.place(around(Box(10, 10, 20, 20), 8, 8)) is None
    assert paper.squeeze(around(Box(10, 10, 20, 20), 8, 8)) == Box(10, 30, 8, 8)


def test_a_place_beside_other_writing_is_taken_only_where_no_other_is_free() -> None:
    beside, other = Box(50, 40, 40, 20), Box(50, 75, 40, 20)
    for taken, expected in (([beside], Box(90, 40, 30, 12)), ([beside, Box(90, 0, 60, 100)], Box(50, 60, 30, 12))):
        paper = Paper((200, 100), [*taken, Box(0, 0, 150, 39), Box(0, 0, 49, 100)], spared=[other])
        found = paper.place(around(beside, 30, 12))
        assert found is not None
        assert found[1] == expected
