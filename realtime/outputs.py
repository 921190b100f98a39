"""Files are written beside their place and moved there when they are whole: nobody ever finds half an output."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import OutputError

LISTING: Final = ".annotated"
"""In a folder of annotated pictures: the paths of those this program wrote, below the folder, one a line."""


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a path to write to; the file there becomes `path` in the end. When an error passes, nothing does.

    What exists and is no plain file (a pipe, /dev/full) is written to as it is: putting a file in its place would
    destroy it. Raises OutputError, before anything is read, when `path` cannot be written.
    """
    require_writable(path)
    if path.exists() and not path.is_file():
        yield path
        return
    final = Path(os.path.realpath(path))  # a link stays a link
    part = final.with_name(f".{final.name}.{os.getpid()}.part")  # two commands on one output must not share it
    with _faults_of(path):
        part.touch()
    try:
        yield part
        if part.exists():
            with _faults_of(path):
                os.replace(part, final)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _faults_of(path: Path) -> Iterator[None]:
    """Turn what the system refuses into an OutputError that names `path`."""
    try:
        yield
    except OSError as fault:
        raise cannot_write(path, fault) from fault


def require_writable(path: Path) -> None:
    """Raise OutputError when a file at `path` could not be written."""
    if path.is_dir():
        raise OutputError(f"{path}: is a folder; name a file to write to")
    if not path.parent.is_dir():
        raise OutputError(f"{path}: cannot be written, there is no folder {path.parent}; make it first")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise OutputError(f"{path}: cannot be written (permission denied); choose another place")


def make_folder(path: Path) -> None:
    """Make the folder at `path`, with those above it; raises OutputError when it cannot be, or cannot be written to."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise OutputError(f"{path}: cannot be made a folder ({fault.strerror}); choose another place") from fault
    if not os.access(path, os.W_OK):
        raise OutputError(f"{path}: cannot be written to (permission denied); choose another place")


def cannot_write(name: object, fault: OSError) -> OutputError:
    """Return the fault of an output named `name` that the system refuses to write."""
    reason = (fault.strerror or str(fault)).lower()
    return OutputError(f"{name}: cannot be written ({reason}); make room there or choose another place")


def write_picture(path: Path, picture: NDArray[np.uint8]) -> None:
    """Write (H, W, 3) uint8 BGR to `path`, in the format its suffix names; raises OutputError when it cannot be."""
    done, data = cv2.imencode(path.suffix, picture)
    if not done:
        raise OutputError(f"{path}: a picture of {picture.shape[1]}x{picture.shape[0]} cannot be a {path.suffix} file")
    with whole_file(path) as part, _faults_of(path):
        part.write_bytes(data.tobytes())


def own_pictures(folder: Path) -> frozenset[str]:
    """Return the paths below `folder`, with "/", of the annotated pictures in it that this program wrote.

    A listing that is missing or cannot be read lists nothing: then nothing is replaced.
    """
    try:
        listed = os.fsdecode((folder / LISTING).read_bytes()).split("\n")
    except (OSError, UnicodeDecodeError):
        return frozenset()
    return frozenset(name for name in listed if name and _is_plain(folder / name))


def _is_plain(path: Path) -> bool:
    """Tell whether `path` can still be a file this program wrote; through a link, another one would be replaced."""
    return path.is_file() and not path.is_symlink()


def write_own_picture(folder: Path, path: Path, picture: NDArray[np.uint8]) -> None:
    """Write (H, W, 3) uint8 BGR to `path` below `folder`, and list it there as written by this program."""
    write_picture(path, picture)
    name, own = path.relative_to(folder).as_posix(), own_pictures(folder)
    if name in own or "\n" in name:  # a name of two lines would list files this program did not write
        return
    listing = folder / LISTING
    with whole_file(listing) as part, _faults_of(listing):
        part.write_bytes(os.fsencode("".join(f"{each}\n" for each in sorted({*own, name}))))
