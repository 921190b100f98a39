"""A .tflite file on one thread of LiteRT, for input of any size it allows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.quiet import hushed


class Interpreter:
    """The content of a .tflite file with one input and one output; raises ValueError or RuntimeError if it is none."""

    def __init__(self, content: bytes) -> None:
        with hushed():  # of what LiteRT tells while it is opened
            from ai_edge_litert.interpreter import Interpreter as Net

            self._net: Any = Net(model_content=content, num_threads=1)
            self._net.allocate_tensors()
        self._input = self._net.get_input_details()[0]["index"]
        self._output = self._net.get_output_details()[0]["index"]
        self._shape: tuple[int, ...] = ()

    def __call__(self, given: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what it answers, float32; `given` may have another size from call to call, which costs little."""
        if given.shape != self._shape:
            self._net.resize_tensor_input(self._input, given.shape, strict=True)
            self._net.allocate_tensors()
            self._shape = given.shape
        self._net.set_tensor(self._input, given)
        self._net.invoke()
        return np.asarray(self._net.get_tensor(self._output), np.float32)
