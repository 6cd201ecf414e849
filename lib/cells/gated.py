"""What the cells with gates have in common: layers that read the input and
the state, and the inner values of a step."""

from typing import Self

import numpy as np
from numpy.typing import DTypeLike

from lib import checks
from lib.cells import initialisers
from lib.cells.base import Cell, generic_weights
from lib.checks import Array, ArrayLike, States


class GatedCell(Cell):
    """A cell made of a few fully connected layers that all read x(t) and
    h(t-1).

    Each layer l has the weights

        W_xl  (units, inputs)  of the input
        W_hl  (units, units)   of the short-term state
        b_l   (units,)         bias

    A kind of gated cell names its `layers` and, where a layer has more than
    one bias, its `biases`; it declares their weights, and writes its
    equations once, in `gates`.

    Explained in: d14-lstm-four-layers
    """

    layers: str
    biases: tuple[str, ...] = ("b_",)

    def __init__(self, **weights: ArrayLike):
        self._start(weights)

    def gates(self, x: Array, states: States) -> dict[str, Array]:
        """Every inner value of one step by its name in the equations.

        The bare equations, on arrays that have been checked; `step` hands
        on what they give.
        """
        raise NotImplementedError(f"{type(self).__name__} defines no gates")

    def step(self, x: Array, states: States) -> tuple[Array, States]:
        """The equations of `gates`: the output h(t) and the states."""
        values = self.gates(x, states)
        return values["h"], tuple(values[name] for name in self.state_names)

    @classmethod
    def from_seed(
        cls,
        input_size: int,
        units: int,
        seed: int,
        *,
        dtype: DTypeLike = np.float64,
    ) -> Self:
        """A fresh cell as Keras starts one: Glorot uniform W_x, orthogonal
        W_h, zeros elsewhere.

        As Keras does, it draws the W_x of all layers as one matrix
        (layers * units, inputs), and the W_h of all layers as one matrix
        (layers * units, units) with orthonormal columns.

        Errors as `checks.count` and `checks.floating`.

        Explained in: remedies
        """
        inputs = checks.count("input_size", input_size)
        units = checks.count("units", units)
        dtype = checks.floating("dtype", dtype)
        rng = checks.generator("seed", seed)
        count = len(cls.layers)
        W_x = initialisers.glorot_uniform(rng, count * units, inputs)
        W_h = initialisers.orthogonal(rng, count * units, units)
        weights = {
            name: np.zeros(shape)
            for name, shape in cls.weight_shapes(inputs, units).items()
        }
        for prefix, stacked in (("W_x", W_x), ("W_h", W_h)):
            for layer, W in zip(
                cls.layers, np.split(stacked, count), strict=True
            ):
                weights[prefix + layer] = W
        return cls(**{name: w.astype(dtype) for name, w in weights.items()})

    @classmethod
    def generic(
        cls,
        input_size: int,
        units: int,
        seed: int,
        *,
        scale: float = 1.0,
        dtype: DTypeLike = np.float64,
    ) -> Self:
        """A cell for checks: as `lib.cells.base.generic_weights`."""
        weights = generic_weights(
            cls, input_size, units, seed, scale=scale, dtype=dtype
        )
        return cls(**weights)
