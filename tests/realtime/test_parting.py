from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from realtime.cutting import CutSettings
from realtime.decode import CLUTTERED, DecodeSettings, Verdict
from realtime.parting import PartSettings, find_blots, parted
from realtime.path import Blot, Candidate, best_path
from realtime.segment import Region
from realtime.values import Box, hull
from tests.realtime.touching import region_of, touching
from tests.realtime.verdicts import rows

CUTTING, SETTINGS, DECODING = CutSettings(), PartSettings(), DecodeSettings()
NO_DIGIT = Verdict(0, 0, 0.1, "not a digit")
PAGE, BOXES = touching()
WIDE = region_of(PAGE)
SHARES = [Box(box.x + 4, box.y, 32, box.h) for box in BOXES]
"""What each digit has of the columns when each column is one digit's."""


def blots(verdicts: list[Verdict], *regions: Region) -> list[Blot]:
    return find_blots(verdicts, regions, CUTTING, SETTINGS)


def test_wide_ink_that_is_no_digit_may_be_several() -> None:
    (blot,) = blots([NO_DIGIT], WIDE)
    assert blot.region == 0
    assert blot.pieces
    assert all(piece.box.w < WIDE.box.w for piece in blot.pieces)


def test_sure_narrow_and_low_ink_is_left_as_it_is() -> None:
    assert blots([Verdict(0, 0, 0.97)], replace(WIDE, box=WIDE.box._replace(w=60))) == []
    assert blots([NO_DIGIT], replace(WIDE, box=WIDE.box._replace(w=20))) == []
    tall = replace(WIDE, box=Box(300, 0, 60, 200))
    assert blots([Verdict(0, 4, 0.99), replace(NO_DIGIT, region=1)], tall, WIDE) == []
    assert blots([]) == []


def test_ink_much_paler_than_the_sure_digits_shows_through_and_is_left() -> None:
    sure = replace(WIDE, box=WIDE.box._replace(x=300, w=40))
    verdicts = [NO_DIGIT, Verdict(1, 4, 0.99)]
    assert len(blots(verdicts, WIDE, sure)) == 1
    assert blots(verdicts, replace(WIDE, contrast=0.4 * WIDE.contrast), sure) == []


