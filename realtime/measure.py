"""Read everything a truth file names, or the records of an earlier reading, for `realtime.score` to hold against it."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path, PurePath, PurePosixPath
from typing import Any, Final

from models.errors import UnreadableError, UsageError
from realtime.clips import open_clip
from realtime.pipeline import Follows, Reads, scenes
from realtime.record import error_record, scene_record
from realtime.scan import Found, scan_one
from realtime.score import Record, Truth, texts
from realtime.values import Scene

WRITTEN_KINDS: Final = ("page", "single", "negative", "video")


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _is_span(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(frame, int) for frame in value)


FIELDS: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "lines": (_are_texts, "a list of texts"),
    "conditions": (_are_texts, "a list of texts"),
    "order": (lambda value: isinstance(value, str), "a text"),
    "optional": (lambda value: isinstance(value, str), "a text"),
    "source": (lambda value: isinstance(value, str), "a text"),
    "frames": (lambda value: isinstance(value, int) and value >= 0, "a whole number"),
    "fps": (lambda value: isinstance(value, (int, float)) and 0 <= value < math.inf, "a number"),
    "all_visible_frames": (
        lambda value: isinstance(value, list) and all(map(_is_span, value)),
        "a list of pairs of frames",
    ),
}
"""What each optional field of an item must be, and how that is told."""


def read_truth(folder: Path) -> list[dict[str, Any]]:
    """Return what `folder`/truth.json says; raises UsageError when it says nothing."""
    path = folder / "truth.json"
    try:
        truth = json.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise UsageError(f"{path}: cannot be read ({fault.strerror}); name a folder that holds a truth.json") from fault
    except ValueError as fault:
        raise UsageError(f'{path}: is no list of {{"file", "kind", "lines"}} ({fault}); mend it') from fault
    if not isinstance(truth, list) or not truth:
        raise UsageError(f'{path}: is no list of {{"file", "kind", "lines"}}, or an empty one; mend it')
    for number, item in enumerate(truth, 1):
        if wrong := truth_fault(item):
            raise UsageError(f"{path}: item {number}: {wrong}; mend it")
    return truth


def truth_fault(item: object) -> str | None:
    """Return what is wrong with one item of a truth file as it was written, or None when `realtime.score` can take it.

    All but "file" and "kind" may be missing or null; a page has "lines".
    """
    if not isinstance(item, dict):
        return 'is no {"file", "kind", "lines"}'
    if not isinstance(item.get("file"), str):
        return '"file" must be the name of a file'
    where = f" (of {item['file']})"
    if item.get("kind") not in WRITTEN_KINDS:
        return f'"kind"{where} must be one of {", ".join(WRITTEN_KINDS)}'
    if item["kind"] == "page" and item.get("lines") is None:
        return f'"lines"{where} is missing'
    wrong = (name for name, (fits, _) in FIELDS.items() if item.get(name) is not None and not fits(item[name]))
    name = next(wrong, None)
    return f'"{name}"{where} must be {FIELDS[name][1]}' if name else None


def read_set(
    truth: Sequence[Mapping[str, Any]],
    folder: Path,
    still: Reads,
    live: Callable[[], Reads],
    model: Mapping[str, Any],
    done: Callable[[], None] = lambda: None,
    follow: Callable[[], Follows | None] = lambda: None,
) -> dict[str, dict[int, Mapping[str, Any]]]:
    """Read every file of the truth and return the records by file and frame index.

    still: reads the pictures.  live, follow: give what reads the frames of a video, as `video` and `live` do, and what
    follows its digits, for each anew.
    """
    records: dict[str, dict[int, Mapping[str, Any]]] = {}
    for item in truth:
        path = str(folder / item["file"])
        if item["kind"] == "video":
            records[item["file"]] = _read_video(path, live(), model, follow())
        else:
            records[item["file"]] = {0: scan_one(Found(path, PurePath(item["file"])), still, model).record}
        done()
    return records


def _read_video(
    path: str, reader: Reads, model: Mapping[str, Any], tracker: Follows | None
) -> dict[int, Mapping[str, Any]]:
    """Return the record of each frame; what cannot be read of the video leaves a record with the error."""
    records: dict[int, Mapping[str, Any]] = {}
    try:
        with open_clip(path) as frames:
            for scene in scenes(frames, reader, tracker=tracker):
                if isinstance(scene, Scene):
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
    except UnicodeDecodeError as fault:
        raise UsageError(f"{path}: is not UTF-8 text; make the file anew with --jsonl") from fault
    return parse_records(lines, truth, str(path))


def parse_records(lines: Iterable[str], truth: Sequence[Truth], name: str = "records") -> dict[str, dict[int, Record]]:
    """Return the records in JSON Lines that belong to the truth; of two for the same frame the last counts.

    A record belongs to the file whose path is the longest common ending of its uri. Lines of another schema are passed
    over. Raises UnreadableError naming `name` and the line that is no record.
    """
    files: dict[str, list[str]] = defaultdict(list)
    for item in truth:
        files[PurePosixPath(item["file"]).name].append(item["file"])
    found: dict[str, dict[int, Record]] = defaultdict(dict)
    for number, text in enumerate(lines, 1):
        place = _place(text, f"{name}: line {number}") if text.strip() else None
        if place is not None:
            record, uri, index = place
            candidates = files.get(PurePosixPath(uri).name, [])
            if candidates:
                found[max(candidates, key=lambda file: _common_ending(file, uri))][index] = record
    return found


def _place(text: str, where: str) -> tuple[Record, str, int] | None:
    """Return (record, uri, index) of one line, None for another schema."""
    try:
        record = json.loads(text)
        if not str(record.get("schema", "digits.record/1")).startswith("digits.record/"):
            return None
        if not all(isinstance(text, str) for text in texts(record)):
            raise TypeError("the text of a line is no text")
        return record, record["source"]["uri"].replace("\\", "/"), int(record["source"].get("index") or 0)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as fault:
        raise UnreadableError(f"{where} is no record; make the file anew with --jsonl") from fault


def _common_ending(a: str, b: str) -> int:
    """Return how many trailing parts two paths share."""
    n = 0
    for x, y in zip(reversed(PurePosixPath(a).parts), reversed(PurePosixPath(b).parts), strict=False):
        if x != y:
            break
        n += 1
    return n
