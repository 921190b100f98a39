"""Training: the same seed gives the same weights, an interrupted one goes on, and what it writes keeps its promise."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.classifier import load_classifier
from models.contract import CONTRACT, LABELS, normalize_all
from models.errors import OutputError, UsageError
from tests.training.sets import digits, split
from training.files import digest, write
from training.publish import finish, is_finished
from training.recipe import STATE, Recipe
from training.train import train

pytest.importorskip("keras")
pytestmark = pytest.mark.slow

SETS = (split("mnist", 60, 20), split("unipen_digits", 30, 10, seed=1), split("neg_omniglot", 30, 10, seed=2))
SHORT = Recipe(epochs=1, settling=1, images=256, crops=120, batch=64, seed=4)


class StoppedError(Exception):
    pass


def weights(network: Any) -> list[Any]:
    return list(network.get_weights())


def same(one: Any, other: Any) -> None:
    for a, b in zip(weights(one), weights(other), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    out = tmp_path_factory.mktemp("whole")
    return train(SETS, out, SHORT), out


def test_the_same_seed_gives_the_same_weights(whole: tuple[Any, Path], tmp_path: Path) -> None:
    same(whole[0], train(SETS, tmp_path, SHORT))


def test_another_seed_gives_other_weights(whole: tuple[Any, Path], tmp_path: Path) -> None:
    other = train(SETS, tmp_path, Recipe(epochs=1, settling=0, images=64, crops=0, batch=64, seed=5))
    assert not np.allclose(weights(whole[0])[0], weights(other)[0])


def test_an_interrupted_training_ends_as_if_it_had_not_been(whole: tuple[Any, Path], tmp_path: Path) -> None:
    said: list[str] = []

    def interrupt(line: str) -> None:
        if line.startswith("epoch"):
            said.append(line)
            raise StoppedError

    with pytest.raises(StoppedError):
        train(SETS, tmp_path, SHORT, say=interrupt)
    assert json.loads((tmp_path / STATE).read_text())["epoch"] == 1
    resumed = train(SETS, tmp_path, SHORT, say=said.append)
    assert [line.split(":")[0] for line in said] == ["epoch 1/2", "epoch 2/2"]
    same(whole[0], resumed)


def test_only_the_last_epoch_is_kept(whole: tuple[Any, Path]) -> None:
    assert [path.name for path in whole[1].glob("epoch-*")] == ["epoch-002.keras"]


def test_a_training_that_is_done_is_not_done_again(whole: tuple[Any, Path]) -> None:
    said: list[str] = []
    same(whole[0], train(SETS, whole[1], SHORT, say=said.append))
    assert said == []


def test_a_training_with_other_options_is_not_gone_on_with(whole: tuple[Any, Path]) -> None:
    with pytest.raises(UsageError, match="--no-resume"):
        train(SETS, whole[1], Recipe(epochs=1, settling=1, images=256, crops=120, batch=64, seed=9))


def test_without_resume_it_starts_anew(tmp_path: Path) -> None:
    tiny = Recipe(epochs=1, settling=0, images=64, crops=0, batch=64)
    train(SETS, tmp_path, tiny)
    said: list[str] = []
    train(SETS, tmp_path, tiny, resume=False, say=said.append)
    assert len(said) == 1


def test_a_model_can_be_taught_further(whole: tuple[Any, Path], tmp_path: Path) -> None:
    path = whole[1] / "epoch-002.keras"
    little = Recipe(epochs=1, settling=0, images=64, crops=0, batch=64, rate=1e-9, start=digest(path))
    further = train(SETS, tmp_path, little, start=path)
    for a, b in zip(further.trainable_weights, whole[0].trainable_weights, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_of_what_was_taught_further_a_share_of_before_is_kept(whole: tuple[Any, Path], tmp_path: Path) -> None:
    path = whole[1] / "epoch-002.keras"
    recipe = Recipe(epochs=1, settling=0, images=64, crops=0, batch=64, rate=1e-2, start=digest(path))
    none, half, every = (
        train(SETS, tmp_path / str(keep), replace(recipe, keep=keep), start=path).get_weights() for keep in (0, 0.5, 1)
    )
    for before, mixed, after in zip(every, half, none, strict=True):
        np.testing.assert_allclose(mixed, (before + after) / 2, atol=1e-5)
    for kept, start in zip(every, whole[0].get_weights(), strict=True):
        np.testing.assert_allclose(kept, start, atol=1e-6)
    assert any(np.abs(a - b).max() > 1e-4 for a, b in zip(none, every, strict=True))


def test_what_cannot_be_taught_further_is_named(tmp_path: Path) -> None:
    path = tmp_path / "other.keras"
    path.write_bytes(b"no network")
    with pytest.raises(UsageError, match=r"other\.keras: not a digits\.keras"):
        train(SETS, tmp_path / "out", Recipe(epochs=1, settling=0, images=64, crops=0, start=digest(path)), start=path)
    with pytest.raises(UsageError, match=r"gone\.keras: cannot be read"):
        digest(tmp_path / "gone.keras")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"recipe": {}}'])
def test_a_garbled_state_is_refused_in_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / STATE).write_text(content)
    with pytest.raises(UsageError, match="--no-resume") as refusal:
        train(SETS, tmp_path, SHORT)
    assert "\n" not in str(refusal.value)


def test_lost_weights_are_named(tmp_path: Path) -> None:
    tiny = Recipe(epochs=1, settling=0, images=64, crops=0, batch=64)
    train(SETS, tmp_path, tiny)
    (tmp_path / "epoch-001.keras").write_bytes(b"gone")
    with pytest.raises(UsageError, match=r"epoch-001\.keras"):
        train(SETS, tmp_path, tiny)


def test_a_finished_model_keeps_its_card_s_promise(whole: tuple[Any, Path]) -> None:
    network, out = whole
    card = finish(network, SETS, out, SHORT)
    inks = normalize_all(list(digits(30)[0]))
    answers = [load_classifier(out / name)(inks) for name in ("digits.tflite", "digits.keras")]
    np.testing.assert_allclose(answers[0], answers[1], atol=0.05)  # int8 against float32
    assert (card.contract, card.labels) == (CONTRACT, LABELS)
    assert [part["name"] for part in card.data] == [s.source.name for s in SETS]
    assert card.data[0]["learned"] == 60
    assert card.figures["agreement"]["same_first_choice"] > 0.8
    held = card.figures["held_out"]
    assert held["log_loss_cooled"] <= held["log_loss_before"]
    assert -3 <= held["shift"] <= 0
    assert held["temperature"] == pytest.approx(card.temperature, abs=1e-3)
    assert card.training["seed"] == SHORT.seed
    assert not list(out.glob(".*")), "nothing half-written may stay"


def test_a_training_is_finished_only_when_its_files_are_whole(whole: tuple[Any, Path], tmp_path: Path) -> None:
    assert not is_finished(tmp_path, SHORT)
    shutil.copytree(whole[1], tmp_path / "out")
    for name in ("digits.keras", "digits.tflite", "digits.json"):
        (tmp_path / "out" / name).unlink(missing_ok=True)
    assert not is_finished(tmp_path / "out", SHORT)
    finish(whole[0], SETS, tmp_path / "out", SHORT)
    assert is_finished(tmp_path / "out", SHORT)
    (tmp_path / "out" / "digits.tflite").write_bytes(b"cut off")
    assert not is_finished(tmp_path / "out", SHORT)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be made"):
        train(SETS, tmp_path / "file" / "out", SHORT)


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OutputError, match="cannot be written"):
        write(tmp_path / "taken", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
