from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.ink import InkSettings, find_ink
from tests.realtime.drawing import paper, row_of

SETTINGS = InkSettings()
PAGE, BOXES = row_of("0247")
INK = PAGE < 135


def gradient(page: NDArray[np.uint8], left: float, right: float) -> NDArray[np.uint8]:
    return np.asarray(page * np.linspace(left, right, page.shape[1]), np.uint8)


def agreement(contrast: NDArray[np.uint8]) -> float:
    """Return how much of ink found (half contrast) and ink drawn is common, 0..1."""
    found = contrast > 64
    return float((found & INK).sum() / (found | INK).sum())


@pytest.mark.parametrize(
    "page",
    [PAGE, gradient(PAGE, 1, 0.35), 255 - PAGE, PAGE // 4, cv2.cvtColor(PAGE, cv2.COLOR_GRAY2BGR)],
    ids=["plain", "gradient", "light on dark", "dark", "colour"],
)
def test_ink_is_found_whatever_the_light(page: NDArray[np.uint8]) -> None:
    assert max(agreement(ink.contrast) for ink in find_ink(page, SETTINGS)) > 0.8


def test_light_ink_is_looked_for_where_there_may_be_any() -> None:
    assert len(find_ink(PAGE, SETTINGS)) == 1
    assert len(find_ink(255 - PAGE, SETTINGS)) == 2


def test_a_hard_shadow_leaves_no_ink() -> None:
    page = paper(400, 300)
    page[:, 200:] //= 2
    assert find_ink(page, SETTINGS)[0].contrast.max() < 40


@pytest.mark.parametrize("shape", [(1, 1), (1, 200), (200, 1), (2, 3), (37, 53)])
@pytest.mark.parametrize("brightness", [0, 128, 255])
def test_blank_pictures_of_any_size_have_no_ink(shape: tuple[int, int], brightness: int) -> None:
    (ink,) = find_ink(np.full(shape, brightness, np.uint8), SETTINGS)
    assert ink.contrast.shape == shape
    assert ink.contrast.max() == 0


def test_noise_is_the_papers_grain() -> None:
    rng = np.random.default_rng(1)
    grainy = np.clip(paper(400, 300, 200) + rng.normal(0, 6, (300, 400)), 0, 255).astype(np.uint8)
    assert find_ink(grainy, SETTINGS)[0].noise == pytest.approx(6 * 255 / 200, rel=0.3)


def test_the_picture_is_not_written_to() -> None:
    before = PAGE.copy()
    find_ink(PAGE, SETTINGS)
    assert np.array_equal(PAGE, before)
