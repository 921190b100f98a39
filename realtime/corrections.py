"""Corrections: ink that was read wrong, with what it really is, kept in a folder for training to learn from.

The folder holds `corrections.jsonl`, a line of JSON for each, and the ink of each as a gray PNG, 0 paper .. 255 stroke,
as large as the reader saw it: what `models.contract.normalize` takes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from models.errors import OutputError
from realtime.outputs import cannot_write, make_folder, whole_file, write_picture
from realtime.pieces import Piece
from realtime.record import to_line
from realtime.values import Frame

SCHEMA: Final = "digits.correction/1"
LIST: Final = "corrections.jsonl"


def correction(
    name: str, piece: Piece, label: str, read: str, frame: Frame, model: Mapping[str, Any], now: str
) -> dict[str, Any]:
    """Return the line of one correction: `label` is what the ink is, `read` what was shown; `now` is when, ISO 8601."""
    source = {"uri": frame.source, "index": frame.index, "time_s": round(frame.time, 6)}
    return {
        "schema": SCHEMA,
        "ink": name,
        "label": label,
        "read": read,
        "reason": piece.reason,
        "probabilities": [round(share, 6) for share in piece.probabilities],
        "box": [int(side) for side in piece.box],
        "source": source,
        "model": dict(model),
        "made": now,
    }


def keep_correction(folder: Path, line: Mapping[str, Any], piece: Piece) -> None:
    """Write the ink of a correction below `folder`, then add its line; raises OutputError."""
    make_folder(folder)
    write_picture(folder / line["ink"], piece.ink)
    try:
        with open(folder / LIST, "a", encoding="utf-8", newline="\n") as file:
            file.write(to_line(line) + "\n")
    except OSError as fault:
        raise cannot_write(folder / LIST, fault) from fault


def drop_correction(folder: Path, name: str) -> None:
    """Take the line of the correction whose ink is `name` out again, then its ink; raises OutputError."""
    try:
        lines = (folder / LIST).read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not _is_of(line, name)]
        with whole_file(folder / LIST) as part:
            part.write_text("".join(kept), encoding="utf-8", newline="\n")
        (folder / name).unlink(missing_ok=True)
    except OSError as fault:
        raise OutputError(f"{folder / LIST}: the correction cannot be undone ({fault.strerror})") from fault


def _is_of(line: str, name: str) -> bool:
    try:
        return bool(json.loads(line)["ink"] == name)
    except (ValueError, KeyError, TypeError):
        return False  # somebody else's line is left alone
