"""Where scenes go: JSON Lines, an annotated video, the terminal. The window is in `realtime.display`.

A sink is a context manager that yields a function: it takes a scene and answers whether more are wanted. Left by an
error (Ctrl-C is one), it leaves no half-written file.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TextIO

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import OutputError, UsageError
from realtime.outputs import cannot_write, whole_file
from realtime.pipeline import Item, Sink
from realtime.record import Record, event_record, to_line
from realtime.values import Reading, Scene

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import OutputContainer
    from av.video.stream import VideoStream

Paint = Callable[[Scene], NDArray[np.uint8]]
"""Draws what was read onto a copy of the frame: (H, W, 3) uint8 BGR."""
TICKS: Final = 90_000
"""Units of time in a second of the annotated video: a multiple of all usual frame rates."""
VIDEO_SUFFIXES: Final = (".mp4", ".mov", ".mkv")


@contextmanager
def record_lines(target: str, live: bool = False) -> Iterator[Callable[[Record], None]]:
    """Write records as JSON Lines to the file `target`, or to stdout when it is "-"; each is flushed at once.

    live: add to the file, so that whoever follows it sees each record; otherwise it appears when it is whole.
    """
    if target == "-":
        yield _line_writer(sys.stdout, "stdout")
    elif live:
        cut = _is_cut_short(Path(target))
        with _opened(Path(target), "a", target) as file:
            if cut:
                file.write("\n")
            yield _line_writer(file, target)
    else:
        with whole_file(Path(target)) as part, _opened(part, "w", target) as file:
            yield _line_writer(file, target)


def _is_cut_short(path: Path) -> bool:
    """Tell whether a file's last line was cut short: a record added to it would be lost with it."""
    try:
        return path.is_file() and path.stat().st_size > 0 and _last_byte(path) != b"\n"
    except OSError:
        return False  # opening it will say what is wrong


def _last_byte(path: Path) -> bytes:
    with open(path, "rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1)


@contextmanager
def _opened(path: Path, mode: Literal["a", "w"], name: str) -> Iterator[TextIO]:
    try:
        file = open(path, mode, encoding="utf-8", newline="\n")  # noqa: SIM115 - its errors are told apart
    except OSError as fault:
        raise cannot_write(name, fault) from fault
    try:
        yield file
    finally:
        with suppress(OSError):  # what did not fit has been reported; closing tries it once more
            file.close()


def _line_writer(file: TextIO, name: str) -> Callable[[Record], None]:
    def write(record: Record) -> None:
        try:
            file.write(to_line(record) + "\n")
            file.flush()
        except BrokenPipeError:
            raise
        except OSError as fault:
            raise cannot_write(name, fault) from fault

    return write


@contextmanager
def json_lines(target: str, to_record: Callable[[Scene], Record], live: bool = False) -> Iterator[Sink]:
    """Write one record a scene, as `record_lines` does, and a line for each event that is news."""
    with record_lines(target, live) as write:

        def sink(item: Item) -> bool:
            if isinstance(item, Scene):
                write(to_record(item))
            elif item.is_news:
                write(event_record(item))
            return True

        yield sink


def on_one_line(reading: Reading) -> str:
    """Return all that is read, with bars between the lines."""
    return " | ".join(line.text for line in reading.lines)


@contextmanager
def changes(show: Callable[[str], None], told: Callable[[Reading], str | None] = on_one_line) -> Iterator[Sink]:
    """Show a line with the time and what is told of the reading whenever that is another than before.

    told: gives None where there is nothing to tell.
    """
    last = ""

    def sink(item: Item) -> bool:
        nonlocal last
        if not isinstance(item, Scene):
            return True
        text = told(item.reading)
        if text is not None and text != last:
            show(f"{item.frame.time:8.2f} s  {text or '-'}")
            last = text
        return True

    yield sink


@contextmanager
def annotated_video(path: Path, paint: Paint) -> Iterator[Sink]:
    """Write painted scenes as H.264, with the presentation times of their frames; any browser plays it as .mp4.

    It is written beside `path` and moved there when it is whole; without a scene there is no file.
    """
    if path.suffix.lower() not in VIDEO_SUFFIXES:
        raise UsageError(f"{path}: the annotated video is H.264; give it a name in {', '.join(VIDEO_SUFFIXES)}")
    with whole_file(path) as part:
        encoder = _Encoder(part, path)
        try:

            def sink(item: Item) -> bool:
                if isinstance(item, Scene):
                    encoder.write(paint(item), item.frame.time)
                return True

            yield sink
            encoder.finish()
        finally:
            encoder.close()


class _Encoder:
    """An H.264 file under way; its size is that of the first picture."""

    def __init__(self, part: Path, path: Path) -> None:
        self._part, self._name = part, path
        self._container: OutputContainer | None = None
        self._stream: VideoStream | None = None
        self._ticks = -1

    def write(self, picture: NDArray[np.uint8], seconds: float) -> None:
        """Add a picture, (H, W, 3) uint8 BGR, shown from `seconds` on."""
        from av import VideoFrame

        with self._faults():
            stream = self._stream or self._open(*even(picture).shape[:2])
            frame = VideoFrame.from_ndarray(_of_size(even(picture), stream.width, stream.height), format="bgr24")
            self._ticks = max(round(seconds * TICKS), self._ticks + 1)
            frame.pts, frame.time_base = self._ticks, Fraction(1, TICKS)
            self._mux(frame)

    def finish(self) -> None:
        """Write what the encoder still holds, and the index of the file; no file is left where nothing was written."""
        if self._container is None:
            self._part.unlink(missing_ok=True)
            return
        with self._faults():
            self._mux(None)
            container, self._container = self._container, None
            container.close()

    def close(self) -> None:
        """Let go of the file, whole or not."""
        if self._container is not None:
            with suppress(OSError, ValueError):
                self._container.close()

    def _open(self, height: int, width: int) -> VideoStream:
        import av

        kind = {".mkv": "matroska", ".mov": "mov"}.get(self._name.suffix.lower(), "mp4")
        options = {} if kind == "matroska" else {"movflags": "+faststart"}  # plays before it has come whole
        self._container = av.open(str(self._part), "w", format=kind, container_options=options)
        # Without B-frames: with them, the durations of frames that do not come evenly are written wrong.
        coding = {"preset": "veryfast", "crf": "20", "bf": "0"}
        stream = self._container.add_stream("libx264", rate=30, options=coding)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, TICKS)
        self._stream = stream
        return stream

    def _mux(self, frame: VideoFrame | None) -> None:
        if self._container is not None and self._stream is not None:
            self._container.mux(self._stream.encode(frame))

    @contextmanager
    def _faults(self) -> Iterator[None]:
        from av.error import FFmpegError

        try:
            yield
        except OSError as fault:  # most of av's errors of writing are OSErrors, too
            raise cannot_write(self._name, fault) from fault
        except FFmpegError as fault:
            raise OutputError(f"{self._name}: H.264 cannot hold these frames ({fault}); make them smaller") from fault


def even(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the picture with its last column and row doubled where their number is odd: H.264 wants even sizes."""
    height, width = picture.shape[:2]
    if height % 2 == width % 2 == 0:
        return picture
    return np.asarray(cv2.copyMakeBorder(picture, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE), np.uint8)


def _of_size(picture: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Return the picture in the size of the video: a source may change its own on the way."""
    if picture.shape[:2] == (height, width):
        return picture
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
