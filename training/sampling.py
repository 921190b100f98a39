"""Draw an epoch of training images: sets and classes in balance, every image degraded and then normalized."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.contract import SIDE, normalize
from training.augment import PHOTO, Degradation, Ink, degrade
from training.data import REJECT, Inks, Split
from training.nondigits import drawn, joined, upright_bar

_PIECE: Final = 1000
"""Images per random generator, so that a piece of an epoch can be made again by itself."""


LARGER: Final = 3
"""How many times larger than it is stored a crop is bent, so that its strokes stay as sharp as they were."""
HALO: Final = 40
"""Ink below this around bent strokes comes from the bending."""
LYING: Final = {2: (1, 3), 3: (1, 2, 3), 4: (1, 2, 3), 5: (1, 3), 6: (1, 3), 9: (1, 3)}
"""Quarters by which a digit must be turned to be none. What is not here might be read as one: a 7 as a 1, a 2 upside
down as a 2."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """Shares of an epoch.

    crops: of photographed notes, if there are any, and of these what is no digit, and what is bent a little.
    Of the others: reject: not a digit, of these joined digits, digits that lie on their side and drawn ones; bare_one:
    1s that are a bare stroke.
    """

    reject: float = 0.26
    crops: float = 0.45
    crops_reject: float = 0.34
    crops_bent: float = 0.5
    joined: float = 0.12
    lying: float = 0.06
    drawn: float = 0.16
    bare_one: float = 0.015
    how: Degradation = PHOTO


LEARNING: Final = Mixture()
SETTLING: Final = Mixture(reject=0.16, crops=0.35, how=Degradation(untouched=0.6, only_bent=0.2))


@dataclass(frozen=True, eq=False, slots=True)
class Pool:
    """Sets of one kind.  shares: of the sets, summed up.  cumulated: for each set the chances of its images, too."""

    sets: tuple[Inks, ...]
    shares: NDArray[np.float64]
    cumulated: tuple[NDArray[np.float64], ...]

    def pick(self, rng: Generator) -> tuple[Ink, int]:
        """Return an image and its label, drawn by lot."""
        inks = int(np.searchsorted(self.shares, rng.random() * self.shares[-1], "right"))
        chances = self.cumulated[inks]
        i = int(np.searchsorted(chances, rng.random() * chances[-1], "right"))
        return self.sets[inks].images[i], int(self.sets[inks].labels[i])


def pool_of(splits: Sequence[Split], kind: str, part: Literal["learn", "held"] = "learn") -> Pool | None:
    """Return what may be learned from, or what is held out, of one kind; None if there is none."""
    chosen = [(s.source.share, inks) for s in splits if s.source.kind == kind and len(inks := getattr(s, part))]
    if not chosen:
        return None
    sets = tuple(inks for _, inks in chosen)
    return Pool(sets, np.cumsum([share for share, _ in chosen]), tuple(np.cumsum(_balanced(inks)) for inks in sets))


def _crop_pool(crops: Inks, reject: float) -> Pool:
    """Return crops as a pool in which `reject` of the chance is of those that are no digit."""
    classes = len(np.unique(crops.labels[crops.labels != REJECT]))
    weights = _balanced(crops) * np.where(crops.labels == REJECT, classes * reject / (1 - reject), 1)
    return Pool((crops,), np.ones(1), (np.cumsum(weights),))


def _balanced(inks: Inks) -> NDArray[np.float64]:
    """Return (n,) weights that make every label of a set equally likely."""
    counts = np.bincount(inks.labels, minlength=REJECT + 1)
    return np.asarray(1 / counts[inks.labels], np.float64)


def epoch_images(
    splits: Sequence[Split],
    seed: int,
    epoch: int,
    size: int,
    mixture: Mixture = LEARNING,
    crops: Inks | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return `size` training images (size, 28, 28) float32 in 0..1 and their labels (size,), in random order.

    The same seed and epoch always give the same images.

    crops: normalized ones, (n, 28, 28), as of `training.crops`.
    """
    pools = pool_of(splits, "digits"), pool_of(splits, "negatives")
    if pools[0] is None:
        raise ValueError("no digits to learn from")
    seen = _crop_pool(crops, mixture.crops_reject) if crops is not None and len(crops) else None
    images, labels = np.empty((size, SIDE, SIDE), np.float32), np.empty(size, np.int64)
    for start in range(0, size, _PIECE):
        rng = np.random.default_rng((seed, epoch, start))
        for i in range(start, min(start + _PIECE, size)):
            if seen is not None and rng.random() < mixture.crops:
                ink, labels[i] = _seen_anew(*seen.pick(rng), mixture, rng)
            else:
                ink, labels[i] = _sample(pools[0], pools[1], mixture, rng)
            images[i] = normalize(ink)
    return images, labels


def _seen_anew(crop: Ink, label: int, mixture: Mixture, rng: Generator) -> tuple[Ink, int]:
    """Return a crop as it is or, for it is drawn in several epochs, a little turned, leaning and stretched."""
    if rng.random() >= mixture.crops_bent:
        return crop, label
    turn, lean, stretch = rng.normal(0, 0.05), rng.normal(0, 0.08), np.exp(rng.normal(0, 0.04))
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ [
        [stretch, lean],
        [0, 1 / stretch],
    ]
    side = LARGER * (SIDE + 8)
    place = np.column_stack([LARGER * turned, side / 2 - LARGER * turned @ np.full(2, SIDE / 2)])
    moved = np.asarray(cv2.warpAffine(crop, place, (side, side), flags=cv2.INTER_CUBIC), np.uint8)
    return np.where(moved < HALO, np.uint8(0), moved), label


def _sample(digits: Pool, negatives: Pool | None, mixture: Mixture, rng: Generator) -> tuple[Ink, int]:
    chance = rng.random()
    if chance < mixture.bare_one:
        return degrade(upright_bar(rng), rng, digits.pick(rng)[0], mixture.how), 1
    if chance < 1 - mixture.reject:
        ink, label = digits.pick(rng)
        return degrade(ink, rng, digits.pick(rng)[0], mixture.how), label
    return degrade(_reject(digits, negatives, mixture, rng), rng, None, mixture.how), REJECT


def _reject(digits: Pool, negatives: Pool | None, mixture: Mixture, rng: Generator) -> Ink:
    chance = rng.random()
    if chance < mixture.joined:
        (left, a), (right, b) = digits.pick(rng), digits.pick(rng)
        if not a == b == 1:  # two bars side by side are too near to a thick one
            return joined(left, right, rng)
    elif chance < mixture.joined + mixture.lying:
        ink, label = digits.pick(rng)
        if label in LYING:
            return np.rot90(ink, int(rng.choice(LYING[label])))
    if negatives is None or chance < mixture.joined + mixture.lying + mixture.drawn:
        return drawn(rng)
    return negatives.pick(rng)[0]


def held_images(splits: Sequence[Split], seed: int, degraded: bool) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return every held-out image once, as it is or degraded: (n, 28, 28) float32 in 0..1 and (n,) labels."""
    rng = np.random.default_rng((seed, len(splits), int(degraded)))
    inks = [(ink, label) for s in splits for ink, label in zip(s.held.images, s.held.labels, strict=True)]
    images = np.zeros((len(inks), SIDE, SIDE), np.float32)
    for i, (ink, _) in enumerate(inks):
        images[i] = normalize(degrade(ink, rng) if degraded else ink)
    return images, np.array([label for _, label in inks], np.int64)
