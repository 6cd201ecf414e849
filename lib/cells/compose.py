"""Networks made of cells: an output apart from the state, layers on top of
each other, both directions of time."""

from collections.abc import Callable, Sequence
from typing import Self

import numpy as np

from lib import checks
from lib.cells import initialisers
from lib.cells.activations import identity
from lib.cells.base import Cell, network
from lib.checks import Array, ArrayLike, States

NO_STEP = (
    "{}: a network that reads in both directions has no single step;"
    " `unroll` runs it along the whole sequence"
)


class Readout(Cell):
    r"""A network whose output is not its state: a fully connected layer
    reads the inner output h(t).

        h(t), s(t) = cell(x(t), s(t-1))
        y(t) = f(W h(t) + b)

    Only s(t) goes on to the next step; y(t) leaves the network and is
    forgotten.

    cell  the inner network, which is not copied: `network.cell` is that
          very one
    W     (outputs, cell.output_size)
    b     (outputs,)
    f     elementwise activation, the identity unless another is given

    Raises TypeError or ValueError where `cell` is no network, f cannot be
    called, or a weight has the wrong shape, is not finite or not real.

    Source: Elman (1990).

    Explained in: d07-output-and-hidden-state
    """

    W: Array
    b: Array
    _parts = ("cell",)

    def __init__(
        self,
        cell: Cell,
        W: ArrayLike,
        b: ArrayLike,
        f: Callable[[Array], Array] = identity,
    ):
        self.cell = network("cell", cell)
        self.f = f
        W = checks.array("W", W, ("outputs", cell.output_size))
        b = checks.array("b", b, W.shape[:1])
        dtype = np.result_type(W, b)
        self.W, self.b = np.array(W, dtype), np.array(b, dtype)
        self.input_size, self.output_size = cell.input_size, len(b)
        self.state_sizes = cell.state_sizes

    @classmethod
    def from_seed(
        cls,
        cell: Cell,
        outputs: int,
        seed: int,
        *,
        f: Callable[[Array], Array] = identity,
    ) -> Self:
        """A fresh readout of `cell` as Keras starts a dense layer: Glorot
        uniform W, zero b, in the type of the cell's weights.

        The seed may be that of the cell: the numbers are others.

        Raises TypeError or ValueError naming the argument.

        Explained in: training-loop
        """
        units = network("cell", cell).output_size
        outputs = checks.count("outputs", outputs)
        rng = np.random.default_rng([checks.count("seed", seed, 0), 1])
        W = initialisers.glorot_uniform(rng, outputs, units)
        b = np.zeros(outputs)
        return cls(cell, W.astype(cell.dtype), b.astype(cell.dtype), f)

    def step(self, x: Array, states: States) -> tuple[Array, States]:
        """The two lines above."""
        h, states = self.cell.step(x, states)
        return self.read(h), states

    def read(self, h: Array) -> Array:
        """y(t) = f(W h(t) + b), for any number of steps at once."""
        return self.f(h @ self.W.T + self.b)

    @property
    def causal(self) -> bool:
        return self.cell.causal

    def _arrays(self) -> dict[str, Array]:
        return _named("cell", self.cell) | {"W": self.W, "b": self.b}


class Stack(Cell):
    """A deep recurrent network seen as one cell: each layer's output is the
    input of the next.

        y_0(t) = x(t)
        y_l(t), s_l(t) = cell_l(y_{l-1}(t), s_l(t-1))       l = 1 ... layers

    Its output is the top layer's; its states are those of all layers, the
    lowest first. `cells` are the very networks that it is given.

    Raises TypeError where a layer is no network, ValueError where there is
    none, one does not fit on the one below, or one stands there twice: two
    layers that share their weights would be one set of numbers counted
    twice; `copy.deepcopy` makes another.

    Explained in: d09-deep-rnn
    """

    _parts = ("cells",)

    def __init__(self, cells: Sequence[Cell]):
        if not isinstance(cells, Sequence):
            raise TypeError(
                "cells: expected a list of networks, got a"
                f" {type(cells).__name__}"
            )
        self.cells = tuple(cells)
        if not self.cells:
            raise ValueError("cells: expected at least one cell, got none")
        for k, cell in enumerate(self.cells):
            network(f"cells[{k}]", cell)
            below = self.cells[k - 1]
            if k and cell.input_size != below.output_size:
                raise ValueError(
                    f"cells[{k}]: expected a cell of"
                    f" {below.output_size} inputs, as many as"
                    f" cells[{k - 1}] has outputs, got one of"
                    f" {cell.input_size}"
                )
        _refuse_twice("cells", self.cells)
        self.input_size = self.cells[0].input_size
        self.output_size = self.cells[-1].output_size
        self.state_sizes = sum((c.state_sizes for c in self.cells), ())

    def step(self, x: Array, states: States) -> tuple[Array, States]:
        """The two lines above."""
        new_states: list[Array] = []
        for cell, own in zip(self.cells, self.split(states), strict=True):
            x, own = cell.step(x, own)
            new_states.extend(own)
        return x, tuple(new_states)

    def split(self, states: States) -> list[States]:
        """The states of each layer, from those of all in one tuple."""
        remaining = iter(states)
        return [
            tuple(next(remaining) for _ in cell.state_sizes)
            for cell in self.cells
        ]

    @property
    def causal(self) -> bool:
        return all(cell.causal for cell in self.cells)

    def _arrays(self) -> dict[str, Array]:
        named: dict[str, Array] = {}
        for k, cell in enumerate(self.cells):
            named |= _named(f"cells[{k}]", cell)
        return named


class Bidirectional(Cell):
    """Two networks that read the same sequence, one from each end.

        y(t) = [y_forward(t), y_backward(t)]

    The first half of y(t) knows x(0) ... x(t), the second half
    x(t) ... x(steps - 1). So there is no single step: `lib.unroll` runs the
    two along the whole sequence. Its states are those of `forward`, then
    those of `backward`.

    forward, backward  two networks of the same input_size, not copied

    Raises TypeError where one is no network, ValueError where they take
    different inputs or are the same object.

    Source: Schuster and Paliwal (1997).

    Explained in: both-directions
    """

    _parts = ("forward", "backward")

    def __init__(self, forward: Cell, backward: Cell):
        self.forward = network("forward", forward)
        self.backward = network("backward", backward)
        if forward.input_size != backward.input_size:
            raise ValueError(
                f"backward: expected a cell of {forward.input_size} inputs,"
                f" as many as forward has, got one of {backward.input_size}"
            )
        _refuse_twice("forward, backward", [forward, backward])
        self.input_size = forward.input_size
        self.output_size = forward.output_size + backward.output_size
        self.state_sizes = forward.state_sizes + backward.state_sizes

    def step(self, x: Array, states: States) -> tuple[Array, States]:
        """TypeError: there is no single step."""
        raise TypeError(NO_STEP.format(type(self).__name__))

    def split(self, states: States) -> tuple[States, States]:
        """The states of `forward` and those of `backward`."""
        count = len(self.forward.state_sizes)
        return states[:count], states[count:]

    @property
    def causal(self) -> bool:
        return False

    def _arrays(self) -> dict[str, Array]:
        forward = _named("forward", self.forward)
        return forward | _named("backward", self.backward)


def _named(prefix, part):
    return {f"{prefix}.{name}": w for name, w in part.weights.items()}


def _refuse_twice(name, networks):
    arrays = [w for n in networks for w in n.weights.values()]
    if len({id(array) for array in arrays}) < len(arrays):
        raise ValueError(
            f"{name}: expected networks with weights of their own, got one"
            " twice; copy.deepcopy makes another"
        )
