"""Sheets of paper lying on something: found, all of them, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from realtime.sheets import PageSettings, find_sheets
from tests.realtime.table import CORNERS, PAGE, TABLES, on_table

SETTINGS = PageSettings()


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
def test_the_corners_of_a_sheet_are_found(table: tuple[int, int, int]) -> None:
    (found,) = find_sheets(on_table(CORNERS, table), SETTINGS)
    assert np.abs(found - CORNERS).max() < 10


def test_a_sheet_half_in_shadow_is_still_one_sheet() -> None:
    scene = on_table(CORNERS, TABLES["wood"]).astype(np.float32)
    scene[:, 380:] *= 0.5
    (found,) = find_sheets(scene.astype(np.uint8), SETTINGS)
    assert np.abs(found - CORNERS).max() < 14


def test_a_sheet_is_found_though_a_shadow_hides_a_part_of_its_rim() -> None:
    y, x = np.mgrid[:600, :800]
    shadow = np.clip(1.3 * np.exp(-(((x - 480) / 110) ** 2 + ((y - 420) / 90) ** 2)), 0, 1)[..., None]
    lit = on_table(CORNERS, TABLES["dark"]).astype(np.float32)
    picture = np.asarray(lit + shadow * (np.array(TABLES["dark"]) - lit), np.uint8)
    (found,) = find_sheets(picture, SETTINGS)
    assert np.abs(found - CORNERS).max() < 14
    assert find_sheets(picture, replace(SETTINGS, hidden=1.0)) == []


def test_paper_that_fills_the_picture_is_no_sheet() -> None:
    assert find_sheets(PAGE, SETTINGS) == []


def test_a_vignette_is_no_sheet() -> None:
    y, x = np.mgrid[-1:1:600j, -1:1:800j]
    light = (230 * (1 - 0.6 * np.clip(x**2 + y**2, 0, 1))).astype(np.uint8)
    assert find_sheets(light, SETTINGS) == []


@pytest.mark.parametrize("shape", [(1, 1), (1, 400, 3), (5, 5), (20, 300, 3)])
def test_tiny_pictures_have_no_sheet(shape: tuple[int, ...]) -> None:
    assert find_sheets(np.full(shape, 200, np.uint8), SETTINGS) == []


@pytest.mark.parametrize("sign", [1, -1], ids=["lighter", "darker"])
def test_a_sheet_may_be_lighter_or_darker_than_the_table(sign: int) -> None:
    table = np.full((600, 800), 140, np.uint8)
    cv2.fillPoly(table, [CORNERS.astype(np.int32)], 140 + sign * 70)
    (found,) = find_sheets(table, SETTINGS)
    assert np.abs(found - CORNERS).max() < 10


def test_a_shape_lighter_on_one_side_and_darker_on_the_other_is_no_sheet() -> None:
    ramp = np.tile(np.linspace(60, 220, 800).astype(np.uint8), (600, 1))
    cv2.rectangle(ramp, (250, 150), (550, 450), 140, -1)
    assert find_sheets(ramp, SETTINGS) == []


SEVERAL = (
    np.array([(60, 50), (330, 80), (310, 250), (40, 220)], np.float32),
    np.array([(450, 60), (740, 30), (760, 210), (470, 240)], np.float32),
    np.array([(240, 340), (560, 340), (560, 540), (240, 540)], np.float32),
)


def test_every_sheet_is_found_the_largest_first() -> None:
    scene = on_table(SEVERAL[0], TABLES["wood"])
    for corners in SEVERAL[1:]:
        scene = on_table(corners, scene)
    found = find_sheets(scene, SETTINGS)
    areas = [cv2.contourArea(corners) for corners in found]
    assert areas == sorted(areas, reverse=True)
    for corners in SEVERAL:
        assert min(np.abs(corners - other).max() for other in found) < 10
    assert len(found) == 3
    assert len(find_sheets(scene, PageSettings(most=2))) == 2


def test_a_sheet_that_lies_on_a_sheet_is_read_with_it() -> None:
    scene = on_table(CORNERS, TABLES["dark"])
    cv2.fillPoly(scene, [np.array([(300, 240), (450, 250), (440, 330), (290, 320)], np.int32)], (150, 160, 150))
    (found,) = find_sheets(scene, SETTINGS)
    assert np.abs(found - CORNERS).max() < 10


@pytest.mark.parametrize("least", [40, 400])
def test_what_is_too_small_to_write_on_is_no_sheet(least: int) -> None:
    assert bool(find_sheets(on_table(CORNERS, TABLES["dark"]), PageSettings(least=least))) is (least == 40)
