"""A frame's planes are used as they are, and its colours are the same as if it had been converted at once."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from realtime.clips import open_clip
from realtime.planes import Planes, luma_of, size_of
from realtime.values import Frame
from tests.realtime.making import Picture, picture, write_clip
from tests.realtime.test_sources import with_rotation

COLOURS = [(200, 40, 30), (30, 180, 40), (40, 30, 190), (30, 180, 190), (180, 170, 30), (90, 90, 90)]


def patches(height: int = 64, width: int = 96) -> Picture:
    """Six upright stripes."""
    shown = np.zeros((height, width, 3), np.uint8)
    for i, colour in enumerate(COLOURS):
        shown[:, 16 * i : 16 * i + 16] = colour
    return shown


def first_of(path: Path) -> Frame:
    with open_clip(str(path)) as frames:
        return next(frames)


def converted(path: Path) -> Picture:
    """The first frame as PyAV converts it by itself."""
    import av

    with av.open(str(path)) as container:
        return np.asarray(next(container.decode(video=0)).to_ndarray(format="bgr24"), np.uint8)


def test_the_usual_clip_comes_in_planes_and_is_converted_when_asked(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", [patches()] * 3)
    frame = first_of(clip)
    assert isinstance(frame.pixels, Planes)
    assert frame.size == size_of(frame.image) == (96, 64)
    assert "bgr" in vars(frame.pixels)
    assert frame.image is frame.image
    np.testing.assert_array_equal(frame.image, converted(clip))
    middle = frame.image[32, 8::16].astype(int)
    assert np.abs(middle - COLOURS).max() <= 6
    gray = luma_of(frame.image)[32, 8::16] * (219 / 255) + 16  # of a video from 16 to 235
    assert np.abs(frame.luma[32, 8::16] - gray).max() <= 3


def test_nothing_is_converted_that_nobody_asks_for(tmp_path: Path) -> None:
    frame = first_of(write_clip(tmp_path / "a.mp4", [patches()] * 3))
    assert (frame.luma.shape, frame.size) == ((64, 96), (96, 64))
    assert isinstance(frame.pixels, Planes)
    assert "bgr" not in vars(frame.pixels)


@pytest.mark.parametrize("turn", [90, 180])
def test_planes_are_turned_with_their_picture(turn: int, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", [patches()] * 3)
    straight = first_of(clip)
    clip.write_bytes(with_rotation(clip.read_bytes(), turn))
    turned = first_of(clip)
    way = cv2.ROTATE_90_CLOCKWISE if turn == 90 else cv2.ROTATE_180
    assert isinstance(turned.pixels, Planes)
    assert isinstance(straight.pixels, Planes)
    np.testing.assert_array_equal(turned.image, cv2.rotate(straight.image, way))
    for plane in "yuv":
        np.testing.assert_array_equal(getattr(turned.pixels, plane), cv2.rotate(getattr(straight.pixels, plane), way))


def test_lines_longer_than_the_picture_is_wide_are_cut(tmp_path: Path) -> None:
    frame = first_of(write_clip(tmp_path / "a.mp4", [picture(120, 50, 70)] * 3))
    assert (frame.luma.shape, frame.image.shape) == ((50, 70), (50, 70, 3))
    assert np.ptp(frame.luma) <= 2


@pytest.mark.parametrize("kind", ["yuv444p", "yuv422p", "yuv420p10le"])
def test_planes_of_other_kinds_are_converted_at_once(kind: str, tmp_path: Path) -> None:
    import av

    clip = tmp_path / "a.mkv"
    with av.open(str(clip), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width, stream.pix_fmt = 64, 96, kind
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(patches(), format="bgr24")))
        container.mux(stream.encode(None))
    frame = first_of(clip)
    assert isinstance(frame.pixels, np.ndarray)
    assert np.abs(frame.image[32, 8::16].astype(int) - COLOURS).max() <= 6
