"""Sets of labelled ink: which there are, what they may be used for, and how they come from files into arrays."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from models.contract import LABELS, NOT_A_DIGIT
from models.errors import UnreadableError, UsageError
from training.own_strokes import drawn_digits, drawn_signs

REJECT: Final = LABELS.index(NOT_A_DIGIT)
HELD_EVERY: Final = 10
"""One writer in so many is held out; without writers, one image in so many."""
HELD_MNIST: Final = 5000
"""So many of MNIST's 60,000 training images, the last, are held out; its test images are for the final report alone."""

Kind = Literal["digits", "negatives"]


@dataclass(frozen=True, slots=True)
class Source:
    """One set: `kind` of ink, whether the licence lets the model learn from it, and where it comes from.

    share: of the digits (or negatives) of an epoch that are drawn from it; only the proportions count.
    """

    name: str
    kind: Kind
    learn: bool
    licence: str
    origin: str
    share: float = 0.0


_UNIPEN: Final = "CC BY 4.0 (as distributed on Zenodo; the older CD asks for research use)"
_UNIPEN_ORIGIN: Final = "UNIPEN train_r01_v07"
_CROHME: Final = "not stated for the ink; a derivative is CC BY-NC-SA 3.0"

SOURCES: Final[tuple[Source, ...]] = (
    Source("mnist", "digits", True, "CC BY-SA 3.0, (c) Y. LeCun, C. Cortes (as keras.datasets says)", "MNIST", 0.50),
    Source("kensanata_numbers", "digits", True, "MIT, (c) 2017 Alex Schroeder", "kensanata/numbers", 0.20),
    Source("unipen_digits", "digits", True, _UNIPEN, f"{_UNIPEN_ORIGIN}, 1a", 0.20),
    Source("sudoku_phone_digits", "digits", True, "MIT, (c) 2024 Alex Kubiesa", "AlexKubiesa/sudoku-scanner", 0.06),
    Source("hwd1000", "digits", True, "MIT, (c) 2024 Niklas Henning", "niklashenning/hwd-1000-dataset", 0.04),
    Source("own_digits", "digits", True, "MIT, this project", "training/own_strokes.py", 0.14),
    Source("neg_unipen_upper", "negatives", True, _UNIPEN, f"{_UNIPEN_ORIGIN}, 1b", 0.24),
    Source("neg_unipen_lower", "negatives", True, _UNIPEN, f"{_UNIPEN_ORIGIN}, 1c", 0.24),
    Source("neg_unipen_symbols", "negatives", True, _UNIPEN, f"{_UNIPEN_ORIGIN}, 1d", 0.18),
    Source("neg_unipen_words", "negatives", True, _UNIPEN, f"{_UNIPEN_ORIGIN}, 7 and 8", 0.14),
    Source("neg_omniglot", "negatives", True, "MIT, (c) 2015 Brenden Lake", "brendenlake/omniglot", 0.16),
    Source("neg_sudoku_blank_raw", "negatives", True, "MIT, (c) 2024 Alex Kubiesa", "AlexKubiesa/sudoku-scanner", 0.03),
    Source("neg_own_signs", "negatives", True, "MIT, this project", "training/own_strokes.py", 0.22),
    Source("usps", "digits", False, "not stated", "US envelopes, AT&T research labs"),
    Source("crohme_digits", "digits", False, _CROHME, "CROHME 2016"),
    Source("optdigits_orig", "digits", False, "not stated", "Bogazici University, paper forms"),
    Source("chars74k_digits", "digits", False, "asks to be cited; other terms not stated", "Chars74K, tablet"),
    Source("semeion", "digits", False, "not stated", "Semeion, 80 Italian writers"),
    Source("orand_car_a_digits", "digits", False, "not stated", "ORAND-CAR-A, cheques"),
    Source("choice_digits", "digits", False, "not stated", "CHoiCe, running text"),
    Source("neg_crohme_symbols", "negatives", False, _CROHME, "CROHME 2016"),
    Source("neg_chars74k_letters", "negatives", False, "asks to be cited; other terms not stated", "Chars74K, tablet"),
    Source("neg_choice_letters", "negatives", False, "not stated", "CHoiCe, running text"),
)
"""Every set this program knows. The model learns only from those with `learn`; the others only measure it."""
OWN: Final = ("own_digits", "neg_own_signs")
"""Sets that are drawn when they are wanted, and need no file."""
OWN_SIZE: Final = {"own_digits": 12_000, "neg_own_signs": 7_000}


