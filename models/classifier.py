"""Open a model file, hold it against its card, answer batches of digit images."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from models.contract import CONTRACT, LABELS, SIDE, ModelCard, read_card
from models.errors import ModelError
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
    card = read_card(path.with_suffix(".json"))
    _check(card, path)
    with hushed():  # of what the libraries tell while they open it
        return backend(path, card)


def _check(card: ModelCard, path: Path) -> None:
    if card.contract != CONTRACT:
        raise ModelError(f"{path}: made for contract {card.contract}, this program keeps {CONTRACT}; train it again")
    if card.labels != LABELS:
        raise ModelError(f"{path}: has other labels than this program; train it again")
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as fault:
        raise ModelError(f"{path}: cannot be read ({fault.strerror}); check its permissions") from fault
    if card.sha256.get(path.name) != found:
        raise ModelError(f"{path}: is not the file its card describes (sha256 differs); restore both, or train again")


class _LiteRT:
    """A .tflite file on one thread of LiteRT."""

    def __init__(self, path: Path, card: ModelCard) -> None:
        self.card = card
        try:
            self._net = _Interpreter(path.read_bytes())
        except (ValueError, RuntimeError) as fault:
            raise ModelError(f"{path}: LiteRT cannot run it ({fault}); train it again") from fault

    def __call__(self, digits: NDArray[np.float32]) -> NDArray[np.float32]:
        return self._net(digits)


class _Interpreter:
    """The content of a .tflite file, whose input is resized to the count of digits in a call."""

    def __init__(self, content: bytes) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._net: Any = Interpreter(model_content=content, num_threads=1)
        self._input = self._net.get_input_details()[0]["index"]
        self._output = self._net.get_output_details()[0]["index"]
        self._count = 0
        self._make_room(1)

    def _make_room(self, count: int) -> None:
        if count != self._count:
            self._net.resize_tensor_input(self._input, (count, SIDE, SIDE, 1), strict=True)
            self._net.allocate_tensors()
            self._count = count

    def __call__(self, digits: NDArray[np.float32]) -> NDArray[np.float32]:
        out = np.zeros((len(digits), len(LABELS)), np.float32)
        for start in range(0, len(digits), BATCH):
            part = digits[start : start + BATCH, :, :, None]
            self._make_room(len(part))
            self._net.set_tensor(self._input, part)
            self._net.invoke()
            out[start : start + len(part)] = self._net.get_tensor(self._output)
        return out


def answers(content: bytes, digits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what the content of a .tflite file, which has no card yet, answers: (n, 11) float32.

    digits: (n, 28, 28) float32 in 0..1, 1 is stroke.
    """
    with hushed():  # of what LiteRT tells while it is opened
        net = _Interpreter(content)
    return net(digits)


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
