"""`normalize` is the one thing training and reading share: pinned by frozen arrays, and held to its promises."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from models.contract import (
    BODY,
    CENTRE,
    CONTRACT,
    LABELS,
    NOT_A_DIGIT,
    SIDE,
    ModelCard,
    normalize,
    normalize_all,
    read_card,
)
from models.errors import ModelError
from tests.models.golden import IMAGES, INKS, every_digit

Ink = NDArray[np.uint8]
INK = arrays(np.uint8, st.tuples(st.integers(1, 60), st.integers(1, 60)))
DIGIT_FORMS = [" ".join(name) for name in every_digit()]


def as_ink(image: NDArray[np.float32]) -> Ink:
    return np.asarray(np.round(image * 255), np.uint8)


def bar(height: int, width: int, room: int = 40) -> Ink:
    out = np.zeros((height + 2 * room, width + 2 * room), np.uint8)
    out[room : room + height, room : room + width] = 255
    return out


@pytest.mark.parametrize("i", range(len(DIGIT_FORMS)), ids=DIGIT_FORMS)
def test_golden_ink_comes_out_exactly_as_it_did_when_this_contract_was_made(i: int) -> None:
    np.testing.assert_array_equal(normalize(np.load(INKS)[i]), np.load(IMAGES)[i])


def test_golden_files_are_of_this_contract() -> None:
    assert f"contract-{CONTRACT}-" in INKS.name
    assert len(np.load(INKS)) == len(np.load(IMAGES)) == len(DIGIT_FORMS)


@pytest.mark.parametrize("i", range(len(DIGIT_FORMS)), ids=DIGIT_FORMS)
def test_an_image_made_as_mnist_was_is_left_unchanged(i: int) -> None:
    image = np.load(IMAGES)[i]
    np.testing.assert_array_equal(normalize(as_ink(image)), image)


@given(ink=INK, margins=st.tuples(*[st.integers(0, 30)] * 4))
def test_blank_margins_change_nothing(ink: Ink, margins: tuple[int, int, int, int]) -> None:
    top, bottom, left, right = margins
    np.testing.assert_array_equal(normalize(np.pad(ink, ((top, bottom), (left, right)))), normalize(ink))


def cornered(ink: Ink) -> Ink:
    """Return the ink with two corners set, so that its box is the whole picture, before and after it is resized."""
    out = ink.copy()
    out[0, 0] = out[-1, -1] = 255
    return out


@given(ink=st.integers(1, BODY).flatmap(lambda n: arrays(np.uint8, st.sampled_from([(BODY, n), (n, BODY)]))))
def test_ink_that_has_its_size_already_is_only_moved(ink: Ink) -> None:
    ink = cornered(ink)
    image = normalize(ink)
    x, y, w, h = cv2.boundingRect(as_ink(image))
    np.testing.assert_array_equal(as_ink(image)[y : y + h, x : x + w], ink)


@given(ink=INK)
def test_twice_is_once(ink: Ink) -> None:
    once = normalize(cornered(ink))
    np.testing.assert_array_equal(normalize(as_ink(once)), once)


@given(ink=INK)
def test_any_ink_gives_a_whole_image_in_range(ink: Ink) -> None:
    image = normalize(ink)
    assert image.shape == (SIDE, SIDE)
    assert image.dtype == np.float32
    assert image.min() >= 0
    assert image.max() <= 1


@given(height=st.integers(1, 300), width=st.integers(1, 300))
@settings(deadline=None)
def test_full_ink_is_never_lost(height: int, width: int) -> None:
    image = normalize(bar(height, width, room=2))
    scale = BODY / max(height, width)
    expected = max(1, round(height * scale)) * max(1, round(width * scale))
    assert image.sum() == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (7, 3000), (2000, 2000)])
def test_blank_ink_of_any_size_is_a_blank_image(shape: tuple[int, int]) -> None:
    assert not normalize(np.zeros(shape, np.uint8)).any()


@pytest.mark.parametrize(("height", "width"), [(1, 1), (20, 20), (2000, 2000)])
def test_a_filled_square_fills_the_body(height: int, width: int) -> None:
    image = normalize(bar(height, width))
    assert np.count_nonzero(image) == BODY * BODY
    assert image.max() == 1


@pytest.mark.parametrize(("height", "width"), [(1000, 3), (50, 2), (200, 1)])
def test_a_thin_upright_bar_keeps_its_shape(height: int, width: int) -> None:
    rows, columns = np.nonzero(normalize(bar(height, width)))
    assert np.ptp(rows) + 1 == BODY
    assert np.ptp(columns) + 1 == max(1, round(width * BODY / height))


def test_the_centre_of_mass_lies_at_pixel_14() -> None:
    wedge = np.tri(40, 24, dtype=np.uint8) * 255
    image = normalize(wedge)
    total = image.sum()
    rows, columns = image.sum(1) @ np.arange(SIDE) / total, image.sum(0) @ np.arange(SIDE) / total
    assert (abs(rows - CENTRE), abs(columns - CENTRE)) < (0.51, 0.51)


def test_a_body_that_would_leave_the_image_is_pushed_back_in() -> None:
    hammer = np.zeros((20, 20), np.uint8)
    hammer[:, 0] = 1
    hammer[0, :] = 1
    hammer[17:, 17:] = 255  # its weight lies in a corner
    image = normalize(hammer)
    assert as_ink(image).sum() == hammer.sum()


def test_a_stack_is_normalized_one_by_one() -> None:
    inks = [bar(30, 4), bar(5, 9), np.zeros((3, 3), np.uint8)]
    np.testing.assert_array_equal(normalize_all(inks), np.stack([normalize(ink) for ink in inks]))
    assert normalize_all([]).shape == (0, SIDE, SIDE)


def test_the_ink_handed_in_is_not_written_to() -> None:
    ink = bar(33, 12)
    before = ink.copy()
    normalize(ink)
    np.testing.assert_array_equal(ink, before)


def test_labels_are_the_ten_digits_and_then_no_digit() -> None:
    assert LABELS == ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", NOT_A_DIGIT)


def card() -> ModelCard:
    return ModelCard(
        name="net",
        contract=CONTRACT,
        labels=LABELS,
        sha256={"net.tflite": "ab"},
        temperature=1.25,
        data=({"name": "mnist", "licence": "öffentlich"},),
        figures={"held_out": {"accuracy": 0.99}},
        training={"seed": 1},
    )


def test_a_card_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    path.write_text(card().to_json(), encoding="utf-8")
    assert read_card(path) == card()


def test_a_missing_card_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"net\.json: the model card is missing"):
        read_card(tmp_path / "net.json")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        "{}",
        "null",
        json.dumps({"labels": []}),
        json.dumps({"name": "n", "contract": 1, "labels": 3, "sha256": {}}),
        json.dumps({"name": "n", "contract": 1, "labels": [], "sha256": {}, "colour": "red"}),
    ],
)
def test_a_garbled_card_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "net.json"
    path.write_text(text)
    with pytest.raises(ModelError, match="not a model card") as refusal:
        read_card(path)
    assert "\n" not in str(refusal.value)
    assert str(path) in str(refusal.value)


def test_a_card_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    path.write_bytes(b"\xff\xfe\x00garbage\x80")
    with pytest.raises(ModelError, match="not a model card"):
        read_card(path)


def card_with(curve: object) -> ModelCard:
    return ModelCard("tiny", CONTRACT, LABELS, {}, figures={"held_out": {"errors": curve}})


CURVE = [
    {"confidence": 0.5, "error": 0.03, "share": 1.0},
    {"confidence": 0.8, "error": 0.009, "share": 0.9},
    {"confidence": 0.9, "error": 0.011, "share": 0.8},
    {"confidence": 0.99, "error": 0.002, "share": 0.6},
]


@pytest.mark.parametrize(("error", "confidence"), [(0.05, 0.5), (0.03, 0.5), (0.02, 0.8), (0.01, 0.99), (0.002, 0.99)])
def test_the_card_tells_from_which_confidence_on_errors_are_few_enough(error: float, confidence: float) -> None:
    assert card_with(CURVE).confidence_for(error) == confidence


def test_fewer_errors_than_the_card_knows_of_cannot_be_asked_for() -> None:
    with pytest.raises(ModelError, match=r"no confidence has so few errors as 0\.001; ask for 0\.002"):
        card_with(CURVE).confidence_for(0.001)


@pytest.mark.parametrize("curve", [[], None, 5, [{"error": 1}], [3], {"a": 1}])
def test_a_card_without_the_curve_says_what_to_do(curve: object) -> None:
    with pytest.raises(ModelError, match="does not tell errors by confidence; train it again"):
        card_with(curve).confidence_for(0.01)
