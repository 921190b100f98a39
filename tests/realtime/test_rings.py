from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.classifier import load_classifier
from realtime.cutting import CutSettings, pieces_of
from realtime.reader import Reader
from realtime.rings import rings_of
from realtime.values import Box
from tests.realtime.drawing import draw, paper
from tests.realtime.touching import region_of


def chain(count: int = 3, wide: int = 16) -> NDArray[np.uint8]:
    """Return the ink of 0s in a row, joined by a stroke that runs along their tops."""
    ink = np.zeros((80, 60 + 40 * count), np.uint8)
    for i in range(count):
        cv2.ellipse(ink, (40 + 40 * i, 40), (wide, 24), 0, 0, 360, 255, 4)
    cv2.line(ink, (40, 16), (40 * count, 20), 255, 4)
    return ink


@pytest.mark.parametrize("count", [1, 2, 4])
def test_each_ring_of_a_chain_stands_alone(count: int) -> None:
    ink = chain(count)
    rings = sorted((cv2.boundingRect(ring) for ring in rings_of(ink, 20, 8, 1.2)), key=lambda box: box[0])
    assert len(rings) == count
    for i, (x, _, w, h) in enumerate(rings):
        assert x + w / 2 == pytest.approx(40 + 40 * i, abs=3)
        assert w == pytest.approx(2 * 16 + 4, abs=5)
        assert h == pytest.approx(2 * 24 + 4, abs=5)
    assert all((ring <= ink).all() and ring.shape == ink.shape for ring in rings_of(ink, 20, 8, 1.2))


def test_small_holes_and_open_rings_are_none() -> None:
    assert rings_of(chain(3), 60, 8, 1.2) == []
    assert rings_of(chain(3), 20, 40, 1.2) == []
    gap = chain(1)
    gap[30:50, 15:35] = 0
    assert rings_of(gap, 20, 8, 1.2) == []
    assert rings_of(np.zeros((5, 5), np.uint8), 0, 0, 1.2) == []


def test_rings_are_among_the_pieces_where_no_cut_makes_them() -> None:
    page = np.asarray(230 - 0.75 * np.pad(chain(3, wide=19), 20), np.uint8)
    region = region_of(page)
    found = [piece.box for piece in pieces_of(region, 52, 0.0, CutSettings(cuts=0, ridges=0)) if piece.box.w < 60]
    assert len(found) == 3
    assert all(box.w == pytest.approx(42, abs=5) for box in found)


def test_noughts_written_in_one_stroke_are_all_read() -> None:
    page = paper(400, 150)
    page = draw(page, "2", Box(30, 40, 36, 56), width=4)
    for i in range(4):
        cv2.ellipse(page, (110 + 36 * i, 70), (20, 25), 0, 0, 360, 40, 4, cv2.LINE_AA)
    cv2.line(page, (110, 46), (218, 52), 40, 3, cv2.LINE_AA)
    assert Reader(load_classifier()).read(page).text.replace(" ", "") == "20000"
