"""An epoch: the same for the same seed, sets and classes in balance, everything through `normalize`."""

from __future__ import annotations

import numpy as np
import pytest

from models.contract import SIDE, normalize
from tests.training.sets import split
from training.data import REJECT, Inks, Split
from training.sampling import Mixture, epoch_images, held_images, pool_of

SETS = (split("mnist", 60, 20), split("unipen_digits", 30, 10, seed=1), split("neg_omniglot", 30, 10, seed=2))


def test_form_and_range() -> None:
    images, labels = epoch_images(SETS, 1, 0, 300)
    assert images.shape == (300, SIDE, SIDE)
    assert images.dtype == np.float32
    assert (images.min(), images.max()) == (0, 1)
    assert (labels >= 0).all()
    assert (labels <= REJECT).all()
    assert (images.reshape(300, -1).max(1) > 0).all()


def test_the_same_seed_and_epoch_give_the_same_images() -> None:
    first, again = epoch_images(SETS, 5, 2, 150), epoch_images(SETS, 5, 2, 150)
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])


@pytest.mark.parametrize(("seed", "epoch"), [(6, 2), (5, 3)])
def test_another_seed_or_epoch_gives_others(seed: int, epoch: int) -> None:
    assert (epoch_images(SETS, 5, 2, 50)[0] != epoch_images(SETS, seed, epoch, 50)[0]).any()


def test_a_longer_epoch_begins_like_a_shorter_one() -> None:
    np.testing.assert_array_equal(epoch_images(SETS, 1, 0, 40)[0], epoch_images(SETS, 1, 0, 90)[0][:40])


def test_every_image_has_been_normalized() -> None:
    images, _ = epoch_images(SETS, 3, 0, 100)
    for image in images:
        np.testing.assert_array_equal(normalize(np.round(image * 255).astype(np.uint8)), image)


def test_negatives_and_digits_have_their_shares() -> None:
    _, labels = epoch_images(SETS, 1, 0, 3000, Mixture(reject=0.25, bare_one=0))
    counts = np.bincount(labels, minlength=REJECT + 1)
    assert counts[REJECT] / 3000 == pytest.approx(0.25, abs=0.03)
    np.testing.assert_allclose(counts[:REJECT] / 3000, 0.075, atol=0.025)


def test_a_rare_class_is_drawn_as_often_as_a_common_one() -> None:
    mnist = split("mnist", 100, 0)
    common = np.isin(mnist.learn.labels, (1, 2)) | (np.arange(100) < 10)
    skewed = Split(mnist.source, mnist.learn.only(common), mnist.held)
    _, labels = epoch_images([skewed], 1, 0, 2000, Mixture(reject=0, bare_one=0))
    counts = np.bincount(labels, minlength=REJECT)
    assert counts[2] == pytest.approx(counts[7], rel=0.4)


def test_no_held_out_image_is_ever_drawn() -> None:
    learn = Inks(np.zeros((50, 28, 28), np.uint8), np.zeros(50, np.int64))
    learn.images[:, 10:18, 4:24] = 255  # lying bars are learned from, upright ones held out
    held = Inks(learn.images.transpose(0, 2, 1).copy(), learn.labels)
    images, _ = epoch_images([Split(SETS[0].source, learn, held)], 1, 0, 300, Mixture(reject=0, bare_one=0))
    wide = [np.ptp(np.nonzero(i)[1]) > np.ptp(np.nonzero(i)[0]) for i in images]
    assert np.mean(wide) > 0.97


def test_crops_have_their_share_and_come_as_they_are() -> None:
    images = np.zeros((30, 28, 28), np.uint8)
    images[:, 4:24, 12:16] = 201  # no other ink has this value and shape
    crops = Inks(images, np.array([3] * 10 + [REJECT] * 20))
    mixture = Mixture(crops=0.3, crops_reject=0.4, crops_bent=0)
    drawn, labels = epoch_images(SETS, 1, 0, 1500, mixture, crops)
    of_crops = (np.round(drawn * 255) == images[0]).all(axis=(1, 2))
    assert of_crops.mean() == pytest.approx(0.3, abs=0.04)
    assert (labels[of_crops] == REJECT).mean() == pytest.approx(0.4, abs=0.08)


def test_a_crop_is_bent_a_little_and_keeps_its_size_and_stroke() -> None:
    images = np.zeros((30, 28, 28), np.uint8)
    images[:, 4:24, 12:16] = 255
    crops = Inks(images, np.array([3] * 30))
    drawn, labels = epoch_images(SETS, 1, 0, 200, Mixture(crops=1, crops_reject=0, crops_bent=1), crops)
    assert set(labels) == {3}
    wide = [np.ptp(np.nonzero(image)[1]) for image in drawn]
    assert np.std(wide) > 0.5  # leaning and turned
    assert {np.ptp(np.nonzero(image)[0]) + 1 for image in drawn} == {20}
    assert np.median(drawn.sum(axis=(1, 2))) == pytest.approx(80, rel=0.1)
    half, _ = epoch_images(SETS, 1, 0, 400, Mixture(crops=1, crops_reject=0, crops_bent=0.5), crops)
    assert np.mean((half == images[0] / np.float32(255)).all(axis=(1, 2))) == pytest.approx(0.5, abs=0.1)


def test_held_out_ink_makes_a_pool_of_its_own() -> None:
    pool = pool_of(SETS, "digits", "held")
    assert pool is not None
    assert [len(inks) for inks in pool.sets] == [20, 10]
    assert pool_of(SETS[:1], "negatives") is None


def test_without_digits_there_is_nothing_to_draw() -> None:
    with pytest.raises(ValueError, match="no digits"):
        epoch_images([split("neg_omniglot", 5, 5)], 1, 0, 10)


def test_held_out_images_come_once_each() -> None:
    images, labels = held_images(SETS, 1, degraded=False)
    assert len(images) == len(labels) == 40
    np.testing.assert_array_equal(images[0], normalize(SETS[0].held.images[0]))
    assert (held_images(SETS, 1, degraded=True)[0] != images).any()
