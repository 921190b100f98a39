"""Finds out what an installation and its cameras are like. What it means stands in `realtime.diagnosis`.

Nothing here relies on what may be broken: packages are loaded one by one, and what they write to stderr is held back.
"""

from __future__ import annotations

import glob
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module, metadata
from pathlib import Path
from typing import Final

from models.errors import CameraError, DigitsError, UnreadableError
from models.quiet import hushed
from realtime.console import version
from realtime.diagnosis import Camera, Facts, Mode, Trial

_MODULES: Final = {
    "numpy": "numpy",
    "opencv-python": "cv2",
    "av": "av",
    "ai-edge-litert": "ai_edge_litert.interpreter",
    "imutils": "imutils",
    "typer": "typer",
}
_WHEELS: Final = (
    "opencv-python",
    "opencv-python-headless",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",
)
_MOST_CAMERAS: Final = 8
_SECOND: Final = 1.0


def examine(model: Path | None = None, source: str | None = None) -> Facts:
    """Find everything out.

    model: another model file than the one that ships.  source: a camera or stream to try out, which takes a few
    seconds; without one no camera is opened where the system lists them.
    """
    versions, broken = _packages()
    has_opencv = not {"numpy", "opencv-python"} & broken.keys()
    windows, display = _windows() if has_opencv else ("", None)
    about, fault = _model(model) if has_opencv else ("", None)
    return Facts(
        platform=sys.platform,
        versions={"digits": version(), "python": f"{platform.python_version()} ({platform.platform()})", **versions},
        wheels=tuple(name for name in _WHEELS if _installed(name)),
        broken=broken,
        windows=windows,
        display=display,
        model=about,
        model_fault=fault,
        encoder="av" not in broken and _can_encode(),
        cameras=_cameras(source) if has_opencv or sys.platform == "linux" else None,
        trial=_try_out(source) if source is not None and has_opencv else None,
    )


def _packages() -> tuple[dict[str, str | None], dict[str, str]]:
    """Return the version of each package, and why those that cannot be loaded cannot."""
    versions: dict[str, str | None] = {}
    broken: dict[str, str] = {}
    for name, module in _MODULES.items():
        versions[name] = _installed(name)
        try:
            with hushed():
                loaded = import_module(module)
            versions[name] = versions[name] or str(getattr(loaded, "__version__", "of unknown version"))
        except Exception as fault:  # a package that is broken raises what it likes
            broken[name] = " ".join(str(fault).split()) or type(fault).__name__
    return versions, broken


def _installed(name: str) -> str | None:
    """Return the version of an installed distribution."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _windows() -> tuple[str, str | None]:
    """Return what draws OpenCV's windows, and why none can be shown."""
    import cv2

    from realtime.display import require_display

    try:
        require_display()
    except DigitsError as fault:
        return cv2.currentUIFramework(), str(fault)
    return cv2.currentUIFramework(), None


def _model(path: Path | None) -> tuple[str, str | None]:
    """Return what the model's card says of it, and why it cannot be used."""
    from models.classifier import DEFAULT_MODEL, load_classifier
    from models.rows import NAME, rows_beside

    try:
        card = load_classifier(path or DEFAULT_MODEL).card
        rows = rows_beside(path or DEFAULT_MODEL)
    except (DigitsError, ImportError) as fault:
        return "", str(fault)
    learned = f"learned from {len(card.data)} sets, licence {card.licence}"
    again = f"{NAME} is, too" if rows else f"no {NAME} beside it, rows are read once"
    return f"{card.name} ({learned}); {(path or DEFAULT_MODEL).name} is what its card promises; {again}", None


def _can_encode() -> bool:
    import av

    with suppress(ValueError):  # what av's UnknownCodecError is
        return bool(av.Codec("libx264", "w").is_encoder)
    return False


def _cameras(source: str | None) -> tuple[Camera, ...]:
    """Return the cameras: on Linux without opening them, elsewhere by trying numbers."""
    if sys.platform != "linux":
        return tuple(_numbered())
    from realtime.v4l2 import describe

    named = {f"/dev/video{source}" if source.isdigit() else source} if source is not None else set()
    paths = {*glob.glob("/dev/video*"), *(path for path in named if path.startswith("/dev/video"))}
    every = (describe(path) for path in sorted(paths, key=lambda path: (len(path), path)))
    return tuple(camera for camera in every if camera is not None)


def _numbered() -> Iterator[Camera]:
    """Yield the cameras that can be opened by a number, until one cannot."""
    import cv2

    for number in range(_MOST_CAMERAS):
        with hushed():
            capture = cv2.VideoCapture(number)
            opened = capture.isOpened()
            picture = capture.read()[1] if opened else None
            rate = capture.get(cv2.CAP_PROP_FPS) if opened else 0.0
            capture.release()
        if not opened:
            return
        if picture is None:
            yield Camera(str(number), fault="silent")
            continue
        height, width = picture.shape[:2]
        yield Camera(str(number), modes=(Mode(width, height, rates=(rate,) if rate > 0 else ()),))


def _try_out(source: str) -> Trial:
    """Open a source for a second and tell what came."""
    from realtime.sources import open_source, origin
    from realtime.values import Frame

    name, began = origin(source).name, time.monotonic()
    try:
        with open_source(source) as items:
            first = next(item for item in items if isinstance(item, Frame))
            since, count = time.monotonic(), 0
            for item in items:
                count += isinstance(item, Frame)
                if time.monotonic() - since > _SECOND:
                    break
    except (CameraError, UnreadableError) as fault:
        return Trial(name, fault=str(fault))
    height, width = first.image.shape[:2]
    return Trial(name, f"{width}x{height}, first picture after {since - began:.1f} s, then {count} in a second")
