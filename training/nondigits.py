"""Ink that is no digit, drawn: joined digits, bars, signs, scribbles, texture; and the bare 1 it must not cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from training.augment import Ink, beside, resized, trim

_SIDE: Final = 64


def joined(left: Ink, right: Ink, rng: Generator) -> Ink:
    """Return two digits run together into one region: a reader must cut it, not read it."""
    bodies = [trim(left), trim(right)]
    heights = rng.uniform(34, 48) * np.array([1.0, rng.uniform(0.75, 1.25)])
    a, b = (resized(body, height / body.shape[0]) for body, height in zip(bodies, heights, strict=True))
    return beside(a, b, -int(rng.integers(0, 6)), rng)


def upright_bar(rng: Generator) -> Ink:
    """Return a 1 that is nothing but a stroke: upright or a little slanted, straight or a little bent."""
    tall, lean = rng.uniform(34, 50), rng.triangular(-0.35, 0.08, 0.5)
    y = np.linspace(-tall / 2, tall / 2, 12)
    x = -lean * y + rng.uniform(-2.5, 2.5) * np.cos(y * np.pi / tall) + 0.2 * rng.standard_normal(12)
    return _stroke([np.stack([x, y], 1) + _SIDE / 2], rng, widest=8)


def drawn(rng: Generator) -> Ink:
    """Return one picture (64, 64) of something that is no digit, of a kind drawn by lot."""
    kinds = list(_KINDS)
    kind = kinds[rng.choice(len(kinds), p=_SHARES)]
    ink = kind(rng)
    return ink if ink.any() else _scribble(rng)


def _stroke(paths: list[NDArray[np.float64]], rng: Generator, widest: int = 7) -> Ink:
    """Draw paths of (n, 2) points, x then y in pixels, with one pen."""
    out = np.zeros((_SIDE, _SIDE), np.uint8)
    lines = [np.round(path * 16).astype(np.int32) for path in paths]
    cv2.polylines(out, lines, False, 255, int(rng.integers(2, widest + 1)), cv2.LINE_AA, 4)
    return out


def _level_bar(rng: Generator) -> Ink:
    half, lean = rng.uniform(10, 28), rng.uniform(-0.3, 0.3)
    x = np.linspace(-half, half, 8)
    y = lean * x + rng.uniform(-2, 2) * np.cos(x * np.pi / 2 / half)
    return _stroke([np.stack([x, y], 1) + _SIDE / 2], rng)


def _dot(rng: Generator) -> Ink:
    out = np.zeros((_SIDE, _SIDE), np.uint8)
    a = rng.uniform(4, 12)
    axes = (int(16 * a * rng.uniform(0.95, 1.8)), int(16 * a))
    cv2.ellipse(out, (512, 512), axes, float(rng.uniform(-20, 20)), 0, 360, 255, -1, cv2.LINE_AA, 4)
    return out


def _sign(rng: Generator) -> Ink:
    """Draw + - x = : or a star, by hand: every end a little off."""
    ends: dict[str, list[list[tuple[float, float]]]] = {
        "plus": [[(-1, 0), (1, 0)], [(0, -1), (0, 1)]],
        "times": [[(-0.8, -0.8), (0.8, 0.8)], [(-0.8, 0.8), (0.8, -0.8)]],
        "equals": [[(-1, -0.35), (1, -0.35)], [(-1, 0.35), (1, 0.35)]],
        "divided": [[(-1, 0), (1, 0)], [(0, -0.6), (0.05, -0.6)], [(0, 0.6), (0.05, 0.6)]],
        "star": [[(-1, 0), (1, 0)], [(-0.6, -0.9), (0.6, 0.9)], [(-0.6, 0.9), (0.6, -0.9)]],
        "root": [[(-1, 0.1), (-0.7, 0.0), (-0.3, 1), (0.2, -0.9), (1, -0.9)]],
        "arrow": [[(-1, 0), (1, 0)], [(0.5, -0.4), (1, 0), (0.5, 0.4)]],
        "hook": [[(-0.9, 0.1), (-0.3, 0.8), (1, -0.9)]],
    }
    paths = ends[str(rng.choice(list(ends)))]
    size = rng.uniform(12, 26)
    return _stroke([np.array(p) * size + rng.normal(0, 0.07 * size, (len(p), 2)) + _SIDE / 2 for p in paths], rng)


def _scribble(rng: Generator) -> Ink:
    """Draw one long curve through points set at random: too tangled to be a digit."""
    corners = rng.uniform(6, _SIDE - 6, (int(rng.integers(8, 15)), 2))
    return _stroke([_smooth(corners)], rng, widest=5)


def _wave(rng: Generator) -> Ink:
    """Draw a row of loops or humps, as joined-up writing has them."""
    t = np.linspace(0, 1, 90)
    phase = 2 * np.pi * rng.uniform(2.5, 5) * t + rng.uniform(0, 6)
    tall = rng.uniform(5, 14)
    x = 4 + 56 * t + rng.uniform(0, 1.4) * tall * 0.6 * np.cos(phase)
    y = _SIDE / 2 + tall * np.sin(phase) * (1 + 0.5 * np.interp(t, np.linspace(0, 1, 6), rng.standard_normal(6)))
    return _stroke([np.stack([x, y], 1)], rng, widest=5)


def _smooth(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round the corners (n, 2) of a path by cutting them three times (Chaikin)."""
    for _ in range(3):
        a, b = corners[:-1], corners[1:]
        corners = np.stack([0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b], 1).reshape(-1, 2)
    return corners


def _texture(rng: Generator) -> Ink:
    """Draw the largest blob of a random field: grain of wood or cloth, foliage, stains; wider than a 1."""
    wide, tall = rng.uniform(1.5, 5, 2)
    field = cv2.GaussianBlur(rng.standard_normal((_SIDE, _SIDE), np.float32), (0, 0), wide, sigmaY=tall)
    mask = (field > np.quantile(field, rng.uniform(0.5, 0.75))).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    if stats[largest, cv2.CC_STAT_WIDTH] < 0.6 * stats[largest, cv2.CC_STAT_HEIGHT]:
        return _scribble(rng)
    blob = np.where(labels == largest, np.uint8(255), np.uint8(0))
    return np.asarray(cv2.GaussianBlur(blob, (0, 0), 0.7), np.uint8)


_KINDS: Final[dict[Callable[[Generator], Ink], float]] = {
    _level_bar: 0.15, _dot: 0.08, _sign: 0.27, _scribble: 0.15, _wave: 0.15, _texture: 0.20,
}  # fmt: skip
_SHARES: Final = tuple(_KINDS.values())
