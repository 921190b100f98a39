"""Make clips of pages under a moving camera, easy and hard, with truth: the set that tells good trackers from bad.

    python benchmarks/clips.py TRUTH_DIR OUT_DIR [--count 8] [--seconds 6] [--only hand ...]
    python -m realtime score OUT_DIR --by condition

TRUTH_DIR holds pictures and a truth.json: photographs of your own, `samples`, or what `benchmarks/pages.py --out`
wrote. Each clip is 1280 x 720, H.264: a page on a plain table under a camera that drifts, zooms, turns and tilts, with
hand shake, motion blur, changing exposure and sensor noise, and one of the hardships below. Everything stays in view
but while a hand is; those frames do not count. The seed is the name, so that the set is the same each time.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
WIDTH, HEIGHT = 1280, 720
TICKS: Final = 90_000
UNFIT: Final = frozenset({"rotated-90", "rotated-45", "contains-letters", "contains-operators", "bleed-through"})
"""Conditions of pages that nobody could read under a camera without turning them, or that hold more than digits."""
EXPOSURE: Final = 1 / 60
"""Seconds for which the shutter is open: what moves in that time is blurred."""


@dataclass(frozen=True, slots=True)
class Hardship:
    """What is done to a clip.

    sway: how far the camera moves, turns and tilts, 1 as a hand does.  pace: how fast.  zoom: share by which it goes
    nearer and farther.  share: of the frame that the page fills.  rate: frames a second.
    dropped: share of the frames that never arrive, up to eight in a row.
    hands: how many times a hand passes over the page.  focus: pixels of blur at the worst while the lens hunts.
    light: share of the light there is.  noise: standard deviation of the sensor, of 255.  flicker: share by which the
    light changes.
    """

    sway: float = 1.0
    pace: float = 1.0
    zoom: float = 0.03
    share: float = 0.82
    rate: float = 30.0
    dropped: float = 0.0
    hands: int = 0
    focus: float = 0.0
    light: float = 1.0
    noise: float = 3.0
    flicker: float = 0.05


HARDSHIPS: Final[Mapping[str, Hardship]] = {
    "hand-held": Hardship(),
    "still": Hardship(sway=0, zoom=0, flicker=0),
    "fast": Hardship(sway=2.5, pace=2.5, share=0.7),
    "dropped-frames": Hardship(sway=1.5, pace=1.5, share=0.75, dropped=0.4),
    "passing-hand": Hardship(hands=3),
    "focus-hunting": Hardship(focus=4.0),
    "zoom-and-turn": Hardship(sway=4.0, pace=0.5, zoom=0.2, share=0.66),
    "dim": Hardship(light=0.3, noise=7.0, rate=15.0),
    "five-a-second": Hardship(rate=5.0),
}


@dataclass(frozen=True, eq=False, slots=True)
class Stage:
    """What stands before the camera, and what is chance in how it moves.

    page: (h, w, 3) uint8 BGR, as large as it is seen.  phases: (8,) float64 radians.
    """

    page: Picture
    table: NDArray[np.float64]
    phases: NDArray[np.float64]


def stage(page: Picture, hardship: Hardship, rng: np.random.Generator) -> Stage:
    """Return a page, made as large as its share of the frame, on a table of a darker shade of its own colour."""
    h, w = page.shape[:2]
    scale = min(WIDTH * hardship.share / w, HEIGHT * hardship.share / h)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    sized = np.asarray(cv2.resize(page, None, fx=scale, fy=scale, interpolation=method), np.uint8)
    return Stage(sized, sized.reshape(-1, 3).mean(0) * rng.uniform(0.35, 0.7), rng.uniform(0, 2 * np.pi, 8))


def pose(t: float, seen: Stage, hardship: Hardship, shake: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the (3, 3) homography from the page to the frame at `t` seconds; shake: (2,) pixels."""
    h, w = seen.page.shape[:2]
    at, sway = hardship.pace * t, hardship.sway
    swing = np.sin(np.array([0.9, 0.7, 1.1, 1.3, 0.8]) * at + seen.phases[:5])
    scale, angle = 1 + hardship.zoom * swing[0], np.radians(3 * sway * swing[1])
    centre = (WIDTH / 2, HEIGHT / 2) + 0.025 * min(sway, 2.5) * swing[2:4] * (WIDTH, HEIGHT) + shake
    corners = np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float32)
    turn = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
    placed = (corners - (w / 2, h / 2)) @ turn.T * scale
    placed = placed / (1 + 0.00012 * sway * swing[4] * placed[:, 1:]) + centre
    return np.asarray(cv2.getPerspectiveTransform(corners, placed.astype(np.float32)), np.float64)


