"""From a picture to a reading: ink, regions, one batched call of the classifier, numbers and lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.classifier import Classifier
from models.contract import ModelCard
from realtime.values import Reading


class Reader:
    """Reads pictures with one classifier; the same for a photograph and for a frame."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    @property
    def card(self) -> ModelCard:
        """The card of the model that reads."""
        return self._classifier.card

    def read(self, picture: NDArray[np.uint8]) -> Reading:
        """Read the digits of one picture.

        picture: (H, W, 3) uint8 BGR or (H, W) uint8 gray, upright.
        """
        raise NotImplementedError
