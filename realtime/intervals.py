"""How far a figure may lie from what more files would give: 95 % intervals by the bootstrap.

The files of a kind (or a condition, or a source) are drawn anew with replacement, as many as there are, 2,000 times,
and each time the figure is taken again (Efron 1979, "Bootstrap methods: another look at the jackknife"). Two runs on
the same files are compared on the same draws, so that what makes a file hard for both cancels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from realtime.score import MACRO, RATIOS, Counted, by_kind, grouped

TIMES: Final = 2000
FEWEST: Final = 5
"""Of fewer files there is no interval: a handful drawn again and again tells nothing of others."""

Values = NDArray[np.float64]
Interval = tuple[float, float]


def weights(files: int, seed: int = 0) -> Values:
    """Return (TIMES, files): how often each file is drawn each time; the same for the same seed."""
    even = np.full(files, 1 / max(1, files))
    return np.asarray(np.random.default_rng(seed).multinomial(files, even, TIMES), np.float64)


def ratios(part: Values, whole: Values, drawn: Values) -> Values:
    """Return (times,) sums of `part` over sums of `whole`, nan where that is 0.

    part, whole: (files,).  drawn: (times, files), how often each file counts.
    """
    above, below = drawn @ part, drawn @ whole
    return np.asarray(np.divide(above, below, out=np.full(len(drawn), np.nan), where=below > 0))


def spread(values: Values) -> Interval | None:
    """Return between what 95 % of the values lie, nan left out; None of nothing."""
    known = values[~np.isnan(values)]
    if not known.size:
        return None
    low, high = np.percentile(known, (2.5, 97.5))
    return round(float(low), 4), round(float(high), 4)


def redrawn(kind: str, files: Sequence[Counted], drawn: Values) -> dict[str, Values]:
    """Return each figure of files of one kind as it comes out each time, (times,); drawn: (times, files)."""
    found = {name: ratios(_of(files, top), _of(files, bottom), drawn) for name, (top, bottom) in RATIOS[kind].items()}
    if kind in MACRO:
        name, top, bottom = MACRO[kind]
        found[name] = _macro(files, drawn, top, bottom)
    return found


def _of(files: Sequence[Counted], name: str) -> Values:
    return np.array([each.counts[name] for each in files], np.float64)


def _macro(files: Sequence[Counted], drawn: Values, top: str, bottom: str) -> Values:
    """Return the mean over the sources that were drawn, each time."""
    sources = np.array([each.source for each in files])
    part, whole = _of(files, top), _of(files, bottom)
    each = np.stack([ratios(part * own, whole * own, drawn) for own in (sources == s for s in np.unique(sources))])
    known = ~np.isnan(each)
    total, count = np.where(known, each, 0.0).sum(axis=0), known.sum(axis=0)
    return np.asarray(np.divide(total, count, out=np.full(len(drawn), np.nan), where=count > 0))


def of_kind(kind: str, files: Sequence[Counted]) -> dict[str, Interval | None]:
    """Return the interval of each figure of files of one kind; None where there are too few of them."""
    if len(files) < FEWEST:
        return dict.fromkeys([*RATIOS[kind], *([MACRO[kind][0]] if kind in MACRO else [])])
    return {name: spread(values) for name, values in redrawn(kind, files, weights(len(files))).items()}


def intervals(counted: Sequence[Counted]) -> dict[str, Any]:
    """Return the intervals of the figures of `realtime.score.score`, in the same order of things."""
    found: dict[str, Any] = {kind: of_kind(kind, files) for kind, files in by_kind(counted).items()}
    for by in ("condition", "source"):
        groups = grouped(counted, by)
        found[f"by_{by}"] = {f"{kind}/{name}": _micro(kind, files) for (kind, name), files in groups.items()}
    return found


def _micro(kind: str, files: Sequence[Counted]) -> dict[str, Interval | None]:
    found = of_kind(kind, files)
    return {name: found[name] for name in RATIOS[kind]}


def differences(this: Sequence[Counted], other: Sequence[Counted]) -> dict[str, dict[str, Mapping[str, Any]]]:
    """Return by kind, for each figure: what it is in `this` reading and the `other`, their difference, its interval.

    Both are of the same truth, in the same order. The difference is this minus other.
    """
    theirs = by_kind(other)
    return {kind: _differences(kind, files, theirs[kind]) for kind, files in by_kind(this).items()}


def _differences(kind: str, this: Sequence[Counted], other: Sequence[Counted]) -> dict[str, Mapping[str, Any]]:
    once, drawn = np.ones((1, len(this))), weights(len(this))
    ours, theirs = redrawn(kind, this, once), redrawn(kind, other, once)
    # The same draws for both: what remains is what the two read differently.
    ours_drawn, theirs_drawn = redrawn(kind, this, drawn), redrawn(kind, other, drawn)
    return {
        name: {
            "this": _rounded(ours[name]),
            "other": _rounded(theirs[name]),
            "difference": _rounded(ours[name] - theirs[name]),
            "interval": spread(ours_drawn[name] - theirs_drawn[name]) if len(this) >= FEWEST else None,
        }
        for name in ours
    }


def _rounded(once: Values) -> float | None:
    return None if np.isnan(once[0]) else round(float(once[0]), 4)
