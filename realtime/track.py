"""Follow digits from frame to frame: each keeps its number on the paper, and is shown as what most frames say it is.

A page is carried along by its own motion (`realtime.motion`), what is read on it is matched to what was followed
(`realtime.matching`), and each digit's label, presence, reasons for review and place in a number are voted on
(`realtime.following`, `realtime.grouping`). Time comes in with the frames, so the same holds at every frame rate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from realtime.following import Track, reasons, voted
from realtime.grouping import grouped
from realtime.layout import REASONS, LayoutSettings, number_of
from realtime.matching import overlap, place_of
from realtime.motion import Glimpse, Motion, glimpse
from realtime.scenery import Scenery, TrackSettings, motion_to, stepped
from realtime.values import Digit, Frame, Line, Number, Reading, Rejected

BRIEF: Final = "not seen for long enough"
SAME: Final = 0.5
"""Share of ink's box from which it lies where a digit is shown."""


class Tracker:
    """Follows the digits of one source."""

    def __init__(self, layout: LayoutSettings, settings: TrackSettings | None = None) -> None:
        self._layout, self._settings = layout, settings or TrackSettings()
        self._known: Scenery | None = None
        self._left: Scenery | None = None
        self._read = self._told = Reading((0, 0))
        self._next = 0

    def forget(self) -> None:
        """Know nothing of the frames before: the next is as the first."""
        self._known = self._left = None

    def update(self, reading: Reading, frame: Frame) -> Reading:
        """Return the reading of a frame in the light of those before it, its digits with their tracks.

        What a first frame shows is shown at once; after that a digit has to be seen for a moment, and stays for a
        moment while it is not. The same `Reading` again, not only an equal one, is of the same picture: where all is
        settled, nothing changes.
        """
        if self._known is not None and reading is self._read and self._known.is_settled:
            self._known = replace(self._known, time=max(frame.time, self._known.time))
            return self._told
        self._read, self._told = reading, self._followed(reading, frame)
        return self._told

    def _followed(self, reading: Reading, frame: Frame) -> Reading:
        seen = glimpse(frame.image, self._settings.motion)
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
