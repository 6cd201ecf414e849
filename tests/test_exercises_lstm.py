"""The checkers of chapter 3: right answers pass, typical wrong ones are explained."""

import inspect

import numpy as np
import pytest

from lib.book.exercises.feedback import NotYet
from lib.book.exercises.lstm import check_latch, check_lstm_step, check_peephole_step
from lib.cells.activations import sigmoid


def lstm_step(x, h_before, c_before, w):
    i = sigmoid(x @ w["W_xi"].T + h_before @ w["W_hi"].T + w["b_i"])
    f = sigmoid(x @ w["W_xf"].T + h_before @ w["W_hf"].T + w["b_f"])
    o = sigmoid(x @ w["W_xo"].T + h_before @ w["W_ho"].T + w["b_o"])
    g = np.tanh(x @ w["W_xg"].T + h_before @ w["W_hg"].T + w["b_g"])
    c = f * c_before + i * g
    return o * np.tanh(c), c


def peephole_step(x, h_before, c_before, w):
    i = sigmoid(x @ w["W_xi"].T + h_before @ w["W_hi"].T + w["p_i"] * c_before + w["b_i"])
    f = sigmoid(x @ w["W_xf"].T + h_before @ w["W_hf"].T + w["p_f"] * c_before + w["b_f"])
    g = np.tanh(x @ w["W_xg"].T + h_before @ w["W_hg"].T + w["b_g"])
    c = f * c_before + i * g
    o = sigmoid(x @ w["W_xo"].T + h_before @ w["W_ho"].T + w["p_o"] * c + w["b_o"])
    return o * np.tanh(c), c


def latch(f=(0, -100, 0), b_f=50, i=(0, 100, 0), b_i=-50, o=(0, 0, 100), b_o=-50):
    weights = {"W_xi": [i], "b_i": [b_i], "W_xf": [f], "b_f": [b_f], "W_xo": [o], "b_o": [b_o]}
    weights |= {"W_xg": [[1, 0, 0]], "b_g": [0]}
    return weights | {f"W_h{layer}": [[0]] for layer in "ifog"}


@pytest.mark.parametrize(
    ("check", "solution"),
    [(check_lstm_step, lstm_step), (check_peephole_step, peephole_step), (check_latch, latch)],
)
def test_solution_passes(check, solution, capsys):
    check(solution)
    assert capsys.readouterr().out == "Correct.\n"


def rewritten(function, *replacements):
    """`function` with pieces of its source replaced: the slip that a reader makes."""
    source = inspect.getsource(function)
    for old, new in replacements:
        assert old in source
        source = source.replace(old, new)
    scope = {"np": np, "sigmoid": sigmoid}
    exec(source, scope)
    return scope[function.__name__]


RETURN = "return o * np.tanh(c), c"
LSTM_SLIPS = [
    ([(RETURN, "return o * np.tanh(c_before), c")], "the old long-term state"),
    ([(RETURN, "return c, o * np.tanh(c)")], "wrong order"),
    ([(RETURN, "return o * c, c")], "lacks its tanh"),
    ([(RETURN, "return np.tanh(c), c")], "The output gate is missing"),
    ([(RETURN, "return o * np.tanh(c)")], "Return the two new states"),
    ([(RETURN, "o * np.tanh(c), c")], "does it end with `return`"),
    ([("f * c_before + i * g", "i * c_before + f * g")], "f and i are exchanged"),
    ([("f * c_before", "o * c_before"), ("return o", "return f")], "o and f are exchanged"),
    ([("+ i * g", "+ o * g"), ("return o", "return i")], "o and i are exchanged"),
    ([("f * c_before + i * g", "i * g")], "The past is lost"),
    ([("f * c_before + i * g", "c_before + i * g")], "Nothing is ever forgotten"),
    ([("f * c_before + i * g", "f * c_before + g")], "The input gate is missing"),
    ([("g = np.tanh", "g = sigmoid")], "tanh, not sigmoid"),
    ([(f' + w["b_{k}"]', "") for k in "ifog"], "The biases are missing"),
    ([(' + w["b_f"]', "")], "The bias b_f is missing"),
    ([(".T", "")], "The matrices are transposed"),
    ([(f'w["W_h{k}"].T', f'w["W_h{k}"]') for k in "ifog"], "The matrices W_h are transposed"),
    ([("x @", "x.T @")], "NumPy could not combine the shapes"),
]
PEEPHOLE_SLIPS = [
    ([('w["p_o"] * c ', 'w["p_o"] * c_before ')], "looks at the old long-term state"),
    ([(' + w["p_o"] * c', "")], "The output gate has no peephole"),
    ([(' + w["p_i"] * c_before', "")], "The input gate has no peephole"),
    ([(' + w["p_f"] * c_before', "")], "The forget gate has no peephole"),
    (
        [(' + w["p_i"] * c_before', ""), (' + w["p_f"] * c_before', "")],
        "The input and forget gates have no peepholes",
    ),
    (
        [('w["p_i"]', 'w["q"]'), ('w["p_f"]', 'w["p_i"]'), ('w["q"]', 'w["p_f"]')],
        "p_i and p_f are exchanged",
    ),
    ([(RETURN, "return o * np.tanh(c_before), c")], "h = o * tanh(c)"),
    ([(RETURN, "return c, o * np.tanh(c)")], "wrong order"),
    ([(".T", "")], "NumPy could not combine the shapes"),
]


