"""What is promised about installing: one list of requirements, and a wheel that clashes with nobody."""

from __future__ import annotations

import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def quoted(key: str) -> list[str]:
    """Return the strings of the list that `key` opens in pyproject.toml (Python 3.10 has no tomllib)."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = re.search(rf"^{key} = \[(.*?)\]", text, re.MULTILINE | re.DOTALL)
    assert block is not None
    return re.findall(r'"([^"]+)"', block.group(1))


def test_requirements_are_what_reading_and_training_need() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    listed = {line for line in lines if line and not line.startswith("#")}
    assert listed == {*quoted("dependencies"), *quoted("train")}


def test_one_opencv_wheel() -> None:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if line.startswith("opencv")] == ["opencv-python>=4.10"]


def test_typer_is_one_that_goes_with_every_click_it_admits() -> None:
    floor = next(line for line in quoted("dependencies") if line.startswith("typer>="))
    # 0.15.1 admits click 8.2 and later, with which its --help ends in a TypeError; 0.16.0 is the first made for them.
    assert tuple(map(int, floor.removeprefix("typer>=").split("."))) >= (0, 16)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.whl"))


@pytest.mark.slow
def test_the_wheel_holds_one_package(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {n.split("/")[0] for n in names if ".dist-info" not in n} == {"handdigits"}
    assert {"handdigits/__init__.py", "handdigits/py.typed", "handdigits/models/digits.tflite"} <= set(names)


@pytest.mark.slow
def test_the_wheel_reads_beside_packages_of_the_same_names(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=True, system_site_packages=False)
    python = next(p for p in (tmp_path / "env/bin/python", tmp_path / "env/Scripts/python.exe") if p.exists())
    subprocess.run([str(python), "-m", "pip", "install", "-q", str(wheel)], check=True, capture_output=True)
    for decoy in ("models", "realtime", "training"):
        (tmp_path / decoy).mkdir()
        (tmp_path / decoy / "__init__.py").write_text("raise RuntimeError('the wrong package')\n")
    code = (
        "import cv2, sys; from handdigits import open_reader; print(open_reader().read(cv2.imread(sys.argv[1])).text)"
    )
    sheet = str(ROOT / "samples" / "sheet.jpg")
    done = subprocess.run([str(python), "-c", code, sheet], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) > 5
    script = subprocess.run(
        [str(python.with_name("digits")), "scan", sheet], cwd=tmp_path, capture_output=True, text=True
    )
    assert script.returncode == 0, script.stderr
    assert done.stdout.split()[0] in script.stdout
