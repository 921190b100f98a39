"""One contract for every backend, and each refusal of a model that does not keep its card's promise."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.classifier import BACKENDS, BATCH, DEFAULT_MODEL, Classifier, load_classifier
from models.contract import CONTRACT, LABELS, NOT_A_DIGIT, SIDE, normalize, normalize_all
from models.errors import ExitCode, ModelError
from tests.models.golden import IMAGES, drawn, every_digit
from training.forms import FORMS
from training.strokes import glyph

SUFFIXES = [
    pytest.param(".tflite"),
    pytest.param(".keras", marks=pytest.mark.skipif(not importlib.util.find_spec("keras"), reason="needs TensorFlow")),
]
COUNTS = [0, 1, 2, 33, BATCH, BATCH + 1, 2 * BATCH + 7]


@pytest.fixture(scope="module")
def shipped() -> Callable[[str], Classifier]:
    opened: dict[str, Classifier] = {}

    def open_once(suffix: str) -> Classifier:
        if suffix not in opened:
            opened[suffix] = load_classifier(DEFAULT_MODEL.with_suffix(suffix))
        return opened[suffix]

    return open_once


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("count", COUNTS)
def test_a_batch_of_any_size_gives_that_many_distributions(
    shipped: Callable[[str], Classifier], suffix: str, count: int
) -> None:
    digits = np.resize(np.load(IMAGES), (count, SIDE, SIDE)).astype(np.float32)
    answers = shipped(suffix)(digits)
    assert answers.shape == (count, len(LABELS))
    assert answers.dtype == np.float32
    assert (answers >= 0).all()
    np.testing.assert_allclose(answers.sum(1), np.ones(count), atol=1e-5)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_answer_does_not_depend_on_its_company(shipped: Callable[[str], Classifier], suffix: str) -> None:
    digits = np.load(IMAGES)
    together = shipped(suffix)(digits)
    alone = np.concatenate([shipped(suffix)(digits[i : i + 1]) for i in range(len(digits))])
    np.testing.assert_allclose(together, alone, atol=1e-4)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_handed_in_is_not_written_to(shipped: Callable[[str], Classifier], suffix: str) -> None:
    digits = np.load(IMAGES)
    shipped(suffix)(digits)
    np.testing.assert_array_equal(digits, np.load(IMAGES))


@pytest.mark.skipif(not importlib.util.find_spec("keras"), reason="needs TensorFlow")
def test_the_backends_agree(shipped: Callable[[str], Classifier]) -> None:
    digits = np.load(IMAGES)
    one, other = shipped(".tflite")(digits), shipped(".keras")(digits)
    np.testing.assert_array_equal(one.argmax(1), other.argmax(1))
    assert np.abs(one - other).mean() < 2e-3  # int8 against float32


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_view_that_is_not_contiguous_is_read_like_its_copy(shipped: Callable[[str], Classifier], suffix: str) -> None:
    wide = np.zeros((4, SIDE, 2 * SIDE), np.float32)
    wide[:, :, ::2] = np.load(IMAGES)[:4]
    np.testing.assert_allclose(shipped(suffix)(wide[:, :, ::2]), shipped(suffix)(np.load(IMAGES)[:4]), atol=1e-5)


@pytest.mark.parametrize(("label", "form"), every_digit())
def test_the_shipped_model_reads_drawn_digits(shipped: Callable[[str], Classifier], label: str, form: str) -> None:
    inks = [drawn(glyph(label, form), height, pen) for height, pen in ((48, 5), (40, 4), (56, 7))]
    votes = shipped(".tflite")(normalize_all(inks)).argmax(1)
    assert np.sum(votes == LABELS.index(label)) >= 2


def test_the_shipped_model_takes_few_drawn_signs_for_digits(shipped: Callable[[str], Classifier]) -> None:
    others = [(label, form) for label in FORMS if label not in "0123456789" for form in FORMS[label]]
    answers = shipped(".tflite")(np.stack([normalize(drawn(glyph(*name))) for name in others]))
    assert np.mean(answers.argmax(1) == LABELS.index(NOT_A_DIGIT)) > 0.6


def test_the_shipped_card_names_both_files_and_the_licences_of_what_it_learned_from() -> None:
    card = load_classifier().card
    assert (card.contract, card.labels) == (CONTRACT, LABELS)
    for name in ("digits.tflite", "digits.keras"):
        content = DEFAULT_MODEL.with_name(name).read_bytes()
        assert card.sha256[name] == hashlib.sha256(content).hexdigest()
    assert {"mnist", "kensanata_numbers", "unipen_digits"} <= {part["name"] for part in card.data}
    assert all(part["licence"] for part in card.data)


def test_the_shipped_model_is_small() -> None:
    assert DEFAULT_MODEL.stat().st_size < 1_000_000


def test_reading_through_litert_loads_no_tensorflow() -> None:
    program = (
        "import sys, numpy as np; from models.classifier import load_classifier;"
        "print(load_classifier()(np.zeros((1, 28, 28), np.float32)).shape);"
        "sys.exit(any(m.split('.')[0] in ('tensorflow', 'keras') for m in sys.modules))"
    )
    root = DEFAULT_MODEL.parents[1]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "(1, 11)"), done.stderr


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the shipped .tflite with its card, to be spoilt."""
    for suffix in (".tflite", ".json"):
        shutil.copy(DEFAULT_MODEL.with_suffix(suffix), tmp_path)
    return tmp_path / DEFAULT_MODEL.name


