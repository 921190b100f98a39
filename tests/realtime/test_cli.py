"""The commands: what they answer, what they write, and how they end when all goes well."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from models.contract import NOT_A_DIGIT
from realtime import journeys, open_reader, video_journey
from realtime.cli import app
from realtime.decode import CLUTTERED, CUT_OFF
from realtime.judge import BAR
from realtime.layout import REASONS, UNSURE
from realtime.outputs import write_picture
from realtime.plausible import FALLS, FAST
from realtime.reader import Reader
from realtime.rows import AMONG_OTHERS
from realtime.track import BRIEF
from tests.realtime.making import picture, sheet, write_clip

ROOT = Path(__file__).parents[2]
COMMANDS = ("live", "video", "scan", "score", "doctor")


def digits(
    *args: object, cwd_folder: Path = ROOT, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command line of this checkout in a process of its own."""
    command = [sys.executable, "-m", "realtime", *map(str, args)]
    environment = dict(os.environ if env is None else env) | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=cwd_folder, env=environment, capture_output=True, text=True, timeout=120)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    write_picture(tmp_path / "sheet.png", sheet())
    return tmp_path / "sheet.png"


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "clip.mp4", [sheet()] * 6)


def records(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("command", [(), *((c,) for c in COMMANDS)])
def test_every_command_has_help_with_an_example(command: tuple[str, ...]) -> None:
    done = digits(*command, "--help")
    assert done.returncode == 0
    assert done.stderr == ""
    assert re.search(r"Example: digits \w+ ", done.stdout)


@pytest.mark.parametrize(
    ("command", "usage"),
    [("live", "[SOURCE]"), ("video", "FILE"), ("scan", "PATH..."), ("score", "TRUTH_DIR"), ("doctor", "[SOURCE]")],
)
def test_help_writes_arguments_as_the_guide_does(command: str, usage: str) -> None:
    told = digits(command, "--help").stdout
    assert told.splitlines()[0].endswith(f" {command} [OPTIONS] {usage}")
    assert not re.search(r"[<{]", told)


def test_every_option_says_what_it_does() -> None:
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        for parameter in command.params:
            assert len(getattr(parameter, "help", None) or "") > 10, (name, parameter.name)


def test_every_command_and_option_stands_in_the_guide() -> None:
    guide = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        assert f"digits {name}" in guide
        for option in (o for p in command.params for o in p.opts if o.startswith("--") and o != "--help"):
            assert f"`{option}" in guide, (name, option)


def test_every_reason_stands_in_the_guide() -> None:
    guide = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    sources = "".join(
        (ROOT / "realtime" / name).read_text(encoding="utf-8") for name in ("decode.py", "judge.py", "rows.py")
    )
    reasons = re.findall(r'refused\(\w+, "(.+?)"\)|^[A-Z_]+: Final = "(.+?)"$', sources, re.MULTILINE)
    reasons = ["".join(found) for found in reasons]
    assert len(reasons) > 8
    for reason in (UNSURE, *REASONS, FALLS, FAST, NOT_A_DIGIT, CUT_OFF, CLUTTERED, BAR, AMONG_OTHERS, BRIEF, *reasons):
        assert f"| `{reason}` |" in guide, reason


def test_the_version_is_the_projects() -> None:
    assert f'version = "{digits("--version").stdout.split()[1]}"' in (ROOT / "pyproject.toml").read_text()


def test_scan_prints_the_reading_and_writes_records_and_pictures(photo: Path, tmp_path: Path) -> None:
    done = digits("scan", photo, "--jsonl", tmp_path / "r.jsonl", "--annotated", tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == str(photo)
    assert done.stdout.splitlines()[1].strip()
    (record,) = records((tmp_path / "r.jsonl").read_text())
    assert record["schema"] == "digits.record/1"
    assert record["error"] is None
    assert (tmp_path / "out" / "sheet.png").is_file()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "r.jsonl", "sheet.png"]


def test_a_picture_without_digits_is_read(tmp_path: Path) -> None:
    write_picture(tmp_path / "blank.png", picture(230))
    done = digits("scan", tmp_path / "blank.png")
    assert (done.returncode, done.stdout.splitlines()[1]) == (0, "  no digits")


def test_with_a_dash_stdout_carries_json_lines_only(photo: Path, clip: Path) -> None:
    for command in (("scan", photo), ("video", clip), ("live", clip, "--no-window")):
        done = digits(*command, "--jsonl", "-")
        assert done.returncode == 0
        assert {r["schema"] for r in records(done.stdout)} == {"digits.record/1"}


def test_video_writes_a_record_and_a_picture_for_every_frame(clip: Path, tmp_path: Path) -> None:
    done = digits("video", clip, "--out", tmp_path / "out.mp4", "--jsonl", tmp_path / "v.jsonl")
    assert (done.returncode, done.stderr) == (0, "6 frames read\n")
    lines = records((tmp_path / "v.jsonl").read_text())
    assert [r["source"]["index"] for r in lines] == [0, 1, 2, 3, 4, 5]  # type: ignore[index]
    assert [r["source"]["time_s"] for r in lines] == pytest.approx([i / 25 for i in range(6)], abs=0.001)  # type: ignore[index]
    assert len(records(digits("video", tmp_path / "out.mp4", "--jsonl", "-").stdout)) == 6


def test_frames_are_read_fast_and_photographs_thoroughly(
    photo: Path, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def opened(model: Path | None, *, live: bool, target_error: float | None = None) -> Reader:
        asked.append(live)
        return open_reader(model, live=live, target_error=target_error)

    monkeypatch.setattr(journeys, "open_reader", opened)
    monkeypatch.setattr(video_journey, "open_reader", opened)
    journeys.read_pictures([str(photo)], None, None, None)
    assert asked == [False]
    video_journey.read_clip(str(clip), video_journey.Wanted())
    journeys.watch(str(clip), False, None, 1, None)
    assert asked == [False, True, True]


def test_live_ends_after_the_frames_asked_for_and_adds_to_its_records(clip: Path, tmp_path: Path) -> None:
    for total in (2, 4):
        done = digits("live", clip, "--no-window", "--max-frames", 2, "--jsonl", tmp_path / "l.jsonl")
        assert (done.returncode, done.stderr) == (0, "2 frames read\n")
        assert len(records((tmp_path / "l.jsonl").read_text())) == total
    assert done.stdout.startswith("    0.00 s  ")


def test_score_reads_what_the_truth_names_or_takes_records(photo: Path, clip: Path, tmp_path: Path) -> None:
    truth = [
        {"file": "sheet.png", "kind": "page", "lines": ["1 4 7"]},
        {"file": "clip.mp4", "kind": "video", "lines": ["147"], "frames": 6, "fps": 2},
    ]
    (tmp_path / "truth.json").write_text(json.dumps(truth))
    done = digits("score", tmp_path, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    figures = json.loads(done.stdout)
    assert figures["page"]["digits"] == 3
    assert figures["page"]["no_record"] == figures["video"]["no_record"] == 0
    digits("scan", photo, "--jsonl", tmp_path / "r.jsonl")
    again = json.loads(digits("score", tmp_path, "--records", tmp_path / "r.jsonl", "--json").stdout)
    assert again["page"] == figures["page"]
    assert again["video"]["no_record"] == 1


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux: a process's own peak of memory")
def test_reading_takes_neither_tensorflow_nor_much_memory(photo: Path) -> None:
    """Not ru_maxrss: a child that was forked begins with its parent's."""
    code = (
        "import sys\nfrom realtime.cli import app\n"
        f"try:\n    app(['scan', {str(photo)!r}])\nexcept SystemExit:\n    pass\n"
        "print('tensorflow' in sys.modules, *[t.split()[1] for t in open('/proc/self/status') if t[:6] == 'VmHWM:'])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded, kilobytes = done.stdout.splitlines()[-1].split()
    assert loaded == "False"
    assert 10_000 < int(kilobytes) < 300_000


def test_score_tells_by_condition_with_intervals_and_beside_an_earlier_reading(photo: Path, tmp_path: Path) -> None:
    item = {"file": "sheet.png", "kind": "page", "lines": ["1 4 7"], "conditions": ["drawn"]}
    (tmp_path / "truth.json").write_text(json.dumps([item]))
    digits("scan", photo, "--jsonl", tmp_path / "r.jsonl")
    known = ("score", tmp_path, "--records", tmp_path / "r.jsonl", "--compare", tmp_path / "r.jsonl")
    told = digits(*known, "--by", "condition", "--intervals").stdout
    assert re.search(r"^  drawn +1 ", told, re.MULTILINE)
    assert re.search(r"^page digit_error_rate .*too few files$", told, re.MULTILINE)
    figures = json.loads(digits(*known, "--intervals", "--json").stdout)
    assert figures["differences"]["page"]["recall"]["difference"] == 0
    assert figures["intervals"]["page"]["recall"] is None
    assert digits(*known, "--by", "weather").returncode == 2
    assert digits("score", tmp_path, "--compare", tmp_path / "gone.jsonl").stderr.startswith("error: ")


def test_score_tells_by_its_exit_code_what_could_not_be_read(photo: Path, tmp_path: Path) -> None:
    truth = [{"file": name, "kind": "page", "lines": ["147"]} for name in ("sheet.png", "gone.png")]
    (tmp_path / "truth.json").write_text(json.dumps(truth))
    assert digits("score", tmp_path).returncode == 3
    (tmp_path / "truth.json").write_text(json.dumps(truth[1:]))
    assert digits("score", tmp_path).returncode == 4


def test_score_writes_a_page_of_what_was_read_wrong(photo: Path, tmp_path: Path) -> None:
    (tmp_path / "truth.json").write_text(json.dumps([{"file": "sheet.png", "kind": "page", "lines": ["999999"]}]))
    done = digits("score", tmp_path, "--html", tmp_path / "out", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["page"]["files"] == 1
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert done.stderr.startswith(f"{tmp_path / 'out' / 'index.html'}: shows 1 of 1 files")
    assert '<h2><a href="#f1">sheet.png</a></h2>' in page
    assert len([*(tmp_path / "out").iterdir()]) == 2
    (tmp_path / "r.jsonl").write_text("")
    done = digits("score", tmp_path, "--html", tmp_path / "out", "--records", tmp_path / "r.jsonl")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: --html: shows what is read wrong now")
    (tmp_path / "index.html").write_text("mine")
    assert digits("score", tmp_path, "--html", tmp_path).returncode == 1