def exposed(t: float, seen: Stage, hardship: Hardship, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the frame while the shutter is open, (H, W, 3) float32: the mean of what is seen in that time."""
    shake = rng.normal(0, 0.7, 2) * (hardship.sway > 0)
    poses = [pose(t + part * EXPOSURE, seen, hardship, shake) for part in (0, 1)]
    moved = np.abs(poses[1][:2, 2] / poses[1][2, 2] - poses[0][:2, 2] / poses[0][2, 2]).max()
    parts = max(1, round(float(moved)))
    frames = (
        cv2.warpPerspective(
            seen.page,
            poses[0] + (poses[1] - poses[0]) * part / parts,
            (WIDTH, HEIGHT),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=seen.table.tolist(),
        )
        for part in range(parts)
    )
    return np.asarray(sum(frame.astype(np.float32) for frame in frames) / parts, np.float32)


def hunted(frame: NDArray[np.float32], t: float, seconds: float, hardship: Hardship) -> NDArray[np.float32]:
    """Return the frame as the lens sees it that loses its focus twice in a clip, for 0.8 seconds each time."""
    away = min(abs(t - seconds * share) for share in (0.4, 0.75)) / 0.4
    sigma = hardship.focus * max(0.0, np.cos(away * np.pi / 2)) if away < 1 else 0.0
    return np.asarray(cv2.GaussianBlur(frame, (0, 0), sigma), np.float32) if sigma > 0.3 else frame


def hand(t: float, seconds: float, hardship: Hardship) -> Picture:
    """Return where the hand is, (H, W) uint8, 0 or 255: it comes from below and passes from the left to the right."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    for i in range(hardship.hands):
        begun = t - seconds * (i + 1) / (hardship.hands + 1)
        if 0 <= begun <= 0.9:
            x = -300 + begun / 0.9 * (WIDTH + 600)
            wrist = np.array((x - 60, HEIGHT * 0.75))
            cv2.line(mask, (round(x - 150), HEIGHT + 100), wrist.round().astype(int).tolist(), 255, 150)
            cv2.ellipse(mask, wrist.round().astype(int).tolist(), (105, 130), 15, 0, 360, 255, cv2.FILLED)
            for finger in range(5):
                angle = np.radians(-125 + 20 * finger)
                tip = wrist + 260 * np.array((np.cos(angle), np.sin(angle)))
                cv2.line(mask, wrist.round().astype(int).tolist(), tip.round().astype(int).tolist(), 255, 44)
    return mask


def covered(frame: NDArray[np.float32], mask: Picture) -> NDArray[np.float32]:
    """Return the frame with a hand in it, and the hand's shadow."""
    if not mask.any():
        return frame
    near = cv2.GaussianBlur(mask, (0, 0), 2)[..., None] / np.float32(255)
    shadow = 1 - cv2.GaussianBlur(np.roll(mask, (18, 24), (0, 1)), (0, 0), 12)[..., None] / np.float32(255) * 0.35
    skin = np.array((118, 146, 196), np.float32) * (0.85 + 0.3 * cv2.GaussianBlur(mask, (0, 0), 35)[..., None] / 510)
    return np.asarray(frame * shadow * (1 - near) + skin * near, np.float32)


@dataclass(frozen=True, eq=False, slots=True)
class Shot:
    """One frame of a clip, (H, W, 3) uint8 BGR, when it is shown, and whether all digits are in view."""

    image: Picture
    time: float
    whole: bool


def shots(page: Picture, hardship: Hardship, seconds: float, rng: np.random.Generator) -> Iterator[Shot]:
    """Yield the frames of a clip that arrive."""
    seen, missing = stage(page, hardship, rng), 0
    for k in range(round(seconds * hardship.rate)):
        t = k / hardship.rate
        missing = missing - 1 if missing else int(rng.integers(1, 9)) * int(rng.random() < hardship.dropped / 4)
        if missing and k:
            continue
        mask = hand(t, seconds, hardship)
        frame = covered(hunted(exposed(t, seen, hardship, rng), t, seconds, hardship), mask)
        frame *= hardship.light * (1 + hardship.flicker * np.sin(2.1 * t + seen.phases[5]))
        noisy = frame + hardship.noise * rng.standard_normal(frame.shape, np.float32)
        yield Shot(np.clip(noisy, 0, 255).astype(np.uint8), t, not mask.any())


def write(path: Path, frames: Iterator[Shot], rate: float) -> list[bool]:
    """Write the frames as H.264 with their times; return which of them count."""
    import av

    whole = []
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            "libx264", rate=round(rate), options={"preset": "veryfast", "crf": "23", "bf": "0"}
        )
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.time_base = Fraction(1, TICKS)
        for shot in frames:
            picture = av.VideoFrame.from_ndarray(shot.image, format="bgr24")
            picture.pts, picture.time_base = round(shot.time * TICKS), Fraction(1, TICKS)
            container.mux(stream.encode(picture))
            whole.append(shot.whole)
        container.mux(stream.encode(None))
    return whole


