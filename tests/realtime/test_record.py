"""The record: one form for every mode, plain JSON, nothing lost."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.contract import CONTRACT, LABELS, ModelCard
from realtime.record import SceneLines, error_record, event_record, model_fields, picture_record, scene_record, to_line
from realtime.values import Box, Digit, Event, Line, Number, Reading
from tests.realtime.making import MODEL, number, reading, scene


def test_a_photographs_record_holds_all_that_was_read() -> None:
    read = Reading((640, 480), (Line((number("3"), number("14", x=50, status="review"))),))
    record = picture_record("sheets/a.jpg", "ab12", read, MODEL)
    assert record["schema"] == "digits.record/1"
    assert record["source"] == {"uri": "sheets/a.jpg", "sha256": "ab12", "width": 640, "height": 480}
    assert record["model"] == MODEL
    assert record["error"] is None
    assert record["lines"][0]["text"] == "3 14"
    second = record["lines"][0]["numbers"][1]
    assert (second["text"], second["status"]) == ("14", "review")
    assert second["reasons"] == ["confidence below target"]
    assert second["box"] == [50, 20, 40, 24]
    assert second["candidates"][1] == {"text": "00", "confidence": 0.01}
    assert second["digits"][0] == {"label": "1", "confidence": 0.97, "box": [50, 20, 16, 24]}


def test_what_was_judged_no_digit_stands_apart() -> None:
    record = picture_record("a.jpg", "ab", reading(), MODEL)
    assert record["lines"] == []
    assert record["rejected"] == [{"box": [100, 90, 20, 10], "label": "1", "confidence": 0.4, "reason": "not a digit"}]


@pytest.mark.parametrize(("sha256", "has"), [("ab", True), (None, False)])
def test_a_frames_record_says_when_and_a_streams_has_no_hash(sha256: str | None, has: bool) -> None:
    source = scene_record(scene(7, 0.28000000001), MODEL, sha256)["source"]
    assert (source["index"], source["time_s"], source["width"]) == (7, 0.28, 160)
    assert ("sha256" in source) == has


@pytest.mark.parametrize("sha256", ["ab", None])
def test_the_line_of_a_frame_is_its_record_whether_it_reads_as_the_one_before_or_not(sha256: str | None) -> None:
    to_text = SceneLines(MODEL, sha256)
    first = scene(0, 0.0, "12")
    again = replace(first, frame=scene(1, 0.04).frame)
    for each in (first, again, scene(2, 0.08, "12"), scene(3, 0.12, "7"), replace(first, reading=Reading((160, 120)))):
        assert to_text(each) == to_line(scene_record(each, MODEL, sha256))


def test_an_unreadable_input_has_a_record_too() -> None:
    record = error_record("a.jpg", None, "a.jpg: is empty", MODEL)
    assert record["error"] == {"kind": "unreadable", "message": "a.jpg: is empty"}
    assert record["lines"] == []
    assert record["source"] == {"uri": "a.jpg"}
    assert error_record("a.jpg", "ab", "x", MODEL)["source"]["sha256"] == "ab"


def test_the_model_is_named_by_its_files_hash() -> None:
    card = ModelCard("cnn", CONTRACT, LABELS, {"digits.tflite": "77fe", "digits.keras": "1234"})
    assert model_fields(card, Path("models/digits.tflite")) == {"name": "cnn", "sha256": "77fe", "contract": CONTRACT}


def test_a_line_is_plain_ascii_json_whatever_numbers_it_is_made_of() -> None:
    box = Box(*np.array([1, 2, 3, 4], np.int32))
    digit = Digit(box, "5", float(np.float32(0.123456)), (1.0,))
    read = Reading((9, 9), (Line((Number((digit,), np.float32(0.5).item(), "accept", (), (("5", 0.5),)),)),))
    line = to_line(picture_record("süß\udcff\n.jpg", "ab", read, MODEL))
    assert line.isascii()
    assert "\n" not in line
    back = json.loads(line)
    assert back["source"]["uri"] == "süß\udcff\n.jpg"
    assert back["lines"][0]["numbers"][0]["digits"][0] == {"label": "5", "confidence": 0.1235, "box": [1, 2, 3, 4]}


def test_an_event_is_a_line_of_its_own_schema() -> None:
    lost = event_record(Event(12.4, "camera lost", 3))
    assert lost == {"schema": "digits.event/1", "time_s": 12.4, "event": "camera lost", "attempt": 3}
    back = event_record(Event(13.0, "camera back"))
    assert back == {"schema": "digits.event/1", "time_s": 13.0, "event": "camera back"}
