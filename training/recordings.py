"""Recorded pen strokes of digits, by writer: they can be written anew with any pen, and run into each other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.errors import UnreadableError
from training.data import SOURCES, held_writers
from training.harvest import Part
from training.unipen import Stroke

NAME: Final = "unipen_strokes"
ALIKE: Final = "unipen_digits"
"""The set of images of the same digits: the same writers are held out of both."""
_ARRAYS: Final = ("points", "stroke_start", "char_start", "labels", "writer")
PARTS: Final[tuple[Part, ...]] = ("learn", "held")
_FEWEST: Final = 9
"""Different digits a writer must have recorded to write numbers."""

Character = tuple[Stroke, ...]
"""Strokes of one digit, (n, 2) x, y each, y down."""


@dataclass(frozen=True, eq=False, slots=True)
class Recordings:
    """Digits of several writers: for each writer, by digit, how they wrote it, every time."""

    writers: tuple[dict[int, tuple[Character, ...]], ...]

    def anybody(self, rng: Generator) -> dict[int, tuple[Character, ...]]:
        """Return what one writer wrote, drawn by lot; one digit at most is missing."""
        return self.writers[int(rng.integers(len(self.writers)))]


def recordings(folder: Path | None, part: Part) -> Recordings | None:
    """Return the recordings in a folder's unipen_strokes.npz; None where there are none.

    Raises UnreadableError when the file is no such set.
    """
    path = folder / f"{NAME}.npz" if folder is not None else None
    if path is None or not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in _ARRAYS}
            suspect = stored["suspect"] if "suspect" in stored.files else np.zeros(len(arrays["labels"]))
        held = held_writers(arrays["writer"])
        chosen = np.flatnonzero((held == (part == "held")) & (suspect == 0))
        return _by_writer(arrays, chosen)
    except Exception as fault:  # np.load raises zipfile, zlib, pickle, EOF, OS and value errors on a damaged file
        raise UnreadableError(f"{path}: not a readable set of strokes ({fault}); fetch it again") from fault


def _by_writer(arrays: dict[str, NDArray[np.generic]], chosen: NDArray[np.intp]) -> Recordings | None:
    points = np.asarray(arrays["points"], np.float64)
    strokes, characters = (np.asarray(arrays[name], np.int64) for name in ("stroke_start", "char_start"))
    found: dict[int, dict[int, list[Character]]] = {}
    for i in chosen.tolist():
        parts = [points[strokes[s] : strokes[s + 1]] for s in range(characters[i], characters[i + 1])]
        character = tuple(part for part in parts if len(part))
        if character:
            writer, label = int(arrays["writer"][i]), int(arrays["labels"][i])
            found.setdefault(writer, {}).setdefault(label, []).append(character)
    writers = [
        {label: tuple(each) for label, each in digits.items()} for digits in found.values() if len(digits) >= _FEWEST
    ]
    return Recordings(tuple(writers)) if writers else None


def described_recordings(folder: Path | None) -> tuple[dict[str, Any], ...]:
    """Return what a model's card tells of the recordings in a folder: nothing where there are none."""
    source = next(each for each in SOURCES if each.name == ALIKE)
    counts = {part: _count(recordings(folder, part)) for part in PARTS}
    if not any(counts.values()):
        return ()
    told = {"name": NAME, "kind": "strokes", "origin": source.origin, "licence": source.licence}
    return ({**told, "learned": counts["learn"], "held_out": counts["held"]},)


def _count(found: Recordings | None) -> int:
    return sum(len(each) for digits in found.writers for each in digits.values()) if found else 0
