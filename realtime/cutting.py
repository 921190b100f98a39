"""Cut touching digits apart: candidates, and which of them to take.

Over-segmentation and best path (LeCun et al. 1998, "Gradient-based learning applied to document recognition", sections
IV-V): cuts where there is little ink from top to bottom, every run of segments a candidate, and the path through the
segments that the classifier likes best.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.decode import SURE, DecodeSettings, Verdict, alone, likeness, sure_height
from realtime.segment import Region
from realtime.values import Box


@dataclass(frozen=True, slots=True)
class CutSettings:
    """What is cut; lengths are shares of the height of the sure digits, or else of the region's own.

    lowest, highest, narrowest: regions to cut.  unsure: a digit less sure than this is cut, too, if it is wide.
    left: width that was not read of a region of which only a part was, and which is cut, too.
    thinnest, widest: a piece's width.  cuts: tried in a region.  apart: two cuts.
    mean, least: probability the pieces of a cut must have on average, and each; `lone_mean`, `lone_least` where fewer
    than two digits are sure without any cut: words, too, fall into pieces that look like digits.
    """

    lowest: float = 0.6
    highest: float = 1.9
    narrowest: float = 0.7
    unsure: float = 0.8
    left: float = 0.4
    thinnest: float = 0.1
    widest: float = 1.3
    cuts: int = 16
    apart: float = 0.08
    mean: float = 0.85
    least: float = 0.6
    lone_mean: float = 0.97
    lone_least: float = 0.93


@dataclass(frozen=True, slots=True)
class Cutting:
    """Ways to cut a region along one slant: piece k covers segments `spans[k]`, first and last + 1, of `segments`.

    replaced: the regions whose verdicts give way to the pieces: itself, or what was read of it so far.
    """

    replaced: tuple[int, ...]
    segments: int
    spans: tuple[tuple[int, int], ...]
    pieces: tuple[Region, ...]


def cuttings(verdicts: Sequence[Verdict], regions: Sequence[Region], settings: CutSettings) -> list[Cutting]:
    """Return the ways to cut each region that may be several digits: upright, and along its slant."""
    height = sure_height(verdicts, regions)
    whole = {
        (v.region,): v.region
        for v in verdicts
        if _may_be_several(v, regions[v.region], height or regions[v.region].box.h, settings)
    }
    found = []
    for replaced, index in (whole | _half_read(verdicts, regions, height, settings)).items():
        region = regions[index]
        for slant in sorted({0.0, find_slant(region.ink)}):
            found.append(_cutting(replaced, region, height or region.box.h, slant, settings))
    return found


def _half_read(
    verdicts: Sequence[Verdict], regions: Sequence[Region], height: float | None, settings: CutSettings
) -> dict[tuple[int, ...], int]:
    """Return regions of which only a part was taken for digits, by the verdicts that lie inside them."""
    inside: dict[int, list[Verdict]] = {}
    for verdict in verdicts:
        above = regions[verdict.region].parent
        while above >= 0:
            inside.setdefault(above, []).append(verdict)
            above = regions[above].parent
    found: dict[tuple[int, ...], int] = {}
    taken: set[int] = set()
    for index in sorted(inside, reverse=True):
        box, parts = regions[index].box, inside[index]
        fits = height is not None and settings.lowest <= box.h / height <= settings.highest
        left = box.w - sum(regions[v.region].box.w for v in parts if not v.reason)
        real = any(not v.reason and v.label != 1 for v in parts) and not taken & {v.region for v in parts}
        if height is not None and fits and real and left >= settings.left * height:
            found[tuple(v.region for v in parts)] = index
            taken |= {v.region for v in parts}
    return found


def _may_be_several(verdict: Verdict, region: Region, height: float, settings: CutSettings) -> bool:
    if not settings.lowest <= region.box.h / height <= settings.highest:
        return False
    return region.box.w >= settings.narrowest * height and (
        bool(verdict.reason) or verdict.probability < settings.unsure
    )


def _cutting(replaced: tuple[int, ...], region: Region, height: float, slant: float, settings: CutSettings) -> Cutting:
    upright = _sheared(region.ink, slant)
    columns = _columns(upright, height, settings)
    least, most = settings.thinnest * height, settings.widest * height
    spans = tuple((i, j) for i, j in combinations(range(len(columns)), 2) if least <= columns[j] - columns[i] <= most)
    last = len(columns) - 1
    pieces = [_piece(region, upright, slant, columns[i], columns[j], i == 0 or j == last) for i, j in spans]
    return Cutting(replaced, last, spans, tuple(pieces))


def find_slant(ink: NDArray[np.uint8]) -> float:
    """Return the shear, columns to the right a row, that makes the column profile most uneven: strokes then stand."""

    def unevenness(slant: float) -> float:
        return float((_sheared(ink, slant).sum(axis=0, dtype=np.float64) ** 2).sum())

    return max((float(s) for s in np.linspace(-0.3, 0.6, 10)), key=unevenness)


def _sheared(ink: NDArray[np.uint8], slant: float) -> NDArray[np.uint8]:
    """Return the ink with its rows moved by slant times their height above the middle, in a frame wide enough."""
    h, w = ink.shape
    margin = _margin(h)
    shear = np.array([(1, slant, margin - slant * h / 2), (0, 1, 0)], np.float64)
    return np.asarray(cv2.warpAffine(ink, shear, (w + 2 * margin, h)), np.uint8)


def _margin(height: int) -> int:
    return round(0.3 * height) + 1


def _columns(ink: NDArray[np.uint8], height: float, settings: CutSettings) -> list[int]:
    """Return where to cut: the first and last column of the ink, and between them where the profile is least."""
    profile = np.convolve(ink.sum(axis=0, dtype=np.float64) / 255, np.ones(3) / 3, mode="same")
    inked = np.flatnonzero(profile > 0.5)
    first, last = (int(inked[0]), int(inked[-1]) + 1) if len(inked) else (0, ink.shape[1])
    minima = [x for x in range(first + 2, last - 2) if profile[x] <= profile[x - 1] and profile[x] < profile[x + 1]]
    chosen: list[int] = []
    for x in sorted(minima, key=lambda x: float(profile[x])):
        if len(chosen) < settings.cuts and all(abs(x - other) >= settings.apart * height for other in chosen):
            chosen.append(x)
    return sorted({first, last, *chosen})


def _piece(region: Region, upright: NDArray[np.uint8], slant: float, left: int, right: int, outermost: bool) -> Region:
    """Return what lies between two columns of the upright ink as a region, its box where it lies in the image."""
    ink = _without_specks(upright[:, left:right])
    edges = (region.edges[0] and outermost, region.edges[1])
    rows, columns = np.nonzero(ink > 64)
    if len(rows) == 0:
        return replace(region, ink=ink, area=0, edges=edges, flanks=0.0)
    h = upright.shape[0]
    x = columns + left - _margin(h) - slant * (rows - h / 2) + region.box.x - 1
    top, bottom = int(rows.min()), int(rows.max()) + 1
    first, end = (
        min(max(v, region.box.x), region.box.right) for v in (round(float(x.min())), round(float(x.max())) + 1)
    )
    top, bottom = max(top, 1), min(bottom, h - 1)
    box = Box(first, region.box.y - 1 + top, max(1, end - first), max(1, bottom - top))
    return replace(region, box=box, ink=ink, area=len(rows), edges=edges, flanks=0.0)


def _without_specks(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the ink without the scraps a cut leaves of a neighbour."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats((ink > 64).view(np.uint8), connectivity=8)
    areas = stats[:, cv2.CC_STAT_AREA]
    scraps = areas < 0.1 * areas[1:].sum()
    scraps[0] = False
    return np.where(scraps[labels], 0, ink).astype(np.uint8)


def best_path(cutting: Cutting, scores: Sequence[float], settings: CutSettings) -> list[int]:
    """Return the pieces of the best way to cut, left to right; none if it is not good enough, or no cut at all.

    scores: of each piece, 0..1 how like a digit.
    """
    best: list[tuple[float, list[int]] | None] = [(0.0, []), *([None] * cutting.segments)]
    for k in sorted(range(len(scores)), key=lambda k: cutting.spans[k]):
        first, last = cutting.spans[k]
        before, after = best[first], best[last]
        if before is None or scores[k] < settings.least:
            continue
        value = before[0] + (last - first) * float(np.log(scores[k]))
        if after is None or value > after[0]:
            best[last] = (value, [*before[1], k])
    path = best[-1][1] if best[-1] is not None else []
    return path if len(path) > 1 and sum(scores[k] for k in path) / len(path) >= settings.mean else []


def cut(
    verdicts: Sequence[Verdict],
    regions: Sequence[Region],
    probabilities: NDArray[np.float32],
    cuts: Sequence[Cutting],
    first: int,
    decoding: DecodeSettings,
    settings: CutSettings,
) -> list[Verdict]:
    """Return the verdicts with regions replaced by their pieces, where those are digits.

    regions: from `first` on the pieces of each cut, one cut after the other.
    probabilities: (n, 11) float32 of all regions.
    """
    by_region = {v.region: v for v in verdicts}
    if sum(not v.reason and v.probability >= SURE for v in verdicts) < 2:
        settings = replace(settings, mean=settings.lone_mean, least=settings.lone_least)
    for replaced, path in _best_paths(by_region, probabilities, cuts, first, settings).items():
        if by_region.keys() >= set(replaced):
            for i in replaced:
                del by_region[i]
            by_region |= {k: alone(k, regions[k], probabilities[k], decoding) for k in path}
    return list(by_region.values())


def _best_paths(
    by_region: Mapping[int, Verdict],
    probabilities: NDArray[np.float32],
    cuts: Sequence[Cutting],
    first: int,
    settings: CutSettings,
) -> dict[tuple[int, ...], list[int]]:
    """Return the regions of the best way to cut, by what they replace."""
    scores = likeness(probabilities)
    paths: dict[tuple[int, ...], list[int]] = {}
    for way in cuts:
        path = [first + k for k in best_path(way, scores[first : first + len(way.pieces)].tolist(), settings)]
        before = sum(not by_region[i].reason for i in way.replaced)
        bars = all(int(probabilities[k].argmax()) == 1 for k in path)  # an M falls into 1s, too
        if not bars and len(path) > before and _mean(scores, path) > _mean(scores, paths.get(way.replaced, [])):
            paths[way.replaced] = path
        first += len(way.pieces)
    return paths


def _mean(scores: NDArray[np.float32], chosen: Sequence[int]) -> float:
    return float(scores[list(chosen)].mean()) if chosen else 0.0
