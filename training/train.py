"""Teach the network epoch by epoch; an interrupted training goes on where it was."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.contract import LABELS
from models.errors import UsageError
from training.data import Inks, Split
from training.distil import Teachers, taught_loss
from training.evaluate import accuracy
from training.files import make_folder, write
from training.harvest import as_seen, harvest
from training.muon import kernel_muon, optimizer
from training.network import build, predict
from training.recipe import STATE, Progress, Recipe, progress_in
from training.sampling import LEARNING, SETTLING, epoch_images, held_images

Say = Callable[[str], None]


def train(
    splits: Sequence[Split],
    out: Path,
    recipe: Recipe,
    resume: bool = True,
    say: Say = lambda _: None,
    start: Path | None = None,
    teachers: Sequence[Path] = (),
) -> Any:
    """Train by `recipe` and return the network; after every epoch `out` holds what is needed to go on from there.

    With `resume` a training begun in `out` goes on; UsageError if that was one of another recipe.
    start: the .keras file that is taught further, if any.  teachers: the .keras files whose answers are learned.
    """
    import keras

    keras.utils.set_random_seed(recipe.seed)
    make_folder(out)
    done = progress_in(out, recipe) if resume else None
    network = _again(out / done.weights) if done else _compiled(recipe, start)
    taught_by = Teachers(teachers) if teachers else None
    first, seconds = (done.epoch, done.seconds) if done else (0, 0.0)
    crops = harvest(splits, out, recipe.seed, recipe.crops, anew=not resume, say=say)
    held = _held(splits, out, recipe, anew=not resume, say=say)
    for epoch, (images, labels) in _epochs(splits, crops, recipe, first):
        began = time.monotonic()
        if epoch == recipe.epochs:
            network = _settling(network, recipe)
        loss = _learn(network, images, _targets(images, labels, taught_by), recipe, epoch)
        seconds += time.monotonic() - began
        shares = [accuracy(predict(network, images), labels) for images, labels in held]
        _keep(network, out, Progress(recipe, epoch + 1, seconds, f"epoch-{epoch + 1:03}.keras"))
        place = f"epoch {epoch + 1}/{recipe.every_epoch}"
        right = " and ".join(f"{share:.2%}" for share in shares)
        say(f"{place}: loss {loss:.4f}, held out {right} right, {seconds:.0f} s in all")
    return network if start is None else _mixed(network, start, recipe)


def _targets(images: NDArray[np.float32], labels: NDArray[np.int64], teachers: Teachers | None) -> NDArray[np.float32]:
    """Return (n, 11) float32, 1 for the label, or (n, 22) with what the teachers answer beside it."""
    right = np.eye(len(LABELS), dtype=np.float32)[labels]
    return right if teachers is None else np.hstack([right, teachers.softened(images)])


def _mixed(network: Any, start: Path, recipe: Recipe) -> Any:
    """Return the network, its weights made those of the start by the share that is kept of it."""
    taught, kept, keep = network.get_weights(), build(large=recipe.large), recipe.keep
    _take_weights(kept, start)
    network.set_weights([keep * a + (1 - keep) * b for a, b in zip(kept.get_weights(), taught, strict=True)])
    return network


def _held(
    splits: Sequence[Split], out: Path, recipe: Recipe, anew: bool, say: Say
) -> list[tuple[NDArray[np.float32], NDArray[np.int64]]]:
    """Return what was held out: degraded images, and crops if there are any."""
    held = [held_images(splits, recipe.seed, degraded=True)]
    crops = harvest(splits, out, recipe.seed, recipe.held_crops, "held", anew, say)
    return [*held, (as_seen(crops), crops.labels)] if len(crops) else held


def _again(path: Path) -> Any:
    import keras

    kernel_muon()  # both are then known to what opens the file
    taught_loss()
    try:
        return keras.models.load_model(path)
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise UsageError(f"{path}: cannot go on from it; use --no-resume to start anew") from fault


def _take_weights(network: Any, path: Path) -> None:
    """Give the network the weights of a file; UsageError if that is no such network."""
    import keras

    try:
        network.set_weights(keras.models.load_model(path, compile=False).get_weights())
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise UsageError(f"{path}: not a digits.keras that can be taught further; name another with --start") from fault


def _compiled(recipe: Recipe, start: Path | None) -> Any:
    import keras

    network = build(recipe.precision, recipe.large)
    if start is not None:
        _take_weights(network, start)
    steps = -(-recipe.images // recipe.batch)
    rate = keras.optimizers.schedules.CosineDecay(
        recipe.rate / 20, steps * max(recipe.epochs - 1, 1), warmup_target=recipe.rate, warmup_steps=steps, alpha=0.002
    )
    return _with_rate(network, rate, recipe)


def _settling(network: Any, recipe: Recipe) -> Any:
    import keras

    steps = -(-recipe.images // recipe.batch)
    rate = keras.optimizers.schedules.CosineDecay(recipe.settling_rate, steps * max(recipe.settling, 1), alpha=0.01)
    return _with_rate(network, rate, recipe)


def _with_rate(network: Any, rate: Any, recipe: Recipe) -> Any:
    import keras

    plain = keras.losses.CategoricalCrossentropy(label_smoothing=recipe.smoothing)
    loss = taught_loss()(recipe.smoothing) if recipe.teachers else plain
    network.compile(optimizer(rate, recipe.slower, recipe.decay), loss)
    return network


def _epochs(
    splits: Sequence[Split], crops: Inks, recipe: Recipe, first: int
) -> Iterator[tuple[int, tuple[NDArray[np.float32], NDArray[np.int64]]]]:
    """Yield (epoch, (images, labels)); while one epoch is learned the next is drawn in another thread."""
    with ThreadPoolExecutor(1) as ahead:
        drawn = ahead.submit(_drawn, splits, crops, recipe, first)
        for epoch in range(first, recipe.every_epoch):
            images, drawn = drawn.result(), ahead.submit(_drawn, splits, crops, recipe, epoch + 1)
            yield epoch, images


def _drawn(
    splits: Sequence[Split], crops: Inks, recipe: Recipe, epoch: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    size = recipe.images if epoch < recipe.every_epoch else 0
    mixture = LEARNING if epoch < recipe.epochs else SETTLING
    return epoch_images(splits, recipe.seed, epoch, size, mixture, crops)


def _learn(
    network: Any, images: NDArray[np.float32], targets: NDArray[np.float32], recipe: Recipe, epoch: int
) -> float:
    import keras

    network.get_layer("dropout").seed_generator.state.assign([recipe.seed, epoch << 20])  # a saved network forgets it
    bar = _Bar(-(-len(targets) // recipe.batch))
    watch = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: bar.show(batch + 1))
    history = network.fit(
        images[..., None], targets, recipe.batch, epochs=1, shuffle=False, verbose=0, callbacks=[watch]
    )
    bar.clear()
    return float(history.history["loss"][0])


class _Bar:
    """A progress line on stderr, if that is a terminal."""

    def __init__(self, steps: int) -> None:
        self._steps, self._on = steps, sys.stderr.isatty()

    def show(self, step: int) -> None:
        if self._on and step % 10 == 0:
            filled = 30 * step // self._steps
            print(f"\r[{'#' * filled}{'.' * (30 - filled)}] {step}/{self._steps}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._on:
            print("\r" + " " * 50 + "\r", end="", file=sys.stderr, flush=True)


def _keep(network: Any, out: Path, progress: Progress) -> None:
    """Write the network, then the note that points to it; only then is the one before taken away."""
    beside = out / "writing.keras"
    network.save(beside)
    os.replace(beside, out / progress.weights)
    write(out / STATE, json.dumps(asdict(progress), indent=1).encode())
    for old in out.glob("epoch-*.keras"):
        if old.name != progress.weights:
            old.unlink()
