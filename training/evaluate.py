"""How good answers are: accuracy, confusion, calibration, rejection. Pure functions; the command is in cli.py."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.classifier import Classifier
from models.contract import LABELS, normalize_all
from training.data import REJECT, Inks, Source, measured_sets

Probabilities = NDArray[np.float32]
"""(n, 11) float32, rows sum to 1, columns as `models.contract.LABELS`."""
Labels = NDArray[np.int64]
"""(n,) int64, index into `models.contract.LABELS`."""

BINS: Final = 15
ACCEPT: Final = 0.5
CONFIDENCES: Final = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.985, 0.99, 0.993, 0.995, 0.997, 0.999)
"""At which the card tells how many errors there are."""


def accuracy(probabilities: Probabilities, labels: Labels) -> float:
    """Return the share whose likeliest of the eleven labels is right; 0 if there are none."""
    return float(np.mean(probabilities.argmax(1) == labels)) if len(labels) else 0.0


def digit_accuracy(probabilities: Probabilities, labels: Labels) -> float:
    """Return the share whose likeliest of the ten digits is right, "not a digit" left out of account."""
    return accuracy(probabilities[:, :REJECT], labels)


def accepted(probabilities: Probabilities, least: float = ACCEPT) -> NDArray[np.bool_]:
    """Return which are taken for digits, (n,) bool: the likeliest label is a digit and has at least `least`."""
    return np.asarray((probabilities.argmax(1) != REJECT) & (probabilities.max(1) >= least))


def accepted_right(probabilities: Probabilities, labels: Labels, least: float = ACCEPT) -> float:
    """Return the share of all that is taken for a digit and is that digit."""
    taken = accepted(probabilities, least) & (probabilities.argmax(1) == labels)
    return float(taken.mean()) if len(labels) else 0.0


def confusion(probabilities: Probabilities, labels: Labels) -> NDArray[np.int64]:
    """Return (11, 11) int64 counts: row the true label, column the likeliest."""
    counts = np.zeros((len(LABELS), len(LABELS)), np.int64)
    np.add.at(counts, (labels, probabilities.argmax(1)), 1)
    return counts


def calibration_error(probabilities: Probabilities, labels: Labels, bins: int = BINS) -> float:
    """Return the expected calibration error of the likeliest label, 0..1: see `expected_error`."""
    return expected_error(probabilities.max(1, initial=0), probabilities.argmax(1) == labels, bins)


def expected_error(confidence: NDArray[np.floating], right: NDArray[np.bool_], bins: int = BINS) -> float:
    """Return the expected calibration error (Guo et al. 2017, arXiv 1706.04599), 0..1; 0 of no answers.

    Answers are put into `bins` equal bins of confidence (low, high]; the error is the mean, weighted by count, of the
    distance between each bin's confidence and its accuracy.

    confidence: (n,) 0..1.  right: (n,).
    """
    if not len(right):
        return 0.0
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    surplus = np.bincount(place, weights=confidence - right, minlength=bins)
    return float(np.abs(surplus).sum() / len(right))


def errors_by_confidence(probabilities: Probabilities, labels: Labels) -> list[dict[str, float]]:
    """Return how many are wrong of what is taken for a digit with at least some confidence, and the share that is.

    For rising confidences; what is no digit and is taken for one counts as wrong. Empty where nothing is taken.
    """
    right = probabilities.argmax(1) == labels
    curve = []
    for least in CONFIDENCES:
        taken = accepted(probabilities, least)
        if taken.any():
            error, share = float(np.mean(~right[taken])), float(np.mean(taken))
            curve.append({"confidence": least, "error": round(error, 5), "share": round(share, 5)})
    return curve


def log_loss(probabilities: Probabilities, labels: Labels) -> float:
    """Return the mean negative log-likelihood of the true labels, in nats."""
    true = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(true, 1e-12)).mean()) if len(labels) else 0.0


def digit_figures(probabilities: Probabilities, labels: Labels) -> dict[str, float]:
    """Return the figures of a set of digits."""
    return {
        "count": len(labels),
        "accuracy": round(accuracy(probabilities, labels), 5),
        "digit_accuracy": round(digit_accuracy(probabilities, labels), 5),
        "accepted_right": round(accepted_right(probabilities, labels), 5),
        "calibration_error": round(calibration_error(probabilities, labels), 5),
    }


def negative_figures(probabilities: Probabilities) -> dict[str, float]:
    """Return the figures of a set of ink that is no digit."""
    taken = float(accepted(probabilities).mean()) if len(probabilities) else 0.0
    return {"count": len(probabilities), "accepted_as_digit": round(taken, 5)}


def set_figures(classify: Classifier, source: Source, inks: Inks) -> dict[str, Any]:
    """Return the figures of one set, with its kind and whether the model learned from its other writers."""
    probabilities = classify(normalize_all(list(inks.images)))
    digits = source.kind == "digits"
    figures = digit_figures(probabilities, inks.labels) if digits else negative_figures(probabilities)
    return {**figures, "kind": source.kind, "learned": source.learn}


def evaluate(classify: Classifier, folder: Path | None) -> dict[str, dict[str, Any]]:
    """Return the figures of every known set in `folder` by its name (MNIST's test images alone without a folder)."""
    return {source.name: set_figures(classify, source, inks) for source, inks in measured_sets(folder)}


def table(sets: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the figures as the lines of a table, digits first."""
    head = f"{'set':22}{'count':>7}{'accuracy':>10}{'of ten':>9}{'accepted':>10}{'ECE':>8}"
    digits = [_row(n, s) for n, s in sets.items() if s["kind"] == "digits"]
    others = [f"{n:22}{s['count']:7}{s['accepted_as_digit']:10.2%}" for n, s in sets.items() if s["kind"] != "digits"]
    foot = [f"{'no digits':22}{'count':>7}{'accepted':>10}", *others] if others else []
    return "\n".join([head, *digits, *foot])


def _row(name: str, figures: Mapping[str, Any]) -> str:
    shares = (figures[key] for key in ("accuracy", "digit_accuracy", "accepted_right"))
    texts: Iterable[str] = (f"{share:{w}.2%}" for share, w in zip(shares, (10, 9, 10), strict=True))
    return f"{name:22}{figures['count']:7}{''.join(texts)}{figures['calibration_error']:8.4f}"
