"""The terminal and the process around a command: exit codes, lines on stderr, a progress bar where people see it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from models.console import fail as fail
from models.console import guarded as guarded
from models.console import prepare_process as prepare_process
from models.console import say as say
from models.errors import ExitCode, UnreadableError, UsageError


@contextmanager
def left_at_once() -> Iterator[None]:
    """End a process that read a camera by its exit code alone.

    Python takes itself down under a thread left inside a driver, and the process aborts when the driver returns
    meanwhile; and it takes a tenth of a second over it, which whoever pressed q or Ctrl-C need not wait.
    """
    try:
        yield
    except SystemExit as end:
        if f"{__package__}.grabbing" in sys.modules:
            for stream in (sys.stdout, sys.stderr):
                with suppress(OSError, AttributeError):
                    stream.flush()
            os._exit(end.code if isinstance(end.code, int) else bool(end.code))
        raise


@contextmanager
def one_input() -> Iterator[None]:
    """End with "nothing could be read" when the only input gives nothing."""
    try:
        yield
    except UnreadableError as fault:
        fail(str(fault), ExitCode.NOTHING_READ)


def require_inputs(inputs: Sequence[str], outputs: Sequence[str | Path | None]) -> None:
    """Raise UsageError when an input is missing, or when an output would overwrite one, or another output."""
    for path in inputs:
        if not os.path.lexists(path):
            raise UsageError(f"{path}: does not exist; check the path")
    own = {os.path.realpath(path) for path in inputs}
    taken: set[str] = set()
    for output in outputs:
        if output is None or str(output) == "-":
            continue
        place = os.path.realpath(output)
        if place in own:
            raise UsageError(f"{output}: is an input and would be overwritten; choose another name")
        if place in taken:
            raise UsageError(f"{output}: is named for two outputs, one would overwrite the other; choose another name")
        taken.add(place)


def version() -> str:
    """Return the version of the installed package, or of the checkout."""
    from importlib import metadata

    project = Path(__file__).parents[1] / "pyproject.toml"
    if project.is_file():
        found = re.search(r'^version = "(.+)"', project.read_text(encoding="utf-8"), re.MULTILINE)
        return found[1] if found else "unknown"
    return metadata.version("handdigits")


def on_terminal() -> bool:
    """Tell whether stderr is a terminal."""
    return sys.stderr is not None and sys.stderr.isatty()


@contextmanager
def progress(total: int | None, unit: str, rate: str = "") -> Iterator[Callable[[], None]]:
    """Show how many of `total` are done (None: not known); what is yielded is called for each. NO_COLOR is obeyed.

    rate: what so many a second are called, as "fps"; without it none is shown.
    """
    if not on_terminal():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        """How many a second."""

        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:.0f} {rate}" if rate and task.speed else "")

    columns = (TextColumn(unit), BarColumn(), MofNCompleteColumn(), Rate(), TimeElapsedColumn(), TimeRemainingColumn())
    # What is printed meanwhile goes above the bar: to stderr through rich, to stdout as it is.
    shared = sys.stdout is not None and sys.stdout.isatty()
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=shared) as bar:
        task = bar.add_task(unit, total=total)
        yield lambda: bar.advance(task)
