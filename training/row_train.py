"""Teach the row network epoch by epoch; an interrupted training goes on where it was."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.contract import ModelCard
from models.errors import UsageError
from training.data import Split
from training.files import make_folder, write
from training.muon import kernel_muon, optimizer
from training.recipe import RowRecipe
from training.row_harvest import harvest_rows
from training.row_network import build_rows
from training.row_publish import batches, finish_rows, held_right, is_published
from training.row_samples import Jitter, Rows, shown
from training.train import Say

STATE: Final = "rows-state.json"


def train_rows(
    splits: Sequence[Split], data: Path | None, out: Path, recipe: RowRecipe, resume: bool, say: Say
) -> ModelCard | None:
    """Train the row network by `recipe`, and write rows.keras, rows.tflite and rows.json into `out`.

    None, and nothing is changed, if that was done before.

    data: the folder of sets, where recorded strokes may be.  After every epoch `out` holds what is needed to go on.
    """
    import keras

    if resume and is_published(out, recipe):
        say(f"{out}: this training is already finished, nothing is changed; use --no-resume to start anew")
        return None
    keras.utils.set_random_seed(recipe.seed)
    make_folder(out)
    done = _begun(out, recipe) if resume else None
    network = _again(out / f"rows-epoch-{done['epoch']:03}.keras") if done else _compiled(recipe)
    first, seconds = (int(done["epoch"]), float(done["seconds"])) if done else (0, 0.0)
    held = harvest_rows(splits, data, out, recipe.seed, recipe.held, "held", not resume, say)
    rows = harvest_rows(splits, data, out, recipe.seed, recipe.rows, "learn", not resume, say)
    for epoch in range(first, recipe.epochs):
        began = time.monotonic()
        loss = _learn(network, rows, recipe, epoch)
        seconds += time.monotonic() - began
        _keep(network, out, recipe, epoch + 1, seconds)
        right = held_right(network, held)
        place = f"epoch {epoch + 1}/{recipe.epochs}"
        say(f"{place}: loss {loss:.4f}, held out {right:.2%} of rows right, {seconds:.0f} s in all")
    return finish_rows(network, held, splits, data, out, recipe, seconds)


def _compiled(recipe: RowRecipe) -> Any:
    import keras

    network = build_rows()
    steps = recipe.epochs * -(-recipe.rows // recipe.batch)
    warm = max(1, steps // 15)
    rate = keras.optimizers.schedules.CosineDecay(
        recipe.rate / 20, max(1, steps - warm), warmup_target=recipe.rate, warmup_steps=warm, alpha=0.005
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(optimizer(rate, recipe.slower, recipe.decay), loss)
    return network


def _again(path: Path) -> Any:
    import keras

    kernel_muon()  # it is then known to what opens the file
    try:
        return keras.models.load_model(path)
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise UsageError(f"{path}: cannot go on from it; use --no-resume to start anew") from fault


def _learn(network: Any, rows: Rows, recipe: RowRecipe, epoch: int) -> float:
    """Learn from every row once; while a batch is learned the next is drawn in another thread."""
    rng = np.random.default_rng((recipe.seed, 2, epoch))
    network.get_layer("dropout").seed_generator.state.assign([recipe.seed, epoch << 20])  # a saved network forgets it
    losses = []
    with ThreadPoolExecutor(1) as ahead:
        drawn = None
        for chosen in list(batches(rows, recipe.batch, rng)):  # all at once: the thread draws from the same generator
            coming = ahead.submit(shown, rows, chosen, rng, Jitter())
            if drawn is not None:
                losses.append(_step(network, *drawn.result()))
            drawn = coming
        if drawn is not None:
            losses.append(_step(network, *drawn.result()))
    return float(np.mean(losses))


def _step(network: Any, images: NDArray[np.float32], steps: NDArray[np.int32], weights: NDArray[np.float32]) -> float:
    return float(network.train_on_batch(images, steps, sample_weight=weights, return_dict=True)["loss"])


def _keep(network: Any, out: Path, recipe: RowRecipe, epoch: int, seconds: float) -> None:
    """Write the network, then the note that points to it; only then is the one before taken away."""
    beside = out / "rows-writing.keras"
    network.save(beside)
    os.replace(beside, out / f"rows-epoch-{epoch:03}.keras")
    write(out / STATE, json.dumps({"recipe": asdict(recipe), "epoch": epoch, "seconds": seconds}).encode())
    for old in out.glob("rows-epoch-*.keras"):
        if old.name != f"rows-epoch-{epoch:03}.keras":
            old.unlink()


def _begun(out: Path, recipe: RowRecipe) -> dict[str, Any] | None:
    """Return what is told of a training begun in `out`; UsageError if it was one of another recipe."""
    path = out / STATE
    if not path.is_file():
        return None
    try:
        told = json.loads(path.read_bytes())
        same = told["recipe"] == asdict(recipe)
        known = {"epoch": int(told["epoch"]), "seconds": float(told["seconds"])}
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise UsageError(f"{path}: cannot go on from it; use --no-resume to start anew") from fault
    if not same:
        raise UsageError(f"{out}: holds another training of rows; use --no-resume, or another --out")
    return known
