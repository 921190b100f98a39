"""Regions and probabilities made up for tests of what is decided of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from realtime.decode import DecodeSettings, Verdict, decode
from realtime.judge import JudgeSettings, judge
from realtime.layout import LayoutSettings
from realtime.segment import Region
from realtime.values import Box

NO_INK = np.zeros((1, 1), np.uint8)


def region(
    x: int,
    height: int = 40,
    parent: int = -1,
    contrast: float = 150,
    clutter: float = 0.0,
    edges: tuple[bool, bool] = (False, False),
    flanks: float = 0.0,
    filled: float = 0.0,
) -> Region:
    return Region(Box(x, 100 - height // 2, 20, height), NO_INK, 99, parent, contrast, clutter, edges, flanks, filled)


def rows(*answers: tuple[int, float]) -> NDArray[np.float32]:
    """Return probabilities, given (label, probability) of each region; the rest goes to "not a digit", or to 0."""
    table = np.zeros((len(answers), 11), np.float32)
    for row, (label, p) in zip(table, answers, strict=True):
        row[10 if label != 10 else 0] = 1 - p
        row[label] = p
    return table


def decide(regions: list[Region], *answers: tuple[int, float]) -> list[Verdict]:
    return judge(decode(regions, rows(*answers), DecodeSettings()), regions, JudgeSettings(), LayoutSettings())


def reasons(verdicts: list[Verdict]) -> list[str]:
    return [v.reason for v in verdicts]