@dataclass(frozen=True, eq=False, slots=True)
class Inks:
    """Labelled ink.

    images: (n, h, w) uint8, 0 paper .. 255 stroke, upright.  labels: (n,) int64, index into `models.contract.LABELS`.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)

    def only(self, keep: NDArray[np.bool_]) -> Inks:
        """Return those of `keep`, (n,) bool."""
        return Inks(self.images[keep], self.labels[keep])


@dataclass(frozen=True, eq=False, slots=True)
class Split:
    """A set to learn from, and what of it is held out: other writers where the set knows its writers."""

    source: Source
    learn: Inks
    held: Inks


def training_sets(folder: Path | None) -> tuple[Split, ...]:
    """Load every set in `folder` that may be learned from; without a folder MNIST, by download. `OWN` ones are drawn.

    Raises UsageError when the folder or its mnist.npz is missing, UnreadableError when a file is not such a set.
    """
    return tuple(_split(source, arrays) for source, arrays in _opened(folder, lambda source: source.learn))


def measured_sets(folder: Path | None) -> Iterator[tuple[Source, Inks]]:
    """Yield every known set with the ink that measures a model: never a writer or an image that was learned from."""
    for source, arrays in _opened(folder, lambda source: source.name not in OWN):
        if source.name == "mnist":
            yield source, Inks(arrays["x_test"], arrays["y_test"].astype(np.int64))
        elif source.learn:
            yield source, _split(source, arrays).held
        else:
            yield source, _inks(source, arrays).only(_clear(arrays))


def _opened(folder: Path | None, wanted: Callable[[Source], bool]) -> Iterator[tuple[Source, dict[str, Any]]]:
    """Yield the sets of `folder` that are wanted; one that is absent is named on stderr (MNIST must be there)."""
    if folder is None:
        yield SOURCES[0], _download()
        yield from ((source, _drawn(source)) for source in SOURCES if source.name in OWN and wanted(source))
        return
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder; name the one that holds mnist.npz and the other sets")
    for source in filter(wanted, SOURCES):
        if source.name in OWN:
            yield source, _drawn(source)
            continue
        path = folder / f"{source.name}.npz"
        if path.is_file():
            yield source, read_arrays(path, source)
        elif source.name == "mnist":
            raise UsageError(f"{path}: missing; put MNIST there, or leave out --data to download it")
        else:
            print(f"{path.name}: not in {folder}, left out", file=sys.stderr)


@cache
def _drawn(source: Source) -> dict[str, Any]:
    """Return a set of this project's own; always the same, and drawn once."""
    rng, count = np.random.default_rng(len(source.name)), OWN_SIZE[source.name]
    if source.kind == "negatives":
        return {"images": drawn_signs(count, rng), "labels": np.full(count, REJECT)}
    images, labels = drawn_digits(count, rng)
    return {"images": images, "labels": labels}


