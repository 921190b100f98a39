"""What can go wrong, and the exit code each fault ends a command with.

DigitsError             the base of every fault this project raises on purpose; its text is one line for the user
├── ModelError          5   the model is missing, or is not what its card promises
├── UsageError          2   a path that does not exist, options that do not go together
├── OutputError         1   an output that cannot be written
├── DisplayError        1   a window is wanted and there is no display
├── UnreadableError     3   one input that cannot be read: a batch goes on (4 when nothing could be read)
└── CameraError         6   no camera, or a camera that is lost for good
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """The exit codes of every command (docs/guide.md lists them for users)."""

    OK = 0
    FAULT = 1
    USAGE = 2
    SOME_FAILED = 3
    NOTHING_READ = 4
    MODEL = 5
    CAMERA = 6
    INTERRUPTED = 130


class DigitsError(Exception):
    """A fault the user can understand and mend: the text names the thing and the remedy in one line."""

    exit_code: ClassVar[ExitCode] = ExitCode.FAULT


class ModelError(DigitsError):
    """The model file is missing, or it is not what its card promises."""

    exit_code = ExitCode.MODEL


class UsageError(DigitsError):
    """The command was asked for something that cannot be: a path that does not exist, options at odds."""

    exit_code = ExitCode.USAGE


class OutputError(DigitsError):
    """An output cannot be written."""


class DisplayError(DigitsError):
    """A window is wanted and no display can show it."""


class UnreadableError(DigitsError):
    """One input cannot be read; the others can."""

    exit_code = ExitCode.SOME_FAILED


class CameraError(DigitsError):
    """There is no camera, or it is lost for good."""

    exit_code = ExitCode.CAMERA
