"""HEIC, the form in which many telephones keep photographs: read with pi-heif (the [heic] extra), OpenCV cannot."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import UnreadableError
from realtime.headers import Header

_BEGINNING: Final = re.compile(rb".{4}ftyp(hei[cxms]|hev[cx]|mif1|msf1)", re.DOTALL)
_REMEDY: Final = (
    "pip install pi-heif, or turn it into JPEG, for example with heif-convert (package libheif-examples), or set the "
    "telephone's camera to the most compatible format"
)

_TO_BGR: Final = {"L": None, "RGB": cv2.COLOR_RGB2BGR, "RGBA": cv2.COLOR_RGBA2BGRA}
_FAULTS: Final = (ValueError, EOFError, SyntaxError, RuntimeError, OSError)
"""What pi-heif raises for a damaged file."""


def is_heic(data: bytes) -> bool:
    """Tell whether the bytes of a file begin as a HEIC picture does."""
    return _BEGINNING.match(data) is not None


class Heic:
    """A HEIC picture whose header was read and which is not decoded yet."""

    def __init__(self, data: bytes, name: str) -> None:
        """Raise UnreadableError when it is damaged, or when pi-heif is not installed; `name` is for messages."""
        try:
            from pi_heif import open_heif
        except ImportError as fault:
            raise UnreadableError(f"{name}: is a HEIC picture, which needs pi-heif; {_REMEDY}") from fault
        self._name = name
        try:
            self._file = open_heif(BytesIO(data))
        except _FAULTS as fault:
            raise self._damaged() from fault

    @property
    def header(self) -> Header:
        """Its kind and size."""
        width, height = self._file.size
        return Header("HEIC", width, height, alpha="A" in self._file.mode)

    def picture(self) -> NDArray[np.uint8]:
        """Decode it: (H, W) gray, (H, W, 3) BGR or (H, W, 4) BGRA uint8, turned and mirrored as the file says.

        Raises UnreadableError when it is damaged.
        """
        try:
            shown = self._file.to_pillow()
        except _FAULTS as fault:
            raise self._damaged() from fault
        pixels = np.asarray(shown if shown.mode in _TO_BGR else shown.convert("RGB"), np.uint8)
        to_bgr = _TO_BGR.get(shown.mode, cv2.COLOR_RGB2BGR)
        return pixels if to_bgr is None else np.asarray(cv2.cvtColor(pixels, to_bgr), np.uint8)

    def _damaged(self) -> UnreadableError:
        return UnreadableError(f"{self._name}: is a damaged or truncated HEIC file; copy it again or save it anew")
