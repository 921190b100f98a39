"""Pages of our own for measuring: written, photographed under a named condition, with the exact place of every digit.

Page n of a seed is always the same page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.recipes import Recipe, recipe_of
from training.camera import Pose, View, homography, on_desk, photograph, project
from training.forms import DIGITS
from training.paper import INKS, Page, Placed, Sheet, WrittenLine, draw_page, text_of
from training.strokes import Writer, new_writer

Image = NDArray[np.uint8]
Labels = str | tuple[str, ...]

FINER: Final = 1.4
"""Page pixels to one of the picture, about: ink is drawn finer than it is seen."""
WORDS: Final = ("make the tea", "WARM HEART", "TEAM", "the M", "NEAR HAM", "a neat ham", "FAR")
DRAWINGS: Final = ("house", "flower", "triangle", "fish", "star", "heart", "scribble", "+", "→")


@dataclass(frozen=True, slots=True)
class Written:
    """A digit that stands in a picture; box: (left, top, right, bottom) of its ink in pixels, to a fraction."""

    label: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True, eq=False, slots=True)
class DrawnPage:
    """A picture, (H, W, 3) uint8 BGR, its conditions, and row by row the text and the digits that stand in it."""

    name: str
    conditions: tuple[str, ...]
    picture: Image
    rows: tuple[tuple[str, tuple[Written, ...]], ...]

    @property
    def digits(self) -> tuple[Written, ...]:
        """All digits."""
        return tuple(digit for _, row in self.rows for digit in row)


def truth_item(page: DrawnPage) -> dict[str, Any]:
    """Return what a truth.json says about the page; boxes are [label, x, y, width, height] in pixels."""
    return {
        "file": f"{page.name}.png",
        "kind": "page" if page.digits else "negative",
        "source": "drawn by this project: python benchmarks/pages.py",
        "lines": [line for line, _ in page.rows],
        "boxes": [
            [[d.label, *(round(v, 1) for v in (*d.box[:2], d.box[2] - d.box[0], d.box[3] - d.box[1]))] for d in row]
            for _, row in page.rows
        ],
        "conditions": list(page.conditions),
    }


def draw_numbered(number: int, seed: int) -> DrawnPage:
    """Return page `number` of the endless row of pages of a seed."""
    rng = np.random.default_rng((seed, number))
    name, tags, recipe = recipe_of(number, rng)
    return draw(f"{number:04d}-{name}", tags, recipe, rng)


def draw(name: str, tags: tuple[str, ...], recipe: Recipe, rng: np.random.Generator) -> DrawnPage:
    """Return the page of a recipe, all its digits wholly in the picture."""
    page, rows = _page(recipe, rng)
    w, h = recipe.size
    # What the camera sees beyond the page is desk: enough of it for the farthest corner of a leaning view.
    scene = on_desk(page, replace(recipe.desk, margin=round(0.45 * FINER * w)), rng)
    for attempt in range(30):
        view = _view(recipe, page, 1 + 0.03 * attempt, rng)
        matrix = homography(scene, view)
        written = tuple(_written([m for i in row for m in scene.lines[i]], matrix, _reach(view)) for row in rows)
        boxes = [digit.box for _, digits in written for digit in digits]
        if all(box[0] >= 3 and box[1] >= 3 and box[2] <= w - 3 and box[3] <= h - 3 for box in boxes):
            return DrawnPage(name, tags, photograph(scene, view, rng).picture, tuple(row for row in written if row[1]))
    raise ValueError(f"{name}: the digits do not fit into the picture")


def _reach(view: View) -> tuple[float, float]:
    """Return how far to the sides, and up and down, the lens carries the ink: to where a sixth is left, in pixels.

    That is one sigma of the blur beyond an edge (half a pixel of it comes with the pixels), and a third of the way the
    camera moved. Of a 1 three pixels wide this is half its width: without it no box that holds what one sees would fit.
    """
    sigma = float(np.hypot(view.blur, 0.5))
    return sigma + abs(view.motion[0]) / 3, sigma + abs(view.motion[1]) / 3


def _written(
    marks: list[Placed], matrix: NDArray[np.float64], reach: tuple[float, float]
) -> tuple[str, tuple[Written, ...]]:
    """Return the text of a row, and its digits with their boxes in the picture."""
    digits = []
    for mark in marks:
        if mark.label in DIGITS:
            points = project(mark.hull, matrix)
            (left, top), (right, bottom) = points.min(axis=0) - reach, points.max(axis=0) + reach
            digits.append(Written(mark.label, (float(left), float(top), float(right), float(bottom))))
    return text_of(marks), tuple(digits)


def _view(recipe: Recipe, page: Page, wider: float, rng: np.random.Generator) -> View:
    (w, h), (ph, pw) = recipe.size, page.picture.shape[:2]
    tilt, pan = rng.uniform(-recipe.lean, recipe.lean, 2)
    # A page that fills the picture is looked at in its middle, one on a table anywhere in the picture.
    off = (
        rng.uniform(-1, 1, 2) * (max(0.0, FINER * w - pw), max(0.0, FINER * h - ph)) / 4
        if abs(recipe.turn) < 1
        else (0, 0)
    )
    pose = Pose(
        (pw / 2 + off[0], ph / 2 + off[1]), FINER * w * wider, tilt, pan, recipe.turn + rng.uniform(-0.02, 0.02)
    )
    return View((w, h), pose, recipe.light, recipe.blur, recipe.motion, recipe.noise, recipe.jpeg)


def _page(recipe: Recipe, rng: np.random.Generator) -> tuple[Page, list[list[int]]]:
    """Return the flat page, and for each row the indices of the lines in it."""
    fills = rng.uniform(*recipe.fills)
    w, h = (round(FINER * side * fills) for side in recipe.size)
    height = FINER * float(rng.uniform(*recipe.height))
    pitch = max(12, round(height * rng.uniform(1.35, 1.7) / (2 if recipe.kind == "squared" else 1)))
    tone = rng.uniform(0.9, 1.02)
    colour = (round(238 * tone), round(243 * tone), min(252, round(246 * tone)))
    sheet = Sheet((w, h), recipe.kind, pitch, colour, recipe.print_colour)
    across = float(rng.uniform(0, 1))
    rows = [
        _row(recipe, (w, across), foot, height, i, rng) for i, foot in enumerate(_feet(recipe, h, height, pitch, rng))
    ]
    page = draw_page(sheet, [line for row in rows for line in row], rng)
    if recipe.behind:
        back = draw_page(
            sheet,
            [
                line
                for foot in _feet(recipe, h, height, pitch, rng)
                for line in _row(recipe, (w, across), foot, height, 0, rng)
            ],
            rng,
        )
        page = replace(page, picture=_through(page.picture, back.picture, colour, recipe.behind))
    ends = np.cumsum([0, *map(len, rows)]).tolist()
    return replace(page, picture=_toned(page.picture, colour, recipe)), [list(range(a, b)) for a, b in pairwise(ends)]


def _feet(recipe: Recipe, page_height: int, height: float, pitch: int, rng: np.random.Generator) -> list[float]:
    """Return where the rows stand: anywhere on plain paper, about on the printed lines elsewhere."""
    step = height * float(rng.uniform(*recipe.lead))
    low, high = recipe.rim * page_height + 1.08 * height + 8, (1 - recipe.rim) * page_height - 0.12 * height - 8
    feet = np.arange(low, high, step)[: recipe.rows]
    feet += rng.uniform(0, high - feet[-1])
    if recipe.kind == "plain":
        return [float(foot) for foot in feet]
    lines = sorted({round(foot / pitch) * pitch for foot in feet})
    every = [float(np.clip(line + rng.uniform(-0.12, 0.12) * pitch, low, high)) for line in lines]
    return [foot for i, foot in enumerate(every) if i == 0 or foot - every[i - 1] > 1.25 * height]


def _through(front: Image, back: Image, paper: tuple[int, int, int], share: float) -> Image:
    """Return the page with the other side's ink shining through, mirrored and softened by the paper."""
    soft = cv2.GaussianBlur(np.ascontiguousarray(back[:, ::-1]), (0, 0), 3.0).astype(np.float32)
    return np.asarray(
        np.clip(front * (1 - share * np.clip(1 - soft / np.asarray(paper, np.float32), 0, 1)), 0, 255), np.uint8
    )


