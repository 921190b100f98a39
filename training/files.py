"""The files of a training: whole or not there."""

from __future__ import annotations

import os
from pathlib import Path

from models.errors import OutputError


def make_folder(out: Path) -> None:
    """Make the folder of a training if need be; raises OutputError."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise OutputError(f"{out}: cannot be made ({fault.strerror}); name another folder with --out") from fault


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; raises OutputError."""
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)
    except OSError as fault:
        beside.unlink(missing_ok=True)
        raise OutputError(f"{path}: cannot be written ({fault.strerror}); name another place") from fault
