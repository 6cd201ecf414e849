r"""How a state depends on an earlier state: the product of Jacobians along
time.

    ds(t)/ds(t-k) = J(t) J(t-1) ... J(t-k+1),   J(t) = ds(t)/ds(t-1)    (J1)

and how fast it grows or fades in the long run.

Source: Pascanu, Mikolov and Bengio (2013).
"""

import math

import numpy as np

from lib import checks
from lib.cells import Cell
from lib.checks import Array, ArrayLike, States
from lib.gradients.backward_step import _derivative
from lib.gradients.through_time import _causal
from lib.unrolling import sequences


def state_jacobians(
    network: Cell, inputs: ArrayLike, initial_states: States | None = None
) -> Array:
    """J(t) at every step of one sequence.

    inputs          (steps, input_size)
    initial_states  s(-1), zeros unless given
    returns         (steps, n, n), with n = sum(network.state_sizes): row k
                    says how number k of s(t) depends on s(t-1)

    Raises TypeError or ValueError naming the argument; TypeError for a
    network that reads in both directions.

    Explained in: d11-the-short-term-memory-problem
    """
    inputs, states = _one_sequence(network, inputs, initial_states)
    jacobians = []
    for x in inputs:
        jacobians.append(_step_jacobian(network, x, states))
        _, states = network.step(x, states)
    return np.stack(jacobians)


def _step_jacobian(network, x, states):
    """ds(t)/ds(t-1) of one step, (n, n): one backward step of a batch, with
    a sequence for each row."""
    ends = np.cumsum(network.state_sizes)
    n, dtype = ends[-1], np.result_type(x, *states)
    copies = tuple(np.tile(state, (n, 1)) for state in states)
    rows = tuple(np.split(np.eye(n, dtype=dtype), ends[:-1], axis=-1))
    no_output = np.zeros((n, network.output_size), dtype)
    _, d_before, _ = _derivative(network)(
        network, np.tile(x, (n, 1)), copies, no_output, rows
    )
    return np.concatenate(d_before, axis=-1)


def _one_sequence(network, inputs, initial_states):
    """Checked inputs (steps, input_size) and s(-1), for methods that take
    no batch."""
    inputs = sequences("inputs", inputs, _causal(network).input_size)
    if inputs.ndim != 2:
        raise ValueError(
            f"inputs: expected one sequence (steps, {network.input_size}),"
            " got a batch"
        )
    if initial_states is None:
        return inputs, network.initial_states()
    return inputs, checks.states(
        "initial_states", initial_states, network.state_sizes, ()
    )


def norms_over_lag(jacobians: ArrayLike) -> Array:
    """The spectral norm of ds(T)/ds(T-k) for k = 0 ... steps, T the last
    step, by (J1).

    jacobians  (steps, n, n), from `state_jacobians`
    returns    (steps + 1,); the first is 1, that of the identity

    Raises TypeError or ValueError where they are nothing of the kind.

    Explained in: d11-the-short-term-memory-problem
    """
    jacobians = _square(jacobians)
    product, norms = np.eye(jacobians.shape[-1]), [1.0]
    for J in jacobians[::-1]:
        product = product @ J
        norms.append(float(np.linalg.norm(product, 2)))
    return np.array(norms)


def lyapunov_exponent(jacobians: ArrayLike, skip: int = 0) -> float:
    r"""The largest Lyapunov exponent of a product of Jacobians, as far as a
    finite product tells it: how much the logarithm of its spectral norm
    grows per step,

        lambda = 1 / (T - skip) ln(|J(T) ... J(1)| / |J(skip) ... J(1)|)

    In the long run the product grows or fades like exp(lambda k). Where all
    Jacobians are one matrix, exp(lambda) tends to its spectral radius.

    jacobians  (steps, n, n), from `state_jacobians`
    skip       how many first steps do not count, fewer than steps: they
               turn the product towards the direction that grows most
    returns    lambda, in units of 1 / step; -inf where the product is zero

    The product is rescaled at every step, so that it neither overflows nor
    underflows, however many steps there are.

    Raises TypeError or ValueError where they are nothing of the kind.

    Source: Benettin, Galgani, Giorgilli and Strelcyn (1980).

    Explained in: lyapunov-exponent
    """
    jacobians = _square(jacobians)
    steps, n, _ = jacobians.shape
    skip = checks.count("skip", skip, 0)
    if skip >= steps:
        raise ValueError(
            f"skip: expected fewer than the {steps} steps, got {skip}"
        )
    product, growth = np.eye(n), 0.0
    for t, J in enumerate(jacobians):
        product = J @ product
        factor = float(np.linalg.norm(product, 2))
        if factor == 0:
            return -math.inf
        product = product / factor
        if t >= skip:
            growth += math.log(factor)
    return growth / (steps - skip)


def _square(jacobians):
    """Checked Jacobians (steps, n, n)."""
    jacobians = checks.array("jacobians", jacobians, ("steps", "n", "n"))
    if jacobians.shape[1] != jacobians.shape[2]:
        raise ValueError(
            "jacobians: expected square matrices (steps, n, n), got"
            f" {jacobians.shape}"
        )
    return jacobians
