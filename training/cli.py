"""The commands of `python -m training`. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import importlib.util
import json
import os
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, Optional

import typer

from models.console import guarded, prepare_process, say
from models.errors import UsageError
from training.recipe import SETTLING_SHARE, Recipe, RowRecipe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from models.contract import ModelCard
    from training.data import Split

app = typer.Typer(
    name="digits-train",
    help="Train the model that reads digits, measure it, draw the samples.",
    epilog="Example: digits-train evaluate    (in a checkout: python -m training evaluate)",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # as in `realtime.cli`: plain help, plain messages
    pretty_exceptions_enable=False,
)

Data = Annotated[
    Optional[Path],  # noqa: UP045 - typer reads this at run time, also on Python 3.10
    typer.Option(help="Folder with mnist.npz and the other sets; without it MNIST alone, downloaded."),
]
Precision = Literal["bfloat16", "float32"]
DEFAULT: Final = Recipe()
ROWS: Final = RowRecipe()


@app.command()
@guarded
def train(
    out: Annotated[Path, typer.Option(help="Folder for digits.keras, digits.tflite, digits.json.")],
    data: Data = None,
    epochs: Annotated[
        int, typer.Option(min=1, help="How many; the last sixth settles on plainer ink.")
    ] = DEFAULT.every_epoch,
    images: Annotated[int, typer.Option(min=1, help="Images drawn for one epoch.")] = DEFAULT.images,
    crops: Annotated[int, typer.Option(min=0, help="Crops of photographed notes, made first.")] = DEFAULT.crops,
    batch: Annotated[int, typer.Option(min=1, help="Images per step.")] = DEFAULT.batch,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same images.")] = DEFAULT.seed,
    rate: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(min=1e-9, help="Highest learning rate of the kernels; 0.005, half of that with --start."),
    ] = None,
    start: Annotated[Optional[Path], typer.Option(help="A digits.keras to teach further.")] = None,  # noqa: UP045
    keep: Annotated[float, typer.Option(min=0, max=1, help="Share of --start's weights in the end; e.g. 0.5")] = 0.0,
    teacher: Annotated[
        Optional[list[Path]],  # noqa: UP045
        typer.Option(help="A digits.keras whose answers are learned beside the labels; may be given several times."),
    ] = None,
    large: Annotated[bool, typer.Option("--large", help="Train the large network, a teacher; wants a GPU.")] = False,
    precision: Annotated[
        Precision, typer.Option(help="Of the sums; bfloat16 is quick on recent processors.")
    ] = "bfloat16",
    resume: Annotated[bool, typer.Option(help="Go on with the training that --out holds.")] = True,
) -> None:
    """Train the network, calibrate it and write the model with its card."""
    if start is None and keep:
        raise UsageError("--keep: is of the model that --start names; name one, or leave it out")
    settling = epochs // SETTLING_SHARE
    recipe = Recipe(epochs - settling, settling, seed, images, crops, batch, precision=precision, large=large)
    recipe = replace(recipe, rate=rate or recipe.rate / (1 if start is None else 2), keep=keep)
    from training.steps import make

    card = make(_sets(data), out, recipe, resume, say, start, tuple(teacher or ()))
    if card is not None:
        _tell(out, card)


@app.command()
@guarded
def remake(
    out: Annotated[Path, typer.Option(help="Folder for the model's files, and a folder for each step.")],
    data: Data = None,
    share: Annotated[float, typer.Option(min=1e-6, max=1, help="Of the epochs and crops; e.g. 0.01 to try it.")] = 1.0,
    precision: Annotated[
        Precision, typer.Option(help="Of the sums; bfloat16 is quick on recent processors.")
    ] = "bfloat16",
    resume: Annotated[bool, typer.Option(help="Go on with what --out holds.")] = True,
) -> None:
    """Make the shipped model anew, in steps: a large network teaches three small ones, these the last. Wants a GPU."""
    from training.steps import STEPS, shortened
    from training.steps import remake as take

    steps = [replace(step, recipe=replace(step.recipe, precision=precision)) for step in shortened(STEPS, share)]
    _tell(out, take(_sets(data), out, steps, resume, say))


@app.command()
@guarded
def train_rows(
    out: Annotated[Path, typer.Option(help="Folder for rows.keras, rows.tflite, rows.json.")],
    data: Data = None,
    epochs: Annotated[int, typer.Option(min=1, help="How often every row is learned from.")] = ROWS.epochs,
    rows: Annotated[int, typer.Option(min=1, help="Rows written and photographed, first.")] = ROWS.rows,
    held: Annotated[int, typer.Option(min=1, help="Rows by writers held out.")] = ROWS.held,
    batch: Annotated[int, typer.Option(min=1, help="Rows per step.")] = ROWS.batch,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same rows.")] = ROWS.seed,
    rate: Annotated[float, typer.Option(min=1e-9, help="Highest learning rate.")] = ROWS.rate,
    resume: Annotated[bool, typer.Option(help="Go on with the training that --out holds.")] = True,
) -> None:
    """Train the row network, which reads rows of digits at once, and write it with its card."""
    recipe = RowRecipe(epochs, rows, held, batch, rate, seed=seed)
    splits = _sets(data)()
    from training.row_train import train_rows as take

    card = take(splits, data, out, recipe, resume, say)
    if card is not None:
        say(f"{out / 'rows.tflite'}: written, held out {card.figures['held_out']['right']:.2%} of rows right")


def _sets(data: Path | None) -> Callable[[], Sequence[Split]]:
    """Return what opens the sets that may be learned from, once, and says what there is."""

    @cache
    def opened() -> Sequence[Split]:
        if importlib.util.find_spec("tensorflow") is None:
            raise UsageError("training needs TensorFlow; pip install tensorflow, or: pip install -r requirements.txt")
        _open_keras()
        from training.data import training_sets

        splits = training_sets(data)
        for split in splits:
            say(f"{split.source.name}: {len(split.learn)} to learn from, {len(split.held)} held out")
        return splits

    return opened


def _tell(out: Path, card: ModelCard) -> None:
    say(f"{out / 'digits.tflite'}: written, held out {card.figures['held_out']['accuracy']:.2%} right")


@app.command()
@guarded
def evaluate(
    data: Data = None,
    model: Annotated[Optional[Path], typer.Option(help="A .tflite or .keras file; the shipped one.")] = None,  # noqa: UP045
    json_file: Annotated[Optional[Path], typer.Option("--json", help="Write the figures here too.")] = None,  # noqa: UP045
) -> None:
    """Measure a model on every set in the folder, on nothing it has learned from."""
    from models.classifier import DEFAULT_MODEL, load_classifier
    from training.evaluate import evaluate as measure
    from training.evaluate import table
    from training.files import write

    if data is None or (model is not None and model.suffix == ".keras"):
        _open_keras()
    sets = measure(load_classifier(model or DEFAULT_MODEL), data)
    if json_file is not None:
        write(json_file, (json.dumps({"sets": sets}, indent=1) + "\n").encode())
    typer.echo(table(sets))


@app.command()
@guarded
def prepare(
    name: Annotated[str, typer.Argument(help="The set, as it is called in docs/data.md.")],
    source: Annotated[Path, typer.Argument(help="The folder of the set as it was fetched.")],
    out: Annotated[Path, typer.Argument(help="Folder to write NAME.npz into.")],
) -> None:
    """Turn the public form of a set into the file that train and evaluate read."""
    from training.prepare import prepare as convert

    path, count = convert(name, source, out)
    say(f"{path}: written, {count} images")


@app.command()
@guarded
def samples(
    out: Annotated[Path, typer.Option(help="Folder to write into.")] = Path("samples"),
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same pictures.")] = 1,
) -> None:
    """Draw the samples: a sheet, a clip and a picture without digits, each with its truth."""
    from training.samples import write_samples

    write_samples(out, seed)


def _open_keras() -> None:
    """Import TensorFlow without what it tells of processors and drivers, unless the user has asked for it.

    The first of it is told by native code before the variable counts, the rest when the first tensor is made.
    """
    if importlib.util.find_spec("tensorflow") is None or "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    from models.quiet import hushed

    with hushed():
        import keras
        import tensorflow as tf

        keras.ops.zeros(1)
        tf.config.list_physical_devices()


def main() -> None:
    """Run the command line; it always ends in an exit code of `models.errors.ExitCode`."""
    prepare_process()
    app()
