"""Turn a trained network into the files that ship: calibrated, converted, described by their card."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.classifier import answers, load_classifier
from models.contract import CONTRACT, LABELS, ModelCard, read_card
from models.errors import ModelError
from training.calibrate import at_temperature, best_temperature, least_shift, shifted
from training.data import Inks, Split
from training.evaluate import accuracy, calibration_error, errors_by_confidence, log_loss
from training.files import write
from training.harvest import as_seen, harvest
from training.network import build, cool, predict, to_litert
from training.recipe import Recipe, progress_in
from training.sampling import held_images

FILES: Final = ("digits.keras", "digits.tflite")
SHOWN: Final = 1000
"""Held-out images on which the reach of each layer's values is measured when the file is made int8."""
COMPARED: Final = 20_000
"""Most held-out images on which its answers are compared with the network's."""


def is_finished(out: Path, recipe: Recipe) -> bool:
    """Tell whether `out` holds the model files of a training by `recipe` that has run to its end, as it wrote them."""
    done = progress_in(out, recipe)
    if done is None or done.epoch < recipe.every_epoch:
        return False
    try:
        card = read_card(out / "digits.json")
        found = {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in FILES}
    except (ModelError, OSError):
        return False
    own = card.training | json.loads(json.dumps(asdict(recipe))) | {"seconds": round(done.seconds)}
    return card.training == own and card.sha256 == found


def finish(network: Any, splits: Sequence[Split], out: Path, recipe: Recipe) -> ModelCard:
    """Calibrate the network on what was held out and write digits.keras, digits.tflite and digits.json into `out`."""
    crops = harvest(splits, out, recipe.seed, recipe.held_crops, "held")
    calibration = _calibrated(network, splits, crops, recipe.seed)
    plain = build(large=recipe.large)
    plain.set_weights(network.get_weights())
    cool(plain, calibration["temperature"], calibration["shift"])
    beside = out / "writing.keras"
    plain.save(beside)
    files = dict(
        zip(FILES, (beside.read_bytes(), to_litert(plain, _shown(splits, crops, recipe.seed, SHOWN))), strict=True)
    )
    beside.unlink()
    done = progress_in(out, recipe)
    agreement = _agreement(plain, files["digits.tflite"], _shown(splits, crops, recipe.seed, COMPARED))
    card = ModelCard(
        name="digits-cnn",
        contract=CONTRACT,
        labels=LABELS,
        sha256={name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        temperature=calibration["temperature"],
        data=tuple(described(split) for split in splits),
        figures={"held_out": calibration, "agreement": agreement},
        training={**asdict(recipe), "seconds": round(done.seconds if done else 0.0), "versions": versions()},
    )
    for name, content in files.items():
        write(out / name, content)
    write(out / "digits.json", card.to_json().encode())
    load_classifier(out / "digits.tflite")
    return card


def _shown(splits: Sequence[Split], crops: Inks, seed: int, most: int) -> NDArray[np.float32]:
    """Return some held-out ink, by lot: as it is, and crops of it."""
    images = np.concatenate([held_images(splits, seed, degraded=False)[0], as_seen(crops)])
    return images[np.random.default_rng(seed).permutation(len(images))[:most]]


def _agreement(network: Any, content: bytes, images: NDArray[np.float32]) -> dict[str, float]:
    """Return on how many images the .tflite makes the network's first choice, and how far their answers are apart."""
    one, other = predict(network, images), answers(content, images)
    return {
        "count": len(images),
        "same_first_choice": round(float(np.mean(one.argmax(1) == other.argmax(1))), 5),
        "mean_difference": round(float(np.abs(one - other).mean()), 6),
    }


def _calibrated(network: Any, splits: Sequence[Split], crops: Inks, seed: int) -> dict[str, Any]:
    """Return the best temperature and shift, and what they do to held-out ink: as it is, degraded, and crops of it."""
    parts = [held_images(splits, seed + 1, degraded) for degraded in (False, True)]
    parts.append((as_seen(crops), crops.labels))
    labels = np.concatenate([part[1] for part in parts])
    before = np.concatenate([predict(network, part[0]) for part in parts])
    temperature = best_temperature(before, labels)
    cooled = at_temperature(before, temperature)
    clean = predict(network, held_images(splits[:1], seed, degraded=False)[0])  # MNIST is always the first
    shift = least_shift(at_temperature(clean, temperature))
    after = shifted(cooled, shift)
    return {
        "count": len(labels),
        "temperature": round(temperature, 4),
        "shift": shift,
        "accuracy": round(accuracy(after, labels), 5),
        "log_loss_before": round(log_loss(before, labels), 5),
        "log_loss_cooled": round(log_loss(cooled, labels), 5),
        "log_loss": round(log_loss(after, labels), 5),
        "calibration_error_before": round(calibration_error(before, labels), 5),
        "calibration_error_cooled": round(calibration_error(cooled, labels), 5),
        "calibration_error": round(calibration_error(after, labels), 5),
        "errors": errors_by_confidence(after, labels),
    }


def described(split: Split) -> dict[str, Any]:
    """Return what a card tells of a set."""
    source = split.source
    return {
        "name": source.name,
        "kind": source.kind,
        "origin": source.origin,
        "licence": source.licence,
        "learned": len(split.learn),
        "held_out": len(split.held),
    }


def versions() -> dict[str, str]:
    """Return the versions of what a training ran on."""
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
