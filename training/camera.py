"""A camera over a page on a desk: a picture in perspective, with the exact place of every digit in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.values import Box
from training.exposure import Light, compress, expose
from training.forms import DIGITS
from training.paper import Page, Placed, text_of

Image = NDArray[np.uint8]
Field = NDArray[np.float32]
Matrix = NDArray[np.float64]

FOCAL: Final = 1.1
"""Focal length in picture widths: a phone's main camera."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The table under the page. colour: BGR 0..255.  figure: strength of the wood's figure, 0 is a plain board.

    margin: how far the desk reaches beyond the page on every side, in page pixels.
    """

    colour: tuple[int, int, int] = (96, 132, 168)
    figure: float = 1.0
    margin: int = 300


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the camera looks.

    at: (x, y) on the desk in page pixels, from the page's top left corner.
    span: how many page pixels fill the picture's width.
    tilt, pan: the camera leans back, to the side; roll: it turns about its axis; radians.
    """

    at: tuple[float, float]
    span: float
    tilt: float = 0.0
    pan: float = 0.0
    roll: float = 0.0


@dataclass(frozen=True, slots=True)
class View:
    """One exposure.

    size: (width, height) of the picture.  blur: sigma in pixels.  motion: (x, y) way of a point while the shutter is
    open, in pixels.  noise: standard deviation at mid grey, 0..255.  jpeg: quality 1..100, or None for no JPEG.
    """

    size: tuple[int, int]
    pose: Pose
    light: Light = field(default_factory=Light)
    blur: float = 0.6
    motion: tuple[float, float] = (0.0, 0.0)
    noise: float = 2.0
    jpeg: int | None = 90


@dataclass(frozen=True, slots=True)
class TruthLine:
    """A written line: its digits, a space at gaps, and each digit with the box of its ink in picture pixels."""

    text: str
    digits: tuple[tuple[str, Box], ...]


@dataclass(frozen=True, eq=False, slots=True)
class Shot:
    """A picture, (H, W, 3) uint8 BGR, and what is written in it, in the page's order."""

    picture: Image
    lines: tuple[TruthLine, ...]


def on_desk(page: Page, desk: Desk, rng: np.random.Generator) -> Page:
    """Return the page on a desk, as one flat picture; its places move along."""
    h, w = page.picture.shape[:2]
    m = desk.margin
    table = _table(desk, (w + 2 * m, h + 2 * m), rng)
    table *= _page_shadow(page, m)[:, :, None]
    table[m : m + h, m : m + w] = page.picture
    lines = tuple(tuple(Placed(mark.label, mark.hull + m) for mark in line) for line in page.lines)
    return Page(np.asarray(np.clip(table, 0, 255), np.uint8), lines, page.corners + m)


def _table(desk: Desk, size: tuple[int, int], rng: np.random.Generator) -> Field:
    w, h = size
    figure = sum(_streaks(size, across, rng) * weight for across, weight in ((6, 3.0), (25, 5.0), (120, 6.0)))
    dust = rng.standard_normal((h, w), np.float32) * 1.5
    return np.asarray(np.asarray(desk.colour, np.float32) + (desk.figure * figure + dust)[:, :, None], np.float32)


