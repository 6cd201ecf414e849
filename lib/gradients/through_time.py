r"""Backpropagation through time (BPTT), full and truncated.

With y(t), s(t) = cell(x(t), s(t-1)) and a loss L = sum over t of
L(t)(y(t)),

    dL/ds(t-1) = (dy(t)/ds(t-1))^T dL(t)/dy(t)
                     + (ds(t)/ds(t-1))^T dL/ds(t)                       (T1)
    dL/dw = sum over t of [(dy(t)/dw)^T dL(t)/dy(t)
                     + (ds(t)/dw)^T dL/ds(t)]                           (T2)

from the last step to the first, where dL/ds(t) is the effect of s(t) on the
losses of the steps after t. Both lines are one `backward_step` at t.

Source: Rumelhart, Hinton and Williams (1986), Robinson and Fallside (1987),
Werbos (1990); Williams and Peng (1990) for the truncated form.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lib import checks
from lib.cells import Bidirectional, Cell, Readout, Stack
from lib.cells.base import network as checked_network
from lib.checks import Array, ArrayLike, States
from lib.gradients.backward_step import _derivative, _read_back, _renamed
from lib.gradients.losses import (
    _weight_shapes,
    mean_squared_error,
    squared_error,
)
from lib.unrolling import sequences, unroll

Loss = Callable[[Array, Array, Array], tuple[float, Array]]


class Backward(NamedTuple):
    """What comes back from a sequence.

    loss              L
    gradient          dL/dw, a dict with the names of `network.weights`
    states            the last that were computed: of a network that reads
                      in both directions, those of each half when it has
                      read everything
    d_inputs          dL/dx(t), like the inputs
    d_initial_states  dL/ds(-1), a tuple like the initial states

    Explained in: d10-backpropagation-through-time
    """

    loss: float
    gradient: dict[str, Array]
    states: States
    d_inputs: Array
    d_initial_states: States


def bptt(
    network: Cell,
    inputs: ArrayLike,
    targets: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    *,
    initial_states: States | None = None,
    mask: ArrayLike | None = None,
    reverse: bool = False,
    loss: Loss = squared_error,
    d_final_states: States | None = None,
) -> Backward:
    """The loss along a sequence and its gradient, by (T1) and (T2).

    inputs          (steps, input_size) or (batch, steps, input_size), as in
                    `unroll`
    targets         (steps, output_size), or with the leading batch axis of
                    `inputs`; None where no output counts
    weights         (steps,) or (batch, steps), how much each step counts in
                    the loss. Ones unless given, or with a mask 1 at a real
                    step and 0 at padding
    initial_states  s(-1), zeros unless given
    mask, reverse   as in `unroll`: a padded step is skipped. The gradient
                    is that of the outputs that `unroll` gives, where
                    padding repeats the last real one
    loss            (outputs, targets, weights) -> (L, dL/d_outputs), as
                    `squared_error`; it gets weights of shape
                    inputs.shape[:-1]
    d_final_states  what L changes by per unit of the last states, by way of
                    what is computed from them; zeros unless given
    returns         a `Backward`: loss, gradient, states, d_inputs,
                    d_initial_states

    Holds every state of the sequence: memory grows in proportion to steps.

    Raises TypeError or ValueError naming the argument, what it expected and
    what it got; TypeError for a cell whose derivative is unknown.

    Explained in: d10-backpropagation-through-time
    """
    problem = _checked(
        network,
        inputs,
        targets,
        weights,
        initial_states=initial_states,
        mask=mask,
        reverse=reverse,
        loss=loss,
        d_final_states=d_final_states,
    )
    outputs, reading = problem.reading.of(network)
    value, d_outputs = problem.loss_of(outputs)
    d_inputs, d_initial_states, gradient = _walk_back(
        network, reading, d_outputs, problem.d_final_states
    )
    states = _final(network, reading.history, reading.reverse)
    gradient = _like_weights(network, gradient)
    return Backward(value, gradient, states, d_inputs, d_initial_states)


class _Reading(NamedTuple):
    """What a network, or a part of it, is run on, and the states that it
    gave after every step."""

    inputs: Array
    initial_states: States
    mask: NDArray[np.bool_] | None
    reverse: bool
    history: States = ()

    def of(self, network, **other):
        """The outputs of `network` on this, or with `other` inputs ..., and
        the reading with its states."""
        inputs, states, mask, reverse, _ = self._replace(**other)
        outputs, history = unroll(network, inputs, states, mask, reverse)
        return outputs, _Reading(inputs, states, mask, reverse, history)


def _walk_back(network, reading, d_outputs, d_states):
    """(T1) and (T2) from dL/d_outputs and dL/ds of the last step: d_inputs,
    d_initial_states, gradient. A network without a step is taken part by
    part, the upper ones first."""
    if network.causal:
        return _step_by_step(network, reading, d_outputs, d_states)
    match network:
        case Readout():
            h, below = reading.of(network.cell)
            d_h, d_weights = _read_back(
                network, h, network.read(h), d_outputs
            )
            d_inputs, d_first, gradient = _walk_back(
                network.cell, below, d_h, d_states
            )
            return d_inputs, d_first, _renamed("cell", gradient) | d_weights
        case Stack():
            first = network.split(reading.initial_states)
            readings, inputs = [], reading.inputs
            for layer, own in zip(network.cells, first, strict=True):
                inputs, own_reading = reading.of(
                    layer, inputs=inputs, initial_states=own
                )
                readings.append(own_reading)
            d_last, d_first, gradient = network.split(d_states), (), {}
            for k in reversed(range(len(network.cells))):
                d_outputs, d_own, own_gradient = _walk_back(
                    network.cells[k], readings[k], d_outputs, d_last[k]
                )
                d_first = d_own + d_first
                gradient |= _renamed(f"cells[{k}]", own_gradient)
            return d_outputs, d_first, gradient
        case Bidirectional():
            parts = {
                "forward": (network.forward, reading.reverse),
                "backward": (network.backward, not reading.reverse),
            }
            first = network.split(reading.initial_states)
            d_last = network.split(d_states)
            d_halves = np.split(
                d_outputs, [network.forward.output_size], axis=-1
            )
            d_inputs, d_first, gradient = 0, (), {}
            for k, (name, (part, reverse)) in enumerate(parts.items()):
                _, own = reading.of(
                    part, initial_states=first[k], reverse=reverse
                )
                d_own_inputs, d_own, own_gradient = _walk_back(
                    part, own, d_halves[k], d_last[k]
                )
                d_inputs, d_first = d_inputs + d_own_inputs, d_first + d_own
                gradient |= _renamed(name, own_gradient)
            return d_inputs, d_first, gradient
    raise TypeError(
        f"network: no derivative is known for a {type(network).__name__}"
    )


def _step_by_step(cell, reading, d_outputs, d_states):
    """`_walk_back` of a network that has a step."""
    inputs, first, mask, reverse, history = reading
    back, d_inputs = _derivative(cell), np.empty_like(inputs)
    gradient = {name: np.zeros_like(w) for name, w in cell.weights.items()}
    d_repeated = np.zeros_like(d_outputs[..., 0, :])
    times, before = range(inputs.shape[-2]), 1 if reverse else -1
    for t in times if reverse else reversed(times):
        states = first
        if t + before in times:
            states = tuple(s[..., t + before, :] for s in history)
        d_output = d_outputs[..., t, :]
        if mask is not None:
            # A padded step hands on the states and repeats the output: what
            # reaches them there reaches those of the step before.
            real = mask[..., t, np.newaxis]
            d_output = d_output + d_repeated
            d_repeated = np.where(real, 0, d_output)
            d_output = np.where(real, d_output, 0)
            d_skipped = [np.where(real, 0, d) for d in d_states]
            d_states = tuple(np.where(real, d, 0) for d in d_states)
        d_inputs[..., t, :], d_states, d_weights = back(
            cell, inputs[..., t, :], states, d_output, d_states
        )
        if mask is not None:
            d_states = tuple(map(np.add, d_states, d_skipped))
        for name, d in d_weights.items():
            gradient[name] += d
    return d_inputs, d_states, gradient


def _final(network, history, reverse):
    """Of the states after every step, those of each part when it has read
    everything."""
    if network.causal:
        return tuple(s[..., 0 if reverse else -1, :] for s in history)
    match network:
        case Readout():
            return _final(network.cell, history, reverse)
        case Stack():
            parts = zip(network.cells, network.split(history), strict=True)
            return sum((_final(c, h, reverse) for c, h in parts), ())
        case Bidirectional():
            ahead, back = network.split(history)
            return _final(network.forward, ahead, reverse) + _final(
                network.backward, back, not reverse
            )


def truncated_bptt(
    network: Cell,
    inputs: ArrayLike,
    targets: ArrayLike,
    window: int,
    weights: ArrayLike | None = None,
    *,
    initial_states: States | None = None,
    mask: ArrayLike | None = None,
    loss: Loss = squared_error,
) -> Backward:
    """BPTT in windows of `window` steps: the states go on to the next one,
    the gradient does not.

    The sum of the windows' gradients leaves out how a state in one window
    acts on the losses of later ones, so it is biased. With window >= steps
    it is full BPTT. d_inputs is put together from the windows, and
    d_initial_states is that of the first.

    Arguments, result and errors as `bptt`. Besides what has the size of the
    inputs it holds one window's states: memory does not grow with steps.

    Raises also TypeError for a network that reads in both directions, whose
    second half would have to begin at the end, and ValueError where a
    padded step has a weight other than 0, or the loss is the mean over a
    whole sequence, which no window knows.

    Explained in: truncation
    """
    window = checks.count("window", window)
    problem = _in_pieces(
        network, inputs, targets, weights, initial_states, mask, loss
    )
    inputs, states, mask, *_ = problem.reading
    total, d_inputs = 0.0, np.empty_like(inputs)
    gradient: dict[str, Array] = {}
    d_initial_states: States = ()
    for start in range(0, inputs.shape[-2], window):
        now = slice(start, start + window)
        value, d_weights, states, d_inputs[..., now, :], d_first = bptt(
            network,
            inputs[..., now, :],
            problem.targets[..., now, :],
            problem.weights[..., now],
            initial_states=states,
            mask=None if mask is None else mask[..., now],
            loss=loss,
        )
        total += value
        for name, d in d_weights.items():
            gradient[name] = gradient.get(name, 0) + d
        d_initial_states = d_initial_states or d_first
    return Backward(total, gradient, states, d_inputs, d_initial_states)


class _Problem(NamedTuple):
    """The arguments of `bptt`, checked."""

    reading: _Reading
    targets: Array | None
    weights: Array
    loss: Loss
    d_final_states: States

    def loss_of(self, outputs):
        """L and dL/d_outputs, in the type of the outputs."""
        if self.targets is None:
            return 0.0, np.zeros_like(outputs)
        found = self.loss(outputs, self.targets, self.weights)
        if not isinstance(found, tuple) or len(found) != 2:
            raise TypeError(
                "loss: expected a function that returns (L, dL/d_outputs),"
                f" got one that returns a {type(found).__name__}"
            )
        value = checks.number("loss, its first result", found[0])
        d_outputs = checks.array(
            "loss, its second result", found[1], outputs.shape
        )
        return value, d_outputs.astype(outputs.dtype, copy=False)


def _checked(
    network,
    inputs,
    targets,
    weights,
    *,
    initial_states=None,
    mask=None,
    reverse=False,
    loss=squared_error,
    d_final_states=None,
):
    """The arguments of `bptt`, checked."""
    reading = _reading(network, inputs, initial_states, mask, reverse)
    inputs, mask = reading.inputs, reading.mask
    shape, dtype = inputs.shape[:-1], inputs.dtype
    if targets is not None:
        targets = checks.array(
            "targets", targets, (*shape, network.output_size)
        )
    elif d_final_states is None:
        raise ValueError(
            "targets: expected targets, d_final_states or both, got neither"
        )
    elif weights is not None:
        raise ValueError(
            "weights: expected None where there are no targets to weigh"
        )
    if weights is not None:
        weights = checks.array("weights", weights, *_weight_shapes(shape))
    elif mask is not None:
        weights = mask.astype(dtype)
    else:
        weights = np.ones(1, dtype)
    weights = np.broadcast_to(weights, shape)
    loss = checks.function("loss", loss)
    if d_final_states is None:
        d_final_states = map(np.zeros_like, reading.initial_states)
    else:
        d_final_states = checks.states(
            "d_final_states",
            d_final_states,
            network.state_sizes,
            shape[:-1],
        )
    d_last = tuple(d.astype(dtype, copy=False) for d in d_final_states)
    return _Problem(reading, targets, weights, loss, d_last)


def _reading(network, inputs, initial_states, mask, reverse):
    """The arguments of `unroll`, checked, in the floating-point type that
    inputs, weights and states have in common."""
    size = checked_network("network", network).input_size
    inputs = sequences("inputs", inputs, size)
    batch_shape = inputs.shape[:-2]
    if mask is not None:
        mask = checks.mask("mask", mask, inputs.shape[:-1])
        # What stands at padding must not matter, not even by overflowing.
        inputs = np.where(mask[..., np.newaxis], inputs, 0)
    dtype, sizes = (
        np.result_type(inputs, network.dtype),
        network.state_sizes,
    )
    if initial_states is None:
        states = tuple(np.zeros((*batch_shape, n), dtype) for n in sizes)
    else:
        states = checks.states(
            "initial_states", initial_states, sizes, batch_shape
        )
        dtype = np.result_type(dtype, *states)
        states = tuple(s.astype(dtype, copy=False) for s in states)
    inputs = inputs.astype(dtype, copy=False)
    return _Reading(inputs, states, mask, checks.flag("reverse", reverse))


def _like_weights(network, gradient):
    """The gradient in the order and the types of the weights."""
    return {
        name: gradient[name].astype(weight.dtype, copy=False)
        for name, weight in network.weights.items()
    }


def _causal(network):
    """`network`, which has a step."""
    if not checked_network("network", network).causal:
        raise TypeError(
            "network: expected one that reads forwards, step by step, got a"
            f" {type(network).__name__} that reads in both directions"
        )
    return network


def _in_pieces(
    network, inputs, targets, weights, initial_states, mask, loss
):
    """The arguments of a method that takes a sequence piece by piece,
    checked."""
    _causal(network)
    if targets is None:
        raise TypeError("targets: expected an array, got None")
    if loss is mean_squared_error:
        raise ValueError(
            "loss: expected a sum over the steps, such as squared_error,"
            " which can be taken a few steps at a time; got"
            " mean_squared_error"
        )
    problem = _checked(
        network,
        inputs,
        targets,
        weights,
        initial_states=initial_states,
        mask=mask,
        loss=loss,
    )
    mask = problem.reading.mask
    if mask is not None and problem.weights[~mask].any():
        # The output that padding repeats may belong to an earlier piece.
        raise ValueError(
            "weights: expected 0 at every padded step, got"
            f" {problem.weights[~mask].max():g} at one"
        )
    return problem
