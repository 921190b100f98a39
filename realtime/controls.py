"""What keys and the mouse do in the live window, as a pure state machine: no window, no clock, no file.

`press` and `point` take the state and give the new one, with the acts that are to be done at the edge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple

from models.contract import NOT_A_DIGIT
from realtime.values import Box
from realtime.viewport import Point, Viewport

HELP: Final[tuple[tuple[str, str], ...]] = (
    ("space", "pause; again: go on"),
    ("s", "snapshot: the picture and its record"),
    ("r", "record a video; again: end it"),
    ("f", "freeze and correct; again: go on"),
    ("", "click a digit, press 0-9, or x: no digit"),
    ("u", "undo the last correction"),
    ("e", "explain: what the network saw"),
    ("t", "the ink that was found"),
    ("g", "drag a region to read; again: whole"),
    ("c, v", "confidence asked for: up, down"),
    ("+, -", "zoom in, out, at the mouse"),
    ("m", "mirror"),
    ("h", "this help"),
    ("q, Esc", "end"),
)
"""Every key with what it does, as the window and the guide tell it."""

THRESHOLDS: Final = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)
ZOOM_STEP, ZOOM_MOST = 1.25, 16.0
SMALLEST: Final = 8
"""Pixels of the window that a dragged region's sides have at least: less was a click."""

ESCAPE: Final = 27
DELETE: Final = frozenset({65535, 127, 8, 0x2E0000, 63272})
"""Delete and Backspace, as Qt, GTK, Windows and macOS give them."""


class Act(NamedTuple):
    """What is to be done: end, take a snapshot, start or stop a recording, read another part, or (un)do a correction.

    piece, label: of a correction.  roi: what is to be read from now on, in pixels of the picture; None is all of it.
    """

    name: Literal["end", "snapshot", "record", "roi", "correct", "undo"]
    piece: int = -1
    label: str = ""
    roi: Box | None = None


Acts = tuple[Act, ...]


