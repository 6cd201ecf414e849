"""The checkers of chapter 5: right answers pass, typical wrong ones are explained."""

import numpy as np
import pytest

from lib.book.exercises.feedback import NotYet
from lib.book.exercises.training_through_time import check_backward_layer, check_sensitivity_step


def backward(y, d_y, W_y):
    gradient, d_later = np.zeros_like(W_y), np.zeros(len(W_y))
    for t in reversed(range(len(y))):
        d_a = (1 - y[t] ** 2) * (d_y[t] + d_later)
        if t > 0:
            gradient += np.outer(d_a, y[t - 1])
        d_later = W_y.T @ d_a
    return gradient


def sensitivity(P, v, y, W_y):
    return (1 - y**2)[:, None] * (W_y @ P + np.kron(np.eye(len(y)), v))


@pytest.mark.parametrize(
    ("check", "solution"),
    [(check_backward_layer, backward), (check_sensitivity_step, sensitivity)],
)
def test_solution_passes(check, solution, capsys):
    check(solution)
    assert capsys.readouterr().out == "Correct.\n"


def backward_untransposed(y, d_y, W_y):
    gradient, d_later = np.zeros_like(W_y), np.zeros(len(W_y))
    for t in range(len(y) - 1, 0, -1):
        d_a = (1 - y[t] ** 2) * (d_y[t] + d_later)
        gradient += np.outer(d_a, y[t - 1])
        d_later = W_y @ d_a
    return gradient


def backward_without_slope(y, d_y, W_y):
    gradient, d_later = np.zeros_like(W_y), np.zeros(len(W_y))
    for t in range(len(y) - 1, 0, -1):
        gradient += np.outer(d_y[t] + d_later, y[t - 1])
        d_later = W_y.T @ (d_y[t] + d_later)
    return gradient


def backward_one_step(y, d_y, W_y):
    d_a = (1 - y**2) * d_y
    return sum(np.outer(d_a[t], y[t - 1]) for t in range(1, len(y)))


def backward_off_by_one(y, d_y, W_y):
    gradient, d_later = np.zeros_like(W_y), np.zeros(len(W_y))
    for t in reversed(range(len(y))):
        d_a = (1 - y[t] ** 2) * (d_y[t] + d_later)
        gradient += np.outer(d_a, y[t])
        d_later = W_y.T @ d_a
    return gradient


def sensitivity_now_only(P, v, y, W_y):
    return (1 - y**2)[:, None] * np.kron(np.eye(len(y)), v)


def sensitivity_past_only(P, v, y, W_y):
    return np.diag(1 - y**2) @ W_y @ P


def sensitivity_linear(P, v, y, W_y):
    return W_y @ P + np.kron(np.eye(len(y)), v)


def sensitivity_half_slope(P, v, y, W_y):
    return np.diag(1 - y**2) @ W_y @ P + np.kron(np.eye(len(y)), v)


def sensitivity_other_half_slope(P, v, y, W_y):
    return W_y @ P + np.kron(np.diag(1 - y**2), v)


def sensitivity_transposed(P, v, y, W_y):
    return np.diag(1 - y**2) @ (W_y.T @ P + np.kron(np.eye(len(y)), v))


@pytest.mark.parametrize(
    ("check", "wrong", "message"),
    [
        (check_backward_layer, backward_untransposed, "W_y has to be transposed"),
        (check_backward_layer, backward_without_slope, "slope of tanh, 1 - y**2, is missing"),
        (check_backward_layer, backward_one_step, "only hears of its own loss"),
        (check_backward_layer, backward_off_by_one, "Off by one"),
        (check_backward_layer, lambda *a: backward(*a).T, "The result is transposed"),
        (check_backward_layer, lambda *a: None, "does it end with `return`"),
        (check_sensitivity_step, sensitivity_now_only, "W_y @ P, is missing"),
        (check_sensitivity_step, sensitivity_past_only, "What this step adds is missing"),
        (check_sensitivity_step, sensitivity_linear, "slope of tanh, 1 - y**2, is missing"),
        (check_sensitivity_step, sensitivity_half_slope, "only one of the two terms"),
        (check_sensitivity_step, sensitivity_other_half_slope, "only one of the two terms"),
        (check_sensitivity_step, sensitivity_transposed, "W_y is not transposed here"),
    ],
)
def test_wrong_answer_is_explained(check, wrong, message):
    with pytest.raises(NotYet) as caught:
        check(wrong)
    assert message in str(caught.value)


@pytest.mark.parametrize("check", [check_backward_layer, check_sensitivity_step])
def test_starter_says_that_it_is_not_written(check):
    def starter(*arguments):
        raise NotImplementedError("write it")

    with pytest.raises(NotImplementedError, match="write it"):
        check(starter)
