"""Runs a command for what is news, in the background: reading never waits for it."""

from __future__ import annotations

import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from realtime.pipeline import Item, Sink
from realtime.record import Record, to_line
from realtime.sinks import when_changed
from realtime.values import Reading, Scene

STDERR: Final = 2
LEAVE: Final = 5.0
"""Seconds that the last news is waited for when everything else has ended."""


@contextmanager
def on_change(
    command: str,
    told: Callable[[Reading], str | None],
    to_record: Callable[[Scene], Record],
    say: Callable[[str], None],
    quiet: bool = False,
) -> Iterator[Sink]:
    """Run `command`, a line for the shell, with the record on its standard input whenever `told` of a reading changes.

    One runs at a time; of what changes meanwhile the newest is kept and run next. What goes wrong is said once. When
    everything ends well the last run is waited for, `LEAVE` seconds at most; an error or Ctrl-C waits for none. A
    command still running then goes on by itself: it has its input.
    quiet: its stdout goes to stderr, because ours carries records.
    """
    runner = _Runner(command, say, STDERR if quiet else None)

    def sink(item: Item) -> bool:
        if isinstance(item, Scene):
            runner.give(to_line(to_record(item)) + "\n")
        return True

    try:
        yield when_changed(sink, told, before="")
        runner.drain(LEAVE)
    finally:
        runner.stop()


class _Runner:
    """A thread that runs the command for the newest text it was given, one after the other."""

    def __init__(self, command: str, say: Callable[[str], None], stdout: int | None) -> None:
        self._command, self._say, self._stdout = command, say, stdout
        self._changed = threading.Condition()
        self._next: str | None = None
        self._busy = self._stopped = False
        self._said: set[str] = set()
        threading.Thread(target=self._work, name="on change", daemon=True).start()

    def give(self, text: str) -> None:
        """Leave a text to run the command for; one still waiting is replaced."""
        with self._changed:
            if self._next is not None:
                self._once("late", "takes longer than the reading stays the same; what changed in between is left out")
            self._next = text
            self._changed.notify_all()

    def drain(self, seconds: float) -> None:
        """Wait until the command ran for all that was left, or for so many seconds."""
        end = time.monotonic() + seconds
        with self._changed:
            while (self._next is not None or self._busy) and time.monotonic() < end:
                self._changed.wait(0.1)  # not longer: on Windows Ctrl-C comes only in between

    def stop(self) -> None:
        """Start nothing more."""
        with self._changed:
            self._stopped, self._next = True, None
            self._changed.notify_all()

    def _work(self) -> None:
        while (text := self._take()) is not None:
            self._run(text)
            with self._changed:
                self._busy = False
                self._changed.notify_all()

    def _take(self) -> str | None:
        with self._changed:
            while self._next is None and not self._stopped:
                self._changed.wait()
            text, self._next = self._next, None
            self._busy = text is not None
            return text

    def _run(self, text: str) -> None:
        """Run the command; a file holds its input, so that nobody has to stay and feed it."""
        try:
            with tempfile.TemporaryFile() as file:
                file.write(text.encode("ascii"))
                file.seek(0)
                done = subprocess.run(
                    self._command, shell=True, stdin=file, stdout=self._stdout, start_new_session=True, check=False
                )
        except OSError as fault:
            self._once("failed", f"cannot be run ({(fault.strerror or str(fault)).lower()})")
            return
        if done.returncode != 0:
            self._once("failed", f"failed (exit code {done.returncode})")

    def _once(self, kind: str, what: str) -> None:
        if kind not in self._said:
            self._said.add(kind)
            self._say(f"--on-change {self._command}: {what}")
