"""The checkers of chapter 1: right answers pass, typical wrong ones are explained."""

import numpy as np
import pytest

from lib.book.exercises.feedback import NotYet
from lib.book.exercises.perceptron import check_averager, check_recurrent_step, check_run_layer


def step(x, y_before, W_x, W_y, b):
    return np.tanh(x @ W_x.T + y_before @ W_y.T + b)


def run(x, W_x, W_y, b):
    y, outputs = np.zeros(len(b)), []
    for row in x:
        y = np.tanh(W_x @ row + W_y @ y + b)
        outputs.append(y)
    return np.array(outputs)


def average(share):
    return share, 1 - share, 0


@pytest.mark.parametrize(
    ("check", "solution"),
    [(check_recurrent_step, step), (check_run_layer, run), (check_averager, average)],
)
def test_solution_passes(check, solution, capsys):
    check(solution)
    assert capsys.readouterr().out == "Correct.\n"


def step_transposed_input(x, y_before, W_x, W_y, b):
    return np.tanh(np.dot(x, W_x) + np.dot(y_before, W_y.T) + b)


def step_transposed_recurrent(x, y_before, W_x, W_y, b):
    return np.tanh(x @ W_x.T + y_before @ W_y + b)


def step_both_transposed(x, y_before, W_x, W_y, b):
    return np.tanh(np.concatenate([x, y_before], axis=1) @ np.concatenate([W_x, W_y]) + b)


def step_without_bias(x, y_before, W_x, W_y, b):
    return np.tanh(np.einsum("bi,ui->bu", x, W_x) + np.einsum("bv,uv->bu", y_before, W_y))


def step_bias_outside(x, y_before, W_x, W_y, b):
    return b + np.tanh(x @ W_x.T + y_before @ W_y.T)


def step_without_past(x, y_before, W_x, W_y, b):
    return np.tanh(x @ W_x.T + np.zeros_like(y_before) @ W_y.T + b)


def step_past_unweighted(x, y_before, W_x, W_y, b):
    return np.tanh(x @ W_x.T + y_before + b)


def step_linear(x, y_before, W_x, W_y, b):
    return x @ W_x.T + y_before @ W_y.T + b


def step_column_form(x, y_before, W_x, W_y, b):
    return np.tanh(W_x @ x + W_y @ y_before + b)


def step_without_return(x, y_before, W_x, W_y, b):
    np.tanh(x @ W_x.T + y_before @ W_y.T + b)


def run_without_state(x, W_x, W_y, b):
    outputs = []
    for row in x:
        y = np.zeros(len(b))
        outputs.append(np.tanh(W_x @ row + W_y @ y + b))
    return np.array(outputs)


def run_shifted(x, W_x, W_y, b):
    y, outputs = np.zeros(len(b)), []
    for row in x:
        outputs.append(y)
        y = np.tanh(W_x @ row + W_y @ y + b)
    return np.array(outputs)


def run_with_initial(x, W_x, W_y, b):
    outputs = [np.zeros(len(b))]
    for row in x:
        outputs.append(np.tanh(W_x @ row + W_y @ outputs[-1] + b))
    return np.array(outputs)


def run_first_dropped(x, W_x, W_y, b):
    y = np.tanh(W_x @ x[0] + b)
    outputs = []
    for row in x[1:]:
        y = np.tanh(W_x @ row + W_y @ y + b)
        outputs.append(y)
    return np.array(outputs)


def run_last_dropped(x, W_x, W_y, b):
    y, outputs = np.zeros(len(b)), []
    for t in range(len(x) - 1):
        y = np.tanh(W_x @ x[t] + W_y @ y + b)
        outputs.append(y)
    return np.array(outputs)


def run_last_only(x, W_x, W_y, b):
    y = np.zeros(len(b))
    for row in x:
        y = np.tanh(W_x @ row + W_y @ y + b)
    return y


def run_prepended(x, W_x, W_y, b):
    y, outputs = np.zeros(len(b)), []
    for row in x:
        y = np.tanh(W_x @ row + W_y @ y + b)
        outputs.insert(0, y)
    return np.array(outputs)


def run_backwards(x, W_x, W_y, b):
    y, outputs = np.zeros(len(b)), []
    for row in reversed(x):
        y = np.tanh(W_x @ row + W_y @ y + b)
        outputs.append(y)
    return np.array(outputs)


@pytest.mark.parametrize(
    ("check", "wrong", "message"),
    [
        (check_recurrent_step, step_transposed_input, "W_x is transposed the wrong way"),
        (check_recurrent_step, step_transposed_recurrent, "W_y is transposed the wrong way"),
        (check_recurrent_step, step_both_transposed, "Both matrices are transposed"),
        (check_recurrent_step, step_without_bias, "The bias b is missing"),
        (check_recurrent_step, step_bias_outside, "added after the activation"),
        (check_recurrent_step, step_without_past, "plays no part"),
        (check_recurrent_step, step_past_unweighted, "without its weights W_y"),
        (check_recurrent_step, step_linear, "the activation tanh is missing"),
        (check_recurrent_step, step_column_form, "NumPy could not combine the shapes"),
        (check_recurrent_step, step_without_return, "does it end with `return`"),
        (check_run_layer, run_without_state, "The state is not carried on"),
        (check_run_layer, run_shifted, "Off by one: row t holds y(t-1)"),
        (check_run_layer, run_with_initial, "One row too many"),
        (check_run_layer, run_first_dropped, "the first output, y(0), is missing"),
        (check_run_layer, run_last_dropped, "the last output is missing"),
        (check_run_layer, run_last_only, "Only the last output"),
        (check_run_layer, run_prepended, "in reverse order"),
        (check_run_layer, run_backwards, "read backwards"),
        (check_averager, lambda share: (1 - share, share, 0), "swapped"),
        (check_averager, lambda share: (1, 1 - share, 0), "adds up instead of averaging"),
        (check_averager, lambda share: (share, 1, 0), "nothing is ever forgotten"),
        (check_averager, lambda share: (share, -(1 - share), 0), "sign of w_y"),
        (check_averager, lambda share: share, "Return three numbers"),
        (check_averager, lambda share: None, "Return three numbers"),
        (check_averager, lambda share: (share, 1 - share, 0.1), "the numbers are not"),
    ],
)
def test_wrong_answer_is_explained(check, wrong, message):
    with pytest.raises(NotYet) as caught:
        check(wrong)
    assert message in str(caught.value)


@pytest.mark.parametrize("check", [check_recurrent_step, check_run_layer, check_averager])
def test_starter_says_that_it_is_not_written(check):
    def starter(*arguments):
        raise NotImplementedError("write it")

    with pytest.raises(NotImplementedError, match="write it"):
        check(starter)
