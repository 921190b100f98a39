"""Digits of one page are of one hand: a doubtful one is compared with those that are sure.

(Sarkar and Nagy 2005, "Style consistent classification of isogenous patterns".)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.contract import SIDE, normalize_all
from realtime.decode import Verdict, is_sure
from realtime.segment import Region

TEN: Final = 10


@dataclass(frozen=True, slots=True)
class HandSettings:
    """How much the look of the other digits counts.

    doubtful: a digit with less probability than this is compared with those others that it may be, by `chance` at
    least.
    weight: what a likeness of 1 adds to the logit of a label.  strange: likeness taken for a label of which the page
    has no sure digit.  blur: standard deviation, in pixels of the normalized image, by which strokes may lie elsewhere.
    least: so many sure digits there must be.
    practice: how much likelier a page holds one digit again and again than any ten.  slip: share of others on it.
    """

    doubtful: float = 0.98
    chance: float = 0.005
    weight: float = 6.0
    strange: float = 0.7
    blur: float = 1.0
    least: int = 2
    practice: float = 0.01
    slip: float = 0.02


def in_one_hand(
    verdicts: Sequence[Verdict], regions: Sequence[Region], probabilities: NDArray[np.float32], settings: HandSettings
) -> tuple[Sequence[Verdict], NDArray[np.float32]]:
    """Return the verdicts and probabilities after the doubtful digits were compared with the sure ones.

    probabilities: (n, 11) float32 of the n regions; what is returned has the same sums of the ten digits.
    """
    digits = [v for v in verdicts if not v.reason]
    sure = [v for v in digits if is_sure(v)]
    doubtful = [v for v in digits if v.probability < settings.doubtful]
    if not doubtful or len(sure) < settings.least:
        return verdicts, probabilities
    asked = {label for v in doubtful for label in _candidates(probabilities[v.region, :TEN], settings)}
    models = [v for v in sure if v.label in asked]
    likeness = _looks(doubtful, regions, settings) @ _looks(models, regions, settings).T
    seen, changed = probabilities.copy(), dict[int, Verdict]()
    for verdict, row in zip(doubtful, likeness.tolist(), strict=True):
        likest: dict[int, float] = {}
        for other, like in zip(models, row, strict=True):
            if other is not verdict:
                likest[other.label] = max(like, likest.get(other.label, 0.0))
        before = probabilities[verdict.region, :TEN]
        expected = _expected([other.label for other in sure if other is not verdict], settings)
        after = _compared(before, likest, expected, settings)
        changed[verdict.region] = _relabelled(verdict, before, after)
        seen[verdict.region, :TEN] = after
    return [changed.get(v.region, v) for v in verdicts], seen


def _relabelled(verdict: Verdict, before: NDArray[np.float32], after: NDArray[np.float32]) -> Verdict:
    """Return a verdict in proportion: no surer than it was, or than that the ink is a digit at all."""
    label, most = int(after.argmax()), max(verdict.probability, float(before.sum()))
    changed = verdict.probability * float(after[label]) / float(before[verdict.label])
    return replace(verdict, label=label, probability=min(most, changed))


def _candidates(ten: NDArray[np.float32], settings: HandSettings) -> list[int]:
    """Return which digits it may be."""
    return [label for label, share in enumerate(ten.tolist()) if share >= settings.chance]


def _looks(verdicts: Sequence[Verdict], regions: Sequence[Region], settings: HandSettings) -> NDArray[np.float32]:
    """Return how digits look, (n, 784) float32 of length 1: the product of two is their likeness, 0..1."""
    if not verdicts:
        return np.zeros((0, SIDE * SIDE), np.float32)
    images = normalize_all([regions[v.region].ink for v in verdicts])
    below = images.reshape(-1, images.shape[2])  # one below the other: their margins keep them apart
    looks = cv2.GaussianBlur(below, (0, 0), settings.blur).reshape(len(images), -1)
    return np.asarray(looks / np.linalg.norm(looks, axis=1, keepdims=True), np.float32)


def _compared(
    ten: NDArray[np.float32], likest: Mapping[int, float], expected: NDArray[np.float64], settings: HandSettings
) -> NDArray[np.float32]:
    """Return the probabilities of the ten digits, (10,) float32, of the same sum.

    likest: of labels, how like its likest example it is.  expected: (10,) float64, how likely each is on this page.
    """
    weights = np.array([settings.weight * likest.get(label, settings.strange) for label in range(TEN)])
    compared = ten * np.exp(weights - weights.max()) * expected
    return np.asarray(compared * (ten.sum() / compared.sum()), np.float32)


def _expected(labels: Sequence[int], settings: HandSettings) -> NDArray[np.float64]:
    """Return how likely each digit is on a page that has these, (10,) float64.

    All ten alike, or on a page of one digit written again and again that one, but for slips: which page this is, its
    digits tell (Bayes).
    """
    label, count = Counter(labels).most_common(1)[0]
    slip = settings.slip / (TEN - 1)
    odds = settings.practice * ((1 - settings.slip) * TEN) ** count * (slip * TEN) ** (len(labels) - count)
    expected = np.full(TEN, slip * odds + 1 / TEN)
    expected[label] = (1 - settings.slip) * odds + 1 / TEN
    return np.asarray(expected / (1 + odds), np.float64)
