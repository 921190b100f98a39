"""Opening a model and reading with it is silent, and leaves stderr as it was."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.quiet import hushed

ROOT = Path(__file__).parents[2]
READ = (
    "import os, sys, numpy as np; from realtime import open_reader; p = np.full((90, 90, 3), 230, np.uint8);"
    "p[20:70, 40:46] = 20; open_reader().read(p); os.write(1, b'read');"
)


def run(code: str, stderr: int | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=stderr, text=True)


@hushed()
def fail_noisily() -> None:
    os.write(2, b"INFO: Created a delegate\n")
    raise KeyError


def test_reading_writes_nothing_to_stderr_and_leaves_it_open() -> None:
    done = run(READ + "print('still open', file=sys.stderr)", stderr=subprocess.PIPE)
    assert (done.returncode, done.stdout, done.stderr) == (0, "read", "still open\n")


@pytest.mark.skipif(sys.platform == "win32", reason="closes a file descriptor as a shell of Unix does")
def test_reading_works_without_a_stderr() -> None:
    code = f"import os, sys; os.close(2); sys.stderr = None; {READ}"
    assert run(code).stdout == "read"


def test_native_writing_is_held_back_and_nothing_after_it(capfd: pytest.CaptureFixture[str]) -> None:
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
    with pytest.raises(KeyError):
        fail_noisily()
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"
    if before:
        assert len(os.listdir("/proc/self/fd")) == before
