"""The commands of `python -m training`. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from models.errors import DigitsError, ExitCode, UsageError

app = typer.Typer(
    help="Train the model that reads digits, measure it, draw the samples.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Data = Annotated[
    Optional[Path],  # noqa: UP045 - typer reads this at run time, also on Python 3.10
    typer.Option(help="Folder with mnist.npz and the other sets; without it MNIST alone, downloaded."),
]


@app.command()
def train(
    out: Annotated[Path, typer.Option(help="Folder for digits.keras, digits.tflite, digits.json.")],
    data: Data = None,
    epochs: Annotated[int, typer.Option(min=1, help="Epochs in all; the last sixth settles on plainer ink.")] = 33,
    images: Annotated[int, typer.Option(min=1, help="Images drawn for one epoch.")] = 60_000,
    batch: Annotated[int, typer.Option(min=1, help="Images per step.")] = 128,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same images.")] = 1,
    resume: Annotated[bool, typer.Option(help="Go on with the training that --out holds.")] = True,
) -> None:
    """Train the network, calibrate it and write the model with its card."""
    _quiet()
    from training.data import training_sets
    from training.publish import finish
    from training.train import SETTLING_SHARE, Recipe
    from training.train import train as learn

    if importlib.util.find_spec("tensorflow") is None:
        raise UsageError("training needs TensorFlow; pip install tensorflow, or: pip install -r requirements.txt")
    splits = training_sets(data)
    for split in splits:
        _say(f"{split.source.name}: {len(split.learn)} to learn from, {len(split.held)} held out")
    settling = epochs // SETTLING_SHARE
    recipe = Recipe(epochs=epochs - settling, settling=settling, images=images, batch=batch, seed=seed)
    card = finish(learn(splits, out, recipe, resume, _say), splits, out, recipe)
    _say(f"{out / 'digits.tflite'}: written, held out {card.figures['held_out']['accuracy']:.2%} right")


@app.command()
def evaluate(
    data: Data = None,
    model: Annotated[Optional[Path], typer.Option(help="A .tflite or .keras file; the shipped one.")] = None,  # noqa: UP045
    json_file: Annotated[Optional[Path], typer.Option("--json", help="Write the figures here too.")] = None,  # noqa: UP045
) -> None:
    """Measure a model on every set in the folder, on nothing it has learned from."""
    _quiet()
    from models.classifier import DEFAULT_MODEL, load_classifier
    from training.evaluate import evaluate as measure
    from training.evaluate import table
    from training.train import write

    sets = measure(load_classifier(model or DEFAULT_MODEL), data)
    if json_file is not None:
        write(json_file, (json.dumps({"sets": sets}, indent=1) + "\n").encode())
    typer.echo(table(sets))


@app.command()
def samples(
    out: Annotated[Path, typer.Option(help="Folder to write into.")] = Path("samples"),
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same pictures.")] = 1,
) -> None:
    """Draw the samples: a sheet, a clip and a picture without digits, each with its truth."""
    from training.samples import write_samples

    write_samples(out, seed)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _quiet() -> None:
    """Keep TensorFlow's start-up notes off the screen, unless the user has asked for them."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def main() -> None:
    """Run the command line; a fault the user can mend is one line and its exit code."""
    try:
        app()
    except DigitsError as fault:
        print(fault, file=sys.stderr)
        sys.exit(fault.exit_code)
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
