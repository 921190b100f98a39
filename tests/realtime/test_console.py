"""How a command ends when its terminal, its stdout or its outputs are not what they should be."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from models.errors import UsageError
from realtime.console import progress, require_inputs
from realtime.outputs import write_picture
from tests.realtime.making import sheet
from tests.realtime.test_cli import ROOT

FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
@pytest.mark.parametrize("args", [["--version"], ["--help"], ["scan", "--help"], ["scan", "good.png"]])
def test_a_stdout_that_takes_nothing_is_one_line(args: list[str], tmp_path: Path) -> None:
    write_picture(tmp_path / "good.png", sheet())
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "realtime", *args],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.stderr == "error: stdout: cannot be written (no space left on device)\n"
    assert done.returncode == 1


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
def test_a_closed_stdout_is_no_fault(tmp_path: Path) -> None:
    write_picture(tmp_path / "good.png", sheet())
    done = subprocess.run(
        ["sh", "-c", f"'{sys.executable}' -m realtime scan good.png --jsonl r.jsonl >&-"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "r.jsonl").read_text().count("\n") == 1, "what is printed went into the records"


def test_progress_is_shown_without_a_stdout(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(sys, "stdout", None)
    with progress(2, "pictures") as done:
        done()


@pytest.mark.parametrize("second", ["a.mp4", "./a.mp4", "sub/../a.mp4"])
def test_two_outputs_are_never_the_same_file(second: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sub").mkdir()
    with pytest.raises(UsageError, match=r"a\.mp4: is named for two outputs"):
        require_inputs([], outputs=[second, Path("a.mp4")])


def test_outputs_that_are_not_wanted_or_go_to_stdout_clash_with_nothing() -> None:
    require_inputs([], outputs=[None, None])
    require_inputs([], outputs=["-", "-"])
