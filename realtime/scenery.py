"""All that is known of one page while it is in view, and how a frame changes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.contract import NOT_A_DIGIT
from realtime.following import (
    FollowSettings,
    Sighting,
    Track,
    born,
    is_shown,
    missed,
    passage,
    seen_again,
    sightings,
    stays,
    uncovered,
)
from realtime.grouping import Grouping, grown, lines_of
from realtime.judge import BAR
from realtime.matching import MatchSettings, Place, assign, carried, place_of
from realtime.motion import (
    STILL,
    Glimpse,
    Motion,
    MotionSettings,
    find_corners,
    find_motion,
    followed_by,
    undone,
)
from realtime.reuse import ReuseSettings
from realtime.rows import AMONG_OTHERS
from realtime.values import Reading


@dataclass(frozen=True, slots=True)
class TrackSettings:
    """How digits are followed.

    longest: seconds without a frame, or without the page, after which nothing is known any more.
    anchor: share of the digits followed that a frame must show for motion to be measured from it.
    """

    longest: float = 1.0
    anchor: float = 0.5
    motion: MotionSettings = field(default_factory=MotionSettings)
    match: MatchSettings = field(default_factory=MatchSettings)
    follow: FollowSettings = field(default_factory=FollowSettings)
    reuse: ReuseSettings = field(default_factory=ReuseSettings)


@dataclass(frozen=True, eq=False, slots=True)
class Anchor:
    """The last frame that showed enough of the digits: motion is measured from it.

    corners: (n, 2) float32, pixels of the glimpse.  since: how the page has moved after it.
    """

    seen: Glimpse
    corners: NDArray[np.float32]
    since: Motion = field(default_factory=lambda: STILL)


@dataclass(frozen=True, eq=False, slots=True)
class Scenery:
    """What is known of a page.

    time: of the last frame, in seconds.  size: of the frames, (width, height).
    is_old: whether there was a frame before.
    """

    time: float
    size: tuple[int, int]
    tracks: tuple[Track, ...] = ()
    anchor: Anchor | None = None
    grouping: Grouping = field(default_factory=Grouping)
    is_old: bool = False

    @property
    def is_agreed(self) -> bool:
        """Whether what is shown is what the last frame read."""
        return all(track.is_seen and track.known and track.label == track.said for track in self.tracks)

    @property
    def count(self) -> int:
        """How many digits were ever shown of it."""
        return sum(track.known for track in self.tracks)

    def shown(self, settings: FollowSettings) -> dict[int, Track]:
        """Return the tracks that are shown and in the picture, by their number."""
        w, h = self.size
        inside = (t for t in self.tracks if 0 <= t.place.x < w and 0 <= t.place.y < h)
        return {track.id: track for track in inside if is_shown(track, settings)}


def motion_to(known: Scenery, reading: Reading, seen: Glimpse, settings: TrackSettings) -> Motion | None:
    """Return how a page moved since it was an anchor; None where it is not to be found in what is seen.

    Where what is read contradicts the motion measured, as when a hand moves before the page, or where there is too
    little ink to measure any, the page may have stayed where it was.
    """
    anchor = known.anchor
    if anchor is None:
        return None
    found, digits = find_motion(anchor.seen, anchor.corners, seen, settings.motion), len(reading.digits)
    moved = 0 if found is None else _agreeing(known, reading, found, settings)
    if found is not None and 2 * moved >= digits:
        return found
    stayed = _agreeing(known, reading, anchor.since, settings)
    if stayed > moved and 2 * stayed >= max(digits, known.count):
        return anchor.since
    return found


def _agreeing(known: Scenery, reading: Reading, since: Motion, settings: TrackSettings) -> int:
    """Return how many digits are read where they were, under a motion, as what they were."""
    digits = reading.digits
    matched = assign(_moved(known, since), [place_of(digit.box) for digit in digits], settings.match)
    return sum(known.tracks[i].label == digits[j].label for j, i in matched.items())


def stepped(
    known: Scenery,
    reading: Reading,
    seen: Glimpse,
    since: Motion | None,
    time: float,
    first: int,
    settings: TrackSettings,
) -> Scenery:
    """Return what is known after one more frame.

    since: how the page moved since its anchor; None where that could not be measured.
    first: the number of the next new track.
    """
    follow = settings.follow
    passed = passage(time - known.time, follow)
    moved, shows = _moved(known, since), sightings(reading)
    matched = assign(moved, [s.place for s in shows], settings.match)
    met = {i: shows[j] for j, i in matched.items()}
    hinted = _hints(known.tracks, moved, reading, met, settings)
    tracks = [
        seen_again(t, met[i], passed, follow) if i in met else missed(t, moved[i], hinted.get(i, 0.0), passed, follow)
        for i, t in enumerate(known.tracks)
    ]
    new = {j: first + n for n, j in enumerate(j for j in range(len(shows)) if j not in matched)}
    presence = passed.presence.weight if known.is_old else follow.first
    tracks += [born(number, shows[j], presence, follow) for j, number in new.items()]
    alive = uncovered([t for t in tracks if t.unseen <= follow.memory], follow)
    names = [new[j] if j in new else known.tracks[matched[j]].id for j in range(len(shows))]
    fresh = {t.id for t in known.tracks if not t.known}
    grouping = grown(known.grouping, lines_of(reading, names), {t.id for t in alive}, passed.votes, fresh)
    anchor = _anchored(known.anchor, seen, since, alive, settings)
    return Scenery(time, known.size, tuple(alive), anchor, grouping, is_old=True)


SETTLED: Final = 0.99
"""Presence of a digit to which more of it adds nothing."""


def lasted(known: Scenery, time: float, settings: TrackSettings) -> Scenery:
    """Return what is known after one more frame that shows the same as the one before, each digit of which is seen."""
    tracks = known.tracks
    if any(track.presence < SETTLED for track in tracks):
        passed = passage(max(0.0, time - known.time), settings.follow)
        tracks = tuple(stays(track, passed) for track in tracks)
    return replace(known, time=max(known.time, time), tracks=tracks)


HINTS: Final = (NOT_A_DIGIT, BAR, AMONG_OTHERS)
"""Reasons for which ink is refused that is nearly a digit, or is one among the wrong neighbours."""


def _hints(
    tracks: Sequence[Track],
    moved: Sequence[Place],
    reading: Reading,
    met: Mapping[int, Sighting],
    settings: TrackSettings,
) -> dict[int, float]:
    """Return for tracks, by index, that no digit was matched to, how like their digit the ink there is, 0..1.

    Ink hardly likely enough to be a digit is so in one frame and not in the next: a digit that is known is there still.
    """
    places = [place_of(ink.box) for ink in reading.rejected]
    matched = assign(moved, places, settings.match) if len(met) < len(tracks) else {}
    return {
        i: min(settings.follow.hint, reading.rejected[j].confidence)
        for j, i in matched.items()
        if i not in met and reading.rejected[j].label == tracks[i].label and reading.rejected[j].reason in HINTS
    }


def _moved(known: Scenery, since: Motion | None) -> list[Place]:
    """Return where the digits followed are now."""
    places = [track.place for track in known.tracks]
    if since is None or known.anchor is None:
        return places
    return carried(places, followed_by(undone(known.anchor.since), since))


def _anchored(
    before: Anchor | None, seen: Glimpse, since: Motion | None, tracks: Sequence[Track], settings: TrackSettings
) -> Anchor | None:
    """Return from where motion is measured next: from this frame, if it shows enough of what is followed."""
    known = [track for track in tracks if track.known] or tracks
    there = [track.place.box for track in known if track.is_seen]
    if there and len(there) >= settings.anchor * len(known):
        return Anchor(seen, find_corners(seen, there, settings.motion))
    return before if before is None or since is None else replace(before, since=since)
