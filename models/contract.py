"""What a digit image is and what a model file promises: the one thing that training and reading share."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError

CONTRACT: Final = 1
"""Raised whenever `normalize` or `LABELS` change: a model trained under another number is refused."""
SIDE: Final = 28
BODY: Final = 20
CENTRE: Final = 14
NOT_A_DIGIT: Final = "not a digit"
LABELS: Final = (*"0123456789", NOT_A_DIGIT)


def normalize(ink: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Fit the ink into 20x20 keeping its shape, then put its centre of mass at pixel (14, 14) of a 28x28 image.

    This is how MNIST was made (LeCun et al. 1998, section III.A), and MNIST comes out of it unchanged. Where the body
    would leave the image it is pushed back in: no ink is lost.

    ink: (h, w) uint8, 0 paper .. 255 stroke; h and w at least 1.
    Returns (28, 28) float32 in 0..1, 1 is stroke; all zeros if there is no ink.
    """
    return np.asarray(normalize_all([ink])[0], np.float32)


def normalize_all(inks: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """Return (n, 28, 28) float32: `normalize` of each of the n inks, in their order; n may be 0."""
    images = np.zeros((len(inks), SIDE, SIDE), np.uint8)
    for image, ink in zip(images, inks, strict=True):
        x, y, w, h = cv2.boundingRect(ink)
        if w and h:
            body = _fit(ink[y : y + h, x : x + w])
            top, left = _corner(body)
            image[top : top + body.shape[0], left : left + body.shape[1]] = body
    return np.asarray(images / np.float32(255), np.float32)


def _fit(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    h, w = ink.shape
    scale = BODY / max(h, w)
    if scale == 1:
        return ink
    size = (max(1, round(w * scale)), max(1, round(h * scale)))
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return np.asarray(small, np.uint8)


def _corner(body: NDArray[np.uint8]) -> tuple[int, int]:
    """Return (top, left) that bring the body's centre of mass to (14, 14), as far as the image has room."""
    moments = cv2.moments(body)  # sums of whole numbers: exact
    total = moments["m00"]
    (h, w), down, across = body.shape, moments["m01"], moments["m10"]
    if total == 0:
        return (SIDE - h) // 2, (SIDE - w) // 2
    top, left = round(CENTRE - down / total), round(CENTRE - across / total)
    return min(max(top, 0), SIDE - h), min(max(left, 0), SIDE - w)


@dataclass(frozen=True)
class ModelCard:
    """What the JSON file beside a model file promises about it.

    sha256: of the model file's bytes, by file name (digits.tflite, digits.keras).
    data: what it learned from, with licences.  figures: what it reached, by name.  training: seed, epochs, duration.
    """

    name: str
    contract: int
    labels: tuple[str, ...]
    sha256: dict[str, str]
    temperature: float = 1.0
    licence: str = "MIT"
    data: tuple[dict[str, Any], ...] = ()
    figures: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)

    def confidence_for(self, target_error: float) -> float:
        """Return the least confidence from which no more of the held-out digits are wrong than `target_error`, 0..1.

        Raises ModelError when the card does not tell, or when no confidence it knows has so few errors.
        """
        held_out = self.figures.get("held_out", {})
        curve = held_out.get("errors", []) if isinstance(held_out, dict) else []
        try:
            known = [(float(point["confidence"]), float(point["error"])) for point in curve]
        except (KeyError, TypeError, ValueError):
            known = []
        if not known:
            raise ModelError(f"{self.name}: its card does not tell errors by confidence; train it again")
        safe = [least for i, (least, _) in enumerate(known) if all(error <= target_error for _, error in known[i:])]
        if not safe:
            fewest = min(error for _, error in known)
            raise ModelError(f"{self.name}: no confidence has so few errors as {target_error:g}; ask for {fewest:g}")
        return safe[0]

    def to_json(self) -> str:
        """Return the card as the text of its file."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"


_FORMS: Final = {"labels": list, "sha256": dict, "data": list, "figures": dict, "training": dict}
_NAMES: Final = {list: "list", dict: "table"}


def read_card(path: Path) -> ModelCard:
    """Read the card at `path`; raises ModelError when it is missing or is no card."""
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        for name, form in _FORMS.items():
            if not isinstance(fields.get(name, form()), form):
                raise TypeError(f'"{name}" must be a {_NAMES[form]}')
        return ModelCard(**fields | {"labels": tuple(fields["labels"]), "data": tuple(fields.get("data", ()))})
    except FileNotFoundError as fault:
        raise ModelError(f"{path}: the model card is missing; keep it beside the model file, or train again") from fault
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise ModelError(f"{path}: not a model card ({fault}); restore it, or train again") from fault


def checked_card(model: Path) -> ModelCard:
    """Read the card of a model file (same name, .json) and hold the file against it.

    Raises ModelError when the card is missing, or when its contract, labels or hash differ.
    """
    card = read_card(model.with_suffix(".json"))
    if card.contract != CONTRACT:
        raise ModelError(f"{model}: made for contract {card.contract}, this program keeps {CONTRACT}; train it again")
    if card.labels != LABELS:
        raise ModelError(f"{model}: has other labels than this program; train it again")
    try:
        found = hashlib.sha256(model.read_bytes()).hexdigest()
    except OSError as fault:
        raise ModelError(f"{model}: cannot be read ({fault.strerror}); check its permissions") from fault
    if card.sha256.get(model.name) != found:
        raise ModelError(f"{model}: is not the file its card describes (sha256 differs); restore both, or train again")
    return card
