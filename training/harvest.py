"""Crops of photographed notes, made once for a training and kept beside it: an interrupted making goes on."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from models.errors import UsageError
from training.crops import draw_crops
from training.data import Inks, Split
from training.files import write
from training.sampling import pool_of

SHARD: Final = 10_000
"""Crops in one file."""
Part = Literal["learn", "held"]
_SEEDS: Final = {"learn": 0, "held": 1}


def harvest(
    splits: Sequence[Split],
    out: Path,
    seed: int,
    count: int,
    part: Part = "learn",
    anew: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Inks:
    """Return `count` crops of notes written with the ink of one part of the sets, from files in `out` where they are.

    The same seed gives the same crops. A longer harvest begins like a shorter one but for the last file of that.
    anew: draw them even if they are there.
    """
    pools = pool_of(splits, "digits", part), pool_of(splits, "negatives", part)
    if count == 0 or pools[0] is None:
        return Inks(np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.int64))
    parts = []
    for k, start in enumerate(range(0, count, SHARD)):
        size = min(SHARD, count - start)
        path = out / f"crops-{part}-{seed}-{k:03}-{size}.npz"
        if anew or not path.is_file():
            say(f"{path.name}: photographing notes and cutting out {size} crops")
            _store(draw_crops(pools[0], pools[1], (seed, _SEEDS[part], k), size), path)
        parts.append(_stored(path))
    return Inks(np.concatenate([p.images for p in parts]), np.concatenate([p.labels for p in parts]))


def as_seen(crops: Inks) -> NDArray[np.float32]:
    """Return crops as the network is given them, (n, 28, 28) float32 in 0..1."""
    return np.asarray(crops.images / np.float32(255), np.float32)


def _store(crops: Inks, path: Path) -> None:
    content = io.BytesIO()
    np.savez_compressed(content, images=crops.images, labels=crops.labels)
    write(path, content.getvalue())


def _stored(path: Path) -> Inks:
    try:
        with np.load(path, allow_pickle=False) as stored:
            return Inks(stored["images"], stored["labels"])
    except Exception as fault:  # np.load raises zipfile, zlib, pickle, EOF, OS and value errors on a damaged file
        raise UsageError(f"{path}: cannot go on with it; use --no-resume to start anew") from fault
