"""Follow digits from frame to frame: each keeps its number on the paper, and is shown as what most frames say it is.

A page is carried along by its own motion (`realtime.motion`), what is read on it is matched to what was followed
(`realtime.matching`), and each digit's label, presence, reasons for review and place in a number are voted on
(`realtime.following`, `realtime.grouping`). Time comes in with the frames, so the same holds at every frame rate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from realtime.following import Track, reasons, voted
from realtime.grouping import grouped
from realtime.layout import REASONS, LayoutSettings, number_of
from realtime.matching import carrier, overlap, place_of
from realtime.motion import Glimpse, Motion, find_motion
from realtime.reuse import Kept, Look, is_due, is_still, is_still_closely, kept, look, may_stand, only_moved
from realtime.scenery import Scenery, TrackSettings, lasted, motion_to, stepped
from realtime.values import Box, Digit, Frame, Line, Number, Reading, Rejected

BRIEF: Final = "not seen for long enough"
SAME: Final = 0.5
"""Share of ink's box from which it lies where a digit is shown."""


class Tracker:
    """Follows the digits of one source."""

    def __init__(
        self,
        layout: LayoutSettings,
        settings: TrackSettings | None = None,
        part: Callable[[tuple[int, int]], Box | None] = lambda size: None,
    ) -> None:
        """part: tells which part of frames of a size, (width, height), is read; None for all."""
        self._layout, self._settings, self._part = layout, settings or TrackSettings(), part
        self._known: Scenery | None = None
        self._left: Scenery | None = None
        self._kept: Kept | None = None
        self._seen: tuple[Frame, Look] | None = None
        self._told = Reading((0, 0))
        self._next = 0

    def forget(self) -> None:
        """Know nothing of the frames before: the next is as the first."""
        self._known = self._left = self._kept = None

    def carried(self, frame: Frame) -> Reading | None:
        """Return what is told of a frame that shows what the one read last showed; None where it must be read.

        It may have moved, with all that was read still in view. Where nothing moved, it is the very same `Reading`.
        """
        known, last, settings = self._known, self._kept, self._settings
        if known is None or last is None or known.size != frame.size or not known.is_agreed:
            return None
        if not may_stand(last, self._part(frame.size), frame.time, settings.reuse):
            return None
        seen, due = self._look(frame), is_due(last, frame.time, settings.reuse)
        if is_still(last.look, seen, last.part, settings.reuse):
            same = not due or is_still_closely(last.look, seen, last.part, settings.reuse)
            told = self._told if same else None
        else:
            told = None if due else self._moved(known, last, seen)
        if told is not None:
            self._known = lasted(known, frame.time, settings)
            self._kept = replace(last, compared=frame.time) if due else last
        return told

    def _moved(self, known: Scenery, last: Kept, seen: Look) -> Reading | None:
        """Return what was told of the frame read last where it is now; None where more changed than that."""
        settings, anchor = self._settings, known.anchor
        if anchor is None or anchor.seen is not last.look.glimpse:
            return None
        motion = find_motion(anchor.seen, anchor.corners, seen.glimpse, settings.motion)
        if motion is None or not only_moved(last.look, seen, motion, last.part, settings.reuse):
            return None
        carry = carrier(motion)
        told = self._told.placed(known.size, lambda box: carry(place_of(box)).box)
        return told if _is_inside(told, last.part or Box(0, 0, *known.size)) else None

    def _look(self, frame: Frame) -> Look:
        """Return a look at a frame; the same again for the same frame."""
        if self._seen is None or self._seen[0] is not frame:
            self._seen = frame, look(frame.luma, self._settings.reuse, self._settings.motion)
        return self._seen[1]

    def update(self, reading: Reading, frame: Frame) -> Reading:
        """Return the reading of a frame in the light of those before it, its digits with their tracks.

        What a first frame shows is shown at once; after that a digit has to be seen for a moment, and stays for a
        moment while it is not.
        """
        seen = self._look(frame)
        self._told = self._followed(reading, frame, seen.glimpse)
        self._kept = kept(self._kept, seen, self._part(frame.size), reading, self._told, frame.time)
        return self._told

    def _followed(self, reading: Reading, frame: Frame, seen: Glimpse) -> Reading:
        known, since = self._page(reading, seen, frame.time)
        self._known = stepped(known, reading, seen, since, frame.time, self._next, self._settings)
        self._next = max([self._next, *(track.id + 1 for track in self._known.tracks)])
        # Where the page is not found at all, something is before it, or it is gone: nothing of it is in view.
        in_view = since is not None or not known.tracks
        shown = self._known.shown(self._settings.follow) if in_view else {}
        return Reading(reading.size, self._lines(shown), tuple(_rejected(reading, shown, self._known)))

    def _page(self, reading: Reading, seen: Glimpse, time: float) -> tuple[Scenery, Motion | None]:
        """Return what is known of the page in this frame, and how the page moved since its anchor."""
        known, self._left = self._lasting(self._known, reading, time), self._lasting(self._left, reading, time)
        if known is None:
            return Scenery(time, reading.size), None
        since = motion_to(known, reading, seen, self._settings)
        if since is not None or not (reading.digits and known.count):
            return known, since
        # Another page; or something before this one that looks like digits, and then this one comes back.
        left = self._left
        back = motion_to(left, reading, seen, self._settings) if left else None
        # Of two that are gone, the one with more on it is the likelier page.
        self._left = known if left is None or back is not None or known.count >= left.count else left
        return (left, back) if left and back is not None else (Scenery(time, reading.size), None)

    def _lasting(self, known: Scenery | None, reading: Reading, time: float) -> Scenery | None:
        """Return what is known of a page unless it was seen too long ago, or by a camera of another size."""
        lasts = known and known.size == reading.size and 0 <= time - known.time <= self._settings.longest
        return known if lasts else None

    def _lines(self, shown: Mapping[int, Track]) -> tuple[Line, ...]:
        known = self._known
        lines = grouped(known.grouping, shown.keys()) if known else []
        return tuple(Line(tuple(self._number([shown[i] for i in number]) for number in line)) for line in lines)

    def _number(self, tracks: list[Track]) -> Number:
        told = set().union(*(reasons(track, self._settings.follow) for track in tracks))
        why = tuple(reason for reason in REASONS if reason in told)
        return _own_first(number_of([voted(track) for track in tracks], why, self._layout))


def _own_first(number: Number) -> Number:
    """Return the number with itself as its first candidate: a label that leads the vote is not shown at once."""
    own = next((c for c in number.candidates if c[0] == number.text), (number.text, number.confidence))
    others = tuple(c for c in number.candidates if c[0] != number.text)
    return replace(number, candidates=(own, *others)[: len(number.candidates)])


def _is_inside(reading: Reading, part: Box) -> bool:
    """Tell whether all digits lie in a part of the picture."""
    boxes = [digit.box for digit in reading.digits]
    return all(part.x <= b.x and part.y <= b.y and b.right <= part.right and b.bottom <= part.bottom for b in boxes)


def _rejected(reading: Reading, shown: Mapping[int, Track], known: Scenery) -> Iterator[Rejected]:
    """Yield what is not shown: ink that was refused, unless a digit missed for a moment is there; and new digits."""
    missed = [track.place for track in shown.values() if not track.is_seen]
    for ink in reading.rejected:
        if not any(overlap(place_of(ink.box), place) > SAME for place in missed):
            yield ink
    for track in known.tracks:
        if track.is_seen and track.id not in shown:
            digit: Digit = voted(track)
            yield Rejected(digit.box, digit.label, digit.confidence, BRIEF)
