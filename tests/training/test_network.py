"""The network: its size, its answers, and that it can learn at all."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from models.classifier import answers
from models.contract import LABELS, normalize_all
from tests.training.sets import digits
from training.calibrate import at_temperature, shifted
from training.network import PARAMETERS, build, cool, predict, to_litert

pytest.importorskip("keras")


@pytest.fixture(scope="module")
def network() -> Any:
    import keras

    keras.utils.set_random_seed(3)
    return build()


def images(count: int) -> Any:
    return normalize_all(list(digits(count)[0]))


def test_the_parameters_are_as_many_as_counted_by_hand(network: Any) -> None:
    widths = (1, 16, 32, 48, 48, 96, 96, 96)
    kernels = sum(9 * a * b for a, b in pairwise(widths))
    assert network.count_params() == PARAMETERS == kernels + 4 * sum(widths[1:]) + 9 * 96 * 11 + 11


def test_another_architecture_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.network.PARAMETERS", PARAMETERS + 1)
    with pytest.raises(AssertionError, match="parameters"):
        build()


@pytest.mark.parametrize("count", [0, 1, 33])
def test_answers_are_distributions(network: Any, count: int) -> None:
    answers = predict(network, images(33)[:count])
    assert answers.shape == (count, len(LABELS))
    np.testing.assert_allclose(answers.sum(1), np.ones(count), atol=1e-5)


def test_cooling_divides_the_logits(network: Any) -> None:
    before = predict(network, images(20))
    cool(network, 2.0)
    np.testing.assert_allclose(predict(network, images(20)), at_temperature(before, 2.0), atol=1e-5)
    cool(network, 0.5)
    np.testing.assert_allclose(predict(network, images(20)), before, atol=1e-5)


def test_a_shift_moves_only_what_is_no_digit(network: Any) -> None:
    before = predict(network, images(20))
    cool(network, 1.0, -1.5)
    np.testing.assert_allclose(predict(network, images(20)), shifted(before, -1.5), atol=1e-5)
    cool(network, 1.0, 1.5)


@pytest.mark.slow
def test_the_litert_file_answers_as_the_network_for_any_batch(network: Any, capfd: Any) -> None:
    content = to_litert(network, images(60))
    assert capfd.readouterr().out == ""
    assert len(content) < 1.4 * PARAMETERS  # a byte for nearly every parameter, not four
    for count in (1, 16, 5, 40):
        np.testing.assert_allclose(answers(content, images(count)), predict(network, images(count)), atol=0.05)


@pytest.mark.slow
def test_two_hundred_digits_are_learned_by_heart() -> None:
    import keras

    keras.utils.set_random_seed(1)
    network = build()
    network.compile(keras.optimizers.AdamW(3e-3), "sparse_categorical_crossentropy")
    drawn, labels = images(200), digits(200)[1]
    network.fit(drawn[..., None], labels, batch_size=50, epochs=12, verbose=0)
    network.compile(keras.optimizers.AdamW(3e-4), "sparse_categorical_crossentropy")
    network.fit(drawn[..., None], labels, batch_size=50, epochs=6, verbose=0)
    sure = predict(network, drawn)
    assert np.mean(sure.argmax(1) == labels) > 0.98
    read = answers(to_litert(network, drawn), drawn)
    assert np.mean(read.argmax(1) == sure.argmax(1)) > 0.98
    low = sure[sure < 1 / 256]
    assert len(np.unique(read[sure < 1 / 256])) > len(low) / 4  # small probabilities are told apart, too
