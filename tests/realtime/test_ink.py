from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.ink import (
    RAISE,
    InkSettings,
    at_least,
    components,
    find_ink,
    quantile,
    quantiles,
    raised,
    shrunk,
)
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


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (7, 8), (40, 63), (41, 64)])
@pytest.mark.parametrize("share", [0.0, 0.2, 0.6, 1.0])
def test_components_are_measured_as_opencv_measures_them(shape: tuple[int, int], share: float) -> None:
    mask = np.asarray(np.where(np.random.default_rng(1).random(shape) < share, 255, 0), np.uint8)
    labels, stats = components(mask)
    _, expected, measures, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    assert len(stats) == len(measures)
    assert not stats[0].any()
    assert np.array_equal(labels > 0, mask > 0)
    assert sorted(map(tuple, stats[1:].tolist())) == sorted(map(tuple, measures[1:].tolist()))
    for label, (x, y, w, h, area) in list(enumerate(stats.tolist()))[1:]:
        assert (labels == label).sum() == area
        assert (labels[y : y + h, x : x + w] == label).sum() == area
        assert len(np.unique(expected[labels == label])) == 1


@pytest.mark.parametrize("times", [2, 3, 4])
@pytest.mark.parametrize("shape", [(48, 96), (50, 99), (48, 96, 3), (5, 4)])
def test_a_shrunk_image_is_one_reduced_by_areas(shape: tuple[int, ...], times: int) -> None:
    image = np.random.default_rng(2).integers(0, 256, shape, np.uint8)
    h, w = shape[0] // times, shape[1] // times
    whole = np.ascontiguousarray(image[: h * times, : w * times])
    assert np.array_equal(shrunk(image, times), cv2.resize(whole, (w, h), interpolation=cv2.INTER_AREA))


@pytest.mark.parametrize("shape", [(256,), (4, 1), (1, 4), (16, 16)])
def test_brightness_is_raised_up_to_the_brightest(shape: tuple[int, ...]) -> None:
    gray = np.resize(np.arange(256, dtype=np.uint8), shape)
    assert np.array_equal(raised(gray).reshape(shape), np.minimum(gray.astype(int) + RAISE, 255))


@pytest.mark.parametrize("least", [0, 0.5, 1, 7.0, 7.01, 254.5, 255, 300])
def test_what_is_not_less_is_in_the_mask(least: float) -> None:
    values = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert np.array_equal(at_least(values, least), values >= least)
    assert set(np.unique(at_least(values, least, 255))) <= {0, 255}


@pytest.mark.parametrize("count", [1, 10, 2_000, 2_001, 9_000])
def test_few_and_many_values_have_the_same_quantiles(count: int) -> None:
    values = np.random.default_rng(count).integers(0, 40, count, np.uint8)
    for share in (0.02, 0.5, 0.995, 1.0):
        expected = np.percentile(values, 100 * share, method="inverted_cdf")
        assert quantile(values, share) == expected
        assert quantiles(values, (share, 0.3))[0] == expected
