"""The cameras of Linux, asked through V4L2 (linux/videodev2.h): names, sizes and rates, and whether they are free."""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Final

from realtime.diagnosis import Camera, Mode

_CAPTURE, _STREAMING, _OWN_CAPABILITIES = 0x1, 0x04000000, 0x80000000
_VIDEO_CAPTURE: Final = 1  # V4L2_BUF_TYPE_VIDEO_CAPTURE
_MMAP: Final = 1  # V4L2_MEMORY_MMAP
_DISCRETE: Final = 1  # V4L2_FRMSIZE_TYPE_DISCRETE, V4L2_FRMIVAL_TYPE_DISCRETE
_MOST: Final = 64  # of anything a driver lists: one that never ends is none to wait for


class _Call:
    """A request of V4L2: its number, and the form of what it takes and gives, in the notation of `struct`."""

    def __init__(self, number: int, form: str, only_gives: bool = False) -> None:
        self._form = form
        self._request = (2 if only_gives else 3) << 30 | struct.calcsize(form) << 16 | ord("V") << 8 | number

    def __call__(self, handle: int, *given: int | bytes) -> tuple[Any, ...]:
        """Make the request, with 0 for what is not given; raises OSError when the driver refuses it."""
        from fcntl import ioctl

        filled = bytearray(struct.calcsize(self._form))
        for place, value in enumerate(given):
            struct.pack_into("=I", filled, 4 * place, value)
        ioctl(handle, self._request, filled)
        return struct.unpack(self._form, filled)


_QUERY = _Call(0, "=16s32s32s6I", only_gives=True)  # VIDIOC_QUERYCAP
_FORMAT = _Call(2, "=3I32s5I")  # VIDIOC_ENUM_FMT
_BUFFERS = _Call(8, "=5I")  # VIDIOC_REQBUFS
_SIZE = _Call(74, "=11I")  # VIDIOC_ENUM_FRAMESIZES
_INTERVAL = _Call(75, "=13I")  # VIDIOC_ENUM_FRAMEINTERVALS


def describe(path: str) -> Camera | None:
    """Return what is known of the camera at `path`, also when it cannot be had; None where it is no camera.

    Cameras have further devices at which they give data about their pictures; those are none.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as fault:
        return Camera(path, fault=_fault(fault))
    try:
        return _described(path, handle)
    except OSError as fault:
        return None if fault.errno in (errno.ENOTTY, errno.EINVAL) else Camera(path, fault=_fault(fault))
    finally:
        os.close(handle)


def _fault(fault: OSError) -> str:
    kinds = {errno.EACCES: "forbidden", errno.EPERM: "forbidden", errno.EBUSY: "busy"}
    return kinds.get(fault.errno or 0, "gone")


def _described(path: str, handle: int) -> Camera | None:
    driver, card, _, _, every, own, *_ = _QUERY(handle)
    can = own if every & _OWN_CAPABILITIES else every
    if not (can & _CAPTURE and can & _STREAMING):
        return None
    return Camera(path, _text(card), _text(driver), tuple(_modes(handle)), "busy" if _is_busy(handle) else None)


def _is_busy(handle: int) -> bool:
    """Tell whether another program holds the camera's buffers: asking for none is refused then, else does nothing."""
    try:
        _BUFFERS(handle, 0, _VIDEO_CAPTURE, _MMAP)
    except OSError as fault:
        return fault.errno == errno.EBUSY
    return False


def _modes(handle: int) -> Iterator[Mode]:
    """Yield every size, in every form of pixels; of a range of sizes the largest."""
    for form in _listed(lambda index: _FORMAT(handle, index, _VIDEO_CAPTURE)):
        code: int = form[4]
        for size in _listed(lambda index, code=code: _SIZE(handle, index, code)):  # type: ignore[misc]
            width, height = (size[3], size[4]) if size[2] == _DISCRETE else (size[4], size[7])
            pixels = struct.pack("<I", code).decode("ascii", "replace").strip()
            yield Mode(width, height, pixels, tuple(_rates(handle, code, width, height)))
            if size[2] != _DISCRETE:
                break


def _rates(handle: int, code: int, width: int, height: int) -> Iterator[float]:
    """Yield pictures a second, of a range the most."""
    for interval in _listed(lambda index: _INTERVAL(handle, index, code, width, height)):
        if interval[5]:
            yield round(interval[6] / interval[5], 2)
        if interval[4] != _DISCRETE:
            break


def _listed(ask: Callable[[int], tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Yield what a driver lists, from 0 on, until it says that there is no more."""
    with suppress(OSError):
        for index in range(_MOST):
            yield ask(index)


def _text(value: bytes) -> str:
    return value.partition(b"\0")[0].decode("utf-8", "replace")
