"""Turn the public form of each set that may be learned from into the .npz file that `training.data` reads.

docs/data.md says where each is to be had. Every converter takes the folder as it was fetched and gives arrays by name.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.errors import UnreadableError, UsageError
from realtime.ink import InkSettings, find_ink
from training.augment import Ink, resized, trim
from training.files import make_folder, write
from training.unipen import Segment, drawn_strokes, segments

SIDE: Final = 64
Arrays = dict[str, NDArray[np.generic]]
AMBIGUOUS: Final = frozenset("oOlI|!/\\sSzZbgqBD()[].,'-")
"""Letters and signs that a reader may rightly take for a digit, or a bar or dot: neither taught nor counted as none."""
_SEED: Final = 1
DIGITS: Final = frozenset("0123456789")


@dataclass(frozen=True, slots=True)
class _Taken:
    """One labelled image: writer is -1 where it is not known."""

    image: Ink
    label: str
    writer: int = -1


def prepare(name: str, source: Path, out: Path) -> tuple[Path, int]:
    """Convert one set into out/NAME.npz and return its path and how many images it holds.

    Raises UsageError for a name that is not known or a folder that is missing, UnreadableError where the folder does
    not hold the set, OutputError when the file cannot be written.
    """
    if name not in CONVERTERS:
        raise UsageError(f"{name}: no such set; choose one of {', '.join(CONVERTERS)}")
    if not source.is_dir():
        raise UsageError(f"{source}: no such folder; fetch the set first (docs/data.md says from where)")
    arrays = CONVERTERS[name](source)
    if len(arrays["labels"]) == 0:
        raise UnreadableError(f"{source}: holds nothing of {name}; docs/data.md says what it should look like")
    make_folder(out)
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)  # type: ignore[arg-type]
    path = out / f"{name}.npz"
    write(path, content.getvalue())
    return path, len(arrays["labels"])


def _picture(path: Path) -> Ink:
    """Return a picture, (h, w) uint8 gray; raises UnreadableError."""
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise UnreadableError(f"{path}: no picture that can be read; fetch the set again")
    return np.asarray(picture, np.uint8)


def _numbered(names: Sequence[str]) -> NDArray[np.int32]:
    """Return a number for each writer's name, (n,) int32: the same name, the same number."""
    order = {name: i for i, name in enumerate(sorted(set(names)))}
    return np.array([order[name] for name in names], np.int32)


def _digits(taken: Iterable[_Taken]) -> Arrays:
    every = list(taken)
    arrays: Arrays = {
        "images": np.array([t.image for t in every], np.uint8),
        "labels": np.array([int(t.label) for t in every], np.uint8),
    }
    if any(t.writer >= 0 for t in every):
        arrays["writer"] = np.array([t.writer for t in every], np.int32)
    return arrays


def _others(taken: Iterable[_Taken]) -> Arrays:
    every = list(taken)
    return {
        "images": np.array([t.image for t in every], np.uint8),
        "labels": np.array([t.label for t in every], np.str_),
        "writer": np.array([t.writer for t in every], np.int32),
        "ambiguous": np.array([t.label in AMBIGUOUS for t in every], np.uint8),
    }


def framed(ink: Ink, side: int = SIDE) -> Ink:
    """Return the ink, (h, w) uint8, in the middle of a square, made smaller where it is too large; never larger."""
    body = trim(ink)
    scale = (side - 4) / max(body.shape)
    body = resized(body, scale) if scale < 1 else body
    out = np.zeros((side, side), np.uint8)
    top, left = (side - body.shape[0]) // 2, (side - body.shape[1]) // 2
    out[top : top + body.shape[0], left : left + body.shape[1]] = body
    return out


