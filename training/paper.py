"""Paper and ink: handwriting laid down as a flat page, seen straight and evenly lit, with the place of every mark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from training.forms import DIGITS
from training.strokes import Mark, Writer, write

Image = NDArray[np.uint8]
Points = NDArray[np.float64]

FINER: Final = 3
"""Strokes are drawn this many times finer than the page and then averaged: smooth edges."""


@dataclass(frozen=True, slots=True)
class Ink:
    """A pen.

    colour: BGR of full ink, 0..255.  cover: share of the paper it hides.  grain: how unevenly the paper takes it.
    width: factor on the writer's pen width.
    """

    colour: tuple[int, int, int]
    cover: float
    grain: float
    width: float = 1.0


INKS: Final = {
    "blue ballpoint": Ink((128, 58, 34), 0.92, 0.07, 0.85),
    "black ballpoint": Ink((48, 44, 44), 0.92, 0.06, 0.85),
    "pencil": Ink((84, 80, 80), 0.86, 0.2, 0.95),
    "blue marker": Ink((140, 48, 18), 0.97, 0.03, 1.6),
    "black marker": Ink((36, 32, 32), 0.97, 0.03, 1.6),
    "red pen": Ink((44, 36, 188), 0.92, 0.06, 1.0),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A blank sheet. size: (width, height) in page pixels.  pitch: distance of its printed lines, in page pixels."""

    size: tuple[int, int]
    kind: Literal["plain", "ruled", "squared"] = "plain"
    pitch: int = 60
    colour: tuple[int, int, int] = (238, 243, 244)
    print_colour: tuple[int, int, int] = (214, 190, 168)
    grain: float = 1.6


@dataclass(frozen=True, slots=True)
class WrittenLine:
    """What is to be written, where: (x, y) of the line's start on its foot, height of a digit, all in page pixels.

    labels: as for `training.strokes.write`.  turn: radians, the line rises when positive.
    A line too long for the sheet is written smaller, so that it ends before the sheet does.
    """

    labels: str | tuple[str, ...]
    writer: Writer
    ink: str
    at: tuple[float, float]
    height: float
    turn: float = 0.0


@dataclass(frozen=True, eq=False, slots=True)
class Placed:
    """A mark on a page; hull: (n, 2) convex outline of its ink, x and y in page pixels."""

    label: str
    hull: Points


@dataclass(frozen=True, eq=False, slots=True)
class Page:
    """A flat page.

    picture: (H, W, 3) uint8 BGR.  lines: its marks, line by line, left to right; a gap between numbers is a mark of the
    label " " with an empty hull.  corners: (4, 2) of the paper, from the top left on clockwise, in pixels.
    """

    picture: Image
    lines: tuple[tuple[Placed, ...], ...]
    corners: Points


def text_of(line: Iterable[Placed]) -> str:
    """Return the digits of a line as written; marks that are no digits are gaps, and gaps are one space."""
    shown = "".join(mark.label if mark.label in DIGITS else " " for mark in line)
    return " ".join(shown.split())


def draw_page(sheet: Sheet, lines: Sequence[WrittenLine], rng: np.random.Generator) -> Page:
    """Return the sheet with the lines written on it."""
    picture = _blank(sheet, rng)
    tooth = _tooth(picture.shape[:2], rng)
    placed = tuple(_write_line(picture, line, tooth, rng) for line in lines)
    w, h = sheet.size
    corners = np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float64)
    return Page(np.asarray(np.clip(picture, 0, 255), np.uint8), placed, corners)


