"""Unrolling through time: the same cell, once for each step of a sequence."""

import numpy as np

from lib import checks


def unroll(cell, inputs, initial_states=None):
    """Run a cell along a sequence.

        y(t), s(t) = cell(x(t), s(t-1)),        t = 0 ... steps - 1

    cell            any `lib.cells.Cell`
    inputs          (steps, input_size), or (batch, steps, input_size) for many sequences at once
    initial_states  s(-1), a tuple of arrays (size,) or (batch, size); zeros unless given
    returns         (outputs, states): outputs (steps, output_size), and a tuple with one array
                    (steps, size) for each state, its value after every step; both with a leading
                    batch axis if `inputs` has one

    Raises TypeError or ValueError naming the argument, what it expected and what it got: an empty
    or ragged sequence, the wrong number of features, states of another batch size.
    """
    inputs, states = _checked(cell, inputs, initial_states)
    outputs, history = [], []
    for x in np.moveaxis(inputs, -2, 0):
        output, states = cell.step(x, states)
        outputs.append(output)
        history.append(states)
    return over_time(outputs), tuple(over_time(state) for state in zip(*history, strict=True))


def trace(cell, inputs, initial_states=None):
    """Every inner value of a gated cell along a sequence, by its name in the equations.

    cell            a cell with `gates`, such as `LSTMCell` or `GRUCell`
    inputs          as in `unroll`
    initial_states  as in `unroll`
    returns         {name: (steps, units)}, with a leading batch axis if `inputs` has one; `h` and
                    `c` are those after the step, so that trace(...)["h"] equals the outputs

    Raises TypeError where the cell has no gates, and errors as `unroll` does.
    """
    if not hasattr(cell, "gates"):
        raise TypeError(f"cell: expected a cell with gates, got a {type(cell).__name__}")
    inputs, states = _checked(cell, inputs, initial_states)
    history = []
    for x in np.moveaxis(inputs, -2, 0):
        history.append(cell.gates(x, states))
        states = tuple(history[-1][name] for name in cell.state_names)
    return {name: over_time([values[name] for values in history]) for name in history[0]}


def _checked(cell, inputs, initial_states):
    inputs = sequences("inputs", inputs, cell.input_size)
    batch_shape = inputs.shape[:-2]
    if initial_states is None:
        return inputs, cell.initial_states(batch_shape)
    return inputs, checks.states("initial_states", initial_states, cell.state_sizes, batch_shape)


def sequences(name, value, size):
    """`value` as one sequence (steps, size) or a batch (batch, steps, size); errors as `unroll`."""
    return checks.array(name, value, ("steps", size), ("batch", "steps", size))


def over_time(steps):
    """One array (..., steps, size) from a list with one array (..., size) a step."""
    return np.stack(steps, axis=-2)
