"""Make real pages harder, in ways whose truth is known: the set that tells good designs from bad.

    python benchmarks/stress.py TRUTH_DIR OUT_DIR [--only dark-table ...] [--kind negative]
    python -m realtime score OUT_DIR

TRUTH_DIR holds photographs and a truth.json; each page (or single digit, or picture without digits) becomes one picture
a hardship, named by the condition, with its own digits as truth. The seed is the name, so the set is the same each
time. Turned on its side or upside down, a page of nothing but 6s and 9s, or of these with 0s, 1s and 8s, is a page of
other digits: nobody can tell which was written. Such pages have the condition's name with "-undecidable" after it.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Hardship = Callable[[Picture, np.random.Generator], Picture]
LONG_SIDE = 1600


def multiplied(picture: Picture, light: NDArray[np.floating]) -> Picture:
    """Return the picture under a light of (H, W) factors."""
    return np.clip(picture * light[..., None], 0, 255).astype(np.uint8)


def bare(picture: Picture) -> Picture:
    """Return the page's paper without what is on it: its own colour and light, smooth."""
    h, w = picture.shape[:2]
    return np.asarray(cv2.resize(cv2.medianBlur(cv2.resize(picture, (200, 200)), 51), (w, h)), np.uint8)


def on_more_paper(picture: Picture, warp: NDArray[np.float64], size: tuple[int, int]) -> Picture:
    """Return the page under an affine warp, and paper of its own kind where the page does not reach."""
    paper = cv2.warpAffine(bare(picture), warp, size, borderMode=cv2.BORDER_REPLICATE)
    rim = np.full(picture.shape[:2], 255, np.uint8)
    inside = cv2.GaussianBlur(cv2.erode(cv2.warpAffine(rim, warp, size), np.ones((9, 9))), (0, 0), 3)[..., None] / 255
    page = cv2.warpAffine(picture, warp, size, borderMode=cv2.BORDER_REPLICATE)
    return np.rint(inside * page + (1 - inside) * paper).astype(np.uint8)


def lines(picture: Picture, rng: np.random.Generator, darkness: float, both_ways: bool) -> Picture:
    """Rule the page, every 18th of its long side, with lines of the given share of darkness."""
    h, w = picture.shape[:2]
    step, thick = max(h, w) / 18, max(1, round(max(h, w) / 700))
    ruling = np.ones((h, w), np.float32)
    for y in np.arange(rng.uniform(0, step), h, step):
        cv2.line(ruling, (0, round(y)), (w, round(y + rng.normal(0, 2))), 1 - darkness, thick, cv2.LINE_AA)
    for x in np.arange(rng.uniform(0, step), w, step) if both_ways else ():
        cv2.line(ruling, (round(x), 0), (round(x + rng.normal(0, 2)), h), 1 - darkness, thick, cv2.LINE_AA)
    ruled = bare(picture) * ruling[..., None]
    return np.minimum(picture, np.where(ruling[..., None] < 1, ruled, 255)).astype(np.uint8)


