"""The state machine of the window's keys and mouse: every key has an effect, and no order of them breaks it."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.contract import NOT_A_DIGIT
from realtime.controls import DELETE, ESCAPE, HELP, THRESHOLDS, ZOOM_MOST, Act, Acts, Controls, piece_at, point, press
from realtime.values import Box
from realtime.viewport import Point

PICTURE, WINDOW = (640, 480), (1280, 960)
PIECES = (Box(100, 100, 40, 60), Box(110, 110, 10, 10), Box(300, 100, 40, 60))


def pressed(keys: str, state: Controls | None = None) -> tuple[Controls, Acts]:
    """Return the state after keys, one a letter, and every act on the way."""
    acts: Acts = ()
    state = state or Controls()
    for key in keys:
        state, more = press(state, ESCAPE if key == "\x1b" else ord(key), state.viewport(PICTURE, WINDOW))
        acts = (*acts, *more)
    return state, acts


def moused(state: Controls, *what: tuple[Literal["move", "down", "up"], Point]) -> tuple[Controls, Acts]:
    acts: Acts = ()
    for event, at in what:
        state, more = point(state, event, at, state.viewport(PICTURE, WINDOW), PIECES)
        acts = (*acts, *more)
    return state, acts


@pytest.mark.parametrize(
    ("key", "field"),
    [
        (" ", "paused"),
        ("h", "help"),
        ("t", "ink"),
        ("e", "explain"),
        ("m", "mirror"),
        ("f", "frozen"),
        ("g", "choosing"),
    ],
)
def test_a_key_turns_one_thing_on_and_off_in_either_case(key: str, field: str) -> None:
    assert pressed(key) == (replace(Controls(), **{field: True}), ())  # type: ignore[arg-type]
    assert pressed(key.upper()) == pressed(key)
    assert pressed(key + key) == (Controls(), ())


def test_keys_that_act_leave_the_state_alone() -> None:
    for key, name in (("q", "end"), ("s", "snapshot"), ("r", "record"), ("\x1b", "end")):
        assert pressed(key) == (Controls(), (Act(name),))  # type: ignore[arg-type]


@pytest.mark.parametrize("key", [*"abdijklnopwyz7x0u!", "\t"])
def test_keys_without_a_meaning_do_nothing(key: str) -> None:
    assert pressed(key) == (Controls(), ())


@pytest.mark.parametrize("key", [-1, 0, 200, 65361, 0x10FFFF])
def test_keys_that_are_no_letters_do_nothing(key: int) -> None:
    assert press(Controls(), key, Controls().viewport(PICTURE, WINDOW)) == (Controls(), ())


def test_the_threshold_goes_up_and_down_and_stays_in_its_bounds() -> None:
    assert pressed("c")[0].threshold == THRESHOLDS[1]
    assert pressed("c" * 30)[0].threshold == THRESHOLDS[-1]
    assert pressed("c" * 30 + "v")[0].threshold == THRESHOLDS[-2]
    assert pressed("v")[0] == Controls()


def test_zoom_holds_the_picture_under_the_mouse_and_comes_back_to_the_whole() -> None:
    state = moused(Controls(), ("move", (900, 300)))[0]
    held = state.viewport(PICTURE, WINDOW).to_picture((900, 300))
    near = pressed("+++", state)[0]
    assert near.zoom == pytest.approx(1.25**3)
    assert near.viewport(PICTURE, WINDOW).to_picture((900, 300)) == pytest.approx(held)
    assert pressed("---", near)[0].zoom == 1.0
    assert pressed("+" * 50, state)[0].zoom == ZOOM_MOST
    assert pressed("=", state)[0].zoom == pressed("+", state)[0].zoom


def test_a_correction_is_kept_changed_and_undone() -> None:
    state, acts = moused(pressed("f")[0], ("down", (240, 260)))
    assert (state.picked, acts) == (0, ())
    state, acts = pressed("7", state)
    assert (state.corrections, acts) == (((0, "7"),), (Act("correct", 0, "7"),))
    state, acts = pressed("1", state)  # a second thought replaces the first
    assert (state.corrections, acts) == (((0, "1"),), (Act("undo", 0), Act("correct", 0, "1")))
    state, acts = pressed("x", moused(state, ("down", (620, 220)))[0])
    assert acts == (Act("correct", 2, NOT_A_DIGIT),)
    state, acts = pressed("uuu", state)
    assert (state.corrections, acts) == ((), (Act("undo", 2), Act("undo", 0)))


@pytest.mark.parametrize("key", sorted(DELETE))
def test_delete_says_that_it_is_no_digit(key: int) -> None:
    state = moused(pressed("f")[0], ("down", (240, 260)))[0]
    assert press(state, key, state.viewport(PICTURE, WINDOW))[1] == (Act("correct", 0, NOT_A_DIGIT),)


def test_without_a_digit_clicked_there_is_nothing_to_correct() -> None:
    assert pressed("f7")[1] == ()
    assert pressed("7", moused(pressed("f")[0], ("down", (1000, 900)))[0])[1] == ()
    assert moused(Controls(), ("down", (240, 260)))[0].picked is None  # nothing is frozen


def test_the_next_frozen_picture_begins_without_corrections() -> None:
    state = pressed("7", moused(pressed("f")[0], ("down", (240, 260)))[0])[0]
    again = pressed("ff", state)[0]
    assert (again.frozen, again.picked, again.corrections) == (True, None, ())


@pytest.mark.parametrize("mirror", [False, True])
def test_dragging_chooses_what_is_read_whatever_the_direction(mirror: bool) -> None:
    state = replace(pressed("g")[0], mirror=mirror)
    chosen, acts = moused(state, ("down", (900, 700)), ("move", (500, 500)), ("up", (200, 100)))
    left = 640 - 450 if mirror else 100
    assert chosen.roi == Box(left, 50, 350, 300)
    assert acts == (Act("roi", roi=chosen.roi),)
    assert not chosen.choosing
    for key in "g\x1b":
        whole, acts = pressed(key, chosen)
        assert (whole.roi, acts) == (None, (Act("roi"),))


def test_a_region_ends_where_the_picture_does_and_a_click_is_none() -> None:
    state = pressed("g")[0]
    assert moused(state, ("down", (-50, -50)), ("up", (5000, 5000)))[0].roi == Box(0, 0, 640, 480)
    clicked, acts = moused(state, ("down", (300, 300)), ("up", (303, 304)))
    assert (clicked.roi, clicked.choosing, acts) == (None, True, ())


def test_escape_leaves_what_is_open_before_it_ends() -> None:
    state = replace(Controls(), help=True, frozen=True, roi=Box(1, 2, 30, 40))
    state, acts = pressed("\x1b", state)
    assert (state.help, state.roi is None, acts) == (False, False, ())
    state, acts = pressed("\x1b", state)
    assert (state.roi, acts) == (None, (Act("roi"),))
    state, acts = pressed("\x1b", state)
    assert (state, acts) == (Controls(), ())
    assert pressed("\x1b", state)[1] == (Act("end"),)


def test_the_smallest_piece_under_the_mouse_is_meant() -> None:
    assert piece_at((115, 115), PIECES, 2) == 1
    assert piece_at((105, 150), PIECES, 2) == 0
    assert piece_at((299, 120), PIECES, 2) == 2
    assert piece_at((200, 120), PIECES, 2) is None
    assert piece_at((1, 1), (), 2) is None


def test_the_help_names_every_key() -> None:
    told = " ".join(key for key, _ in HELP) + " " + " ".join(what for _, what in HELP)
    for key in ("space", "s", "r", "f", "u", "e", "t", "g", "c", "v", "+", "-", "m", "h", "q", "Esc"):
        assert key in told.replace(",", " ").split(), key


@given(
    st.lists(
        st.one_of(
            st.sampled_from([*map(ord, " hhtemfgcv+-=_usrq7x"), ESCAPE, 65535]),
            st.tuples(st.sampled_from(["move", "down", "up"]), st.integers(-50, 1400), st.integers(-50, 1000)),
        ),
        max_size=40,
    )
)
@settings(max_examples=150, deadline=None)
def test_no_order_of_keys_and_clicks_breaks_it(actions: list[object]) -> None:
    """Whatever was kept can be undone exactly once, and what is read is always inside the picture."""
    state, kept = Controls(), set[int]()
    for action in actions:
        viewport = state.viewport(PICTURE, WINDOW)
        was_frozen = state.frozen
        if isinstance(action, tuple):
            state, acts = point(state, action[0], (action[1], action[2]), viewport, PIECES)
        else:
            state, acts = press(state, int(str(action)), viewport)
        if was_frozen and not state.frozen:
            kept.clear()
        for act in acts:
            if act.name == "correct":
                assert act.piece not in kept
                kept.add(act.piece)
            if act.name == "undo":
                kept.remove(act.piece)
            if act.roi is not None:
                assert 0 <= act.roi.x < act.roi.right <= 640
                assert 0 <= act.roi.y < act.roi.bottom <= 480
        assert {piece for piece, _ in state.corrections} == kept
        assert 1 <= state.zoom <= ZOOM_MOST
