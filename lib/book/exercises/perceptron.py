"""Checkers of the exercises of chapter 1, the recurrent perceptron."""

import numpy as np

from lib import SimpleCell, unroll
from lib.book.exercises.feedback import NotYet, judge
from lib.cells.activations import identity


def check_recurrent_step(answer):
    """One step of a recurrent layer for a batch: answer(x, y_before, W_x, W_y, b) -> y.

    There are as many inputs as units here, so that a transposed matrix gives numbers to recognise
    rather than an error of NumPy's.
    """
    rng = np.random.default_rng(1)
    batch, inputs, units = 3, 4, 4
    x, y_before = rng.normal(size=(batch, inputs)), rng.normal(size=(batch, units))
    W_x, W_y = rng.normal(size=(units, inputs)), rng.normal(size=(units, units))
    b = rng.normal(size=units)

    new, old = x @ W_x.T, y_before @ W_y.T
    wrong_new, wrong_old = x @ W_x, y_before @ W_y
    judge(
        _run(answer, x, y_before, W_x, W_y, b),
        np.tanh(new + old + b),
        {
            "W_x is transposed the wrong way: a row of x has to meet a row of W_x, "
            "so x @ W_x.T.": np.tanh(wrong_new + old + b),
            "W_y is transposed the wrong way: a row of y_before has to meet a row of W_y, "
            "so y_before @ W_y.T.": np.tanh(new + wrong_old + b),
            "Both matrices are transposed the wrong way: rows meet rows, "
            "so x @ W_x.T and y_before @ W_y.T.": np.tanh(wrong_new + wrong_old + b),
            "The bias b is missing.": np.tanh(new + old),
            "The bias b is added after the activation; it belongs inside.": np.tanh(new + old) + b,
            "The output of the step before plays no part: where is y_before @ W_y.T?": np.tanh(
                new + b
            ),
            "y_before comes in without its weights W_y.": np.tanh(new + y_before + b),
            "This is the net input; the activation tanh is missing.": new + old + b,
        },
    )


def check_run_layer(answer):
    """A recurrent layer along one sequence: answer(x, W_x, W_y, b) -> (steps, units)."""
    rng = np.random.default_rng(2)
    steps, inputs, units = 6, 3, 2
    x = rng.normal(size=(steps, inputs))
    W_x, W_y = rng.normal(size=(units, inputs)), rng.normal(size=(units, units))
    b = rng.normal(size=units)

    cell = SimpleCell(W_x, W_y, b)
    y, _ = unroll(cell, x)
    backwards, _ = unroll(cell, x[::-1])
    before = np.zeros((1, units))
    judge(
        _run(answer, x, W_x, W_y, b),
        y,
        {
            "The state is not carried on: every step starts again from zeros. "
            "Hand y(t) to the next step.": np.tanh(x @ W_x.T + b),
            "Off by one: row t holds y(t-1). "
            "Keep each output after its step has been computed.": np.concatenate([before, y[:-1]]),
            "One row too many: y(-1), the zeros before the first step, "
            "is not an output.": np.concatenate([before, y]),
            "One row too few: the first output, y(0), is missing.": y[1:],
            "One row too few: the last output is missing.": y[:-1],
            "Only the last output came back; keep the output of every step.": y[-1],
            "The outputs are in reverse order: row 0 has to be y(0).": y[::-1],
            "The sequence is read backwards: the first input to use is x[0].": backwards,
        },
    )


def check_averager(answer):
    """Weights of a linear perceptron that averages: answer(share) -> (w_x, w_y, b)."""
    rng = np.random.default_rng(3)
    share, x = 0.3, rng.normal(size=(12, 1))
    weights = answer(share)
    if np.shape(weights) != (3,):
        raise NotYet("Return three numbers: `return w_x, w_y, b`.")

    def output(w_x, w_y, b):
        y, _ = unroll(SimpleCell([[w_x]], [[w_y]], [b], identity), x)
        return y

    judge(
        output(*weights),
        output(share, 1 - share, 0.0),
        {
            "The two weights are swapped: `share` is what the newest input counts.": output(
                1 - share, share, 0.0
            ),
            "This forgets at the right pace but adds up instead of averaging: "
            "what must w_x and w_y sum to?": output(1.0, 1 - share, 0.0),
            "With w_y = 1 nothing is ever forgotten.": output(share, 1.0, 0.0),
            "The sign of w_y is wrong: the past has to come back as it was.": output(
                share, share - 1, 0.0
            ),
        },
    )


def _run(answer, *arrays):
    """What `answer` returns; NotYet in plain words where NumPy cannot combine its shapes."""
    try:
        return answer(*arrays)
    except ValueError as error:
        raise NotYet(
            f"NumPy could not combine the shapes ({error}). Vectors are rows here: "
            "a row x meets the rows of W_x in x @ W_x.T."
        ) from None
