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


def open_reader(model: Path | str | None = None, *, live: bool = False, target_error: float | None = None) -> Reader:
    """Return a reader with the shipped model, or with the model file at `model` and the rows.tflite beside it, if any.

    live: read fast, for frames, instead of thoroughly, for stills.
    target_error: share, 0..1, of what is accepted that may be wrong; what is less sure is for review. By default a
    number is accepted from a confidence of `LayoutSettings.target` on.
    Raises models.errors.ModelError when the model is missing, is not what its card promises, or has more errors.
    """
    from dataclasses import replace

    from models.classifier import DEFAULT_MODEL, load_classifier
    from models.rows import rows_beside
    from realtime.reader import Reader
    from realtime.settings import LIVE, THOROUGH

    path = Path(model) if model is not None else DEFAULT_MODEL
    classifier = load_classifier(path)
    settings = LIVE if live else THOROUGH
    if target_error is not None:
        target = classifier.card.confidence_for(target_error)
        settings = replace(settings, layout=replace(settings.layout, target=target))
    return Reader(classifier, settings, rows_beside(path))