def read_arrays(path: Path, source: Source) -> dict[str, Any]:
    """Return the arrays of an .npz file by name; raises UnreadableError when it is not a set of `source`'s form."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        for images, labels in _NAMES[source.name == "mnist"]:
            if arrays[images].ndim != 3 or arrays[images].dtype != np.uint8:
                raise ValueError(f"{images} is {arrays[images].dtype} {arrays[images].shape}")
            if arrays[labels].shape != arrays[images].shape[:1]:
                raise ValueError(f"{labels} does not match {images}")
            if source.kind == "digits" and not np.isin(arrays[labels], range(10)).all():
                raise ValueError(f"{labels} are not 0 to 9")
    except KeyError as fault:
        raise UnreadableError(f"{path}: not a set of labelled images (it has no {fault}); fetch it again") from fault
    except Exception as fault:  # np.load raises zipfile, zlib, pickle, EOF, OS and value errors on a damaged file
        raise UnreadableError(f"{path}: not a readable set of images ({fault}); fetch it again") from fault
    return arrays


_NAMES: Final = {True: (("x_train", "y_train"), ("x_test", "y_test")), False: (("images", "labels"),)}


def _download() -> dict[str, Any]:
    """Return MNIST through keras.datasets, which checks the file's hash and keeps it in ~/.keras/datasets."""
    try:
        from keras.datasets import mnist
    except ImportError as fault:
        raise UsageError("MNIST is downloaded by TensorFlow; pip install tensorflow, or use --data") from fault
    try:
        with redirect_stdout(sys.stderr):  # keras announces the download
            (x_train, y_train), (x_test, y_test) = mnist.load_data()
    except Exception as fault:  # keras wraps any network fault in a bare Exception
        reason = " ".join(str(fault).split())[:200]
        raise UsageError(f"MNIST cannot be downloaded ({reason}); go online, or name a folder with --data") from fault
    return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}


def _inks(source: Source, arrays: dict[str, Any]) -> Inks:
    images = arrays["images"]
    if source.name == "neg_sudoku_blank_raw":
        images = _off_paper(images)
    if source.kind == "negatives":
        return Inks(images, np.full(len(images), REJECT, np.int64))
    return Inks(images, arrays["labels"].astype(np.int64))


def _off_paper(photos: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return what stands out from the paper of inverted (n, 64, 64) uint8 photographs of blank cells, stretched to 255.

    The rim is left out: it holds the cell's frame, and an upright bar must not be taught as "not a digit".
    """
    inner = photos[:, 10:-10, 10:-10].astype(np.float32)
    above = np.maximum(inner - np.median(inner, axis=(1, 2), keepdims=True), 0)
    return np.asarray(above * (255 / np.maximum(above.max(axis=(1, 2), keepdims=True), 1)), np.uint8)


def _clear(arrays: dict[str, Any]) -> NDArray[np.bool_]:
    """Leave out negatives that a reader may rightly take for a digit (o, l, |, s, z, q ...)."""
    return np.asarray(arrays.get("ambiguous", np.zeros(len(arrays["labels"]))) == 0)


def _split(source: Source, arrays: dict[str, Any]) -> Split:
    if source.name == "mnist":
        every = Inks(arrays["x_train"], arrays["y_train"].astype(np.int64))
        held = np.arange(len(every)) >= max(len(every) - HELD_MNIST, len(every) // 2)
        return Split(source, every.only(~held), every.only(held))
    sure = _clear(arrays) & np.asarray(arrays.get("suspect", np.zeros(len(arrays["labels"]))) == 0)
    inks = _inks(source, arrays)
    held = _held(arrays.get("writer"), len(inks))
    return Split(source, inks.only(~held & sure), inks.only(held & sure))


def _held(writer: NDArray[np.int32] | None, count: int) -> NDArray[np.bool_]:
    """Return which of `count` images are held out, (count,) bool: every tenth writer, or every tenth image."""
    if writer is None:
        return np.asarray(np.arange(count) % HELD_EVERY == HELD_EVERY // 2)
    return held_writers(writer)


def held_writers(writer: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return which of n images, or recordings, are of a writer held out, (n,) bool.  writer: (n,), a number each."""
    return np.asarray(np.isin(writer, np.unique(writer)[HELD_EVERY // 2 :: HELD_EVERY]), np.bool_)
