"""Bars and panels: they fit, say the most important things first, and are readable on light and dark pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.contract import LABELS, NOT_A_DIGIT
from realtime.controls import HELP, Controls
from realtime.hud import Figures, bar, draw_explanation, draw_figures, draw_help, draw_notice, draw_status, letters
from realtime.lettering import text_width
from realtime.overlay import LEAST
from realtime.pieces import Piece, guess, least_sure
from realtime.screen import Screen, compose, doubted, status
from realtime.values import Box
from tests.realtime.making import Picture, picture, reading, scene, sheet

FIGURES = Figures(29.7, 0.038, 0.021, 0.006, 12, "camera 0", "digits-cnn")
SIZES = [(320, 240), (640, 480), (1280, 720), (1920, 1080), (3840, 2160)]


def drawn(figures: Figures, size: tuple[int, int], recording: bool = False, shade: int = 200) -> Picture:
    canvas = picture(shade, size[1], size[0])
    draw_figures(canvas, figures, recording)
    return canvas


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("shade", [0, 255])
def test_the_bar_can_be_read_on_any_picture(size: tuple[int, int], shade: int) -> None:
    shown = drawn(FIGURES, size, shade=shade)
    high = bar(shown).h
    assert high <= 0.12 * size[1]
    assert letters(shown) >= LEAST
    assert shown[:high].max() > 240
    assert np.median(shown[:high]) < 100
    assert (shown[high:] == shade).all()
    edges = np.concatenate([shown[:high, :2], shown[:high, -2:]], axis=1)
    assert edges.max() < 100  # nothing runs out of the window


def test_what_does_not_fit_is_left_out_the_least_important_first() -> None:
    def tells(size: tuple[int, int], **other: object) -> bool:
        changed = replace(FIGURES, **other)  # type: ignore[arg-type]
        return bool((drawn(FIGURES, size) != drawn(changed, size)).any())

    for size in SIZES:
        assert tells(size, fps=11.1)
    for size in SIZES[1:]:
        changes: list[dict[str, object]] = [{"age": 0.099}, {"read": 0.099}, {"draw": 0.099}, {"digits": 99}]
        assert all(tells(size, **change) for change in changes)
    assert not tells((320, 240), model="another")
    assert tells((1280, 720), model="another")
    assert tells((1280, 720), source="clip.mp4")
    assert tells((640, 480), age=None)


def test_a_recording_has_a_red_dot() -> None:
    for size in SIZES:
        with_dot, without = (drawn(FIGURES, size, recording) for recording in (True, False))
        red = [(shown[:, :, 2].astype(int) - shown[:, :, 1] > 120).sum() for shown in (with_dot, without)]
        assert red[0] > 30
        assert red[1] == 0


@pytest.mark.parametrize("size", [(64, 48), *SIZES])
def test_panels_stay_in_the_window(size: tuple[int, int]) -> None:
    ink = np.zeros((30, 20), np.uint8)
    ink[4:26, 9:12] = 255
    piece = Piece(Box(0, 0, 9, 9), ink, NOT_A_DIGIT, 0.2, "of another size than the digits around it", (0.1,) * 11)
    for draw in (
        draw_help,
        lambda canvas: draw_notice(canvas, "camera lost, trying again (3)"),
        lambda canvas: draw_status(canvas, "kept " + "a-long-name/" * 30),
        lambda canvas: draw_explanation(canvas, piece, Box(size[0] - 12, size[1] - 12, 9, 9)),
        lambda canvas: draw_explanation(canvas, piece, Box(-50, -50, 9, 9)),
    ):
        canvas = picture(200, size[1], size[0])
        draw(canvas)
        assert (canvas != 200).any()


@pytest.mark.parametrize("size", SIZES)
def test_the_help_fits_with_letters_one_can_read(size: tuple[int, int]) -> None:
    canvas = picture(200, size[1], size[0])
    draw_help(canvas)
    rows, columns = np.nonzero((canvas != 200).any(axis=2))
    assert rows.min() > 0
    assert columns.min() > 0
    assert columns.max() < size[0] - 1
    high = (rows.max() + 1 - rows.min()) / (2 * len(HELP) + 2)
    assert high >= (LEAST if size[0] >= 640 else 5)
    assert max(text_width(what, round(high)) for _, what in HELP) < columns.max() - columns.min()


def test_the_explanation_shows_what_the_network_saw_beside_the_ink() -> None:
    ink = np.zeros((30, 20), np.uint8)
    ink[4:26, 9:12] = 255
    row = (0.0, 0.9, 0.0, 0.0, 0.06, 0.0, 0.0, 0.04, 0.0, 0.0, 0.0)
    piece = Piece(Box(100, 100, 16, 24), ink, "1", 0.9, "", row)
    seen = guess(piece.ink, piece.probabilities)
    assert [label for label, _ in seen.top] == ["1", "4", "7"]
    for at, left in ((Box(100, 100, 16, 24), False), (Box(560, 300, 16, 24), True)):
        canvas = picture(200, 480, 640)
        draw_explanation(canvas, piece, at)
        columns = np.nonzero((canvas == 0).all(axis=2))[1]
        assert (columns.mean() < 320) == left  # the black ground of the 28 x 28


def test_the_least_sure_digit_is_the_one_to_explain() -> None:
    ink = np.full((3, 3), 255, np.uint8)
    made = [Piece(Box(i, 0, 1, 1), ink, LABELS[i], c, "", (0.0,) * 11) for i, c in enumerate((0.9, 0.6, 0.8))]
    refused = [replace(made[0], confidence=c, reason="not a digit") for c in (0.1, 0.4)]
    assert least_sure([*refused, *made]) is made[1]
    assert least_sure(refused) is refused[1]
    assert least_sure([]) is None


def test_the_status_says_what_is_not_as_usual() -> None:
    def said(notice: str = "", **state: object) -> str:
        return status(Screen(None, (640, 480), replace(Controls(), **state), notice=notice))  # type: ignore[arg-type]

    assert said() == ""
    assert said(paused=True, mirror=True, zoom=2.0) == "paused   mirror   zoom 2.0 x"
    assert said(threshold=0.9, roi=Box(1, 2, 30, 40)) == "region 30 x 40   confidence 90%"
    assert said(choosing=True, paused=True) == "drag the region that is to be read"
    assert said(frozen=True).startswith("frozen: click a digit")
    assert said("kept a.png", frozen=True) == "kept a.png"


def test_a_threshold_makes_doubt_and_takes_none_away() -> None:
    read = reading("12", "3")
    assert [n.status for n in doubted(read, 0.95).numbers] == ["review", "accept"]
    assert doubted(read, 0.0).numbers == read.numbers
    assert [n.reasons for n in doubted(read, 0.99).numbers] == [(), ()]  # what is shown, not what is recorded


def test_the_frame_itself_is_not_drawn_upon() -> None:
    shown = scene(image=sheet())
    compose(Screen(shown, (640, 480), Controls(help=True, roi=Box(10, 10, 100, 100))))
    assert (shown.frame.image == sheet()).all()
