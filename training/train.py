"""Train the network, calibrate it, write the model files and their card; an interrupted training goes on."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.classifier import load_classifier
from models.contract import CONTRACT, LABELS, ModelCard
from models.errors import OutputError, UsageError
from training.calibrate import at_temperature, best_temperature
from training.data import Split
from training.evaluate import accuracy, calibration_error, log_loss
from training.network import build, cool, predict, to_litert
from training.sampling import epoch_images, held_images

STATE: Final = "state.json"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What fixes a training. images: of one epoch.  rate: the highest learning rate, reached after one epoch."""

    epochs: int = 28
    seed: int = 1
    images: int = 60_000
    batch: int = 128
    rate: float = 2e-3
    decay: float = 2e-4
    smoothing: float = 0.02


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training has come. weights: the file of the network as it was after `epoch` epochs."""

    recipe: Recipe
    epoch: int
    seconds: float
    weights: str


def train(splits: Sequence[Split], out: Path, recipe: Recipe, resume: bool = True, say: Say = lambda _: None) -> Any:
    """Train by `recipe` and return the network; after every epoch `out` holds what is needed to go on from there.

    With `resume` a training begun in `out` goes on; UsageError if that was one of another recipe.
    """
    import keras

    keras.utils.set_random_seed(recipe.seed)
    _make(out)
    done = _done(out, recipe) if resume else None
    network = _again(out / done.weights) if done else _compiled(recipe)
    first, seconds = (done.epoch, done.seconds) if done else (0, 0.0)
    held = held_images(splits, recipe.seed, degraded=True)
    for epoch, (images, labels) in _epochs(splits, recipe, first):
        start = time.monotonic()
        loss = _learn(network, images, labels, recipe, say, epoch)
        seconds += time.monotonic() - start
        share = accuracy(predict(network, held[0]), held[1])
        _keep(network, out, Progress(recipe, epoch + 1, seconds, f"epoch-{epoch + 1:03}.keras"))
        say(f"epoch {epoch + 1}/{recipe.epochs}: loss {loss:.4f}, held out {share:.2%} right, {seconds:.0f} s in all")
    return network


def _again(path: Path) -> Any:
    import keras

    try:
        return keras.models.load_model(path)
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise UsageError(f"{path}: cannot go on from it; use --no-resume to start anew") from fault


def _compiled(recipe: Recipe) -> Any:
    import keras

    network = build()
    steps = -(-recipe.images // recipe.batch)
    rate = keras.optimizers.schedules.CosineDecay(
        recipe.rate / 20, steps * max(recipe.epochs - 1, 1), warmup_target=recipe.rate, warmup_steps=steps, alpha=0.002
    )
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=recipe.smoothing)
    network.compile(keras.optimizers.AdamW(rate, weight_decay=recipe.decay), loss)
    return network


def _epochs(
    splits: Sequence[Split], recipe: Recipe, first: int
) -> Iterator[tuple[int, tuple[NDArray[np.float32], NDArray[np.int64]]]]:
    """Yield (epoch, (images, labels)); while one epoch is learned the next is drawn in another thread."""
    with ThreadPoolExecutor(1) as ahead:
        drawn = ahead.submit(epoch_images, splits, recipe.seed, first, recipe.images) if first < recipe.epochs else None
        for epoch in range(first, recipe.epochs):
            assert drawn is not None
            now, drawn = drawn, None
            images = now.result()
            if epoch + 1 < recipe.epochs:
                drawn = ahead.submit(epoch_images, splits, recipe.seed, epoch + 1, recipe.images)
            yield epoch, images


def _learn(
    network: Any, images: NDArray[np.float32], labels: NDArray[np.int64], recipe: Recipe, say: Say, epoch: int
) -> float:
    import keras

    network.get_layer("dropout").seed_generator.state.assign([recipe.seed, epoch << 20])  # a saved network forgets it
    targets = np.eye(len(LABELS), dtype=np.float32)[labels]
    bar = _Bar(-(-len(labels) // recipe.batch))
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


def finish(network: Any, splits: Sequence[Split], out: Path, recipe: Recipe) -> ModelCard:
    """Calibrate the network on what was held out and write digits.keras, digits.tflite and digits.json into `out`."""
    calibration = _calibrated(network, splits, recipe.seed)
    plain = build()
    plain.set_weights(network.get_weights())
    cool(plain, calibration["temperature"])
    beside = out / "writing.keras"
    plain.save(beside)
    files = {"digits.keras": beside.read_bytes(), "digits.tflite": to_litert(plain)}
    beside.unlink()
    done = _done(out, recipe)
    card = ModelCard(
        name="digits-cnn",
        contract=CONTRACT,
        labels=LABELS,
        sha256={name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        temperature=calibration["temperature"],
        data=tuple(_described(split) for split in splits),
        figures={"held_out": calibration},
        training={**asdict(recipe), "seconds": round(done.seconds if done else 0.0), "versions": _versions()},
    )
    for name, content in files.items():
        write(out / name, content)
    write(out / "digits.json", card.to_json().encode())
    load_classifier(out / "digits.tflite")
    return card


def _calibrated(network: Any, splits: Sequence[Split], seed: int) -> dict[str, float]:
    """Return the best temperature and what it does to held-out ink, half as it is, half degraded like photographs."""
    parts = [held_images(splits, seed + 1, degraded) for degraded in (False, True)]
    labels = np.concatenate([part[1] for part in parts])
    before = np.concatenate([predict(network, part[0]) for part in parts])
    temperature = best_temperature(before, labels)
    after = at_temperature(before, temperature)
    return {
        "count": len(labels),
        "temperature": round(temperature, 4),
        "accuracy": round(accuracy(after, labels), 5),
        "log_loss_before": round(log_loss(before, labels), 5),
        "log_loss": round(log_loss(after, labels), 5),
        "calibration_error_before": round(calibration_error(before, labels), 5),
        "calibration_error": round(calibration_error(after, labels), 5),
    }


def _described(split: Split) -> dict[str, Any]:
    source = split.source
    return {
        "name": source.name,
        "kind": source.kind,
        "origin": source.origin,
        "licence": source.licence,
        "learned": len(split.learn),
        "held_out": len(split.held),
    }


def _versions() -> dict[str, str]:
    import cv2
    import keras
    import tensorflow as tf

    return {
        "python": ".".join(map(str, sys.version_info[:3])),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
        "opencv": cv2.__version__,
    }


def _keep(network: Any, out: Path, progress: Progress) -> None:
    """Write the network, then the note that points to it; only then is the one before taken away."""
    beside = out / "writing.keras"
    network.save(beside)
    os.replace(beside, out / progress.weights)
    write(out / STATE, json.dumps(asdict(progress), indent=1).encode())
    for old in out.glob("epoch-*.keras"):
        if old.name != progress.weights:
            old.unlink()


def _done(out: Path, recipe: Recipe) -> Progress | None:
    try:
        fields = json.loads((out / STATE).read_text(encoding="utf-8"))
        progress = Progress(**fields | {"recipe": Recipe(**fields["recipe"])})
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError) as fault:
        raise UsageError(f"{out / STATE}: not a training to go on with; use --no-resume to start anew") from fault
    if progress.recipe != recipe:
        raise UsageError(f"{out}: holds a training with other options; use --no-resume, or another --out")
    return progress


def _make(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise OutputError(f"{out}: cannot be made ({fault.strerror}); name another folder with --out") from fault


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; raises OutputError."""
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)
    except OSError as fault:
        beside.unlink(missing_ok=True)
        raise OutputError(f"{path}: cannot be written ({fault.strerror}); name another place") from fault
