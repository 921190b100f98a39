"""The steady order of followed digits: which number and which line each belongs to, by a vote on neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np

from realtime.values import Reading
from realtime.votes import Lapse, Vote, cast

SAME_NUMBER, SAME_LINE, NEXT_LINE = range(3)
"""How a digit follows another in reading order."""
Pair = tuple[int, int]


WON: Final = 0.7
"""Share of the vote that another way to follow needs to be shown: a gap about as wide as that between two numbers would
else open and close."""


@dataclass(frozen=True, eq=False, slots=True)
class Link:
    """How a digit follows another: the way that is shown, and the vote on it."""

    kind: int
    vote: Vote


@dataclass(frozen=True, eq=False, slots=True)
class Grouping:
    """What is known of how digits stand to each other; they are named by their tracks.

    order: all of them, in reading order.  links: of two that were neighbours.
    odds: share of the time in which frames showed another order.
    """

    order: tuple[int, ...] = ()
    links: Mapping[Pair, Link] = field(default_factory=dict)
    odds: float = 0.0


def lines_of(reading: Reading, tracks: Sequence[int]) -> list[list[list[int]]]:
    """Return the lines of numbers of a reading, with the tracks instead of the digits.

    tracks: of the digits, in reading order.
    """
    each = iter(tracks)
    return [[[next(each) for _ in number.digits] for number in line.numbers] for line in reading.lines]


def neighbours(lines: Sequence[Sequence[Sequence[int]]]) -> dict[Pair, int]:
    """Return how each digit follows the one before it."""
    starts = {line[0][0]: NEXT_LINE for line in lines} | {number[0]: SAME_LINE for line in lines for number in line[1:]}
    order = [track for line in lines for number in line for track in number]
    return {(a, b): starts.get(b, SAME_NUMBER) for a, b in pairwise(order)}


def grown(
    before: Grouping,
    lines: Sequence[Sequence[Sequence[int]]],
    alive: Set[int],
    passed: Lapse,
    fresh: Set[int] = frozenset(),
) -> Grouping:
    """Return the grouping after a frame that showed these lines.

    alive: the tracks that are followed, seen or not.  fresh: those that were never shown: they have no place yet, and
    are put where this frame has them.  An order that contradicts what is known has to be seen for most of the time
    before it is taken over.
    """
    seen = [track for line in lines for number in line for track in number]
    known = [track for track in before.order if track in alive and not (track in fresh and track in seen)]
    odds = before.odds * passed.decay + passed.weight * _is_at_odds(known, seen)
    order = merged(known, seen) if odds < 0.5 else merged(seen, known)
    links = {pair: link for pair, link in before.links.items() if pair[0] in alive and pair[1] in alive}
    for pair, kind in neighbours(lines).items():
        links[pair] = _confirmed(links.get(pair), kind, passed)
    return Grouping(tuple(order), links, odds if odds < 0.5 else 0.0)


def _confirmed(link: Link | None, kind: int, passed: Lapse) -> Link:
    """Return a link after a frame in which the second digit followed the first in one way."""
    said = np.eye(3)[kind]
    if link is None:
        return Link(kind, Vote(said))
    vote = cast(link.vote, said, passed)
    return Link(int(vote.mean.argmax()) if vote.mean.max() >= WON else link.kind, vote)


def _is_at_odds(known: Sequence[int], seen: Sequence[int]) -> bool:
    common = set(known) & set(seen)
    return [track for track in known if track in common] != [track for track in seen if track in common]


def merged(first: Sequence[int], second: Sequence[int]) -> list[int]:
    """Return the first order, and in it what only the second has: each right behind what it follows there."""
    order, had = list(first), set(first)
    for i, track in enumerate(second):
        if track not in had:
            order.insert(order.index(second[i - 1]) + 1 if i else 0, track)
    return order


def grouped(grouping: Grouping, shown: Set[int]) -> list[list[list[int]]]:
    """Return the lines of numbers of the tracks that are shown."""
    lines: list[list[list[int]]] = []
    gap, before, last = NEXT_LINE, -1, -1
    for track in grouping.order:
        gap = max(gap, _link(grouping.links, before, track))
        before = track
        if track not in shown:
            continue  # what stands on both its sides is as far apart as the wider of its gaps
        if (last, track) in grouping.links:
            gap = _link(grouping.links, last, track)
        if gap == NEXT_LINE or not lines:
            lines.append([[track]])
        elif gap == SAME_LINE:
            lines[-1].append([track])
        else:
            lines[-1][-1].append(track)
        gap, last = SAME_NUMBER, track
    return lines


UNKNOWN: Final = SAME_LINE
"""Two that were never seen side by side are taken for two numbers of one line."""


def _link(links: Mapping[Pair, Link], before: int, track: int) -> int:
    link = links.get((before, track))
    return UNKNOWN if link is None else link.kind