@pytest.mark.parametrize(("slip", "message"), LSTM_SLIPS, ids=[m for _, m in LSTM_SLIPS])
def test_wrong_lstm_step_is_explained(slip, message):
    with pytest.raises(NotYet) as caught:
        check_lstm_step(rewritten(lstm_step, *slip))
    assert message in str(caught.value)


@pytest.mark.parametrize(("slip", "message"), PEEPHOLE_SLIPS, ids=[m for _, m in PEEPHOLE_SLIPS])
def test_wrong_peephole_step_is_explained(slip, message):
    with pytest.raises(NotYet) as caught:
        check_peephole_step(rewritten(peephole_step, *slip))
    assert message in str(caught.value)


def squashed_peepholes(x, h_before, c_before, w):
    squashed = np.tanh(c_before)
    i = sigmoid(x @ w["W_xi"].T + h_before @ w["W_hi"].T + w["p_i"] * squashed + w["b_i"])
    f = sigmoid(x @ w["W_xf"].T + h_before @ w["W_hf"].T + w["p_f"] * squashed + w["b_f"])
    g = np.tanh(x @ w["W_xg"].T + h_before @ w["W_hg"].T + w["b_g"])
    c = f * c_before + i * g
    o = sigmoid(x @ w["W_xo"].T + h_before @ w["W_ho"].T + w["p_o"] * np.tanh(c) + w["b_o"])
    return o * np.tanh(c), c


def peepholes_after_the_sigmoid(x, h_before, c_before, w):
    i = sigmoid(x @ w["W_xi"].T + h_before @ w["W_hi"].T + w["b_i"]) + w["p_i"] * c_before
    f = sigmoid(x @ w["W_xf"].T + h_before @ w["W_hf"].T + w["b_f"]) + w["p_f"] * c_before
    g = np.tanh(x @ w["W_xg"].T + h_before @ w["W_hg"].T + w["b_g"])
    c = f * c_before + i * g
    o = sigmoid(x @ w["W_xo"].T + h_before @ w["W_ho"].T + w["b_o"]) + w["p_o"] * c
    return o * np.tanh(c), c


@pytest.mark.parametrize(
    ("check", "wrong", "message"),
    [
        (check_peephole_step, lstm_step, "This is the plain LSTM"),
        (check_peephole_step, squashed_peepholes, "not at tanh(c)"),
        (check_peephole_step, peepholes_after_the_sigmoid, "came after the sigmoid"),
        (check_latch, lambda: latch(o=(0, 0, 0), b_o=50), "output gate is always open"),
        (check_latch, lambda: latch(b_o=-500), "output gate never opens"),
        (check_latch, lambda: latch(f=(0, 0, 0)), "forget gate never closes"),
        (check_latch, lambda: latch(b_f=-50), "forget gate never opens"),
        (check_latch, lambda: latch(f=(0, 100, 0), b_f=-50), "forget gate is upside down"),
        (check_latch, lambda: latch(f=(0, -100, -100)), "reading must not erase"),
        (check_latch, lambda: latch(b_i=50), "input gate is always open"),
        (check_latch, lambda: latch(i=(0, 0, 100)), "opens at a recall instead"),
        (check_latch, lambda: latch(b_f=1, b_i=-1, b_o=-1), "the numbers are not"),
        (check_latch, lambda: None, "Return a dict with the names W_xi"),
        (check_latch, lambda: {**latch(), "p_i": [0]}, "Return a dict with the names W_xi"),
        (check_latch, lambda: latch(i=(0, 100)), "W_xf: expected shape"),
    ],
)
def test_wrong_answer_is_explained(check, wrong, message):
    with pytest.raises(NotYet) as caught:
        check(wrong)
    assert message in str(caught.value)


@pytest.mark.parametrize("check", [check_lstm_step, check_peephole_step, check_latch])
def test_starter_says_that_it_is_not_written(check):
    def starter(*arguments):
        raise NotImplementedError("write it")

    with pytest.raises(NotImplementedError, match="write it"):
        check(starter)
