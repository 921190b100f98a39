"""Photographs from files: read once, measured by their header, and only then decoded."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import UnreadableError
from models.quiet import hushed
from realtime.headers import Header, begun, foreign, header, is_whole, orientation
from realtime.heic import Heic, is_heic

MOST_PIXELS: Final = 200_000_000
"""The largest photographs of telephones have 200 million pixels; what declares more is refused without decoding it."""
MOST_BYTES: Final = 1_000_000_000


def read_picture(path: Path | str) -> NDArray[np.uint8]:
    """Return the picture at `path`, (H, W, 3) uint8 BGR, turned upright as its EXIF data says.

    Raises UnreadableError when it is missing, cut short, too large or no picture.
    """
    return decode_picture(read_bytes(path), str(path))


def read_bytes(path: Path | str) -> bytes:
    """Return the bytes of the file at `path`; raises UnreadableError when it has none or cannot be read."""
    try:
        about = os.stat(path)
        if stat.S_ISDIR(about.st_mode):
            raise UnreadableError(f"{path}: is a folder, not a picture")
        if not stat.S_ISREG(about.st_mode):
            raise UnreadableError(f"{path}: is not a file; save the picture to a file first")
        if about.st_size > MOST_BYTES:
            raise UnreadableError(f"{path}: has {about.st_size / 1e9:.1f} GB, too much for a picture; make it smaller")
        data = Path(path).read_bytes()
    except FileNotFoundError as fault:
        raise UnreadableError(f"{path}: does not exist; check the path") from fault
    except OSError as fault:
        raise UnreadableError(f"{path}: cannot be read ({fault.strerror}); check its permissions") from fault
    if not data:
        raise UnreadableError(f"{path}: is empty (0 bytes); copy it again")
    return data


def decode_picture(data: bytes, name: str, most_pixels: int = MOST_PIXELS) -> NDArray[np.uint8]:
    """Return the picture in the bytes of a file, (H, W, 3) uint8 BGR, upright; `name` is for messages.

    Raises UnreadableError; a picture of more than `most_pixels` is refused before anything is decoded.
    """
    if is_heic(data):
        heic = Heic(data, name)
        _check_size(heic.header, name, most_pixels)
        return on_white(heic.picture())
    about = _checked_header(data, name, most_pixels)
    flags = cv2.IMREAD_UNCHANGED if about.alpha else cv2.IMREAD_COLOR
    try:
        with hushed():
            picture = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        picture = None
    if picture is None:
        raise UnreadableError(f"{name}: is a damaged or truncated {about.kind} file; copy it again or save it anew")
    if about.clear is not None and picture.ndim == 2:
        picture[picture == about.clear] = 255 if picture.dtype == np.uint8 else 65535
    shown = on_white(np.asarray(picture))
    return _upright(shown, orientation(data, about.kind)) if about.alpha else shown  # a colour picture is turned by now


def _checked_header(data: bytes, name: str, most_pixels: int) -> Header:
    about = header(data)
    if about is None:
        if kind := begun(data):  # a telephone puts a good deal in front of the size
            raise UnreadableError(f"{name}: is a truncated or damaged {kind} file; copy it again or save it anew")
        remedy = foreign(data) or "is not a picture that can be read; expected JPEG, PNG, WebP, TIFF, BMP or GIF"
        raise UnreadableError(f"{name}: {remedy}")
    _check_size(about, name, most_pixels)
    if not is_whole(data, about.kind):
        raise UnreadableError(f"{name}: is truncated, the end of the {about.kind} file is missing; copy it again")
    return about


def _check_size(about: Header, name: str, most_pixels: int) -> None:
    if about.width < 1 or about.height < 1:
        raise UnreadableError(
            f"{name}: is a damaged {about.kind} file (it declares {about.width}x{about.height} pixels)"
        )
    if about.width * about.height > most_pixels:
        size = f"{about.width}x{about.height} pixels, more than {most_pixels / 1e6:.0f} million"
        raise UnreadableError(f"{name}: declares {size}; make it smaller")


def on_white(picture: NDArray[np.uint8 | np.uint16]) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8 of a picture of 1, 3 or 4 channels and 8 or 16 bits; what is transparent becomes white."""
    shown = np.asarray(picture if picture.dtype == np.uint8 else picture >> 8, np.uint8)
    if shown.ndim == 2:
        return np.asarray(cv2.cvtColor(shown, cv2.COLOR_GRAY2BGR), np.uint8)
    if shown.shape[2] == 3:
        return shown
    alpha = cv2.merge([shown[:, :, 3]] * 3)
    drawn = cv2.multiply(shown[:, :, :3], alpha, scale=1 / 255)
    return np.asarray(cv2.add(drawn, cv2.bitwise_not(alpha)), np.uint8)


def _upright(picture: NDArray[np.uint8], turn: int) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8 turned and mirrored as the EXIF orientation says: 5 to 8 swap the sides."""
    turned = cv2.transpose(picture) if turn >= 5 else picture
    axis = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}.get(turn)
    return np.asarray(turned if axis is None else cv2.flip(turned, axis), np.uint8)
