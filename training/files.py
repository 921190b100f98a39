"""The files of a training: whole or not there."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from models.errors import OutputError, UsageError


def make_folder(out: Path) -> None:
    """Make the folder of a training if need be; raises OutputError."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise OutputError(f"{out}: cannot be made ({fault.strerror}); name another folder with --out") from fault


def digest(path: Path) -> str:
    """Return the sha256 of a file; raises UsageError when it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as fault:
        raise UsageError(f"{path}: cannot be read ({fault.strerror}); check the path") from fault


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; raises OutputError."""
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)
    except OSError as fault:
        beside.unlink(missing_ok=True)
        raise OutputError(f"{path}: cannot be written ({fault.strerror}); name another place") from fault
