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

from collections.abc import Iterator

import numpy as np

from lib.cells import Cell
from lib.checks import Array, ArrayLike, States
from lib.gradients.backward_step import _derivative
from lib.gradients.jacobians import _one_sequence, _step_jacobian
from lib.gradients.losses import squared_error
from lib.gradients.through_time import (
    Loss,
    _in_pieces,
    _like_weights,
)


def rtrl(
    network: Cell,
    inputs: ArrayLike,
    targets: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    initial_states: States | None = None,
    mask: ArrayLike | None = None,
    loss: Loss = squared_error,
) -> tuple[float, dict[str, Array], States]:
    """The loss along one sequence and its gradient, by (R1) and (R2).

    inputs, targets  one sequence, (steps, input_size) and
                     (steps, output_size)
    mask             (steps,): a padded step is skipped, its weight is 0
    loss             a sum over the steps
    the others       as in `lib.gradients.bptt`
    returns          (L, gradient, states): gradient a dict with the names
                     of `network.weights`, states the last

    Raises TypeError or ValueError naming the argument: as `bptt`, and for a
    batch, a network that reads in both directions, a weight other than 0 at
    a padded step, a loss that is the mean over a sequence.

    Explained in: learning-online
    """
    steps = rtrl_steps(
        network,
        inputs,
        targets,
        weights,
        initial_states=initial_states,
        mask=mask,
        loss=loss,
    )
    value, gradient, last = 0.0, 0.0, ()
    for value_now, gradient_now, states in steps:
        value, last = value + value_now, states
        gradient = gradient + _flat(gradient_now)
    return value, _unflat(network, gradient), last


def rtrl_steps(
    network: Cell,
    inputs: ArrayLike,
    targets: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    initial_states: States | None = None,
    mask: ArrayLike | None = None,
    loss: Loss = squared_error,
) -> Iterator[tuple[float, dict[str, Array], States]]:
    """(L(t), dL(t)/dw, s(t)) at every step as it comes, for learning
    online.

    The caller may change the network's weights between steps; P then mixes
    old weights and new, an error that shrinks with the learning rate. At a
    padded step L(t) and its gradient are 0.

    Arguments and errors as `rtrl`; they are checked at once, before the
    first step is asked for.

    Explained in: learning-online
    """
    _one_sequence(network, inputs, initial_states)
    problem = _in_pieces(
        network, inputs, targets, weights, initial_states, mask, loss
    )
    return _steps(network, problem)


def _steps(network, problem):
    inputs, states, mask, *_ = problem.reading
    shape = sum(network.state_sizes), network.parameter_count
    P = np.zeros(shape, inputs.dtype)
    for t, x in enumerate(inputs):
        if mask is not None and not mask[t]:
            yield 0.0, _unflat(network, np.zeros_like(P[0])), states
            continue
        now = slice(t, t + 1)
        output, new_states = network.step(x, states)
        value, d_output = problem._replace(
            targets=problem.targets[now], weights=problem.weights[now]
        ).loss_of(output[np.newaxis])
        no_states = tuple(np.zeros_like(state) for state in states)
        _, d_before, d_weights = _derivative(network)(
            network, x, states, d_output[0], no_states
        )
        gradient = (
            _flat(d_weights, network) + np.concatenate(d_before) @ P
        )  # (R2)
        J = _step_jacobian(network, x, states)
        D = _step_sensitivity(network, x, states)
        P, states = J @ P + D, new_states  # (R1)
        yield value, _unflat(network, gradient), states


def _step_sensitivity(network, x, states):
    """ds(t)/dw of one step, (n, p): one backward step for each number of
    the states."""
    ends, no_output = (
        np.cumsum(network.state_sizes),
        0 * network.step(x, states)[0],
    )
    rows = []
    for unit in np.eye(ends[-1], dtype=no_output.dtype):
        d_states = tuple(np.split(unit, ends[:-1]))
        _, _, d_weights = _derivative(network)(
            network, x, states, no_output, d_states
        )
        rows.append(_flat(d_weights, network))
    return np.stack(rows)


def _flat(gradient, network=None):
    """All numbers of a dict of weights as one vector, in the order of
    `network.weights`."""
    names = gradient if network is None else network.weights
    return np.concatenate([gradient[name].ravel() for name in names])


def _unflat(network, vector):
    """The dict of weights that `_flat` made `vector` of."""
    gradient, start = {}, 0
    for name, weight in network.weights.items():
        part = vector[start : start + weight.size]
        gradient[name] = part.reshape(weight.shape)
        start += weight.size
    return _like_weights(network, gradient)
