"""The live window but for its glass: takes scenes, events, keys and the mouse; gives pictures; does the acts."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from models.errors import OutputError
from realtime.attempt import Attempt
from realtime.controls import Act, Acts, Controls, point, press
from realtime.hud import Figures, draw_figures
from realtime.keeping import Keeper
from realtime.pieces import Piece, pieces
from realtime.pipeline import Item, Meter
from realtime.roi import RoiReader, roi_of
from realtime.screen import Screen, compose
from realtime.values import LOST, Event, Scene
from realtime.viewport import Point

SAID: Final = 4.0
"""Seconds for which a notice is shown."""
LEAST: Final = (64, 48)
WAITING: Final = "waiting for the first picture"


@dataclass(frozen=True, slots=True)
class About:
    """What the window says of itself. reading: seconds the last picture took to read.  recording: by --record."""

    source: str
    model: str
    reading: Callable[[], float]
    recording: bool = False


class Viewer:
    """The state of the window, and what is done when it changes."""

    def __init__(
        self, about: About, reader: RoiReader, keeper: Keeper, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._about, self._reader, self._keeper, self._clock = about, reader, keeper, clock
        self.state, self.ended = Controls(), False
        self._scene: Scene | None = None
        self._lost = WAITING
        self._notice, self._until = "", 0.0
        self._inspected: tuple[Scene, Attempt, tuple[Piece, ...]] | None = None
        self._meter, self._rate, self._drawing = Meter(), 0.0, 0.0
        self._window = (1, 1)
        self._drawn: tuple[object, ...] | None = None

    @property
    def picture_size(self) -> tuple[int, int] | None:
        """(width, height) of the frames, None before the first."""
        return None if self._scene is None else self._scene.reading.size

    def take(self, item: Item) -> None:
        """Take what comes from the source."""
        if isinstance(item, Event):
            self._lost = _told(item, self._lost)
            return
        if self._scene is None and (part := self._reader.part(item.frame.size)) is not None:
            self.state = replace(self.state, roi=part)
        self._scene, self._lost = item, ""
        self._rate = self._meter.tick(self._clock())
        self._try(lambda: self._keeper.see(item))

    def press(self, key: int) -> None:
        """Take a key, as cv2.waitKeyEx gives it."""
        self._follow(*press(self.state, key, self._screen().viewport))

    def point(self, what: Literal["move", "down", "up"], at: Point) -> None:
        """Take what the mouse did, at a point of the window."""
        boxes = [piece.box for piece in self._screen().pieces] if what == "down" else []
        self._follow(*point(self.state, what, at, self._screen().viewport, boxes))

    def picture(self, window: tuple[int, int]) -> NDArray[np.uint8] | None:
        """Return what a window of (width, height) pixels is to show; None where that is what it shows already.

        It is as large as the window, so that nothing is scaled after letters were drawn, but never less than `LEAST`.
        """
        self._window = window = max(window[0], LEAST[0]), max(window[1], LEAST[1])
        screen = self._screen()
        seen = (id(self._scene), window, screen.state, screen.notice, screen.lost, self._keeper.records)
        if seen == self._drawn:
            return None
        began, self._drawn = self._clock(), seen
        canvas = compose(screen)
        draw_figures(canvas, self._figures(), self._keeper.records or self._about.recording)
        self._drawing = self._clock() - began
        return canvas

    def close(self) -> None:
        """End what is under way."""
        self._try(self._keeper.close)

    def _screen(self) -> Screen:
        attempt, found = self._inspect()
        notice = self._notice if self._clock() < self._until else ""
        return Screen(self._scene, self._window, self.state, attempt, found, notice, self._lost)

    def _inspect(self) -> tuple[Attempt | None, tuple[Piece, ...]]:
        """Return what the picture was read from: it is read once more, but only where somebody looks into it."""
        state, scene = self.state, self._scene
        if scene is None or not (state.ink or state.explain or state.frozen):
            return None, ()
        if self._inspected is None or self._inspected[0] is not scene:
            attempt = self._reader.inspect(scene.frame.image)[1]
            self._inspected = scene, attempt, pieces(attempt)
        return self._inspected[1:]

    def _figures(self) -> Figures:
        scene = self._scene
        grabbed = None if scene is None else scene.frame.grabbed
        age = None if grabbed is None else self._clock() - grabbed
        digits = 0 if scene is None else len(scene.reading.digits)
        about = self._about
        rate = 0.0 if self._lost else self._rate
        return Figures(rate, age, about.reading(), self._drawing, digits, about.source, about.model)

    def _follow(self, state: Controls, acts: Acts) -> None:
        if self.state.frozen and not state.frozen:
            self._keeper.thawed()
        self.state = state
        for act in acts:
            self._act(act)

    def _act(self, act: Act) -> None:
        if act.name == "end":
            self.ended = True
        elif act.name == "roi":
            self._reader.roi = None if act.roi is None else roi_of(act.roi)
        elif act.name == "record":
            self._try(self._keeper.record)
        elif act.name == "undo":
            self._try(lambda: self._keeper.undo(act.piece))
        elif self._scene is not None:
            scene, found = self._scene, self._inspect()[1]
            if act.name == "snapshot":
                self._try(lambda: self._keeper.snapshot(scene))
            else:
                self._correct(act, found[act.piece], scene)

    def _correct(self, act: Act, piece: Piece, scene: Scene) -> None:
        """Keep a correction; one that cannot be kept is not shown as if it were."""
        if not self._try(lambda: self._keeper.correct(act.piece, piece, act.label, scene)):
            kept = tuple(each for each in self.state.corrections if each[0] != act.piece)
            self.state = replace(self.state, corrections=kept)

    def _try(self, keep: Callable[[], str]) -> bool:
        """Do something, and say what came of it in the window: a full disk is no reason to stop looking."""
        done = True
        try:
            said = keep()
        except OutputError as fault:
            said, done = str(fault), False
        if said:
            self._notice, self._until = said, self._clock() + SAID
        return done


def _told(event: Event, before: str) -> str:
    """Return what the window says of the source after an event; `before` is what it said."""
    if event.event == LOST:
        return f"{LOST}, trying again" + (f" ({event.attempt})" if event.attempt else "")
    return before if not event.is_news else ""
