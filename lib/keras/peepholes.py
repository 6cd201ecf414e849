"""Keras layers for cells that Keras itself no longer has."""

from typing import Any

import numpy as np

from lib import checks
from lib.keras import keras

ops = keras.ops


@keras.saving.register_keras_serializable(package="lib")
class PeepholeLSTMCell(keras.layers.Layer):
    r"""One step of an LSTM with peephole connections, to be used in
    `keras.layers.RNN`.

        i(t) = sigma(W_xi x(t) + W_hi h(t-1) + p_i * c(t-1) + b_i)
        f(t) = sigma(W_xf x(t) + W_hf h(t-1) + p_f * c(t-1) + b_f)
        g(t) =  tanh(W_xg x(t) + W_hg h(t-1) + b_g)
        c(t) = f(t) * c(t-1) + i(t) * g(t)
        o(t) = sigma(W_xo x(t) + W_ho h(t-1) + p_o * c(t) + b_o)
        h(t) = o(t) * tanh(c(t))

    where * is the elementwise product. It starts as a `keras.layers.LSTM`
    starts, with zero peepholes, and so gives the same numbers until it has
    learned.

    kernel            (inputs, 4 * units)  the transposes of W_xi, W_xf,
                      W_xg, W_xo, side by side
    recurrent_kernel  (units, 4 * units)   of W_hi, W_hf, W_hg, W_ho
    bias              (4 * units,)         b_i, b_f, b_g, b_o
    peepholes         (3, units)           p_i, p_f, p_o

    `lib.conventions` converts it both ways. Keras knows it by name once
    this module is imported, so that a model with it can be copied, saved
    and loaded.

    Raises ValueError where `units` is no whole number of at least 1.

    Source: Gers and Schmidhuber (2000).

    Explained in: d17-peephole-connections
    """

    def __init__(self, units: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.units = checks.count("units", units)
        self.output_size = self.units
        self.state_size = [self.units, self.units]

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights, for inputs (..., inputs)."""
        inputs, units = input_shape[-1], self.units
        self.kernel = self.add_weight(
            name="kernel",
            shape=(inputs, 4 * units),
            initializer="glorot_uniform",
        )
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel",
            shape=(units, 4 * units),
            initializer="orthogonal",
        )
        self.bias = self.add_weight(
            name="bias", shape=(4 * units,), initializer=forget_bias_of_one
        )
        self.peepholes = self.add_weight(
            name="peepholes", shape=(3, units), initializer="zeros"
        )

    def call(self, x: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        """The equations above: h(t), and the new states [h(t), c(t)]."""
        h, c = states
        sums = (
            ops.matmul(x, self.kernel)
            + ops.matmul(h, self.recurrent_kernel)
            + self.bias
        )
        i, f, g, o = ops.split(sums, 4, axis=-1)
        p_i, p_f, p_o = ops.unstack(self.peepholes)
        i = ops.sigmoid(i + p_i * c)
        f = ops.sigmoid(f + p_f * c)
        c = f * c + i * ops.tanh(g)
        o = ops.sigmoid(o + p_o * c)
        h = o * ops.tanh(c)
        return h, [h, c]

    def get_config(self) -> dict[str, Any]:
        """What Keras saves beside the weights: the number of units."""
        return {**super().get_config(), "units": self.units}


def forget_bias_of_one(shape: tuple[int], dtype: Any = None) -> Any:
    """The bias of a fresh LSTM (4 * units,): one for the forget gate, the
    second of four blocks, else zero.

    Explained in: conventions-start
    """
    (size,) = shape
    bias = np.zeros(size)
    bias[size // 4 : size // 2] = 1
    return ops.convert_to_tensor(bias, dtype)
