"""Arrays drawn once for a training and kept beside it in files; an interrupted making goes on."""

from __future__ import annotations

import io
import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import UsageError
from training.files import write

Arrays = dict[str, NDArray[Any]]
Draw = Callable[..., Arrays]
"""Takes what a making is given, a seed and a size; gives arrays by name. It can be named in another process."""


@dataclass(frozen=True, slots=True)
class Shard:
    """One file: where it lies, what is in it is drawn by, and how many there are."""

    path: Path
    seed: tuple[int, ...]
    size: int


def sizes(count: int, most: int) -> list[int]:
    """Return how many of `count` are in each file, `most` at most."""
    return [min(most, count - start) for start in range(0, count, most)]


def make_shards(
    shards: Sequence[Shard], draw: Draw, given: tuple[Any, ...], say: Callable[[str], None], told: str
) -> None:
    """Draw each file and store it, with as many processes as there are cores.

    told: of each file, what there are so many of.
    """
    workers = min(len(shards), os.cpu_count() or 1)
    if workers <= 1:
        for shard in shards:
            _store(shard, draw(*given, shard.seed, shard.size))
            say(_made(shard, told))
        return
    spawn = multiprocessing.get_context("spawn")  # a fork of a process that runs TensorFlow may hang
    with ProcessPoolExecutor(workers, spawn, _lend, (draw, given)) as processes:
        made = {processes.submit(_make_one, shard): shard for shard in shards}
        for future in as_completed(made):
            future.result()
            say(_made(made[future], told))


def _made(shard: Shard, told: str) -> str:
    return f"{shard.path.name}: {shard.size} {told}"


_LENT: list[tuple[Draw, tuple[Any, ...]]] = []
"""What a worker process draws with, given to it once."""


def _lend(draw: Draw, given: tuple[Any, ...]) -> None:
    import cv2

    cv2.setNumThreads(1)
    _LENT[:] = [(draw, given)]


def _make_one(shard: Shard) -> None:
    ((draw, given),) = _LENT
    _store(shard, draw(*given, shard.seed, shard.size))


def _store(shard: Shard, arrays: Arrays) -> None:
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)  # type: ignore[arg-type]  # numpy's own name for one is allow_pickle
    write(shard.path, content.getvalue())


def stored(shard: Shard) -> Arrays:
    """Return the arrays of a file; raises UsageError when it is damaged."""
    try:
        with np.load(shard.path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except Exception as fault:  # np.load raises zipfile, zlib, pickle, EOF, OS and value errors on a damaged file
        raise UsageError(f"{shard.path}: cannot go on with it; use --no-resume to start anew") from fault
