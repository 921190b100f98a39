"""The pictures of samples/: a sheet, a clip and a drawing without digits, drawn and photographed by this program."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import OutputError
from training.camera import Desk, Pose, Shot, TruthLine, View, homography, on_desk, photograph, truth
from training.exposure import Light
from training.paper import Page, Sheet, WrittenLine, draw_page
from training.strokes import Writer, new_writer

Image = NDArray[np.uint8]

SEED: Final = 1
FRAMES: Final = 300
FPS: Final = 30
CLIP_SIZE: Final = (1280, 720)

SHEET_LINES: Final = (
    ("2026 1984 37 4060", "blue ballpoint"),
    ("50 614 2718 28459", "blue ballpoint"),
    ("7 41 1179 305 2187", "black ballpoint"),
    ("86420 97531 7745", "black ballpoint"),
    ("31415 92653 589", "pencil"),
    ("6 28 496 8128 33", "blue marker"),
    ("1123 5813 21 3455", "red pen"),
)
DRAWING_ROWS: Final[tuple[tuple[str | tuple[str, ...], str, float, float], ...]] = (
    (("house", " ", "flower", " ", "sun", " ", "fish"), "blue marker", 230, 380),
    ("WARM HEART", "pencil", 130, 620),
    (("star", " ", "spiral", " ", "heart", " ", "triangle"), "black ballpoint", 210, 900),
    ("make the tea", "blue ballpoint", 130, 1110),
    (("scribble", " ", "+", " ", "=", " ", "→"), "red pen", 170, 1340),
)
"""Labels, ink, height and foot of each row of the drawing."""
CLIP_LINES: Final = (("4071", "blue marker"), ("926 58", "black ballpoint"), ("317", "black marker"))
HANDS: Final = (
    {"0": "round", "1": "upstroke", "7": "crossed"},
    {"0": "narrow", "1": "base", "7": "crossed serif"},
    {"0": "round", "1": "bare", "7": "plain"},
    {"0": "slashed", "1": "hook", "7": "serif"},
)
"""How the writers of the samples write 0, 1 and 7, in turn."""


def sheet_shot(seed: int) -> Shot:
    """Return a sheet of numbers by several writers on a wooden desk."""
    rng = np.random.default_rng((seed, 1))
    lines = [
        WrittenLine(
            text, _writer(i, rng), ink, _at(rng, 275 + 215 * i), rng.uniform(120, 140), rng.uniform(-0.012, 0.012)
        )
        for i, (text, ink) in enumerate(SHEET_LINES)
    ]
    scene = on_desk(draw_page(Sheet((2200, 1640)), lines, rng), Desk(), rng)
    pose = Pose((1100, 830), 2460, tilt=0.14, pan=-0.07, roll=0.025)
    light = Light(0.97, (-0.16, 0.1), 0.12, 1.05, 0.22, (0.83, 0.8, 0.6, 0.05))
    return photograph(scene, View((2000, 1500), pose, light, blur=0.7, noise=2.2, jpeg=None), rng)


def drawing_shot(seed: int) -> Shot:
    """Return a page of small drawings, letters and scribbles: no digit is on it."""
    rng = np.random.default_rng((seed, 2))
    lines = [
        WrittenLine(
            labels, replace(_writer(i, rng), pen=8 / height), ink, _at(rng, foot), height, rng.uniform(-0.012, 0.012)
        )
        for i, (labels, ink, height, foot) in enumerate(DRAWING_ROWS)
    ]
    scene = on_desk(draw_page(Sheet((1900, 1440)), lines, rng), Desk((118, 122, 120), 0.3), rng)
    pose = Pose((950, 730), 2120, tilt=-0.08, pan=0.09, roll=-0.03)
    light = Light(0.95, (0.14, -0.12), 0.12, 1.1, 0.15, (0.2, 0.8, 2.4, 0.08))
    return photograph(scene, View((1600, 1200), pose, light, blur=0.7, noise=2.2, jpeg=None), rng)


def _at(rng: np.random.Generator, foot: float) -> tuple[float, float]:
    return rng.uniform(150, 220), foot


def _writer(turn: int, rng: np.random.Generator) -> Writer:
    return new_writer(rng, HANDS[turn % len(HANDS)])


def clip_scene(seed: int) -> Page:
    """Return the page that the clip's camera moves over."""
    rng = np.random.default_rng((seed, 3))
    lines = [
        WrittenLine(
            text,
            replace(_writer(i, rng), pen=0.08),
            ink,
            (430 + 40 * i, 365 + 225 * i),
            145,
            rng.uniform(-0.012, 0.012),
        )
        for i, (text, ink) in enumerate(CLIP_LINES)
    ]
    return on_desk(draw_page(Sheet((1500, 1060)), lines, rng), Desk(margin=560), rng)


