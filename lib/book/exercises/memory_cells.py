"""Checkers of the exercises of chapter 2, memory cells."""

from collections.abc import Callable

import numpy as np

from lib import Readout, SimpleCell
from lib.book.exercises.feedback import checker, compare


def last_outputs(outputs, lengths):
    return outputs[np.arange(len(outputs)), lengths - 1]


@checker
def check_last_outputs(answer: Callable) -> None:
    """Each sequence's output at its last real step: answer(outputs, lengths) -> (batch, units)."""
    outputs = np.random.default_rng(1).normal(size=(5, 7, 3))
    compare(
        answer,
        last_outputs,
        {
            "lengths below that of the batch": (outputs, np.array([3, 6, 1, 5, 3])),
            "a sequence without padding": (outputs[:3], np.array([2, 7, 4])),
        },
        {
            "This is the last step of the padded batch; where the sequence is shorter, "
            "the cell has read padding there.": "lengths - 1 -> -1",
            "Off by one: this is the step after the last real one. Steps count from 0, "
            "so a sequence of length n ends at n - 1.": "lengths - 1 -> lengths",
            "Off by one: this is the step before the last real one.": "lengths - 1 -> lengths - 2",
            "This is the first step of every sequence.": "lengths - 1 -> 0",
            "Every sequence is read at the lengths of all of them: pair each length with its own "
            "row, outputs[np.arange(batch), ...].": "np.arange(len(outputs)) -> :",
            "This is the mean over the real steps; asked for is the last of them.": (
                lambda outputs, lengths: np.array(
                    [rows[:n].mean(axis=0) for rows, n in zip(outputs, lengths, strict=True)]
                )
            ),
            "This is the mean over all steps; asked for is the last real one.": (
                lambda outputs, lengths: outputs.mean(axis=1)
            ),
        },
    )


def generate(cell, vector, steps):
    x, states, outputs = vector, cell.initial_states(), []
    for _ in range(steps):
        x, states = cell(x, states)
        outputs.append(x)
    return np.array(outputs)


@checker
def check_generate(answer: Callable) -> None:
    """A decoder that hears its own output: answer(cell, vector, steps) -> (steps, outputs)."""

    def case(seed, size, units, steps):
        rng = np.random.default_rng(seed)
        shapes = [(units, size), (units, units), (units,), (size, units), (size,), (size,)]
        W_x, W_y, b, W, d, vector = (rng.normal(size=shape) for shape in shapes)
        return Readout(SimpleCell(W_x, W_y, b), W, d, np.tanh), vector, steps

    compare(
        answer,
        generate,
        {
            "six steps": case(2, 4, 4, 6),
            "more units than outputs": case(3, 2, 5, 3),
            "one step": case(4, 3, 3, 1),
        },
        {
            "The vector is the input of every step; from step 1 on the input is the output "
            "before.": "cell(x -> cell(vector",
            "After step 0 the input is zero; it has to be the output before.": (
                "cell(x -> cell(0 * x if outputs else x"
            ),
            "The states are not carried on: every step starts again from zeros.": (
                "cell(x, states) -> cell(x, cell.initial_states())"
            ),
            "The state is fed back as the input; what the cell is to hear is its output.": (
                "outputs.append(x) -> x = outputs.append(x) or states[0]"
            ),
            "The output takes the place of the state; it is the next input, and the states go on "
            "beside it.": "outputs.append(x) -> states = outputs.append(x) or (x,)",
            "The output takes the place of the state, and the input is zero.": (
                "outputs.append(x) -> states, x = outputs.append(x) or ((x,), 0 * x)"
            ),
            "Off by one: the vector is an input; the first output is what the cell makes of "
            "it.": "(outputs) -> ([vector, *outputs[:-1]])",
            "One row too many: the vector itself is not an output.": (
                "(outputs) -> ([vector, *outputs])"
            ),
            "One row too few: the last output is missing.": "(outputs) -> (outputs[:-1])",
        },
    )


def parameters_of_stack(inputs, units):
    below = [inputs, *units[:-1]]
    return sum(n * (m + n + 1) for m, n in zip(below, units, strict=True))


@checker
def check_parameters_of_stack(answer: Callable) -> None:
    """How many numbers a deep network learns: answer(inputs, units) -> one number."""
    compare(
        answer,
        parameters_of_stack,
        {"three layers": (7, [5, 4, 3]), "wide layers": (11, [17, 23]), "one layer": (3, [13])},
        {
            "The biases are missing: one for every unit.": "m + n + 1 -> m + n",
            "The weights W_h of the state are missing: (units, units) in every layer.": (
                "m + n + 1 -> m + 1"
            ),
            "The weights W_x of what comes from below are missing.": "m + n + 1 -> n + 1",
            "Only the first layer sees the inputs; every other layer sees the outputs of the one "
            "below.": "m + n -> inputs + n",
            "Every layer seems to see as many inputs as it has units; the first sees `inputs`, the "
            "others the layer below.": "m + n -> n + n",
            "This is the first layer alone; add up over all layers.": (
                "zip(below, units -> zip([inputs], units[:1]"
            ),
            "This is one layer as wide as all together; count layer by layer.": (
                lambda inputs, units: sum(units) * (inputs + sum(units) + 1)
            ),
        },
    )
