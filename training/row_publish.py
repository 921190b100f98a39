"""Turn a trained row network into the files that ship: measured, calibrated, converted, described by their card."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.contract import CONTRACT, LABELS, ModelCard, read_card
from models.errors import ModelError, UsageError
from realtime.row_peaks import find_peaks
from training.data import Split
from training.files import digest, write
from training.publish import described, versions
from training.recipe import RowRecipe
from training.recordings import described_recordings
from training.row_network import build_rows, cool_rows, rows_to_litert
from training.row_samples import NO_JITTER, Jitter, Rows, shown

FILES: Final = ("rows.keras", "rows.tflite")
CARD: Final = "rows.json"
SORTED: Final = 16
"""Batches among which rows are sorted by width, so that little of a batch is empty."""
MEASURED: Final = 300
"""Rows on which the reach of each layer's values is measured when the file is made int8."""
TEMPERATURES: Final = tuple(float(t) for t in np.exp(np.linspace(np.log(0.5), np.log(2.5), 33)))


def batches(rows: Rows, size: int, rng: Generator) -> Iterator[NDArray[np.int64]]:
    """Yield the indexes of rows in batches, every row once: rows of like width together, batches in any order."""
    order, many = rng.permutation(len(rows)), size * SORTED
    for start in range(0, len(order), many):
        part = order[start : start + many]
        part = part[np.argsort(rows.wide[part], kind="stable")]
        cut = [part[i : i + size] for i in range(0, len(part), size)]
        yield from (cut[i] for i in rng.permutation(len(cut)).tolist())


def _answers(network: Any, rows: Rows) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32], Any, Any]]:
    """Yield indexes of rows, the logits (n, steps, 11) float32, what was to be answered, and its weights."""
    rng = np.random.default_rng(0)
    for chosen in batches(rows, 64, rng):
        images, steps, weights = shown(rows, chosen, rng, NO_JITTER)
        yield chosen, np.asarray(network.predict_on_batch(images), np.float32), steps, weights


def held_right(network: Any, rows: Rows) -> float:
    """Return the share of rows of which the network reads every digit, and none more."""
    texts, right = rows.texts(), 0
    for chosen, logits, _, _ in _answers(network, rows):
        for i, row in zip(chosen.tolist(), _softmax(logits), strict=True):
            right += "".join(str(peak.label) for peak in find_peaks(row)) == texts[i]
    return right / max(1, len(rows))


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    risen = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(risen / risen.sum(axis=-1, keepdims=True), np.float32)


def _temperature(network: Any, rows: Rows) -> float:
    """Return the temperature at which the answers to held-out rows have the least log loss."""
    found = [(logits[weights > 0], steps[weights > 0]) for _, logits, steps, weights in _answers(network, rows)]
    logits, right = (np.concatenate(each) for each in zip(*found, strict=True))

    def loss(temperature: float) -> float:
        chances = _softmax(np.asarray(logits / np.float32(temperature), np.float32))[np.arange(len(right)), right]
        return float(-np.log(np.maximum(chances, 1e-9)).mean())

    return min(TEMPERATURES, key=loss)


def is_published(out: Path, recipe: RowRecipe) -> bool:
    """Tell whether `out` holds the files of a training by `recipe`, as it wrote them."""
    try:
        card = read_card(out / CARD)
        found = {name: digest(out / name) for name in FILES}
    except (ModelError, UsageError):
        return False
    return card.sha256 == found and card.training == card.training | asdict(recipe)


def finish_rows(
    network: Any, held: Rows, splits: Sequence[Split], data: Path | None, out: Path, recipe: RowRecipe, seconds: float
) -> ModelCard:
    """Calibrate the network on rows by held-out writers and write rows.keras, rows.tflite and rows.json into `out`.

    data: the folder of sets.  seconds: how long the training took.
    """
    temperature = _temperature(network, held)
    plain = build_rows()
    plain.set_weights(network.get_weights())
    cool_rows(plain, temperature)
    beside = out / "rows-writing.keras"
    plain.save(beside)
    images, _, _ = shown(held, np.arange(min(MEASURED, len(held))), np.random.default_rng(recipe.seed), Jitter())
    files = dict(zip(FILES, (beside.read_bytes(), rows_to_litert(plain, list(images))), strict=True))
    beside.unlink()
    card = ModelCard(
        name="digits-rows",
        contract=CONTRACT,
        labels=LABELS,
        sha256={name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        temperature=round(temperature, 4),
        data=(*(described(split) for split in splits), *described_recordings(data)),
        figures={"held_out": {"rows": len(held), "right": round(held_right(plain, held), 4)}},
        training={**asdict(recipe), "seconds": round(seconds), "versions": versions()},
    )
    for name, content in files.items():
        write(out / name, content)
    write(out / CARD, card.to_json().encode())
    return card
