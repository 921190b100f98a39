"""What the live window keeps when a key is pressed: snapshots, recordings, corrections."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import OutputError
from realtime.corrections import correction, drop_correction, keep_correction
from realtime.outputs import make_folder, whole_file, write_picture
from realtime.overlay import MOVING, draw, draw_in_planes
from realtime.pieces import Piece, shown_label
from realtime.pipeline import Item, Sink
from realtime.planes import Planes
from realtime.record import scene_record, to_line
from realtime.sinks import annotated_video
from realtime.values import Scene


@dataclass(frozen=True, slots=True)
class Places:
    """Folders for what the window keeps; they are made when something is."""

    snapshots: Path = Path("snapshots")
    corrections: Path = Path("corrections")


def paint(scene: Scene) -> NDArray[np.uint8]:
    """Return the whole frame with what was read in it, (H, W, 3) uint8 BGR."""
    return draw(scene.frame.image, scene.reading, MOVING)


def paint_frame(scene: Scene) -> NDArray[np.uint8] | Planes:
    """Return the same for a video: in the frame's own planes where it has them."""
    pixels = scene.frame.pixels
    return draw_in_planes(pixels, scene.reading, MOVING) if isinstance(pixels, Planes) else paint(scene)


@contextmanager
def recording(path: Path) -> Iterator[Sink]:
    """Write an annotated video that begins with the first scene it is given, and is whole however it ends.

    Ctrl-C and SIGTERM are how a camera is ended: what was recorded until then is kept.
    """
    ended: BaseException | None = None
    with annotated_video(path, paint_frame) as write:
        start: float | None = None

        def sink(item: Item) -> bool:
            nonlocal start
            if not isinstance(item, Scene):
                return True
            start = item.frame.time if start is None else start
            return write(replace(item, frame=replace(item.frame, time=item.frame.time - start)))

        try:
            yield sink
        except (KeyboardInterrupt, SystemExit) as end:
            ended = end
    if ended is not None:
        raise ended


class Keeper:
    """Keeps what the user asks for; each method returns what to tell him, and raises OutputError when it cannot."""

    def __init__(self, places: Places, model: Mapping[str, Any], now: Callable[[], datetime] = datetime.now) -> None:
        self._places, self._model, self._now = places, model, now
        self._recording: tuple[Path, AbstractContextManager[Sink], Sink] | None = None
        self._corrections: dict[int, str] = {}

    @property
    def records(self) -> bool:
        """Whether a recording is under way."""
        return self._recording is not None

    def snapshot(self, scene: Scene) -> str:
        """Write the picture, the picture with its reading, and the record."""
        folder = self._places.snapshots
        make_folder(folder)
        place = self._free(folder, "snapshot", ".json")
        write_picture(place.with_suffix(".png"), scene.frame.image)
        write_picture(place.with_name(f"{place.stem}-read.png"), paint(scene))
        with whole_file(place) as part:
            part.write_text(to_line(scene_record(scene, self._model)) + "\n", encoding="utf-8")
        return f"kept {place.with_suffix('.png')}"

    def record(self) -> str:
        """Begin a recording, or end the one under way."""
        if self._recording is not None:
            path, manager, _ = self._recording
            self._recording = None
            manager.__exit__(None, None, None)
            return f"kept {path}" if path.exists() else "nothing was recorded"
        make_folder(self._places.snapshots)
        path = self._free(self._places.snapshots, "recording", ".mp4")
        manager = recording(path)
        self._recording = (path, manager, manager.__enter__())
        return f"recording {path}"

    def see(self, scene: Scene) -> str:
        """Add a scene to the recording, if there is one; one that cannot be written ends it."""
        if self._recording is not None:
            try:
                self._recording[2](scene)
            except OutputError as fault:
                manager, self._recording = self._recording[1], None
                with suppress(OutputError):
                    manager.__exit__(type(fault), fault, fault.__traceback__)
                raise
        return ""

    def close(self) -> str:
        """End what is under way."""
        return self.record() if self.records else ""

    def correct(self, index: int, piece: Piece, label: str, scene: Scene) -> str:
        """Keep what a piece of ink really is; `index` names it for `undo`."""
        folder, now = self._places.corrections, self._now().astimezone()
        make_folder(folder)
        name = self._free(folder, label if label.isdigit() else "none", ".png").name
        read = shown_label(piece, scene.reading)
        line = correction(name, piece, label, read, scene.frame, self._model, now.isoformat(timespec="milliseconds"))
        keep_correction(folder, line, piece)
        self._corrections[index] = name
        return f"kept {folder / name}: {read} is {label}"

    def undo(self, index: int) -> str:
        """Take a correction back."""
        name = self._corrections.pop(index, None)
        if name is None:  # it could not be kept
            return ""
        drop_correction(self._places.corrections, name)
        return f"undone: {name}"

    def thawed(self) -> None:
        """Forget which corrections can be undone: the pieces of the next picture are others."""
        self._corrections.clear()

    def _free(self, folder: Path, kind: str, suffix: str) -> Path:
        """Return a path that is not taken, named by the time."""
        stamp = f"{self._now():%Y%m%d-%H%M%S}-{kind}"
        names = (f"{stamp}{'' if n == 1 else f'-{n}'}{suffix}" for n in count(1))
        return next(folder / name for name in names if not (folder / name).exists())
