"""Pictures in a folder, or numbered ones, as the frames of a clip."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Final, NamedTuple

from models.errors import UnreadableError, UsageError
from realtime.part import WHOLE, Part
from realtime.pictures import read_picture
from realtime.scan import SUFFIXES
from realtime.values import Frame

FPS: Final = 25.0
"""How many pictures are a second, unless told."""
_NUMBER: Final = re.compile(r"%(?:0(\d+))?d")


class _Still(NamedTuple):
    """A picture's file, and where in the row of frames it stands: 0, 1, 2 ...; numbers may be missing."""

    path: str
    place: int


def is_pattern(text: str) -> bool:
    """Tell whether `text` names numbered pictures, as frame-%04d.png does, and is not itself a file."""
    return _NUMBER.search(os.path.basename(text)) is not None and not os.path.lexists(text)


def stills(text: str) -> list[str]:
    """Return the paths of the pictures in the folder `text`, or that fit the pattern, in their order.

    In a folder that is the natural one: frame9.png before frame10.png. Hidden files and other folders are passed over.
    Raises UnreadableError for a folder that may not be looked into.
    """
    return [still.path for still in _stills(text)]


def _stills(text: str) -> list[_Still]:
    folder, name = os.path.split(text) if is_pattern(text) else (text, "")
    try:
        names = os.listdir(folder or ".")
    except FileNotFoundError as fault:
        raise UsageError(f"{text}: there is no folder {folder}; check the path") from fault
    except OSError as fault:
        raise UnreadableError(f"{text}: cannot be looked into ({fault.strerror}); check its permissions") from fault
    if not name:
        known = [each for each in names if each.lower().endswith(SUFFIXES) and each[0] != "."]
        return [_Still(os.path.join(folder, each), i) for i, each in enumerate(sorted(known, key=_natural))]
    fits = _as_expression(name)
    numbered = sorted((int(found[1]), each) for each in names if (found := fits.fullmatch(each)))
    return [_Still(os.path.join(folder, each), number - numbered[0][0]) for number, each in numbered]


def _natural(name: str) -> list[tuple[int, str]]:
    """Return a key that sorts the numbers in names by their value."""
    return [(int(piece), "") if piece.isdecimal() else (-1, piece) for piece in re.split(r"(\d+)", name)]


def _as_expression(name: str) -> re.Pattern[str]:
    before, width, after = _NUMBER.split(name, maxsplit=1)
    return re.compile(rf"{re.escape(before)}(\d{{{width or 1},}}){re.escape(after)}")


@contextmanager
def open_sequence(text: str, part: Part = WHOLE, fps: float = FPS) -> Iterator[Iterator[Frame]]:
    """Yield the pictures of a folder, or of a pattern such as frame-%04d.png, as frames; `fps` of them are a second.

    Raises UnreadableError when none can be read, UsageError when no file fits the pattern or none is in the part. One
    that cannot be read is left out; then the iterator raises UnreadableError in the end.
    """
    every = _stills(text)
    if not every and is_pattern(text):
        example = _NUMBER.sub(lambda found: "1".zfill(int(found[1] or 1)), os.path.basename(text))
        raise UsageError(f"{text}: no file fits it; it would be named as {example} is")
    if not every:
        raise UnreadableError(f"{text}: has no pictures in it; name a video, or a folder of pictures")
    wanted = [still for still in every if part.start - 1e-6 <= still.place / fps < part.end]
    if not wanted:
        raise UsageError(
            f"{text}: has no frame there, it ends at {(every[-1].place + 1) / fps:.1f} s; give another part"
        )
    frames = _frames(text, wanted, part.every, fps)
    yield chain([next(frames)], frames)


def _frames(text: str, wanted: list[_Still], every: int, fps: float) -> Iterator[Frame]:
    """Yield a frame for each picture that can be read; raises UnreadableError in the end when there are others."""
    faults: list[UnreadableError] = []
    tried = wanted[::every]
    for index, still in enumerate(tried):
        try:
            picture = read_picture(still.path)
        except UnreadableError as fault:
            faults.append(fault)
            continue
        yield Frame(picture, index * every, still.place / fps, text)
    if faults:
        raise UnreadableError(f"{len(faults)} of {len(tried)} pictures cannot be read; the first: {faults[0]}")


def count_stills(text: str, part: Part = WHOLE, fps: float = FPS) -> int:
    """Return how many pictures a part has."""
    inside = [still for still in _stills(text) if part.start - 1e-6 <= still.place / fps < part.end]
    return len(inside[:: part.every])
