"""Make probabilities mean what they say: one temperature for all logits (Guo et al. 2017, arXiv 1706.04599).

And one shift for "not a digit": a network taught with many negatives expects as many, and rejects good digits.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.data import REJECT
from training.evaluate import log_loss

MOST_REJECTED: Final = 0.003
"""No larger share of clean, held-out MNIST digits may be taken for no digit."""


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


def least_shift(probabilities: NDArray[np.float32], most: float = MOST_REJECTED) -> float:
    """Return the smallest shift, 0 to -3 in steps of 0.1, at which no more than `most` of the answers reject.

    probabilities: (n, 11) float32, answers to clean digits that were held out.
    """
    for step in range(30):
        rejected = np.mean(shifted(probabilities, -step / 10).argmax(1) == REJECT) if len(probabilities) else 0
        if rejected <= most:
            return -step / 10
    return -3.0


def shifted(probabilities: NDArray[np.float32], shift: float) -> NDArray[np.float32]:
    """Return what a softmax would answer, (n, 11) float32, with `shift` added to the logit of "not a digit"."""
    powers = probabilities.astype(np.float64)
    powers[:, REJECT] *= np.exp(shift)
    return np.asarray(powers / powers.sum(1, keepdims=True), np.float32)
