"""Crops of photographed notes, made once for a training and kept beside it: an interrupted making goes on."""

from __future__ import annotations

import io
import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from models.errors import UsageError
from training.crops import draw_crops
from training.data import Inks, Split
from training.files import write
from training.sampling import Pool, pool_of

SHARD: Final = 10_000
"""Crops in one file."""
Part = Literal["learn", "held"]
_SEEDS: Final = {"learn": 0, "held": 1}


@dataclass(frozen=True, slots=True)
class _Shard:
    """One file of crops: where it lies, what its crops are drawn by, how many there are."""

    path: Path
    seed: tuple[int, ...]
    size: int


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
        _Shard(out / f"crops-{part}-{seed}-{k:03}-{size}.npz", (seed, _SEEDS[part], k), size)
        for k, size in enumerate(min(SHARD, count - start) for start in range(0, count, SHARD))
    ]
    _make([shard for shard in shards if anew or not shard.path.is_file()], pools[0], pools[1], say)
    parts = [_stored(shard.path) for shard in shards]
    return Inks(np.concatenate([p.images for p in parts]), np.concatenate([p.labels for p in parts]))


def _make(shards: Sequence[_Shard], digits: Pool, negatives: Pool | None, say: Callable[[str], None]) -> None:
    """Draw the crops of each file and store them, with as many processes as there are cores."""
    workers = min(len(shards), os.cpu_count() or 1)
    if workers <= 1:
        for shard in shards:
            _store(draw_crops(digits, negatives, shard.seed, shard.size), shard.path)
            say(_making(shard))
        return
    spawn = multiprocessing.get_context("spawn")  # a fork of a process that runs TensorFlow may hang
    with ProcessPoolExecutor(workers, spawn, _lend, (digits, negatives)) as processes:
        made = {processes.submit(_make_one, shard): shard for shard in shards}
        for future in as_completed(made):
            future.result()
            say(_making(made[future]))


def _making(shard: _Shard) -> str:
    return f"{shard.path.name}: notes photographed, {shard.size} crops cut out"


_LENT: list[Pool | None] = []
"""The pools a worker process draws from, given to it once."""


def _lend(digits: Pool, negatives: Pool | None) -> None:
    import cv2

    cv2.setNumThreads(1)
    _LENT[:] = [digits, negatives]


def _make_one(shard: _Shard) -> None:
    digits, negatives = _LENT
    if digits is None:
        raise ValueError("no digits to write with")
    _store(draw_crops(digits, negatives, shard.seed, shard.size), shard.path)


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