@dataclass(frozen=True, slots=True)
class Controls:
    """The state of the window.

    threshold: numbers less sure are shown as for review.  mouse: in pixels of the window, None before it was there.
    roi: what is read, in pixels of the picture; None is all.  choosing: a region is being dragged, from `anchor`.
    picked: the piece of ink a correction will be of.  corrections: (piece, label) of this frozen picture.
    """

    help: bool = False
    paused: bool = False
    frozen: bool = False
    ink: bool = False
    explain: bool = False
    mirror: bool = False
    threshold: float = 0.0
    zoom: float = 1.0
    centre: Point = (0.5, 0.5)
    mouse: Point | None = None
    roi: Box | None = None
    choosing: bool = False
    anchor: Point | None = None
    picked: int | None = None
    corrections: tuple[tuple[int, str], ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the picture stands still."""
        return self.paused or self.frozen

    def viewport(self, picture: tuple[int, int], window: tuple[int, int]) -> Viewport:
        """Return what the window shows; picture, window: (width, height) in pixels."""
        return Viewport(picture, window, self.zoom, self.centre, self.mirror)


def press(state: Controls, key: int, viewport: Viewport) -> tuple[Controls, Acts]:
    """Return the state after a key, as cv2.waitKeyEx gives it, and what is to be done. Letters in either case."""
    if key in DELETE:
        return _correct(state, NOT_A_DIGIT)
    if key == ESCAPE:
        return _escape(state)
    name = chr(key).lower() if 0 < key < 128 else ""
    if name.isdigit():
        return _correct(state, name)
    if name in _ACTING:
        return _ACTING[name](state)
    return (_CHANGING[name](state, viewport) if name in _CHANGING else state), ()


def point(
    state: Controls, what: Literal["move", "down", "up"], at: Point, viewport: Viewport, pieces: Sequence[Box]
) -> tuple[Controls, Acts]:
    """Return the state after the mouse moved, or its left button was pressed or let go, and what is to be done.

    at: pixels of the window.  pieces: the boxes of the ink that can be picked, in pixels of the picture.
    """
    state = replace(state, mouse=at)
    if what == "down" and state.choosing:
        return replace(state, anchor=viewport.to_picture(at)), ()
    if what == "down" and state.frozen:
        return replace(state, picked=piece_at(viewport.to_picture(at), pieces, 4 / viewport.scale)), ()
    dragged = dragged_roi(state, viewport) if what == "up" else None
    if what != "up" or state.anchor is None:
        return state, ()
    if dragged is None:
        return replace(state, anchor=None), ()
    return replace(state, roi=dragged, choosing=False, anchor=None), (Act("roi", roi=dragged),)


def dragged_roi(state: Controls, viewport: Viewport) -> Box | None:
    """Return the region between where the drag began and the mouse, in whole pixels of the picture; None for none."""
    if state.anchor is None or state.mouse is None:
        return None
    corners = (state.anchor, viewport.to_picture(state.mouse))
    (left, right), (top, bottom) = (
        sorted(min(max(round(value), 0), most) for value in values)
        for values, most in zip(zip(*corners, strict=True), viewport.picture, strict=True)
    )
    least = SMALLEST / viewport.scale
    return Box(left, top, right - left, bottom - top) if min(right - left, bottom - top) >= max(1, least) else None


def piece_at(at: Point, pieces: Sequence[Box], slack: float) -> int | None:
    """Return the smallest piece whose box, grown by `slack`, holds a point; of none the nearest is not guessed."""
    x, y = at
    held = [
        i
        for i, box in enumerate(pieces)
        if box.x - slack <= x < box.right + slack and box.y - slack <= y < box.bottom + slack
    ]
    return min(held, key=lambda i: pieces[i].w * pieces[i].h, default=None)


def _correct(state: Controls, label: str) -> tuple[Controls, Acts]:
    """Keep what the picked piece is; an earlier correction of it is undone first."""
    if not state.frozen or state.picked is None:
        return state, ()
    piece = state.picked
    before = tuple(Act("undo", piece) for known, _ in state.corrections if known == piece)
    kept = tuple(each for each in state.corrections if each[0] != piece)
    return replace(state, corrections=(*kept, (piece, label))), (*before, Act("correct", piece, label))


def _undo(state: Controls) -> tuple[Controls, Acts]:
    if not state.corrections:
        return state, ()
    return replace(state, corrections=state.corrections[:-1]), (Act("undo", state.corrections[-1][0]),)


def _escape(state: Controls) -> tuple[Controls, Acts]:
    """Leave what is open, the latest first; end where nothing is."""
    if state.help:
        return replace(state, help=False), ()
    if state.choosing or state.roi:
        return _roi(state)
    if state.frozen:
        return _freeze(state), ()
    return state, (Act("end"),)


def _roi(state: Controls) -> tuple[Controls, Acts]:
    """Let a region be dragged; or stop that; or read the whole picture again."""
    if state.choosing or state.roi is None:
        return replace(state, choosing=not state.choosing, anchor=None), ()
    return replace(state, roi=None), (Act("roi"),)


def _freeze(state: Controls) -> Controls:
    return replace(state, frozen=not state.frozen, picked=None, corrections=())


def _stepped(state: Controls, by: int) -> Controls:
    index = THRESHOLDS.index(state.threshold) + by
    return replace(state, threshold=THRESHOLDS[min(max(index, 0), len(THRESHOLDS) - 1)])


def _zoom(state: Controls, viewport: Viewport, factor: float) -> Controls:
    zoom = min(max(state.zoom * factor, 1.0), ZOOM_MOST)
    zoom = 1.0 if zoom < (1 + ZOOM_STEP) / 2 else zoom  # the way back ends at the whole picture exactly
    new = viewport.zoomed(zoom, state.mouse or (viewport.window[0] / 2, viewport.window[1] / 2))
    return replace(state, zoom=new.zoom, centre=new.centre)


def _end(state: Controls) -> tuple[Controls, Acts]:
    return state, (Act("end"),)


_ACTING: Final[Mapping[str, Callable[[Controls], tuple[Controls, Acts]]]] = {
    "q": _end,
    "s": lambda state: (state, (Act("snapshot"),)),
    "r": lambda state: (state, (Act("record"),)),
    "g": _roi,
    "u": _undo,
    "x": lambda state: _correct(state, NOT_A_DIGIT),
}
_CHANGING: Final[Mapping[str, Callable[[Controls, Viewport], Controls]]] = {
    " ": lambda state, _: replace(state, paused=not state.paused),
    "h": lambda state, _: replace(state, help=not state.help),
    "t": lambda state, _: replace(state, ink=not state.ink),
    "e": lambda state, _: replace(state, explain=not state.explain),
    "m": lambda state, _: replace(state, mirror=not state.mirror),
    "f": lambda state, _: _freeze(state),
    "c": lambda state, _: _stepped(state, 1),
    "v": lambda state, _: _stepped(state, -1),
    "+": lambda state, viewport: _zoom(state, viewport, ZOOM_STEP),
    "=": lambda state, viewport: _zoom(state, viewport, ZOOM_STEP),
    "-": lambda state, viewport: _zoom(state, viewport, 1 / ZOOM_STEP),
    "_": lambda state, viewport: _zoom(state, viewport, 1 / ZOOM_STEP),
}
