"""What was read and what was rejected, as boxes over the picture, over what was read of it, and over its ink."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.contract import LABELS
from realtime.attempt import Attempt
from realtime.mistakes import Kind
from realtime.page import View, in_picture
from realtime.values import Box, hull

LONGEST: Final = 1600
"""Pixels of a figure's longer side at most: enough to enlarge on a telephone."""
FEW: Final = 3


@dataclass(frozen=True, slots=True)
class Mark:
    """A box over a figure.

    kind: what came of the digit; None of ink that was rejected.  label: what it was read as, or is most like.
    number: of the ink in the list of mistakes, 0 if it is not listed there.  note: what was decided, in words.
    """

    box: Box
    kind: Kind | None
    label: str
    number: int
    note: str


@dataclass(frozen=True, eq=False, slots=True)
class Figure:
    """A picture with boxes over it.

    image: (h, w, 3) uint8 BGR or (h, w) uint8 gray, of the part `frame`, in whose pixels marks and outline are.
    outline: what of it was read, if not all.
    """

    name: str
    caption: str
    image: NDArray[np.uint8]
    frame: Box
    marks: tuple[Mark, ...]
    outline: tuple[tuple[int, int], ...] = ()


def marks_of(attempt: Attempt, kinds: Mapping[int, Kind], numbers: Mapping[int, int]) -> list[Mark]:
    """Return a box of the view for all ink, what was rejected first, so that digits lie above it.

    kinds: what came of the regions that were read.  numbers: of the regions that are listed.
    """
    marks: list[Mark] = []
    for verdict in sorted(attempt.verdicts, key=lambda v: (not v.reason, v.region in numbers)):
        label = LABELS[verdict.label]
        note = ", ".join(filter(None, [f"{label} {verdict.probability:.2f}", verdict.reason]))
        box, number = attempt.regions[verdict.region].box, numbers.get(verdict.region, 0)
        marks.append(Mark(box, kinds.get(verdict.region), label, number, note))
    return marks


def figures(picture: NDArray[np.uint8], attempt: Attempt, marks: Sequence[Mark], whole: bool) -> tuple[Figure, ...]:
    """Return the picture, what was read of it if that is something else, and its ink."""
    view, size = attempt.view, attempt.view.image.shape[:2]
    way = _way(view)
    placed = [replace(m, box=in_picture(m.box, view)) for m in marks]
    frame, around = _frame(marks, size, whole), _frame(placed, picture.shape[:2], whole)
    outline = _outline(view) if way else ()
    shown = [_figure("picture", "the picture", picture, around, placed, outline)]
    if way:
        shown.append(_figure("view", f"as it was read: {way}", view.image, frame, marks))
    without = ", ruled lines taken out" if attempt.ink.ruled else ""
    return (*shown, _figure("ink", f"its ink{without}", 255 - attempt.ink.contrast, frame, marks))


def _figure(
    name: str,
    caption: str,
    image: NDArray[np.uint8],
    frame: Box,
    marks: Sequence[Mark],
    outline: tuple[tuple[int, int], ...] = (),
) -> Figure:
    part = image[frame.y : frame.bottom, frame.x : frame.right]
    small = resized(part, min(1.0, LONGEST / max(part.shape[:2])))
    inside = tuple(replace(m, box=_common(m.box, frame)) for m in marks if overlap(m.box, frame) > 0)
    return Figure(name, f"{caption}, {image.shape[1]} x {image.shape[0]} pixels", small, frame, inside, outline)


def _frame(marks: Sequence[Mark], size: tuple[int, ...], whole: bool) -> Box:
    """Return the part of an image of (height, width) to show: all of it, or what is read or listed, with a margin.

    Of few digits all is shown: it may be that they are pieces of larger ones.
    """
    all_of_it = Box(0, 0, size[1], size[0])
    boxes = [m.box for m in marks if m.kind or m.number]
    if whole or len(boxes) < FEW:
        return all_of_it
    inner = hull(boxes)
    pad = round(max(1.5 * median(b.h for b in boxes), 0.1 * max(inner.w, inner.h)))
    x, y = max(0, inner.x - pad), max(0, inner.y - pad)
    part = Box(x, y, min(size[1], inner.right + pad) - x, min(size[0], inner.bottom + pad) - y)
    return part if part.w > 0 and part.h > 0 and max(part.w, part.h) < 0.7 * max(size) else all_of_it


def _outline(view: View) -> tuple[tuple[int, int], ...]:
    """Return the view's corners in the picture."""
    h, w = view.image.shape[:2]
    corners = np.array([[(0, 0), (w, 0), (w, h), (0, h)]], np.float64)
    return tuple((round(float(x)), round(float(y))) for x, y in cv2.perspectiveTransform(corners, view.to_picture)[0])


def _way(view: View) -> str:
    """Return in words how a view lies in its picture, "" if it is the whole picture as it is."""
    m = view.to_picture / view.to_picture[2, 2]
    if np.allclose(m, np.diag(np.diag(m)), atol=1e-9):
        return ""
    turned = round(math.degrees(math.atan2(m[1, 0], m[0, 0])))
    flat = bool(np.abs(m[2, :2]).max() * max(view.image.shape) > 1e-6)
    words = ["a sheet, flattened" if flat else "a part, enlarged", f"turned {-turned}°" if abs(turned) > 3 else ""]
    return ", ".join(filter(None, words))


def _common(a: Box, b: Box) -> Box:
    x, y = max(a.x, b.x), max(a.y, b.y)
    return Box(x, y, min(a.right, b.right) - x, min(a.bottom, b.bottom) - y)


def overlap(a: Box, b: Box) -> float:
    """Return the share of the smaller box that lies in the other."""
    both = _common(a, b)
    return max(0, both.w) * max(0, both.h) / max(1, min(a.w * a.h, b.w * b.h))


def resized(image: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """Return an image, uint8, `scale` times as wide and as high."""
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, size, interpolation=method), np.uint8)
