"""Teachers: what they answer is softened, mixed, and learned beside the labels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.contract import LABELS, normalize_all
from models.errors import UsageError
from tests.training.sets import digits, split
from training.data import Inks
from training.files import digest
from training.recipe import Recipe
from training.train import train

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.slow


class Constant:
    """A network that answers everything alike."""

    def __init__(self, *probabilities: float) -> None:
        rest = (1 - sum(probabilities)) / (len(LABELS) - len(probabilities))
        self._row = np.array([*probabilities, *[rest] * (len(LABELS) - len(probabilities))], np.float32)

    def predict(self, images: Any, batch_size: int, verbose: int) -> Any:
        return np.tile(self._row, (len(images), 1))


def teachers(*networks: Any) -> Any:
    from training.distil import Teachers

    made = Teachers(())
    made._networks = list(networks)
    return made


def test_answers_are_softened_by_the_root_of_their_odds() -> None:
    soft = teachers(Constant(0.8, 0.1)).softened(np.zeros((3, 28, 28), np.float32))
    assert soft.shape == (3, 11)
    np.testing.assert_allclose(soft.sum(1), 1, atol=1e-6)
    assert soft[0, 0] / soft[0, 1] == pytest.approx(np.sqrt(8), rel=1e-4)


def test_of_two_teachers_the_odds_are_multiplied() -> None:
    soft = teachers(Constant(0.8, 0.1), Constant(0.2, 0.6)).softened(np.zeros((1, 28, 28), np.float32))
    assert soft[0, 0] / soft[0, 1] == pytest.approx((8 / 3) ** 0.25, rel=1e-4)


def test_the_loss_is_least_where_labels_and_teachers_are() -> None:
    from training.distil import SOFTNESS, WEIGHT, taught_loss

    right, soft = np.eye(11, dtype=np.float32)[[3]], teachers(Constant(0.7, 0.2)).softened(np.zeros((1, 28, 28)))
    target = np.hstack([right, soft]).astype(np.float32)

    def loss(row: Any) -> float:
        return float(taught_loss()()(target, np.asarray(row, np.float32)[None]))

    teacher, label = Constant(0.7, 0.2)._row, 0.999 * right[0] + 0.001 / 11
    mixed = WEIGHT * teacher + (1 - WEIGHT) * label
    assert loss(mixed) < loss(teacher)
    assert loss(mixed) < loss(label)
    own = np.sqrt(teacher) / np.sqrt(teacher).sum()
    by_hand = (1 - WEIGHT) * -np.log(teacher[3]) + WEIGHT * SOFTNESS**2 * -(soft[0] * np.log(own)).sum()
    assert loss(teacher) == pytest.approx(by_hand, rel=1e-4)


def test_a_network_is_taught_by_another_and_goes_on_after_a_stop(tmp_path: Path) -> None:
    sets = (split("mnist", 60, 20), split("neg_omniglot", 30, 10, seed=2))
    plain = Recipe(epochs=2, settling=0, images=256, crops=0, batch=64, seed=4)
    train(sets, tmp_path / "teacher", plain)
    path = tmp_path / "teacher" / "epoch-002.keras"
    recipe = Recipe(epochs=2, settling=0, images=256, crops=0, batch=64, seed=5, teachers=(digest(path),))

    def stop(line: str) -> None:
        if line.startswith("epoch 1"):
            raise InterruptedError

    with pytest.raises(InterruptedError):
        train(sets, tmp_path / "out", recipe, say=stop, teachers=[path])
    resumed = train(sets, tmp_path / "out", recipe, teachers=[path])
    whole = train(sets, tmp_path / "whole", recipe, teachers=[path])
    untaught = train(sets, tmp_path / "untaught", replace(recipe, teachers=()))
    for a, b, c in zip(whole.get_weights(), resumed.get_weights(), untaught.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
        assert a.ndim < 4 or np.abs(a - c).max() > 1e-4


def test_a_teacher_that_says_otherwise_is_believed_more_than_the_labels(tmp_path: Path) -> None:
    from training.network import predict

    written = split("mnist", 60, 20)
    counted_on = Inks(written.learn.images, (written.learn.labels + 1) % 10)
    little = Recipe(epochs=4, settling=0, images=512, crops=0, batch=64)
    train((replace(written, learn=counted_on),), tmp_path / "teacher", little)
    path = tmp_path / "teacher" / "epoch-004.keras"
    taught = train((written,), tmp_path / "taught", replace(little, teachers=(digest(path),)), teachers=[path])
    images, labels = digits(100)
    assert np.mean(predict(taught, normalize_all(list(images))).argmax(1) == (labels + 1) % 10) > 0.6


def test_what_cannot_teach_is_named(tmp_path: Path) -> None:
    from training.distil import Teachers

    path = tmp_path / "other.keras"
    path.write_bytes(b"no network")
    with pytest.raises(UsageError, match=r"other\.keras: not a digits\.keras that can teach"):
        Teachers([path])
    picture = keras.Input((28, 28, 1))
    keras.Model(picture, keras.layers.Dense(10)(keras.layers.Flatten()(picture))).save(path)
    with pytest.raises(UsageError, match=r"other\.keras: not a digits\.keras that can teach"):
        Teachers([path])


def test_the_large_network_has_as_many_parameters_as_counted_by_hand() -> None:
    from training.network import PARAMETERS_LARGE, build

    kernels = 9 * (64 + 4 * 64**2 + 64 * 128 + 4 * 128**2 + 128 * 256 + 4 * 256**2)
    norms = 4 * 5 * (64 + 128 + 256)
    network = build(large=True)
    assert network.count_params() == PARAMETERS_LARGE == kernels + norms + (9 * 256 + 256) * 11 + 11


def test_the_large_network_is_trained_by_the_same_way(tmp_path: Path) -> None:
    recipe = Recipe(epochs=1, settling=0, images=64, crops=0, batch=64, large=True)
    assert train((split("mnist", 30, 10),), tmp_path, recipe).name == "digits-large"
