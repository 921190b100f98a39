"""A video that comes through standard input: read as it comes, or, where its form asks for it, kept first."""

from __future__ import annotations

import os
import shutil
import stat
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import BinaryIO, Final, Protocol

from models.errors import UnreadableError, UsageError

NAME: Final = "-"
_STDIN: Final = 0
_BLOCK: Final = 1 << 16


class Reads(Protocol):
    """What PyAV reads from."""

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes; none at the end."""
        ...


class _Pipe:
    """The rest of a pipe behind the bytes that were looked at.

    Read by its number: a thread that waits in `sys.stdin` holds a lock that the process needs to end.
    """

    def __init__(self, begun: bytes) -> None:
        self._begun = begun

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes; none at the end."""
        if self._begun:
            taken, self._begun = self._begun[:size], self._begun[size:]
            return taken
        return os.read(_STDIN, size)


@contextmanager
def standard_input() -> Iterator[Reads]:
    """Yield standard input as PyAV reads it.

    Raises UsageError when it is a terminal, UnreadableError when there is nothing in it.
    """
    kind = os.fstat(_STDIN).st_mode if _is_open() else 0
    if not kind or os.isatty(_STDIN):
        raise UsageError("-: no video comes through standard input; pipe one into it: cat clip.mp4 | digits video -")
    if stat.S_ISREG(kind):  # `< clip.mp4`: it can be read to and fro, as a file that was named
        with os.fdopen(os.dup(_STDIN), "rb") as file:
            yield file
        return
    begun = _Pipe(b"").read(_BLOCK)
    if not begun:
        raise UnreadableError("-: standard input is empty (0 bytes); does what writes into the pipe work?")
    if not has_index_behind(begun):
        yield _Pipe(begun)
        return
    with TemporaryFile() as file:
        _keep(begun, file)
        yield file


def _is_open() -> bool:
    return sys.stdin is not None and not sys.stdin.closed


def has_index_behind(begun: bytes) -> bool:
    """Tell whether an MP4 that begins so has its index behind its pictures: then all has to come before one is read."""
    at = 0
    while at + 8 <= len(begun):
        length, kind = struct.unpack(">I4s", begun[at : at + 8])
        if at == 0 and kind != b"ftyp":
            return False
        if kind in (b"mdat", b"moov"):
            return bool(kind == b"mdat")
        at += max(8, length)
    return False


def _keep(begun: bytes, file: BinaryIO) -> None:
    """Copy all that comes through standard input into the file, and go back to its beginning."""
    file.write(begun)
    with os.fdopen(os.dup(_STDIN), "rb", buffering=0) as rest:
        shutil.copyfileobj(rest, file, _BLOCK)
    file.seek(0)
