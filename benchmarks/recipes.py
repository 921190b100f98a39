"""What pages to draw: a recipe says all about one, a condition changes the plain one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np

from training.camera import Desk
from training.exposure import Light

PENS: Final = ("blue ballpoint", "black ballpoint", "blue marker", "black marker", "red pen")
MIXED: Final = (
    "table+shadow",
    "table+squared",
    "table+pencil",
    "table+touching",
    "table-small+ruled",
    "ruled+shadow",
    "ruled+colour-ink",
    "ruled-dark+pencil",
    "squared+vignette",
    "squared+touching",
    "small+pencil",
    "small+noise",
    "crowded+blur",
    "bleed-through+pencil",
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """One page. height: of a digit, in picture pixels.  fills: the page's share of the picture's width and height.

    rows, chars: most rows, and characters in one.  lead: from row to row, in heights.  rim: margins, as a share of the
    page.  columns: columns of numbers, or 0 for running lines.  behind: strength of what shows through the paper.
    apart: gap between digits in widths of the pen, 0 for the writer's own.  fade: strength of all that is on the paper,
    1 as drawn.  board: light on dark.  others: rows of words and drawings, "among" the digits or "only" these.
    lean: how far the camera may lean, radians.  turn: by how much the page is turned.  skew: of each line.
    """

    size: tuple[int, int] = (1600, 1200)
    height: tuple[float, float] = (34, 72)
    fills: tuple[float, float] = (1.04, 1.12)
    rows: int = 6
    lead: tuple[float, float] = (1.6, 2.1)
    rim: float = 0.09
    chars: tuple[int, int] = (5, 13)
    digits: tuple[int, int] = (1, 5)
    columns: int = 0
    inks: tuple[str, ...] = PENS
    pen: tuple[float, float] = (0.055, 0.085)
    apart: float = 0.0
    kind: Literal["plain", "ruled", "squared"] = "plain"
    print_colour: tuple[int, int, int] = (214, 190, 168)
    fade: float = 1.0
    behind: float = 0.0
    board: bool = False
    others: Literal["none", "among", "only"] = "none"
    signs: bool = False
    desk: Desk = field(default_factory=Desk)
    lean: float = 0.05
    turn: float = 0.0
    skew: float = 0.015
    light: Light = field(default_factory=lambda: Light(0.96, (0.08, -0.06), 0.06))
    blur: float = 0.7
    motion: tuple[float, float] = (0.0, 0.0)
    noise: float = 2.0
    jpeg: int = 90


Condition = Callable[[Recipe, np.random.Generator], Recipe]


def _on_table(r: Recipe, rng: np.random.Generator) -> Recipe:
    desk = Desk(tuple(int(v * rng.uniform(0.6, 1.2)) for v in (38, 55, 82)), float(rng.uniform(0.3, 1.2)))  # type: ignore[arg-type]
    return replace(r, desk=desk, fills=(0.55, 0.8), height=(24, 44), lean=0.3, turn=float(rng.uniform(-0.15, 0.15)))


def _small_on_table(r: Recipe, rng: np.random.Generator) -> Recipe:
    return replace(_on_table(r, rng), size=(1280, 720), fills=(0.28, 0.42), height=(12, 18), rows=5, chars=(4, 8))


def _shadow(r: Recipe, rng: np.random.Generator) -> Recipe:
    edge = (rng.uniform(0.3, 0.7), rng.uniform(0.3, 0.7), rng.uniform(-3, 3), rng.uniform(0.004, 0.03))
    return replace(r, light=replace(r.light, shadow=float(rng.uniform(0.35, 0.6)), shadow_edge=edge))


def _motion(r: Recipe, rng: np.random.Generator) -> Recipe:
    angle, length = rng.uniform(0, np.pi), rng.uniform(3, 6)
    return replace(r, blur=1.0, motion=(float(length * np.cos(angle)), float(length * np.sin(angle))))


CONDITIONS: Final[dict[str, Condition]] = {
    "plain": lambda r, rng: r,
    "pencil": lambda r, rng: replace(r, inks=("pencil",)),
    "faint-pencil": lambda r, rng: replace(r, inks=("pencil",), fade=float(rng.uniform(0.4, 0.6))),
    "thin-pen": lambda r, rng: replace(r, inks=("blue ballpoint", "black ballpoint"), pen=(0.028, 0.038)),
    "marker": lambda r, rng: replace(r, inks=("blue marker", "black marker"), pen=(0.08, 0.11)),
    "colour-ink": lambda r, rng: replace(r, inks=("red pen", "blue ballpoint"), fade=float(rng.uniform(0.6, 1))),
    "ruled": lambda r, rng: replace(r, kind="ruled", rows=8),
    "ruled-dark": lambda r, rng: replace(r, kind="ruled", print_colour=(150, 120, 105)),
    "squared": lambda r, rng: replace(r, kind="squared"),
    "shadow": _shadow,
    "vignette": lambda r, rng: replace(r, light=Light(1.0, (0.3, -0.2), 0.5, 1.15)),
    "dark": lambda r, rng: replace(r, light=replace(r.light, level=0.3), noise=3.0),
    "bright": lambda r, rng: replace(r, light=replace(r.light, level=1.4)),
    "table": _on_table,
    "table-small": _small_on_table,
    "small": lambda r, rng: replace(r, size=(1280, 720), height=(12, 18), rows=8, chars=(12, 24)),
    "large": lambda r, rng: replace(r, size=(2000, 1500), height=(300, 900), rows=1, chars=(1, 3), digits=(1, 3)),
    "tilted": lambda r, rng: replace(r, turn=float(rng.uniform(0.1, 0.35) * rng.choice((-1, 1))), fills=(0.75, 0.85)),
    "turned-90": lambda r, rng: replace(r, turn=float(np.pi / 2 * rng.choice((-1, 1))), fills=(0.66, 0.72)),
    "turned-180": lambda r, rng: replace(r, turn=float(np.pi)),
    "blur": lambda r, rng: replace(r, blur=float(rng.uniform(1.8, 2.8))),
    "motion": _motion,
    "noise": lambda r, rng: replace(r, noise=float(rng.uniform(8, 14))),
    "jpeg": lambda r, rng: replace(r, size=(1000, 750), height=(22, 44), jpeg=int(rng.integers(20, 36))),
    "light-on-dark": lambda r, rng: replace(r, board=True),
    "crowded": lambda r, rng: replace(r, lead=(1.2, 1.35), rows=8, chars=(8, 16), height=(30, 48)),
    "bleed-through": lambda r, rng: replace(r, behind=float(rng.uniform(0.1, 0.2))),
    "paper-edge": lambda r, rng: replace(_on_table(r, rng), rim=0.025, rows=12, chars=(12, 30), height=(40, 56)),
    "columns": lambda r, rng: replace(r, columns=3, digits=(1, 4), height=(30, 50), rows=8),
    "long-numbers": lambda r, rng: replace(r, chars=(12, 18), digits=(10, 16), height=(30, 48)),
    "touching": lambda r, rng: replace(r, apart=0.8, digits=(2, 5)),
    "signs": lambda r, rng: replace(r, signs=True),
    "letters": lambda r, rng: replace(r, others="among"),
    "no-digits": lambda r, rng: replace(r, others="only"),
    "mixed": lambda r, rng: r,
}


def recipe_of(number: int, rng: np.random.Generator) -> tuple[str, tuple[str, ...], Recipe]:
    """Return the name, the conditions and the recipe of page `number`; the conditions take turns."""
    name = list(CONDITIONS)[number % len(CONDITIONS)]
    tags = (name, *str(rng.choice(MIXED)).split("+")) if name == "mixed" else (name,)
    recipe = Recipe()
    for tag in tags:
        recipe = CONDITIONS[tag](recipe, rng)
    return name, tags, recipe
