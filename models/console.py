"""How every command of this project ends: one line on stderr and an exit code, whatever happens in it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from io import TextIOWrapper
from typing import NoReturn, ParamSpec

import typer

from models.errors import DigitsError, ExitCode

P = ParamSpec("P")


def prepare_process() -> None:
    """Silence the libraries, which tell the user what our messages tell better, and end cleanly when told to."""
    os.environ.setdefault("OPENCV_LOG_LEVEL", "OFF")  # read when cv2 is imported
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "3")  # seconds a read blocks; ten where nothing is said
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # unfinished outputs are removed then too
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a file's name may hold what the terminal cannot show
    if sys.stdout is None:  # it is closed: what is opened next must not take its place
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - it is open as long as the process runs
    elif sys.stdout is sys.__stdout__ and isinstance(sys.stdout, TextIOWrapper):
        encoding, errors = sys.stdout.encoding, sys.stdout.errors
        sys.stdout = _Stdout(sys.stdout.detach(), encoding, errors, line_buffering=True)


class _Stdout(TextIOWrapper):
    """The stdout of a command: when it cannot be written, a full disk say, the command ends in one line.

    Each line goes out at once, so that none is left to fail when nobody can tell of it any more.
    """

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError as fault:
            self._end(fault)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as fault:
            self._end(fault)

    def _end(self, fault: OSError) -> NoReturn:
        if isinstance(fault, BrokenPipeError):  # `guarded` ends that in silence
            raise fault
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())  # where the rest goes
        say(f"error: stdout: cannot be written ({(fault.strerror or str(fault)).lower()})")
        raise SystemExit(ExitCode.FAULT) from fault


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """Let a command end in one line and an exit code, whatever a user can bring about in it."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except DigitsError as fault:
            fail(str(fault), fault.exit_code)
        except ImportError as fault:
            fail(f"a package cannot be loaded ({fault}); `digits doctor` tells what helps", ExitCode.FAULT)
        except KeyboardInterrupt:
            say("interrupted")
            raise typer.Exit(ExitCode.INTERRUPTED) from None
        except BrokenPipeError:  # whoever read our stdout has gone, as `head` does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(ExitCode.FAULT) from None

    return run


def fail(message: str, code: ExitCode) -> NoReturn:
    """End the command with one line on stderr."""
    say(f"error: {message}")
    raise typer.Exit(code)


def say(text: str) -> None:
    """Write a line to stderr; a progress bar of rich stays below it."""
    if sys.stderr is not None:
        print(text, file=sys.stderr, flush=True)
