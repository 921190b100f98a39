"""Learning from teachers: what other networks answer is learned beside the labels.

Hinton et al. 2015, arXiv 1503.02531, "Distilling the knowledge in a neural network": the answers of teachers, softened,
say what else an image looks like, and how doubtful it is; a label says neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.contract import LABELS
from models.errors import UsageError
from training.calibrate import at_temperature
from training.network import predict

SOFTNESS: Final = 2.0
"""Temperature at which answers are compared (section 2 there)."""
WEIGHT: Final = 0.8
"""Of the teachers' answers in the loss; the labels have the rest."""
LEAST: Final = 1e-7
"""Probabilities below it count as it."""


class Teachers:
    """Networks whose answers are multiplied, each as much as the others.

    paths: of .keras files with this project's labels. UsageError names one that is not.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._networks = [_opened(path) for path in paths]

    def softened(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return their answers at SOFTNESS, (n, 11) float32, rows sum to 1; images: (n, 28, 28) float32 in 0..1."""
        logs = [np.log(np.maximum(predict(network, images), LEAST)) for network in self._networks]
        return at_temperature(np.exp(np.mean(logs, axis=0)), SOFTNESS)


def _opened(path: Path) -> Any:
    import keras

    try:
        network = keras.models.load_model(path, compile=False)
        if network.output_shape != (None, len(LABELS)):
            raise ValueError(f"answers {network.output_shape}")
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise UsageError(f"{path}: not a digits.keras that can teach; name another with --teacher") from fault
    return network


@cache
def taught_loss() -> Any:
    """Return the class of the loss; files of networks compiled with it can then be opened.

    Its targets are (n, 22): the labels, 1 for the right one, then the teachers' softened answers. Its predictions are
    probabilities (n, 11).
    """
    import keras
    from keras import ops

    @keras.saving.register_keras_serializable("training")
    class TaughtLoss(keras.losses.Loss):  # type: ignore[misc]  # keras tells no types
        def __init__(self, smoothing: float = 0.0, name: str = "taught", **rest: Any) -> None:
            super().__init__(name=name, **rest)
            self.smoothing = smoothing

        def call(self, y_true: Any, y_pred: Any) -> Any:
            labels, answers = y_true[:, : len(LABELS)], y_true[:, len(LABELS) :]
            hard = keras.losses.categorical_crossentropy(labels, y_pred, label_smoothing=self.smoothing)
            own = ops.log_softmax(ops.log(ops.maximum(y_pred, LEAST)) / SOFTNESS)
            soft = -ops.sum(answers * own, axis=-1) * SOFTNESS**2
            return (1 - WEIGHT) * hard + WEIGHT * soft

        def get_config(self) -> dict[str, Any]:
            return dict(super().get_config()) | {"smoothing": self.smoothing}

    return TaughtLoss
