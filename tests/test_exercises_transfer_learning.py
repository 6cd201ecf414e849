"""The checkers of transfer learning: right answers pass, wrong ones learn why."""

import numpy as np
import pytest

from lib.book.exercises.feedback import NotYet
from lib.book.exercises.transfer_learning import (
    check_combined,
    check_first_step,
    check_parameter_counts,
)


def combined(vectors):
    return vectors.sum(axis=0) / np.sqrt(max(len(vectors), 1))


def counts(rows, dimensions, units):
    head = (dimensions + 1) * units + units + 1
    return rows * dimensions + head, head


def first_step(gradient, rate):
    m, v = 0.1 * gradient / (1 - 0.9), 0.001 * gradient**2 / (1 - 0.999)
    return -rate * m / (np.sqrt(v) + 1e-7)


SOLUTIONS = [
    (check_combined, combined),
    (check_parameter_counts, counts),
    (check_first_step, first_step),
]


@pytest.mark.parametrize(("check", "solution"), SOLUTIONS)
def test_solution_passes(check, solution, capsys):
    check(solution)
    assert capsys.readouterr().out == "Correct.\n"


@pytest.mark.parametrize(
    ("check", "wrong", "message"),
    [
        (check_combined, lambda v: v.mean(axis=0), "This is the mean"),
        (check_combined, lambda v: v.sum(axis=0), "This is the sum"),
        (check_combined, lambda v: v.sum(axis=0) / np.sqrt(v.shape[1]), "number of dimensions"),
        (check_combined, lambda v: v.sum(axis=1) / np.sqrt(3), "runs over the dimensions"),
        (check_combined, lambda v: v.sum() / np.sqrt(len(v)), "a sum of its own"),
        (check_combined, lambda v: v.sum(0) / np.linalg.norm(v.sum(0)), "unit vector"),
        (
            check_combined,
            lambda v: v.sum(0) / np.sqrt(len(v)) if len(v) else np.full(3, np.nan),
            "A text without words",
        ),
        (check_combined, lambda v: None, "gave back nothing"),
        (check_parameter_counts, lambda r, d, u: (r * d + d * u + u, d * u + u), "The biases are"),
        (
            check_parameter_counts,
            lambda r, d, u: (r * d + d * u + 2 * u, d * u + 2 * u),
            "bias of the last",
        ),
        (
            check_parameter_counts,
            lambda r, d, u: (r * d + d * u + u + 1, d * u + u + 1),
            "biases of the first",
        ),
        (check_parameter_counts, lambda *n: (counts(*n)[0],) * 2, "only the two dense layers"),
        (check_parameter_counts, lambda *n: counts(*n)[::-1], "They are exchanged"),
        (check_parameter_counts, lambda r, d, u: (counts(r, d, u)[0], r * d), "frozen parameters"),
        (
            check_parameter_counts,
            lambda r, d, u: (r * d + r * u + 2 * u + 1, r * u + 2 * u + 1),
            "not all rows of the table",
        ),
        (check_first_step, lambda g, rate: -first_step(g, rate), "The sign is wrong"),
        (check_first_step, lambda g, rate: -rate * g, "plain gradient descent"),
        (check_first_step, lambda g, rate: first_step(g, 1), "The rate is missing"),
        (check_first_step, lambda g, rate: -rate * g / np.sqrt(g**2), "0 / 0"),
        (check_first_step, lambda g, rate: 0.1 * first_step(g, rate), "m is not corrected"),
        (
            check_first_step,
            lambda g, rate: -rate * g / (np.sqrt(0.001 * g**2) + 1e-7),
            "v is not corrected",
        ),
        (
            check_first_step,
            lambda g, rate: -rate * 0.1 * g / (np.sqrt(0.001 * g**2) + 1e-7),
            "Neither m nor v",
        ),
        (check_first_step, lambda g, rate: -rate * g / (g**2 + 1e-7), "The root is missing"),
    ],
)
def test_mistake_gets_its_message(check, wrong, message):
    with pytest.raises(NotYet, match=message), np.errstate(all="ignore"):
        check(wrong)