def clip_view(time: float) -> View:
    """Return where the hand-held camera is after `time` seconds, and how the page is lit then."""
    slow, sway = 2 * np.pi * time / 10, 2 * np.pi * time / 3.3
    at = (720 + 110 * np.sin(slow) + 9 * np.sin(sway), 520 + 50 * np.sin(2 * slow + 0.6) + 7 * np.cos(1.3 * sway))
    pose = Pose(
        at,
        span=1680 - 220 * np.sin(slow + 2.2),
        tilt=0.14 + 0.08 * np.sin(slow + 1),
        pan=0.1 * np.sin(slow - 0.8),
        roll=0.07 * np.sin(slow + 0.3) + 0.006 * np.sin(sway),
    )
    light = Light(0.96 + 0.03 * np.sin(slow), (0.15, -0.1), 0.14, 1.04, 0.12, (0.9, 0.3, 0.3, 0.1))
    return View(CLIP_SIZE, pose, light, blur=0.7, noise=1.5, jpeg=None)


def clip_frames(seed: int) -> Iterator[Image]:
    """Yield the frames of the clip, each (720, 1280, 3) uint8 BGR."""
    scene, rng = clip_scene(seed), np.random.default_rng((seed, 4))
    for i in range(FRAMES):
        yield photograph(scene, clip_view(i / FPS), rng).picture


def write_samples(out: Path, seed: int = SEED) -> None:
    """Write sheet.jpg, clip.mp4, drawing.jpg and their truth.json into the folder `out`, which is made if need be.

    The same seed gives the same pictures. Raises OutputError when the folder cannot be written. They are moved there
    when all four are whole: an interrupted drawing leaves what was there before.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".drawing-", dir=out) as beside:
            _draw(Path(beside), seed)
            for name in ("sheet.jpg", "drawing.jpg", "clip.mp4", "truth.json"):
                os.replace(Path(beside, name), out / name)
    except OSError as fault:
        raise OutputError(
            f"{out}: cannot write the samples ({fault.strerror or fault}); choose another --out"
        ) from fault


def _draw(folder: Path, seed: int) -> None:
    sheet, drawing = sheet_shot(seed), drawing_shot(seed)
    _write_jpeg(sheet.picture, folder / "sheet.jpg")
    _write_jpeg(drawing.picture, folder / "drawing.jpg")
    _write_clip(clip_frames(seed), folder / "clip.mp4")
    text = json.dumps(_truths(sheet, drawing, seed), indent=1) + "\n"
    (folder / "truth.json").write_text(text, encoding="utf-8")


def _write_jpeg(picture: Image, path: Path) -> None:
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 88])
    path.write_bytes(data.tobytes())


def _write_clip(frames: Iterator[Image], path: Path) -> None:
    """Write H.264 in yuv420p with its index in front: what every browser plays and starts at once."""
    import av

    with av.open(str(path), "w", options={"movflags": "+faststart"}) as file:
        stream = file.add_stream("libx264", rate=Fraction(FPS), options={"crf": "26", "preset": "medium"})
        stream.width, stream.height = CLIP_SIZE
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            file.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="bgr24")))
        file.mux(stream.encode(None))


def _truths(sheet: Shot, drawing: Shot, seed: int) -> list[dict[str, Any]]:
    source = f"drawn by this project: python -m training samples --seed {seed}"
    scene = clip_scene(seed)
    lines = truth(scene, homography(scene, clip_view(0)))
    moving = {"frames": FRAMES, "fps": float(FPS), "all_visible_frames": [[0, FRAMES - 1]]}
    marks = ["plain", "perspective", "uneven-light"]
    return [
        _truth("sheet.jpg", "page", sheet.lines, [*marks, "shadow", "desk"], _size(sheet), source)
        | {"boxes": _boxes(sheet.lines)},
        _truth("clip.mp4", "video", lines, [*marks, "handheld"], CLIP_SIZE, source) | moving,
        _truth("drawing.jpg", "negative", drawing.lines, [*marks, "contains-letters"], _size(drawing), source)
        | {"boxes": []},
    ]


def _truth(
    file: str, kind: str, lines: tuple[TruthLine, ...], conditions: list[str], size: tuple[int, int], source: str
) -> dict[str, Any]:
    return {
        "file": file,
        "kind": kind,
        "source": source,
        "lines": [line.text for line in lines],
        "count": sum(len(line.digits) for line in lines),
        "order": "strict",
        "conditions": conditions,
        "width": size[0],
        "height": size[1],
    }


def _boxes(lines: tuple[TruthLine, ...]) -> list[list[list[Any]]]:
    """Return per line, per digit: what it is and its x, y, width, height in pixels."""
    return [[[label, *box] for label, box in line.digits] for line in lines]


def _size(shot: Shot) -> tuple[int, int]:
    return shot.picture.shape[1], shot.picture.shape[0]
