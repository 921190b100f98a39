"""Means over time: what was seen counts half as much after each half-life, at whatever rate the frames come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

MOST: Final = 0.45
"""The most that one frame weighs: less than a half, so that even at two frames a second none outvotes those before."""


@dataclass(frozen=True, slots=True)
class Lapse:
    """The time a frame stands for. decay: what is left of what was known before.  weight: of what the frame shows."""

    decay: float
    weight: float


def lapse(seconds: float, half_life: float, most: float = MOST) -> Lapse:
    """Return what the time since the frame before means for a mean over time; 0 or more seconds.

    most: that the frame weighs, 0..1.
    """
    decay = max(2 ** (-seconds / half_life), 1 - most)
    return Lapse(decay, 1 - decay)


@dataclass(frozen=True, eq=False, slots=True)
class Vote:
    """A mean of what frames said, (n,) float64, and the weight they have together, up to 1.

    The weights are made up for what came before the first frame (as in Kingma and Ba 2015, "Adam"): after two frames
    each has about a half. Of a first frame the weight is not known before the second tells how long frames are: 0.
    """

    mean: NDArray[np.float64]
    mass: float = 0.0


def cast(vote: Vote, values: NDArray[np.float64], passed: Lapse) -> Vote:
    """Return the vote with one more frame's values, (n,) float64."""
    before = (vote.mass or passed.weight) * passed.decay
    mass = before + passed.weight
    if mass == 0:  # no time has passed
        return vote
    return Vote((before * vote.mean + passed.weight * values) / mass, mass)
