"""How the shipped model is made: a large network teaches three small ones, and these teach the one that ships."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from models.contract import ModelCard, read_card
from training.data import Split
from training.files import digest, write
from training.publish import FILES, finish, is_finished
from training.recipe import Recipe
from training.train import Say, train

CARD: Final = "digits.json"
Sets = Callable[[], Sequence[Split]]


@dataclass(frozen=True, slots=True)
class Step:
    """One training of several.

    teachers, start: names of steps before it, whose networks teach it, and whose network it starts as.
    """

    name: str
    recipe: Recipe
    teachers: tuple[str, ...] = ()
    start: str = ""


_STUDENTS: Final = ("student-1", "student-2", "student-3")
STEPS: Final[tuple[Step, ...]] = (
    Step("large", Recipe(epochs=250, settling=50, crops=1_000_000, batch=256, large=True)),
    *(
        Step(name, Recipe(epochs=367, settling=73, seed=seed, crops=1_000_000, batch=256, rate=7e-3), ("large",))
        for seed, name in enumerate(_STUDENTS, 1)
    ),
    Step("last", Recipe(epochs=1310, settling=250, seed=4, batch=256), _STUDENTS, "student-3"),
)
"""In this order; the last one's network is the model."""


def shortened(steps: Sequence[Step], share: float) -> list[Step]:
    """Return the steps with a share of their epochs and crops, 0 to 1, one epoch of each kind at least."""
    return [
        replace(
            step,
            recipe=replace(
                step.recipe,
                epochs=max(1, round(share * step.recipe.epochs)),
                settling=max(1, round(share * step.recipe.settling)),
                crops=round(share * step.recipe.crops),
            ),
        )
        for step in steps
    ]


def remake(sets: Sets, out: Path, steps: Sequence[Step], resume: bool, say: Say) -> ModelCard:
    """Take the steps one after the other, each in a folder in `out`, and put the files of the last one into `out`.

    sets: gives what is learned from, if it is needed.
    With `resume` finished steps are not taken again, and one that was interrupted goes on.
    """
    for number, step in enumerate(steps, 1):
        recipe = step.recipe
        say(f"step {number}/{len(steps)}, {step.name}: {recipe.every_epoch} epochs of {recipe.images} images")
        start = out / step.start / FILES[0] if step.start else None
        make(sets, out / step.name, recipe, resume, say, start, [out / name / FILES[0] for name in step.teachers])
    last = out / steps[-1].name
    for name in (*FILES, CARD):
        write(out / name, (last / name).read_bytes())
    return read_card(out / CARD)


def make(
    sets: Sets,
    out: Path,
    recipe: Recipe,
    resume: bool,
    say: Say,
    start: Path | None = None,
    teachers: Sequence[Path] = (),
) -> ModelCard | None:
    """Train one network and write its model files into `out`; None, and nothing is changed, if that was done before.

    sets: gives what is learned from, if it is needed.  The recipe needs not say what `start` and `teachers` are.
    """
    recipe = replace(recipe, start=digest(start) if start else "", teachers=tuple(map(digest, teachers)))
    if resume and is_finished(out, recipe):
        say(f"{out}: this training is already finished, nothing is changed; use --no-resume to start anew")
        return None
    splits = sets()
    return finish(train(splits, out, recipe, resume, say, start, teachers), splits, out, recipe)