def off_paper(gray: Ink) -> Ink:
    """Return the ink of a picture of one character, dark on paper, (h, w) uint8: contrast stretched, stray marks off.

    What is kept: the largest piece of ink, and others of a tenth of its area or more that do not touch the rim.
    """
    contrast = find_ink(gray, InkSettings())[0].contrast
    high = max(float(np.percentile(contrast, 99)), 1.0)
    mask = (contrast >= 0.35 * high).view(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    areas = stats[:, cv2.CC_STAT_AREA].astype(np.float64)
    areas[0] = 0
    right = stats[:, cv2.CC_STAT_LEFT] + stats[:, cv2.CC_STAT_WIDTH] == gray.shape[1]
    bottom = stats[:, cv2.CC_STAT_TOP] + stats[:, cv2.CC_STAT_HEIGHT] == gray.shape[0]
    rim = (stats[:, cv2.CC_STAT_LEFT] == 0) | (stats[:, cv2.CC_STAT_TOP] == 0) | right | bottom
    inner = np.where(rim, 0, areas)
    largest = inner.max() if inner.any() else areas.max()
    kept = (inner if inner.any() else areas) >= max(0.1 * largest, 1)
    near = cv2.dilate(kept[labels].view(np.uint8), np.ones((3, 3), np.uint8)) > 0
    stretched = np.clip(contrast * (255 / high), 0, 255)
    return np.where(near, stretched, 0).astype(np.uint8)


def _kensanata(source: Path) -> Arrays:
    """Folders NNNN_CCAS (writer, country, age, sex) of folders 0 to 9 of pictures."""
    taken, meta = [], []
    for folder in sorted(source.glob("[0-9][0-9][0-9][0-9]_*")):
        for path in sorted(folder.glob("[0-9]/*.png")):
            taken.append(_Taken(framed(off_paper(_picture(path))), path.parent.name, int(folder.name[:4])))
            meta.append(folder.name[5:])
    return {**_digits(taken), "meta": np.array(meta, np.str_)} if taken else _digits(taken)


def _hwd1000(source: Path) -> Arrays:
    """A dataset.csv with columns image and label; the pictures are black on white, 28 x 28."""
    try:
        with (source / "dataset.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return _digits(_Taken(np.asarray(255 - _picture(source / row["image"])), row["label"]) for row in rows)
    except (OSError, KeyError) as fault:
        raise UnreadableError(
            f"{source / 'dataset.csv'}: not the list of HwD-1000 ({fault}); fetch it again"
        ) from fault


def _omniglot(source: Path) -> Arrays:
    """Folders ALPHABET/characterNN of pictures XXXX_DD.png, DD the drawer; black on white. Half are made thicker."""
    rng, taken = np.random.default_rng(_SEED), []
    for path in sorted(source.rglob("character*/*.png")):
        ink = np.asarray(255 - _picture(path), np.uint8)
        thick = cv2.dilate(ink, np.ones((3, 3), np.uint8)) if rng.random() < 0.5 else ink
        label = f"{path.parent.parent.name}/{path.parent.name}"
        taken.append(_Taken(framed(np.asarray(thick, np.uint8)), label, int(path.stem.split("_")[-1])))
    return _others(taken)


def _sudoku_cells(source: Path, label: str) -> Iterator[Path]:
    root = source / "datasets" / "digit_classification"
    yield from sorted(path for part in ("train", "validation", "test") for path in (root / part / label).glob("*.jpg"))


PRINTED: Final = 0.96
"""Correlation from which two cells may show the same type. Of cells that were told apart before, 0.2 % of 4,583 written
by hand had more than 15 such twins, and 98.7 % of 1,500 printed ones."""


def _sudoku(source: Path) -> Arrays:
    """Cells of photographed puzzles by class; those with a twin among many are printed and left out."""
    taken, raw = [], []
    for label in "123456789":
        cells = [_picture(path) for path in _sudoku_cells(source, label)]
        inks = [framed(off_paper(cell)) for cell in cells]
        for i in np.flatnonzero(~printed(inks)).tolist():
            taken.append(_Taken(inks[i], label))
            raw.append(cv2.resize(cells[i], (SIDE, SIDE), interpolation=cv2.INTER_AREA))
    return {**_digits(taken), "raw": np.array(raw, np.uint8)} if taken else _digits(taken)


def printed(inks: Sequence[Ink], twins: int = 15) -> NDArray[np.bool_]:
    """Tell of each ink, all of one class, whether it is type: at least so many others are nearly the same."""
    if not inks:
        return np.zeros(0, bool)
    small = [cv2.resize(trim(ink), (20, 30), interpolation=cv2.INTER_AREA) for ink in inks]
    rows = np.array([cv2.GaussianBlur(ink, (0, 0), 0.8).ravel() for ink in small], np.float64)
    alike = np.corrcoef(rows + 1e-6 * np.arange(rows.shape[1]))  # the slope: a blank one has no deviation to divide by
    return np.asarray((np.atleast_2d(alike) >= PRINTED).sum(axis=1) > twins, np.bool_)


def _sudoku_blank(source: Path) -> Arrays:
    """The cells of class 0, turned to white on black; the paper's shading and the cell's frame stay."""
    cells = [_picture(path) for path in list(_sudoku_cells(source, "0"))[:600]]
    taken = [
        _Taken(np.asarray(255 - cv2.resize(c, (SIDE, SIDE), interpolation=cv2.INTER_AREA)), "blank") for c in cells
    ]
    return _others(taken)


def _unipen(
    categories: Sequence[str], wanted: Callable[[str], bool], level: str, most: int
) -> Callable[[Path], Arrays]:
    """Return a converter of parts of UNIPEN train_r01_v07: data/CATEGORY/CONTRIBUTOR/... and include/."""
    word = level == "WORD"

    def convert(source: Path) -> Arrays:
        rng = np.random.default_rng(_SEED)
        found = _segments(source, categories, wanted, level)
        chosen = sorted(rng.permutation(len(found))[:most].tolist())
        writers = _numbered([found[i].writer for i in chosen])
        return _collected([(found[i].strokes, found[i].label) for i in chosen], writers, word, rng)

    return convert


def _segments(source: Path, categories: Sequence[str], wanted: Callable[[str], bool], level: str) -> list[Segment]:
    """Return the named parts of some categories, in the order of their files."""
    return [
        segment
        for category in categories
        for path in sorted((source / "data" / category).rglob("*.dat"))
        for segment in segments(path, source)
        if segment.level == level and wanted(segment.label)
    ]


def _collected(
    parts: Sequence[tuple[Sequence[NDArray[np.float64]], str]], writers: NDArray[np.int32], word: bool, rng: Generator
) -> Arrays:
    size = (2 * SIDE + SIDE // 2, SIDE) if word else (SIDE, SIDE)
    taken = [
        _Taken(drawn_strokes(strokes, size, rng), label, int(writer))
        for (strokes, label), writer in zip(parts, writers, strict=True)
    ]
    return _digits(taken) if all(t.label in DIGITS for t in taken) else _others(taken)


REACH: Final = 1000
"""The longer side of a recorded character, in the file."""


def _unipen_strokes(source: Path) -> Arrays:
    """The digits of `unipen_digits` as strokes, in the same order: their points, x and y down in 0 to REACH."""
    found = _segments(source, ("1a",), DIGITS.__contains__, "CHARACTER")
    strokes = [placed for segment in found for placed in _placed_strokes(segment.strokes)]
    points = np.concatenate(strokes) if strokes else np.zeros((0, 2))
    return {
        "points": np.rint(points).astype(np.int16),
        "stroke_start": np.cumsum([0, *map(len, strokes)]).astype(np.int32),
        "char_start": np.cumsum([0, *(len(segment.strokes) for segment in found)]).astype(np.int32),
        "labels": np.array([int(segment.label) for segment in found], np.uint8),
        "writer": _numbered([segment.writer for segment in found]),
    }


def _placed_strokes(strokes: Sequence[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    every = np.concatenate(strokes) * (1, -1)
    low = every.min(axis=0)
    scale = REACH / max(float((every.max(axis=0) - low).max()), 1e-6)
    return [(stroke * (1, -1) - low) * scale for stroke in strokes]


CONVERTERS: Final[dict[str, Callable[[Path], Arrays]]] = {
    "kensanata_numbers": _kensanata,
    "hwd1000": _hwd1000,
    "sudoku_phone_digits": _sudoku,
    "unipen_digits": _unipen(["1a"], DIGITS.__contains__, "CHARACTER", 10**9),
    "unipen_strokes": _unipen_strokes,
    "neg_unipen_upper": _unipen(["1b"], str.isupper, "CHARACTER", 9000),
    "neg_unipen_lower": _unipen(["1c"], str.islower, "CHARACTER", 9000),
    "neg_unipen_symbols": _unipen(["1d"], lambda label: label != "@" and not label.isalnum(), "CHARACTER", 9000),
    "neg_unipen_words": _unipen(["7", "8"], lambda label: len(label) > 1 and label.isalpha(), "WORD", 2550),
    "neg_omniglot": _omniglot,
    "neg_sudoku_blank_raw": _sudoku_blank,
}
"""Every set that may be learned from but MNIST, which `train` downloads by itself."""
