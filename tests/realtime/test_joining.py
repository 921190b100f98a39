from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.decode import DecodeSettings, Verdict
from realtime.ink import InkSettings, find_ink
from realtime.joining import JoinSettings, joined, joinings
from realtime.segment import Region, SegmentSettings, find_regions
from realtime.values import Box
from tests.realtime.drawing import paper

SETTINGS, DECODING = JoinSettings(), DecodeSettings()
NO_DIGIT = Verdict(0, 0, 0.1, "not a digit")


def row(label: int, probability: float) -> NDArray[np.float32]:
    answer = np.zeros(11, np.float32)
    answer[10], answer[label] = 1 - probability, probability
    return answer


def broken_five() -> NDArray[np.uint8]:
    page = paper(160, 160)
    cv2.line(page, (60, 40), (100, 40), 40, 4, cv2.LINE_AA)
    cv2.polylines(page, [np.array([(60, 50), (58, 75), (95, 80), (98, 105), (60, 115)])], False, 40, 4, cv2.LINE_AA)
    return page


def test_two_pieces_of_a_digit_may_be_joined() -> None:
    regions = sorted(
        (
            r
            for r in find_regions(find_ink(broken_five(), InkSettings())[0], SegmentSettings(widest=12, min_height=5))
            if r.parent < 0
        ),
        key=lambda r: r.box.y,
    )
    assert len(regions) == 2
    verdicts = [NO_DIGIT, replace(NO_DIGIT, region=1)]
    (join,) = joinings(verdicts, regions, SETTINGS)
    assert join.union.box == Box(*cv2.boundingRect((broken_five() < 215).view(np.uint8)))
    drawn = (
        255
        - broken_five()[
            join.union.box.y - 1 : join.union.box.bottom + 1, join.union.box.x - 1 : join.union.box.right + 1
        ]
    )
    assert ((join.union.ink > 128) == (drawn > 120)).mean() > 0.97
    rows = np.array([row(10, 0.9), row(10, 0.9), row(5, 0.97)])
    (read,) = joined(verdicts, [*regions, join.union], rows, [join], 2, DECODING, SETTINGS)
    assert (read.label, read.reason) == (5, "")
    kept = joined(
        verdicts, [*regions, join.union], np.array([rows[0], rows[1], row(5, 0.5)]), [join], 2, DECODING, SETTINGS
    )
    assert [v.reason for v in kept] == ["not a digit"] * 2


def test_digits_far_apart_or_both_sure_are_not_joined() -> None:
    one = Region(Box(0, 0, 30, 40), np.full((42, 32), 255, np.uint8), 99, -1, 0, 0, (False, False))
    far, near = replace(one, box=Box(60, 0, 30, 40)), replace(one, box=Box(33, 0, 12, 40))
    assert joinings([NO_DIGIT, replace(NO_DIGIT, region=1)], [one, far], SETTINGS) == []
    assert joinings([Verdict(0, 3, 0.99), Verdict(1, 1, 0.99)], [one, near], SETTINGS) == []


@pytest.mark.parametrize(("score", "lower", "joined_up"), [(0.97, 60, True), (0.9, 60, False), (0.97, 90, False)])
def test_two_halves_that_look_like_digits_are_joined_if_the_line_is_as_high(
    score: float, lower: int, joined_up: bool
) -> None:
    def piece(y: int, h: int, x: int = 100) -> Region:
        return Region(Box(x, y, 30, h), np.full((h + 2, 32), 255, np.uint8), 30 * h, -1, 0, 0, (False, False))

    regions = [piece(100, 30), piece(132, lower - 32), piece(100, 62, 20)]
    verdicts = [Verdict(0, 1, 0.93), Verdict(1, 0, 0.91), Verdict(2, 4, 0.99)]
    pairs = joinings(verdicts, regions, SETTINGS)
    unions = [pair.union for pair in pairs]
    rows = np.array([row(1, 0.93), row(0, 0.91), row(4, 0.99), *[row(6, score)] * len(pairs)])
    read = joined(verdicts, [*regions, *unions], rows, pairs, 3, DECODING, SETTINGS)
    assert sorted(v.label for v in read) == ([4, 6] if joined_up else [0, 1, 4])
