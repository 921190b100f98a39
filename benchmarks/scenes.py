"""Pictures to time reading on: pages, a scene full of things that are no digits, a bare wall."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.drawn import draw
from benchmarks.recipes import CONDITIONS, Recipe
from training.exposure import Light, compress, expose

Picture = NDArray[np.uint8]

TWENTY: Final = Recipe(size=(1280, 720), height=(44, 58), rows=4, chars=(5, 5), digits=(5, 5), lead=(2.0, 2.2))
"""Four rows of five digits in a 720p frame."""
PHOTO: Final = Recipe(size=(2000, 1500), height=(50, 90), rows=7, jpeg=95)
"""A page of numbers, before it is enlarged to twelve megapixels."""


def frames(seed: int) -> dict[str, Picture]:
    """Return frames as a camera gives them, (720, 1280, 3) uint8 BGR each."""
    return {
        "page": _page(TWENTY, seed),
        "ruled page": _page(replace(TWENTY, kind="ruled"), seed),
        "squared page": _page(replace(TWENTY, kind="squared"), seed),
        "page on a table": _page(_condition("table", replace(TWENTY, rows=4), seed), seed),
        "busy scene": clutter((1280, 720), np.random.default_rng((seed, 5))),
        "bare wall": wall((1280, 720), np.random.default_rng((seed, 6))),
    }


def photos(seed: int) -> dict[str, bytes]:
    """Return photographs of 4000 x 3000 pixels (one of them 3000 x 4000) as JPEG."""
    page = _page(PHOTO, seed)
    table = _page(_condition("table", PHOTO, seed), seed)
    made = {
        "page": page,
        "page, turned by 90": np.ascontiguousarray(np.rot90(page)),
        "page on a table": table,
        "ruled page on a table, turned by 90": np.ascontiguousarray(
            np.rot90(_page(_condition("table", replace(PHOTO, kind="ruled"), seed), seed))
        ),
        "busy scene": clutter((2000, 1500), np.random.default_rng((seed, 5))),
        "bare wall": wall((2000, 1500), np.random.default_rng((seed, 6))),
    }
    return {name: _twelve_megapixels(picture, np.random.default_rng(seed)) for name, picture in made.items()}


def _page(recipe: Recipe, seed: int) -> Picture:
    return draw("page", (), recipe, np.random.default_rng((seed, 7))).picture


def _condition(name: str, recipe: Recipe, seed: int) -> Recipe:
    """Return the recipe under a condition, its digits as many and in the picture's own proportion."""
    made = CONDITIONS[name](recipe, np.random.default_rng((seed, 8)))
    low, high = recipe.height
    return replace(made, height=(0.7 * low, 0.7 * high), rows=recipe.rows, chars=recipe.chars)


def _twelve_megapixels(picture: Picture, rng: np.random.Generator) -> bytes:
    """Return the picture twice as large, with a sensor's noise, as JPEG: the pages are too large to be drawn so."""
    large = cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    grain = rng.standard_normal(large.shape[:2], np.float32)[:, :, None] * np.float32(3)
    noisy = np.asarray(np.clip(large + grain, 0, 255), np.uint8)
    return bytes(cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, 92])[1])


def clutter(size: tuple[int, int], rng: np.random.Generator, things: int = 90) -> Picture:
    """Return a scene of (width, height) full of edges, bars, textures and round things, none of them a digit."""
    w, h = size
    picture = np.asarray(np.full((h, w, 3), (96, 110, 124)), np.uint8)
    draws: tuple[Callable[[Picture, np.random.Generator], None], ...] = (_slab, _disc, _bundle, _weave)
    for _ in range(things):
        draws[int(rng.integers(len(draws)))](picture, rng)
    soft = np.asarray(cv2.GaussianBlur(picture, (0, 0), w / 1280), np.uint8)
    return compress(expose(soft, Light(0.95, (0.3, -0.2), 0.2), 3.0, rng), 90)


def _somewhere(picture: Picture, rng: np.random.Generator) -> tuple[int, int]:
    h, w = picture.shape[:2]
    return int(rng.integers(0, w)), int(rng.integers(0, h))


def _colour(rng: np.random.Generator) -> tuple[int, ...]:
    """Return the colour of a thing: some lightness, a little tint, BGR."""
    return tuple(int(v) for v in np.clip(rng.uniform(20, 230) + rng.normal(0, 22, 3), 5, 245))


def _slab(picture: Picture, rng: np.random.Generator) -> None:
    """Draw a book, a box: a rectangle at any angle."""
    sides = rng.uniform(0.02, 0.25, 2) * picture.shape[1]
    centre = _somewhere(picture, rng)
    corners = cv2.boxPoints((centre, (float(sides[0]), float(sides[1])), float(rng.uniform(0, 90))))
    cv2.fillPoly(picture, [corners.astype(np.int32)], _colour(rng), cv2.LINE_AA)


def _disc(picture: Picture, rng: np.random.Generator) -> None:
    """Draw a cup, a coin: a filled ellipse with a rim."""
    axes = tuple(int(v) for v in rng.uniform(0.005, 0.07, 2) * picture.shape[1])
    centre, angle = _somewhere(picture, rng), float(rng.uniform(0, 180))
    cv2.ellipse(picture, centre, axes, angle, 0, 360, _colour(rng), cv2.FILLED, cv2.LINE_AA)
    cv2.ellipse(picture, centre, axes, angle, 0, 360, _colour(rng), max(1, picture.shape[1] // 500), cv2.LINE_AA)


def _bundle(picture: Picture, rng: np.random.Generator) -> None:
    """Draw cables, pens, blades of grass: strokes side by side."""
    start = np.array(_somewhere(picture, rng))
    reach = picture.shape[1] * rng.uniform(0.02, 0.15)
    angle = rng.uniform(0, np.pi)
    for _ in range(int(rng.integers(3, 12))):
        a, b = rng.normal(0, 0.2 * reach, 2), reach * np.array([np.cos(angle), np.sin(angle)])
        ends = np.round([start + a, start + a + b * rng.uniform(0.5, 1.2)]).astype(int).tolist()
        cv2.line(picture, ends[0], ends[1], _colour(rng), int(rng.integers(1, 6)), cv2.LINE_AA)


def _weave(picture: Picture, rng: np.random.Generator) -> None:
    """Draw leaves, print seen from afar, cloth: a patch of specks."""
    x, y = _somewhere(picture, rng)
    side = int(picture.shape[1] * rng.uniform(0.03, 0.12))
    patch = picture[y : y + side, x : x + side]
    coarse = rng.integers(0, 255, (max(1, patch.shape[0] // 7), max(1, patch.shape[1] // 5)), np.uint8)
    texture = cv2.resize(coarse, (patch.shape[1], patch.shape[0]), interpolation=cv2.INTER_CUBIC)
    patch[:] = np.asarray(0.5 * patch + 0.5 * texture[:, :, None], np.uint8)


def wall(size: tuple[int, int], rng: np.random.Generator) -> Picture:
    """Return a plain wall of (width, height): a fall of light, and noise."""
    w, h = size
    plain = np.full((h, w, 3), (196, 204, 208), np.uint8)
    return compress(expose(plain, Light(0.9, (0.25, -0.15), 0.15), 3.0, rng), 90)
