r"""How a state depends on an earlier state: the product of Jacobians along
time.

    ds(t)/ds(t-k) = J(t) J(t-1) ... J(t-k+1),   J(t) = ds(t)/ds(t-1)    (J1)

Source: Pascanu, Mikolov and Bengio (2013).
"""

import numpy as np

from lib import checks
from lib.gradients.pullbacks import pullback
from lib.unrolling import sequences


def state_jacobians(cell, inputs, initial_states=None):
    """J(t) at every step of one sequence: (steps, n, n), with n =
    sum(cell.state_sizes)."""
    inputs = sequences("inputs", inputs, cell.input_size)
    if inputs.ndim != 2:
        raise ValueError(
            f"inputs: expected one sequence (steps, {cell.input_size}), got"
            " a batch"
        )
    states = cell.initial_states()
    if initial_states is not None:
        states = checks.states(
            "initial_states", initial_states, cell.state_sizes, ()
        )
    jacobians = []
    for x in inputs:
        jacobians.append(step_jacobian(cell, x, states))
        _, states = cell.step(x, states)
    return np.stack(jacobians)


def step_jacobian(cell, x, states):
    """ds(t)/ds(t-1) of one step, (n, n): one pullback of a batch, a
    sequence for each row."""
    ends = np.cumsum(cell.state_sizes)
    n = ends[-1]
    copies = tuple(np.tile(state, (n, 1)) for state in states)
    rows = tuple(np.split(np.eye(n), ends[:-1], axis=-1))
    no_output = np.zeros((n, cell.output_size))
    _, d_before, _ = pullback(
        cell, np.tile(x, (n, 1)), copies, no_output, rows
    )
    return np.concatenate(d_before, axis=-1)


def norms_over_lag(jacobians):
    """The spectral norm of ds(T)/ds(T-k) for k = 0 ... steps, T the last
    step, by (J1).

    jacobians  (steps, n, n), from `state_jacobians`
    returns    (steps + 1,); the first is 1, that of the identity
    """
    product, norms = np.eye(jacobians.shape[-1]), [1.0]
    for J in jacobians[::-1]:
        product = product @ J
        norms.append(np.linalg.norm(product, 2))
    return np.array(norms)
