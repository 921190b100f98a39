"""Pictures from and to PyAV: a decoder's frames as pixels."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from realtime.pictures import on_white
from realtime.planes import Pixels, Planes

if TYPE_CHECKING:
    from av import VideoFrame
    from av.video.plane import VideoPlane

_PLANAR: Final = ("yuv420p", "yuvj420p")
"""What nearly all clips hold."""


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
        return Planes(y, u, v, lambda: self._bgr(picture))

    def _bgr(self, picture: VideoFrame) -> NDArray[np.uint8]:
        if any(component.is_alpha for component in picture.format.components):
            return _turned(on_white(self._as(picture, "bgra")), picture)
        return _turned(self._as(picture, "bgr24"), picture)

    def _as(self, picture: VideoFrame, kind: str) -> NDArray[np.uint8]:
        with self._lock:
            return np.asarray(self._converter.reformat(picture, format=kind).to_ndarray(), np.uint8)


def _plane(plane: VideoPlane) -> NDArray[np.uint8]:
    """Return what is in a plane, (h, w) uint8, where it is; its lines may be longer than the picture is wide."""
    return np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]


def _turned(image: NDArray[np.uint8], picture: VideoFrame) -> NDArray[np.uint8]:
    quarters = round(picture.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(image, quarters), np.uint8) if quarters else image
