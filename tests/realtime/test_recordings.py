"""Recordings that are no video file: folders, numbered pictures, pipes, servers, moving pictures of the web."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice, pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.errors import UnreadableError, UsageError
from realtime.ahead import ahead
from realtime.clips import demuxed
from realtime.outputs import write_picture
from realtime.part import WHOLE, Part
from realtime.piped import has_index_behind
from realtime.sources import count_recording, files_of, open_recording
from realtime.values import Frame
from tests.realtime.making import (
    file_server,
    network_camera,
    picture,
    piped_in,
    shades,
    write_clip,
    write_gif,
)


def seen(text: str, part: Part = WHOLE, fps: float | None = None) -> list[Frame]:
    with open_recording(text, part, fps) as frames:
        return list(frames)


def means(frames: list[Frame]) -> list[int]:
    return [round(float(frame.image.mean())) for frame in frames]


def refused(text: str, part: Part = WHOLE, fps: float | None = None) -> str:
    """Return the one line by which a recording is refused."""
    with pytest.raises((UsageError, UnreadableError)) as caught:
        seen(text, part, fps)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def frames(tmp_path: Path) -> Path:
    """A folder of pictures of which the tenth comes after the ninth, and other things."""
    folder = tmp_path / "frames"
    folder.mkdir()
    for i in range(12):
        write_picture(folder / f"f{i}.png", picture(10 * i))
    (folder / "notes.txt").write_text("ten frames")
    (folder / ".hidden.png").write_text("hidden")
    (folder / "more").mkdir()
    write_picture(folder / "more" / "f0.png", picture(200))
    return folder


def test_a_folder_is_read_in_its_natural_order(frames: Path) -> None:
    found = seen(str(frames))
    assert means(found) == [10 * i for i in range(12)]
    assert [frame.time for frame in found] == pytest.approx([i / 25 for i in range(12)])
    assert [os.path.basename(path) for path in files_of(str(frames))] == [f"f{i}.png" for i in range(12)]


def test_pictures_have_as_many_a_second_as_one_says(frames: Path) -> None:
    assert [frame.time for frame in seen(str(frames), fps=2)] == [i / 2 for i in range(12)]
    part = Part(1.0, 4.0, 2)
    assert [(f.time, f.index) for f in seen(str(frames), part, 2)] == [(1.0, 0), (2.0, 2), (3.0, 4)]
    assert count_recording(str(frames), part, 2) == 3
    assert count_recording(str(frames)) == 12


def test_numbers_that_are_missing_take_their_time(tmp_path: Path) -> None:
    for i in (8, 9, 10, 13):
        write_picture(tmp_path / f"f-{i:03}.png", picture(10 * i))
    write_picture(tmp_path / "f-8.png", picture())  # three digits were asked for
    found = seen(str(tmp_path / "f-%03d.png"), fps=1)
    assert means(found) == [80, 90, 100, 130]
    assert [frame.time for frame in found] == [0.0, 1.0, 2.0, 5.0]
    assert [frame.index for frame in found] == [0, 1, 2, 3]


def test_a_file_that_looks_like_a_pattern_is_that_file(tmp_path: Path) -> None:
    assert len(seen(str(write_clip(tmp_path / "half%d.mp4", shades(5))))) == 5


def test_a_picture_that_cannot_be_read_is_left_out_and_named_in_the_end(frames: Path) -> None:
    (frames / "f3.png").write_text("no picture")
    (frames / "f7.png").write_bytes(b"")
    found: list[Frame] = []
    with (
        pytest.raises(UnreadableError, match=r"^2 of 12 pictures cannot be read; the first: .*f3\.png: is not a"),
        open_recording(str(frames)) as given,
    ):
        found.extend(given)
    assert means(found) == [10 * i for i in range(12) if i not in (3, 7)]
    assert [frame.time for frame in found] == pytest.approx([i / 25 for i in range(12) if i not in (3, 7)])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("none", "none: does not exist"),
        ("empty", "empty: has no pictures in it; name a video"),
        ("bad", "1 of 1 pictures cannot be read; the first: bad/a.jpg: is not a picture"),
        ("gone/f%d.png", "gone/f%d.png: there is no folder gone"),
        ("f%04d.png", "f%04d.png: no file fits it; it would be named as f0001.png is"),
        ("rtsp://cam/1", "rtsp://cam/1: is a live stream, not a recording; read it with: python -m realtime live"),
    ],
)
def test_what_is_not_there_is_named(text: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("bad").mkdir()
    Path("bad/a.jpg").write_text("no picture")
    assert refused(text).startswith(says)


def test_frames_a_second_are_for_what_has_no_times(frames: Path, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", shades(3))
    assert "has times of its own; leave out --fps" in refused(str(clip), fps=10)
    assert refused(str(frames), fps=0) == "--fps 0: no time would pass; give more than 0"
    assert "has no frame there, it ends at 0.5 s" in refused(str(frames), Part(3.0))


def test_a_gif_keeps_its_times_and_is_on_white_paper(tmp_path: Path) -> None:
    shown = [np.full((20, 30), 60, np.uint8) for _ in range(4)]
    for i, each in enumerate(shown):
        each[:, : 5 * i] = 0  # transparent, more and more of it
    found = seen(str(write_gif(tmp_path / "a.gif", shown, [10, 50, 20, 30])))
    assert [frame.time for frame in found] == pytest.approx([0.0, 0.1, 0.6, 0.8])
    assert (found[0].image == 120).all()
    assert found[0].image.shape == (20, 30, 3)


def test_what_is_transparent_in_a_gif_is_white(tmp_path: Path) -> None:
    half = np.full((20, 30), 60, np.uint8)
    half[:, :10] = 0
    (found,) = seen(str(write_gif(tmp_path / "a.gif", [half], [10])))
    assert (found.image[:, :10] == 255).all()
    assert (found.image[:, 10:] == 120).all()


def test_a_title_in_no_known_letters_keeps_nobody_from_reading(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mkv", shades(5))
    assert b"Lavf" in clip.read_bytes()  # the name of the program that wrote it
    clip.write_bytes(clip.read_bytes().replace(b"Lavf", b"\xce\xff\xcb\x85"))
    assert len(seen(str(clip))) == 5


def test_a_video_of_no_known_kind_is_named(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", shades(5))
    clip.write_bytes(clip.read_bytes().replace(b"avc1", b"zzzz"))
    assert "a.mp4: " in refused(str(clip))


def test_packets_of_streams_that_appear_on_the_way_are_passed_over() -> None:
    class Container:
        """Gives packets as PyAV does: at one whose stream it does not know, its generator breaks."""

        packets: Iterator[str] = iter(["a", "unknown", "b", "unknown", "unknown", "c"])

        def demux(self, *streams: object) -> Iterator[str]:
            for packet in self.packets:
                if packet == "unknown":
                    raise IndexError("list index out of range")
                yield packet

    assert list(demuxed(Container())) == ["a", "b", "c"]  # type: ignore[arg-type, comparison-overlap]


# Standard input


def noisy(path: Path) -> bytes:
    """Return a clip of more bytes than are looked at before it is read."""
    noise = np.random.default_rng(1).integers(0, 255, (20, 144, 192, 3), np.uint8)
    data = write_clip(path, list(noise)).read_bytes()
    assert len(data) > 3 * 65_536
    return data


def index_moved_behind(clip: bytes) -> bytes:
    """Return an MP4 with its index in front as an equal one with its index behind."""
    import av

    source, target = Path("front.mp4"), Path("behind.mp4")
    source.write_bytes(clip)
    with av.open(str(source)) as given, av.open(str(target), "w") as taken:
        stream = taken.add_stream_from_template(given.streams.video[0])
        for packet in given.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                taken.mux(packet)
    return target.read_bytes()


def test_an_mp4_with_its_index_behind_comes_through_a_pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    front = noisy(tmp_path / "a.mp4")
    behind = index_moved_behind(front)
    assert (has_index_behind(front[:65_536]), has_index_behind(behind[:65_536])) == (False, True)
    for data in (front, behind):
        with piped_in(data):
            found = seen("-")
        assert [frame.time for frame in found] == pytest.approx([i / 25 for i in range(20)], abs=0.002)


@pytest.mark.parametrize("begun", [b"", b"abc", b"\0" * 64, b"\0\0\0\x08ftyp", b"RIFF\0\0\0\0AVI LIST"])
def test_only_of_an_mp4_the_index_is_looked_for(begun: bytes) -> None:
    assert not has_index_behind(begun)


def test_a_file_behind_standard_input_is_read_as_the_file_it_is(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mkv", shades(10))
    kept = os.dup(0)
    with clip.open("rb") as file:
        os.dup2(file.fileno(), 0)
        try:
            assert [round(f.time, 2) for f in seen("-", Part(0.2))] == [0.2, 0.24, 0.28, 0.32, 0.36]
        finally:
            os.dup2(kept, 0)
            os.close(kept)


def test_pictures_through_a_pipe_have_as_many_a_second_as_one_says() -> None:
    with piped_in(b"".join(cv2.imencode(".jpg", shown)[1].tobytes() for shown in shades(6))):
        assert [frame.time for frame in seen("-", fps=10)] == pytest.approx([i / 10 for i in range(6)])


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "-: standard input is empty (0 bytes)"),
        (b"no video, no video at all\n" * 9, "-: cannot be read as a video (invalid data"),
    ],
)
def test_a_bad_pipe_is_named(data: bytes, says: str) -> None:
    with piped_in(data):
        assert refused("-").startswith(says)


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="terminals are of Unix")
def test_a_terminal_is_no_video() -> None:
    kept, ends = os.dup(0), os.openpty()
    os.dup2(ends[1], 0)
    try:
        assert refused("-").startswith("-: no video comes through standard input; pipe one into it")
    finally:
        os.dup2(kept, 0)
        for end in (kept, *ends):
            os.close(end)


def test_a_clip_cut_short_on_its_way_through_a_pipe_gives_what_came(tmp_path: Path) -> None:
    data = noisy(tmp_path / "a.mp4")
    found: list[Frame] = []
    with (
        piped_in(data[: len(data) // 2]),
        pytest.raises(UnreadableError, match=r"^-: is damaged or cut short after frame \d+"),
        open_recording("-") as given,
    ):
        found.extend(given)
    assert 3 <= len(found) < 20


def test_a_pipe_in_which_nothing_comes_holds_nobody_up(tmp_path: Path) -> None:
    data, free = noisy(tmp_path / "a.mp4"), threading.Event()
    with piped_in(data[: len(data) // 2], free):  # the other half does not come
        with ahead(open_recording("-")) as given:
            assert len(list(islice(given, 3))) == 3
            began = time.monotonic()
        assert time.monotonic() - began < 5
        free.set()


# Servers


@contextmanager
def served(folder: Path) -> Iterator[str]:
    write_clip(folder / "a.mp4", shades(10))
    (folder / "cut.mp4").write_bytes(noisy(folder / "n.mp4")[:200_000])
    (folder / "text.mp4").write_text("no video, no video at all\n" * 9)
    with file_server(folder) as address:
        yield address


def test_a_clip_on_a_server_is_read_frame_by_frame(tmp_path: Path) -> None:
    with served(tmp_path) as address:
        found = seen(f"{address}/a.mp4")
        assert len(found) == 10
        assert found[0].source == f"{address}/a.mp4"
        hidden = address.replace("//", "//me:secret@")
        assert seen(f"{hidden}/a.mp4")[0].source == address.replace("//", "//me:***@") + "/a.mp4"
        assert files_of(f"{address}/a.mp4") == []
        assert count_recording(f"{address}/a.mp4") is None


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("/gone.mp4", "cannot be read as a video (server returned 404 not found); check the address"),
        ("/text.mp4", "cannot be read as a video (invalid data"),
    ],
)
def test_what_a_server_does_not_have_is_named(name: str, says: str, tmp_path: Path) -> None:
    with served(tmp_path) as address:
        told = refused(address.replace("//", "//me:secret@") + name)
    assert told.startswith(address.replace("//", "//me:***@") + name)
    assert says in told
    assert "secret" not in told


def test_no_server_is_named() -> None:
    assert refused("http://127.0.0.1:9/a.mp4") == (
        "http://127.0.0.1:9/a.mp4: cannot be read as a video (connection refused); "
        "check the address, and that its server is on"
    )


def test_what_a_server_has_only_half_of_gives_what_can_be_read(tmp_path: Path) -> None:
    found: list[Frame] = []
    with (
        served(tmp_path) as address,
        pytest.raises(UnreadableError, match="is damaged or cut short after frame"),
        open_recording(f"{address}/cut.mp4") as given,
    ):
        found.extend(given)
    assert len(found) >= 3


def test_a_network_camera_can_be_recorded_every_frame() -> None:
    with network_camera(shades(20)) as address, ahead(open_recording(address)) as given:
        found = list(islice(given, 30))
    assert [frame.index for frame in found] == list(range(30))
    steps = [b.image.mean() - a.image.mean() for a, b in pairwise(found[:20])]
    assert all(step > 4 for step in steps), "one was left out, or came twice"


def test_odd_sizes_are_read_as_they_are(tmp_path: Path) -> None:
    clip = write_gif(tmp_path / "a.gif", [np.full((121, 161), 90, np.uint8)] * 3, [4] * 3)
    assert {frame.image.shape for frame in seen(str(clip))} == {(121, 161, 3)}
