"""Rows of digits, written and photographed once for a training and kept beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from models.errors import UsageError
from training.data import Split
from training.harvest import Part
from training.recordings import recordings
from training.row_notes import Means
from training.row_samples import Rows, draw_rows, joined_rows
from training.sampling import pool_of
from training.shards import Arrays, Shard, make_shards, sizes, stored

SHARD: Final = 5_000
"""Rows in one file."""
PARTLY: Final = 0.3
"""Share of the rows that are learned from of which the reader knows only some digits."""


def harvest_rows(
    splits: Sequence[Split],
    data: Path | None,
    out: Path,
    seed: int,
    count: int,
    part: Part = "learn",
    anew: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Rows:
    """Return `count` rows written with the ink of one part of the sets, from files in `out` where they are.

    data: the folder of sets, where recorded strokes may be.  The same seed gives the same rows; anew: draw them even if
    they are there.  Raises UsageError where there are no digits to write with.
    """
    digits = pool_of(splits, "digits", part)
    if digits is None:
        raise UsageError("there are no digits to write rows with; name a folder of sets with --data")
    means = Means(digits, pool_of(splits, "negatives", part), recordings(data, part))
    shards = [
        Shard(out / f"rows-{part}-{seed}-{k:03}-{size}.npz", (seed, int(part == "held"), k), size)
        for k, size in enumerate(sizes(count, SHARD))
    ]
    missing = [shard for shard in shards if anew or not shard.path.is_file()]
    make_shards(missing, _drawn, (means, PARTLY if part == "learn" else 0.0), say, "rows written and photographed")
    return joined_rows([Rows(**stored(shard)) for shard in shards])


def _drawn(means: Means, partly: float, seed: tuple[int, ...], size: int) -> Arrays:
    rows = draw_rows(means, seed, size, partly)
    return {"images": rows.images, "labels": rows.labels, "sides": rows.sides, "wide": rows.wide}
