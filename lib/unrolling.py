"""Unrolling through time: the same cell, once for each step of a
sequence."""

from collections.abc import Sequence

import numpy as np

from lib import checks
from lib.cells.base import Cell, network
from lib.cells.compose import NO_STEP, Bidirectional, Readout, Stack
from lib.checks import Array, ArrayLike, States


def unroll(
    cell: Cell,
    inputs: ArrayLike,
    initial_states: States | None = None,
    mask: ArrayLike | None = None,
    reverse: bool = False,
) -> tuple[Array, States]:
    """Run a network along a sequence.

        y(t), s(t) = cell(x(t), s(t-1)),        t = 0 ... steps - 1

    cell            a cell, a `Readout`, a `Stack` or a `Bidirectional`
    inputs          (steps, input_size), or (batch, steps, input_size) for
                    many sequences at once. A batch whose first two axes are
                    exchanged cannot be told from a right one
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

    A network that reads in both directions is run layer by layer; a
    `Readout` on top of it reads whatever stands below at a padded step.

    Raises TypeError or ValueError naming the argument, what it expected and
    what it got: an empty or ragged sequence, the wrong number of features,
    states of another batch size, a mask of another shape.

    Explained in: d03-unrolling-through-time
    """
    inputs, states = _checked(cell, inputs, initial_states)
    reverse = checks.flag("reverse", reverse)
    if mask is not None:
        mask = checks.mask("mask", mask, inputs.shape[:-1])
    if not cell.causal:
        return _by_layers(cell, inputs, states, mask, reverse)
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
    return stack_steps(outputs), tuple(
        stack_steps(state) for state in zip(*history, strict=True)
    )


def _by_layers(cell, inputs, states, mask, reverse):
    """Each part of the network along the whole sequence, the lowest
    first."""
    match cell:
        case Readout():
            h, states = unroll(cell.cell, inputs, states, mask, reverse)
            return cell.read(h), states
        case Stack():
            after: States = ()
            for layer, own in zip(
                cell.cells, cell.split(states), strict=True
            ):
                inputs, own = unroll(layer, inputs, own, mask, reverse)
                after += own
            return inputs, after
        case Bidirectional():
            ahead, back = cell.split(states)
            y_f, s_f = unroll(cell.forward, inputs, ahead, mask, reverse)
            y_b, s_b = unroll(
                cell.backward, inputs, back, mask, not reverse
            )
            return np.concatenate([y_f, y_b], axis=-1), s_f + s_b
    raise TypeError(NO_STEP.format(type(cell).__name__))


def trace(
    cell: Cell,
    inputs: ArrayLike,
    initial_states: States | None = None,
    mask: ArrayLike | None = None,
) -> dict[str, Array]:
    """Every inner value of a gated cell along a sequence, by its name in
    the equations.

    cell            a cell with `gates`, such as `LSTMCell` or `GRUCell`;
                    of a `Readout` called network, `network.cell`
    inputs          as in `unroll`
    initial_states  as in `unroll`
    mask            as in `unroll`: at a padded step every value is that of
                    the last real step, before the first a zero or the
                    initial state
    returns         {name: (steps, units)}, with a leading batch axis if
                    `inputs` has one; `h` and `c` are those after the step,
                    so that trace(...)["h"] equals the outputs

    Raises TypeError where the cell has no gates, and errors as `unroll`
    does.

    Explained in: d15-lstm-three-steps
    """
    if not hasattr(cell, "gates"):
        raise TypeError(
            f"cell: expected a cell with gates, got a {type(cell).__name__}"
        )
    inputs, states = _checked(cell, inputs, initial_states)
    if mask is not None:
        mask = checks.mask("mask", mask, inputs.shape[:-1])
    history: list[dict[str, Array]] = []
    for t in range(inputs.shape[-2]):
        values = cell.gates(inputs[..., t, :], states)
        if mask is not None:
            before = (
                history[-1]
                if history
                else {name: np.zeros_like(v) for name, v in values.items()}
                | dict(zip(cell.state_names, states, strict=True))
            )
            real = mask[..., t, np.newaxis]
            values = {
                name: np.where(real, value, before[name])
                for name, value in values.items()
            }
        history.append(values)
        states = tuple(values[name] for name in cell.state_names)
    return {
        name: stack_steps([values[name] for values in history])
        for name in history[0]
    }


def last(states: States) -> States:
    """The states after the last step, from those after every step: what
    `unroll` takes as `initial_states` of the next piece of a sequence.

    states  as `unroll` returns them, (steps, size) or (batch, steps, size)

    Raises TypeError or ValueError where they are nothing of the kind.

    Explained in: streaming
    """
    if not isinstance(states, tuple | list):
        raise TypeError(
            "states: expected a tuple of arrays, got a"
            f" {type(states).__name__}"
        )
    if not states:
        raise ValueError("states: expected at least one state, got none")
    shapes = ("steps", "size"), ("batch", "steps", "size")
    return tuple(
        checks.array(f"states[{k}]", state, *shapes)[..., -1, :]
        for k, state in enumerate(states)
    )


class Stream:
    """A network that reads a long sequence piece by piece and carries its
    states from one piece to the next, as Keras does with `stateful=True`.

        stream = Stream(cell)
        y_first, y_second = stream(first), stream(second)

    gives the outputs that `unroll` gives for the two pieces joined. Padding
    at the beginning of a piece has the output 0, as at the beginning of any
    sequence: the last real output is not carried, the states are.

    cell    a causal network: one that reads backwards would have to know
            the pieces to come
    states  s after the latest piece; None before the first, for zeros

    Raises TypeError where the network is not causal, and errors as `unroll`
    does.

    Explained in: streaming
    """

    def __init__(self, cell: Cell, states: States | None = None):
        if not network("cell", cell).causal:
            raise TypeError(NO_STEP.format(type(cell).__name__))
        self.cell, self.states = cell, states

    def __call__(
        self, inputs: ArrayLike, mask: ArrayLike | None = None
    ) -> Array:
        """The outputs for the next piece, (steps, output_size) or with the
        leading batch axis of `inputs`."""
        outputs, states = unroll(self.cell, inputs, self.states, mask)
        self.states = last(states)
        return outputs

    def reset(self) -> None:
        """Begin a new sequence: forget the states."""
        self.states = None


def _checked(cell, inputs, initial_states):
    inputs = sequences("inputs", inputs, network("cell", cell).input_size)
    batch_shape = inputs.shape[:-2]
    if initial_states is None:
        return inputs, cell.initial_states(batch_shape)
    return inputs, checks.states(
        "initial_states", initial_states, cell.state_sizes, batch_shape
    )


def sequences(name: str, value: ArrayLike, size: int) -> Array:
    """`value` as one sequence (steps, size) or a batch
    (batch, steps, size); errors as `unroll`.

    Explained in: what-is-refused
    """
    return checks.array(
        name, value, ("steps", size), ("batch", "steps", size)
    )


def stack_steps(steps: Sequence[Array]) -> Array:
    """One array (..., steps, size) from a row with one array (..., size)
    per step.

    Explained in: d03-unrolling-through-time
    """
    return np.stack(steps, axis=-2)
