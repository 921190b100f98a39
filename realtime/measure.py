"""Read everything a truth file names, for `realtime.score` to hold against it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from models.errors import UnreadableError, UsageError
from realtime.clips import open_clip
from realtime.pipeline import Reads, scenes
from realtime.record import error_record, scene_record
from realtime.scan import Found, scan_one
from realtime.score import parse_records


def read_truth(folder: Path) -> list[dict[str, Any]]:
    """Return what `folder`/truth.json says; raises UsageError when it says nothing."""
    path = folder / "truth.json"
    try:
        truth = json.loads(path.read_text(encoding="utf-8"))
        if not all(isinstance(item["file"], str) and isinstance(item["kind"], str) for item in truth):
            raise TypeError("file and kind must be text")
    except OSError as fault:
        raise UsageError(f"{path}: cannot be read ({fault.strerror}); name a folder that holds a truth.json") from fault
    except (ValueError, TypeError, KeyError) as fault:
        raise UsageError(f'{path}: is no list of {{"file", "kind", "lines"}} ({fault}); mend it') from fault
    return list(truth)


def read_set(
    truth: Sequence[Mapping[str, Any]],
    folder: Path,
    still: Reads,
    live: Reads,
    model: Mapping[str, Any],
    done: Callable[[], None] = lambda: None,
) -> dict[str, dict[int, Mapping[str, Any]]]:
    """Read every file of the truth and return the records by file and frame index.

    still: reads the pictures.  live: reads the videos, frame by frame, as `video` and `live` do.
    """
    records: dict[str, dict[int, Mapping[str, Any]]] = {}
    for item in truth:
        path = str(folder / item["file"])
        if item["kind"] == "video":
            records[item["file"]] = _read_video(path, live, model)
        else:
            records[item["file"]] = {0: scan_one(Found(path, PurePath(item["file"])), still, model).record}
        done()
    return records


def _read_video(path: str, reader: Reads, model: Mapping[str, Any]) -> dict[int, Mapping[str, Any]]:
    """Return the record of each frame; what cannot be read of the video leaves a record with the error."""
    records: dict[int, Mapping[str, Any]] = {}
    try:
        with open_clip(path) as frames:
            for scene in scenes(frames, reader):
                records[scene.frame.index] = scene_record(scene, model)
    except (UnreadableError, UsageError) as fault:
        records[len(records)] = error_record(path, None, str(fault), model)
    return records


def read_records(path: Path, truth: Sequence[Mapping[str, Any]]) -> dict[str, dict[int, Mapping[str, Any]]]:
    """Return the records of a JSON Lines file by the truth's file and by frame index."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as fault:
        raise UsageError(f"{path}: cannot be read ({fault.strerror}); check the path") from fault
    return parse_records(lines, truth, str(path))
