"""Every sink keeps one contract: zero scenes, many, and never half a file."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest

from models.errors import OutputError, UsageError
from realtime.encoder import even
from realtime.outputs import make_folder, require_writable, whole_file, write_picture
from realtime.pictures import read_picture
from realtime.pipeline import Sink
from realtime.record import SceneLines
from realtime.sinks import annotated_video, changes, json_lines, record_lines
from realtime.values import Scene
from tests.realtime.making import MODEL, Picture, picture, scene, shades

ROOT = Path(__file__).parents[2]

Make = Callable[[Path], AbstractContextManager[Sink]]


def plain(shown: Scene) -> Picture:
    return shown.frame.image


def records(path: Path) -> AbstractContextManager[Sink]:
    return json_lines(str(path), SceneLines(MODEL))


def video(path: Path) -> AbstractContextManager[Sink]:
    return annotated_video(path, plain)


SINKS = [pytest.param(records, "a.jsonl", id="json lines"), pytest.param(video, "a.mp4", id="video")]


@pytest.mark.parametrize(("make", "name"), SINKS)
def test_many_scenes_appear_as_one_whole_file(make: Make, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    with make(path) as sink:
        assert all(sink(scene(i, i / 25)) for i in range(9))
        assert not path.exists(), "the file appears when it is whole"
    assert path.stat().st_size > 0
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("make", "name"), SINKS)
def test_no_scene_leaves_no_half_file(make: Make, name: str, tmp_path: Path) -> None:
    with make(tmp_path / name):
        pass
    assert [path.name for path in tmp_path.iterdir()] in ([], ["a.jsonl"])


@pytest.mark.parametrize("fault", [KeyboardInterrupt, OutputError, SystemExit])
@pytest.mark.parametrize(("make", "name"), SINKS)
def test_an_error_leaves_what_was_there_before(
    make: Make, name: str, fault: type[BaseException], tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text("the old one")

    def break_off() -> None:
        with make(path) as sink:
            for i in range(40):
                sink(scene(i, i / 25))
            raise fault

    with pytest.raises(fault):
        break_off()
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "the old one"


@pytest.mark.parametrize(("make", "name"), SINKS)
def test_a_missing_folder_is_found_before_the_first_scene(make: Make, name: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"there is no folder .*; make it first"), make(tmp_path / "none" / name):
        pytest.fail("opened")


@pytest.mark.parametrize(("make", "name"), SINKS)
def test_a_folder_in_the_way_is_named(make: Make, name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(OutputError, match="is a folder; name a file"), make(tmp_path / name):
        pytest.fail("opened")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_named_and_the_device_survives() -> None:
    full = record_lines("/dev/full")
    with pytest.raises(OutputError, match=r"^/dev/full: cannot be written \(no space left"), full as write:
        write({"schema": "x"})
    assert not Path("/dev/full").is_file()


def test_live_lines_are_added_and_can_be_read_at_once(tmp_path: Path) -> None:
    path = tmp_path / "live.jsonl"
    path.write_text('{"schema": "older"}\n')
    with json_lines(str(path), SceneLines(MODEL), live=True) as sink:
        for i in range(3):
            sink(scene(i))
            assert len(path.read_text().splitlines()) == i + 2
    assert [json.loads(line)["schema"] for line in path.read_text().splitlines()][:2] == ["older", "digits.record/1"]


def test_a_dash_is_stdout(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    with record_lines("-") as write:
        write({"uri": "süß"})
    assert json.loads(out.getvalue()) == {"uri": "süß"}
    assert not out.closed


def test_changes_are_shown_once() -> None:
    shown: list[str] = []
    with changes(shown.append) as sink:
        for i, text in enumerate(["12", "12", "7", "7", "12"]):
            sink(scene(i, i * 1.5, text))
    assert [line.split() for line in shown] == [["0.00", "s", "12"], ["3.00", "s", "7"], ["6.00", "s", "12"]]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
def test_the_video_keeps_times_and_pictures(suffix: str, tmp_path: Path) -> None:
    times = [0.0, 0.04, 0.08, 0.2, 0.5, 1.0, 1.1]
    path = tmp_path / f"a{suffix}"
    with video(path) as sink:
        for i, (at, shown) in enumerate(zip(times, shades(7, 47, 63), strict=True)):
            sink(scene(i, at, image=shown))
    import av

    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        assert container.duration is not None
        assert 1.1 < container.duration / 1e6 < 1.2
    assert [frame.time for frame in frames] == pytest.approx(times, abs=0.001)
    assert (frames[0].width, frames[0].height, frames[0].format.name) == (64, 48, "yuv420p")
    got = [frame.to_ndarray(format="bgr24").mean() for frame in frames]
    assert got == pytest.approx([shown.mean() for shown in shades(7, 47, 63)], abs=4)


def test_an_mp4_has_its_index_in_front_so_that_browsers_start_at_once(tmp_path: Path) -> None:
    with video(tmp_path / "a.mp4") as sink:
        sink(scene())
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    assert b"avc1" in data


def test_times_that_stand_still_and_sizes_that_change_are_written(tmp_path: Path) -> None:
    with video(tmp_path / "a.mp4") as sink:
        for i, size in enumerate([(48, 64), (48, 64), (96, 128)]):
            sink(scene(i, 0.0, image=picture(100, *size)))
    import av

    with av.open(str(tmp_path / "a.mp4")) as container:
        assert [(f.width, f.height) for f in container.decode(video=0)] == [(64, 48)] * 3


def test_a_video_has_a_suffix_that_names_its_kind(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is H\.264; give it a name in \.mp4"), video(tmp_path / "a.avi"):
        pytest.fail("opened")


@pytest.mark.parametrize(
    ("shape", "expected"), [((3, 5, 3), (4, 6, 3)), ((4, 5, 3), (4, 6, 3)), ((4, 6, 3), (4, 6, 3))]
)
def test_even_adds_no_more_than_a_row_and_a_column(shape: tuple[int, ...], expected: tuple[int, ...]) -> None:
    shown = np.arange(np.prod(shape)).reshape(shape).astype(np.uint8)
    assert even(shown).shape == expected
    assert (even(shown)[: shape[0], : shape[1]] == shown).all()


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.txt", tmp_path / "link.txt"
    real.write_text("old")
    link.symlink_to(real)
    with whole_file(link) as part:
        part.write_text("new")
    assert link.is_symlink()
    assert real.read_text() == "new"


def test_a_broken_pipe_is_not_taken_for_a_full_disk(tmp_path: Path) -> None:
    with pytest.raises(BrokenPipeError), whole_file(tmp_path / "a.txt"):
        raise BrokenPipeError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_pictures_are_written_whole(suffix: str, tmp_path: Path) -> None:
    write_picture(tmp_path / f"a{suffix}", picture(120))
    assert list(tmp_path.iterdir()) == [tmp_path / f"a{suffix}"]
    assert abs(read_picture(tmp_path / f"a{suffix}").mean() - 120) < 3


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be made a folder"):
        make_folder(tmp_path / "file" / "out")
    make_folder(tmp_path / "a" / "b")
    require_writable(tmp_path / "a" / "b" / "c.txt")


def test_a_folder_one_may_not_write_to_is_named_beforehand(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    if os.access(closed, os.W_OK):
        pytest.skip("this user may write anywhere")
    with pytest.raises(OutputError, match=r"a\.mp4: cannot be written \(permission denied\)"), video(closed / "a.mp4"):
        pytest.fail("opened")
    with pytest.raises(OutputError, match=r"closed: cannot be written to \(permission denied\)"):
        make_folder(closed)


def test_two_commands_on_one_output_do_not_share_a_file(tmp_path: Path) -> None:
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom realtime.outputs import whole_file\n"
        "with whole_file(Path(sys.argv[1])) as part:\n    part.write_text(sys.argv[2] * 9)\n    time.sleep(1.5)\n"
    )
    target = tmp_path / "out.txt"
    both = [subprocess.Popen([sys.executable, "-c", code, str(target), text], cwd=ROOT) for text in "ab"]
    assert [command.wait() for command in both] == [0, 0]
    assert target.read_text() in {"a" * 9, "b" * 9}
    assert list(tmp_path.iterdir()) == [target]


def test_live_records_go_on_after_a_line_that_was_cut_short(tmp_path: Path) -> None:
    target = tmp_path / "seen.jsonl"
    target.write_text('{"cut')
    for _ in range(2):
        with record_lines(str(target), live=True) as write:
            write({"schema": "digits.record/1"})
    lines = target.read_text().splitlines()
    assert [line.startswith('{"schema"') for line in lines] == [False, True, True]


def test_frames_too_wide_for_the_encoder_end_in_one_line(tmp_path: Path) -> None:
    wide = scene(image=np.zeros((16, 16_400, 3), np.uint8))
    with pytest.raises(OutputError, match=r"H\.264 cannot hold"), annotated_video(tmp_path / "w.mp4", plain) as write:
        write(wide)
    assert list(tmp_path.iterdir()) == []
