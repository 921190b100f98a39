"""How many lone digits are read right, against their height, the width of their strokes, their tilt, and blur.

    python benchmarks/curves.py SETS [--most 300] [--model FILE]

SETS holds the .npz files of docs/training.md. Digits of held-out writers are laid on grainy paper, one a picture, and
read the thorough way. Each curve changes one thing; the others stay at their usual: 40 pixels high, strokes an eighth
of that wide, upright, sharp. `right`: read as what they are; `none`: nothing was read.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for `python benchmarks/curves.py` in a bare checkout

from models.classifier import DEFAULT_MODEL
from realtime import open_reader
from realtime.reader import Reader
from training.augment import trim
from training.data import measured_sets

Ink = NDArray[np.uint8]
PAPER = 225
SETS = ("kensanata_numbers", "unipen_digits", "sudoku_phone_digits", "mnist")


@dataclass(frozen=True, slots=True)
class Look:
    """How a digit is written and seen.

    height, stroke: pixels; 0 leaves strokes as they are.  tilt: degrees clockwise.  blur: sigma, pixels.
    """

    height: float = 40
    stroke: float = 5
    tilt: float = 0
    blur: float = 0


USUAL = Look()
CURVES: dict[str, tuple[Look, ...]] = {
    "height": tuple(replace(USUAL, height=h, stroke=h / 8) for h in (9, 12, 16, 20, 28, 40, 80, 160, 320)),
    "stroke": tuple(replace(USUAL, stroke=w) for w in (1, 1.5, 2, 3, 5, 7, 9, 11)),
    "tilt": tuple(replace(USUAL, tilt=t) for t in (-35, -25, -15, -8, 0, 8, 15, 25, 35)),
    "blur": tuple(replace(USUAL, blur=b) for b in (0, 1, 2, 3, 4, 5, 6)),
}


def thinned(ink: Ink) -> Ink:
    """Return the middle line of the strokes, (h, w) uint8 0 or 255 (Zhang and Suen 1984 by repeated hit or miss)."""
    left = (ink > 110).astype(np.uint8)
    while True:
        before = left.copy()
        for step in (0, 1):
            p = np.pad(left, 1)
            n = [
                p[:-2, 1:-1], p[:-2, 2:], p[1:-1, 2:], p[2:, 2:], p[2:, 1:-1], p[2:, :-2], p[1:-1, :-2], p[:-2, :-2]
            ]  # fmt: skip
            count = np.sum(n, axis=0)
            turns = sum((n[i] == 0) & (n[(i + 1) % 8] == 1) for i in range(8))
            a, b = (n[0] * n[2] * n[4], n[2] * n[4] * n[6]) if step == 0 else (n[0] * n[2] * n[6], n[0] * n[4] * n[6])
            left[(left == 1) & (count >= 2) & (count <= 6) & (turns == 1) & (a == 0) & (b == 0)] = 0
        if np.array_equal(before, left):
            return left * np.uint8(255)


def drawn(ink: Ink, look: Look, rng: np.random.Generator) -> Ink:
    """Return a picture of the digit, (h, w) uint8, dark on grainy paper, with as much paper around it as it is high."""
    fine = 4  # strokes are a whole number of pixels wide: drawn larger, they need not be
    body = trim(ink)
    scale = fine * look.height / body.shape[0]
    large = cv2.resize(body, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    if look.stroke:
        step = max(1.0, large.shape[0] / 128)  # thinning takes as many rounds as strokes are wide
        small = cv2.resize(large, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA)
        middle = cv2.resize(thinned(np.asarray(small, np.uint8)), large.shape[::-1], interpolation=cv2.INTER_LINEAR)
        wide = max(1, round(look.stroke * fine - step))
        pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (wide, wide))
        pad = wide
        large = cv2.dilate(np.pad(np.where(middle > 60, np.uint8(255), np.uint8(0)), pad), pen)
    room = round(fine * look.height)
    around = np.pad(large, room)
    h, w = around.shape
    turn = cv2.getRotationMatrix2D((w / 2, h / 2), -look.tilt, 1)
    seen = cv2.resize(
        cv2.warpAffine(around, turn, (w, h)), (max(1, w // fine), max(1, h // fine)), interpolation=cv2.INTER_AREA
    )
    if look.blur:
        seen = cv2.GaussianBlur(seen, (0, 0), look.blur)
    paper = PAPER - seen.astype(np.float32) * ((PAPER - 50) / 255) + rng.normal(0, 2, seen.shape)
    return np.asarray(np.clip(paper, 0, 255), np.uint8)


def shares(reader: Reader, digits: Sequence[tuple[Ink, int]], look: Look) -> tuple[float, float]:
    """Return the share of digits read right, and of those of which nothing was read."""
    rng = np.random.default_rng(1)
    texts = [(reader.read(drawn(ink, look, rng)).text, str(label)) for ink, label in digits]
    return float(np.mean([text == label for text, label in texts])), float(np.mean([text == "" for text, _ in texts]))


def chosen(folder: Path, most: int) -> list[tuple[Ink, int]]:
    """Return digits of held-out writers, as many of each set, by lot."""
    rng, found = np.random.default_rng(2), []
    for source, inks in measured_sets(folder):
        if source.name in SETS:
            picked = rng.permutation(len(inks))[: most // len(SETS)]
            found += [(inks.images[i], int(inks.labels[i])) for i in picked]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", type=Path)
    parser.add_argument("--most", type=int, default=300, help="digits a point")
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL)
    given = parser.parse_args()
    reader, digits = open_reader(given.model), chosen(given.sets, given.most)
    print(f"{len(digits)} digits a point")
    for name, looks in CURVES.items():
        print(f"\n{name:8}{'right':>9}{'none':>9}")
        for look in looks:
            right, none = shares(reader, digits, look)
            print(f"{getattr(look, name):8g}{right:9.1%}{none:9.1%}", flush=True)


if __name__ == "__main__":
    main()
