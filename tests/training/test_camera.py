"""The camera: pictures in perspective whose truth follows the ink."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.values import Box
from training.camera import Desk, Pose, View, homography, on_desk, photograph, project, truth
from training.exposure import Light, compress, expose
from training.paper import Page, Sheet, WrittenLine, draw_page
from training.strokes import new_writer

SIZE = (640, 480)
STRAIGHT = View(SIZE, Pose((400, 300), 800), blur=0.0, noise=0.0, jpeg=None)
TILTED = View(SIZE, Pose((400, 300), 860, tilt=0.3, pan=-0.2, roll=0.15), blur=0.0, noise=0.0, jpeg=None)


def page(text: str = "4071", seed: int = 1) -> Page:
    rng = np.random.default_rng(seed)
    sheet = Sheet((800, 600), grain=0.0)
    return draw_page(sheet, [WrittenLine(text, new_writer(rng), "black marker", (120, 380), 150)], rng)


def clear(picture: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    """Return the picture with the box painted over."""
    rest = picture.copy()
    rest[box.y - 1 : box.bottom + 1, box.x - 1 : box.right + 1] = 255
    return rest


def test_a_camera_straight_above_only_scales() -> None:
    matrix = homography(page(), STRAIGHT)
    corners = project(np.array([(0.0, 0.0), (800.0, 0.0), (400.0, 300.0), (800.0, 600.0)]), matrix)
    assert corners == pytest.approx(np.array([(0, 0), (640, 0), (320, 240), (640, 480)]))


def test_a_camera_straight_above_at_the_pages_own_size_sees_the_page_itself() -> None:
    view = View((800, 600), Pose((400, 300), 800), blur=0.0, noise=0.0, jpeg=None)
    assert np.array_equal(photograph(page(), view, np.random.default_rng(0)).picture, page().picture)


def test_the_nearer_side_of_a_tilted_page_is_the_longer() -> None:
    top, bottom = (
        np.linalg.norm(np.diff(project(np.array([(0.0, y), (800.0, y)]), homography(page(), TILTED)), axis=0))
        for y in (0.0, 600.0)
    )
    assert bottom != pytest.approx(top, rel=0.05)


def test_boxes_go_through_a_known_warp() -> None:
    scene = page("1")
    half = np.diag([0.5, 0.25, 1.0])
    ((_, whole),) = truth(scene, np.eye(3))[0].digits
    ((label, small),) = truth(scene, half)[0].digits
    assert label == "1"
    assert (small.x, small.y, small.w, small.h) == pytest.approx(
        (whole.x / 2, whole.y / 4, whole.w / 2, whole.h / 4), abs=1.0
    )


@pytest.mark.parametrize("view", [STRAIGHT, TILTED], ids=["straight", "tilted"])
@pytest.mark.parametrize("seed", range(3))
def test_boxes_hold_all_the_ink_and_touch_it(view: View, seed: int) -> None:
    shot = photograph(
        on_desk(page(seed=seed), Desk((230, 235, 240), 0.0), np.random.default_rng(0)), view, np.random.default_rng(0)
    )
    rest = shot.picture
    for _, box in shot.lines[0].digits:
        inside = shot.picture[box.y : box.bottom, box.x : box.right].min(axis=2) < 120
        y, x = np.nonzero(inside)
        assert (x.min(), y.min(), x.max(), y.max()) == pytest.approx((0, 0, box.w - 1, box.h - 1), abs=2)
        rest = clear(rest, box)
    assert rest.min() >= 120


def test_truth_is_what_was_written() -> None:
    shot = photograph(page("20 7"), STRAIGHT, np.random.default_rng(0))
    assert [line.text for line in shot.lines] == ["20 7"]
    assert [label for label, _ in shot.lines[0].digits] == ["2", "0", "7"]


def test_a_page_without_digits_has_no_truth() -> None:
    assert photograph(page("NEAR"), STRAIGHT, np.random.default_rng(0)).lines == ()


def test_a_page_on_a_desk_keeps_its_places() -> None:
    rng = np.random.default_rng(0)
    alone, lying = page(), on_desk(page(), Desk(margin=100), rng)
    assert lying.picture.shape == (800, 1000, 3)
    assert np.array_equal(lying.picture[100:700, 100:900], alone.picture)
    assert truth(lying, homography(lying, TILTED)) == truth(alone, homography(alone, TILTED))


@pytest.mark.parametrize(
    "view",
    [
        View(
            SIZE,
            Pose((400, 300), 800),
            Light(0.7, (0.3, -0.2), 0.4, 1.2, 0.5),
            blur=1.5,
            motion=(4, -3),
            noise=8,
            jpeg=60,
        ),
        View(SIZE, Pose((400, 300), 2400), Light(1.3), jpeg=None),
        View((641, 479), Pose((100, 50), 300, roll=3.1), jpeg=30),
    ],
)
def test_no_exposure_changes_shape_or_kind(view: View) -> None:
    picture = photograph(page(), view, np.random.default_rng(0)).picture
    assert picture.shape == (view.size[1], view.size[0], 3)
    assert picture.dtype == np.uint8


def test_the_same_seed_takes_the_same_picture() -> None:
    view = View(SIZE, Pose((400, 300), 800))
    first, again, other = (photograph(page(), view, np.random.default_rng(seed)).picture for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_small_page_is_averaged_not_sampled() -> None:
    scene = page()
    far = photograph(
        scene, View(SIZE, Pose((400, 300), 3200), blur=0.0, noise=0.0, jpeg=None), np.random.default_rng(0)
    )
    (line,) = far.lines
    inks = [far.picture[b.y : b.bottom, b.x : b.right].min() for _, b in line.digits]
    assert max(inks) < 150


def test_light_falls_as_it_is_told() -> None:
    white, rng = np.full((120, 160, 3), 200, np.uint8), np.random.default_rng(0)
    even = expose(white, Light(), 0, rng)
    assert np.array_equal(even, white)
    falling = expose(white, Light(fall=(0.4, 0)), 0, rng)
    assert falling[60, 150].mean() > falling[60, 10].mean() + 50
    dim = expose(white, Light(vignette=0.5), 0, rng)
    assert dim[60, 80].mean() > dim[2, 2].mean() + 80
    warm = expose(white, Light(warmth=1.2), 0, rng)
    assert warm[0, 0, 2] > 200 > warm[0, 0, 0]
    shaded = expose(white, Light(shadow=0.5, shadow_edge=(0.5, 0.5, 0.0, 0.02)), 0, rng)
    assert shaded[60, 150].mean() == pytest.approx(100, abs=3)
    assert shaded[60, 10].mean() == pytest.approx(200, abs=3)


def test_noise_is_as_strong_as_told() -> None:
    grey = np.full((200, 200, 3), 128, np.uint8)
    assert expose(grey, Light(), 6.0, np.random.default_rng(0))[:, :, 1].std() == pytest.approx(6.5, abs=1)


def test_jpeg_changes_little_at_high_quality() -> None:
    picture = page().picture
    fine, coarse = (np.abs(compress(picture, q).astype(int) - picture).mean() for q in (95, 10))
    assert fine < 1.5
    assert coarse > fine
