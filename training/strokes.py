"""Handwriting: the paths of `training.forms` as smooth strokes, and writers with a hand of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from training.forms import FORMS

Points = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Glyph:
    """One form of a character: strokes of (n, 2) points (x, y) in the unit box, y down; its top is 0, its foot 1."""

    label: str
    strokes: tuple[Points, ...]


@dataclass(frozen=True, slots=True)
class Writer:
    """How one person writes.

    forms: (label, form) chosen once for good; labels that are missing are written in their first form.
    slant: shear to the right.  aspect: width factor.  wobble: how much two writings of one digit differ, in heights.
    bend: three amplitudes, then three phases, of the hand's own warp of all shapes.
    pen: stroke width in heights.  spacing: gap between digits in heights.
    """

    forms: tuple[tuple[str, str], ...] = ()
    slant: float = 0.0
    aspect: float = 1.0
    wobble: float = 0.02
    bend: tuple[float, ...] = (0.0,) * 6
    pen: float = 0.07
    spacing: float = 0.25


@dataclass(frozen=True, eq=False, slots=True)
class Mark:
    """One character as written on a line of height 1: strokes of (n, 3) x, y (0 top, 1 foot of the line) and pressure.

    Pressure is around 1; the pen's width grows with it.
    """

    label: str
    strokes: tuple[Points, ...]


def glyph(label: str, form: str | None = None) -> Glyph:
    """Return a form of a character, by default its first; raises KeyError when there is none of that name."""
    return drawn_glyph(label, FORMS[label][form or next(iter(FORMS[label]))])


@cache
def drawn_glyph(label: str, paths: str) -> Glyph:
    """Return the character that `paths` draw, as text in the way of `training.forms`."""
    strokes = [curve(_knots(path)) for path in paths.split("/")]
    every = np.concatenate(strokes)
    low, high = np.minimum(every.min(axis=0), 0), np.maximum(every.max(axis=0), 1)
    return Glyph(label, tuple((stroke - low) / (high - low).max() for stroke in strokes))


def _knots(path: str) -> tuple[Points, ...]:
    """Return the pieces of one stroke between its corners, each (k, 2) in the unit box; k at least 2."""
    words = path.split()
    points = np.array([[float(v) / 100 for v in word.rstrip("!").split(",")] for word in words])
    ends = [0, *(i for i, word in enumerate(words) if word.endswith("!")), len(words) - 1]
    return tuple(points[a : b + 1] for a, b in pairwise(ends))


def curve(pieces: Iterable[Points], steps: int = 12) -> Points:
    """Return a stroke: through every knot of each piece runs a centripetal Catmull-Rom curve, pieces meet in corners.

    Centripetal, since the uniform one makes loops and cusps where knots lie unevenly (Yuksel et al. 2011).
    pieces: (k, 2) each.  steps: points per knot.  Returns (n, 2).
    """
    parts = [_smooth(piece, steps) for piece in pieces]
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])


def _smooth(knots: Points, steps: int) -> Points:
    if len(knots) == 2:
        return np.asarray(knots[0] + np.linspace(0, 1, steps + 1)[:, None] * (knots[1] - knots[0]))
    padded = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    spans = [_span(padded[i : i + 4], steps) for i in range(len(knots) - 1)]
    return np.concatenate([knots[:1], *spans])


def _span(p: Points, steps: int) -> Points:
    """Return (steps, 2) points of the curve from p[1] (left out) to p[2]; p is (4, 2). Barry and Goldman's pyramid."""
    t = np.append(0.0, np.cumsum(np.sqrt(np.maximum(np.linalg.norm(np.diff(p, axis=0), axis=1), 1e-9))))
    u = np.linspace(t[1], t[2], steps + 1)[1:, None]

    def mix(a: Points, b: Points, i: int, j: int) -> Points:
        return np.asarray(a + (b - a) * (u - t[i]) / (t[j] - t[i]))

    low, mid, top = (mix(p[i], p[i + 1], i, i + 1) for i in range(3))
    return mix(mix(low, mid, 0, 2), mix(mid, top, 1, 3), 1, 2)


