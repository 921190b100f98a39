"""What is wrong with an installation or its cameras, and what helps: from facts that were gathered, and no others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from models.errors import ExitCode

State = Literal["ok", "note", "fault"]
_MARKS: Final[dict[State, str]] = {"ok": "ok", "note": "note", "fault": "FAULT"}
_WHEEL: Final = "opencv-python"


@dataclass(frozen=True, slots=True)
class Mode:
    """A size a camera gives, in pixels, its form of pixels ("YUYV", "MJPG"), and the rates, in pictures a second."""

    width: int
    height: int
    pixels: str = ""
    rates: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera: the device or number it is opened by, and what it tells of itself.

    fault: "busy", "forbidden", "gone", "silent" (opens and gives no picture); None where it can be had.
    """

    device: str
    name: str = ""
    driver: str = ""
    modes: tuple[Mode, ...] = ()
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """A source that was opened because the user named it: what it gave, or why it gave nothing."""

    source: str
    told: str = ""
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found out.

    platform: as sys.platform.  versions: by package, None where it is not installed.  wheels: of OpenCV, all installed.
    broken: by package, why it cannot be loaded.  windows: what draws OpenCV's windows, "" for nothing.
    display: why no window can be shown.  model, model_fault: what its card says, or why it cannot be used.
    encoder: whether H.264 can be written.  cameras: None where they could not be looked for.
    """

    platform: str
    versions: Mapping[str, str | None]
    wheels: tuple[str, ...] = (_WHEEL,)
    broken: Mapping[str, str] = field(default_factory=dict)
    windows: str = ""
    display: str | None = None
    model: str = ""
    model_fault: str | None = None
    encoder: bool = True
    cameras: tuple[Camera, ...] | None = ()
    trial: Trial | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the answer: fault where files cannot be read (or a named camera), note where something else cannot.

    code: of the command, where it is a fault.
    """

    what: str
    state: State
    said: str
    remedy: str = ""
    code: ExitCode = ExitCode.FAULT


def diagnose(facts: Facts) -> tuple[Finding, ...]:
    """Return all there is to say about the facts, in the order of reading."""
    parts = (_packages, _opencv, _windows, _model, _encoder, _cameras, _trial)
    return tuple(finding for part in parts for finding in part(facts))


def exit_code(findings: tuple[Finding, ...]) -> ExitCode:
    """Return the exit code of the first fault, OK where there is none."""
    return next((finding.code for finding in findings if finding.state == "fault"), ExitCode.OK)


def _packages(facts: Facts) -> Iterator[Finding]:
    """Tell of every package, and why one cannot be loaded."""
    for name, version in facts.versions.items():
        if version is None:
            yield Finding(name, "fault", "is not installed", f"pip install {name}")
        elif name in facts.broken:
            yield Finding(name, "fault", f"{version} cannot be loaded: {facts.broken[name]}", _mend(name, facts))
        else:
            yield Finding(name, "ok", version)


def _mend(name: str, facts: Facts) -> str:
    """Return what helps a package that is installed and cannot be loaded."""
    why = facts.broken[name]
    if "libGL" in why or "libgthread" in why or "libglib" in why:
        return "sudo apt-get install libgl1 libglib2.0-0   (Fedora: sudo dnf install mesa-libGL glib2)"
    return f"pip install --force-reinstall {name}"


def _opencv(facts: Facts) -> Iterator[Finding]:
    """Two wheels of OpenCV write into the same folder: what is left of them is neither."""
    if len(facts.wheels) > 1:
        said = f"{len(facts.wheels)} wheels are installed and overwrite each other: {', '.join(facts.wheels)}"
        yield Finding("OpenCV", "note", said, f"pip uninstall -y {' '.join(facts.wheels)} && pip install {_WHEEL}")


def _windows(facts: Facts) -> Iterator[Finding]:
    if _WHEEL in facts.broken:
        return
    if not facts.windows:
        remedy = f"pip uninstall -y {' '.join(facts.wheels)} && pip install {_WHEEL}, or use live --no-window"
        yield Finding("window", "note", "this OpenCV was built without windows", remedy)
    elif facts.display:
        said, _, remedy = facts.display.partition("; ")
        yield Finding("window", "note", said, remedy)
    else:
        yield Finding("window", "ok", f"can be shown ({facts.windows})")


