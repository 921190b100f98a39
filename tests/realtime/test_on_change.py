"""A command runs for what changed, in the background: newest first, its failures told once, its end waited for."""

from __future__ import annotations

import json
import shlex
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from realtime.on_change import on_change
from realtime.pipeline import Sink
from realtime.record import scene_record
from realtime.sinks import on_one_line
from realtime.values import Event, Reading
from tests.realtime.making import MODEL, scene
from tests.realtime.test_window import until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the commands are for a shell of Unix")

to_record = partial(scene_record, model=MODEL)


def python(code: str) -> str:
    return f"{shlex.quote(sys.executable)} -c {shlex.quote(code)}"


def changed(
    command: str, give: Callable[[Sink], object], told: Callable[[Reading], str | None] = on_one_line
) -> list[str]:
    """Give scenes to a sink, leave it, and return what it said."""
    said: list[str] = []
    with on_change(command, told, to_record, said.append) as sink:
        give(sink)
    return said


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def has(path: Path, count: int) -> bool:
    return len(lines(path)) == count


def test_the_record_of_each_change_comes_on_standard_input(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"

    def give(sink: Sink) -> None:
        for count, text in enumerate(("12", "12", "13"), 1):
            assert sink(scene(count, count / 10, text=text))
            assert sink(Event(1.0, "camera lost", 1))
            until(partial(has, out, 1 if count < 3 else 2))

    assert changed(f"cat >> {shlex.quote(str(out))}", give) == []
    records = [json.loads(line) for line in lines(out)]
    assert [(r["source"]["index"], r["lines"][0]["text"]) for r in records] == [(1, "12"), (3, "13")]


def test_nothing_runs_before_anything_is_read_or_told(tmp_path: Path) -> None:
    out = tmp_path / "out"

    def give(sink: Sink) -> None:
        sink(scene(text=""))

    changed(f"echo x >> {shlex.quote(str(out))}", give)
    changed(f"echo x >> {shlex.quote(str(out))}", lambda sink: sink(scene(text="1")), lambda reading: None)
    assert not out.exists()


def test_a_slow_command_gets_the_newest_and_holds_nobody_up(tmp_path: Path) -> None:
    out, go = tmp_path / "out", tmp_path / "go"
    code = (
        "import json, pathlib, sys, time\n"
        f"pathlib.Path({str(tmp_path / 'begun')!r}).touch()\n"
        f"while not pathlib.Path({str(go)!r}).exists(): time.sleep(0.01)\n"
        f"open({str(out)!r}, 'a').write(json.load(sys.stdin)['lines'][0]['text'] + chr(10))"
    )

    def give(sink: Sink) -> None:
        sink(scene(0, text="1"))
        until((tmp_path / "begun").exists)
        began = time.monotonic()
        for i in range(2, 40):
            sink(scene(i, text=str(i)))
        assert time.monotonic() - began < 5  # the command waits for us, not we for it
        go.touch()

    (said,) = changed(python(code), give)
    assert said.endswith("takes longer than the reading stays the same; what changed in between is left out")
    assert lines(out) == ["1", "39"]


def test_failures_are_told_once(tmp_path: Path) -> None:
    done = tmp_path / "done"

    def give(sink: Sink) -> None:
        for i in range(1, 4):
            sink(scene(i, text=str(i)))
            until(partial(has, done, i))

    command = f"echo x >> {shlex.quote(str(done))}; exit 7"
    assert changed(command, give) == [f"--on-change {command}: failed (exit code 7)"]
    (said,) = changed("no-such-command-at-all 2> /dev/null", lambda sink: sink(scene(text="1")))
    assert said.endswith("failed (exit code 127)")


def test_an_interruption_waits_for_no_command(tmp_path: Path) -> None:
    begun, go, out = tmp_path / "begun", tmp_path / "go", tmp_path / "out"
    wait = f"touch {begun}; while [ ! -e {go} ]; do sleep 0.05; done; cat > {out}"

    def interrupted() -> None:
        with on_change(wait, on_one_line, to_record, print) as sink:
            sink(scene(0, text="1"))
            until(begun.exists)
            sink(scene(1, text="2"))
            raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert time.monotonic() - began < 20
    assert not out.exists()
    go.touch()  # what still runs goes on by itself, and had its input
    until(lambda: lines(out))
    assert json.loads(lines(out)[0])["lines"][0]["text"] == "1"
    until(lambda: not any(thread.name == "on change" for thread in threading.enumerate()))
    assert len(lines(out)) == 1


def test_an_end_waits_for_the_last_news_but_not_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime.on_change.LEAVE", 0.3)
    go = tmp_path / "go"
    changed(f"while [ ! -e {go} ]; do sleep 0.05; done", lambda sink: sink(scene(text="1")))
    go.touch()
    until(lambda: not any(thread.name == "on change" for thread in threading.enumerate()))
