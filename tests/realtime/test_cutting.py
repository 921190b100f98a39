from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.cutting import CutSettings, Cutting, best_path, cut, cuttings
from realtime.decode import DecodeSettings, Verdict
from realtime.ink import InkSettings, find_ink
from realtime.segment import Region, SegmentSettings, find_regions
from realtime.values import Box
from tests.realtime.drawing import draw, paper

SETTINGS, DECODING = CutSettings(), DecodeSettings()
NO_DIGIT = Verdict(0, 0, 0.1, "not a digit")


def region_of(page: NDArray[np.uint8]) -> Region:
    """Return the largest region of a page."""
    return max(find_regions(find_ink(page, InkSettings())[0], SegmentSettings()), key=lambda r: r.area)


def touching(gap: int = 0, slant: float = 0.0) -> tuple[NDArray[np.uint8], list[Box]]:
    """Return a page with 0, 4, 0 drawn so close that they touch, leaning by `slant` columns a row."""
    boxes = [Box(60 + i * (32 + gap), 60, 40, 64) for i in range(3)]
    page = paper(280, 190)
    for shape, box in zip("040", boxes, strict=True):
        page = draw(page, shape, box, width=4)
    lean = np.array([(1, -slant, slant * 92), (0, 1, 0)], np.float64)
    return np.asarray(cv2.warpAffine(page, lean, (280, 190), borderValue=(230,)), np.uint8), boxes


def row(label: int, probability: float) -> NDArray[np.float32]:
    answer = np.zeros(11, np.float32)
    answer[10], answer[label] = 1 - probability, probability
    return answer


@pytest.mark.parametrize("slant", [0.0, 0.35])
def test_among_the_ways_to_cut_are_the_right_ones(slant: float) -> None:
    page, boxes = touching(slant=slant)
    region = region_of(page)
    assert region.box.w > 90
    found = [piece.box for way in cuttings([NO_DIGIT], [region], SETTINGS) for piece in way.pieces]
    for box in boxes:
        middle = box.centre[0]
        near = [f for f in found if abs(f.centre[0] - middle) < 6 and abs(f.w - box.w) < 22]
        assert near, f"no piece like {box}"
    assert all(f.x >= region.box.x - 4 and f.right <= region.box.right + 4 for f in found)


def test_pieces_hold_all_the_ink_between_their_cuts() -> None:
    region = region_of(touching()[0])
    way = next(c for c in cuttings([NO_DIGIT], [region], SETTINGS))
    single = {span: piece for span, piece in zip(way.spans, way.pieces, strict=True) if span[1] == span[0] + 1}
    if len(single) == way.segments:
        assert sum(p.area for p in single.values()) == pytest.approx(region.area, rel=0.35)


def test_narrow_low_and_sure_regions_are_not_cut() -> None:
    wide = region_of(touching()[0])
    sure = Verdict(0, 0, 0.97)
    assert cuttings([sure], [wide], SETTINGS) == []
    narrow = replace(wide, box=wide.box._replace(w=20))
    assert cuttings([NO_DIGIT], [narrow], SETTINGS) == []
    digits = [replace(wide, box=Box(300, 0, 60, 200)), wide]
    assert cuttings([Verdict(0, 4, 0.99), replace(NO_DIGIT, region=1)], digits, SETTINGS) == []


BLANK = Region(Box(0, 0, 9, 9), np.zeros((11, 11), np.uint8), 9, -1, 0, 0, (False, False))


def cutting(spans: list[tuple[int, int]], segments: int) -> Cutting:
    return Cutting((0,), segments, tuple(spans), (BLANK,) * len(spans))


@pytest.mark.parametrize(
    ("scores", "path"),
    [
        ({(0, 1): 0.95, (1, 2): 0.9, (0, 2): 0.3}, [(0, 1), (1, 2)]),
        ({(0, 1): 0.95, (1, 2): 0.9, (0, 2): 0.99}, []),  # one piece: nothing to cut
        ({(0, 1): 0.95, (1, 3): 0.97, (1, 2): 0.8, (2, 3): 0.8, (0, 2): 0.2}, [(0, 1), (1, 3)]),
        ({(0, 1): 0.95, (1, 2): 0.1}, []),  # half of it is no digit
        ({(0, 1): 0.7, (1, 2): 0.7}, []),  # none of it is sure
        ({(0, 1): 0.99}, []),  # no way through
        ({}, []),
    ],
)
def test_best_path(scores: dict[tuple[int, int], float], path: list[tuple[int, int]]) -> None:
    way = cutting(list(scores), max((last for _, last in scores), default=1))
    assert [way.spans[k] for k in best_path(way, list(scores.values()), SETTINGS)] == path


def cut_one(answers: list[tuple[int, float]], sure: int) -> list[Verdict]:
    """Cut a region of three segments by the answers to its pieces, beside a number of sure digits."""
    way = cutting([(0, 1), (1, 2), (2, 3)], 3)
    regions = [BLANK] * (1 + sure) + list(way.pieces)
    rows = np.array([row(10, 0.9), *[row(5, 0.99)] * sure, *(row(*a) for a in answers)])
    verdicts = [NO_DIGIT, *(Verdict(1 + i, 5, 0.99) for i in range(sure))]
    return cut(verdicts, regions, rows, [way], 1 + sure, DECODING, SETTINGS)


def test_a_cut_replaces_the_region_by_its_digits() -> None:
    read = cut_one([(4, 0.95), (0, 0.9), (7, 0.85)], sure=2)
    assert sorted(v.label for v in read if not v.reason) == [0, 4, 5, 5, 7]
    assert not [v for v in read if v.reason]


def test_without_sure_digits_beside_it_a_cut_needs_more() -> None:
    assert [v.reason for v in cut_one([(4, 0.95), (0, 0.9), (7, 0.85)], sure=0)] == ["not a digit"]
    assert len(cut_one([(4, 0.99), (0, 0.98), (7, 0.97)], sure=0)) == 3


def test_what_was_read_of_half_a_region_gives_way_to_reading_all_of_it() -> None:
    both = region_of(touching()[0])
    half = replace(both, box=both.box._replace(w=40), parent=0, area=both.area // 3)
    verdicts = [Verdict(1, 0, 0.99)]
    cuts = cuttings(verdicts, [both, half], SETTINGS)
    assert {way.replaced for way in cuts} == {(1,)}
    bar = [Verdict(1, 1, 0.99)]
    assert cuttings(bar, [both, half], SETTINGS) == []  # a sign of which one stroke looks like a 1
    whole = replace(half, box=both.box)
    assert cuttings(verdicts, [both, whole], SETTINGS) == []