def wood(h: int, w: int, rng: np.random.Generator) -> Picture:
    """Return a dark wooden table."""
    grain = cv2.resize(
        rng.normal(0, 1, (h // 3, max(2, w // 90))).astype(np.float32), (w, h), interpolation=cv2.INTER_CUBIC
    )
    fine = cv2.resize(rng.normal(0, 1, (h, max(2, w // 25))).astype(np.float32), (w, h))
    tone = 1 + 0.12 * grain + 0.06 * fine + 0.03 * rng.normal(0, 1, (h, w))
    return np.clip(np.array((38, 55, 82)) * rng.uniform(0.6, 1.3) * tone[..., None], 0, 255).astype(np.uint8)


def on_table(picture: Picture, rng: np.random.Generator, share: float, tilt: float = 0.06) -> Picture:
    """Lay the page on a dark table, its long side `share` of the frame's, seen at an angle."""
    h, w = picture.shape[:2]
    table = wood(round(LONG_SIDE * 0.75), LONG_SIDE, rng)
    high, wide = table.shape[:2]
    scale = min(share * wide / w, share * high / h)
    angle = rng.uniform(-0.12, 0.12)
    corners = np.array([(-w, -h), (w, -h), (w, h), (-w, h)]) / 2 * scale
    turn = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
    room = np.array([wide * (1 - share), high * (1 - share)]) / 3
    target = corners @ turn.T + rng.uniform(-tilt, tilt, (4, 2)) * scale * max(h, w) / 2
    target += np.array((wide, high)) / 2 + rng.uniform(-1, 1, 2) * room
    source = np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float32)
    warp = cv2.getPerspectiveTransform(source, target.astype(np.float32))
    reduced = cv2.GaussianBlur(picture, (0, 0), max(0.01, 0.35 / scale)) if scale < 0.8 else picture
    seen = cv2.warpPerspective(reduced, warp, (wide, high), flags=cv2.INTER_AREA)
    inside = cv2.warpPerspective(np.full((h, w), 255, np.uint8), warp, (wide, high))[..., None] / 255
    dark = cv2.GaussianBlur(np.roll(inside[..., 0], (9, 7), (0, 1)).astype(np.float32), (0, 0), 9)[..., None]
    return (seen * inside + table * (1 - 0.5 * dark) * (1 - inside)).astype(np.uint8)


def shadow(picture: Picture, rng: np.random.Generator) -> Picture:
    """Cast a shadow with an edge across the page."""
    h, w = picture.shape[:2]
    y, x = np.mgrid[:h, :w]
    angle = rng.uniform(0, np.pi)
    side = (x - w / 2) * np.cos(angle) + (y - h / 2) * np.sin(angle) + rng.uniform(-0.1, 0.1) * w
    return multiplied(picture, 0.4 + 0.6 / (1 + np.exp(-side / (0.003 * max(h, w)))))


def turned(picture: Picture, degrees: float) -> Picture:
    """Turn the page, the frame growing with it, corners filled with the page's paper."""
    h, w = picture.shape[:2]
    warp = cv2.getRotationMatrix2D((w / 2, h / 2), degrees, 1)
    cos, sin = abs(warp[0, 0]), abs(warp[0, 1])
    wide, high = round(h * sin + w * cos), round(h * cos + w * sin)
    warp[:, 2] += (wide - w) / 2, (high - h) / 2
    return on_more_paper(picture, np.asarray(warp, np.float64), (wide, high))


def noisy(picture: Picture, rng: np.random.Generator) -> Picture:
    """Return a small, grainy, hard-pressed JPEG of the page."""
    h, w = picture.shape[:2]
    small = cv2.resize(picture, None, fx=480 / max(h, w), fy=480 / max(h, w), interpolation=cv2.INTER_AREA)
    grain = np.clip(small + rng.normal(0, 8, small.shape), 0, 255).astype(np.uint8)
    return np.asarray(
        cv2.imdecode(cv2.imencode(".jpg", grain, [cv2.IMWRITE_JPEG_QUALITY, 35])[1], cv2.IMREAD_COLOR), np.uint8
    )


def torn(picture: Picture, rng: np.random.Generator) -> Picture:
    """Tear the page off along its lower and right side, a dark table behind it."""
    h, w = picture.shape[:2]
    grown = on_more_paper(picture, np.eye(2, 3, dtype=np.float64), (w + w // 8, h + h // 8))
    high, wide = grown.shape[:2]

    def rim(length: int, depth: int) -> NDArray[np.floating]:
        steps = np.interp(np.arange(length), np.linspace(0, length, 60), np.cumsum(rng.normal(0, 1, 60)))
        return depth * 0.6 + np.clip(steps, -4, 4) / 4 * depth * 0.3

    y, x = np.mgrid[:high, :wide]
    paper = (y < high - rim(wide, h // 8)[None, :]) & (x < wide - rim(high, w // 8)[:, None])
    return np.where(paper[..., None], grown, wood(high, wide, rng)).astype(np.uint8)


HARDSHIPS: dict[str, Hardship] = {
    "dark-table": lambda p, rng: on_table(p, rng, 0.75),
    "dark-table-small": lambda p, rng: on_table(p, rng, 0.45, 0.1),
    "ruled-pale": lambda p, rng: lines(p, rng, 0.18, both_ways=False),
    "ruled-dark": lambda p, rng: lines(p, rng, 0.45, both_ways=False),
    "squared": lambda p, rng: lines(p, rng, 0.25, both_ways=True),
    "shadow-edge": shadow,
    "light-on-dark": lambda p, rng: 255 - p,
    "blur": lambda p, rng: np.asarray(cv2.GaussianBlur(p, (0, 0), max(p.shape) / 450), np.uint8),
    "noise": noisy,
    "turned-10": lambda p, rng: turned(p, 10),
    "turned-90": lambda p, rng: np.ascontiguousarray(np.rot90(p)),
    "turned-180": lambda p, rng: np.ascontiguousarray(np.rot90(p, 2)),
    "torn-edge": torn,
    "ruled-shadow": lambda p, rng: shadow(lines(p, rng, 0.25, both_ways=False), rng),
    "squared-table": lambda p, rng: on_table(lines(p, rng, 0.25, both_ways=True), rng, 0.8),
    "table-shadow": lambda p, rng: shadow(on_table(p, rng, 0.8), rng),
    "table-blur": lambda p, rng: np.asarray(cv2.GaussianBlur(on_table(p, rng, 0.8), (0, 0), 2.2), np.uint8),
    "table-180": lambda p, rng: on_table(np.ascontiguousarray(np.rot90(p, 2)), rng, 0.8),
}


SEVERAL = "several-notes"
"""A page among others on one table: what makes it hard is not done to one page alone."""
CONDITIONS = [*HARDSHIPS, SEVERAL]
TURNS = ("turned-90", "turned-180", "table-180")
"""Hardships after which it must be found out which way up the page was."""


def condition(name: str, lines: list[str]) -> str:
    """Return what a page of these lines is called under a hardship."""
    digits = {c for line in lines for c in line if c.isdigit()}
    undecidable = name in TURNS and digits & set("69") and digits <= set("01689")
    return f"{name}-undecidable" if undecidable else name


def several_notes(pages: list[Picture], rng: np.random.Generator) -> Picture:
    """Lay up to four pages side by side on a dark table, each at an angle of its own."""
    table = wood(round(LONG_SIDE * 0.75), LONG_SIDE, rng)
    high, wide = table.shape[:2]
    places = rng.permutation([(x, y) for x in (0.25, 0.75) for y in (0.25, 0.75)])
    for page, (x, y) in zip(pages, places, strict=False):
        h, w = page.shape[:2]
        scale, angle = min(0.4 * wide / w, 0.4 * high / h), np.deg2rad(rng.uniform(-20, 20))
        small = cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        c, s, (h, w) = np.cos(angle), np.sin(angle), small.shape[:2]
        warp = np.array([(c, -s, 0), (s, c, 0)])
        warp[:, 2] = np.array((wide * x, high * y)) - warp[:, :2] @ (w / 2, h / 2)
        inside = cv2.warpAffine(np.full((h, w), 255, np.uint8), warp, (wide, high))[..., None] / 255
        table = (cv2.warpAffine(small, warp, (wide, high)) * inside + table * (1 - inside)).astype(np.uint8)
    return table


def harden(root: Path, out: Path, names: list[str], kind: str = "page") -> int:
    """Write the pictures of one kind, made harder, and their truth; return how many."""
    every = [t for t in json.loads((root / "truth.json").read_text(encoding="utf-8")) if t["kind"] == kind]
    # A page that lies on its side already would come upright, or twice turned.
    items = [t for t in every if not any(c.startswith("rotated") for c in t.get("conditions", ()))]
    truth = []
    for i, item in enumerate(items):
        page = opened(root / item["file"])
        for name in names:
            rng = np.random.default_rng(zlib.crc32(f"{name}/{item['file']}".encode()))
            if name == SEVERAL:
                among = [items[(i + k * k * 5) % len(items)] for k in range(int(rng.integers(2, 5)))]
                made = several_notes([opened(root / each["file"]) for each in among], rng)
                lines = [line for each in among for line in each.get("lines", ())]
                told = {"lines": lines, "count": sum(each.get("count", 0) for each in among), "order": "loose"}
            else:
                made, told = HARDSHIPS[name](page, rng), {}
            file = f"{name}/{Path(item['file']).stem}.jpg"
            (out / name).mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(out / file), made, [cv2.IMWRITE_JPEG_QUALITY, 92])
            truth.append(item | told | {"file": file, "conditions": [condition(name, item.get("lines", []))]})
    (out / "truth.json").write_text(json.dumps(truth, indent=1), encoding="utf-8")
    return len(truth)


def opened(path: Path) -> Picture:
    """Return a photograph, its longer side `LONG_SIDE` pixels at most."""
    page = cv2.imread(str(path))
    if page is None:
        raise SystemExit(f"{path}: cannot be read")
    scale = min(1.0, LONG_SIDE / max(page.shape[:2]))
    return np.asarray(cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("out_dir", type=Path)
    parser.add_argument("--only", nargs="+", choices=CONDITIONS, default=CONDITIONS, metavar="CONDITION")
    parser.add_argument("--kind", choices=("page", "single", "negative"), default="page")
    args = parser.parse_args()
    print(harden(args.truth_dir, args.out_dir, args.only, args.kind), "pictures")


if __name__ == "__main__":
    main()
