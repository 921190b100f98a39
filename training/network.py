"""The network: a small convolutional one, quick on one thread of a CPU."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.contract import LABELS, NOT_A_DIGIT, SIDE
from models.quiet import hushed

PARAMETERS: Final = 257_915
"""Counted by hand: 3x3 kernels 144 + 4,608 + 13,824 + 20,736 + 41,472 + 2 x 82,944; batch norm 4 x 432; dense 864 x 11
+ 11."""
PARAMETERS_LARGE: Final = 3_502_923
"""Of the large one: 3x3 kernels 576 + 4 x 36,864 + 73,728 + 4 x 147,456 + 294,912 + 4 x 589,824; batch norm 4 x 2,240;
dense 2,560 x 11 + 11."""


def build(precision: str = "float32", large: bool = False) -> Any:
    """Return an untrained Keras model: (n, 28, 28, 1) float32 in 0..1, 1 is stroke, to (n, 11) probabilities.

    Strides instead of pooling halve the time of reading; two short cuts (He et al. 2016, arXiv 1512.03385) let seven
    layers learn as fast as five.

    precision: of the sums, "float32" or "bfloat16"; weights and answers are float32 either way.
    large: fifteen layers and 25 times the work, to teach the small one.
    """
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32" if precision == "float32" else f"mixed_{precision}")
    try:
        network = _built_large() if large else _built()
    finally:
        keras.config.set_dtype_policy(before)
    wanted = PARAMETERS_LARGE if large else PARAMETERS
    if network.count_params() != wanted:
        raise AssertionError(f"the network has {network.count_params()} parameters, not {wanted}")
    return network


def _built() -> Any:
    import keras
    from keras import layers

    picture = keras.Input((SIDE, SIDE, 1), dtype="float32", name="ink")
    x = _convolved(picture, 16, padding="valid")  # 26 x 26
    x = _convolved(x, 32, stride=2)  # 13 x 13
    x = _refined(_convolved(x, 48))
    x = _convolved(x, 96, stride=2)  # 7 x 7
    x = _refined(_convolved(x, 96))
    x = layers.Flatten()(layers.MaxPooling2D(2)(x))  # 3 x 3
    x = layers.Dropout(0.1, name="dropout")(x)
    answers = layers.Dense(len(LABELS), activation="softmax", dtype="float32", name="labels")(x)
    return keras.Model(picture, answers, name="digits")


def _built_large() -> Any:
    import keras
    from keras import layers

    picture = keras.Input((SIDE, SIDE, 1), dtype="float32", name="ink")
    x = _block(_block(_convolved(picture, 64)))
    for filters in (128, 256):  # 14 x 14, 7 x 7
        x = _block(_block(_convolved(x, filters, stride=2)))
    parts = layers.Flatten()(layers.AveragePooling2D(2)(x)), layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3, name="dropout")(layers.Concatenate()(parts))
    answers = layers.Dense(len(LABELS), activation="softmax", dtype="float32", name="labels")(x)
    return keras.Model(picture, answers, name="digits-large")


def _convolved(x: Any, filters: int, stride: int = 1, padding: str = "same", beside: Any = None) -> Any:
    """Return a 3x3 convolution of x, normalized, with `beside` added, rectified."""
    from keras import layers

    x = layers.Conv2D(filters, 3, stride, padding, use_bias=False, kernel_initializer="he_normal")(x)
    x = layers.BatchNormalization(momentum=0.95)(x)
    return layers.ReLU()(x if beside is None else layers.Add()([x, beside]))


def _refined(x: Any) -> Any:
    """Return one more convolution of x, with x added to it."""
    return _convolved(x, x.shape[-1], beside=x)


def _block(x: Any) -> Any:
    """Return two more convolutions of x, with x added to them."""
    return _convolved(_convolved(x, x.shape[-1]), x.shape[-1], beside=x)


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


def to_litert(network: Any, samples: NDArray[np.float32]) -> bytes:
    """Return the network as the bytes of a .tflite file whose batch can be of any size: its convolutions in int8.

    That takes a quarter of float32's time and space (Jacob et al. 2018, arXiv 1712.05877). The last layer and the
    softmax stay float32: a softmax in int8 knows no probability between 0 and 1/256.

    samples: (n, 28, 28) float32 in 0..1, ink as it is read; how far each layer's values reach is measured on them.
    """
    import tempfile
    import warnings

    import tensorflow as tf

    def shown() -> Iterator[list[NDArray[np.float32]]]:
        return ([sample[None, ..., None]] for sample in samples)

    with hushed(), redirect_stdout(None), warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")  # that tf.lite's interpreter, which measures here, will move to LiteRT
        network.export(folder, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = shown
        kept = tf.lite.experimental.QuantizationDebugOptions(denylisted_ops=["FULLY_CONNECTED", "SOFTMAX"])
        quantizer = tf.lite.experimental.QuantizationDebugger(
            converter=converter, debug_dataset=shown, debug_options=kept
        )
        return bytes(quantizer.get_nondebug_quantized_model())