def _blank(sheet: Sheet, rng: np.random.Generator) -> NDArray[np.float32]:
    w, h = sheet.size
    cloud = cv2.resize(
        rng.normal(0, 1.2, (h // 100 + 2, w // 100 + 2)).astype(np.float32), (w, h), interpolation=cv2.INTER_CUBIC
    )
    grain = cv2.GaussianBlur(rng.standard_normal((h, w), np.float32), (0, 0), 0.9) * (2.5 * sheet.grain)
    paper = np.asarray(sheet.colour, np.float32) + (cloud + grain)[:, :, None]
    lines = _printed(sheet)[:, :, None]
    return paper * (1 - lines) + np.asarray(sheet.print_colour, np.float32) * lines


def _printed(sheet: Sheet) -> NDArray[np.float32]:
    """Return how much printed line covers each pixel, (h, w) float32 in 0..1."""
    w, h = sheet.size
    cover = np.zeros((h, w), np.float32)
    thick = max(1, round(sheet.pitch / 30))
    start = sheet.pitch if sheet.kind == "squared" else 2 * sheet.pitch
    for i in range(thick):
        if sheet.kind != "plain":
            cover[start + i :: sheet.pitch] = 0.85
        if sheet.kind == "squared":
            cover[:, sheet.pitch + i :: sheet.pitch] = 0.85
    return cover


def _tooth(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the paper's roughness that ink grips unevenly: (h, w) float32, mean 0, deviation about 1."""
    return np.asarray(cv2.GaussianBlur(rng.standard_normal(shape[:2], np.float32), (0, 0), 1.1) * 3.9, np.float32)


def _write_line(
    picture: NDArray[np.float32], line: WrittenLine, tooth: NDArray[np.float32], rng: np.random.Generator
) -> tuple[Placed, ...]:
    """Write on `picture`, which is the page being made."""
    ink = INKS[line.ink]
    written = write(line.labels, line.writer, rng)
    line = _fit(line, written, picture.shape[1])
    marks = iter(written)
    radius = line.writer.pen * line.height * ink.width / 2
    placed = []
    for label in line.labels:
        if label == " ":
            placed.append(Placed(label, np.zeros((0, 2))))
            continue
        dots = _dots(next(marks), line, radius)
        _lay_down(picture, dots, ink, tooth)
        placed.append(Placed(label, _hull(dots)))
    return tuple(placed)


def _fit(line: WrittenLine, marks: Sequence[Mark], width: int) -> WrittenLine:
    end = max((stroke[:, 0].max() for mark in marks for stroke in mark.strokes), default=0.0)
    room = width - line.at[0] - line.height / 3
    return line if end * line.height <= room else replace(line, height=room / (end + 0.1))


def _dots(mark: Mark, line: WrittenLine, radius: float) -> tuple[Points, ...]:
    """Return each stroke as (n, 4) round dots that touch: x, y, radius in page pixels, and darkness 0..1."""
    cos, sin = np.cos(line.turn) * line.height, np.sin(line.turn) * line.height
    matrix = np.array([[cos, -sin], [sin, cos]])
    strokes = []
    for stroke in mark.strokes:
        points = (stroke[:, :2] - (0, 1)) @ matrix + line.at
        pressure = stroke[:, 2]
        track = np.column_stack([points, radius * pressure, np.clip(0.55 + 0.45 * pressure, 0, 1)])
        strokes.append(_even(track, max(radius / 3, 0.4)))
    return tuple(strokes)


def _even(track: Points, step: float) -> Points:
    """Return the track at even steps along its length."""
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(track[:, :2], axis=0), axis=1))])
    at = np.linspace(0, along[-1], max(2, int(along[-1] / step) + 1))
    return np.column_stack([np.interp(at, along, column) for column in track.T])


def _lay_down(picture: NDArray[np.float32], strokes: tuple[Points, ...], ink: Ink, tooth: NDArray[np.float32]) -> None:
    """Add the strokes to `picture`, inside their own rectangle only."""
    every = np.concatenate(strokes)
    reach = every[:, 2].max() + 2
    h, w = picture.shape[:2]
    left, top = np.floor(every[:, :2].min(axis=0) - reach).astype(int)
    right, bottom = np.ceil(every[:, :2].max(axis=0) + reach).astype(int)
    if left < 0 or top < 0 or right > w or bottom > h:
        raise ValueError(f"ink at {(left, top, right, bottom)} runs off the sheet of {(w, h)}")
    patch = (slice(top, bottom), slice(left, right))
    cover = _coverage(strokes, (int(left), int(top)), (int(right - left), int(bottom - top)))
    cover *= np.clip(ink.cover * (1 + ink.grain * tooth[patch]), 0, 1)
    picture[patch] += (np.asarray(ink.colour, np.float32) - picture[patch]) * cover[:, :, None]


def _coverage(strokes: tuple[Points, ...], corner: tuple[int, int], size: tuple[int, int]) -> NDArray[np.float32]:
    """Return how much ink covers each pixel of a rectangle, (h, w) float32 in 0..1."""
    w, h = size
    cover = np.zeros((h, w), np.float32)
    for dots in strokes:
        fine = np.zeros((h * FINER, w * FINER), np.uint8)
        # Pixel centres lie at whole numbers in OpenCV, at halves on the finer raster: hence the half.
        places = np.round(((dots[:, :2] - corner) * FINER - 0.5) * 16).astype(int).tolist()
        radii = np.round(dots[:, 2] * FINER * 16).astype(int).tolist()
        for (x, y), radius, dark in zip(places, radii, np.round(dots[:, 3] * 255).tolist(), strict=True):
            cv2.circle(fine, (x, y), radius, dark, cv2.FILLED, cv2.LINE_8, 4)
        cover = np.maximum(cover, cv2.resize(fine, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255)
    return cover


def _hull(strokes: tuple[Points, ...]) -> Points:
    every = np.concatenate(strokes)
    angles = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    rim = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    points = (every[:, None, :2] + every[:, None, 2:3] * rim).reshape(-1, 2)
    return np.asarray(cv2.convexHull(points.astype(np.float32))[:, 0], np.float64)
