"""Checkers of the exercises of chapter 2, memory cells."""

import numpy as np

from lib import Readout, SimpleCell, unroll, vector_to_sequence
from lib.book.exercises.feedback import NotYet, judge


def check_last_outputs(answer):
    """Each sequence's output at its last real step: answer(outputs, lengths) -> (batch, units)."""
    rng = np.random.default_rng(1)
    batch, steps, units = 5, 7, 3
    outputs, lengths = rng.normal(size=(batch, steps, units)), np.array([3, 6, 1, 5, 3])
    rows = np.arange(batch)
    real = np.arange(steps) < lengths[:, np.newaxis]
    try:
        found = answer(outputs.copy(), lengths.copy())
    except IndexError as error:
        raise NotYet(f"NumPy found no such step ({error}): counting starts at 0.") from None
    judge(
        found,
        outputs[rows, lengths - 1],
        {
            "This is the last step of the padded batch; where the sequence is shorter, "
            "the cell has read padding there.": outputs[:, -1],
            "Off by one: this is the step after the last real one. Steps count from 0, "
            "so a sequence of length n ends at n - 1.": outputs[rows, lengths],
            "Off by one: this is the step before the last real one.": outputs[rows, lengths - 2],
            "This is the first step of every sequence.": outputs[:, 0],
            "Every sequence is read at the lengths of all of them: pair each length with its own "
            "row, outputs[np.arange(batch), ...].": outputs[:, lengths - 1],
            "This is the mean over the real steps; asked for is the last of them.": (
                outputs * real[..., np.newaxis]
            ).sum(axis=1)
            / lengths[:, np.newaxis],
            "This is the mean over all steps; asked for is the last real one.": (
                outputs.mean(axis=1)
            ),
        },
    )


def check_generate(answer):
    """A decoder that hears its own output: answer(cell, vector, steps) -> (steps, outputs)."""
    rng = np.random.default_rng(2)
    size, units, steps = 4, 4, 6
    inner = SimpleCell(
        rng.normal(size=(units, size)), rng.normal(size=(units, units)), rng.normal(size=units)
    )
    cell = Readout(inner, rng.normal(size=(size, units)), rng.normal(size=size), np.tanh)
    vector = rng.normal(size=size)

    def run(choose):
        """Run the cell; `choose(output, states)` gives the next step's input and states."""
        x, states, outputs = vector, cell.initial_states(), []
        for _ in range(steps):
            output, states = cell(x, states)
            outputs.append(output)
            x, states = choose(output, states)
        return np.array(outputs)

    expected = run(lambda output, states: (output, states))
    nothing, start = np.zeros(size), cell.initial_states()
    only_vector = np.concatenate([[vector], np.zeros((steps - 1, size))])
    judge(
        answer(cell, vector.copy(), steps),
        expected,
        {
            "The vector is the input of every step; from step 1 on the input is the output "
            "before.": vector_to_sequence(cell, vector, steps),
            "After step 0 the input is zero; it has to be the output before.": unroll(
                cell, only_vector
            )[0],
            "The states are not carried on: every step starts again from zeros.": run(
                lambda output, states: (output, start)
            ),
            "The state is fed back as the input; what the cell is to hear is its output.": run(
                lambda output, states: (states[0], states)
            ),
            "The output takes the place of the state; it is the next input, and the states go on "
            "beside it.": run(lambda output, states: (output, (output,))),
            "The output takes the place of the state, and the input is zero.": run(
                lambda output, states: (nothing, (output,))
            ),
            "Off by one: the vector is an input; the first output is what the cell makes of "
            "it.": np.concatenate([[vector], expected[:-1]]),
            "One row too many: the vector itself is not an output.": np.concatenate(
                [[vector], expected]
            ),
            "Only the last output came back; keep the output of every step.": expected[-1],
            "One row too few: the last output is missing.": expected[:-1],
        },
    )


def check_parameters_of_stack(answer):
    """How many numbers a deep network learns: answer(inputs, units) -> one number."""
    inputs, units = 7, [5, 4, 3]
    below = [inputs, *units[:-1]]

    def total(layer):
        return sum(layer(n, m) for n, m in zip(units, below, strict=True))

    judge(
        answer(inputs, list(units)),
        total(lambda n, m: n * (m + n + 1)),
        {
            "The biases are missing: one for every unit.": total(lambda n, m: n * (m + n)),
            "The weights W_h of the state are missing: (units, units) in every layer.": total(
                lambda n, m: n * (m + 1)
            ),
            "The weights W_x of what comes from below are missing.": total(
                lambda n, m: n * (n + 1)
            ),
            "Only the first layer sees the inputs; every other layer sees the outputs of the one "
            "below.": sum(n * (inputs + n + 1) for n in units),
            "Every layer seems to see as many inputs as it has units; the first sees `inputs`, the "
            "others the layer below.": sum(n * (2 * n + 1) for n in units),
            "This is the first layer alone; add up over all layers.": units[0]
            * (inputs + units[0] + 1),
            "This is one layer as wide as all together; count layer by layer.": sum(units)
            * (inputs + sum(units) + 1),
        },
    )
