"""From a picture to a reading: ink, regions, one batched call of the classifier, digits, numbers and lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.classifier import Classifier
from models.contract import LABELS, ModelCard, normalize_all
from realtime.decode import DecodeSettings, Verdict, decode
from realtime.ink import InkSettings, find_ink
from realtime.layout import LayoutSettings, arrange
from realtime.segment import Region, SegmentSettings, find_regions
from realtime.values import Box, Digit, Reading, Rejected


@dataclass(frozen=True, slots=True)
class ReaderSettings:
    """The settings of every stage."""

    ink: InkSettings = field(default_factory=InkSettings)
    segment: SegmentSettings = field(default_factory=SegmentSettings)
    decode: DecodeSettings = field(default_factory=DecodeSettings)
    layout: LayoutSettings = field(default_factory=LayoutSettings)


class Reader:
    """Reads pictures with one classifier; the same for a photograph and for a frame."""

    def __init__(self, classifier: Classifier, settings: ReaderSettings | None = None) -> None:
        self._classifier = classifier
        self._settings = settings or ReaderSettings()

    @property
    def card(self) -> ModelCard:
        """The card of the model that reads."""
        return self._classifier.card

    def read(self, picture: NDArray[np.uint8]) -> Reading:
        """Read the digits of one picture, with one call of the classifier, or none where there is no ink.

        picture: (H, W, 3) uint8 BGR or (H, W) uint8 gray, upright; H and W at least 1.
        """
        settings = self._settings
        ink = find_ink(picture, settings.ink)
        regions = find_regions(ink, settings.segment)
        size = (picture.shape[1], picture.shape[0])
        if not regions:
            return Reading(size)
        probabilities = self._classifier(normalize_all([r.ink for r in regions]))
        verdicts = decode(regions, probabilities, settings.decode, settings.layout)
        digits = [_digit(v, regions, probabilities, ink.scale) for v in verdicts if not v.reason]
        rejected = tuple(_rejected(v, regions, ink.scale) for v in verdicts if v.reason)
        return Reading(size, arrange(digits, settings.layout), rejected)


def _digit(verdict: Verdict, regions: Sequence[Region], probabilities: NDArray[np.float32], scale: float) -> Digit:
    row = tuple(float(p) for p in probabilities[verdict.region])
    return Digit(_in_picture(regions[verdict.region].box, scale), LABELS[verdict.label], verdict.probability, row)


def _rejected(verdict: Verdict, regions: Sequence[Region], scale: float) -> Rejected:
    box = _in_picture(regions[verdict.region].box, scale)
    return Rejected(box, LABELS[verdict.label], verdict.probability, verdict.reason)


def _in_picture(box: Box, scale: float) -> Box:
    """Bring a box from working size to the picture's own pixels."""
    x, y, right, bottom = (round(v / scale) for v in (box.x, box.y, box.right, box.bottom))
    return Box(x, y, right - x, bottom - y)
