"""The figures, against examples that can be counted by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.contract import LABELS, ModelCard
from tests.training.sets import digits, write_folder
from training.calibrate import at_temperature, best_temperature, least_shift, shifted
from training.data import REJECT
from training.evaluate import (
    accepted,
    accepted_right,
    accuracy,
    calibration_error,
    confusion,
    digit_accuracy,
    errors_by_confidence,
    evaluate,
    log_loss,
    table,
)

Probabilities = NDArray[np.float32]


def answers(*rows: tuple[int, float]) -> Probabilities:
    """Return rows that give one label so much, and the rest evenly to the others."""
    out = np.empty((len(rows), len(LABELS)), np.float32)
    for row, (label, p) in zip(out, rows, strict=True):
        row[:] = (1 - p) / (len(LABELS) - 1)
        row[label] = p
    return out


def labels(*values: int) -> NDArray[np.int64]:
    return np.array(values, np.int64)


FOUR = answers((3, 0.9), (3, 0.9), (7, 0.6), (REJECT, 0.8))


def test_accuracy_counts_the_likeliest_of_eleven() -> None:
    assert accuracy(FOUR, labels(3, 5, 7, REJECT)) == 0.75


def test_accuracy_of_ten_ignores_the_eleventh() -> None:
    doubtful = np.zeros((1, 11), np.float32)
    doubtful[0, [4, REJECT]] = 0.3, 0.7
    assert digit_accuracy(doubtful, labels(4)) == 1
    assert accuracy(doubtful, labels(4)) == 0


def test_what_is_unsure_or_no_digit_is_not_accepted() -> None:
    unsure = answers((2, 0.4), (2, 0.5), (REJECT, 0.9))
    assert accepted(unsure).tolist() == [False, True, False]
    assert accepted(unsure, least=0.3).tolist() == [True, True, False]
    assert accepted_right(unsure, labels(2, 2, 2)) == pytest.approx(1 / 3)
    assert accepted_right(unsure, labels(2, 1, 2)) == 0


def test_confusion_has_a_row_for_each_true_label() -> None:
    counts = confusion(FOUR, labels(3, 5, 7, REJECT))
    assert counts.sum() == 4
    assert (counts[3, 3], counts[5, 3], counts[7, 7], counts[REJECT, REJECT]) == (1, 1, 1, 1)


def test_calibration_error_of_an_example_worked_by_hand() -> None:
    # Two at 0.9, one right: |0.9 - 0.5| = 0.4 for 2 of 4. One at 0.6, right: 0.4. One at 0.8, right: 0.2.
    assert calibration_error(FOUR, labels(3, 5, 7, REJECT)) == pytest.approx((2 * 0.4 + 0.4 + 0.2) / 4, abs=1e-6)


def test_calibration_error_is_nought_when_nine_of_ten_at_nine_tenths_are_right() -> None:
    ten = answers(*[(1, 0.9)] * 10)
    assert calibration_error(ten, labels(*[1] * 9, 2)) == pytest.approx(0, abs=1e-6)


def test_certainty_falls_into_the_last_bin() -> None:
    assert calibration_error(answers((1, 1.0), (1, 1.0)), labels(1, 2)) == pytest.approx(0.5)


def test_log_loss_of_an_even_guess() -> None:
    even = np.full((5, 11), 1 / 11, np.float32)
    assert log_loss(even, labels(0, 1, 2, 3, 10)) == pytest.approx(np.log(11), rel=1e-5)


def test_no_answers_have_figures_too() -> None:
    nothing, none = np.zeros((0, 11), np.float32), labels()
    figures = [f(nothing, none) for f in (accuracy, digit_accuracy, accepted_right, calibration_error, log_loss)]
    assert figures == [0] * 5
    assert confusion(nothing, none).sum() == 0


def made_up(confidence: float, count: int = 400) -> tuple[Probabilities, NDArray[np.int64]]:
    """Return answers of a network that is `confidence` times too sure of itself, and the truth."""
    rng = np.random.default_rng(1)
    logits = 1.5 * rng.standard_normal((count, 11))
    true = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    truth = np.array([rng.choice(11, p=row) for row in true])
    return at_temperature(true.astype(np.float32), 1 / confidence), truth


@pytest.mark.parametrize("confidence", [0.5, 2.0, 3.0])
def test_temperature_scaling_lowers_the_loss_and_finds_how_far_off_the_network_was(confidence: float) -> None:
    probabilities, truth = made_up(confidence)
    temperature = best_temperature(probabilities, truth)
    cooled = at_temperature(probabilities, temperature)
    assert log_loss(cooled, truth) < log_loss(probabilities, truth)
    assert calibration_error(cooled, truth) < calibration_error(probabilities, truth)
    assert temperature == pytest.approx(confidence, rel=0.25)


@given(st.floats(0.3, 3))
def test_temperature_changes_no_ranking(temperature: float) -> None:
    probabilities, _ = made_up(1.0, 20)
    cooled = at_temperature(probabilities, temperature)
    np.testing.assert_array_equal(cooled.argmax(1), probabilities.argmax(1))
    np.testing.assert_allclose(cooled.sum(1), 1, atol=1e-5)


def test_the_least_shift_brings_rejected_digits_back() -> None:
    rejected = np.full((10, 11), 0.001, np.float32)
    rejected[:, 3], rejected[:, REJECT] = 0.991, 0.0
    rejected[0, [3, REJECT]] = 0.3, 0.691  # one in ten: odds of e^0.83
    shift = least_shift(rejected)
    assert shift == pytest.approx(-0.9)
    assert shifted(rejected, shift)[0].argmax() == 3
    assert least_shift(rejected, most=0.1) == 0
    assert least_shift(np.zeros((0, 11), np.float32)) == 0


class Fixed:
    """A classifier that gives every image the same answer."""

    card = ModelCard("fixed", 1, LABELS, {})

    def __init__(self, label: int) -> None:
        self._label = label

    def __call__(self, digits: NDArray[np.float32]) -> Probabilities:
        return answers(*[(self._label, 0.9)] * len(digits))


def folder(tmp_path: Path) -> Path:
    images, digit_labels = digits(30)
    letters = {"images": images, "labels": np.array(["A"] * 30), "ambiguous": (np.arange(30) < 10).astype(np.uint8)}
    return write_folder(tmp_path, usps={"images": images, "labels": digit_labels}, neg_choice_letters=letters)


def test_every_set_that_is_there_gets_its_figures(tmp_path: Path) -> None:
    sets = evaluate(Fixed(4), folder(tmp_path))
    assert set(sets) == {"mnist", "usps", "neg_choice_letters"}
    assert sets["mnist"]["count"] == 20
    assert sets["mnist"]["accuracy"] == 0.1
    assert sets["neg_choice_letters"] == {
        "count": 20,
        "accepted_as_digit": 1.0,
        "kind": "negatives",
        "learned": False,
    }


def test_a_model_that_rejects_all_accepts_no_letter(tmp_path: Path) -> None:
    sets = evaluate(Fixed(REJECT), folder(tmp_path))
    assert sets["neg_choice_letters"]["accepted_as_digit"] == 0
    assert sets["usps"]["accepted_right"] == 0


def test_the_table_has_a_row_for_every_set(tmp_path: Path) -> None:
    lines = table(evaluate(Fixed(4), folder(tmp_path))).splitlines()
    assert [line.split()[0] for line in lines] == ["set", "mnist", "usps", "no", "neg_choice_letters"]
    assert "10.00%" in lines[1]
    assert lines[-1].endswith("100.00%")


def test_the_table_of_mnist_alone_has_no_second_part(tmp_path: Path) -> None:
    assert len(table(evaluate(Fixed(4), write_folder(tmp_path))).splitlines()) == 2


def test_errors_by_confidence_of_an_example_worked_by_hand() -> None:
    told = answers((1, 0.995), (2, 0.9), (3, 0.6), (REJECT, 0.99))
    curve = {p["confidence"]: (p["error"], p["share"]) for p in errors_by_confidence(told, labels(1, 2, 4, 5))}
    assert curve[0.5] == pytest.approx((1 / 3, 0.75), abs=1e-4)
    assert curve[0.9] == (0.0, 0.5)
    assert curve[0.995] == (0.0, 0.25)
    assert 0.999 not in curve
    assert errors_by_confidence(told[:0], labels()) == []


def test_what_is_no_digit_and_is_taken_for_one_is_an_error() -> None:
    (first, *_) = errors_by_confidence(answers((1, 0.7), (1, 0.7)), labels(1, REJECT))
    assert first["error"] == 0.5