def new_writer(rng: np.random.Generator, forms: Mapping[str, str] = MappingProxyType({})) -> Writer:
    """Return a person with a hand of their own; `forms` fixes how they write some of the characters."""
    chosen = {label: str(rng.choice(list(kinds))) for label, kinds in FORMS.items()} | dict(forms)
    return Writer(
        forms=tuple(chosen.items()),
        slant=float(np.clip(rng.normal(0.1, 0.12), -0.15, 0.4)),
        aspect=float(rng.uniform(0.85, 1.2)),
        wobble=float(rng.uniform(0.008, 0.02)),
        bend=(*rng.normal(0, 0.022, 3), *rng.uniform(0, 2 * np.pi, 3)),
        pen=float(rng.uniform(0.045, 0.085)),
        spacing=float(rng.uniform(0.22, 0.34)),
    )


def write(labels: Iterable[str], writer: Writer, rng: np.random.Generator) -> tuple[Mark, ...]:
    """Write characters side by side on a line of height 1, from x = 0; a space leaves a gap.

    labels: characters of `FORMS` and spaces: "3 14" or ("house", " ", "star").
    """
    forms, marks, x = dict(writer.forms), [], 0.0
    for label in labels:
        if label == " ":
            x += 0.55 + writer.spacing
            continue
        mark = written(glyph(label, forms.get(label)), writer, rng)
        every = np.concatenate(mark.strokes)
        left, right = every[:, 0].min(), every[:, 0].max()
        marks.append(Mark(label, tuple(stroke + np.array([x - left, 0, 0]) for stroke in mark.strokes)))
        x += right - left + writer.spacing * rng.uniform(0.8, 1.25)
    return tuple(marks)


def written(shape: Glyph, writer: Writer, rng: np.random.Generator) -> Mark:
    """Return one writing of a character, its foot on the line; no two are the same."""
    size, drop, turn = rng.normal((1, 0, 0), writer.wobble * np.array([1.5, 1, 1.5]))
    cos, sin = np.cos(turn), np.sin(turn)
    slanted = np.array([[cos * writer.aspect, sin * writer.aspect], [-sin - writer.slant, cos]]) * size
    strokes = []
    for stroke in shape.strokes:
        bent = _bend(stroke, writer.bend) + _drift(stroke, writer.wobble, rng)
        points = (bent - (0.3, 1)) @ slanted + (0.3, 1 + drop) + rng.normal(0, 0.5 * writer.wobble, 2)
        strokes.append(np.column_stack([points, _pressure(points, rng)]))
    return Mark(shape.label, tuple(strokes))


def _bend(points: Points, bend: tuple[float, ...]) -> Points:
    (a, b, c), (p, q, r) = bend[:3], bend[3:]
    x, y = points[:, 0], points[:, 1]
    return np.column_stack([x + a * np.sin(4 * y + p) + c * np.sin(5 * x + r), y + b * np.sin(4 * x + 2 * y + q)])


def _drift(points: Points, size: float, rng: np.random.Generator) -> Points:
    """Return (n, 2) offsets that change slowly along the stroke: a hand never draws the same curve twice."""
    return np.column_stack([_waver(points, rng), _waver(points, rng)]) * size


def _pressure(points: Points, rng: np.random.Generator) -> Points:
    """Return (n,) pressure: unsteady, and a little lighter where the pen leaves the paper."""
    along = _along(points)
    lift = np.clip((along / max(along[-1], 1e-9) - 0.85) / 0.15, 0, 1) * rng.uniform(0, 0.3)
    return np.asarray(np.clip(1 + 0.08 * _waver(points, rng) - lift, 0.55, 1.35))


def _waver(points: Points, rng: np.random.Generator) -> Points:
    """Return (n,) slow random waves along a stroke, of deviation 1: half a wave to one and a half per height."""
    along, waves = _along(points), np.array([0.5, 1.0, 1.5])
    phases = 2 * np.pi * (along[:, None] * waves + rng.random(3))
    return np.asarray(np.sin(phases) @ (rng.normal(0, 0.9, 3) / (1, 1, 1.5)))


def _along(points: Points) -> Points:
    """Return (n,) the way along the stroke to each point."""
    return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
