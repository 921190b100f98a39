"""A digit followed over frames: where it is, what the frames said it was, and whether it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.contract import LABELS
from realtime.layout import REASONS
from realtime.matching import Place, overlap, place_of
from realtime.values import Digit, Reading
from realtime.votes import Lapse, Vote, cast, lapse

_ROWS: Final = len(LABELS)
_BELIEFS: Final = _ROWS + 10
"""What is voted on stands in one array: 11 probabilities, 10 confidences, one for each reason for review."""


@dataclass(frozen=True, slots=True)
class FollowSettings:
    """When a digit is shown.

    half_life: seconds after which it counts half that a digit was seen.  votes: and what it was seen as.
    change: the same of a label that would take the place of the one shown.  held: share of the time that it must have
    been seen in to do so without leading the vote: a change that is held wins sooner than one doubted.
    show: share of the time a digit must have been seen to be shown.  keep: and to go on being shown while it is not.
    forget: below this a digit is as one never seen.
    first: what it is for the digits of a first frame.  hint: the most that ink which is hardly a digit counts for.
    doubt: share of the time that a reason for review must have held to hold.
    memory: seconds for which a digit that is not seen keeps its number, in case it comes back.
    hidden: share of a digit over which others must lie for it to be gone and not only unseen.
    """

    half_life: float = 0.35
    votes: float = 1.0
    change: float = 0.12
    held: float = 0.9
    first: float = 0.6
    show: float = 0.5
    keep: float = 0.3
    forget: float = 0.15
    hint: float = 0.5
    doubt: float = 0.3
    memory: float = 1.0
    hidden: float = 0.5


@dataclass(frozen=True, slots=True)
class Passage:
    """What the time since the frame before means for what is known: see `FollowSettings`."""

    seconds: float
    presence: Lapse
    votes: Lapse
    change: Lapse


def passage(seconds: float, settings: FollowSettings) -> Passage:
    """Return what a time means; 0 or more seconds."""
    return Passage(
        seconds,
        lapse(seconds, settings.half_life),
        lapse(seconds, settings.votes),
        lapse(seconds, settings.change, 1.0),
    )


@dataclass(frozen=True, eq=False, slots=True)
class Track:
    """One digit on the paper, followed.

    vote: on the probabilities of each label, the confidence in each digit, and each reason for review.
    presence: share of the time in which it was seen, the last counting most.  unseen: seconds since it was seen last.
    label: what it is shown as.  said: what the last frame that saw it said.  held: share of the time, the last counting
    most by far, that it said so.
    known: whether it was ever there for long enough to be shown.
    """

    id: int
    place: Place
    vote: Vote
    presence: float
    label: str
    said: str
    known: bool
    held: float = 0.0
    unseen: float = 0.0

    @property
    def is_seen(self) -> bool:
        """Whether the last frame saw it."""
        return self.unseen == 0


@dataclass(frozen=True, slots=True)
class Sighting:
    """A digit as one frame shows it, and the reasons for review of its number."""

    digit: Digit
    place: Place
    reasons: tuple[str, ...] = ()


def ballot(seen: Sighting) -> NDArray[np.float64]:
    """Return what one sighting says, (n,) float64 in 0..1: see `Track.vote`."""
    digit, said = seen.digit, np.zeros(_BELIEFS + len(REASONS))
    said[:_ROWS] = digit.probabilities
    said[_ROWS:_BELIEFS] = digit.probabilities[:10]
    said[_ROWS + int(digit.label)] = digit.confidence  # among neighbours a digit may be surer than by itself
    said[_BELIEFS:] = [reason in seen.reasons for reason in REASONS]
    return said


def born(number: int, seen: Sighting, presence: float, settings: FollowSettings) -> Track:
    """Return the track of a digit seen for the first time."""
    label = seen.digit.label
    return Track(number, seen.place, Vote(ballot(seen)), presence, label, label, presence >= settings.show)


def seen_again(track: Track, seen: Sighting, passed: Passage, settings: FollowSettings) -> Track:
    """Return the track after one more frame saw it.

    Another label is shown only when two frames that saw the digit said so one after the other, and it leads the vote or
    was held: one wrong frame changes nothing, however sure it is and however long it lasts.
    """
    said, same = seen.digit.label, seen.digit.label == track.said
    vote = cast(track.vote, ballot(seen), passed.votes)
    held = _share(track.held if same else 0.0, 1.0, passed.change)
    leads = said == str(int(vote.mean[_ROWS:_BELIEFS].argmax()))
    label = said if same and (leads or held >= settings.held) else track.label
    if label != track.label and not leads:
        vote = Vote(ballot(seen), passed.votes.weight)  # what was there before is no more
    presence = _share(track.presence, 1.0, passed.presence)
    known = track.known or presence >= settings.show
    return Track(track.id, seen.place, vote, presence, label, said, known, held)


def stays(track: Track, passed: Passage) -> Track:
    """Return the track of a digit that is seen after one more frame that shows the same as the one before.

    That it is there, and what it was said to be, held for longer; what it is has not been asked, so nothing is voted.
    """
    presence, held = _share(track.presence, 1.0, passed.presence), _share(track.held, 1.0, passed.change)
    return replace(track, presence=presence, held=held)


def missed(track: Track, place: Place, hint: float, passed: Passage, settings: FollowSettings) -> Track:
    """Return the track after a frame that did not see it.

    place: where it must be now.  hint: how like this digit the ink there is, 0..1.
    """
    presence = _share(track.presence, hint, passed.presence)
    known = track.known and presence >= settings.forget
    return replace(track, place=place, presence=presence, known=known, unseen=track.unseen + max(passed.seconds, 1e-9))


def _share(before: float, value: float, passed: Lapse) -> float:
    """Return a share of the time after one more frame."""
    return before * passed.decay + value * passed.weight


def is_shown(track: Track, settings: FollowSettings) -> bool:
    """Tell whether a digit is shown: when it is there and known, and while it is missed for a moment."""
    return track.known and (track.is_seen or track.presence >= settings.keep)


def uncovered(tracks: Sequence[Track], settings: FollowSettings) -> list[Track]:
    """Return the tracks without those that are not seen because others are where they were."""
    there = [track.place for track in tracks if track.is_seen and track.known]
    return [
        track
        for track in tracks
        if track.is_seen or not any(overlap(track.place, place) > settings.hidden for place in there)
    ]


def voted(track: Track) -> Digit:
    """Return the digit as the vote has it."""
    means = track.vote.mean.tolist()
    return Digit(track.place.box, track.label, means[_ROWS + int(track.label)], tuple(means[:_ROWS]), track.id)


def reasons(track: Track, settings: FollowSettings) -> set[str]:
    """Return the reasons for review that held for long enough to be told."""
    shares = track.vote.mean[_BELIEFS:].tolist()
    return {reason for reason, share in zip(REASONS, shares, strict=True) if share >= settings.doubt}


def sightings(reading: Reading) -> list[Sighting]:
    """Return what a frame shows, digit by digit in reading order."""
    return [
        Sighting(digit, place_of(digit.box), number.reasons) for number in reading.numbers for digit in number.digits
    ]
