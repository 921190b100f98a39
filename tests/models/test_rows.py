"""The row network that ships keeps its contract and its card; what does not is refused."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from models.classifier import DEFAULT_MODEL
from models.contract import LABELS
from models.errors import ModelError
from models.rows import HEIGHT, NAME, STRIDE, RowNet, rows_beside


@pytest.fixture(scope="module")
def shipped() -> RowNet:
    net = rows_beside(DEFAULT_MODEL)
    assert net is not None
    return net


def test_rows_of_any_width_get_an_answer_at_every_step(shipped: RowNet) -> None:
    rng = np.random.default_rng(1)
    rows = [rng.integers(0, 256, (HEIGHT, STRIDE * steps), np.uint8) for steps in (1, 7, 40, 7, 300)]
    answers = shipped(rows)
    assert [answer.shape for answer in answers] == [(row.shape[1] // STRIDE, len(LABELS)) for row in rows]
    for answer in answers:
        np.testing.assert_allclose(answer.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(shipped(rows[1:2])[0], answers[1], atol=1e-6)
    assert shipped([]) == []


def test_blank_paper_has_no_digits(shipped: RowNet) -> None:
    (answer,) = shipped([np.zeros((HEIGHT, 200), np.uint8)])
    assert (answer[:, -1] > 0.9).all()


def test_it_is_small_and_its_card_tells_what_it_learned_from(shipped: RowNet) -> None:
    assert DEFAULT_MODEL.with_name(NAME).stat().st_size < 1_000_000
    assert {"mnist", "unipen_strokes"} <= {part["name"] for part in shipped.card.data}
    assert all(part["licence"] for part in shipped.card.data)


def test_a_model_without_one_beside_it_has_none(tmp_path: Path) -> None:
    assert rows_beside(tmp_path / "digits.tflite") is None


def test_a_file_its_card_does_not_describe_is_refused(tmp_path: Path) -> None:
    for name in (NAME, "rows.json"):
        shutil.copy(DEFAULT_MODEL.with_name(name), tmp_path / name)
    (tmp_path / NAME).write_bytes((tmp_path / NAME).read_bytes() + b"x")
    with pytest.raises(ModelError, match="sha256 differs"):
        rows_beside(tmp_path / "digits.tflite")
    (tmp_path / "rows.json").unlink()
    with pytest.raises(ModelError, match="card is missing"):
        rows_beside(tmp_path / "digits.tflite")


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"no network")
    card = json.loads(DEFAULT_MODEL.with_name("rows.json").read_text())
    card["sha256"] = {NAME: hashlib.sha256(b"no network").hexdigest()}
    (tmp_path / "rows.json").write_text(json.dumps(card))
    with pytest.raises(ModelError, match="LiteRT cannot run it"):
        rows_beside(tmp_path / "digits.tflite")