def test_ink_of_which_only_a_part_was_read_may_be_several() -> None:
    half = replace(WIDE, box=WIDE.box._replace(w=40), parent=0, area=WIDE.area // 3)
    (blot,) = blots([Verdict(1, 0, 0.99)], WIDE, half)
    assert blot.region == 0
    assert 1 in blot.among
    assert blots([Verdict(1, 0, 0.99)], WIDE, replace(half, box=WIDE.box)) == []


def test_ink_is_cut_at_no_more_thresholds_than_asked() -> None:
    chain = [WIDE, *(replace(WIDE, parent=i) for i in range(4))]
    few, many = (find_blots([NO_DIGIT], chain, CUTTING, replace(SETTINGS, layers=n))[0].pieces for n in (1, 3))
    assert len(many) == 3 * len(few)


def candidate(
    left: int, right: int, score: float, ink: float | None = None, beside: float = 0.0, toll: float = 0.0
) -> Candidate:
    return Candidate(0, left, right, right - left if ink is None else ink, beside, score, toll)


@pytest.mark.parametrize(
    ("candidates", "path"),
    [
        ([(0, 10, 0.95), (10, 30, 0.9), (0, 30, 0.6)], [(0, 10), (10, 30)]),
        ([(0, 10, 0.8), (10, 30, 0.8), (0, 30, 0.95)], [(0, 30)]),
        ([(0, 10, 0.95), (10, 30, 0.97), (10, 20, 0.8), (20, 30, 0.8)], [(0, 10), (10, 30)]),
        ([(0, 10, 0.95), (20, 30, 0.95)], [(0, 10), (20, 30)]),  # what no digit takes is skipped
        ([(0, 12, 0.95), (10, 30, 0.95)], [(0, 12), (10, 30)]),  # they may overlap a little
        ([(0, 20, 0.95), (10, 30, 0.94)], [(0, 20)]),  # but not by half
        ([(0, 30, 0.3)], []),  # dearer than to skip it
        ([], []),
    ],
)
def test_the_path_takes_what_explains_most(
    candidates: list[tuple[int, int, float]], path: list[tuple[int, int]]
) -> None:
    found = best_path([candidate(*c) for c in candidates], np.ones(30, np.intp), 0.4, 3)
    assert [(c.left, c.right) for c in found] == path


def test_few_digits_explain_ink_better_than_many() -> None:
    halves, whole = [(0, 15, 0.95), (15, 30, 0.95)], (0, 30, 0.93)
    for toll, parts in ((0.0, 2), (1.0, 1)):
        found = best_path([candidate(*c, toll=toll) for c in (*halves, whole)], np.ones(30, np.intp), 0.4, 3)
        assert len(found) == parts


def test_what_a_digit_costs_more_does_not_make_its_neighbour_take_its_ink() -> None:
    thin, stroke = (candidate(0, right, 0.99, toll=1) for right in (2, 6))
    greedy, neighbour = candidate(2, 30, 0.98), candidate(6, 30, 0.99)
    assert best_path([thin, stroke, greedy, neighbour], np.ones(30, np.intp), 0.4, 0) == [stroke, neighbour]


def test_ink_above_and_below_a_candidate_is_not_explained() -> None:
    profile = np.full(20, 2, np.intp)
    low = [candidate(0, 20, 0.95, ink=20, beside=20)]
    both = [candidate(0, 20, 0.9, ink=40)]
    assert best_path(low + both, profile, 0.4, 2) == both


def part(answers: dict[Box, tuple[int, float]], sure: int = 2) -> list[Verdict]:
    """Part the three touching digits by what the pieces nearest to the given boxes are taken for."""
    beside = [replace(WIDE, box=WIDE.box._replace(x=200 + 60 * i, w=40)) for i in range(sure)]
    verdicts = [NO_DIGIT, *(Verdict(1 + i, 5, 0.99) for i in range(sure))]
    regions = [WIDE, *beside]
    found = find_blots(verdicts, regions, CUTTING, SETTINGS)
    pieces = [piece for blot in found for piece in blot.pieces]
    table = rows((10, 0.9), *[(5, 0.99)] * sure, *((10, 0.99) for _ in pieces))
    for box, answer in answers.items():
        k = min(range(len(pieces)), key=lambda k: _away(pieces[k].box, box))
        table[len(regions) + k] = rows(answer)[0]
    return parted(verdicts, [*regions, *pieces], table, found, len(regions), DECODING, SETTINGS)


def _away(box: Box, other: Box) -> int:
    return abs(box.x - other.x) + abs(box.right - other.right)


def answers(*given: tuple[int, float]) -> dict[Box, tuple[int, float]]:
    return dict(zip(SHARES, given, strict=True))


def test_a_way_to_part_replaces_the_ink_by_its_digits() -> None:
    read = part(answers((0, 0.95), (4, 0.9), (7, 0.85)))
    assert sorted(v.label for v in read) == [0, 4, 5, 5, 7]
    assert not [v for v in read if v.reason]
    assert {(v.label, v.blot) for v in read} == {(0, 0), (4, 0), (7, 0), (5, -1)}


@pytest.mark.parametrize(
    "given",
    [
        ((0, 0.95), (4, 0.9), (7, 0.2)),  # one of them is hardly a digit
        ((0, 0.4), (4, 0.4), (7, 0.4)),  # none of them is sure
        ((0, 0.95), (10, 0.9), (10, 0.9)),  # most of the ink is none
        ((1, 0.95), (1, 0.95), (1, 0.95)),  # an M
    ],
)
def test_a_poor_way_to_part_is_not_taken(given: tuple[tuple[int, float], ...]) -> None:
    read = part(answers(*given))
    assert [v for v in read if v.region == 0] == [NO_DIGIT]


def test_without_sure_digits_beside_it_a_way_must_be_better() -> None:
    doubtful, sure = ((0, 0.95), (4, 0.9), (7, 0.85)), ((0, 0.99), (4, 0.98), (7, 0.97))
    assert part(answers(*doubtful), sure=0) == [NO_DIGIT]
    assert len(part(answers(*doubtful), sure=1)) == 4
    assert len(part(answers(*sure), sure=0)) == 3


def test_a_ring_and_a_stroke_by_themselves_are_a_letter() -> None:
    """A d falls into 0 and 1; beside a sure digit it may be just that, and two other digits are no letter."""

    def both(left: int, right: int, sure: int) -> list[int]:
        given = {hull(SHARES[:2]): (left, 0.99), SHARES[2]: (right, 0.99)}
        return sorted(v.label for v in part(given, sure) if v.region > sure)

    assert both(0, 1, sure=0) == both(1, 6, sure=0) == []
    assert both(0, 1, sure=1) == [0, 1]
    assert both(0, 6, sure=0) == [0, 6]


def test_ink_that_was_parted_counts_as_sure_for_the_rest() -> None:
    """Two blots, no other digit: the second is parted once the first has made sure digits."""
    second = replace(WIDE, box=WIDE.box._replace(x=WIDE.box.x + 300))
    regions, verdicts = [WIDE, second], [NO_DIGIT, replace(NO_DIGIT, region=1)]
    found = find_blots(verdicts, regions, CUTTING, SETTINGS)
    pieces = [piece for blot in found for piece in blot.pieces]
    table = rows((10, 0.9), (10, 0.9), *((10, 0.99) for _ in pieces))
    for shift, certain in ((0, (0.99, 0.98, 0.97)), (300, (0.95, 0.9, 0.85))):
        for box, label, p in zip(SHARES, (0, 4, 7), certain, strict=True):
            at = box._replace(x=box.x + shift)
            table[2 + min(range(len(pieces)), key=lambda k: _away(pieces[k].box, at))] = rows((label, p))[0]
    read = parted(verdicts, [*regions, *pieces], table, found, 2, DECODING, SETTINGS)
    assert sorted(v.label for v in read if not v.reason) == [0, 0, 4, 4, 7, 7]


def test_a_one_among_pieces_counts_for_less() -> None:
    """The stem of a 4 and what is left of it look like a 1 and a 6; the whole looks a little less like a 4."""
    labels = {(0, 1): (0, 0.95), (1, 2): (1, 0.97), (2, 3): (7, 0.95), (1, 3): (4, 0.9)}
    given = {hull(SHARES[a:b]): answer for (a, b), answer in labels.items()}
    assert sorted(v.label for v in part(given)) == [0, 4, 5, 5]
    assert SETTINGS.one < 1


def test_what_lies_in_the_middle_of_other_digits_ink_is_not_refused_for_it() -> None:
    cluttered = replace(WIDE, clutter=0.5)
    table, found = rows((10, 0.9)), find_blots([NO_DIGIT], [cluttered], CUTTING, SETTINGS)
    pieces = found[0].pieces
    table = np.concatenate([table, rows(*((10, 0.99) for _ in pieces))])
    for box, label in zip(SHARES, (0, 4, 7), strict=True):
        table[1 + min(range(len(pieces)), key=lambda k: _away(pieces[k].box, box))] = rows((label, 0.98))[0]
    read = parted([NO_DIGIT], [cluttered, *pieces], table, found, 1, DECODING, SETTINGS)
    assert [v.reason for v in read] == ["", "", ""]
    assert CLUTTERED not in {v.reason for v in read}
