"""Signals come between steps: what is under way is done to its end, unless one insists."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from realtime.interruption import between_steps


@pytest.fixture(autouse=True)
def ctrl_c_interrupts() -> Iterator[None]:
    """Have Ctrl-C raise KeyboardInterrupt, though a shell may have started the tests in its background."""
    kept = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, kept)


def test_a_signal_within_a_step_has_effect_after_it() -> None:
    done: list[str] = []

    def work() -> bool:
        signal.raise_signal(signal.SIGINT)
        done.append("whole")
        return True

    with between_steps() as step:
        with pytest.raises(KeyboardInterrupt):
            step(work)
        assert done == ["whole"]


def test_a_second_signal_does_not_wait() -> None:
    def hangs() -> bool:
        for _ in range(3):
            signal.raise_signal(signal.SIGINT)
        raise AssertionError("was not interrupted")

    with between_steps() as step, pytest.raises(KeyboardInterrupt):
        step(hangs)


def test_a_signal_between_steps_has_effect_at_once() -> None:
    with between_steps() as step:
        assert step(lambda: True)
        assert not step(lambda: False)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_handlers_are_as_before_afterwards_and_ignored_signals_stay_ignored() -> None:
    def terminated() -> bool:
        signal.raise_signal(signal.SIGTERM)
        return True

    kept = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
        with between_steps() as step:
            step(terminated)
            assert signal.getsignal(signal.SIGINT) is not before[0]
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
    finally:
        signal.signal(signal.SIGTERM, kept)


def test_a_step_that_fails_raises_its_own_fault() -> None:
    def fails() -> bool:
        raise ValueError("odd")

    with between_steps() as step, pytest.raises(ValueError, match="odd"):
        step(fails)


def test_other_threads_just_do_their_steps() -> None:
    answers: list[bool] = []

    def work() -> None:
        with between_steps() as step:
            answers.append(step(lambda: True))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(5)
    assert answers == [True]
