"""Photographs in a row: each becomes a record, and a bad one does not stop the others."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path, PurePath
from typing import Any, Final

import numpy as np
from imutils.paths import list_files
from numpy.typing import NDArray

from models.errors import UnreadableError, UsageError
from realtime.outputs import make_folder, own_pictures, write_own_picture
from realtime.overlay import draw
from realtime.pictures import decode_picture, read_bytes
from realtime.pipeline import Reads
from realtime.record import Record, error_record, picture_record
from realtime.values import Reading

SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".avif", ".jp2", ".heic", ".heif")
WRITTEN_SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".webp")


@dataclass(frozen=True, slots=True)
class Found:
    """A picture to read: `uri` as the user would name it, and where its annotated picture goes in a folder of them."""

    uri: str
    place: PurePath


@dataclass(frozen=True, eq=False, slots=True)
class Scanned:
    """What came of one picture: its record, and unless it was unreadable the picture and its reading.

    picture: (H, W, 3) uint8 BGR, upright.
    """

    found: Found
    record: Record
    picture: NDArray[np.uint8] | None = None
    reading: Reading | None = None

    @property
    def fault(self) -> str | None:
        """Why it could not be read."""
        error = self.record["error"]
        return str(error["message"]) if error else None


def find_pictures(paths: Sequence[str], annotated: Path | None = None) -> list[Found]:
    """Return the pictures that `paths` name, in their order; those of a folder and the folders in it sorted by path.

    A file is taken whatever its suffix. Passed over in folders: hidden files, and what this program wrote to the folder
    `annotated`, or reading again would draw on its own drawings. Raises UsageError for a path that does not exist.
    """
    missing = [path for path in paths if not os.path.lexists(path)]
    if missing:
        raise UsageError(f"{', '.join(missing)}: does not exist; check the path")
    own = {os.path.realpath(annotated / name) for name in own_pictures(annotated)} if annotated else set()
    found: list[Found] = []
    for path in paths:
        if os.path.isdir(path):
            place = PurePath(Path(path).resolve().name) if len(paths) > 1 else PurePath()
            every = [Found(str(Path(path, inner)), place / inner) for inner in _pictures_in(path)]
            found += [each for each in every if os.path.realpath(each.uri) not in own]
        else:
            found.append(Found(path, PurePath(PurePath(path).name)))
    return found


def _pictures_in(folder: str) -> list[PurePath]:
    """Return the paths below `folder` of the pictures in it, sorted."""
    every = (PurePath(os.path.relpath(path, folder)) for path in list_files(folder, SUFFIXES))
    return sorted(path for path in every if not any(part.startswith(".") for part in path.parts))


def closed_folders(paths: Sequence[str]) -> list[str]:
    """Return the folders among and below `paths` that may not be looked into: listing them skips them in silence."""
    closed: list[str] = []
    for path in filter(os.path.isdir, paths):
        for _ in os.walk(path, onerror=lambda fault: closed.append(str(fault.filename))):
            pass
    return closed


def scan(pictures: Iterable[Found], reader: Reads, model: Mapping[str, Any]) -> Iterator[Scanned]:
    """Read each picture; one that cannot be read gives a record with the error."""
    for found in pictures:
        yield scan_one(found, reader, model)


def scan_one(found: Found, reader: Reads, model: Mapping[str, Any]) -> Scanned:
    """Read one picture."""
    sha256 = None
    try:
        data = read_bytes(found.uri)
        sha256 = hashlib.sha256(data).hexdigest()
        picture = decode_picture(data, found.uri)
    except UnreadableError as fault:
        return Scanned(found, error_record(found.uri, sha256, str(fault), model))
    try:
        reading = reader.read(picture)
    except UnreadableError as fault:
        return Scanned(found, error_record(found.uri, sha256, f"{found.uri}: {fault}", model))
    return Scanned(found, picture_record(found.uri, sha256, reading, model), picture, reading)


def annotated_places(pictures: Sequence[Found], folder: Path) -> dict[Found, Path]:
    """Return where each annotated picture goes: its own name below `folder`, or that with -2, -3 and so on.

    Never an input, never the same twice, and never a file that is there and that this program did not write.
    """
    own = own_pictures(folder)
    taken = {os.path.realpath(found.uri) for found in pictures}
    places: dict[Found, Path] = {}
    for found in pictures:
        wanted = found.place if found.place.suffix.lower() in WRITTEN_SUFFIXES else found.place.with_suffix(".png")
        names = (wanted.with_stem(f"{wanted.stem}-{n}") if n > 1 else wanted for n in count(1))
        free = (name for name in names if name.as_posix() in own or not os.path.lexists(folder / name))
        place = next(path for path in (folder / name for name in free) if os.path.realpath(path) not in taken)
        taken.add(os.path.realpath(place))
        places[found] = place
    return places


def as_text(scanned: Scanned) -> str:
    """Return the reading for people: the file's name, then its lines; numbers for review carry a question mark."""
    read = scanned.reading.lines if scanned.reading else ()
    lines = [" ".join(n.text + ("?" if n.status == "review" else "") for n in line.numbers) for line in read]
    return "\n".join([scanned.found.uri, *(f"  {line}" for line in lines or ["no digits"])])


def write_annotated(scanned: Scanned, place: Path, folder: Path) -> None:
    """Write the picture with its reading drawn in to `place`, which is below `folder`."""
    if scanned.picture is None or scanned.reading is None:
        return
    make_folder(place.parent)
    write_own_picture(folder, place, draw(scanned.picture, scanned.reading))
