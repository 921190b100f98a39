"""What the reader cuts out of photographs of notes, labelled by where each digit's ink really lies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.contract import SIDE, normalize
from realtime.ink import InkMap, InkSettings, find_ink
from realtime.ruling import RulingSettings, remove_ruling
from realtime.segment import Region, SegmentSettings, find_regions
from training.augment import Ink, evened
from training.data import REJECT, Inks
from training.notes import UNSURE, Note, page, strip
from training.pieces import cut_apart
from training.sampling import Pool
from training.snapshots import Photo, photographed

Mask = NDArray[np.bool_]

BOXED: Final = 0.3
"""Chance of a digit to be cut out by its box, too."""
STROKE: Final = 100
"""Ink of a region from here on counts as stroke, 0..255."""


@dataclass(frozen=True, slots=True)
class Shares:
    """When a crop is what; all are shares of ink.

    whole: of a digit's ink in a crop of that digit.  trace: of another digit's ink that may be in it.
    pure: of the crop's ink that is the digit's.
    piece: of a digit's ink, least and most, in a crop that is but a piece.
    half: of a second digit's ink in a crop of joined digits.
    """

    whole: float = 0.82
    trace: float = 0.12
    pure: float = 0.68
    piece: tuple[float, float] = (0.15, 0.4)
    half: float = 0.4


SHARES: Final = Shares()


def crops_of(note: Note, rng: Generator) -> Iterator[tuple[Ink, int]]:
    """Yield crops that the reader's own steps cut out of a photograph of the note, each with its label.

    Of a digit that is found at several thresholds two are taken; of all that is no digit, not more than of digits.
    """
    photo = photographed(note, rng)
    digits: dict[int, list[Ink]] = {}
    others: list[Ink] = []
    maps = find_ink(photo.picture, InkSettings())
    for i in rng.permutation(len(maps)).tolist()[:1] if rng.random() < 0.1 else [0]:
        for region in find_regions(remove_ruling(maps[i], RulingSettings()), SegmentSettings()):
            _sort(region, photo, digits, others, rng)
    for mark, ink in _boxed(photo, maps[0], rng):
        digits.setdefault(mark, []).append(ink)
    for mark, inks in digits.items():
        for k in rng.permutation(len(inks))[:2].tolist():
            yield inks[k], photo.labels[mark - 1]
    for k in rng.permutation(len(others))[: max(3, len(digits))].tolist():
        yield others[k], REJECT


def _boxed(photo: Photo, ink: InkMap, rng: Generator) -> Iterator[tuple[int, Ink]]:
    """Yield some digits by their mark with all the ink in their box: pieces of neighbours, lines and texture, too."""
    h, w = ink.contrast.shape
    for layer in photo.owners:
        for mark in np.unique(layer).tolist():
            if mark == 0 or not 0 <= photo.labels[mark - 1] < REJECT or rng.random() > BOXED:
                continue
            own = (layer == mark).view(np.uint8)
            x, y, bw, bh = cv2.boundingRect(own)
            if np.count_nonzero(own) < 0.9 * photo.areas[mark] or bh < SegmentSettings().min_height:
                continue
            place = (slice(max(0, y - 1), min(h, y + bh + 1)), slice(max(0, x - 1), min(w, x + bw + 1)))
            part, own = ink.contrast[place], own[place] > 0
            full = max(1.0, float(np.percentile(part[own], 85)))
            low = max(2.5 * ink.noise, full * rng.uniform(0.15, 0.5))
            stroke = part >= low
            mine, every = int(np.count_nonzero(stroke & own)), int(np.count_nonzero(stroke))
            if 0.6 * every <= mine and every and low < 0.8 * full:
                yield mark, evened(part.astype(np.float32), np.where(stroke, np.uint8(255), np.uint8(0)))


def _sort(region: Region, photo: Photo, digits: dict[int, list[Ink]], others: list[Ink], rng: Generator) -> None:
    """Put a region, and the pieces it may be cut into, to the digits or to the others, or leave them."""
    box = region.box
    place = (slice(box.y, box.bottom), slice(box.x, box.right))
    owners = [layer[place] for layer in photo.owners]
    found = _judged(region.ink, [np.pad(owner, 1) for owner in owners], photo, region.edges[0] or region.edges[1])
    _file(region.ink, found, digits, others)
    wide = found is not None and box.w >= 0.7 * box.h and rng.random() < 0.3
    if found is not None and (found.several or wide) and len(others) < 60:
        for ink, layers in cut_apart(region.ink, [np.pad(owner, 1) for owner in owners], rng):
            _file(ink, _judged(ink, layers, photo, False), digits, others)


@dataclass(frozen=True, slots=True)
class _Found:
    """What a crop is: a digit, by its mark, or no digit (mark 0), perhaps because it is several."""

    mark: int
    several: bool = False


def _file(ink: Ink, found: _Found | None, digits: dict[int, list[Ink]], others: list[Ink]) -> None:
    if found is not None and found.mark:
        digits.setdefault(found.mark, []).append(ink)
    elif found is not None:
        others.append(ink)


def _judged(ink: Ink, owners: Sequence[NDArray[np.uint16]], photo: Photo, at_edge: bool) -> _Found | None:
    """Return what a crop is, None where that is open.

    ink: (h, w) uint8.  owners: the layers under it, (h, w) each.
    """
    stroke = ink >= STROKE
    near = cv2.dilate(stroke.view(np.uint8), np.ones((3, 3), np.uint8)) > 0
    marks: dict[int, int] = {}
    for layer in owners:
        for number, count in zip(*np.unique(layer[near], return_counts=True), strict=True):
            if number:
                marks[int(number)] = int(count)
    total = max(1, int(np.count_nonzero(stroke)))
    inside = {n: count / max(photo.areas[n], 1.0) for n, count in marks.items() if 0 <= photo.labels[n - 1] < REJECT}
    whole = [n for n, share in inside.items() if share >= SHARES.whole]
    rest = [n for n, share in inside.items() if share > SHARES.trace and n not in whole]
    if len(whole) == 1 and not rest:
        pure = _pure(stroke, owners, whole[0], total)
        return _Found(whole[0]) if pure >= SHARES.pure and not at_edge else None
    if len(whole) + sum(inside[n] >= SHARES.half for n in rest) >= 2:
        return _Found(0, several=True)
    if not whole and len(rest) == 1:
        return _Found(0) if _is_clear_piece(stroke, rest[0], inside, owners, photo, total) else None
    if whole or rest or any(photo.labels[n - 1] == UNSURE for n in marks):
        return None
    return _Found(0) if sum(inside.values()) < SHARES.trace and not _is_bar(stroke) else None


def _pure(stroke: Mask, owners: Sequence[NDArray[np.uint16]], mark: int, total: int) -> float:
    own = np.logical_or.reduce([layer == mark for layer in owners])
    return int(np.count_nonzero(stroke & (cv2.dilate(own.view(np.uint8), np.ones((3, 3), np.uint8)) > 0))) / total


def _is_clear_piece(
    stroke: Mask,
    mark: int,
    inside: dict[int, float],
    owners: Sequence[NDArray[np.uint16]],
    photo: Photo,
    total: int,
) -> bool:
    """Tell whether a crop is a piece of a digit that is no digit itself: no bar, no ring, no half of a 7."""
    least, most = SHARES.piece
    if photo.labels[mark - 1] in (1, 7) or not least <= inside[mark] <= most:
        return False
    return _pure(stroke, owners, mark, total) >= SHARES.pure and not _is_bar(stroke) and not _has_ring(stroke)


def _is_bar(stroke: Mask) -> bool:
    """Tell whether ink is a stroke that stands and may thus be a 1."""
    ys, xs = np.nonzero(stroke)
    if len(xs) < 5:
        return True
    (_, _), (w, h), angle = cv2.minAreaRect(np.column_stack([xs, ys]).astype(np.float32))
    long, short = max(w, h), max(1.0, min(w, h))
    lying = abs((angle if w >= h else angle + 90) % 180 - 90) > 55  # of the long side, from the vertical
    return long / short >= 2.2 and not lying


def _has_ring(stroke: Mask) -> bool:
    ground = np.pad(~stroke, 1, constant_values=True).view(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ground, connectivity=4)
    return int((stats[1:, cv2.CC_STAT_AREA] >= 0.02 * stroke.size).sum()) > 1


def draw_crops(digits: Pool, negatives: Pool | None, seed: tuple[int, ...], count: int) -> Inks:
    """Return `count` normalized crops, (count, 28, 28) uint8, and their labels; the same seed gives the same crops."""
    rng = np.random.default_rng(seed)
    images, labels = np.zeros((count, SIDE, SIDE), np.uint8), np.zeros(count, np.int64)
    done = 0
    while done < count:
        note = (strip if rng.random() < 0.7 else page)(digits, negatives, rng)
        for ink, label in crops_of(note, rng):
            if done < count:
                images[done], labels[done] = np.rint(normalize(ink) * 255), label
                done += 1
    return Inks(images, labels)
