"""A gallery of what was read wrong: each failure is read once more, laid open, and written as a page for a browser."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from models.errors import OutputError, UnreadableError, UsageError
from realtime.attempt import Attempt
from realtime.clips import open_clip
from realtime.exhibit import Exhibit, exhibit
from realtime.gallery_card import Entry, Tally, card, tally
from realtime.gallery_page import generator, page
from realtime.outputs import cannot_write, make_folder, whole_file, write_picture
from realtime.pictures import read_picture
from realtime.score import Counted, Record, Records, Truth, count, figures_of
from realtime.values import Reading

PAGE: Final = "index.html"
_OWN: Final = re.compile(re.escape(generator("PICTURES")).replace("PICTURES", "(pictures-[0-9a-f]{8})"))
"""How a page of this program is known, and the folder of its pictures: nothing else is ever replaced or removed."""


class Inspects(Protocol):
    """What reads a picture and shows what it read it from: `realtime.reader.Reader`."""

    def inspect(self, picture: NDArray[np.uint8]) -> tuple[Reading, Attempt]:
        """Read one picture, (H, W, 3) uint8 BGR, upright."""
        ...


def failures(counted: Sequence[Counted]) -> list[Counted]:
    """Return the files that were not read right, those with most edits first."""
    return sorted(filter(_failed, counted), key=lambda each: (-each.counts["edits"], str(each.item["file"])))


def _failed(each: Counted) -> bool:
    counts = each.counts
    if counts["edits"] or counts["errors"] or counts["no_record"]:
        return True
    return counts["line_hits_twice"] < counts["lines"] or counts["right"] < counts["frames"]


def require_gallery(folder: Path) -> None:
    """Make the folder of a gallery; raises OutputError when it cannot be, or holds a page that is none of ours."""
    make_folder(folder)
    _own_pictures(folder)


def _own_pictures(folder: Path) -> str | None:
    """Return the name of the folder with the pictures of the page that is there, None if there is no page."""
    path = folder / PAGE
    if not os.path.lexists(path):
        return None
    try:
        found = _OWN.search(path.read_text(encoding="utf-8", errors="replace"))
    except OSError as fault:
        raise OutputError(f"{path}: cannot be read ({fault.strerror}); name another folder") from fault
    if found is None:
        raise OutputError(f"{path}: is there and was not written by this program; name another folder")
    return found[1]


def write_gallery(
    folder: Path,
    counted: Sequence[Counted],
    records: Records,
    truth_folder: Path,
    readers: tuple[Inspects, Inspects],
    about: str,
    done: Callable[[], None] = lambda: None,
) -> int:
    """Write the page of all failures into a folder, and return how many there are.

    The pictures lie beside the page, in a folder of this run's own; the page is moved to its place when it is whole,
    and only then are the pictures of the page before removed. One picture is held in memory at a time.

    readers: of pictures, and of frames.  about: who read what, in a line.
    """
    tallies: list[Tally] = []
    cards: list[str] = []
    require_gallery(folder)
    with _pictures(folder) as pictures:
        for rank, each in enumerate(failures(counted), 1):
            entry, shown = _shown(each, records.get(each.item["file"], {}), truth_folder, readers)
            tallies.append(tally(entry, shown))
            cards.append(card(rank, tallies[-1], shown, _written(shown, pictures, rank)))
            done()
        _replace_page(folder, page(tallies, cards, figures_of(counted), about, pictures.name))
    return len(cards)


@contextmanager
def _pictures(folder: Path) -> Iterator[Path]:
    """Make a new folder for the pictures; when an error passes it is removed, with all that is in it."""
    pictures = folder / f"pictures-{secrets.token_hex(4)}"
    make_folder(pictures)
    try:
        yield pictures
    except BaseException:
        shutil.rmtree(pictures, ignore_errors=True)
        raise


def _replace_page(folder: Path, text: str) -> None:
    """Move the page to its place, and remove the pictures of the one before."""
    path, before = folder / PAGE, _own_pictures(folder)
    with whole_file(path) as part:
        try:
            part.write_bytes(text.encode("utf-8", "replace"))
        except OSError as fault:
            raise cannot_write(path, fault) from fault
    if before is not None and not (folder / before).is_symlink():
        shutil.rmtree(folder / before, ignore_errors=True)


def _written(shown: Exhibit | None, pictures: Path, rank: int) -> dict[str, str]:
    """Write the pictures of an exhibit, and return where each lies as seen from the page."""
    places: dict[str, str] = {}
    for figure in shown.figures if shown else ():
        place = pictures / f"{rank:03}-{figure.name}.jpg"
        write_picture(place, figure.image)
        places[figure.name] = f"{pictures.name}/{place.name}"
    return places


def _shown(
    each: Counted, found: Mapping[int, Record], folder: Path, readers: tuple[Inspects, Inspects]
) -> tuple[Entry, Exhibit | None]:
    """Read a failure once more, and return what it is and what went wrong with it; None of what cannot be read."""
    item, path = each.item, folder / each.item["file"]
    is_video = item["kind"] == "video"
    try:
        frame = first_wrong(item, found) if is_video else 0
        picture = _frame(path, frame) if is_video else read_picture(path)
        shown = exhibit(item, picture, *readers[is_video].inspect(picture))
    except (UnreadableError, UsageError) as fault:
        return _entry(each, fault=str(fault)), None
    return _entry(each, note=_note(each, frame)), shown


def _entry(each: Counted, note: str = "", fault: str = "") -> Entry:
    conditions = tuple(str(name) for name in each.item.get("conditions") or [])
    return Entry(str(each.item["file"]), each.kind, conditions, each.source, note, fault)


def _note(each: Counted, frame: int) -> str:
    counts = each.counts
    if each.item["kind"] == "video":
        wrong = counts["frames"] - counts["right"]
        return f"{wrong} of {counts['frames']} frames are not right; this is the first of them, frame {frame}."
    return "" if counts["edits"] else "All digits are right, but not the lines they are in."


def first_wrong(item: Truth, found: Mapping[int, Record]) -> int:
    """Return the index of the first frame of a video that counts and does not show the truth, 0 if there is none."""
    spans = item.get("all_visible_frames") or [[0, max(found, default=0)]]
    for index in (i for i in sorted(found) if any(first <= i <= last for first, last in spans)):
        alone = {**item, "all_visible_frames": [[index, index]]}
        counts = count([alone], {item["file"]: {index: found[index]}})[0].counts
        if counts["right"] < counts["frames"]:
            return index
    return 0


def _frame(path: Path, index: int) -> NDArray[np.uint8]:
    """Return one frame of a video."""
    with open_clip(str(path)) as frames:
        for frame in frames:
            if frame.index == index:
                return frame.image
    raise UnreadableError(f"{path}: has no frame {index}")
