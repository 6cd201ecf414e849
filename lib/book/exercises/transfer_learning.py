"""Checkers of the exercises of the chapter on transfer learning."""

from collections.abc import Callable

import numpy as np

from lib.book.exercises.feedback import checker, compare


def combined(vectors):
    return vectors.sum(axis=0) / np.sqrt(max(len(vectors), 1))


@checker
def check_combined(answer: Callable) -> None:
    """The vector of a text from those of its words: answer(vectors) -> (dimensions,)."""
    vectors = np.random.default_rng(0).normal(size=(5, 3))
    compare(
        answer,
        combined,
        {
            "a text of five words": (vectors,),
            "a text of one word": (vectors[:1],),
            "a text without words": (vectors[:0],),
        },
        {
            "This is the mean; divide by the root of the number of words.": (
                "sum(axis=0) / np.sqrt(max(len(vectors), 1)) -> mean(axis=0)"
            ),
            "This is the sum; it still has to be divided by the root of n.": (
                " / np.sqrt(max(len(vectors), 1)) -> "
            ),
            "This divides by the root of the number of dimensions; words count.": (
                "len(vectors) -> vectors.shape[1]"
            ),
            "The sum runs over the dimensions; add the rows, one for each word.": (
                "axis=0 -> axis=1; len(vectors) -> vectors.shape[1]"
            ),
            "This is the unit vector: n is the number of words, not a length.": (
                "max(len(vectors), 1) -> np.sum(vectors.sum(axis=0) ** 2)"
            ),
            "A text without words should give zeros, not a division by zero.": (
                "max(len(vectors), 1) -> len(vectors)"
            ),
        },
    )


def parameter_counts(rows, dimensions, units):
    head = dimensions * units + units + (units + 1)
    return (rows * dimensions + head, head)


@checker
def check_parameter_counts(answer: Callable) -> None:
    """The numbers of Figs. 14 and 15: answer(rows, dimensions, units) -> (all, trainable)."""
    compare(
        answer,
        parameter_counts,
        {"97 rows": (97, 7, 11), "5 rows": (5, 13, 3)},
        {
            "The biases are missing: each of the units has one, and so has the last.": (
                "units + units + (units + 1) -> units + units"
            ),
            "The bias of the last layer is missing.": "(units + 1) -> units",
            "The biases of the first dense layer are missing.": (
                "units + units + (units + 1) -> units + (units + 1)"
            ),
            "The table is frozen: only the two dense layers are trainable.": (
                "head, head -> head, rows * dimensions + head"
            ),
            "The second number is the frozen parameters; return the trainable ones.": (
                "head, head -> head, rows * dimensions"
            ),
            "The first dense layer reads one vector, not all rows of the table.": (
                "head = dimensions * units -> head = rows * units"
            ),
        },
        returns="all, trainable",
    )


def first_step(gradient, rate):
    return -rate * gradient / (np.abs(gradient) + 1e-7)


@checker
def check_first_step(answer: Callable) -> None:
    """The first update of Adam: answer(gradient, rate) -> what is added to the weights."""
    g = np.random.default_rng(1).normal(size=(4, 3))
    g[1] = 0  # a word that does not occur in the batch
    sizes = 10.0 ** np.random.default_rng(2).integers(-2, 3, size=(4, 3))
    compare(
        answer,
        first_step,
        {
            "gradients of usual size": (g * sizes, 1e-3),
            "tiny gradients": (1e-7 * g * sizes, 0.01),
        },
        {
            "The sign is wrong: an update goes against the gradient.": "-rate -> rate",
            "This is plain gradient descent; Adam divides by the root of s.": (
                " / (np.abs(gradient) + 1e-07) -> "
            ),
            "The rate is missing.": "rate * -> ",
            "m is not corrected for its start at zero: divide it by 1 - 0.9.": (
                "-rate -> -0.1 * rate"
            ),
            "s is not corrected for its start at zero: divide it by 1 - 0.999.": (
                "np.abs(gradient) -> np.sqrt(0.001 * gradient ** 2)"
            ),
            "Neither m nor s is corrected for its start at zero.": (
                "-rate -> -0.1 * rate; np.abs(gradient) -> np.sqrt(0.001 * gradient ** 2)"
            ),
            "The root is missing: s is the mean of squares.": "np.abs(gradient) -> gradient ** 2",
            "Weights without a gradient give 0 / 0: where does the small number belong?": (
                " + 1e-07 -> "
            ),
            "This is the sign of the gradient; a gradient as small as the small number moves its "
            "weight less.": "gradient / (np.abs(gradient) + 1e-07) -> np.sign(gradient)",
            "The small number belongs outside the root.": (
                "np.abs(gradient) + 1e-07 -> np.sqrt(gradient ** 2 + 1e-07)"
            ),
            "The small number is added before s is corrected; it comes after.": (
                "1e-07 -> 1e-07 / np.sqrt(0.001)"
            ),
        },
    )
