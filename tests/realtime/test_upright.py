from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.attempt import Attempt, judged
from realtime.ink import InkSettings, find_ink
from realtime.page import whole
from realtime.segment import Region, find_regions
from realtime.settings import THOROUGH
from realtime.upright import better_way_up, stands
from tests.realtime.drawing import row_of
from tests.realtime.verdicts import rows

VIEW = whole(row_of("2247")[0], 800)
INK = find_ink(VIEW.image, InkSettings())[0]
REGIONS = [r for r in find_regions(INK, THOROUGH.segment) if r.parent < 0]


def as_it_lies(*answers: tuple[int, float]) -> Attempt:
    return judged(VIEW, INK, REGIONS, rows(*answers), THOROUGH)


def quarters_turned(
    *ways: Sequence[tuple[int, float]], parted: Sequence[tuple[int, float]] | None = None
) -> int | None:
    """Return by how many quarters the page is turned, given the answers to its four regions each way.

    parted: the answers as it lies once touching ink is parted, if others.
    """
    loose = as_it_lies(*ways[0])

    def ask(regions: Sequence[Region]) -> NDArray[np.float32]:
        assert len(regions) == 12
        return rows(*ways[1], *ways[2], *ways[3])

    view = better_way_up(loose if parted is None else as_it_lies(*parted), loose, ask, THOROUGH)
    if view is None:
        return None
    across, down = np.rint(view.to_picture[:2, 0]).astype(int).tolist()
    return {(0, -1): 1, (-1, 0): 2, (0, 1): 3}[across, down]


NOTHING = [(10, 0.95)] * 4
SURE = [(2, 0.99), (2, 0.99), (4, 0.99), (7, 0.99)]


@pytest.mark.parametrize(("way", "quarters"), [(1, 1), (2, 2), (3, 3)])
def test_the_page_is_turned_to_where_its_ink_is_digits(way: int, quarters: int) -> None:
    ways = [NOTHING] * 4
    ways[way] = SURE
    assert quarters_turned(*ways) == quarters


@pytest.mark.parametrize(
    ("lies", "other"),
    [
        (SURE, SURE),  # no better
        ([(2, 0.99), (2, 0.99), (4, 0.99), (7, 0.85)], SURE),  # not enough better
        (NOTHING, [(2, 0.99), (10, 0.9), (10, 0.9), (10, 0.9)]),  # one digit among much that is none
        (NOTHING, [(0, 0.99), (1, 0.99), (8, 0.99), (0, 0.99)]),  # digits that look the same either way
    ],
)
def test_a_page_stays_as_it_lies_without_good_reason(
    lies: list[tuple[int, float]], other: list[tuple[int, float]]
) -> None:
    assert quarters_turned(lies, NOTHING, other, NOTHING) is None


def test_ink_that_is_no_digit_speaks_against_a_way_up() -> None:
    half = [(2, 0.99), (2, 0.99), (10, 0.9), (10, 0.9)]
    upside_down = [(9, 0.99), (10, 0.9), (10, 0.9), (10, 0.9)]
    assert quarters_turned(upside_down, NOTHING, SURE, NOTHING) == 2
    assert quarters_turned(NOTHING, NOTHING, half, NOTHING) is None


def test_digits_that_ink_falls_into_when_cut_speak_less_for_the_page_as_it_lies() -> None:
    assert quarters_turned(NOTHING, NOTHING, SURE, NOTHING, parted=[(2, 0.97), (5, 0.97), (7, 0.97), (0, 0.97)]) == 2
    touching = [(3, 0.99), (10, 0.9), (10, 0.9), (10, 0.9)]
    poor = [(4, 0.95), (7, 0.95), (10, 0.9), (10, 0.9)]
    assert quarters_turned(touching, NOTHING, poor, NOTHING, parted=SURE) is None


def test_a_page_stands_where_its_digits_have_a_way_up() -> None:
    assert stands(as_it_lies(*SURE), THOROUGH)
    assert not stands(as_it_lies((0, 0.99), (8, 0.99), (0, 0.99), (8, 0.99)), THOROUGH)
    assert not stands(as_it_lies(*NOTHING), THOROUGH)
