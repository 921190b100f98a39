"""The optimizer: Muon for the kernels of convolutions, AdamW for everything else.

Muon steps by the orthogonal matrix nearest to the momentum, so that every direction of a kernel is learned equally fast
(Jordan et al. 2024, https://kellerjordan.github.io/posts/muon; Liu et al. 2025, arXiv 2502.16982, for the size of the
steps). Keras has it for matrices; a kernel (h, w, in, out) is here the matrix (h * w * in, out).
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np

LEAST: Final = 100
"""Inputs an output needs for its kernel to be worth a matrix: the first layer's nine are not."""


@cache
def kernel_muon() -> Any:
    """Return the class, keras.optimizers.Muon for kernels of convolutions; files that hold it can then be opened."""
    import keras
    from keras import ops

    @keras.saving.register_keras_serializable("training")
    class KernelMuon(keras.optimizers.Muon):  # type: ignore[misc]  # keras tells no types
        def _should_use_adamw(self, variable: Any) -> bool:
            return len(variable.shape) != 4 or int(np.prod(variable.shape[:-1])) < LEAST

        def _muon_update_step(self, gradient: Any, variable: Any, lr: Any, m: Any) -> None:
            self.assign_add(m, ops.add(gradient, m * (self.momentum - 1)))
            ahead = ops.add(gradient, self.momentum * m)  # Nesterov's
            matrix = ops.reshape(ahead, (-1, variable.shape[-1]))
            step = self.lr_adjust(lr * self.zeropower_via_newtonschulz5(matrix, self.ns_steps))
            self.assign_sub(variable, ops.reshape(step, variable.shape))

    return KernelMuon


def optimizer(rate: Any, slower: float, decay: float) -> Any:
    """Return the optimizer.

    rate: learning rate of the kernels, a number or a schedule.  slower: that of all else over it.  decay: of kernels,
    a step, over the rate; a tenth of it of all else.
    """
    return kernel_muon()(rate, adam_lr_ratio=slower, weight_decay=decay, adam_weight_decay=decay / 10)
