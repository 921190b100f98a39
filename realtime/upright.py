"""Which way up a page is: decided for the page as a whole, by what its ink reads as each way."""

from __future__ import annotations

import numpy as np

from realtime.attempt import Ask, Attempt, judged
from realtime.judge import writing_from
from realtime.page import View, turn
from realtime.segment import turn_region
from realtime.settings import ReaderSettings

QUARTERS = (1, 2, 3)


def stands(attempt: Attempt, settings: ReaderSettings) -> bool:
    """Tell whether a page is upright beyond doubt."""
    enough = settings.upright_way * len(attempt.digits)
    return attempt.share >= settings.upright_share and attempt.way_up >= enough


def better_way_up(as_it_lies: Attempt, loose: Attempt, ask: Ask, settings: ReaderSettings) -> View | None:
    """Return the view turned, if that makes digits of its ink, else None.

    loose: the attempt as it lies, before anything was cut or joined: its regions are turned.
    """
    turned = _turned(loose, ask, settings)
    best = max(turned, key=lambda other: other.way_up + other.evidence / 4)
    # Upside down, 0, 1 and 8 look as they did; on its side, none of them does.
    over = best is turned[1]
    had, found = _conviction(loose, over, settings), _conviction(best, over, settings)
    enough = settings.turn_least + settings.turn_gain * max(0.0, had)
    # Cut, writing on its side falls into digits, too: that speaks for the page as it lies, but less.
    return best.view if found >= max(enough, settings.turn_cut * _conviction(as_it_lies, over, settings)) else None


def _conviction(attempt: Attempt, over: bool, settings: ReaderSettings) -> float:
    """Return how much looks like digits, less what does not."""
    return (attempt.way_up if over else attempt.evidence) - settings.turn_doubt * attempt.unread


def _turned(attempt: Attempt, ask: Ask, settings: ReaderSettings) -> list[Attempt]:
    """Judge the same ink as if the view had been turned by one, two and three quarters, with one call for all."""
    shape = attempt.view.image.shape
    palest = (
        writing_from(attempt.raw, attempt.regions, settings.judge) or None
    )  # none told yet: each way up tells its own
    turned = [[turn_region(region, n, shape) for region in attempt.regions] for n in QUARTERS]
    rows = np.split(ask([region for regions in turned for region in regions]), len(QUARTERS))
    return [
        judged(turn(attempt.view, n), attempt.ink, regions, part, settings, palest)
        for n, regions, part in zip(QUARTERS, turned, rows, strict=True)
    ]
