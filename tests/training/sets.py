"""Tiny sets in the form that `training.data` reads, drawn here."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.models.golden import drawn
from training.data import REJECT, SOURCES, Inks, Source, Split
from training.forms import FORMS
from training.recordings import NAME
from training.strokes import glyph


def source(name: str) -> Source:
    return next(s for s in SOURCES if s.name == name)


def digits(count: int, seed: int = 0, side: int = 28) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return drawn digits 0, 1, 2 ... in turn, (count, side, side) uint8, and their labels."""
    rng = np.random.default_rng(seed)
    images = np.zeros((count, side, side), np.uint8)
    for i in range(count):
        forms = list(FORMS[str(i % 10)])
        ink = drawn(glyph(str(i % 10), str(rng.choice(forms))), rng.uniform(40, 56), int(rng.integers(4, 8)), 0.1)
        images[i] = cv2.resize(ink, (side, side), interpolation=cv2.INTER_AREA)
    return images, (np.arange(count) % 10).astype(np.uint8)


def split(name: str, learn: int, held: int, seed: int = 0) -> Split:
    """Return a set of digits, or of noise for negatives, as it comes from a file."""
    if source(name).kind == "digits":
        images, labels = digits(learn + held, seed)
    else:
        images = np.random.default_rng(seed).integers(0, 256, (learn + held, 28, 28), np.uint8)
        labels = np.full(learn + held, REJECT, np.uint8)
    both = [Inks(images[part], labels[part].astype(np.int64)) for part in (slice(learn), slice(learn, None))]
    return Split(source(name), *both)


def write_folder(folder: Path, **extra: dict[str, NDArray[np.generic]]) -> Path:
    """Write mnist.npz, 40 to learn from and 20 to test on, and every set of `extra` by its name."""
    folder.mkdir(exist_ok=True)
    (x_train, y_train), (x_test, y_test) = digits(40), digits(20, seed=1)
    np.savez(folder / "mnist.npz", x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    for name, arrays in extra.items():
        np.savez(folder / f"{name}.npz", **arrays)  # type: ignore[arg-type]  # numpy types this keyword as a flag
    return folder


def strokes_of(label: int) -> list[NDArray[np.float64]]:
    """A digit as recorded: two strokes, of which the second is a dot when the label is even."""
    down = np.array([(400.0, 0.0), (420.0, 300.0), (400.0 + 30 * label, 1000.0)])
    return [down, np.array([(500.0, 500.0)])] if label % 2 == 0 else [down]


def write_strokes(folder: Path, writers: int = 12) -> Path:
    """Write recordings of so many writers, each of all digits."""
    points: list[NDArray[np.float64]] = []
    stroke, character, labels, writer = [0], [0], [], []
    for who in range(writers):
        for label in range(10):
            for part in strokes_of(label):
                points.append(part)
                stroke.append(stroke[-1] + len(part))
            character.append(len(stroke) - 1)
            labels.append(label)
            writer.append(who)
    folder.mkdir(exist_ok=True)
    np.savez(
        folder / f"{NAME}.npz",
        points=np.concatenate(points).astype(np.int16),
        stroke_start=np.array(stroke, np.int32),
        char_start=np.array(character, np.int32),
        labels=np.array(labels, np.uint8),
        writer=np.array(writer, np.int32),
    )
    return folder
