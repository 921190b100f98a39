"""The optimizer: kernels step by orthogonal matrices, everything else as AdamW has it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.slow

RATE, SLOWER = 0.01, 0.5


def stepped(shape: tuple[int, ...], gradient: Any) -> Any:
    """What one step takes from a variable of ones."""
    from training.muon import optimizer

    variable = keras.Variable(np.ones(shape, np.float32))
    optimizer(RATE, SLOWER, 0.0).apply([keras.ops.convert_to_tensor(gradient)], [variable])
    return 1 - keras.ops.convert_to_numpy(variable)


def test_a_kernel_steps_by_a_matrix_whose_directions_are_all_as_long() -> None:
    gradient = np.random.default_rng(1).normal(size=(3, 3, 32, 48)).astype(np.float32)
    gradient[..., :4] *= 100
    step = stepped(gradient.shape, gradient).reshape(-1, 48)
    lengths = np.linalg.svd(step, compute_uv=False)
    assert lengths.max() / lengths.min() < 2 < np.divide(*np.linalg.svd(gradient.reshape(-1, 48))[1][[0, -1]])
    assert np.median(lengths) == pytest.approx(RATE * 0.2 * np.sqrt(9 * 32), rel=0.3)
    assert (step * gradient.reshape(-1, 48)).sum() > 0


@pytest.mark.parametrize("shape", [(48,), (864, 11), (3, 3, 1, 16)])
def test_everything_else_steps_as_adamw_does(shape: tuple[int, ...]) -> None:
    gradient = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    variable = keras.Variable(np.ones(shape, np.float32))
    keras.optimizers.AdamW(RATE * SLOWER, weight_decay=0.0).apply([keras.ops.convert_to_tensor(gradient)], [variable])
    np.testing.assert_allclose(stepped(shape, gradient), 1 - keras.ops.convert_to_numpy(variable), atol=1e-5)
