"""Time `video` on clips of a page with twenty digits, beside the least one can do with the same clips.

    python benchmarks/video.py [--repeats 7] [--seconds 8] [--seed 1] [--model FILE] [--json FILE]

Two clips, 1280 x 720, 30 frames a second, drawn by this project: a page that a hand-held camera moves over, and a page
that lies still; both with a sensor's noise. Each round runs, one after the other:

    decode    decoding alone
    encode    decoding and encoding alone: the frames as they were decoded, with the encoder's own settings
    records   `video CLIP --jsonl FILE`
    out       `video CLIP --out FILE`
    recalled  both again with readings known beforehand: what is left is everything but the reading

A ratio is of the frames a second: 0.5 means half as many as the baseline, `decode` for records and `encode` for out.
It is taken within each round, and its median over the rounds is told: what else the machine does falls on both. Times
are by the clock, for overlapping the work is the point; but on a machine that others keep busy, more threads get more
of it, which flatters us. `cpu` is the processor's own time, and its ratio is what is left where nothing can overlap.
Opening the model is not timed.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from unittest.mock import patch

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for `python benchmarks/video.py` in a bare checkout

from benchmarks.drawn import draw
from benchmarks.scenes import TWENTY
from benchmarks.speed import machine
from models.classifier import DEFAULT_MODEL
from realtime import open_reader, video_journey
from realtime.encoder import CODING, THREADS
from realtime.frame_reader import FrameReader
from realtime.pipeline import Reads
from realtime.values import Reading
from realtime.video_journey import Wanted, read_clip

Picture = NDArray[np.uint8]
FPS = 30
SIZE = (1280, 720)
FINER = 1.5
"""The page is drawn so many times larger than it is seen."""


def page(seed: int) -> Picture:
    """Return a page of twenty digits, larger than a frame."""
    (low, high), (width, height) = TWENTY.height, SIZE
    recipe = replace(
        TWENTY, size=(round(FINER * width), round(FINER * height)), height=(FINER * low, FINER * high), noise=0.0
    )
    return draw("page", (), recipe, np.random.default_rng((seed, 7))).picture


def seen(paper: Picture, at: float) -> Picture:
    """Return the page as a hand-held camera sees it after `at` seconds: it sways, turns and comes nearer a little."""
    slow, sway = 2 * np.pi * at / 4, 2 * np.pi * at / 1.3
    (height, width), (w, h) = paper.shape[:2], SIZE
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 1.5 * np.sin(slow), (1 + 0.03 * np.sin(slow + 1)) / FINER)
    matrix[:, 2] += (
        w / 2 - width / 2 + 25 * np.sin(slow) + 3 * np.sin(sway),
        h / 2 - height / 2 + 15 * np.cos(slow) + 2 * np.cos(1.3 * sway),
    )
    laid = cv2.warpAffine(paper, matrix, SIZE, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(laid, np.uint8)


def frames(paper: Picture, moving: bool, count: int, seed: int) -> Iterator[Picture]:
    """Yield the frames of a clip, (720, 1280, 3) uint8 BGR, each with noise of its own."""
    rng = np.random.default_rng((seed, 9))
    for i in range(count):
        shown = seen(paper, i / FPS if moving else 0.0)
        grain = rng.normal(0, 1.5, (*shown.shape[:2], 1))
        yield np.asarray(np.clip(shown + grain, 0, 255), np.uint8)


def write(path: Path, pictures: Iterator[Picture]) -> None:
    """Write the frames as a telephone would: H.264, at a good quality."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"crf": "20"})
        (stream.width, stream.height), stream.pix_fmt = SIZE, "yuv420p"
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode(None))


def decode(clip: Path) -> int:
    """Decode a clip and return how many frames it has."""
    import av

    with av.open(str(clip)) as container:
        container.streams.video[0].thread_type = "AUTO"
        return sum(1 for _ in container.decode(video=0))


def encode(clip: Path, out: Path) -> None:
    import av

    with av.open(str(clip)) as container, av.open(str(out), "w") as target:
        container.streams.video[0].thread_type = "AUTO"
        stream = target.add_stream("libx264", rate=FPS, options=dict(CODING))
        (stream.width, stream.height), stream.pix_fmt = SIZE, "yuv420p"
        stream.codec_context.thread_type = THREADS
        stream.codec_context.time_base = Fraction(1, 90_000)
        for frame in container.decode(video=0):
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))


class Recalled:
    """A reader that was told beforehand what it reads in each frame, in order."""

    def __init__(self, reader: Reads, readings: Sequence[Reading]) -> None:
        # What the journey asks of a reader besides.
        self.card, self.settings = getattr(reader, "card"), getattr(reader, "settings")  # noqa: B009
        self._readings = iter(readings)

    def read(self, picture: Picture) -> Reading:
        """Return the next reading."""
        return next(self._readings)