def _toned(picture: Image, paper: tuple[int, int, int], recipe: Recipe) -> Image:
    """Return the page with its ink faded towards the paper; a board is its negative, no quite black and white."""
    tone = np.asarray(paper, np.float32)
    faded = tone + (picture - tone) * np.float32(recipe.fade)
    return np.asarray(np.clip(255 - 0.85 * faded if recipe.board else faded, 0, 255), np.uint8)


def _row(
    recipe: Recipe, place: tuple[int, float], foot: float, height: float, row: int, rng: np.random.Generator
) -> list[WrittenLine]:
    """Return the lines of a row; place: the sheet's width, and how far right in their room the rows begin, 0..1."""
    ink = str(rng.choice(recipe.inks))
    writer = _writer(recipe, ink, height, rng)
    (width, across), most = place, recipe.chars[1]
    whole = (1 - 2 * recipe.rim) * width
    slack = 0.0 if recipe.columns or recipe.others != "none" else max(0.0, whole - 1.1 * most * height) * across
    left, room = recipe.rim * width + 6 + slack, whole - slack
    starts = [left + room * i / recipe.columns for i in range(recipe.columns)] if recipe.columns else [left]
    within = room / len(starts) / (0.95 * height)
    turn = float(rng.uniform(-recipe.skew, recipe.skew)) if recipe.kind == "plain" and not recipe.columns else 0.0
    return [
        WrittenLine(
            _labels(recipe, within, row, rng), writer, ink, (x + rng.uniform(0.05, 0.3) * height, foot), height, turn
        )
        for x in starts
    ]


