"""The short-term memory cell: a layer of recurrent perceptrons."""

import numpy as np

from lib import checks
from lib.cells import initialisers
from lib.cells.base import Cell


class SimpleCell(Cell):
    r"""A recurrent layer, eq. (1) of the lecture.

        y(t) = f(W_x x(t) + W_y y(t-1) + b)                              (1)

    Its only state is its output, h(t) = y(t). Here x(t) and y(t) are
    columns; in a batch they are the rows of X and Y, and the same map reads
    Y(t) = f(X(t) W_x^T + Y(t-1) W_y^T + b).

    W_x  (units, inputs)  weights of the input
    W_y  (units, units)   weights of the fed-back output
    b    (units,)         bias
    f    elementwise activation, tanh unless another is given

    Raises TypeError or ValueError where a weight has the wrong shape, is
    not finite or not real.

    Source: Elman (1990), with the output taken as the context; Keras calls
    it SimpleRNN.
    """

    def __init__(self, W_x, W_y, b, f=np.tanh):
        self.hold({"W_x": W_x, "W_y": W_y, "b": b})
        self.f = f

    def step(self, x, states):
        """Eq. (1)."""
        (y,) = states
        y = self.f(x @ self.W_x.T + y @ self.W_y.T + self.b)
        return y, (y,)

    @staticmethod
    def weight_shapes(input_size, units):
        return {
            "W_x": (units, input_size),
            "W_y": (units, units),
            "b": (units,),
        }

    @classmethod
    def from_seed(
        cls, input_size, units, seed, f=np.tanh, dtype=np.float64
    ):
        """A fresh cell as Keras starts one: Glorot uniform W_x, orthogonal
        W_y, zero b."""
        inputs, units = (
            checks.count("input_size", input_size),
            checks.count("units", units),
        )
        rng = np.random.default_rng(seed)
        W_x = initialisers.glorot_uniform(rng, units, inputs)
        W_y = initialisers.orthogonal(rng, units, units)
        return cls(
            W_x.astype(dtype), W_y.astype(dtype), np.zeros(units, dtype), f
        )

    @classmethod
    def from_keras(cls, weights, f=np.tanh):
        """The cell of a `keras.layers.SimpleRNN`, from its
        `layer.get_weights()`.

        Keras holds the transposes: kernel (inputs, units) and
        recurrent_kernel (units, units), then bias (units,). Raises
        ValueError where there are not three arrays.
        """
        if len(weights) != 3:
            raise ValueError(
                "weights: expected [kernel, recurrent_kernel, bias], got"
                f" {len(weights)} array(s)"
            )
        kernel, recurrent_kernel, bias = (
            np.asarray(weight) for weight in weights
        )
        return cls(kernel.T, recurrent_kernel.T, bias, f)

    def to_keras(self):
        """[kernel, recurrent_kernel, bias], for a Keras layer's
        `set_weights`."""
        return [self.W_x.T, self.W_y.T, self.b]
