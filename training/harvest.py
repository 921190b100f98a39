"""Crops of photographed notes, made once for a training and kept beside it: an interrupted making goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from training.crops import draw_crops
from training.data import Inks, Split
from training.sampling import Pool, pool_of
from training.shards import Arrays, Shard, make_shards, sizes, stored

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
    shards = [
        Shard(out / f"crops-{part}-{seed}-{k:03}-{size}.npz", (seed, _SEEDS[part], k), size)
        for k, size in enumerate(sizes(count, SHARD))
    ]
    missing = [shard for shard in shards if anew or not shard.path.is_file()]
    make_shards(missing, _drawn, pools, say, "crops cut out of photographed notes")
    parts = [Inks(**stored(shard)) for shard in shards]
    return Inks(np.concatenate([p.images for p in parts]), np.concatenate([p.labels for p in parts]))


def _drawn(digits: Pool, negatives: Pool | None, seed: tuple[int, ...], size: int) -> Arrays:
    crops = draw_crops(digits, negatives, seed, size)
    return {"images": crops.images, "labels": crops.labels}


def as_seen(crops: Inks) -> NDArray[np.float32]:
    """Return crops as the network is given them, (n, 28, 28) float32 in 0..1."""
    return np.asarray(crops.images / np.float32(255), np.float32)
