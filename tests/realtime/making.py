"""Makes the inputs of the tests: readings, scenes, clips, a sheet, a fake reader, a camera on the network."""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from fractions import Fraction
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.values import Box, Digit, Frame, Line, Number, Reading, Rejected, Scene, Status
from tests.fakecam.stream import NetworkCamera

if TYPE_CHECKING:
    from av import AudioFrame, AudioStream

Picture = NDArray[np.uint8]
MODEL = {"name": "fake", "sha256": "00", "contract": 1}
CODECS = {".ts": "libx264", ".mp4": "libx264", ".mov": "libx264", ".mkv": "libx264", ".avi": "mpeg4", ".webm": "libvpx"}


def number(
    text: str, x: int = 10, y: int = 20, size: int = 24, status: Status = "accept", share: float = 0.97
) -> Number:
    digits = tuple(
        Digit(Box(x + i * size, y, size * 2 // 3, size), label, share, (1.0, *[0.0] * 10))
        for i, label in enumerate(text)
    )
    reasons = ("confidence below target",) if status == "review" else ()
    return Number(digits, share ** len(text), status, reasons, ((text, share), ("0" * len(text), 0.01)))


def reading(*texts: str, size: tuple[int, int] = (160, 120)) -> Reading:
    lines = tuple(Line((number(text, y=10 + 30 * row),)) for row, text in enumerate(texts))
    return Reading(size, lines, (Rejected(Box(100, 90, 20, 10), "1", 0.4, "not a digit"),))


def picture(shade: int = 200, height: int = 120, width: int = 160) -> Picture:
    return np.full((height, width, 3), shade, np.uint8)


def scene(index: int = 0, seconds: float = 0.0, text: str = "12", image: Picture | None = None) -> Scene:
    shown = picture() if image is None else image
    return Scene(Frame(shown, index, seconds, "clip.mp4"), reading(text, size=(shown.shape[1], shown.shape[0])))


class FakeReader:
    """Reads the mean brightness of a picture, as a number."""

    def read(self, picture: Picture) -> Reading:
        return reading(str(round(picture.mean())), size=(picture.shape[1], picture.shape[0]))


def write_clip(path: Path, pictures: Sequence[Picture], times: Sequence[float] | None = None) -> Path:
    """Write pictures as a video in which each is shown from its time on (25 a second where none are given)."""
    import av

    seconds = times if times is not None else [i / 25 for i in range(len(pictures))]
    movable = {"movflags": "+faststart"} if path.suffix in (".mp4", ".mov") else {}
    with av.open(str(path), "w", container_options=movable) as container:
        options = {"bf": "0"} if path.suffix != ".webm" else {"deadline": "realtime"}
        stream = container.add_stream(CODECS[path.suffix], rate=25, options=options)
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        base = Fraction(1, 25 if path.suffix == ".avi" else 1000)
        stream.codec_context.time_base = base
        for shown, at in zip(pictures, seconds, strict=True):
            frame = av.VideoFrame.from_ndarray(shown, format="bgr24")
            frame.pts, frame.time_base = round(at / base), base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_sounding_clip(path: Path, pictures: Sequence[Picture], codec: str = "aac", tracks: int = 1) -> Path:
    """Write pictures, 25 a second, and as long a rising tone for each track, the next an octave higher."""
    import av

    rate, length = 16_000, len(pictures) / 25
    with av.open(str(path), "w") as container:
        stream = container.add_stream(CODECS[path.suffix], rate=25, options={"bf": "0", "g": "10"})
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        sounds = [container.add_stream(codec, rate=rate) for _ in range(tracks)]
        for sound in sounds:
            assert isinstance(sound, av.AudioStream)
            sound.layout = "mono"
        for i, shown in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(shown, format="bgr24")
            frame.pts, frame.time_base = i, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        for octave, sound in enumerate(sounds):
            assert isinstance(sound, av.AudioStream)
            container.mux([packet for tone in _tone(sound, 440 * 2**octave, length) for packet in sound.encode(tone)])
            container.mux(sound.encode(None))
    return path


def _tone(sound: AudioStream, pitch: float, length: float) -> Iterator[AudioFrame]:
    """Yield a tone of so many seconds, rising from so many hertz on, in frames as the stream's encoder takes them."""
    import av

    size, rate = sound.codec_context.frame_size or 1024, sound.codec_context.sample_rate
    resampler = av.AudioResampler(format=sound.codec_context.format, layout="mono", rate=rate)
    at_each = np.arange(round(length * rate)) / rate
    wave = (8000 * np.sin(2 * np.pi * pitch * at_each * (1 + at_each / 8))).astype(np.int16)
    for at in range(0, len(wave) - size + 1, size):
        frame = av.AudioFrame.from_ndarray(wave[None, at : at + size], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, at, Fraction(1, rate)
        yield from resampler.resample(frame)


def shades(count: int, height: int = 48, width: int = 64) -> list[Picture]:
    """Pictures that grow brighter: from each, noise included, its number can be told."""
    noise = np.random.default_rng(0).integers(0, 4, (height, width, 3), np.uint8)
    return [np.asarray(noise + 10 + 8 * i, np.uint8) for i in range(count)]


def sheet(height: int = 480, width: int = 640) -> Picture:
    """White paper with 1, 4 and 7 drawn in strokes."""
    paper = np.full((height, width, 3), 225, np.uint8)
    for points in ([(70, 110), (100, 70), (100, 190)], [(190, 70), (160, 140), (230, 140)], [(210, 100), (210, 190)]):
        cv2.polylines(paper, [np.array(points, np.int32)], False, (40, 30, 30), 9, cv2.LINE_AA)
    cv2.polylines(paper, [np.array([(290, 75), (360, 75), (310, 190)], np.int32)], False, (40, 30, 30), 9, cv2.LINE_AA)
    return paper


@contextmanager
def network_camera(pictures: Sequence[Picture], then: str = "again", rate: float = 60.0) -> Iterator[str]:
    """Serve pictures as MJPEG over http on this machine; `then` again, close or stall. Yields the address."""
    with NetworkCamera(pictures, rate, then) as camera:
        yield camera.address


@contextmanager
def file_server(folder: Path) -> Iterator[str]:
    """Serve the files of a folder over http on this machine. Yields the address, without a slash at its end."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

        def copyfile(self, source: Any, outputfile: Any) -> None:
            with suppress(OSError):  # whoever asked may go before all has come
                super().copyfile(source, outputfile)

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def piped_in(data: bytes, then: threading.Event | None = None) -> Iterator[None]:
    """Let bytes come through this process's standard input, and it end then; or only once an event is set."""
    kept, (end, begin) = os.dup(0), os.pipe()
    os.dup2(end, 0)
    os.close(end)

    def write() -> None:
        with suppress(OSError), os.fdopen(begin, "wb") as pipe:
            pipe.write(data)
            pipe.flush()
            if then is not None:
                then.wait(30)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        os.dup2(kept, 0)  # what is still written breaks off
        os.close(kept)
        writer.join()


def write_gif(path: Path, pictures: Sequence[NDArray[np.uint8]], hundredths: Sequence[int]) -> Path:
    """Write an animated GIF of pictures of colour numbers, (H, W) uint8 of 0..127, each shown for so long.

    Number 0 is transparent, n is the gray of 2 n. The pixels are not compressed: the codes of LZW are cleared in time.
    """
    height, width = pictures[0].shape
    table = bytes(value for n in range(128) for value in (2 * n,) * 3)
    blocks = [b"GIF89a" + struct.pack("<HHBBB", width, height, 0xF6, 0, 0) + table]
    for shown, hold in zip(pictures, hundredths, strict=True):
        control = b"\x21\xf9\x04" + struct.pack("<BHBB", 0x09, hold, 0, 0)
        data = b"".join(b"\x80" + shown.ravel()[i : i + 100].tobytes() for i in range(0, shown.size, 100)) + b"\x81"
        parts = b"".join(bytes([len(data[i : i + 255])]) + data[i : i + 255] for i in range(0, len(data), 255))
        blocks.append(control + b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x07" + parts + b"\0")
    path.write_bytes(b"".join(blocks) + b"\x3b")
    return path
