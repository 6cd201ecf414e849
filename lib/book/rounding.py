"""How far two programs may differ that compute the same network, by rounding alone.

    from lib.book.rounding import tolerance

    assert np.all(abs(ours - theirs) <= tolerance(cell, inputs))

`tolerance(network, inputs, dtype=None, initial_states=None)` has the shape of the outputs. It is
twice `rounding_bound`, as each of the two programs may be off by that much. Both are right to first
order in u, the largest relative error of one rounding: 2^-24 in float32 and 2^-53 in float64.

The bound is made of two parts. One step adds to the error of the states no more than l(t), which
`Rounded` finds by running the equations of the cell on numbers that carry a bound with them. The
later steps carry this error on as they carry any small change of a state:

    |e(t)| <= sum over j = 0 ... t of |J(t) J(t-1) ... J(j+1)| l(j)

with the Jacobians of `lib.gradients.state_jacobians`.

Source: Higham (2002), sections 3.1 and 3.3.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import DTypeLike

from lib import checks
from lib.cells import Cell, Readout
from lib.cells.base import network as checked_network
from lib.checks import Array, ArrayLike, States
from lib.gradients import state_jacobians
from lib.unrolling import sequences, unroll

FUNCTION = 10  # roundings that one tanh or sigma may cost, in whichever program

__all__ = ["FUNCTION", "Rounded", "rounding_bound", "tolerance", "unit"]


def unit(dtype: DTypeLike) -> float:
    """u, the largest relative error of one rounding in this floating-point type."""
    return float(np.finfo(checks.floating("dtype", dtype)).eps) / 2


def tolerance(
    network: Cell,
    inputs: ArrayLike,
    dtype: DTypeLike | None = None,
    initial_states: States | None = None,
) -> Array:
    """How far two programs may differ in each output of `network`: twice `rounding_bound`."""
    return 2 * rounding_bound(network, inputs, dtype, initial_states)


def rounding_bound(
    network: Cell,
    inputs: ArrayLike,
    dtype: DTypeLike | None = None,
    initial_states: States | None = None,
) -> Array:
    """How far each output that a program computes may be from the exact one.

    network         a cell, a `Stack` of cells, or a `Readout` on top of either
    inputs          (steps, input_size) or (batch, steps, input_size), taken as exact
    dtype           in which the program computes; that of weights and inputs unless given
    initial_states  s(-1), taken as exact: arrays (size,) or (batch, size), zeros unless given
    returns         (steps, output_size) or (batch, steps, output_size), float64

    The order of a sum does not matter, nor whether products are rounded before they are added.

    Raises TypeError or ValueError naming the argument.
    """
    inputs = sequences("inputs", inputs, checked_network("network", network).input_size)
    if dtype is None:
        dtype = np.result_type(inputs, network.dtype)
    u = unit(dtype)
    exact = inputs.astype(np.float64)
    batch_shape = inputs.shape[:-2]
    if initial_states is not None:
        given = checks.states("initial_states", initial_states, network.state_sizes, batch_shape)
        states = tuple(state.astype(np.float64) for state in given)
    else:
        states = tuple(np.zeros((*batch_shape, size)) for size in network.state_sizes)
    if not batch_shape:
        return _bound(network, exact, states, u)
    rows = zip(exact, *states, strict=True)
    return np.stack([_bound(network, x, tuple(row), u) for x, *row in rows])


def _bound(network: Cell, inputs: Array, states: States, u: float) -> Array:
    """`rounding_bound` of one sequence."""
    if isinstance(network, Readout):
        h, _ = unroll(network.cell, inputs, states)
        below = Rounded(h, u, _bound(network.cell, inputs, states, u))
        return network.read(below).off
    jacobians = state_jacobians(network, inputs, states)
    n = sum(network.state_sizes)
    carried, added = np.zeros((0, n, n)), np.zeros((0, n))
    bounds = []
    for x, J in zip(inputs, jacobians, strict=True):
        output, new = network.step(Rounded(x, u), tuple(Rounded(s, u) for s in states))
        carried = np.concatenate([J @ carried, [np.eye(n)]])  # J(t) ... J(j+1) for each j
        added = np.concatenate([added, [np.concatenate([s.off for s in new])]])  # l(j)
        errors = np.einsum("jik,jk->i", abs(carried), added)
        bounds.append(np.split(errors, np.cumsum(network.state_sizes)[:-1])[_place(output, new)])
        states = tuple(s.value for s in new)
    return np.stack(bounds)


def _place(output: Any, states: Sequence[Any]) -> int:
    """Which of the states is the output."""
    for place, state in enumerate(states):
        if state is output:
            return place
    raise TypeError(
        "network: expected a cell, a Stack of cells or a Readout on top of either, whose output is"
        " one of its states, got another"
    )


class Rounded(NDArrayOperatorsMixin):
    """An array that carries a bound of its rounding error through an equation.

    value  the numbers as they are without rounding
    u      the largest relative error of one rounding
    error  what the terms of a sum bring along, (value.shape); zero unless given
    size   the sum of the terms' absolute values
    terms  how many terms there are, 1 for what is no sum
    off    how far a program's number may be from `value`. Whatever the order of the sum, a term
           goes through at most terms - 1 additions:

               off = error + (terms - 1) u size

    NumPy's operators, `tanh`, `exp` and `maximum` work as on arrays, so the equations of a cell
    run on it unchanged.
    """

    def __init__(
        self,
        value: ArrayLike,
        u: float,
        error: ArrayLike = 0.0,
        size: Array | None = None,
        terms: int = 1,
    ):
        self.value = np.asarray(value, np.float64)
        self.u = u
        self.error = np.broadcast_to(np.asarray(error, np.float64), self.value.shape)
        self.size = abs(self.value) if size is None else size
        self.terms = terms

    @property
    def off(self) -> Array:
        return self.error + (self.terms - 1) * self.u * self.size

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *arguments: Any, **settings: Any):
        rule = RULES.get(ufunc)
        if rule is None or method != "__call__" or settings:
            raise TypeError(f"Rounded: expected one of the operations it knows, got {ufunc!r}")
        return rule(
            self.u, *(a if isinstance(a, Rounded) else Rounded(a, self.u) for a in arguments)
        )


def _add(u, a, b):
    parts = (a.error + b.error, a.size + b.size, a.terms + b.terms)
    return Rounded(a.value + b.value, u, *parts)


def _negative(u, a):
    return Rounded(-a.value, u, a.error, a.size, a.terms)


def _subtract(u, a, b):
    return _add(u, a, _negative(u, b))


def _multiply(u, a, b):
    product = a.value * b.value
    return Rounded(product, u, abs(a.value) * b.off + abs(b.value) * a.off + u * abs(product))


def _matmul(u, a, b):
    size = abs(a.value) @ abs(b.value)
    error = a.off @ abs(b.value) + abs(a.value) @ b.off + u * size
    return Rounded(a.value @ b.value, u, error, size, a.value.shape[-1])


def _tanh(u, a):
    y = np.tanh(a.value)
    return Rounded(y, u, (1 - y**2) * a.off + FUNCTION * u)


def _exp(u, a):
    # Beyond 700 exp would overflow. It stands in sigma alone, which is 0 there in any case.
    y = np.exp(np.minimum(a.value, 700))
    return Rounded(y, u, y * a.off)


def _divide(u, a, b):
    # The quotient of sigma. Programs compute it in ways of their own, so a whole function is
    # allowed for.
    y = a.value / b.value
    return Rounded(y, u, (a.off + abs(y) * b.off) / abs(b.value) + FUNCTION * u)


def _maximum(u, a, b):
    return Rounded(np.maximum(a.value, b.value), u, np.maximum(a.off, b.off))


RULES: dict[np.ufunc, Callable[..., Rounded]] = {
    np.add: _add,
    np.negative: _negative,
    np.subtract: _subtract,
    np.multiply: _multiply,
    np.matmul: _matmul,
    np.tanh: _tanh,
    np.exp: _exp,
    np.true_divide: _divide,
    np.maximum: _maximum,
}
