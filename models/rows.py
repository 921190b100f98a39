"""The row network: reads a row of digits at once, without cutting it into digits first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from models.contract import ModelCard, checked_card
from models.errors import ModelError
from models.litert import Interpreter

HEIGHT: Final = 32
"""Pixels that a row image is high."""
STRIDE: Final = 4
"""Pixels of a row image that one step of the answer stands for."""
NAME: Final = "rows.tflite"


class RowNet(Protocol):
    """A row network that has been opened and found to keep its card's promise."""

    @property
    def card(self) -> ModelCard:
        """The card of the opened file."""
        ...

    def __call__(self, rows: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.float32]]:
        """Read row images.

        rows: (HEIGHT, w) uint8 each, 0 paper .. 255 full ink; w a multiple of STRIDE, at least one.
        Returns for each (w / STRIDE, 11) float32: at each step the probability that the middle of a digit is there,
        columns as `models.contract.LABELS`, the last is of none; rows sum to 1.
        """
        ...


def rows_beside(model: Path) -> RowNet | None:
    """Open the row network that lies beside a model file, with its card; None where there is none.

    Raises ModelError when its card is missing or tells of another file.
    """
    path = model.with_name(NAME)
    return _LiteRows(path) if path.is_file() else None


class _LiteRows:
    """A row network on one thread of LiteRT."""

    def __init__(self, path: Path) -> None:
        self.card = checked_card(path)
        try:
            self._net = Interpreter(path.read_bytes())
        except (ValueError, RuntimeError) as fault:
            raise ModelError(f"{path}: LiteRT cannot run it ({fault}); train it again") from fault

    def __call__(self, rows: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.float32]]:
        return [self._net(np.asarray(row[None, :, :, None] / np.float32(255), np.float32))[0] for row in rows]
