"""Open a model file, hold it against its card, answer batches of digit images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from models.contract import LABELS, ModelCard, checked_card
from models.errors import ModelError
from models.litert import Interpreter
from models.quiet import hushed

DEFAULT_MODEL: Final = Path(__file__).with_name("digits.tflite")
BATCH: Final = 32
"""Most digits per call of the LiteRT interpreter; its input is resized when the count changes, which costs nothing
measurable (docs/training.md has the figures), while filling up to a fixed count costs a whole batch for one digit."""


class Classifier(Protocol):
    """A model that has been opened and found to keep its card's promise."""

    @property
    def card(self) -> ModelCard:
        """The card of the opened model file."""
        ...

    def __call__(self, digits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Classify digit images.

        digits: (n, 28, 28) float32 in 0..1, 1 is stroke; n may be 0.
        Returns (n, 11) float32 calibrated probabilities, columns as `LABELS`; rows sum to 1.
        """
        ...


def load_classifier(path: Path = DEFAULT_MODEL) -> Classifier:
    """Open the model file at `path`, with its card (same name, .json) beside it.

    Raises ModelError when the file or its card is missing, when the card's contract, labels or hash differ, or when the
    file's kind is not one of `BACKENDS`.
    """
    backend = BACKENDS.get(path.suffix)
    if backend is None:
        raise ModelError(f"{path}: not a model file; expected one of {', '.join(BACKENDS)}")
    if not path.is_file():
        remedy = "restore models/" if path == DEFAULT_MODEL else "check the path"
        folder = path.parent if path == DEFAULT_MODEL else "DIR"
        raise ModelError(f"{path}: the model is missing; {remedy}, or make it: python -m training train --out {folder}")
    card = checked_card(path)
    with hushed():  # of what the libraries tell while they open it
        return backend(path, card)


class _LiteRT:
    """A .tflite file on one thread of LiteRT."""

    def __init__(self, path: Path, card: ModelCard) -> None:
        self.card = card
        try:
            self._net = Interpreter(path.read_bytes())
        except (ValueError, RuntimeError) as fault:
            raise ModelError(f"{path}: LiteRT cannot run it ({fault}); train it again") from fault

    def __call__(self, digits: NDArray[np.float32]) -> NDArray[np.float32]:
        return _answers(self._net, digits)


def _answers(net: Interpreter, digits: NDArray[np.float32]) -> NDArray[np.float32]:
    out = np.zeros((len(digits), len(LABELS)), np.float32)
    for start in range(0, len(digits), BATCH):
        part = digits[start : start + BATCH, :, :, None]
        out[start : start + len(part)] = net(part)
    return out


def answers(content: bytes, digits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what the content of a .tflite file, which has no card yet, answers: (n, 11) float32.

    digits: (n, 28, 28) float32 in 0..1, 1 is stroke.
    """
    return _answers(Interpreter(content), digits)


class _Keras:
    """A .keras file; needs TensorFlow (the [train] extra)."""

    def __init__(self, path: Path, card: ModelCard) -> None:
        try:
            import keras
        except ImportError as fault:
            remedy = "pip install tensorflow, or use the .tflite"
            raise ModelError(f"{path}: a .keras model needs TensorFlow; {remedy}") from fault
        self.card = card
        try:
            self._net = keras.models.load_model(path, compile=False)
        except (ValueError, OSError, TypeError, KeyError) as fault:
            reason = " ".join(str(fault).split())[:200]
            raise ModelError(f"{path}: Keras cannot open it ({reason}); train it again") from fault

    def __call__(self, digits: NDArray[np.float32]) -> NDArray[np.float32]:
        if len(digits) == 0:
            return np.zeros((0, len(LABELS)), np.float32)
        parts = [digits[i : i + 512, :, :, None] for i in range(0, len(digits), 512)]
        return np.concatenate([np.asarray(self._net(part, training=False), np.float32) for part in parts])


BACKENDS: Final[dict[str, Callable[[Path, ModelCard], Classifier]]] = {".tflite": _LiteRT, ".keras": _Keras}
