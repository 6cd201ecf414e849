"""Checkers of the exercises of the chapter on transfer learning."""

import numpy as np

from lib.book.exercises.feedback import NotYet, judge


def check_combined(answer):
    """The vector of a text from those of its words: answer(vectors) -> (dimensions,)."""
    vectors = np.random.default_rng(0).normal(size=(5, 3))
    total, across = vectors.sum(axis=0), vectors.sum(axis=1)
    judge(
        _run(answer, vectors.copy()),
        total / np.sqrt(5),
        {
            "This is the mean; divide by the root of the number of words.": total / 5,
            "This is the sum; it still has to be divided by the root of n.": total,
            "This divides by the root of the number of dimensions; words count.": total
            / np.sqrt(3),
            "The sum runs over the dimensions; add the rows, one for each word.": across
            / np.sqrt(3),
            "A sum over all numbers: every dimension has a sum of its own.": total.sum()
            / np.sqrt(5),
            "This is the unit vector: n is the number of words, not a length.": total
            / np.linalg.norm(total),
        },
    )
    empty = np.asarray(_run(answer, vectors[:0]), dtype=float)
    if empty.shape != (3,) or not np.array_equal(empty, np.zeros(3)):
        raise NotYet("A text without words should give zeros, not a division by zero.")


def check_parameter_counts(answer):
    """The numbers of Figs. 14 and 15: answer(rows, dimensions, units) -> (all, trainable)."""
    rows, dimensions, units = 97, 7, 11
    table, kernels, biases = rows * dimensions, dimensions * units + units, units + 1

    def counts(head):
        return [table + head, head]

    head = kernels + biases
    judge(
        answer(rows, dimensions, units),
        counts(head),
        {
            "The biases are missing: each of the units has one, and so has the last.": counts(
                kernels
            ),
            "The bias of the last layer is missing.": counts(head - 1),
            "The biases of the first dense layer are missing.": counts(head - units),
            "The table is frozen: only the two dense layers are trainable.": [table + head] * 2,
            "They are exchanged: first all parameters, then the trainable ones.": [
                head,
                table + head,
            ],
            "The second number is the frozen parameters; return the trainable ones.": [
                table + head,
                table,
            ],
            "The first dense layer reads one vector, not all rows of the table.": counts(
                rows * units + units + biases
            ),
        },
    )


def check_first_step(answer):
    """The first update of Adam: answer(gradient, rate) -> what is added to the weights."""
    rng = np.random.default_rng(1)
    g = rng.normal(size=(4, 3)) * 10.0 ** rng.integers(-2, 3, size=(4, 3))
    g[1] = 0  # a word that does not occur in the batch
    rate, tiny = 1e-3, 1e-7
    found = _run(answer, g.copy(), rate)
    if found is not None and np.isnan(np.asarray(found, dtype=float)).any():
        raise NotYet("Weights without a gradient give 0 / 0: where does the small number belong?")
    step = g / (np.abs(g) + tiny)
    small_v = g / (np.sqrt(0.001) * np.abs(g) + tiny)
    judge(
        found,
        -rate * step,
        {
            "The sign is wrong: an update goes against the gradient.": rate * step,
            "This is plain gradient descent; Adam divides by the root of v.": -rate * g,
            "The rate is missing.": -step,
            "m is not corrected for its start at zero: divide it by 1 - 0.9.": -rate * 0.1 * step,
            "v is not corrected for its start at zero: divide it by 1 - 0.999.": -rate * small_v,
            "Neither m nor v is corrected for its start at zero.": -rate * 0.1 * small_v,
            "The root is missing: v is the mean of squares.": -rate * g / (g**2 + tiny),
        },
        tolerance=1e-6,
    )


def _run(answer, *arguments):
    """What `answer` returns; NotYet in plain words where NumPy cannot combine its shapes."""
    try:
        return answer(*arguments)
    except ValueError as error:
        raise NotYet(f"NumPy could not combine the shapes ({error}).") from None
