"""Which part of a clip is read: times as people write them, and exactly the frames they ask for."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import UsageError
from realtime.clips import count_frames, open_clip
from realtime.part import WHOLE, Part, clock, expected, part_of, seconds
from tests.realtime.making import shades, write_clip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0.0),
        ("90", 90.0),
        ("90.5", 90.5),
        (".5", 0.5),
        ("1:30", 90.0),
        ("01:30.25", 90.25),
        ("0:00", 0.0),
        ("75:00", 4500.0),
        ("1:02:03", 3723.0),
        ("10:00:00.5", 36000.5),
        (" 5 ", 5.0),
    ],
)
def test_times_are_read_as_people_write_them(text: str, expected: float) -> None:
    assert seconds(text, "--from") == expected


@pytest.mark.parametrize("text", ["", "abc", "-1", "1:75", "1:60:00", "1:2:3:4", "1:", ":30", "1e3", "5s", "nan"])
def test_what_is_no_time_is_named_with_its_option(text: str) -> None:
    with pytest.raises(UsageError, match=r"^--to .*: is no time; write seconds, MM:SS or HH:MM:SS"):
        seconds(text, "--to")


@given(st.integers(0, 40_000_000))
def test_a_clock_tells_times_as_they_are_read(hundredths: int) -> None:
    assert seconds(clock(hundredths / 100), "--from") == pytest.approx(hundredths / 100, abs=1e-6)


@pytest.mark.parametrize(("at", "told"), [(0, "0:00.00"), (62.5, "1:02.50"), (59.999, "1:00.00"), (3723, "1:02:03.00")])
def test_a_clock_looks_like_one(at: float, told: str) -> None:
    assert clock(at) == told


def test_a_part_that_could_hold_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="--every 0: no frame would be read"):
        part_of(None, None, 0)
    with pytest.raises(UsageError, match="--from 5 --to 5: nothing lies between"):
        part_of("5", "0:05", 1)
    assert part_of(None, None, 1) == WHOLE
    assert part_of("1", None, 2) == Part(1.0, math.inf, 2)


@pytest.mark.parametrize(
    ("frames", "length", "part", "told"),
    [
        (100, 4.0, WHOLE, 100),
        (100, None, WHOLE, 100),
        (None, 4.0, WHOLE, None),
        (100, None, Part(1.0), None),
        (100, 4.0, Part(1.0, 3.0), 50),
        (100, 4.0, Part(3.0, 9.0), 25),
        (100, 4.0, Part(0.0, math.inf, 3), 34),
        (100, 4.0, Part(5.0), 0),
    ],
)
def test_how_many_frames_are_to_be_expected(
    frames: int | None, length: float | None, part: Part, told: int | None
) -> None:
    assert expected(frames, length, part) == told


TIMES = [0.0, 0.04, 0.08, 0.2, 0.5, 1.0, 1.1, 1.3, 1.35, 1.9, 2.4, 2.5]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm"])
@pytest.mark.parametrize("start", [0.0, 0.05, 0.2, 0.201, 1.0, 1.35, 2.5])
@pytest.mark.parametrize("end", [0.3, 1.35, math.inf])
def test_a_part_has_exactly_the_frames_between_its_times(
    suffix: str, start: float, end: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / "parts"
    folder.mkdir(exist_ok=True)
    clip = folder / f"a{suffix}"
    if not clip.exists():
        write_clip(clip, shades(12), TIMES)
    wanted = [(at, shown) for at, shown in zip(TIMES, shades(12), strict=True) if start <= at < end]
    if not wanted:
        return
    with open_clip(str(clip), Part(start, end)) as frames:
        seen = list(frames)
    assert [frame.time for frame in seen] == pytest.approx([at for at, _ in wanted], abs=0.001)
    assert [frame.index for frame in seen] == list(range(len(wanted)))
    assert [frame.image.mean() for frame in seen] == pytest.approx([shown.mean() for _, shown in wanted], abs=4)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi", ".webm", ".mov"])
@pytest.mark.parametrize("start", [1.0, 3.1, 5.9])
def test_a_part_begins_exactly_though_key_frames_are_far_apart(suffix: str, start: float, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / f"a{suffix}", shades(25) * 6)
    with open_clip(str(clip), Part(start)) as frames:
        seen = list(frames)
    first = math.ceil(start * 25 - 1e-6)
    assert [frame.time for frame in seen] == pytest.approx([i / 25 for i in range(first, 150)], abs=0.002)
    assert seen[0].image.mean() == pytest.approx(shades(25)[first % 25].mean(), abs=6)


def test_every_nth_frame_is_read_and_has_its_own_number(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", shades(11))
    with open_clip(str(clip), Part(every=4)) as frames:
        seen = list(frames)
    assert [frame.index for frame in seen] == [0, 4, 8]
    assert [frame.time for frame in seen] == pytest.approx([0.0, 0.16, 0.32], abs=0.001)
    assert count_frames(str(clip), Part(every=4)) == 3


def test_a_part_behind_the_end_is_named_with_where_that_is(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", shades(25))
    with (
        pytest.raises(UsageError, match=r"a\.mp4: has no frame from 5 s on, it ends at 1\.0 s; give another --from"),
        open_clip(str(clip), Part(5.0)),
    ):
        pass


def test_what_is_damaged_behind_a_part_does_not_matter(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "a.mp4", shades(25) * 4).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) * 8 // 10])
    with open_clip(str(tmp_path / "cut.mp4"), Part(0.0, 1.0)) as frames:
        assert len(list(frames)) == 25
