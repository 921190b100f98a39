"""Make a drawn or scanned digit look like the crop that realtime cuts out of a photograph, before `normalize`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Ink = NDArray[np.uint8]
"""(h, w) uint8, 0 paper .. 255 stroke."""

_CROSS: Final = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
_SQUARE: Final = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class Degradation:
    """How much of each fault; chances are of one image, sizes in pixels of the crop before it is normalized."""

    untouched: float = 0.3
    only_bent: float = 0.28
    shortest: float = 16
    tallest: float = 52
    turn: float = 12
    """Degrees either way."""
    slant: float = 0.28
    aspect: float = 0.20
    rubber: float = 0.5
    pen: float = 0.6
    broken: float = 0.08
    ruled: float = 0.07
    neighbour: float = 0.14
    small: float = 0.35
    blur: float = 0.4
    noise: float = 0.5


PHOTO: Final = Degradation()


def degrade(ink: Ink, rng: Generator, neighbour: Ink | None = None, how: Degradation = PHOTO) -> Ink:
    """Return the writing as a photograph might show it, (h', w') uint8; never without ink if `ink` has any.

    neighbour: another writing whose edge now and then stands in the crop, left or right; the label stays.
    """
    chance = rng.random()
    if chance < how.untouched or not ink.any():
        return ink
    bent = bend(elastic(trim(ink), 0.0, rng) if rng.random() < how.rubber else ink, rng, how)
    if not bent.any():
        return ink
    if chance < how.untouched + how.only_bent:
        return bent
    crop = bent
    if rng.random() < how.pen:
        crop = _other_pen(crop, rng)
    if rng.random() < how.broken:
        crop = _broken(crop, rng)
    if neighbour is not None and rng.random() < how.neighbour:
        crop = _with_neighbour(crop, neighbour, rng)
    if rng.random() < how.ruled:
        crop = _ruled(crop, rng)
    crop = _seen(crop, rng, how)
    return crop if crop.any() else bent


def trim(ink: Ink) -> Ink:
    """Return the part of the picture that has ink, or the picture itself when it is blank."""
    x, y, w, h = cv2.boundingRect(ink)
    return ink[y : y + h, x : x + w] if w and h else ink


def bend(ink: Ink, rng: Generator, how: Degradation = PHOTO) -> Ink:
    """Return the ink at another size, turned, slanted, stretched; one pixel of margin at least."""
    body = trim(ink)
    side = how.shortest * (how.tallest / how.shortest) ** rng.random()
    stretch = np.exp(rng.uniform(-how.aspect, how.aspect))
    body = resized(body, side / max(body.shape), stretch)
    h, w = body.shape
    turn = np.deg2rad(how.turn * rng.triangular(-1, 0, 1))
    slant = how.slant * rng.triangular(-1, 0, 1)
    room = (int(w + h * 0.6) + 6, int(h + w * 0.4) + 6)
    c, s = np.cos(turn), np.sin(turn)
    m = np.array([[c, slant * c - s, 0], [s, slant * s + c, 0]])
    m[:, 2] = np.array(room) / 2 - m[:, :2] @ np.array([w / 2, h / 2])
    return cv2.warpAffine(body, m, room, flags=cv2.INTER_LINEAR).astype(np.uint8, copy=False)


def elastic(ink: Ink, slant: float, rng: Generator, strength: float = 0.035) -> Ink:
    """Return the ink slanted, turned a little, and bent as if drawn on rubber: another writing of the same digit.

    (Simard et al. 2003, "Best practices for convolutional neural networks".)  strength: deviation of the bend as a
    share of the height.
    """
    h, w = ink.shape
    room = (int(w + h * (abs(slant) + 0.3)) + 6, int(1.25 * h) + 6)
    coarse = rng.standard_normal((4, 4, 2), np.float32) * np.float32(strength * h)
    bent = cv2.resize(coarse, room, interpolation=cv2.INTER_CUBIC)
    x, y = np.meshgrid(np.arange(room[0], dtype=np.float32), np.arange(room[1], dtype=np.float32))
    x, y = x - np.float32(room[0] / 2), y - np.float32(room[1] / 2)
    turn = np.float32(0.05 * rng.standard_normal())
    at_x = x + (np.float32(slant) - turn) * y + bent[:, :, 0] + np.float32(w / 2)
    at_y = y + turn * x + bent[:, :, 1] + np.float32(h / 2)
    return np.asarray(cv2.remap(ink, at_x, at_y, cv2.INTER_LINEAR), np.uint8)


def resized(ink: Ink, scale: float, stretch: float = 1.0) -> Ink:
    """Return the ink `scale` times as large, its width `stretch` times more."""
    size = (max(1, round(ink.shape[1] * scale * stretch)), max(1, round(ink.shape[0] * scale)))
    return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR), np.uint8)


def _other_pen(ink: Ink, rng: Generator) -> Ink:
    """Return the ink with strokes wider or narrower, their edges sharper or softer."""
    kind = rng.random()
    if kind < 0.25:
        return np.asarray(cv2.dilate(ink, _CROSS if kind < 0.15 else _SQUARE), np.uint8)
    if kind < 0.4:
        thin = cv2.erode(ink, _CROSS)
        return np.asarray(thin, np.uint8) if int(thin.sum()) > 0.45 * int(ink.sum()) else ink
    soft = cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.01, 0.035) * max(ink.shape) + 0.3)
    peak = max(float(soft.max()), 1.0)
    low, high = peak * rng.uniform(0.08, 0.5), peak * rng.uniform(0.6, 1.0)
    scale = 255 / (high - low)
    return np.asarray(cv2.convertScaleAbs(np.maximum(soft, round(low)), alpha=scale, beta=-low * scale), np.uint8)


def _broken(ink: Ink, rng: Generator) -> Ink:
    """Return the ink with one or two short gaps in its strokes."""
    out, points = ink.copy(), np.argwhere(ink > 128)
    for _ in range(rng.integers(1, 3) if len(points) else 0):
        y, x = points[rng.integers(len(points))]
        dx, dy = rng.integers(-6, 7, 2)
        cv2.line(out, (int(x - dx), int(y - dy)), (int(x + dx), int(y + dy)), 0, int(rng.integers(1, 3)))
    return out if int(out.sum()) > 0.6 * int(ink.sum()) else ink


def _ruled(ink: Ink, rng: Generator) -> Ink:
    """Return the ink with a piece of a ruled line that lies across, under or beside it."""
    out = ink.copy()
    h, w = ink.shape
    gray, width = int(rng.integers(80, 220)), int(rng.integers(1, 3))
    if rng.random() < 0.75:
        y, end = int(h * rng.uniform(0.1, 0.97)), int(w * rng.uniform(0.4, 1.0))
        left = int(rng.integers(0, w - end + 1))
        piece = [(left, y), (left + end, y + int(rng.integers(-2, 3)))]
    else:
        x, end = int(w * rng.choice([0.04, 0.96])), int(h * rng.uniform(0.3, 0.8))
        top = int(rng.integers(0, h - end + 1))
        piece = [(x, top), (x + int(rng.integers(-1, 2)), top + end)]
    line = cv2.line(np.zeros_like(ink), piece[0], piece[1], gray, width, cv2.LINE_AA)
    return np.asarray(cv2.max(out, line), np.uint8)


def _with_neighbour(ink: Ink, neighbour: Ink, rng: Generator) -> Ink:
    """Return the ink with the edge of other writing close at its left or right."""
    body, other = trim(ink), trim(neighbour)
    other = resized(other, rng.uniform(0.75, 1.2) * body.shape[0] / max(other.shape))
    width = max(2, round(rng.uniform(0.06, 0.28) * min(other.shape[1], body.shape[0] * 0.6)))
    if rng.random() < 0.5:
        return beside(body, other[:, :width], int(rng.integers(-1, 3)), rng)
    return beside(other[:, -width:], body, int(rng.integers(-1, 3)), rng)


def beside(left: Ink, right: Ink, gap: int, rng: Generator) -> Ink:
    """Return both inks in one picture, `gap` pixels apart (they overlap when it is negative), about level."""
    tall = max(left.shape[0], right.shape[0])
    start = max(0, left.shape[1] + gap)
    out = np.zeros((tall, max(left.shape[1], start + right.shape[1])), np.uint8)
    for ink, x in ((left, 0), (right, start)):
        y = int(rng.integers(0, tall - ink.shape[0] + 1))
        part = out[y : y + ink.shape[0], x : x + ink.shape[1]]
        np.maximum(part, ink, out=part)
    return out


def _seen(ink: Ink, rng: Generator, how: Degradation) -> Ink:
    """Return the ink as a camera sees it and the reader cuts it out: small, blurred, noisy, its contrast evened out."""
    body = cv2.copyMakeBorder(trim(ink), 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=0)
    if rng.random() < how.small:
        body = resized(np.asarray(body, np.uint8), min(1.0, rng.uniform(15, 28) / max(body.shape)))
    if rng.random() < how.blur:
        body = cv2.GaussianBlur(body, (0, 0), rng.uniform(0.3, 0.9))
    low = max(8, round(float(body.max()) * rng.uniform(0.08, 0.4)))
    stroke = np.where(body >= low, np.uint8(255), np.uint8(0))
    gray = body.astype(np.float32)
    if rng.random() < how.noise:
        gray = gray + rng.uniform(3, 28) * rng.standard_normal(gray.shape, np.float32)
    return evened(gray, stroke)


def evened(contrast: NDArray[np.float32], stroke: Ink) -> Ink:
    """Return contrast (h, w) float32 inside a mask of the stroke, (h, w) uint8, made one pixel wider.

    255 stands for the 85th percentile of the contrast in the mask.
    """
    inside = contrast[stroke > 0]
    if inside.size == 0:
        return np.zeros(stroke.shape, np.uint8)
    k = int(0.85 * inside.size)
    top = max(float(np.partition(inside, k)[k]), 1.0)
    gray = np.clip(contrast * (255 / top), 0, 255).astype(np.uint8)
    return np.where(cv2.dilate(stroke, _SQUARE) > 0, gray, np.uint8(0))
