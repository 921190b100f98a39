"""What fixes a training, and the note that says how far one has come."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.errors import UsageError

STATE: Final = "state.json"
SETTLING_SHARE: Final = 6
"""Of a training by the command, one epoch in so many, the last ones, settles."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What fixes a training.

    images: of one epoch.  crops: of photographed notes, made beforehand and drawn from in every epoch.
    rate: the highest learning rate of the kernels, reached after one epoch.  slower: that of all other weights over it.
    decay: of the weights.  start: sha256 of the model that is taught further, empty
    for a new one.
    settling: more epochs at the end, at a lower rate, on plainer ink with fewer negatives: for the network would rather
    reject too much after an education in which every fourth image was no digit and many were hardly legible.
    keep: share of the start's weights in those of the network in the end. Half of each reads as well what the start
    read, and better what was new (Wortsman et al. 2022, arXiv 2109.01903, "Robust fine-tuning of zero-shot models").
    large: the network is the large one.  teachers: sha256 of the networks whose answers are learned beside the labels.
    precision: of the sums, "bfloat16" or "float32"; the weights are float32 either way (Micikevicius et al. 2018, arXiv
    1710.03740).
    """

    epochs: int = 40
    settling: int = 8
    seed: int = 1
    images: int = 60_000
    crops: int = 300_000
    batch: int = 128
    rate: float = 5e-3
    slower: float = 0.4
    settling_rate: float = 1e-3
    decay: float = 2e-3
    smoothing: float = 0.02
    start: str = ""
    precision: str = "bfloat16"
    keep: float = 0.0
    large: bool = False
    teachers: tuple[str, ...] = ()

    @property
    def held_crops(self) -> int:
        """How many crops are made of notes by held-out writers."""
        return min(self.crops // 10, 10_000)

    @property
    def every_epoch(self) -> int:
        """How many epochs there are in all."""
        return self.epochs + self.settling


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training has come. weights: the file of the network as it was after `epoch` epochs."""

    recipe: Recipe
    epoch: int
    seconds: float
    weights: str


def progress_in(out: Path, recipe: Recipe) -> Progress | None:
    """Return how far the training in `out` has come, None if there is none; UsageError if it is another recipe's."""
    try:
        fields = json.loads((out / STATE).read_text(encoding="utf-8"))
        known = fields["recipe"]
        recipe_of = Recipe(**known | {"teachers": tuple(known.get("teachers", ()))})
        progress = Progress(**fields | {"recipe": recipe_of})
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError) as fault:
        raise UsageError(f"{out / STATE}: not a training to go on with; use --no-resume to start anew") from fault
    if progress.recipe != recipe:
        raise UsageError(f"{out}: holds a training with other options; use --no-resume, or another --out")
    return progress


@dataclass(frozen=True, slots=True)
class RowRecipe:
    """What fixes a training of the row network.

    rows: drawn beforehand.  held: by writers held out.  epochs: how often all are learned from, never twice alike.
    rate: the highest learning rate of the kernels, reached after a fifteenth of the training.  slower: that of all
    other weights over it.  decay: of the weights.
    """

    epochs: int = 8
    rows: int = 120_000
    held: int = 2_000
    batch: int = 64
    rate: float = 5e-3
    slower: float = 0.4
    decay: float = 2e-3
    seed: int = 1
