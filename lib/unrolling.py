"""Unrolling through time: the same cell, once for each step of a
sequence."""

import numpy as np

from lib import checks


def unroll(cell, inputs, initial_states=None, mask=None, reverse=False):
    """Run a cell along a sequence.

        y(t), s(t) = cell(x(t), s(t-1)),        t = 0 ... steps - 1

    cell            any `lib.cells.Cell`
    inputs          (steps, input_size), or (batch, steps, input_size) for
                    many sequences at once
    initial_states  s(-1), a tuple of arrays (size,) or (batch, size); zeros
                    unless given
    mask            (steps,) or (batch, steps) booleans, True at a real step
                    and False at padding. A padded step is skipped: the
                    states stay as they were, and the output repeats that of
                    the last real step, or is zero before the first
    reverse         read the sequence from its end: s(t) comes from s(t+1),
                    and `initial_states` is s(steps). What is returned stays
                    in the order of time, so the last values to be computed
                    are those at t = 0
    returns         (outputs, states): outputs (steps, output_size), and a
                    tuple with one array (steps, size) for each state, its
                    value after every step; both with a leading batch axis
                    if `inputs` has one

    Raises TypeError or ValueError naming the argument, what it expected and
    what it got: an empty or ragged sequence, the wrong number of features,
    states of another batch size, a mask of another shape.
    """
    inputs, states = _checked(cell, inputs, initial_states)
    if mask is not None:
        mask = checks.mask("mask", mask, inputs.shape[:-1])
    output = np.zeros((*inputs.shape[:-2], cell.output_size), inputs.dtype)

    outputs, history = [], []
    times = range(inputs.shape[-2])
    for t in reversed(times) if reverse else times:
        new_output, new_states = cell.step(inputs[..., t, :], states)
        if mask is not None:
            real = mask[..., t, np.newaxis]
            new_output = np.where(real, new_output, output)
            new_states = tuple(
                np.where(real, new, old)
                for new, old in zip(new_states, states, strict=True)
            )
        output, states = new_output, new_states
        outputs.append(output)
        history.append(states)
    if reverse:
        outputs.reverse()
        history.reverse()
    return over_time(outputs), tuple(
        over_time(state) for state in zip(*history, strict=True)
    )


def bidirectional(
    forward, backward, inputs, initial_states=None, mask=None
):
    """Read a sequence both ways and join what the two readings give at
    every step.

        y(t) = [y_forward(t), y_backward(t)]

    The first half of y(t) knows x(0) ... x(t), the second half x(t) ...
    x(steps - 1).

    forward, backward  two cells of the same input_size
    inputs             as in `unroll`
    initial_states     those of the forward cell, then those of the backward
                       cell, in one tuple
    mask               as in `unroll`
    returns            (outputs, states): outputs (steps,
                       forward.output_size + backward.output_size), and a
                       tuple with every state of the forward cell, then of
                       the backward cell, at every step; all in the order of
                       time

    Raises as `unroll` does, and ValueError where the two cells take
    different inputs.
    """
    if forward.input_size != backward.input_size:
        raise ValueError(
            f"backward: expected a cell of {forward.input_size} inputs, as"
            f" many as forward has, got one of {backward.input_size}"
        )
    inputs = sequences("inputs", inputs, forward.input_size)
    batch_shape = inputs.shape[:-2]
    states = initial_states
    if states is None:
        states = forward.initial_states(
            batch_shape
        ) + backward.initial_states(batch_shape)
    state_sizes = forward.state_sizes + backward.state_sizes
    states = checks.states(
        "initial_states", states, state_sizes, batch_shape
    )

    count = len(forward.state_sizes)
    y_forward, s_forward = unroll(forward, inputs, states[:count], mask)
    y_backward, s_backward = unroll(
        backward, inputs, states[count:], mask, reverse=True
    )
    return (
        np.concatenate([y_forward, y_backward], axis=-1),
        s_forward + s_backward,
    )


def trace(cell, inputs, initial_states=None):
    """Every inner value of a gated cell along a sequence, by its name in
    the equations.

    cell            a cell with `gates`, such as `LSTMCell` or `GRUCell`
    inputs          as in `unroll`
    initial_states  as in `unroll`
    returns         {name: (steps, units)}, with a leading batch axis if
                    `inputs` has one; `h` and `c` are those after the step,
                    so that trace(...)["h"] equals the outputs

    Raises TypeError where the cell has no gates, and errors as `unroll`
    does.
    """
    if not hasattr(cell, "gates"):
        raise TypeError(
            f"cell: expected a cell with gates, got a {type(cell).__name__}"
        )
    inputs, states = _checked(cell, inputs, initial_states)
    history = []
    for t in range(inputs.shape[-2]):
        history.append(cell.gates(inputs[..., t, :], states))
        states = tuple(history[-1][name] for name in cell.state_names)
    return {
        name: over_time([values[name] for values in history])
        for name in history[0]
    }


def _checked(cell, inputs, initial_states):
    inputs = sequences("inputs", inputs, cell.input_size)
    batch_shape = inputs.shape[:-2]
    if initial_states is None:
        return inputs, cell.initial_states(batch_shape)
    return inputs, checks.states(
        "initial_states", initial_states, cell.state_sizes, batch_shape
    )


def sequences(name, value, size):
    """`value` as one sequence (steps, size) or a batch (batch, steps,
    size); errors as `unroll`."""
    return checks.array(
        name, value, ("steps", size), ("batch", "steps", size)
    )


def over_time(steps):
    """One array (..., steps, size) from a list with one array (..., size) a
    step."""
    return np.stack(steps, axis=-2)