def change_card(model: Path, **fields: Any) -> None:
    card = model.with_suffix(".json")
    card.write_text(json.dumps(json.loads(card.read_text(encoding="utf-8")) | fields), encoding="utf-8")


def put(model: Path, content: bytes) -> None:
    """Replace the model by `content` and make its card agree."""
    model.write_bytes(content)
    change_card(model, sha256={model.name: hashlib.sha256(content).hexdigest()})


SPOILT: list[tuple[str, Callable[[Path], object], str]] = [
    ("missing", lambda model: model.unlink(), "the model is missing"),
    ("no card", lambda model: model.with_suffix(".json").unlink(), "the model card is missing"),
    ("garbled card", lambda model: model.with_suffix(".json").write_text("{"), "not a model card"),
    ("one byte more", lambda model: model.write_bytes(model.read_bytes() + b"."), "sha256 differs"),
    ("empty", lambda model: model.write_bytes(b""), "sha256 differs"),
    ("other file's hash", lambda model: change_card(model, sha256={"digits.onnx": "0"}), "sha256 differs"),
    ("old contract", lambda model: change_card(model, contract=CONTRACT - 1), f"this program keeps {CONTRACT}"),
    ("other labels", lambda model: change_card(model, labels=[*LABELS[1:], "0"]), "other labels"),
    ("a hash for all files", lambda model: change_card(model, sha256="0"), '"sha256" must be a table'),
    ("labels that are a number", lambda model: change_card(model, labels=11), '"labels" must be a list'),
    ("labels that are a text", lambda model: change_card(model, labels="0123456789"), '"labels" must be a list'),
    ("a name as data", lambda model: change_card(model, data="mnist"), '"data" must be a list'),
    ("no .tflite", lambda model: put(model, b"not a network"), "LiteRT cannot run it"),
    ("empty, but as promised", lambda model: put(model, b""), "LiteRT cannot run it"),
]


@pytest.mark.parametrize(("spoil", "words"), [row[1:] for row in SPOILT], ids=[row[0] for row in SPOILT])
def test_a_model_that_breaks_its_promise_is_refused_in_one_line(
    copied: Path, spoil: Callable[[Path], object], words: str
) -> None:
    spoil(copied)
    with pytest.raises(ModelError, match=words) as refusal:
        load_classifier(copied)
    assert str(copied.parent) in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert refusal.value.exit_code == ExitCode.MODEL


def test_a_model_that_cannot_be_read_is_refused_in_one_line(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(
        ModelError, match=r"digits\.tflite: cannot be read \(Permission denied\); check its permissions"
    ):
        load_classifier(copied)


def test_an_unspoilt_copy_is_opened(copied: Path) -> None:
    assert load_classifier(copied).card.contract == CONTRACT


@pytest.mark.parametrize("name", ["digits.onnx", "digits", "digits.tflite.bak"])
def test_an_unknown_kind_of_file_is_refused_with_the_known_ones(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match="not a model file") as refusal:
        load_classifier(tmp_path / name)
    assert all(suffix in str(refusal.value) for suffix in BACKENDS)


@pytest.mark.skipif(not importlib.util.find_spec("keras"), reason="needs TensorFlow")
def test_a_keras_file_that_is_none_is_refused_in_one_line(tmp_path: Path) -> None:
    shutil.copy(DEFAULT_MODEL.with_suffix(".json"), tmp_path)
    model = tmp_path / "digits.keras"
    put(model, b"not a network")
    with pytest.raises(ModelError, match=r"digits\.keras") as refusal:
        load_classifier(model)
    assert "\n" not in str(refusal.value)
