from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from realtime.cutting import CutSettings, find_slant, pieces_of
from tests.realtime.touching import region_of, touching

SETTINGS = CutSettings()


@pytest.mark.parametrize("slant", [0.0, 0.35])
def test_among_the_pieces_are_the_right_ones(slant: float) -> None:
    page, boxes = touching(slant=slant)
    region = region_of(page)
    assert region.box.w > 90
    found = [p.box for lean in {0.0, find_slant(region.ink)} for p in pieces_of(region, 64, lean, SETTINGS)]
    for box in boxes:
        middle = box.centre[0]
        near = [f for f in found if abs(f.centre[0] - middle) < 6 and abs(f.w - box.w) < 22]
        assert near, f"no piece like {box}"
    assert all(f.x >= region.box.x - 4 and f.right <= region.box.right + 4 for f in found)


def test_pieces_are_no_wider_than_a_digit_and_no_scraps() -> None:
    region = region_of(touching()[0])
    pieces = pieces_of(region, 64, 0.0, SETTINGS)
    assert len(pieces) >= 3
    assert all(p.ink.shape[1] <= SETTINGS.widest * 64 + 1 for p in pieces)
    assert all(p.ink.shape[1] >= SETTINGS.thinnest * 64 for p in pieces)


def test_cuts_lie_where_there_is_least_ink() -> None:
    region = region_of(touching()[0])
    profile = (region.ink > 64).sum(axis=0)
    edges = {p.box.x - region.box.x for p in pieces_of(region, 64, 0.0, replace(SETTINGS, ridges=0))} - {0}
    assert edges
    assert np.mean([profile[x] for x in edges]) < profile.mean()


def test_rings_that_share_a_stroke_are_cut_through_it() -> None:
    page = np.full((140, 240), 230, np.uint8)
    for x in (60, 110):
        cv2.ellipse(page, (x, 70), (25, 34), 0, 0, 360, 40, 6)
    region = region_of(page)
    profile = (region.ink > 64).sum(axis=0)[1:]
    inner = slice(15, -15)  # without the strokes at the ends

    def highest(ridges: int) -> int:
        pieces = pieces_of(region, 68, 0.0, replace(SETTINGS, ridges=ridges))
        edges = {p.box.x - region.box.x for p in pieces}
        return max((int(profile[x]) for x in edges if x in range(region.box.w)[inner]), default=0)

    assert highest(SETTINGS.ridges) >= 0.85 * profile[inner].max()
    assert highest(0) < 0.8 * profile[inner].max()


@pytest.mark.parametrize("slant", [-0.2, 0.0, 0.3, 0.5])
def test_the_slant_of_strokes_is_found(slant: float) -> None:
    ink = np.zeros((60, 90), np.uint8)
    for x in (25, 50, 65):
        cv2.line(ink, (round(x + slant * 25), 5), (round(x - slant * 25), 55), 255, 3)
    assert find_slant(ink) == pytest.approx(slant, abs=0.11)
