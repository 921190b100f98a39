"""The shipped model and the whole reader on pictures of our own: floors below which nothing may fall."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.classifier import DEFAULT_MODEL, load_classifier
from models.contract import read_card
from realtime.reader import Reader
from realtime.score import compare
from realtime.settings import THOROUGH, ReaderSettings
from training.paper import Sheet, WrittenLine, draw_page
from training.samples import clip_frames
from training.strokes import new_writer

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "samples"
TRUTH: list[dict[str, Any]] = json.loads((SAMPLES / "truth.json").read_text(encoding="utf-8"))
CLASSIFIER = load_classifier()


def reading(picture: NDArray[np.uint8], settings: ReaderSettings = THOROUGH) -> str:
    """Return all digits of a picture in reading order."""
    return "".join(d.label for d in Reader(CLASSIFIER, settings).read(picture).digits)


def written(text: str, seed: int, height: float = 120, spacing: float | None = None) -> NDArray[np.uint8]:
    """Return one line of our own handwriting on plain paper, (500, 900, 3) uint8."""
    rng = np.random.default_rng(seed)
    writer = new_writer(rng)
    if spacing is not None:
        writer = replace(writer, spacing=spacing)
    line = WrittenLine(text, writer, "black marker", (120, 300), height, 0.0)
    return draw_page(Sheet((900, 500)), [line], rng).picture


def sample(kind: str) -> tuple[dict[str, Any], NDArray[np.uint8]]:
    item = next(t for t in TRUTH if t["kind"] == kind)
    return item, np.asarray(cv2.imread(str(SAMPLES / item["file"])), np.uint8)


def test_the_sheet_is_read_without_a_fault() -> None:
    item, picture = sample("page")
    assert Reader(CLASSIFIER).read(picture).text.replace(" ", "") == "\n".join(item["lines"]).replace(" ", "")


def test_its_digits_are_where_the_truth_says() -> None:
    item, picture = sample("page")
    boxes = [box[1:] for line in item["boxes"] for box in line]
    digits = Reader(CLASSIFIER).read(picture).digits
    assert len(boxes) == len(digits)
    for (x, y, w, h), digit in zip(boxes, digits, strict=True):
        assert abs(digit.box.centre[0] - x - w / 2) < 12
        assert abs(digit.box.centre[1] - y - h / 2) < 12


def test_no_digit_is_seen_in_the_drawing() -> None:
    assert reading(sample("negative")[1]) == ""


def test_frames_of_the_clip_are_read() -> None:
    item = next(t for t in TRUTH if t["kind"] == "video")
    reader = Reader(CLASSIFIER)
    frames = [frame for i, frame in enumerate(clip_frames(1)) if i in (0, 60, 120, 180, 240)]
    edits = [compare(item, "".join(d.label for d in reader.read(frame).digits))[0] for frame in frames]
    assert sum(edits) <= 1


TURNS: dict[str, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
    "as it is": lambda p: p,
    "on its side": lambda p: np.ascontiguousarray(np.rot90(p)),
    "upside down": lambda p: np.ascontiguousarray(np.rot90(p, 2)),
    "light on dark": lambda p: 255 - p,
    "half in shadow": lambda p: np.concatenate([p[:, :450], (p[:, 450:] * 0.45).astype(np.uint8)], axis=1),
}


@pytest.mark.parametrize("change", TURNS.values(), ids=TURNS.keys())
def test_a_number_is_read_however_the_page_lies_and_is_lit(
    change: Callable[[NDArray[np.uint8]], NDArray[np.uint8]],
) -> None:
    right = [reading(change(written("34725", seed, height=80))) == "34725" for seed in range(6)]
    assert sum(right) >= 5


def test_touching_digits_are_cut_apart() -> None:
    touching = [written("834072", seed, spacing=0.06) for seed in range(8)]
    cut = sum(compare({"lines": ["834072"]}, reading(p))[0] for p in touching)
    uncut = sum(compare({"lines": ["834072"]}, reading(p, replace(THOROUGH, splicing=False)))[0] for p in touching)
    assert cut < uncut / 2


def test_a_small_sheet_on_a_table_is_flattened() -> None:
    page = written("52804", 3)
    h, w = page.shape[:2]
    corners = np.array([(1000, 800), (1800, 880), (1780, 1330), (960, 1240)], np.float32)
    warp = cv2.getPerspectiveTransform(np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float32), corners)
    rng = np.random.default_rng(2)
    table = np.clip(np.array((45, 62, 88)) + rng.normal(0, 14, (2400, 3200, 1)), 0, 255).astype(np.uint8)
    small = cv2.warpPerspective(cv2.GaussianBlur(page, (0, 0), 0.8), warp, (3200, 2400), flags=cv2.INTER_AREA)
    there = cv2.warpPerspective(np.full((h, w), 255, np.uint8), warp, (3200, 2400))[..., None] > 127
    found = Reader(CLASSIFIER).read(np.where(there, small, table).astype(np.uint8))
    assert found.text.replace(" ", "") == "52804"
    for digit in found.digits:
        assert cv2.pointPolygonTest(corners, digit.box.centre, False) > 0


def test_ink_in_pictures_is_taken_for_no_digit_sooner_than_the_model_alone_would() -> None:
    letters = [written(text, seed) for text in ("AEH", "MNW", "krt") for seed in range(3)]
    careful = sum(len(reading(p)) for p in letters)
    eager = sum(len(reading(p, replace(THOROUGH, foreign_ink=1e-4))) for p in letters)
    assert careful < eager / 2


def test_the_card_keeps_what_the_readme_promises() -> None:
    card = read_card(DEFAULT_MODEL.with_suffix(".json"))
    assert card.figures["sets"]["mnist"]["digit_accuracy"] >= 0.995
    assert card.figures["sets"]["neg_crohme_symbols"]["accepted_as_digit"] <= 0.08
    assert card.figures["agreement"]["same_first_choice"] >= 0.998
    assert DEFAULT_MODEL.stat().st_size < 1_000_000


def broken(page: NDArray[np.uint8], place: int, rows: int) -> NDArray[np.uint8]:
    """Return the page with a gap of some rows in the digit at a place of its number."""
    box = Reader(CLASSIFIER).read(page).digits[place].box
    gap, row = page.copy(), box.y + round(0.4 * box.h)
    gap[row : row + rows, box.x - 3 : box.right + 3] = page[:rows, box.x - 3 : box.right + 3]
    return gap


def test_broken_digits_are_put_together() -> None:
    whole = [written("47573", seed, height=80) for seed in range(10)]
    pages = [broken(page, 2, 4) for page in whole if reading(page) == "47573"]
    joined = sum(reading(page) == "47573" for page in pages)
    apart = sum(reading(page, replace(THOROUGH, splicing=False)) == "47573" for page in pages)
    assert len(pages) >= 8
    assert joined >= len(pages) - 2
    assert apart == 0


def test_a_sheet_lying_askew_is_read_level() -> None:
    page = written("52804", 3)
    h, w = page.shape[:2]
    turn = cv2.getRotationMatrix2D((w / 2, h / 2), 38, 0.9)
    turn[:, 2] += (700 - w / 2, 600 - h / 2)
    rng = np.random.default_rng(2)
    table = np.clip(np.array((45, 62, 88)) + rng.normal(0, 8, (1200, 1400, 1)), 0, 255).astype(np.uint8)
    laid = cv2.warpAffine(page, turn, (1400, 1200), flags=cv2.INTER_AREA)
    there = cv2.warpAffine(np.full((h, w), 255, np.uint8), turn, (1400, 1200))[..., None] > 127
    assert reading(np.where(there, laid, table).astype(np.uint8)) == "52804"
