"""How much lone ink appears in a reading: digits, which should, and what is no digit, which should not.

    python benchmarks/lone.py SETS [--most 1000] [--model FILE]

SETS holds the .npz files of docs/training.md. Each image is laid on paper as a picture of its own and read the thorough
way: digits of held-out writers, and the sets of non-digits that nothing is learned from, without what is marked
ambiguous. `appear`: share of the pictures in whose reading there is any digit; `accepted`: in whose reading a number is
accepted.  With --most so many of each set are drawn by lot.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for `python benchmarks/lone.py` in a bare checkout

from models.classifier import DEFAULT_MODEL
from realtime import open_reader
from realtime.reader import Reader
from training.data import Source, measured_sets

PAPER = 225
HELD = ("mnist", "kensanata_numbers", "unipen_digits", "sudoku_phone_digits", "hwd1000")
FOREIGN = ("neg_crohme_symbols", "neg_chars74k_letters", "neg_choice_letters")


def on_paper(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture of the ink, (h, w) uint8 0..255, dark on paper, with as much paper around it as it is high."""
    pad = max(ink.shape)
    return np.asarray(np.pad(PAPER - ink.astype(np.float32) * (PAPER - 40) / 255, pad, constant_values=PAPER), np.uint8)


def shares(reader: Reader, images: Sequence[NDArray[np.uint8]]) -> tuple[float, float]:
    """Return the share of images with a digit in their reading, and with an accepted number."""
    readings = [reader.read(on_paper(image)) for image in images]
    accepted = [any(number.status == "accept" for number in reading.numbers) for reading in readings]
    return float(np.mean([bool(reading.digits) for reading in readings])), float(np.mean(accepted))


def is_asked(source: Source) -> bool:
    return source.name in HELD or source.name in FOREIGN


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", type=Path)
    parser.add_argument("--most", type=int, default=10**9)
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL)
    given = parser.parse_args()
    reader, counts = open_reader(given.model), {HELD: np.zeros(3), FOREIGN: np.zeros(3)}
    print(f"{'set':22}{'images':>8}{'appear':>9}{'accepted':>10}")
    for source, inks in measured_sets(given.sets):
        if is_asked(source):
            chosen = np.random.default_rng(1).permutation(len(inks))[: given.most]
            appear, accepted = shares(reader, [inks.images[i] for i in chosen])
            print(f"{source.name:22}{len(chosen):8}{appear:9.2%}{accepted:10.2%}", flush=True)
            counts[HELD if source.name in HELD else FOREIGN] += len(chosen) * np.array([1, appear, accepted])
    for name, (count, appear, accepted) in (("digits", counts[HELD]), ("no digits", counts[FOREIGN])):
        print(f"{'all ' + name:22}{int(count):8}{appear / count:9.2%}{accepted / count:10.2%}")


if __name__ == "__main__":
    main()
