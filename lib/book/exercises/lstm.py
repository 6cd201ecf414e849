"""Checkers of the exercises of the chapter on the LSTM."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np

from lib import LSTMCell, PeepholeLSTMCell, unroll
from lib.book.exercises.feedback import ROWS, checker, compare
from lib.cells.base import generic_weights
from lib.data import tasks


def lstm_step(x, h_before, c_before, w, equations=LSTMCell.gates):
    values = equations(SimpleNamespace(**w), x, (h_before, c_before))
    return values["h"], values["c"]


@checker
def check_lstm_step(answer: Callable) -> None:
    """One step of an LSTM for a batch: answer(x, h_before, c_before, w) -> (h, c).

    With as many inputs as units a transposed matrix gives numbers to recognise rather than an error
    of NumPy's.
    """
    compare(
        answer,
        lstm_step,
        {
            "as many inputs as units": _step(LSTMCell, 1, batch=3, inputs=4),
            "small weights": _step(LSTMCell, 2, batch=2, inputs=6, scale=0.2),
        },
        {
            "The output reads the old cell state: h = o * tanh(c) needs the new c, "
            "which has just been computed.": "tanh(c) -> tanh(states[1])",
            "The gates f and i are exchanged: f keeps c_before, "
            "i admits g.": "f * c + i * g -> i * c + f * g",
            "The gates o and f are exchanged: f keeps c_before, "
            "o lets tanh(c) out.": "f * c -> o * c; o * tanh_c -> f * tanh_c",
            "The gates o and i are exchanged: i admits g, "
            "o lets tanh(c) out.": "i * g -> o * g; o * tanh_c -> i * tanh_c",
            "The past is lost: c = f * c_before + i * g.": "f * c + -> ",
            "Nothing is ever forgotten: c = f * c_before + i * g.": "f * c + -> c +",
            "The matrices are transposed: rows meet rows, so x @ W_xi.T.": ".T -> ",
        },
        returns="h, c",
        hint=ROWS,
    )


def peephole_step(x, h_before, c_before, w, equations=PeepholeLSTMCell.gates):
    return lstm_step(x, h_before, c_before, w, equations)


@checker
def check_peephole_step(answer: Callable) -> None:
    """One step with peepholes, for a batch: answer(x, h_before, c_before, w) -> (h, c)."""
    compare(
        answer,
        peephole_step,
        {
            "more units than inputs": _step(PeepholeLSTMCell, 3, batch=5, inputs=3),
            "small weights": _step(PeepholeLSTMCell, 4, batch=2, inputs=6, scale=0.2),
        },
        {
            "The output gate looks at the old cell state; it comes last because it looks at "
            "the new c.": "p_o * c -> p_o * states[1]",
            "This is the plain LSTM: the gates do not look at c.": (
                "self.p_i * c -> 0; self.p_f * c -> 0; self.p_o * c -> 0"
            ),
            "The input and forget gates have no peepholes.": "self.p_i * c -> 0; self.p_f * c -> 0",
            "The peepholes look at c itself, not at tanh(c).": (
                "p_i * c -> p_i * tanh(c); p_f * c -> p_f * tanh(c); p_o * c -> p_o * tanh(c)"
            ),
            "The output reads the old cell state: h = o * tanh(c).": (
                "tanh_c = tanh(c) -> tanh_c = tanh(states[1])"
            ),
            "The peepholes came after the sigmoid; they belong to the net input.": (
                " + self.p_i * c) -> ) + self.p_i * c; + self.p_f * c) -> ) + self.p_f * c; "
                "+ self.p_o * c) -> ) + self.p_o * c"
            ),
        },
        returns="h, c",
        hint=ROWS,
    )


def latch_weights():
    weights = {}
    for layer, row, bias in [
        ("i", [0, 100, 0], -50),
        ("f", [0, -100, 0], 50),
        ("o", [0, 0, 100], -50),
        ("g", [1, 0, 0], 0),
    ]:
        weights |= {f"W_x{layer}": [row], f"W_h{layer}": [[0]], f"b_{layer}": [bias]}
    return weights


@checker
def check_latch(answer: Callable) -> None:
    """Weights of one unit that stores and recalls: answer() -> dict of an LSTM's weights."""
    inputs, _ = tasks.store_and_recall(8, 40, seed=3, commands=0.4)

    def states(weights):
        cell = LSTMCell(**weights)
        if (cell.input_size, cell.output_size) != (3, 1):
            raise ValueError("the cell has three inputs and one unit: W_xi is (1, 3), W_hi (1, 1)")
        return np.stack(unroll(cell, inputs)[1])

    compare(
        answer,
        latch_weights,
        {"the task": ()},
        {
            "The output gate is always open: it should let the memory out at a recall only.": (
                "[0, 0, 100], -50 -> [0, 0, 100], 50"
            ),
            "The output gate never opens.": "[0, 0, 100], -50 -> [0, 0, 100], -150",
            "The forget gate never closes, so values pile up: close it where store is 1.": (
                "-100, 0], 50 -> -100, 0], 150"
            ),
            "The forget gate never opens, so nothing is kept.": "-100, 0], 50 -> -100, 0], -50",
            "The forget gate is upside down: it opens at a store and closes elsewhere.": (
                "-100, 0], 50 -> 100, 0], -50"
            ),
            "The forget gate closes at a recall: reading must not erase.": (
                "[0, -100, 0] -> [0, -100, -100]"
            ),
            "The input gate is always open, so every value gets in.": (
                "[0, 100, 0], -50 -> [0, 100, 0], 50"
            ),
            "The input gate opens at a recall instead of a store.": "[0, 100, 0] -> [0, 0, 100]",
        },
        view=states,
        tolerance=1e-3,
    )


def _step(kind, seed, batch, inputs, units=4, scale=1.0):
    """A batch of inputs and states, and generic weights of a cell of class `kind` by name."""
    rng = np.random.default_rng([seed, 1])
    weights = generic_weights(kind, inputs, units, seed, scale=scale)
    return rng.normal(size=(batch, inputs)), *rng.normal(size=(2, batch, units)), weights
