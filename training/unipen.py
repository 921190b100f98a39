"""Handwriting recorded by a pen, in the form of UNIPEN: files of strokes, parts of which are named.

Guyon et al. 1994, "UNIPEN project of on-line data exchange and recognizer benchmarks" (ICPR).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.errors import UnreadableError

Stroke = NDArray[np.float64]
"""(n, 2) x, y of a path, y upwards as UNIPEN has it; n at least 1."""
DEEPEST: Final = 8
"""Files that include each other, at most."""


@dataclass(frozen=True, eq=False, slots=True)
class Segment:
    """A named part of what one writer wrote. level: CHARACTER, WORD ...; strokes: with the pen on the paper."""

    level: str
    label: str
    strokes: tuple[Stroke, ...]
    writer: str


@dataclass(slots=True)
class _Recording:
    """What was read of a file so far. components: paths with the pen down (True) or up, of all that have points."""

    components: list[tuple[bool, list[tuple[float, float]]]] = field(default_factory=list)
    named: list[tuple[str, str, str]] = field(default_factory=list)
    writer: str = ""
    columns: tuple[int, int] = (0, 1)


def segments(path: Path, root: Path) -> Iterator[Segment]:
    """Yield the named parts of a file; what it includes lies in root/include.

    Raises UnreadableError for a file, or one it includes, that is missing or cannot be read.
    """
    recording = _Recording()
    _read(path, root, recording, DEEPEST)
    for level, places, label in recording.named:
        strokes = tuple(_strokes(places, recording))
        if strokes:
            yield Segment(level, label, strokes, recording.writer or path.parent.name)


def _read(path: Path, root: Path, into: _Recording, depth: int) -> None:
    if depth == 0:
        raise UnreadableError(f"{path}: includes files that include each other; fetch the set again")
    try:
        text = path.read_text(encoding="latin-1")
    except OSError as fault:
        raise UnreadableError(f"{path}: cannot be read ({fault.strerror}); fetch the set again") from fault
    for line in text.splitlines():
        words = line.split()
        if not words:
            continue
        if words[0] == ".INCLUDE" and len(words) > 1:
            if (included := root / "include" / words[1]).suffix != ".doc" or included.is_file():
                _read(included, root, into, depth - 1)
        elif words[0].startswith("."):
            _told(words, line, into)
        elif into.components:
            _moved(words, into)


def _told(words: Sequence[str], line: str, into: _Recording) -> None:
    """Take in one line that begins with a keyword."""
    if words[0] in (".PEN_DOWN", ".PEN_UP"):
        into.components = [(down, points) for down, points in into.components if points]
        into.components.append((words[0] == ".PEN_DOWN", []))
    elif words[0] == ".WRITER_ID" and len(words) > 1:
        into.writer = words[1]
    elif words[0] == ".COORD" and {"X", "Y"} <= set(words):
        into.columns = words.index("X") - 1, words.index("Y") - 1
    elif words[0] == ".SEGMENT" and (found := _SEGMENT.match(line)):
        into.named.append((found["level"], found["places"], found["label"]))


_SEGMENT: Final = re.compile(r'\s*\.SEGMENT\s+(?P<level>\w+)\s+(?P<places>[\d:,\s-]+?)\s+\S+\s+"(?P<label>.*)"')


def _moved(words: Sequence[str], into: _Recording) -> None:
    """Take in a point of the path; a line that is none ends the paths until the pen moves again."""
    try:
        x, y = (float(words[i]) for i in into.columns)
    except (ValueError, IndexError):
        return
    into.components[-1][1].append((x, y))


def _strokes(places: str, recording: _Recording) -> Iterator[Stroke]:
    """Yield the strokes of parts such as "3", "0-1" or "2:10-4:5,6": components, from point to point."""
    paths = [(down, points) for down, points in recording.components if points]
    for part in re.split(r"[,\s]+", places.strip()):
        first, last = (_place(text) for text in (part.split("-") * 2)[:2])
        for i in range(first[0], min(last[0], len(paths) - 1) + 1):
            down, points = paths[i]
            start = first[1] or 0 if i == first[0] else 0
            end = None if i != last[0] or last[1] is None else last[1] + 1
            if down and points[start:end]:
                yield np.array(points[start:end], np.float64)


def _place(text: str) -> tuple[int, int | None]:
    component, _, point = text.partition(":")
    return int(component), int(point) if point else None


def drawn_strokes(strokes: Sequence[Stroke], size: tuple[int, int], rng: Generator) -> NDArray[np.uint8]:
    """Return the strokes as ink, (height, width) uint8, 0 paper .. 255 stroke, as large as fits, by a pen of any width.

    size: width and height, pixels.
    """
    wide, high = size
    points = np.concatenate(strokes)
    low, high_end = points.min(axis=0), points.max(axis=0)
    pen = rng.uniform(2.6, 7.5)
    room = np.array([wide, high]) - pen - 2
    scale = float((room / np.maximum(high_end - low, 1e-6)).min())
    scale = min(scale, 0.75 * high / max(float((high_end - low).max()), 1e-6))
    middle = (low + high_end) / 2
    ink = np.zeros((4 * high, 4 * wide), np.uint8)
    for stroke in strokes:
        placed = (stroke - middle) * (scale, -scale) + np.array([wide, high]) / 2
        path = np.rint(np.concatenate([placed, placed[-1:]]) * 4).astype(np.int32)  # a point alone is a dot, too
        cv2.polylines(ink, [path], False, 255, max(1, round(4 * pen)), cv2.LINE_AA)
    return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.uint8)
