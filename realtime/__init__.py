"""Reads handwritten digits in frames, videos and photographs.

>>> from realtime import open_reader
>>> open_reader().read(picture).text  # picture: (H, W, 3) uint8 BGR, as cv2.imread gives it
'1958\n42 7'
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from realtime.reader import Reader

__all__ = ["open_reader"]


def open_reader(model: Path | str | None = None, *, live: bool = False) -> Reader:
    """Return a reader with the shipped model, or with the model file at `model`.

    live: read fast, for frames, instead of thoroughly, for stills.
    Raises models.errors.ModelError when the model is missing or is not what its card promises.
    """
    from models.classifier import DEFAULT_MODEL, load_classifier
    from realtime.reader import Reader
    from realtime.settings import LIVE, THOROUGH

    classifier = load_classifier(Path(model) if model is not None else DEFAULT_MODEL)
    return Reader(classifier, LIVE if live else THOROUGH)
