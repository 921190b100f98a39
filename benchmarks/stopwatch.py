"""Where the time of a reading goes, taken from the outside, so that it holds when the insides change."""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from statistics import median
from types import FunctionType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime import open_reader


class Stopwatch:
    """Own time by stage, of the processor: while one stage runs inside another, only the inner one's time runs."""

    def __init__(self, clock: Callable[[], float] = time.process_time) -> None:
        self._clock = clock
        self._running: list[str] = []
        self._since = 0.0
        self.seconds: dict[str, float] = defaultdict(float)

    def _turn(self) -> None:
        now = self._clock()
        if self._running:
            self.seconds[self._running[-1]] += now - self._since
        self._since = now

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what happens inside to the stage."""
        self._turn()
        self._running.append(name)
        try:
            yield
        finally:
            self._turn()
            self._running.pop()

    def timed(self, work: Callable[..., Any], name: str) -> Callable[..., Any]:
        """Return the function, its time counted to the stage."""

        @wraps(work)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with self.stage(name):
                return work(*args, **kwargs)

        return wrapped


@contextmanager
def watched(watch: Stopwatch) -> Iterator[None]:
    """Let the watch see each call from a module of `realtime` to a function of another module of this project."""
    modules = [module for name, module in list(sys.modules.items()) if name.startswith("realtime.")]
    kept = [
        (module, name, value)
        for module in modules
        for name, value in list(vars(module).items())
        if isinstance(value, FunctionType)
        and value.__module__.startswith(("realtime.", "models."))
        and value.__module__ != module.__name__
    ]
    for module, name, value in kept:
        setattr(module, name, watch.timed(value, value.__module__.rpartition(".")[2]))
    try:
        yield
    finally:
        for module, name, value in kept:
            setattr(module, name, value)


def asked(model: Any, watch: Stopwatch) -> Any:
    """Return the opened model with its calls counted to the stage "classifier"."""

    class Asked:
        def __call__(self, digits: NDArray[np.float32]) -> Any:
            with watch.stage("classifier"):
                return model(digits)

        def __getattr__(self, name: str) -> Any:
            return getattr(model, name)

    return Asked()


def stages(picture: NDArray[np.uint8], model: Path, live: bool, repeats: int) -> dict[str, float]:
    """Return milliseconds by stage of one reading, the longest first: medians of some readings."""
    watch, opening = Stopwatch(), sys.modules["models.classifier"]
    opened = opening.load_classifier
    opening.load_classifier = lambda path: asked(opened(path), watch)  # type: ignore[attr-defined]
    try:
        reader = open_reader(model, live=live)
    finally:
        opening.load_classifier = opened  # type: ignore[attr-defined]
    reader.read(picture)
    taken: list[dict[str, float]] = []
    with watched(watch):
        for _ in range(repeats):
            watch.seconds.clear()
            with watch.stage("reader"):
                reader.read(picture)
            taken.append(dict(watch.seconds))
    names = {name for each in taken for name in each}
    medians = {name: 1000 * median(each.get(name, 0.0) for each in taken) for name in names}
    return {name: round(ms, 2) for name, ms in sorted(medians.items(), key=lambda each: -each[1])}
