"""What a camera is asked for, and what it really gives: drivers take the nearest they can do and say nothing."""

from __future__ import annotations

from dataclasses import dataclass

import cv2

from models.errors import UsageError


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """What a camera is asked for: pixels, pictures a second, the part of OpenCV that opens it; None: as it is."""

    width: int | None = None
    height: int | None = None
    fps: float | None = None
    backend: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What a camera gives: pixels, and pictures a second (0 where its driver does not tell)."""

    width: int
    height: int
    fps: float


def backends() -> dict[str, int]:
    """Return the parts of OpenCV that open cameras here, by their names in small letters."""
    registry = cv2.videoio_registry
    there = (number for number in registry.getCameraBackends() if registry.hasBackend(number))
    return {registry.getBackendName(number).lower(): number for number in there}


def backend_number(name: str) -> int:
    """Return OpenCV's number of a backend; raises UsageError, with those that there are, when it is not there."""
    known = backends()
    if name.lower() not in known:
        raise UsageError(f"--backend {name}: this OpenCV opens cameras with {', '.join(known)}; name one of them")
    return known[name.lower()]


def ask(capture: cv2.VideoCapture, settings: CameraSettings) -> Given:
    """Ask an opened camera for what is wanted and return what it gives from now on.

    Most cameras give large pictures at a full rate only as Motion JPEG, and OpenCV prefers raw ones: where the first
    answer falls short, that is tried, and kept if it is nearer.
    """
    raw = _asked(capture, settings)
    if not difference(settings, raw):
        return raw
    form = capture.get(cv2.CAP_PROP_FOURCC)
    capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    compressed = _asked(capture, settings)
    if _lack(settings, compressed) < _lack(settings, raw):
        return compressed
    capture.set(cv2.CAP_PROP_FOURCC, form)
    return _asked(capture, settings)


def _asked(capture: cv2.VideoCapture, settings: CameraSettings) -> Given:
    if settings.width or settings.height:
        # Both, for V4L2 changes neither while it knows only one.
        width = settings.width or capture.get(cv2.CAP_PROP_FRAME_WIDTH)
        height = settings.height or capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
    if settings.fps:  # last: a new size sets the rate back
        capture.set(cv2.CAP_PROP_FPS, settings.fps)
    width, height = capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
    return Given(round(width), round(height), capture.get(cv2.CAP_PROP_FPS))


def _pairs(settings: CameraSettings, given: Given) -> list[tuple[str, float, float]]:
    """Return (name, asked, given) of all that was asked for."""
    names = ("width", "height", "fps")
    every = zip(
        names, (settings.width, settings.height, settings.fps), (given.width, given.height, given.fps), strict=True
    )
    return [(name, wish, got) for name, wish, got in every if wish is not None]


def _lack(settings: CameraSettings, given: Given) -> float:
    """Return how far what is given is from what was asked for, each by its share."""
    return sum(abs(got - wish) / wish for _, wish, got in _pairs(settings, given))


def difference(settings: CameraSettings, given: Given) -> str:
    """Return in words how what a camera gives differs from what it was asked for; "" where it does not."""
    pairs = _pairs(settings, given)
    if all(abs(wish - got) < 0.5 for _, wish, got in pairs):
        return ""
    wishes = ", ".join(f"{name} {wish:g}" for name, wish, _ in pairs)
    rate = f"{given.fps:g} frames a second" if given.fps > 0 else "a rate its driver does not tell"
    return f"asked for {wishes}; it gives {given.width}x{given.height} at {rate}"
