"""Which part of a clip is read: from when to when, and how many of its frames."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

from models.errors import UsageError

_TIME: Final = re.compile(r"(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:\.\d*)?|\.\d+)")


@dataclass(frozen=True, slots=True)
class Part:
    """Of the frames shown from `start` on and before `end` (seconds of the clip), every `every`-th, the first included.

    Raises UsageError when no frame could be in it.
    """

    start: float = 0.0
    end: float = math.inf
    every: int = 1

    def __post_init__(self) -> None:
        if self.every < 1:
            raise UsageError(f"--every {self.every}: no frame would be read; give 1 or more")
        if self.start >= self.end:
            raise UsageError(f"--from {self.start:g} --to {self.end:g}: nothing lies between; give a later --to")

    @property
    def is_whole(self) -> bool:
        """Whether it is all of a clip, but for frames passed over."""
        return self.start == 0.0 and math.isinf(self.end)


WHOLE: Final = Part()


def seconds(text: str, option: str) -> float:
    """Return the seconds that `text` says: "90", "1:30", "1:30.5" or "0:01:30"; UsageError names the option."""
    found = _TIME.fullmatch(text.strip())
    hours, minutes, rest = found.groups() if found else (None, None, None)
    if rest is None or (minutes is not None and (float(rest) >= 60 or (hours is not None and int(minutes) >= 60))):
        raise UsageError(f"{option} {text}: is no time; write seconds, MM:SS or HH:MM:SS; e.g. 90.5 or 1:30")
    return 3600 * int(hours or 0) + 60 * int(minutes or 0) + float(rest)


def part_of(start: str | None, end: str | None, every: int) -> Part:
    """Return the part that the options --from, --to and --every name; raises UsageError when they name none."""
    return Part(
        0.0 if start is None else seconds(start, "--from"), math.inf if end is None else seconds(end, "--to"), every
    )


def expected(frames: int | None, length: float | None, part: Part) -> int | None:
    """Return about how many frames a part has of a clip of so many `frames` and `length` seconds; None: not known."""
    if frames is None or (length is None and not part.is_whole):
        return None
    share = 1.0 if length is None else (min(part.end, length) - min(part.start, length)) / max(length, 1e-9)
    return math.ceil(frames * share / part.every)


def clock(at: float) -> str:
    """Return so many seconds as a clock shows them, to a hundredth, the way `seconds` reads them: "1:02.50"."""
    whole = round(at * 100)
    hours, minutes, rest = whole // 360_000, whole // 6_000 % 60, f"{whole // 100 % 60:02}.{whole % 100:02}"
    return f"{hours}:{minutes:02}:{rest}" if hours else f"{minutes}:{rest}"
