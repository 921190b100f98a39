"""Keeps native libraries from writing over the user's terminal."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def hushed() -> Iterator[None]:
    """Send what native code writes straight to the process's stderr nowhere: it cannot be switched off from Python.

    libpng tells of a colour profile that is a byte off, LiteRT 2.1 of a delegate it created (TF_CPP_MIN_LOG_LEVEL,
    which silences TensorFlow, says nothing to it): each would break a progress bar and stand beside the one line that
    says what went wrong. Python's own messages are held back too.
    """
    try:
        kept = os.dup(2)
    except OSError:  # no stderr at all, as under pythonw
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
