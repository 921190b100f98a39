"""Make probabilities mean what they say: one temperature for all logits (Guo et al. 2017, arXiv 1706.04599)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from training.evaluate import log_loss


def best_temperature(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Return the temperature, 0.25 to 4, that gives held-out answers the least log loss.

    probabilities: (n, 11) float32, of a softmax: their logarithms are the logits but for a constant a row.
    labels: (n,) int64.  Golden section search; the loss has one minimum in 1/temperature.
    """
    low, high = np.log(0.25), np.log(4.0)
    ratio = (np.sqrt(5) - 1) / 2
    while high - low > 1e-3:
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        if log_loss(at_temperature(probabilities, np.exp(a)), labels) < log_loss(
            at_temperature(probabilities, np.exp(b)), labels
        ):
            high = b
        else:
            low = a
    return float(np.exp((low + high) / 2))


def at_temperature(probabilities: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """Return what a softmax would answer, (n, 11) float32, with its logits divided by `temperature`."""
    logits = np.log(np.maximum(probabilities.astype(np.float64), 1e-30)) / temperature
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True), np.float32)
