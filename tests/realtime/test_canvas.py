"""What is drawn on the planes of a video looks as what is drawn on BGR, whatever colours the video says it has."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from realtime.canvas import InBgr, InPlanes, Patch
from realtime.clips import open_clip
from realtime.encoder import Encoder
from realtime.keeping import paint_frame
from realtime.overlay import MOVING, OverlaySettings, draw, draw_in_planes
from realtime.planes import BT601, Colours, Decoded, Planes, planes_of, resized, yuv_of
from realtime.pyav import packed, range_of
from realtime.values import Frame, Reading, Scene
from tests.realtime.making import Picture, number, picture, reading
from tests.realtime.test_planes import COLOURS, patches

KINDS = [BT601, Colours(1), Colours(2), Colours(9), Colours(6, True), Colours(1, True)]


def in_colours(bgr: Picture, colours: Colours) -> Planes:
    """The planes of a picture, by this module's own sums."""
    yuv = yuv_of(bgr, colours)
    half = cv2.resize(yuv, (bgr.shape[1] // 2, bgr.shape[0] // 2), interpolation=cv2.INTER_AREA)
    u, v = (np.ascontiguousarray(half[..., k], np.uint8) for k in (1, 2))
    return Planes(np.ascontiguousarray(yuv[..., 0]), u, v, colours)


def seen(planes: Planes) -> Picture:
    """Planes as FFmpeg turns them into BGR."""
    return np.asarray(packed(planes, planes.colours).to_ndarray(format="bgr24"), np.uint8)


def write_tagged(path: Path, shown: Picture, colours: Colours, count: int = 5) -> Path:
    """Write a clip that says which colours it has."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"bf": "0", "crf": "10"})
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = shown.shape[:2]
        stream.pix_fmt = "yuv420p"
        about = stream.codec_context
        about.colorspace, about.color_range = colours.matrix, range_of(colours)
        for i in range(count):
            frame = packed(in_colours(shown, colours), colours)
            frame.pts, frame.time_base = i, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("colours", KINDS, ids=str)
def test_colours_are_counted_as_ffmpeg_does(colours: Colours) -> None:
    shown = patches()
    middle = seen(in_colours(shown, colours))[32, 8::16].astype(int)
    assert np.abs(middle - COLOURS).max() <= 4
    for other in KINDS:
        again = packed(in_colours(shown, other), colours)
        assert np.abs(again.to_ndarray(format="bgr24")[32, 8::16].astype(int) - COLOURS).max() <= 8


@pytest.mark.parametrize("colours", KINDS, ids=str)
def test_a_reading_looks_the_same_in_planes(colours: Colours) -> None:
    shown = picture(200, 120, 160)
    read = reading("12", "345")
    expected = draw(shown, read, MOVING)
    got = seen(draw_in_planes(in_colours(shown, colours), read, MOVING))
    assert np.abs(cv2.blur(got, (5, 5)).astype(int) - cv2.blur(expected, (5, 5))).mean() < 3
    changed = np.abs(expected.astype(int) - shown).max(axis=2) > 20
    assert np.abs(got.astype(int) - shown).max(axis=2)[changed].min() > 5
    far = cv2.dilate(changed.astype(np.uint8), np.ones((5, 5), np.uint8)) == 0
    assert np.abs(got.astype(int) - shown)[far].max() <= 3


def test_what_was_refused_is_crossed_out_in_planes_too() -> None:
    shown, read = picture(200, 120, 160), reading("12")
    settings = OverlaySettings(rejected=True)
    expected = draw(shown, read, settings)
    got = seen(draw_in_planes(planes_of(shown), read, settings))
    assert np.abs(cv2.blur(got, (5, 5)).astype(int) - cv2.blur(expected, (5, 5))).mean() < 3


def test_nothing_is_copied_where_nothing_is_read_and_planes_are_not_written_to() -> None:
    planes = planes_of(picture(200, 120, 160))
    before = planes.y.copy()
    assert draw_in_planes(planes, Reading((160, 120)), MOVING) is planes
    assert draw_in_planes(planes, reading("12"), MOVING) is not planes
    np.testing.assert_array_equal(planes.y, before)


@pytest.mark.parametrize("at", [(-7, -5), (0, 0), (3, 5), (155, 117), (160, 120), (-40, 10), (1000, -1000)])
@pytest.mark.parametrize("size", [(20, 10), (21, 11), (1, 1)])
def test_a_patch_lies_where_it_is_laid_and_what_is_outside_is_left_out(
    at: tuple[int, int], size: tuple[int, int]
) -> None:
    patch = Patch(np.full((size[1], size[0], 3), (200, 40, 30), np.uint8))
    shown = picture(200, 120, 160)
    bgr, planes = InBgr(shown), InPlanes(planes_of(shown))
    planes.lay(patch, at)
    at = (at[0] // 2 * 2, at[1] // 2 * 2)  # in planes from even pixels on
    bgr.lay(patch, at)
    y = cv2.cvtColor(bgr.picture, cv2.COLOR_BGR2YUV_I420)[:120]
    assert np.abs(y.astype(int) - planes.planes.y).max() <= 2
    inside = np.zeros((120, 160), bool)
    inside[max(0, at[1]) : max(0, at[1] + size[1]), max(0, at[0]) : max(0, at[0] + size[0])] = True
    coloured = planes.planes.u != planes_of(shown).u
    assert abs(int(coloured.sum()) - inside.sum() / 4) <= sum(size)


def test_resized_planes_show_the_same() -> None:
    small = resized(planes_of(patches()), 48, 32)
    assert (small.y.shape, small.u.shape) == ((32, 48), (16, 24))
    assert np.abs(seen(small)[16, 4::8].astype(int) - COLOURS).max() <= 8


@pytest.mark.parametrize("colours", KINDS, ids=str)
def test_an_annotated_clip_keeps_its_colours_and_what_it_says_of_them(colours: Colours, tmp_path: Path) -> None:
    clip, out = write_tagged(tmp_path / "a.mp4", patches(), colours), tmp_path / "o.mp4"
    encoder = Encoder(out, out)
    with open_clip(str(clip)) as frames:
        for frame in frames:
            assert isinstance(frame.pixels, Decoded)
            assert frame.pixels.colours == colours
            assert np.abs(frame.image[32, 8::16].astype(int) - COLOURS).max() <= 6
            encoder.write(paint_frame(Scene(frame, Reading((96, 64)))), frame.time)
    encoder.finish()
    with open_clip(str(out)) as frames:
        written = list(frames)
    assert len(written) == 5
    for frame in written:
        assert isinstance(frame.pixels, Decoded)
        assert frame.pixels.colours == colours
        assert np.abs(frame.image[32, 8::16].astype(int) - COLOURS).max() <= 8


@pytest.mark.parametrize("first", ["bgr", "planes"])
def test_a_clip_that_changes_its_form_and_size_on_the_way_keeps_its_colours(first: str, tmp_path: Path) -> None:
    out = tmp_path / "o.mp4"
    pictures: list[Picture | Planes] = [patches(), in_colours(patches(128, 96), Colours(1))]
    encoder = Encoder(out, out)
    for i, shown in enumerate(pictures if first == "bgr" else pictures[::-1]):
        encoder.write(shown, i / 25)
    encoder.finish()
    with open_clip(str(out)) as frames:
        for frame in frames:
            assert np.abs(frame.image[frame.size[1] // 2, 8::16].astype(int) - COLOURS).max() <= 8


def test_what_is_painted_on_a_frame_is_the_same_for_planes_and_bgr(tmp_path: Path) -> None:
    shown = picture(200, 120, 160)
    clip = write_tagged(tmp_path / "a.mp4", shown, Colours(1))
    with open_clip(str(clip)) as frames:
        frame = next(frames)
    read = Reading((160, 120), reading(number("12").text).lines)
    planes, bgr = paint_frame(Scene(frame, read)), paint_frame(Scene(Frame(frame.image, 0, 0.0, "a"), read))
    assert isinstance(planes, Planes)
    assert isinstance(bgr, np.ndarray)
    assert np.abs(cv2.blur(seen(planes), (5, 5)).astype(int) - cv2.blur(bgr, (5, 5))).mean() < 3
