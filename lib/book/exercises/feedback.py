"""How every exercise is checked: an answer is right, or the reader learns why it is not.

A checker calls the reader's function on generic random arrays and hands the result to `judge`,
together with the right result and with the results of the mistakes that people make.
"""

import numpy as np


class NotYet(AssertionError):
    """The answer is not right yet; the message says what to look at."""


def judge(answer, expected, mistakes=None, tolerance=1e-9):
    """Print that `answer` is right, or raise NotYet with a message that teaches.

    answer     what the reader's function returned
    expected   the right array
    mistakes   {message: the array that this mistake would give}; the first that equals `answer`
               gives its message
    tolerance  largest relative and absolute difference that counts as equal; the default leaves
               room for another order of summation in float64
    """
    if answer is None:
        raise NotYet("Your function gave back nothing (None): does it end with `return`?")
    expected = np.asarray(expected)
    try:
        answer = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        raise NotYet(
            f"Expected an array of shape {expected.shape}, got a {type(answer).__name__} "
            "that cannot be read as one."
        ) from None

    if _same(answer, expected, tolerance):
        print("Correct.")
        return
    for message, wrong in (mistakes or {}).items():
        if _same(answer, np.asarray(wrong), tolerance):
            raise NotYet(message)
    if answer.shape != expected.shape:
        raise NotYet(f"Wrong shape: expected {expected.shape}, got {answer.shape}.")
    worst = np.unravel_index(np.argmax(np.abs(answer - expected)), expected.shape)
    raise NotYet(
        f"The shape {expected.shape} is right, the numbers are not: at index "
        f"{tuple(map(int, worst))} expected {expected[worst]:.6g}, got {answer[worst]:.6g}."
    )


def _same(a, b, tolerance):
    return a.shape == b.shape and np.allclose(a, b, rtol=tolerance, atol=tolerance)