def _streaks(size: tuple[int, int], across: int, rng: np.random.Generator) -> Field:
    """Return (h, w) float32 of deviation about 1, far longer than high: `across` is the height of one in pixels."""
    w, h = size
    seeds = rng.standard_normal((h // across + 3, w // (40 * across) + 3), np.float32)
    drawn = cv2.resize(seeds, size, interpolation=cv2.INTER_CUBIC)
    bow = np.linspace(-1, 1, w, dtype=np.float32)
    columns, rows = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
    return np.asarray(
        cv2.remap(drawn, columns, rows + 25 * bow * bow, cv2.INTER_LINEAR, None, cv2.BORDER_REFLECT), np.float32
    )


def _page_shadow(page: Page, margin: int) -> Field:
    h, w = page.picture.shape[:2]
    shade = np.ones(((h + 2 * margin) // 4, (w + 2 * margin) // 4), np.float32)
    top, left = margin // 4 + 2, margin // 4 + 2
    shade[top : top + h // 4 + 1, left : left + w // 4 + 1] = 0.65
    soft = cv2.GaussianBlur(shade, (0, 0), 2.5)
    return np.asarray(cv2.resize(soft, (w + 2 * margin, h + 2 * margin), interpolation=cv2.INTER_LINEAR), np.float32)


def homography(scene: Page, view: View) -> Matrix:
    """Return the (3, 3) matrix that takes a point of the scene, in pixels, into the picture, in pixels."""
    (w, h), pose = view.size, view.pose
    focal = FOCAL * w
    x, y = scene.corners[0] + pose.at
    turn = _rotation(pose)
    placed = np.column_stack([turn[:, 0], turn[:, 1], (0, 0, FOCAL * pose.span)])
    lens = np.array([[focal, 0, w / 2], [0, focal, h / 2], [0, 0, 1]])
    return np.asarray(lens @ placed @ np.array([[1, 0, -x], [0, 1, -y], [0, 0, 1]]), np.float64)


def _rotation(pose: Pose) -> Matrix:
    (ct, st), (cp, sp), (cr, sr) = ((np.cos(a), np.sin(a)) for a in (pose.tilt, pose.pan, pose.roll))
    tilt = np.array([[1, 0, 0], [0, ct, -st], [0, st, ct]])
    pan = np.array([[cp, 0, sp], [0, 1, 0], [-sp, 0, cp]])
    return np.asarray(np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]]) @ tilt @ pan, np.float64)


def photograph(scene: Page, view: View, rng: np.random.Generator) -> Shot:
    """Return the picture a camera takes of the scene, with the truth.

    scene: a page, alone or `on_desk`, drawn with at least about as many pixels as the picture will show of it.
    """
    matrix = homography(scene, view)
    seen = _defocus(_warp(scene.picture, matrix, view.size), view)
    exposed = expose(seen, view.light, view.noise, rng)
    picture = exposed if view.jpeg is None else compress(exposed, view.jpeg)
    return Shot(picture, truth(scene, matrix))


def _warp(picture: Image, matrix: Matrix, size: tuple[int, int]) -> Image:
    """Bring the scene into the picture; it is averaged down first, where the picture is much coarser."""
    scale = _scale(matrix, size)
    if scale < 0.67:
        h, w = picture.shape[:2]
        small = (max(1, round(w * scale)), max(1, round(h * scale)))
        picture = np.asarray(cv2.resize(picture, small, interpolation=cv2.INTER_AREA), np.uint8)
        matrix = matrix @ _resizing((w / small[0], h / small[1]))
    return np.asarray(
        cv2.warpPerspective(picture, _centred(matrix), size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT),
        np.uint8,
    )


def brought_along(layer: NDArray[np.uint16], matrix: Matrix, size: tuple[int, int]) -> NDArray[np.uint16]:
    """Return where a layer of numbers, (h, w) uint16 over the scene, lies in a picture of (width, height) `size`."""
    return np.asarray(cv2.warpPerspective(layer, _centred(matrix), size, flags=cv2.INTER_NEAREST), np.uint16)


def _centred(matrix: Matrix) -> Matrix:
    """Return the homography between pixel centres, as OpenCV counts, for one between pixel edges, as places do."""
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    return np.asarray(np.linalg.inv(half) @ matrix @ half, np.float64)


def _resizing(factors: tuple[float, float]) -> Matrix:
    return np.diag([factors[0], factors[1], 1.0])


def _scale(matrix: Matrix, size: tuple[int, int]) -> float:
    """Return picture pixels per scene pixel in the middle of the picture."""
    back = np.linalg.inv(matrix)
    middle = np.array([size]) / 2 + [[0.0, 0.0], [1.0, 0.0]]
    ends = project(middle, np.asarray(back, np.float64))
    return 1 / max(float(np.linalg.norm(ends[1] - ends[0])), 1e-9)


def _defocus(picture: Image, view: View) -> Image:
    moved = float(np.hypot(*view.motion))
    if moved > 0.5:
        picture = np.asarray(cv2.filter2D(picture, -1, _motion_kernel(view.motion)), np.uint8)
    if view.blur > 0:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), view.blur), np.uint8)
    return picture


def _motion_kernel(motion: tuple[float, float]) -> Field:
    reach = int(np.ceil(max(abs(motion[0]), abs(motion[1])) / 2)) + 1
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.uint8)
    dx, dy = round(motion[0] * 8), round(motion[1] * 8)
    middle = reach * 16
    cv2.line(kernel, (middle - dx, middle - dy), (middle + dx, middle + dy), 255, 1, cv2.LINE_AA, 4)
    return np.asarray(kernel / kernel.sum(dtype=np.float64), np.float32)


def truth(scene: Page, matrix: Matrix) -> tuple[TruthLine, ...]:
    """Return what is written, with a box around each digit's ink; lines without digits are left out."""
    lines = (TruthLine(text_of(line), _digits(line, matrix)) for line in scene.lines)
    return tuple(line for line in lines if line.digits)


def _digits(line: tuple[Placed, ...], matrix: Matrix) -> tuple[tuple[str, Box], ...]:
    return tuple((mark.label, _box(project(mark.hull, matrix))) for mark in line if mark.label in DIGITS)


def _box(points: Matrix) -> Box:
    left, top = np.floor(points.min(axis=0)).astype(int).tolist()
    right, bottom = np.ceil(points.max(axis=0)).astype(int).tolist()
    return Box(left, top, right - left, bottom - top)


def project(points: Matrix, matrix: Matrix) -> Matrix:
    """Return the (n, 2) points taken through a homography."""
    moved = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(moved[:, :2] / moved[:, 2:])
