"""Checkers of the exercises of the chapter that measures memory."""

from collections.abc import Callable

import numpy as np

from lib.book.exercises.feedback import checker, compare

LAGS = np.array([5.0, 10.0, 20.0, 40.0, 80.0])


def baseline(numbers, low, high):
    return numbers * (high - low) ** 2 / 12


@checker
def check_baseline(answer: Callable) -> None:
    """The error of the best constant answer to a sum: answer(numbers, low, high) -> a number."""
    compare(
        answer,
        baseline,
        {
            "two numbers of any sign": (2, -1.0, 1.0),
            "two numbers between 0 and 1": (2, 0.0, 1.0),
            "five numbers": (5, 0.5, 3.5),
        },
        {
            "This is the variance of one number; those of independent ones add up.": (
                "numbers * -> "
            ),
            "Variances add up, standard deviations do not: no square of `numbers`.": (
                "numbers * -> numbers ** 2 * "
            ),
            "This is the standard deviation; the squared error is its square.": (
                lambda numbers, low, high: np.sqrt(numbers * (high - low) ** 2 / 12)
            ),
            "This is the error of answering 0, not of the best constant, the mean.": (
                lambda numbers, low, high: (
                    numbers * (high - low) ** 2 / 12 + (numbers * (high + low) / 2) ** 2
                )
            ),
            "A uniform number between low and high has a variance of (high - low)**2 / 12.": (
                lambda numbers, low, high: numbers * (high - low) / 12
            ),
            "This is the best constant itself; its error is wanted.": (
                lambda numbers, low, high: numbers * (high + low) / 2
            ),
        },
    )


def longest_lag(lags, learned):
    first_failure = np.argmin(np.append(learned, 0))
    return np.append(0, lags)[first_failure]


@checker
def check_longest_lag(answer: Callable) -> None:
    """The longest lag before the first that failed: answer(lags, learned) -> a lag, 0 for none."""
    compare(
        answer,
        longest_lag,
        {
            "a failure, then a lucky run": (LAGS, np.array([1, 1, 0, 1, 0])),
            "all learned": (LAGS, np.ones(5, int)),
            "none learned": (LAGS[:3], np.zeros(3, int)),
            "one lag of two": (np.array([7.0, 11.0]), np.array([1, 0])),
            "three in a row": (LAGS, np.array([1, 1, 1, 0, 0])),
        },
        {
            "This is the longest lag that was learned at all; the climb ended at the first "
            "failure.": lambda lags, learned: np.max(lags * learned),
            "This is the first lag that failed; the one before it is wanted.": (
                lambda lags, learned: np.append(lags, lags[-1])[np.argmin(np.append(learned, 0))]
            ),
            "This counts the lags that were learned; which was the longest?": (
                lambda lags, learned: np.sum(learned)
            ),
            "This is the place of a lag; the lag itself is wanted.": (
                lambda lags, learned: np.argmin(np.append(learned, 0))
            ),
        },
    )
