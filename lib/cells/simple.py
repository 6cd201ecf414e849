"""The short-term memory cell: a layer of recurrent perceptrons."""

from collections.abc import Callable
from typing import Self

import numpy as np
from numpy.typing import DTypeLike

from lib import checks
from lib.cells import initialisers
from lib.cells.base import (
    Cell,
    InputWeight,
    StateWeight,
    UnitWeight,
    generic_weights,
)
from lib.checks import Array, ArrayLike, States


class SimpleCell(Cell):
    r"""A recurrent layer, eq. (1) of the lecture; the field's vanilla RNN.

        y(t) = f(W_x x(t) + W_y y(t-1) + b)                              (1)

    Its only state is its output, h(t) = y(t). Here x(t) and y(t) are
    columns; in a batch they are the rows of X and Y, and the same map reads
    Y(t) = f(X(t) W_x^T + Y(t-1) W_y^T + b).

    W_x  (units, inputs)  weights of the input
    W_y  (units, units)   weights of the fed-back output
    b    (units,)         bias
    f    elementwise activation, tanh unless another is given

    Raises TypeError or ValueError where a weight has the wrong shape, is
    not finite or not real, or f cannot be called.

    Source: Elman (1990), with the output taken as the context; Keras calls
    it SimpleRNN.

    Explained in: d04-recurrent-layer
    """

    W_x: InputWeight
    W_y: StateWeight
    b: UnitWeight

    def __init__(
        self,
        W_x: ArrayLike,
        W_y: ArrayLike,
        b: ArrayLike,
        f: Callable[[Array], Array] = np.tanh,
    ):
        self.f = f
        self._start({"W_x": W_x, "W_y": W_y, "b": b})

    def step(self, x: Array, states: States) -> tuple[Array, States]:
        """Eq. (1)."""
        (y,) = states
        y = self.f(x @ self.W_x.T + y @ self.W_y.T + self.b)
        return y, (y,)

    @classmethod
    def from_seed(
        cls,
        input_size: int,
        units: int,
        seed: int,
        *,
        f: Callable[[Array], Array] = np.tanh,
        dtype: DTypeLike = np.float64,
    ) -> Self:
        """A fresh cell as Keras starts one: Glorot uniform W_x, orthogonal
        W_y, zero b. Errors as `checks.count` and `checks.floating`.

        Explained in: remedies
        """
        inputs = checks.count("input_size", input_size)
        units = checks.count("units", units)
        dtype = checks.floating("dtype", dtype)
        rng = checks.generator("seed", seed)
        W_x = initialisers.glorot_uniform(rng, units, inputs)
        W_y = initialisers.orthogonal(rng, units, units)
        b = np.zeros(units)
        return cls(W_x.astype(dtype), W_y.astype(dtype), b.astype(dtype), f)

    @classmethod
    def generic(
        cls,
        input_size: int,
        units: int,
        seed: int,
        *,
        f: Callable[[Array], Array] = np.tanh,
        scale: float = 1.0,
        dtype: DTypeLike = np.float64,
    ) -> Self:
        """A cell for checks: as `lib.cells.base.generic_weights`."""
        weights = generic_weights(
            cls, input_size, units, seed, scale=scale, dtype=dtype
        )
        return cls(**weights, f=f)
