r"""Real-time recurrent learning (RTRL): the same gradient, carried
forwards.

P(t) = ds(t)/dw says how every state depends on every weight, through all
the steps so far.

    P(t)      = ds(t)/ds(t-1) P(t-1) + ds(t)/dw                         (R1)
    dL(t)/dw  = (dy(t)/ds(t-1) P(t-1) + dy(t)/dw)^T dL(t)/dy(t)         (R2)

where ds(t)/dw and dy(t)/dw are those of the step alone. P(-1) = 0.

With n state numbers and p weights, P is n by p: memory does not grow with
the number of steps, and (R1) costs n^2 p multiplications a step, that is
n^4 where p is about n^2.

Source: Williams and Zipser (1989).
"""

import numpy as np

from lib import checks
from lib.gradients.losses import squared_error
from lib.gradients.pullbacks import pullback
from lib.gradients.through_time import step_weights
from lib.unrolling import sequences


def rtrl(
    cell,
    inputs,
    targets,
    weights=None,
    initial_states=None,
    loss=squared_error,
):
    """The loss along one sequence and its gradient, by (R1) and (R2).

    Arguments and result as `lib.gradients.bptt`, for a single sequence
    (steps, input_size).
    """
    value, gradient = 0.0, np.zeros(cell.parameter_count)
    for step in rtrl_steps(
        cell, inputs, targets, weights, initial_states, loss
    ):
        value_now, gradient_now, states = step
        value += value_now
        gradient += flat(gradient_now)
    return value, unflat(cell, gradient), states


def rtrl_steps(
    cell,
    inputs,
    targets,
    weights=None,
    initial_states=None,
    loss=squared_error,
):
    """(L(t), dL(t)/dw, s(t)) at every step as it comes, for learning
    online.

    The caller may change the cell's weights between steps; P then mixes old
    weights and new, an error that shrinks with the learning rate.
    """
    inputs = sequences("inputs", inputs, cell.input_size)
    if inputs.ndim != 2:
        raise ValueError(
            f"inputs: expected one sequence (steps, {cell.input_size}), got"
            " a batch"
        )
    targets = checks.array(
        "targets", targets, (len(inputs), cell.output_size)
    )
    weights = step_weights(weights, inputs)
    states = (
        cell.initial_states() if initial_states is None else initial_states
    )
    P = np.zeros((sum(cell.state_sizes), cell.parameter_count))
    for t, x in enumerate(inputs):
        output, new_states = cell.step(x, states)
        value, d_output = loss(
            output[None], targets[t : t + 1], weights[t : t + 1]
        )
        no_states = tuple(np.zeros_like(state) for state in states)
        _, d_before, d_weights = pullback(
            cell, x, states, d_output[0], no_states
        )
        gradient = (
            flat(d_weights, cell) + np.concatenate(d_before) @ P
        )  # (R2)
        J, D = step_jacobians(cell, x, states)
        P, states = J @ P + D, new_states  # (R1)
        yield value, unflat(cell, gradient), states


def step_jacobians(cell, x, states):
    """ds(t)/ds(t-1), (n, n), and ds(t)/dw, (n, p), of one step: one
    pullback a state number."""
    n, ends = sum(cell.state_sizes), np.cumsum(cell.state_sizes)[:-1]
    J, D = np.empty((n, n)), np.empty((n, cell.parameter_count))
    for k, unit in enumerate(np.eye(n)):
        d_states = tuple(np.split(unit, ends))
        _, d_before, d_weights = pullback(
            cell, x, states, np.zeros(cell.output_size), d_states
        )
        J[k], D[k] = np.concatenate(d_before), flat(d_weights, cell)
    return J, D


def flat(gradient, cell=None):
    """All numbers of a dict of weights as one vector, in the order of
    `cell.weights`."""
    names = gradient if cell is None else cell.weights
    return np.concatenate([gradient[name].ravel() for name in names])


def unflat(cell, vector):
    """The dict of weights that `flat` made `vector` of."""
    shapes = {name: weight.shape for name, weight in cell.weights.items()}
    ends = np.cumsum(
        [np.prod(shape, dtype=int) for shape in shapes.values()]
    )[:-1]
    parts = np.split(vector, ends)
    return {
        n: p.reshape(s)
        for (n, s), p in zip(shapes.items(), parts, strict=True)
    }
