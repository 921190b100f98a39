"""The sound of a clip: every packet as it was, at its own moment, in any container that can hold it."""

from __future__ import annotations

from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import pytest

from realtime.clips import open_clip
from realtime.part import WHOLE, Part
from realtime.sinks import annotated_video
from realtime.sound import open_sound
from realtime.values import Scene
from tests.realtime.making import reading, shades, write_clip, write_sounding_clip


class Heard(NamedTuple):
    """A packet of sound: from when on it plays, in seconds after the first picture, and its bytes."""

    at: float
    data: bytes


def copied(clip: Path, out: Path, part: Part = WHOLE, most: int | None = None) -> Path:
    """Copy a clip through an annotated video; only the first `most` frames of it."""
    with ExitStack() as stack:
        sound = stack.enter_context(open_sound(str(clip), part))
        write = stack.enter_context(annotated_video(out, lambda scene: scene.frame.image, part, sound))
        for frame in islice(stack.enter_context(open_clip(str(clip), part)), most):
            write(Scene(frame, reading("1")))
        if sound is not None:
            sound.whole = most is None
    return out


def heard(path: Path, track: int = 0) -> list[Heard]:
    import av

    with av.open(str(path)) as container:
        first = next(container.decode(video=0)).time
    assert first is not None
    with av.open(str(path)) as container:
        packets = [p for p in container.demux(audio=track) if p.pts is not None]
        return [Heard(float((p.pts or 0) * p.time_base) - first, bytes(p)) for p in packets]


def tracks(path: Path) -> list[str]:
    import av

    with av.open(str(path)) as container:
        return [stream.codec_context.name for stream in container.streams.audio]


def length(path: Path) -> float:
    import av

    with av.open(str(path)) as container:
        return len(list(container.decode(video=0))) / 25


@pytest.mark.parametrize(
    ("codec", "source", "target"),
    [
        ("aac", ".mp4", ".mp4"),
        ("aac", ".mp4", ".mkv"),
        ("aac", ".mp4", ".mov"),
        ("pcm_s16le", ".avi", ".mp4"),
        ("flac", ".mkv", ".mp4"),
        ("mp2", ".mkv", ".mkv"),
    ],
)
def test_every_packet_is_copied_to_its_own_moment(codec: str, source: str, target: str, tmp_path: Path) -> None:
    clip = write_sounding_clip(tmp_path / f"a{source}", shades(25) * 2, codec)
    before, after = heard(clip), heard(copied(clip, tmp_path / f"out{target}"))
    assert len(before) > 20
    assert [h.data for h in after] == [h.data for h in before]
    assert [h.at for h in after] == pytest.approx([h.at for h in before], abs=0.002)


def test_all_tracks_are_copied(tmp_path: Path) -> None:
    clip = write_sounding_clip(tmp_path / "a.mp4", shades(25), tracks=2)
    out = copied(clip, tmp_path / "out.mp4")
    assert [h.data for h in heard(out, 0)] == [h.data for h in heard(clip, 0)]
    assert [h.data for h in heard(out, 1)] == [h.data for h in heard(clip, 1)]
    assert heard(out, 0)[9].data != heard(out, 1)[9].data


@pytest.mark.parametrize("source", [".mp4", ".mkv", ".avi"])
def test_the_sound_of_a_part_stays_with_its_pictures(source: str, tmp_path: Path) -> None:
    clip = write_sounding_clip(tmp_path / f"a{source}", shades(25) * 4, "mp3" if source == ".avi" else "aac")
    out = copied(clip, tmp_path / "out.mp4", Part(1.3, 2.5))
    when = {h.data: h.at for h in heard(clip)}
    assert len(when) == len(heard(clip)), "a tone's packets are told apart by their bytes"
    part = heard(out)
    with open_clip(str(clip), Part(1.3, 2.5)) as frames:
        first = next(frames).time
    assert first == pytest.approx(1.32, abs=0.025)
    exact = 0.02 if source == ".avi" else 0.002  # an AVI only tells how many bytes a second its sound has
    assert [h.at for h in part] == pytest.approx([when[h.data] - first for h in part], abs=exact)
    assert 0 <= part[0].at < 0.1
    assert 1.0 < part[-1].at < 1.2


def test_sound_that_no_picture_is_taken_for_any_more_is_left_out(tmp_path: Path) -> None:
    clip = write_sounding_clip(tmp_path / "a.mp4", shades(25) * 4)
    out = copied(clip, tmp_path / "out.mp4", most=30)
    assert length(out) == pytest.approx(1.2)
    assert 1.1 < heard(out)[-1].at < 1.2


@pytest.mark.parametrize(("codec", "source", "target"), [("flac", ".mkv", ".mov"), ("adpcm_ms", ".avi", ".mp4")])
def test_sound_that_the_container_cannot_hold_is_told_of_and_left_out(
    codec: str, source: str, target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = write_sounding_clip(tmp_path / f"a{source}", shades(25), codec)
    out = copied(clip, tmp_path / f"out{target}")
    assert capsys.readouterr().err == f"{clip}: its sound ({codec}) cannot be put into {target}; left out\n"
    assert tracks(out) == []
    assert length(out) == 1.0


def test_a_clip_without_sound_has_none(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", shades(5))
    with open_sound(str(clip)) as sound:
        assert sound is None
    assert tracks(copied(clip, tmp_path / "out.mp4")) == []


def test_sound_of_no_known_kind_is_told_of_and_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = write_sounding_clip(tmp_path / "a.mp4", shades(25))
    clip.write_bytes(clip.read_bytes().replace(b"mp4a", b"zzzz").replace(b"\x40\x15", b"\xfe\x15"))
    out = copied(clip, tmp_path / "out.mp4")
    assert capsys.readouterr().err == f"{clip}: its sound (of no known kind) cannot be put into .mp4; left out\n"
    assert length(out) == 1.0


def test_what_is_no_clip_has_no_sound_either(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("shopping list")
    with open_sound(str(tmp_path / "a.mp4")) as sound:
        assert sound is None
