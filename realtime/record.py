"""One form of record for every mode: what was read in one picture, as plain JSON data (schema digits.record/1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, Final

from models.contract import ModelCard
from realtime.values import Box, Digit, Event, Number, Reading, Rejected, Scene

SCHEMA: Final = "digits.record/1"
EVENT_SCHEMA: Final = "digits.event/1"
Record = dict[str, Any]


def model_fields(card: ModelCard, path: PurePath) -> Record:
    """Return what a record says about the model that read: `path` is the model's file."""
    return {"name": card.name, "sha256": card.sha256.get(path.name), "contract": card.contract}


def picture_record(uri: str, sha256: str, reading: Reading, model: Mapping[str, Any]) -> Record:
    """Return the record of a photograph."""
    width, height = reading.size
    return _record({"uri": uri, "sha256": sha256, "width": width, "height": height}, reading, model)


def scene_record(scene: Scene, model: Mapping[str, Any], sha256: str | None = None) -> Record:
    """Return the record of one frame; `sha256` is of the video file, None for cameras and streams."""
    return _record(_scene_source(scene, sha256), scene.reading, model)


class SceneLines:
    """Gives the records of frames as lines of JSON; what one reading says is put together once for all that tell it."""

    def __init__(self, model: Mapping[str, Any], sha256: str | None = None) -> None:
        """model, sha256: as `scene_record` takes them."""
        self._model, self._sha256 = model, sha256
        self._reading: Reading | None = None
        self._said = ""

    def __call__(self, scene: Scene) -> str:
        """Return `to_line` of the frame's `scene_record`."""
        if scene.reading is not self._reading:
            self._reading, self._said = scene.reading, to_line(_said(scene.reading, self._model))[1:]
        return f"{to_line(_about(_scene_source(scene, self._sha256)))[:-1]}, {self._said}"


def _scene_source(scene: Scene, sha256: str | None) -> Record:
    frame = scene.frame
    width, height = scene.reading.size
    place = {"index": frame.index, "time_s": round(frame.time, 6), "width": width, "height": height}
    return {"uri": frame.source} | ({"sha256": sha256} if sha256 else {}) | place


def event_record(event: Event) -> Record:
    """Return the line that stands between records: what happened to the source, and when."""
    fields: Record = {"schema": EVENT_SCHEMA, "time_s": round(event.time, 6), "event": event.event}
    return fields | ({"attempt": event.attempt} if event.attempt else {})


def error_record(uri: str, sha256: str | None, message: str, model: Mapping[str, Any]) -> Record:
    """Return the record of an input that cannot be read; `sha256` is None when not even its bytes can be had."""
    source = {"uri": uri} | ({"sha256": sha256} if sha256 else {})
    return _record(source, Reading((0, 0)), model) | {"error": {"kind": "unreadable", "message": message}}


def to_line(record: Mapping[str, Any]) -> str:
    """Return the record as one line of JSON, in ASCII: a file name of any encoding passes through any terminal."""
    return json.dumps(record, separators=(", ", ": "), allow_nan=False)


def _record(source: Record, reading: Reading, model: Mapping[str, Any]) -> Record:
    return _about(source) | _said(reading, model)


def _about(source: Record) -> Record:
    return {"schema": SCHEMA, "source": source}


def _said(reading: Reading, model: Mapping[str, Any]) -> Record:
    return {
        "model": dict(model),
        "lines": [{"text": line.text, "numbers": [_number(n) for n in line.numbers]} for line in reading.lines],
        "rejected": [_rejected(r) for r in reading.rejected],
        "error": None,
    }


def _number(number: Number) -> Record:
    return {
        "text": number.text,
        "confidence": _share(number.confidence),
        "status": number.status,
        "reasons": list(number.reasons),
        "box": _box(number.box),
        "candidates": [{"text": text, "confidence": _share(share)} for text, share in number.candidates],
        "digits": [_digit(d) for d in number.digits],
    }


def _digit(digit: Digit) -> Record:
    fields: Record = {"label": digit.label, "confidence": _share(digit.confidence), "box": _box(digit.box)}
    return fields | ({} if digit.track is None else {"track": digit.track})


def _rejected(ink: Rejected) -> Record:
    return {"box": _box(ink.box), "label": ink.label, "confidence": _share(ink.confidence), "reason": ink.reason}


def _box(box: Box) -> list[int]:
    return [int(v) for v in box]


def _share(value: float) -> float:
    return round(float(value), 4)
