"""A note under a camera: the picture, and where the ink of each of its marks lies in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from training.camera import Desk, Pose, View, brought_along, homography, on_desk, photograph
from training.exposure import Light
from training.notes import Note
from training.paper import Page


@dataclass(frozen=True, eq=False, slots=True)
class Photo:
    """A photograph of a note: gray or colour picture, the note's layers as they lie in it, and each mark's ink area.

    areas: of each mark, in pixels of the picture, what is lost or hidden included; areas[0] is of no mark.
    """

    picture: NDArray[np.uint8]
    owners: tuple[NDArray[np.uint16], ...]
    labels: tuple[int, ...]
    areas: NDArray[np.float64]


def photographed(note: Note, rng: Generator) -> Photo:
    """Take a picture of the note, straight or askew, well or badly lit, now and then with the desk around it."""
    h, w = note.picture.shape[:2]
    scene = Page(note.picture, (), np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float64))
    margin = int(rng.integers(10, 60)) if rng.random() < 0.25 else 0
    if margin:
        desk = Desk(tuple(rng.uniform(20, 200, 3).tolist()), float(rng.uniform(0, 1.5)), margin)
        scene = on_desk(scene, desk, rng)
    view = _view((w + 2 * margin, h + 2 * margin), (w / 2, h / 2), bool(margin), rng)
    matrix = homography(scene, view)
    owners = tuple(brought_along(np.pad(layer, margin), matrix, view.size) for layer in note.owners)
    scale = (view.size[0] / view.pose.span) ** 2
    return Photo(photograph(scene, view, rng).picture, owners, note.labels, np.array([0, *note.areas]) * scale)


def _view(size: tuple[int, int], middle: tuple[float, float], askew: bool, rng: Generator) -> View:
    scale = rng.uniform(0.6, 1.0)
    lean = 0.12 if askew else 0.05
    tilt, pan, roll = rng.normal(0, lean, 3) * (1, 1, 0.6)
    light = Light(
        level=rng.uniform(0.55, 1.05),
        fall=(rng.uniform(-0.4, 0.4), rng.uniform(-0.4, 0.4)),
        vignette=rng.uniform(0, 0.3),
        warmth=rng.uniform(0.8, 1.25),
        shadow=rng.uniform(0.15, 0.6) if rng.random() < 0.25 else 0.0,
        shadow_edge=(rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.8), rng.uniform(-3.1, 3.1), rng.uniform(0.005, 0.08)),
    )
    motion = rng.normal(0, 0.8, 2) if rng.random() < 0.2 else np.zeros(2)
    return View(
        size=(max(24, round(size[0] * scale)), max(16, round(size[1] * scale))),
        pose=Pose(middle, size[0] * rng.uniform(0.97, 1.04), tilt, pan, roll),
        light=light,
        blur=rng.uniform(0.2, 1.1),
        motion=(float(motion[0]), float(motion[1])),
        noise=rng.uniform(0.5, 7),
        jpeg=int(rng.integers(40, 96)) if rng.random() < 0.6 else None,
    )
