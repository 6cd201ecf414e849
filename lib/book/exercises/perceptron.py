"""Checkers of the exercises of chapter 1, the recurrent perceptron."""

from collections.abc import Callable

import numpy as np

from lib import SimpleCell, unroll
from lib.book.exercises.feedback import ROWS, checker, compare
from lib.cells.activations import identity


def recurrent_step(x, y_before, W_x, W_y, b):
    return np.tanh(x @ W_x.T + y_before @ W_y.T + b)


@checker
def check_recurrent_step(answer: Callable) -> None:
    """One step of a recurrent layer for a batch: answer(x, y_before, W_x, W_y, b) -> y.

    With as many inputs as units a transposed matrix gives numbers to recognise rather than an error
    of NumPy's.
    """
    compare(
        answer,
        recurrent_step,
        {
            "as many inputs as units": _layer(1, (3, 4), (3, 4), units=4),
            "more inputs than units": _layer(2, (2, 5), (2, 3), units=3),
        },
        {
            "W_x is transposed the wrong way: a row of x has to meet a row of W_x, "
            "so x @ W_x.T.": "W_x.T -> W_x",
            "W_y is transposed the wrong way: a row of y_before has to meet a row of W_y, "
            "so y_before @ W_y.T.": "W_y.T -> W_y",
            "The bias b is added after the activation; it belongs inside.": " + b) -> ) + b",
            "The output of the step before plays no part: "
            "where is y_before @ W_y.T?": " + y_before @ W_y.T -> ",
        },
        hint=ROWS,
    )


def run_layer(x, W_x, W_y, b):
    y, outputs = np.zeros(len(b)), []
    for x_t in x:
        y = np.tanh(W_x @ x_t + W_y @ y + b)
        outputs.append(y)
    return np.array(outputs)


@checker
def check_run_layer(answer: Callable) -> None:
    """A recurrent layer along one sequence: answer(x, W_x, W_y, b) -> (steps, units)."""
    compare(
        answer,
        run_layer,
        {
            "six steps": _layer(3, (6, 3), units=2),
            "a square layer": _layer(4, (5, 3), units=3),
            "one step": _layer(5, (1, 2), units=4),
        },
        {
            "The state is not carried on: every step starts again from zeros. "
            "Hand y(t) to the next step.": "@ y -> @ (0 * y)",
            "Off by one: row t holds y(t-1). Keep each output after its step has been "
            "computed.": "(outputs) -> ([0 * y, *outputs[:-1]])",
            "One row too many: y(-1), the zeros before the first step, "
            "is not an output.": "(outputs) -> ([0 * y, *outputs])",
        },
    )


@checker
def check_averager(answer: Callable) -> None:
    """Weights of a linear perceptron that averages: answer(share) -> (w_x, w_y, b)."""
    x = np.random.default_rng(6).normal(size=(12, 1))

    def outputs(weights):
        w_x, w_y, b = weights
        return unroll(SimpleCell([[w_x]], [[w_y]], [b], identity), x)[0]

    compare(
        answer,
        averager,
        {"a share of 0.3": (0.3,), "a share of 0.85": (0.85,)},
        {
            "The two weights are swapped: `share` is what the newest input counts.": (
                "(share, 1 - share -> (1 - share, share"
            ),
            "This forgets at the right pace but adds up instead of averaging: "
            "what must w_x and w_y sum to?": "(share, -> (1,",
            "With w_y = 1 nothing is ever forgotten.": "1 - share -> 1",
            "The sign of w_y is wrong: the past has to come back as it was.": (
                "1 - share -> share - 1"
            ),
        },
        returns="w_x, w_y, b",
        view=outputs,
    )


def averager(share):
    return (share, 1 - share, 0.0)


def _layer(seed, *shapes, units):
    """Generic arrays of these shapes, and generic weights of a layer that reads the first."""
    rng, inputs = np.random.default_rng(seed), shapes[0][-1]
    weights = ((units, inputs), (units, units), (units,))
    return tuple(rng.normal(size=shape) for shape in (*shapes, *weights))