def spans(whole: Sequence[bool]) -> list[list[int]]:
    """Return the first and last index of each run of frames that count."""
    runs = [[i for i, _ in run] for counts, run in groupby(enumerate(whole), key=lambda each: each[1]) if counts]
    return [[run[0], run[-1]] for run in runs]


def fit(truth: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the pages that make a clip: in order, upright, of digits alone and not too many of them."""
    pages = [t for t in truth if t["kind"] == "page" and t.get("order", "strict") == "strict" and t.get("lines")]
    few = [t for t in pages if 1 <= sum(c.isdigit() for line in t["lines"] for c in line) <= 100]
    return [t for t in few if not UNFIT & set(t.get("conditions") or ())]


def make(root: Path, out: Path, names: Sequence[str], count: int, seconds: float) -> list[dict[str, Any]]:
    """Write a clip of each of some pages under each hardship; return their truth."""
    pages = fit(json.loads((root / "truth.json").read_text(encoding="utf-8")))
    truth = []
    for name in names:
        (out / name).mkdir(parents=True, exist_ok=True)
        # Other pages for each hardship, so that few clips show many pages.
        for item in sorted(pages, key=lambda t: zlib.crc32(f"{name}/{t['file']}".encode()))[:count]:
            page = cv2.imread(str(root / item["file"]))
            if page is None:
                raise SystemExit(f"{root / item['file']}: cannot be read")
            rng = np.random.default_rng(zlib.crc32(f"{name}/{item['file']}".encode()))
            file, hardship = f"{name}/{Path(item['file']).stem}.mp4", HARDSHIPS[name]
            whole = write(out / file, shots(np.asarray(page, np.uint8), hardship, seconds, rng), hardship.rate)
            truth.append(
                {"file": file, "kind": "video", "lines": item["lines"], "frames": len(whole), "fps": hardship.rate}
                | {"all_visible_frames": spans(whole), "conditions": [name], "source": item.get("source", "")}
            )
            print(file, item["lines"], flush=True)
    return truth


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("out_dir", type=Path)
    parser.add_argument("--count", type=int, default=8, metavar="N", help="clips of each hardship")
    parser.add_argument("--seconds", type=float, default=6.0, metavar="S")
    parser.add_argument("--only", nargs="+", choices=HARDSHIPS, default=list(HARDSHIPS), metavar="HARDSHIP")
    args = parser.parse_args()
    truth = make(args.truth_dir, args.out_dir, args.only, args.count, args.seconds)
    (args.out_dir / "truth.json").write_text(json.dumps(truth, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
