"""What digits are written on: plain, ruled and squared paper, the printed patterns of cheques; stains and smudges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Field = NDArray[np.float32]
Places = tuple[Field, Field]
"""x and y of every pixel, (h, w) float32 each."""


def ground(size: tuple[int, int], rng: Generator) -> Field:
    """Return a sheet of (width, height) pixels without writing, (h, w, 3) float32 BGR, 0..255."""
    w, h = size
    gray = rng.uniform(120, 250)
    colour = np.asarray(gray * rng.uniform(0.94, 1.03, 3), np.float32)
    cloud = cv2.resize(rng.standard_normal((h // 60 + 2, w // 60 + 2), np.float32), size, interpolation=cv2.INTER_CUBIC)
    grain = cv2.GaussianBlur(rng.standard_normal((h, w), np.float32), (0, 0), 0.8) * np.float32(rng.uniform(1, 7))
    print_ = _printed(size, rng) + _lines(size, rng)
    shade = 1 - np.minimum(print_ + _stains(size, rng), 0.8)
    return np.asarray((colour + (2 * cloud + grain)[:, :, None]) * shade[:, :, None], np.float32)


def _printed(size: tuple[int, int], rng: Generator) -> Field:
    """Return how much a printed pattern darkens each pixel, (h, w) float32 in 0..1: none, one, or two that cross."""
    share = np.zeros(size[::-1], np.float32)
    for _ in range(int(rng.choice([0, 1, 2], p=[0.4, 0.4, 0.2]))):
        phase = _turned(size, rng)
        wave = _PATTERNS[rng.integers(len(_PATTERNS))](phase, rng)
        edge, soft = rng.uniform(0.2, 0.85), rng.uniform(0.15, 0.6)
        share = np.maximum(share, np.float32(rng.uniform(0.04, 0.28)) * np.clip((wave - edge) / soft, 0, 1))
    return np.asarray(share, np.float32)


def _turned(size: tuple[int, int], rng: Generator) -> Places:
    """Return places of the pattern in units of its pitch, 4 to 16 pixels, turned a little or much."""
    x, y = np.meshgrid(np.arange(size[0], dtype=np.float32), np.arange(size[1], dtype=np.float32))
    angle = rng.normal(0, 0.15) if rng.random() < 0.6 else rng.uniform(-np.pi, np.pi)
    c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    pitch = np.float32(4 * 4 ** rng.random())
    return np.asarray((c * x - s * y) / pitch, np.float32), np.asarray((s * x + c * y) / pitch, np.float32)


def _waves(places: Places, rng: Generator) -> Field:
    x, y = places
    bend = rng.uniform(0, 1.2) * np.sin(x * np.float32(rng.uniform(0.3, 2.5)) + np.float32(rng.uniform(0, 6)))
    return np.asarray(np.cos(2 * np.pi * (y + bend)), np.float32)


def _arcs(places: Places, rng: Generator) -> Field:
    x, y = places
    away = np.hypot(x - np.float32(rng.uniform(-20, 40)), y - np.float32(rng.uniform(-20, 20)))
    return np.asarray(np.cos(2 * np.pi * away), np.float32)


def _lattice(places: Places, rng: Generator) -> Field:
    x, y = places
    return np.asarray(np.cos(2 * np.pi * x) * np.cos(2 * np.pi * y), np.float32)


_PATTERNS: Final[tuple[Callable[[Places, Generator], Field], ...]] = (_waves, _waves, _arcs, _lattice)


def _lines(size: tuple[int, int], rng: Generator) -> Field:
    """Return how much ruled lines darken each pixel, (h, w) float32 in 0..1."""
    w, h = size
    share = np.zeros((h, w), np.float32)
    kind = rng.random()
    if kind < 0.5:
        return share
    pitch, thick = int(rng.integers(18, 90)), int(rng.integers(1, 4))
    dark = float(rng.uniform(0.1, 0.45) if kind < 0.85 else rng.uniform(0.45, 0.75))
    start = int(rng.integers(0, pitch))
    for y in range(start, h, pitch):
        cv2.line(share, (0, y), (w, y), dark, thick, cv2.LINE_8)
    for x in range(start, w, pitch) if kind < 0.65 else ():
        cv2.line(share, (x, 0), (x, h), dark, thick, cv2.LINE_8)
    return share


def _stains(size: tuple[int, int], rng: Generator) -> Field:
    """Return how much stains, smudges and folds darken each pixel, (h, w) float32 in 0..1."""
    w, h = size
    share = np.zeros((h, w), np.float32)
    for _ in range(rng.poisson(0.5)):
        middle = (int(rng.integers(0, w)), int(rng.integers(0, h)))
        if rng.random() < 0.5:
            axes = (int(rng.uniform(3, 20)), int(rng.uniform(2, 10)))
            cv2.ellipse(share, middle, axes, float(rng.uniform(0, 180)), 0, 360, float(rng.uniform(0.1, 0.4)), -1)
        else:
            end = (int(middle[0] + rng.normal(0, 60)), int(middle[1] + rng.normal(0, 60)))
            cv2.line(share, middle, end, float(rng.uniform(0.08, 0.35)), int(rng.integers(1, 4)))
    return np.asarray(cv2.GaussianBlur(share, (0, 0), rng.uniform(0.6, 3)), np.float32) if share.any() else share
