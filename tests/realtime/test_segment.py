from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest

from realtime.ink import InkSettings, find_ink, measured
from realtime.segment import Region, SegmentSettings, find_regions
from realtime.values import Box
from tests.realtime.drawing import draw, paper, row_of

SETTINGS = SegmentSettings()


def regions_of(page: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> list[Region]:
    return find_regions(find_ink(page, InkSettings())[0], SETTINGS)


def overlap(a: Box, b: Box) -> float:
    w = min(a.right, b.right) - max(a.x, b.x)
    h = min(a.bottom, b.bottom) - max(a.y, b.y)
    common = max(0, w) * max(0, h)
    return common / (a.w * a.h + b.w * b.h - common)


@pytest.mark.parametrize("width", [2, 3, 6])
def test_each_shape_is_a_region_of_its_own(width: int) -> None:
    page, boxes = row_of("0247", width=width)
    roots = [r for r in regions_of(page) if r.parent < 0]
    assert len(roots) == 4
    for box, root in zip(boxes, sorted(roots, key=lambda r: r.box.x), strict=True):
        assert overlap(Box(box.x - width // 2, box.y - width // 2, box.w + width, box.h + width), root.box) > 0.6


def test_a_blank_page_has_no_regions() -> None:
    assert regions_of(paper(300, 200)) == []


def test_a_pale_line_through_the_ink_falls_away_at_a_higher_threshold() -> None:
    page, boxes = row_of("247")
    ruled = page.copy()
    for y in range(20, page.shape[0], 30):
        cv2.line(ruled, (0, y), (page.shape[1], y), 205, 1)
    found = regions_of(np.minimum(page, ruled))
    for box in boxes:
        assert max(overlap(box, r.box) for r in found) > 0.7


def test_parents_come_first_and_hold_their_children() -> None:
    page, _ = row_of("0247")
    page = draw(cv2.GaussianBlur(page, (0, 0), 2).astype(np.uint8), "1", Box(45, 45, 20, 60))
    regions = regions_of(page)
    assert any(r.parent >= 0 for r in regions)
    for i, region in enumerate(regions):
        if region.parent >= 0:
            outer = regions[region.parent].box
            assert region.parent < i
            assert outer.x <= region.box.x
            assert outer.y <= region.box.y
            assert region.box.right <= outer.right
            assert region.box.bottom <= outer.bottom


def test_a_crop_holds_only_its_own_ink_at_full_strength() -> None:
    page = draw(draw(paper(200, 120), "7", Box(40, 30, 40, 60), pen=120), "1", Box(70, 40, 30, 60), pen=120)
    seven = min((r for r in regions_of(page) if r.parent < 0), key=lambda r: r.box.x)
    assert seven.ink.max() == 255
    mine = cv2.connectedComponents((seven.ink > 0).astype(np.uint8))[0] - 1
    assert mine == 1


def test_clutter_is_high_inside_other_ink_and_nil_on_clean_paper() -> None:
    page = draw(paper(300, 120), "1", Box(40, 30, 25, 60))
    for x in range(180, 280, 8):
        cv2.line(page, (x, 20), (x, 100), 40, 3)
    roots = sorted((r for r in regions_of(page) if r.parent < 0), key=lambda r: r.box.x)
    assert roots[0].clutter < 0.05
    assert roots[5].clutter > 0.2


def test_the_edge_of_the_picture_is_noticed() -> None:
    page = draw(draw(paper(200, 120), "7", Box(60, 30, 40, 60)), "1", Box(-10, 30, 20, 60))
    found = regions_of(page)
    assert {r.edges for r in found if r.box.x > 20} == {(False, False)}
    assert {r.edges for r in found if r.box.x < 20} == {(True, False)}


def test_grain_raises_the_lowest_threshold() -> None:
    rng = np.random.default_rng(3)
    grain = np.clip(rng.normal(0, 40, (60, 80)), 0, 255).astype(np.uint8)
    grain = np.asarray(cv2.resize(grain, (320, 240)), np.uint8)
    quiet = find_regions(replace(measured(grain, 255 - grain), noise=40.0), SETTINGS)
    loud = find_regions(replace(measured(grain, 255 - grain), noise=0.0), SETTINGS)
    assert len(quiet) < len(loud)


def test_never_more_regions_than_asked_for() -> None:
    page = paper(800, 800)
    for x in range(10, 790, 14):
        for y in range(10, 790, 20):
            cv2.line(page, (x, y), (x, y + 12), 40, 2)
    few = SegmentSettings(levels=(0.2, 0.4), most=100)
    assert len(find_regions(find_ink(page, InkSettings())[0], few)) <= 200


@pytest.mark.parametrize("turned", [False, True], ids=["upright", "level"])
def test_the_sides_of_a_stroke_are_alike_and_those_of_an_edge_are_not(turned: bool) -> None:
    contrast = np.zeros((120, 200), np.uint8)
    contrast[30:90, 98:103] = 150
    stroke = np.full((120, 200), 220, np.uint8)
    stroke[contrast > 0] = 90
    shaded = stroke.copy()
    shaded[:, 103:] = np.where(contrast[:, 103:] > 0, 60, 160)  # a stroke beside a shadow is a stroke
    edge = np.full((120, 200), 220, np.uint8)
    edge[:, 100:] = 90
    flanks = []
    for gray in (stroke, shaded, edge):
        maps = [np.ascontiguousarray(m.T) if turned else m for m in (contrast, gray)]
        (region,) = find_regions(measured(maps[0], maps[1]), SegmentSettings(widest=20, min_height=4))
        flanks.append(region.flanks)
    assert flanks[0] < 0.2
    assert flanks[1] < 1.5
    assert flanks[2] > 10


def test_a_disc_is_told_from_a_written_nought_also_where_a_shadow_ends() -> None:
    disc, nought = (np.full((240, 320), 220, np.uint8) for _ in range(2))
    cv2.circle(disc, (160, 120), 75, 110, cv2.FILLED, cv2.LINE_AA)
    cv2.circle(nought, (160, 120), 75, 110, 8, cv2.LINE_AA)
    shaded = nought.copy()
    shaded[:, 160:] //= 2
    found = []
    for gray in (disc, nought, shaded):
        regions = find_regions(find_ink(gray, InkSettings())[0], SETTINGS)
        found.append([r.filled for r in regions if r.box.w > 140])
    assert min(found[0]) > 0.9
    assert max(found[1] + found[2]) < 0.3


def test_what_is_settled_is_not_looked_into() -> None:
    page = draw(draw(paper(260, 120), "7", Box(40, 30, 40, 60)), "4", Box(150, 30, 40, 60))
    page = np.minimum(page, draw(paper(260, 120), "7", Box(40, 30, 40, 60), pen=200, width=13))
    ink = find_ink(page, InkSettings())[0]
    every = find_regions(ink, SETTINGS)
    asked: list[int] = []

    def settle(regions: Sequence[Region], first: int) -> list[bool]:
        asked.extend(range(first, len(regions)))
        return [True] * (len(regions) - first)

    roots = find_regions(ink, SETTINGS, settle)
    assert asked == list(range(len(roots)))
    assert [r.box for r in roots] == [r.box for r in every if r.parent < 0]
    assert len(roots) < len(every)


@pytest.mark.parametrize("box", [Box(0, 0, 12, 30), Box(188, 90, 12, 30), Box(0, 90, 200, 30), Box(90, 40, 12, 30)])
def test_ink_is_framed_by_what_lies_beside_it_and_blank_beyond_the_picture(box: Box) -> None:
    contrast = np.full((120, 200), 10, np.uint8)
    contrast[box.y : box.bottom, box.x : box.right] = 200
    (region,) = find_regions(measured(contrast, 255 - contrast), SegmentSettings(levels=(0.4,), widest=20))
    assert region.ink.shape == (box.h + 2, box.w + 2)
    frame = np.pad(contrast, 1)[box.y : box.bottom + 2, box.x : box.right + 2]
    assert np.array_equal(region.ink, np.rint(frame * (255 / 200)))


def test_the_ink_map_is_not_written_to() -> None:
    ink = find_ink(row_of("0247")[0], InkSettings())[0]
    before = ink.contrast.copy()
    regions = find_regions(ink, SETTINGS, lambda regions, first: [i % 2 == 0 for i in range(first, len(regions))])
    assert len(regions) > 4
    assert np.array_equal(ink.contrast, before)


@pytest.mark.parametrize("left", [40, 41])
@pytest.mark.parametrize("top", [30, 31])
def test_regions_come_in_the_same_order_where_ink_is_at_the_corners_too(left: int, top: int) -> None:
    contrast = np.zeros((200, 300), np.uint8)
    for k in range(8):  # equally large, so that the order is that of the components
        x, y = left + 25 * k, top + (k + 1) % 2
        contrast[y : y + 20, x : x + 9] = 200
    cornered = contrast.copy()
    cornered[0, 0] = cornered[-1, -1] = 200
    alone, beside = (find_regions(measured(each, 255 - each), SETTINGS) for each in (contrast, cornered))
    assert len(alone) == 8
    assert [r.box for r in alone] == [r.box for r in beside]


def test_a_blank_map_has_no_regions() -> None:
    blank = np.zeros((50, 70), np.uint8)
    assert find_regions(measured(blank, 255 - blank), SETTINGS) == []
