"""One picture of the live window: the frame as far as it is seen, what was read in it, and what the window says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.attempt import Attempt
from realtime.controls import Controls, dragged_roi, piece_at
from realtime.hud import (
    bar,
    draw_explanation,
    draw_help,
    draw_notice,
    draw_picked,
    draw_status,
    shade,
)
from realtime.overlay import LIGHT, MOVING, REJECTED, draw
from realtime.pieces import Piece, least_sure
from realtime.values import Box, Line, Reading, Scene
from realtime.viewport import Viewport, placed, seen

BESIDE: Final = 150
"""How bright the ink view is where the reader did not look."""


@dataclass(frozen=True, eq=False, slots=True)
class Screen:
    """All that is shown but the figures.

    scene: the last one, None before the first.  window: (width, height) in pixels.  attempt, pieces: what the scene's
    picture was read from; None and empty while nobody asks.  notice: said along the lower edge.
    lost: what happened to the source; it dims the picture.
    """

    scene: Scene | None
    window: tuple[int, int]
    state: Controls
    attempt: Attempt | None = None
    pieces: tuple[Piece, ...] = ()
    notice: str = ""
    lost: str = ""

    @property
    def viewport(self) -> Viewport:
        """What part of the picture lies where."""
        return self.state.viewport(self.scene.reading.size if self.scene else self.window, self.window)


def compose(screen: Screen) -> NDArray[np.uint8]:
    """Return what the window shows, (h, w, 3) uint8 BGR of its size, with room for the bar of figures."""
    canvas = _ground(screen)
    if screen.scene is not None:
        _mark_region(canvas, screen)
        canvas = draw(canvas, _reading(screen.scene.reading, screen), MOVING, _taken(canvas, screen))
        _mark_pieces(canvas, screen)
    if text := status(screen):
        draw_status(canvas, text)
    if screen.lost:
        draw_notice(canvas, screen.lost)
    if screen.state.help:
        draw_help(canvas)
    return canvas


def status(screen: Screen) -> str:
    """Return what the bar along the lower edge says; nothing where everything is as it is in the beginning."""
    state = screen.state
    if screen.notice:
        return screen.notice
    if state.choosing:
        return "drag the region that is to be read"
    if state.frozen:
        return "frozen: click a digit, press what it is, x for no digit, u to undo"
    told = {
        "paused": state.paused,
        "ink": state.ink,
        "explain": state.explain,
        "mirror": state.mirror,
        f"region {state.roi.w} x {state.roi.h}" if state.roi else "": state.roi is not None,
        f"zoom {state.zoom:.1f} x": state.zoom > 1,
        f"confidence {100 * state.threshold:.0f}%": state.threshold > 0,
    }
    return "   ".join(text for text, said in told.items() if said)


def doubted(reading: Reading, threshold: float) -> Reading:
    """Return the reading with the numbers less sure than a threshold as for review."""
    lines = (
        Line(tuple(replace(n, status="review") if n.confidence < threshold else n for n in line.numbers))
        for line in reading.lines
    )
    return replace(reading, lines=tuple(lines))


def explained(screen: Screen) -> Piece | None:
    """Return the piece under the mouse; where it is over none, the one in view that is least sure."""
    mouse, viewport = screen.state.mouse, screen.viewport
    if mouse is not None:
        under = piece_at(viewport.to_picture(mouse), [piece.box for piece in screen.pieces], 4 / viewport.scale)
        if under is not None:
            return screen.pieces[under]
    return least_sure([piece for piece in screen.pieces if viewport.shows(piece.box)])


def _reading(reading: Reading, screen: Screen) -> Reading:
    return placed(doubted(reading, screen.state.threshold), screen.viewport)


def _ground(screen: Screen) -> NDArray[np.uint8]:
    """Return the picture, or its ink, as far as it is seen."""
    viewport = screen.viewport
    if screen.scene is None:
        return seen(np.zeros((1, 1, 3), np.uint8), replace(viewport, picture=(1, 1)))
    if screen.state.ink and screen.attempt is not None:
        matrix = viewport.matrix @ screen.attempt.view.to_picture
        ink = cv2.warpPerspective(
            255 - screen.attempt.ink.contrast, matrix, screen.window, borderMode=cv2.BORDER_CONSTANT, borderValue=BESIDE
        )
        return np.asarray(cv2.cvtColor(ink, cv2.COLOR_GRAY2BGR), np.uint8)
    return seen(screen.scene.frame.image, viewport)


def _taken(canvas: NDArray[np.uint8], screen: Screen) -> list[Box]:
    """Return where no label may lie: where the bars are."""
    return [bar(canvas), *([bar(canvas, bottom=True)] if status(screen) else [])]


def _mark_region(canvas: NDArray[np.uint8], screen: Screen) -> None:
    """Darken what is not read, or will not be when the mouse is let go."""
    region = dragged_roi(screen.state, screen.viewport) or screen.state.roi
    if region is None:
        return
    at, (height, width) = screen.viewport.to_window(region), canvas.shape[:2]
    inner = canvas[max(0, at.y) : max(0, at.bottom), max(0, at.x) : max(0, at.right)].copy()
    shade(canvas, Box(0, 0, width, height), 0.45)
    canvas[max(0, at.y) : max(0, at.bottom), max(0, at.x) : max(0, at.right)] = inner
    cv2.rectangle(canvas, (at.x - 1, at.y - 1), (at.right, at.bottom), LIGHT, 1)


def _mark_pieces(canvas: NDArray[np.uint8], screen: Screen) -> None:
    """Mark the ink that can be picked, what was picked and corrected, and explain one piece."""
    state, viewport = screen.state, screen.viewport
    if state.frozen:
        for piece in (piece for piece in screen.pieces if piece.reason):
            at = viewport.to_window(piece.box)
            cv2.rectangle(canvas, (at.x - 1, at.y - 1), (at.right, at.bottom), REJECTED, 1)
        for index, label in state.corrections:
            draw_picked(canvas, viewport.to_window(screen.pieces[index].box), label)
        if state.picked is not None and state.picked not in dict(state.corrections):
            draw_picked(canvas, viewport.to_window(screen.pieces[state.picked].box), None)
    subject = explained(screen) if state.explain else None
    if subject is not None:
        draw_explanation(canvas, subject, viewport.to_window(subject.box))