class Kept:
    """A reader that keeps what it reads."""

    def __init__(self, reader: Any) -> None:
        self.card, self.settings, self._reader = reader.card, reader.settings, reader
        self.readings: list[Reading] = []

    def read(self, picture: Picture) -> Reading:
        """Read as the other does."""
        self.readings.append(self._reader.read(picture))
        return self.readings[-1]


def video(clip: Path, wanted: Wanted, reader: Any) -> None:
    """Run `video` with a reader that is open, and let it print nothing."""
    with (
        patch.object(video_journey, "open_reader", lambda *_, **__: reader),
        patch.object(video_journey, "FrameReader", lambda reader: reader),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        read_clip(str(clip), wanted)


class Taken(NamedTuple):
    """What a run took, in seconds: by the clock, and of the processor."""

    clock: float
    processor: float


def took(work: Callable[[], object]) -> Taken:
    """Return how long some work takes."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return Taken(time.perf_counter() - clock, time.process_time() - processor)


RATIOS = {
    "out": ("encode", "out"),
    "out, recalled": ("encode", "out, recalled"),
    "records": ("decode", "records"),
    "records, recalled": ("decode", "records, recalled"),
}


def measured(clip: Path, reader: Any, repeats: int, folder: Path) -> dict[str, Any]:
    """Return milliseconds a frame of each kind of run, and the medians of the ratios."""
    kept = Kept(FrameReader(reader))
    out, records = Wanted(out=folder / "out.mp4"), Wanted(jsonl=str(folder / "out.jsonl"))
    video(clip, out, kept)
    count = decode(clip)
    runs: dict[str, Callable[[], object]] = {
        "decode": lambda: decode(clip),
        "encode": lambda: encode(clip, folder / "plain.mp4"),
        "records": lambda: video(clip, records, FrameReader(reader)),
        "out": lambda: video(clip, out, FrameReader(reader)),
        "records, recalled": lambda: video(clip, records, Recalled(reader, kept.readings)),
        "out, recalled": lambda: video(clip, out, Recalled(reader, kept.readings)),
    }
    rounds = [{name: took(run) for name, run in runs.items()} for _ in range(repeats)]
    return {
        "frames": count,
        "read": len(kept.readings),
        "digits": round(sum(len(r.digits) for r in kept.readings) / len(kept.readings), 1),
        "ms": {name: round(1000 * median(r[name].clock for r in rounds) / count, 2) for name in runs},
        "cpu_ms": {name: round(1000 * median(r[name].processor for r in rounds) / count, 2) for name in runs},
        "ratios": _ratios(rounds, lambda taken: taken.clock),
        "cpu_ratios": _ratios(rounds, lambda taken: taken.processor),
    }


def _ratios(rounds: Sequence[Mapping[str, Taken]], time_of: Callable[[Taken], float]) -> dict[str, float]:
    return {
        name: round(median(time_of(r[base]) / time_of(r[run]) for r in rounds), 2)
        for name, (base, run) in RATIOS.items()
    }


def text(report: Mapping[str, Any]) -> str:
    """Return the report for people."""
    rows = [report["machine"]]
    for name, found in report["clips"].items():
        rows += [
            "",
            f"{name}: {found['frames']} frames, {found['read']} of them read, {found['digits']} digits each, "
            "milliseconds a frame",
        ]
        rows += [f"  {run:20} {ms:7.2f}   cpu {found['cpu_ms'][run]:7.2f}" for run, ms in found["ms"].items()]
        rows += [
            f"  {ratio:20} {value:7.2f}   cpu {found['cpu_ratios'][ratio]:7.2f}   of {RATIOS[ratio][0]}"
            for ratio, value in found["ratios"].items()
        ]
    return "\n".join(rows)


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=7, metavar="N")
    parser.add_argument("--seconds", type=float, default=8.0, metavar="S", help="how long the clips are")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, metavar="FILE")
    parser.add_argument("--json", type=Path, metavar="FILE")
    args = parser.parse_args()
    paper, reader = page(args.seed), open_reader(args.model, live=True)
    clips = {}
    with TemporaryDirectory() as folder:
        for name, moving in (("moving page", True), ("still page", False)):
            clip = Path(folder, "clip.mp4")
            write(clip, frames(paper, moving, round(FPS * args.seconds), args.seed))
            clips[name] = measured(clip, reader, args.repeats, Path(folder))
    report = {"machine": f"{machine()}, {os.cpu_count()} processors", "clips": clips}
    print(text(report))
    if args.json:
        args.json.write_text(json.dumps(report, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
