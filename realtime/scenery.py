"""All that is known of one page while it is in view, and how a frame changes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from realtime.following import (
    FollowSettings,
    Track,
    born,
    is_shown,
    missed,
    seen_again,
    sightings,
    uncovered,
)
from realtime.grouping import Grouping, grown, lines_of
from realtime.matching import MatchSettings, assign, carried
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
from realtime.values import Reading
from realtime.votes import Lapse, lapse, mass_after


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
    mass: weight of all frames since the page came into view, see `Vote`.
    """

    time: float
    size: tuple[int, int]
    tracks: tuple[Track, ...] = ()
    anchor: Anchor | None = None
    grouping: Grouping = field(default_factory=Grouping)
    mass: float = 0.0

    @property
    def count(self) -> int:
        """How many digits were ever shown of it."""
        return sum(track.known for track in self.tracks)

    def shown(self, settings: FollowSettings) -> dict[int, Track]:
        """Return the tracks that are shown and in the picture, by their number."""
        w, h = self.size
        inside = (t for t in self.tracks if 0 <= t.place.x < w and 0 <= t.place.y < h)
        return {track.id: track for track in inside if is_shown(track, settings)}


def motion_to(known: Scenery, seen: Glimpse, settings: TrackSettings) -> Motion | None:
    """Return how a page moved since it was an anchor; None where it is not to be found in what is seen."""
    anchor = known.anchor
    return None if anchor is None else find_motion(anchor.seen, anchor.corners, seen, settings.motion)


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
    seconds = time - known.time
    passed = lapse(seconds, settings.follow.half_life)
    moved = _moved(known, since)
    shows = sightings(reading)
    matched = assign([t.place for t in moved], [s.place for s in shows], settings.match)
    mass = mass_after(known.mass, passed)
    met = {i: shows[j] for j, i in matched.items()}
    tracks = [
        seen_again(t, met[i], _share(t.presence, 1, known.mass, passed), passed, settings.follow)
        if i in met
        else missed(t, _share(t.presence, 0, known.mass, passed), seconds)
        for i, t in enumerate(moved)
    ]
    new = {j: first + n for n, j in enumerate(j for j in range(len(shows)) if j not in matched)}
    presence = passed.weight / mass if mass else 1.0
    tracks += [born(number, shows[j], presence, settings.follow) for j, number in new.items()]
    alive = uncovered([t for t in tracks if t.unseen <= settings.follow.memory], settings.follow)
    names = [new[j] if j in new else moved[matched[j]].id for j in range(len(shows))]
    grouping = grown(known.grouping, lines_of(reading, names), {t.id for t in alive}, passed)
    anchor = _anchored(known.anchor, seen, since, alive, settings)
    return Scenery(time, known.size, tuple(alive), anchor, grouping, mass)


def _share(before: float, value: float, mass: float, passed: Lapse) -> float:
    """Return a share of the time after one more frame."""
    after = mass_after(mass, passed)
    return before + (value - before) * passed.weight / after if after else before


def _moved(known: Scenery, since: Motion | None) -> list[Track]:
    if since is None or known.anchor is None:
        return list(known.tracks)
    step = followed_by(undone(known.anchor.since), since)
    return [replace(track, place=carried(track.place, step)) for track in known.tracks]


def _anchored(
    before: Anchor | None, seen: Glimpse, since: Motion | None, tracks: Sequence[Track], settings: TrackSettings
) -> Anchor | None:
    """Return from where motion is measured next: from this frame, if it shows enough of what is followed."""
    there = [track.place.box for track in tracks if track.is_seen]
    if there and len(there) >= settings.anchor * len(tracks):
        return Anchor(seen, find_corners(seen, there, settings.motion))
    return before if before is None or since is None else replace(before, since=since)
