"""The row network: convolutions over a row of digits, one answer every four pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.contract import LABELS
from models.quiet import hushed
from models.rows import HEIGHT

PARAMETERS: Final = 425_051
"""Counted by hand: kernels 144 + 4,608 + 9,216 + 18,432 + 36,864 + 55,296 + 82,944 + 49,152 + 2 x 81,920; batch norm
4 x 784 ; the last 128 x 11 + 11."""


def build_rows() -> Any:
    """Return an untrained Keras model: (n, 32, w, 1) float32 in 0..1, 1 is stroke, to (n, w / 4, 11) logits.

    Every step sees 69 pixels of the row, about three digits; three short cuts (He et al. 2016, arXiv 1512.03385).
    """
    import keras
    from keras import layers

    picture = keras.Input((HEIGHT, None, 1), dtype="float32", name="rows")
    x = _convolved(picture, 16)
    x = _convolved(x, 32, stride=2)  # 16 high
    x = _convolved(x, 32, beside=x)
    x = _convolved(x, 64, stride=2)  # 8 high
    x = _convolved(x, 64, beside=x)
    x = _convolved(x, 96, stride=(2, 1))  # 4 high
    x = _convolved(x, 96, beside=x)
    x = _convolved(x, 128, (4, 1), padding="valid")
    for _ in range(2):
        x = _convolved(x, 128, (1, 5), beside=x)
    x = layers.Dropout(0.1, name="dropout")(x)
    x = layers.Conv2D(len(LABELS), 1, dtype="float32", name="labels")(x)
    network = keras.Model(picture, layers.Reshape((-1, len(LABELS)), dtype="float32")(x), name="rows")
    if network.count_params() != PARAMETERS:
        raise AssertionError(f"the network has {network.count_params()} parameters, not {PARAMETERS}")
    return network


def _convolved(
    x: Any,
    filters: int,
    size: int | tuple[int, int] = 3,
    stride: int | tuple[int, int] = 1,
    padding: str = "same",
    beside: Any = None,
) -> Any:
    """Return a convolution of x, normalized, with `beside` added, rectified."""
    from keras import layers

    x = layers.Conv2D(filters, size, stride, padding, use_bias=False, kernel_initializer="he_normal")(x)
    x = layers.BatchNormalization(momentum=0.97)(x)
    return layers.ReLU()(x if beside is None else layers.Add()([x, beside]))


def cool_rows(network: Any, temperature: float) -> None:
    """Divide the logits by `temperature` (Guo et al. 2017, arXiv 1706.04599), in the last layer's weights."""
    last = network.get_layer("labels")
    last.set_weights([weights / temperature for weights in last.get_weights()])


def rows_to_litert(network: Any, samples: Sequence[NDArray[np.float32]]) -> bytes:
    """Return the network with a softmax as the bytes of a .tflite file for rows of any width: convolutions in int8.

    samples: (HEIGHT, w, 1) float32 in 0..1 each, on which the reach of each layer's values is measured.
    """
    import tempfile
    import warnings

    import keras
    import tensorflow as tf

    picture = keras.Input((HEIGHT, None, 1), dtype="float32")
    whole = keras.Model(picture, keras.layers.Softmax(dtype="float32")(network(picture)))

    def given() -> Iterator[list[NDArray[np.float32]]]:
        return ([sample[None]] for sample in samples)

    with hushed(), redirect_stdout(None), warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")  # as in `training.network`
        whole.export(folder, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = given
        kept = tf.lite.experimental.QuantizationDebugOptions(denylisted_ops=["SOFTMAX"])
        quantizer = tf.lite.experimental.QuantizationDebugger(
            converter=converter, debug_dataset=given, debug_options=kept
        )
        return bytes(quantizer.get_nondebug_quantized_model())