def _model(facts: Facts) -> Iterator[Finding]:
    if facts.model_fault:
        said, _, remedy = facts.model_fault.partition("; ")
        yield Finding("model", "fault", said, remedy, ExitCode.MODEL)
    elif facts.model:
        yield Finding("model", "ok", facts.model)


def _encoder(facts: Facts) -> Iterator[Finding]:
    if "av" in facts.broken or not facts.versions.get("av"):
        return
    if facts.encoder:
        yield Finding("encoder", "ok", "H.264 (libx264): annotated videos can be written")
    else:
        remedy = "pip install --force-reinstall --only-binary=:all: av"
        yield Finding("encoder", "note", "this av has no libx264: video --out cannot write", remedy)


def _cameras(facts: Facts) -> Iterator[Finding]:
    if facts.cameras is None:
        return
    if not facts.cameras:
        yield Finding("camera", "note", "none was found", _find_one(facts.platform))
    for camera in facts.cameras:
        yield _camera(camera)


def _find_one(platform: str) -> str:
    """Return what helps where no camera is found, which systems that guard privacy do not tell from a forbidden one."""
    if platform == "darwin":
        return "connect one; allow the terminal to use it: System Settings > Privacy & Security > Camera"
    if platform == "win32":
        return "connect one; allow desktop apps to use it: Settings > Privacy & security > Camera"
    return "connect one, or name a stream or a video file; in a container or virtual machine, pass the device through"


def _camera(camera: Camera) -> Finding:
    name = f"{camera.device}  {camera.name}".rstrip()
    remedies = {
        "busy": ("is used by another program", f"close it; this names it: fuser -v {camera.device}"),
        "forbidden": ("may not be opened by you", "sudo usermod -aG video $USER, then log in again"),
        "gone": ("does not answer", "unplug it and plug it in again"),
        "silent": (
            "gives no picture",
            "close other programs that use it, and allow this one to, in the privacy settings",
        ),
    }
    if camera.fault is not None:
        said, remedy = remedies[camera.fault]
        return Finding("camera", "note", f"{name}: {said}", remedy)
    return Finding("camera", "ok", f"{name}: {sizes(camera.modes)}" if camera.modes else name)


def sizes(modes: tuple[Mode, ...]) -> str:
    """Return the sizes, the largest first, each with the most pictures a second it gives in any form."""
    best: dict[tuple[int, int], float] = {}
    for mode in modes:
        size = mode.width, mode.height
        best[size] = max(best.get(size, 0.0), max(mode.rates, default=0.0))
    largest = sorted(best.items(), key=lambda each: -each[0][0] * each[0][1])
    return ", ".join(f"{w}x{h}" + (f" at {rate:g}" if rate else "") for (w, h), rate in largest)


def _trial(facts: Facts) -> Iterator[Finding]:
    if facts.trial is None:
        return
    if facts.trial.fault is None:
        yield Finding("trial", "ok", f"{facts.trial.source}: {facts.trial.told}")
    else:
        said, _, remedy = facts.trial.fault.partition("; ")
        yield Finding("trial", "fault", said, remedy, ExitCode.CAMERA)


def table(findings: tuple[Finding, ...]) -> str:
    """Return the findings for people: a line each, the remedy on the next."""
    wide = max(len(finding.what) for finding in findings)
    rows = []
    for finding in findings:
        rows.append(f"{_MARKS[finding.state]:5}  {finding.what:{wide}}  {finding.said}")
        if finding.remedy:
            rows.append(f"{'':5}  {'':{wide}}  -> {finding.remedy}")
    return "\n".join(rows)


def as_data(facts: Facts, findings: tuple[Finding, ...]) -> dict[str, Any]:
    """Return everything as plain data, for JSON."""
    told = [{name: value for name, value in asdict(finding).items() if name != "code"} for finding in findings]
    return {
        "exit_code": int(exit_code(findings)),
        "platform": facts.platform,
        "versions": dict(facts.versions),
        "cameras": None if facts.cameras is None else [asdict(camera) for camera in facts.cameras],
        "findings": told,
    }