def _writer(recipe: Recipe, ink: str, height: float, rng: np.random.Generator) -> Writer:
    """Return somebody whose pen draws no line thinner than a pixel of the picture: below that ink only fades."""
    own, pen = new_writer(rng), max(float(rng.uniform(*recipe.pen)), 1.3 * FINER / height)
    spacing = recipe.apart * pen * INKS[ink].width if recipe.apart else max(own.spacing, 2.2 * pen)
    return replace(own, pen=pen, spacing=spacing)


def _labels(recipe: Recipe, within: float, row: int, rng: np.random.Generator) -> Labels:
    """Return what stands in a row that has room for so many characters."""
    if recipe.others == "only" or (recipe.others == "among" and row % 2):
        return str(rng.choice(WORDS)) if rng.random() < 0.5 else tuple(" ".join(rng.choice(DRAWINGS, 3)).split(" "))
    most = max(1, min(int(rng.integers(*recipe.chars, endpoint=True)), int(within)))
    numbers = list(_numbers(recipe, most, rng))
    if recipe.signs:
        return f" {rng.choice(['+', '-', '='])} ".join(numbers[: max(2, len(numbers) // 2)])
    if recipe.others == "among":
        return f"{rng.choice(['TEAM', 'the', 'FAR'])} {' '.join(numbers)}"
    return numbers[0] if recipe.columns else " ".join(numbers)


def _numbers(recipe: Recipe, most: int, rng: np.random.Generator) -> Iterator[str]:
    left = most
    while left > 0:
        length = min(left, int(rng.integers(*recipe.digits, endpoint=True)))
        yield "".join(map(str, rng.integers(0, 10, length)))
        left -= length + 1
