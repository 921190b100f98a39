"""The network: a small convolutional one, quick on one thread of a CPU."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.contract import LABELS, NOT_A_DIGIT, SIDE

WIDTHS: Final = ((16, 1), (32, 2), (48, 1), (64, 2), (96, 1))
"""Filters and stride of each 3x3 convolution; strides instead of pooling halve the time of reading."""
PARAMETERS: Final = 112_059
"""Counted by hand: 3x3 kernels 144 + 4,608 + 13,824 + 27,648 + 55,296; batch norm 4 x 256; dense 864 x 11 + 11."""


def build(widths: tuple[tuple[int, int], ...] = WIDTHS) -> Any:
    """Return an untrained Keras model: (n, 28, 28, 1) float32 in 0..1, 1 is stroke, to (n, 11) probabilities."""
    import keras
    from keras import layers

    x = picture = keras.Input((SIDE, SIDE, 1), name="ink")
    for i, (filters, stride) in enumerate(widths):
        padding = "same" if i else "valid"
        x = layers.Conv2D(filters, 3, stride, padding, use_bias=False, kernel_initializer="he_normal")(x)
        x = layers.BatchNormalization(momentum=0.95)(x)
        x = layers.ReLU()(x)
    x = layers.Flatten()(layers.MaxPooling2D(2)(x))
    x = layers.Dropout(0.1, name="dropout")(x)
    network = keras.Model(picture, layers.Dense(len(LABELS), activation="softmax", name="labels")(x), name="digits")
    if widths == WIDTHS and network.count_params() != PARAMETERS:
        raise AssertionError(f"the network has {network.count_params()} parameters, not {PARAMETERS}")
    return network


def predict(network: Any, images: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the probabilities (n, 11) float32 of images (n, 28, 28) float32 in 0..1; n may be 0."""
    if len(images) == 0:
        return np.zeros((0, len(LABELS)), np.float32)
    return np.asarray(network.predict(images[..., None], batch_size=512, verbose=0), np.float32)


def cool(network: Any, temperature: float, shift: float = 0.0) -> None:
    """Divide the last layer's logits by `temperature` and add `shift` to that of "not a digit", in its weights."""
    last = network.get_layer("labels")
    kernel, bias = (weights / temperature for weights in last.get_weights())
    bias[LABELS.index(NOT_A_DIGIT)] += shift
    last.set_weights([kernel, bias])


def to_litert(network: Any) -> bytes:
    """Return the network as the bytes of a .tflite file, float32, whose batch can be of any size."""
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "network.tflite")
        network.export(str(path), format="litert", verbose=False)
        return path.read_bytes()
