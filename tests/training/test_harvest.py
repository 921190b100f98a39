"""Crops are made once, kept, gone on with and never mixed up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import training.harvest
from models.errors import UsageError
from tests.training.sets import split
from training.harvest import harvest

SETS = (split("mnist", 60, 30), split("neg_omniglot", 30, 10, seed=2))


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training.harvest, "SHARD", 40)


def test_what_is_there_is_not_drawn_again(tmp_path: Path) -> None:
    said: list[str] = []
    first = harvest(SETS, tmp_path, 1, 90, say=said.append)
    assert len(first) == 90
    assert len(said) == len(list(tmp_path.glob("crops-*"))) == 3
    again = harvest(SETS, tmp_path, 1, 90, say=said.append)
    assert len(said) == 3
    np.testing.assert_array_equal(first.images, again.images)
    np.testing.assert_array_equal(first.labels, again.labels)


def test_an_interrupted_harvest_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    whole = harvest(SETS, tmp_path, 1, 80)
    sorted(tmp_path.glob("crops-*"))[1].unlink()
    np.testing.assert_array_equal(harvest(SETS, tmp_path, 1, 80).images, whole.images)


def test_parts_and_seeds_differ(tmp_path: Path) -> None:
    crops = [harvest(SETS, tmp_path, seed, 40) for seed in (1, 2)] + [harvest(SETS, tmp_path, 1, 40, "held")]
    assert (crops[0].images != crops[1].images).any()
    assert (crops[0].images != crops[2].images).any()


def test_anew_draws_again(tmp_path: Path) -> None:
    said: list[str] = []
    for anew in (False, True):
        harvest(SETS, tmp_path, 1, 40, anew=anew, say=said.append)
    assert len(said) == 2


def test_none_wanted_or_no_digits_to_write_gives_none(tmp_path: Path) -> None:
    assert len(harvest(SETS, tmp_path, 1, 0)) == 0
    assert len(harvest(SETS[1:], tmp_path, 1, 40)) == 0


def test_a_damaged_file_is_named_in_one_line(tmp_path: Path) -> None:
    harvest(SETS, tmp_path, 1, 40)
    path = next(tmp_path.glob("crops-*"))
    path.write_bytes(b"gone")
    with pytest.raises(UsageError, match=path.name) as refusal:
        harvest(SETS, tmp_path, 1, 40)
    assert "\n" not in str(refusal.value)
