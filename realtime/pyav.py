"""Pictures from and to PyAV: a decoder's frames as pixels, and planes as frames for an encoder."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from realtime.pictures import on_white
from realtime.planes import Colours, Decoded, Pixels, Planes

if TYPE_CHECKING:
    from av import VideoFrame
    from av.video.plane import VideoPlane

_PLANAR: Final = ("yuv420p", "yuvj420p")
"""What nearly all clips hold."""
_LIMITED, _FULL = 1, 2


class Unpacker:
    """Turns the frames of a clip into pixels; from whichever thread they are asked for, one at a time.

    The same for all frames of a clip: a converter for each, which is what PyAV makes by itself, starts and ends as many
    threads as there are processors in every frame.
    """

    def __init__(self) -> None:
        from av.video.reformatter import VideoReformatter

        self._converter, self._lock = VideoReformatter(), Lock()

    def pixels(self, picture: VideoFrame) -> Pixels:
        """Return what a frame shows, turned by the rotation that the file asks players for.

        In its own planes where these are of the usual kind, and as BGR otherwise; what is clear is white.
        """
        if picture.format.name not in _PLANAR or picture.width % 2 or picture.height % 2:
            return self._bgr(picture)
        y, u, v = (_turned(_plane(plane), picture) for plane in picture.planes)
        is_full = picture.format.name == "yuvj420p" or picture.color_range == _FULL
        colours = Colours(int(picture.colorspace), is_full)
        return Decoded(y, u, v, colours, lambda: self._bgr(picture))

    def _bgr(self, picture: VideoFrame) -> NDArray[np.uint8]:
        if any(component.is_alpha for component in picture.format.components):
            return _turned(on_white(self._as(picture, "bgra")), picture)
        return _turned(self._as(picture, "bgr24"), picture)

    def _as(self, picture: VideoFrame, kind: str) -> NDArray[np.uint8]:
        with self._lock:
            return np.asarray(self._converter.reformat(picture, format=kind).to_ndarray(), np.uint8)


def packed(planes: Planes, colours: Colours) -> VideoFrame:
    """Return planes as a frame of some colours: of the planes' own, as a rule."""
    from av import VideoFrame

    height, width = planes.y.shape
    frame = VideoFrame(width, height, "yuv420p")
    for target, plane in zip(frame.planes, (planes.y, planes.u, planes.v), strict=True):
        _plane(target)[:] = plane
    frame.colorspace, frame.color_range = planes.colours.matrix, range_of(planes.colours)
    if planes.colours == colours:
        return frame
    # By way of BGR that nothing is said of: from planes to planes the matrix would stay as it is.
    bgr = VideoFrame.from_ndarray(frame.to_ndarray(format="bgr24"), format="bgr24")
    return bgr.reformat(format="yuv420p", dst_colorspace=colours.matrix, dst_color_range=range_of(colours))


def range_of(colours: Colours) -> int:
    """Return how FFmpeg numbers the range of brightness."""
    return _FULL if colours.is_full else _LIMITED


def _plane(plane: VideoPlane) -> NDArray[np.uint8]:
    """Return what is in a plane, (h, w) uint8, where it is; its lines may be longer than the picture is wide."""
    return np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]


def _turned(image: NDArray[np.uint8], picture: VideoFrame) -> NDArray[np.uint8]:
    quarters = round(picture.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(image, quarters), np.uint8) if quarters else image
