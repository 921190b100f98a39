"""`python -m training` as a user meets it: in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models.classifier import DEFAULT_MODEL
from models.errors import ExitCode, UsageError
from models.rows import rows_beside
from tests.training.sets import digits, write_folder, write_strokes
from training.data import OWN, training_sets

Arrays = dict[str, NDArray[np.generic]]
ROOT = DEFAULT_MODEL.parents[1]


def command(*words: str | Path) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "training", *map(str, words)]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)


def folder(tmp_path: Path) -> Path:
    images, labels = digits(30)
    usps: Arrays = {"images": images, "labels": labels}
    letters: Arrays = {"images": images[:9], "labels": np.array(["A"] * 9)}
    return write_folder(tmp_path / "data", usps=usps, neg_choice_letters=letters)


@pytest.mark.parametrize("words", [(), ("train",), ("evaluate",), ("samples",)])
def test_help_is_there(words: tuple[str, ...]) -> None:
    done = command(*words, "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout
    assert done.stdout.isascii(), "no boxes"
    for option in {"train": ("--data", "--out", "--epochs", "--seed", "--no-resume"), "evaluate": ("--json",)}.get(
        "".join(words), ()
    ):
        assert option in done.stdout


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys; sys.argv = ['digits-train', 'train', '--help']\n"
        "from training.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print([m for m in ('tensorflow', 'keras', 'cv2', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_evaluate_writes_the_figures_of_the_shipped_model(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    done = command("evaluate", "--data", folder(tmp_path), "--json", figures)
    assert done.returncode == 0, done.stderr
    sets = json.loads(figures.read_text())["sets"]
    assert sets["mnist"]["count"] == 20
    assert sets["mnist"]["accuracy"] > 0.8
    assert set(sets) == {"mnist", "usps", "neg_choice_letters"}
    assert done.stdout.splitlines()[1].split()[:2] == ["mnist", "20"]
    assert "unipen_digits.npz: not in" in done.stderr
    assert "unipen" not in done.stdout


def test_evaluating_a_litert_model_loads_no_tensorflow(tmp_path: Path) -> None:
    program = (
        f"import sys; sys.argv = ['x', 'evaluate', '--data', {str(folder(tmp_path))!r}]\n"
        "from training.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print([m for m in ('tensorflow', 'keras') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


FAULTS: list[tuple[tuple[str, ...], ExitCode, str]] = [
    (("evaluate", "--data", "nowhere"), ExitCode.USAGE, "nowhere: no such folder"),
    (("evaluate", "--data", "."), ExitCode.USAGE, "mnist.npz: missing"),
    (("evaluate", "--model", "no.tflite"), ExitCode.MODEL, "no.tflite: the model is missing"),
    (("evaluate", "--model", "README.md"), ExitCode.MODEL, "not a model file"),
    (("train", "--data", "nowhere", "--out", "out/x"), ExitCode.USAGE, "nowhere: no such folder"),
]


@pytest.mark.parametrize(("words", "code", "line"), FAULTS)
def test_a_fault_is_one_line_and_its_exit_code(words: tuple[str, ...], code: ExitCode, line: str) -> None:
    done = command(*words)
    assert done.returncode == code
    assert done.stderr.startswith("error: ")
    assert line in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("words", [("train",), ("train", "--out", "x", "--epochs", "0"), ("fly",)])
def test_wrong_usage_ends_with_two_and_plain_text(words: tuple[str, ...]) -> None:
    done = command(*words)
    assert done.returncode == ExitCode.USAGE
    assert done.stderr.isascii(), "no boxes"


def test_a_garbled_set_is_one_line(tmp_path: Path) -> None:
    data = folder(tmp_path)
    (data / "mnist.npz").write_bytes(b"garbage")
    done = command("evaluate", "--data", data)
    assert done.returncode == ExitCode.SOME_FAILED
    assert "mnist.npz: not a readable set" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_output_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    done = command("evaluate", "--data", folder(tmp_path), "--json", tmp_path / "no" / "such" / "f.json")
    assert done.returncode == ExitCode.FAULT
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_interrupting_ends_with_130_and_no_traceback(tmp_path: Path) -> None:
    program = (
        "import sys; sys.argv = ['x', 'samples', '--out', 'unused']\n"
        "import types; slow = types.ModuleType('training.samples')\n"
        "def write_samples(out, seed): raise KeyboardInterrupt\n"
        "slow.write_samples = write_samples; sys.modules['training.samples'] = slow\n"
        "from training.cli import main\n"
        "main()"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == ExitCode.INTERRUPTED
    assert done.stderr == "interrupted\n"


def test_a_download_that_fails_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    datasets = pytest.importorskip("keras.datasets")

    def fail() -> None:
        raise Exception("URL fetch failure:\nno network")  # keras raises a bare Exception

    monkeypatch.setattr(datasets.mnist, "load_data", fail)
    with pytest.raises(UsageError, match=r"MNIST cannot be downloaded .*no network.* --data") as refusal:
        training_sets(None)
    assert "\n" not in str(refusal.value)


def test_a_download_is_split_like_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    datasets = pytest.importorskip("keras.datasets")
    monkeypatch.setattr(datasets.mnist, "load_data", lambda: (digits(40), digits(20)))
    mnist, *own = training_sets(None)
    assert (mnist.source.name, len(mnist.learn) + len(mnist.held)) == ("mnist", 40)
    assert [split.source.name for split in own] == list(OWN)


@pytest.mark.slow
def test_train_writes_a_model_that_evaluate_opens(tmp_path: Path) -> None:
    pytest.importorskip("keras")
    data, out = folder(tmp_path), tmp_path / "out"
    words = (
        "train",
        "--data",
        data,
        "--out",
        out,
        "--epochs",
        "2",
        "--images",
        "500",
        "--batch",
        "50",
        "--crops",
        "200",
    )
    trained = command(*words)
    assert trained.returncode == 0, trained.stderr
    told = [line.split(":")[0] for line in trained.stderr.splitlines() if not line.endswith("left out")]
    assert told[-3:] == ["epoch 1/2", "epoch 2/2", str(out / "digits.tflite")]
    crops = {"crops-learn-1-000-200.npz", "crops-held-1-000-20.npz"}
    assert set(told[:-3]) - {"neg_choice_letters", "usps"} == {"mnist", *OWN, *crops}, "nothing of TensorFlow's"
    assert trained.stdout == ""
    before = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    again = command(*words)
    assert again.returncode == 0, again.stderr
    assert again.stderr.startswith(f"{out}: this training is already finished")
    assert len(again.stderr.splitlines()) == 1
    assert before == {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    for name in ("digits.tflite", "digits.keras"):
        measured = command("evaluate", "--data", data, "--model", out / name)
        assert measured.returncode == 0, measured.stderr
        assert measured.stdout.splitlines()[1].startswith("mnist")


@pytest.mark.slow
def test_train_rows_writes_a_network_that_the_reader_opens_and_goes_on_where_it_was(tmp_path: Path) -> None:
    keras = pytest.importorskip("keras")
    data, whole, broken = folder(tmp_path), tmp_path / "whole", tmp_path / "broken"
    write_strokes(data)
    words = ("train-rows", "--data", data, "--rows", "48", "--held", "16", "--batch", "16")
    trained = command(*words, "--epochs", "2", "--out", whole)
    assert trained.returncode == 0, trained.stderr
    told = [line.split(":")[0] for line in trained.stderr.splitlines() if not line.endswith("left out")]
    assert told[-3:] == ["epoch 1/2", "epoch 2/2", str(whole / "rows.tflite")]
    assert trained.stdout == ""
    net = rows_beside(whole / "digits.tflite")
    assert net is not None
    assert "unipen_strokes" in {part["name"] for part in net.card.data}
    assert net.card.training["rows"] == 48
    before = {path.name: path.stat().st_mtime_ns for path in whole.iterdir()}
    again = command(*words, "--epochs", "2", "--out", whole)
    assert again.stderr.splitlines()[-1].startswith(f"{whole}: this training is already finished")
    assert before == {path.name: path.stat().st_mtime_ns for path in whole.iterdir()}
    refused = command(*words, "--epochs", "3", "--out", whole)
    assert refused.returncode == 2
    assert "holds another training of rows" in refused.stderr
    process = subprocess.Popen(
        [sys.executable, "-m", "training", *map(str, words), "--epochs", "2", "--out", str(broken)],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("epoch 1/2"):
            break
    process.kill()
    process.communicate()
    resumed = command(*words, "--epochs", "2", "--out", broken)
    assert resumed.returncode == 0, resumed.stderr
    assert "epoch 1/2" not in resumed.stderr
    one, other = (keras.models.load_model(out / "rows.keras", compile=False).get_weights() for out in (whole, broken))
    for ours, theirs in zip(one, other, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.slow
def test_a_large_network_teaches_another_by_the_command(tmp_path: Path) -> None:
    pytest.importorskip("keras")
    data, large, taught = folder(tmp_path), tmp_path / "large", tmp_path / "taught"
    little = ("train", "--data", data, "--epochs", "1", "--images", "64", "--batch", "32", "--crops", "0")
    done = command(*little, "--large", "--out", large)
    assert done.returncode == 0, done.stderr
    words = (*little, "--teacher", large / "digits.keras", "--rate", "0.007", "--out", taught)
    assert command(*words).returncode == 0
    recipes = [json.loads((out / "digits.json").read_text())["training"] for out in (large, taught)]
    assert [(r["large"], len(r["teachers"]), r["rate"]) for r in recipes] == [(True, 0, 0.005), (False, 1, 0.007)]
    assert "already finished" in command(*words).stderr
    other = command(*little, "--out", taught)
    assert other.returncode == ExitCode.USAGE
    assert "other options" in other.stderr


@pytest.mark.slow
def test_the_shipped_model_is_made_anew_step_by_step(tmp_path: Path) -> None:
    """The steps as they are, of one epoch each, and few images."""
    pytest.importorskip("keras")
    from training import steps

    out = tmp_path / "out"
    said: list[str] = []
    short = [
        replace(step, recipe=replace(step.recipe, images=64, batch=32)) for step in steps.shortened(steps.STEPS, 1e-6)
    ]
    sets = training_sets(folder(tmp_path))
    card = steps.remake(lambda: sets, out, short, True, said.append)
    made = {step.name: json.loads((out / step.name / "digits.json").read_text()) for step in short}
    hashes = {name: each["sha256"]["digits.keras"] for name, each in made.items()}
    students = [hashes[f"student-{seed}"] for seed in (1, 2, 3)]
    assert [made[name]["training"]["seed"] for name in ("student-1", "student-2", "student-3")] == [1, 2, 3]
    assert all(made[f"student-{seed}"]["training"]["teachers"] == [hashes["large"]] for seed in (1, 2, 3))
    assert (card.training["teachers"], card.training["start"]) == (students, students[2])
    assert made["large"]["training"]["large"]
    assert not card.training["large"]
    assert (out / "digits.tflite").read_bytes() == (out / "last" / "digits.tflite").read_bytes()
    assert [line for line in said if line.startswith("step")][-1].startswith("step 5/5, last: 2 epochs of 64")
    told = len(said)
    assert steps.remake(lambda: pytest.fail("opened"), out, short, True, said.append) == card
    assert sum("already finished" in line for line in said[told:]) == 5


def test_the_steps_make_what_the_card_says() -> None:
    """The last step of `remake` is the recipe of the shipped model, but for hashes."""
    from models.contract import read_card
    from training.steps import STEPS

    card, last = read_card(DEFAULT_MODEL.with_suffix(".json")), STEPS[-1].recipe
    for name in ("epochs", "settling", "seed", "images", "crops", "batch", "rate", "settling_rate", "large"):
        assert card.training[name] == getattr(last, name), name
