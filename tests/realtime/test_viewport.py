"""Where the window shows what: points go there and back, nothing is stretched, the whole picture fits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.values import Box
from realtime.viewport import GROUND, Viewport, placed, seen
from tests.realtime.making import picture, reading

sizes = st.tuples(st.integers(1, 4000), st.integers(1, 3000))
viewports = st.builds(
    Viewport,
    sizes,
    st.tuples(st.integers(1, 2000), st.integers(1, 1500)),
    st.floats(1, 16),
    st.tuples(st.floats(-1, 2), st.floats(-1, 2)),
    st.booleans(),
)


def test_the_whole_picture_is_fitted_in_the_middle() -> None:
    viewport = Viewport((640, 480), (1280, 720))
    assert viewport.scale == 1.5
    assert viewport.to_window(Box(0, 0, 640, 480)) == Box(160, 0, 960, 720)
    assert viewport.to_picture((160, 0)) == pytest.approx((0, 0))
    assert replace(viewport, mirror=True).to_window(Box(0, 0, 64, 48)) == Box(1120 - 96, 0, 96, 72)


@given(viewports, st.floats(-100, 4100), st.floats(-100, 3100))
@settings(deadline=None)
def test_points_go_there_and_back(viewport: Viewport, x: float, y: float) -> None:
    there = viewport.matrix @ (x, y, 1)
    assert viewport.to_picture((float(there[0]), float(there[1]))) == pytest.approx((x, y), abs=1e-6)


@given(viewports)
@settings(deadline=None)
def test_zoom_leaves_no_more_margin_than_the_whole_picture_has(viewport: Viewport) -> None:
    box = viewport.to_window(Box(0, 0, *viewport.picture))
    for start, length, window in ((box.x, box.w, viewport.window[0]), (box.y, box.h, viewport.window[1])):
        if length >= window:
            assert start <= 1
            assert start + length >= window - 1
        else:
            assert abs(2 * start + length - window) <= 2


@given(viewports, st.floats(1, 16), st.floats(0, 1), st.floats(0, 1))
@settings(deadline=None, max_examples=60)
def test_what_is_seen_is_as_large_as_the_window(viewport: Viewport, zoom: float, x: float, y: float) -> None:
    small = replace(viewport, picture=(viewport.picture[0] % 300 + 40, viewport.picture[1] % 300 + 40))
    near = small.zoomed(zoom, (x * small.window[0], y * small.window[1]))
    shown = seen(picture(200, small.picture[1], small.picture[0]), near)
    assert shown.shape == (small.window[1], small.window[0], 3)
    assert {tuple(pixel) for pixel in np.unique(shown.reshape(-1, 3), axis=0)} <= {GROUND, (200, 200, 200)}


def test_a_point_of_the_picture_is_seen_where_it_is_said_to_be() -> None:
    shown = picture(200, 300, 400)
    shown[120:124, 250:254] = 0
    for zoom, mirror in ((1.0, False), (4.0, False), (4.0, True)):
        viewport = Viewport((400, 300), (800, 600), zoom, (0.6, 0.4), mirror)
        at = viewport.to_window(Box(250, 120, 4, 4))
        rows, columns = np.nonzero(seen(shown, viewport).max(axis=2) < 60)
        assert abs(rows.mean() + 0.5 - at.centre[1]) < 1
        assert abs(columns.mean() + 0.5 - at.centre[0]) < 1


def test_what_is_seen_is_a_picture_of_its_own() -> None:
    own = picture(200, 30, 40)
    seen(own, Viewport((40, 30), (40, 30)))[:] = 0
    assert (own == 200).all()


def test_only_what_is_seen_of_a_reading_is_placed() -> None:
    read = reading("12", "34", size=(160, 120))
    whole = placed(read, Viewport((160, 120), (320, 240)))
    assert [n.text for n in whole.numbers] == ["12", "34"]
    assert whole.numbers[0].digits[0].box == Box(20, 20, 32, 48)
    assert len(whole.rejected) == 1
    upper = placed(read, Viewport((160, 120), (320, 240), 8.0, (0.1, 0.12)))
    assert [n.text for n in upper.numbers] == ["12"]
    assert upper.rejected == ()
    assert upper.size == (320, 240)
