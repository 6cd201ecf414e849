r"""Backpropagation through time (BPTT), full and truncated.

With y(t), s(t) = cell(x(t), s(t-1)) and a loss L = sum over t of
L(t)(y(t)),

    dL/ds(t-1) = (dy(t)/ds(t-1))^T dL(t)/dy(t) + (ds(t)/ds(t-1))^T dL/ds(t)
    (T1)
    dL/dw  = sum over t of (dy(t)/dw)^T dL(t)/dy(t) + (ds(t)/dw)^T dL/ds(t)
           (T2)

from the last step to the first. Both lines are one pullback of the step at
t.

Source: Werbos (1990); Williams and Zipser (1995) for the truncated form.
"""

import numpy as np

from lib import checks
from lib.gradients.losses import squared_error
from lib.gradients.pullbacks import pullback
from lib.unrolling import unroll


def bptt(
    cell,
    inputs,
    targets,
    weights=None,
    initial_states=None,
    loss=squared_error,
):
    """The loss along a sequence and its gradient, by (T1) and (T2).

    inputs          (steps, input_size) or (batch, steps, input_size)
    targets         (steps, output_size), or with the leading batch axis of
                    `inputs`
    weights         (steps,), how much each step counts in the loss; ones
                    unless given
    initial_states  s(-1), zeros unless given
    loss            (outputs, targets, weights) -> (L, dL/d_outputs)
    returns         (L, gradient, states): gradient a dict like
                    `cell.weights`, states the last

    Holds every state of the sequence: memory grows in proportion to steps.
    """
    outputs, states = unroll(cell, inputs, initial_states)
    inputs = np.asarray(inputs, dtype=outputs.dtype)
    targets = checks.array("targets", targets, outputs.shape)
    weights = step_weights(weights, inputs)
    if initial_states is None:
        initial_states = cell.initial_states(inputs.shape[:-2])
    before = [
        np.concatenate(
            [np.expand_dims(first, -2), after[..., :-1, :]], axis=-2
        )
        for first, after in zip(initial_states, states, strict=True)
    ]

    value, d_outputs = loss(outputs, targets, weights)
    d_states = tuple(np.zeros_like(state[..., 0, :]) for state in states)
    gradient = {
        name: np.zeros_like(weight) for name, weight in cell.weights.items()
    }
    for t in reversed(range(inputs.shape[-2])):
        states_before = tuple(state[..., t, :] for state in before)
        _, d_states, d_weights = pullback(
            cell,
            inputs[..., t, :],
            states_before,
            d_outputs[..., t, :],
            d_states,
        )
        for name, d in d_weights.items():
            gradient[name] += d
    return value, gradient, tuple(state[..., -1, :] for state in states)


def truncated_bptt(
    cell,
    inputs,
    targets,
    window,
    weights=None,
    initial_states=None,
    loss=squared_error,
):
    """BPTT in windows of `window` steps: the states go on to the next one,
    the gradient does not.

    The sum of the windows' gradients leaves out how a state in one window
    acts on the losses of later ones, so it is biased. With window >= steps
    it is full BPTT.

    Arguments and result as `bptt`. Holds one window's states: memory does
    not grow with steps.
    """
    window = checks.count("window", window)
    inputs, targets = np.asarray(inputs), np.asarray(targets)
    weights = step_weights(weights, inputs)
    value, states = 0.0, initial_states
    gradient = {
        name: np.zeros_like(weight) for name, weight in cell.weights.items()
    }
    for start in range(0, inputs.shape[-2], window):
        now = slice(start, start + window)
        value_now, gradient_now, states = bptt(
            cell,
            inputs[..., now, :],
            targets[..., now, :],
            weights[now],
            states,
            loss,
        )
        value += value_now
        for name, d in gradient_now.items():
            gradient[name] += d
    return value, gradient, states


def step_weights(weights, inputs):
    """`weights` as an array (steps,), ones where it is None."""
    steps = inputs.shape[-2]
    return (
        np.ones(steps)
        if weights is None
        else checks.array("weights", weights, (steps,))
    )
