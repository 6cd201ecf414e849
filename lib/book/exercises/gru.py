"""Checkers of the exercises of chapter 4, the gated recurrent unit."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np

from lib import GRUCell, unroll
from lib.book.exercises.feedback import ROWS, checker, compare
from lib.cells.base import generic_weights

GATES = {"z": "r", "r": "z", "g": "g"}


def gru_step(x, h_before, w, equations=GRUCell.gates):
    return equations(SimpleNamespace(**w), x, (h_before,))["h"]


@checker
def check_gru_step(answer: Callable) -> None:
    """One step of a GRU for a batch: answer(x, h_before, w) -> (batch, units).

    With as many inputs as units a transposed matrix gives numbers to recognise rather than an error
    of NumPy's.
    """
    compare(
        answer,
        gru_step,
        {
            "as many inputs as units": _step(1, batch=3, inputs=4),
            "small weights": _step(2, batch=2, inputs=6, scale=0.2),
        },
        {
            "z is swapped: it keeps the old state, so z * h_before + (1 - z) * g.": (
                "z * h + (1 - z) * g -> (1 - z) * h + z * g"
            ),
            "The wrong gate blends: r stands where z belongs in the last line.": (
                "z * h + (1 - z) * g -> r * h + (1 - r) * g"
            ),
            "The gates are exchanged: r resets what the main layer sees, z blends.": (
                "r * h @ -> z * h @; z * h + (1 - z) * g -> r * h + (1 - r) * g"
            ),
            "The main layer gets z * h_before; it is r that resets.": "r * h @ -> z * h @",
            "r acts after the product with W_hg. That is the other GRU, Keras' default; "
            "here the product is (r * h_before) @ W_hg.T.": (
                "r * h @ self.W_hg.T -> r * (h @ self.W_hg.T)"
            ),
            "The main layer gets r itself; it has to get r * h_before.": "r * h @ -> r @",
            "r plays no part: the main layer sees r * h_before, not h_before.": "r * h @ -> h @",
            "This is g, the proposal; blend it with h_before.": "z * h + (1 - z) * g -> g",
            "The matrices are transposed: rows meet rows, so x @ W_xz.T.": ".T -> ",
        },
        hint=ROWS,
    )


def swapped_to_ours(w):
    return {**w, "W_xz": -w["W_xz"], "W_hz": -w["W_hz"], "b_z": -w["b_z"]}


@checker
def check_swapped_to_ours(answer: Callable) -> None:
    """Weights of one convention from those of the other: answer(w) -> dict of the same names."""
    x, _, w = _step(3, batch=8, inputs=3)

    def outputs(weights):
        return unroll(GRUCell(**weights), x)[0]

    compare(
        answer,
        swapped_to_ours,
        {"generic weights": (w,)},
        {
            "These are the weights as they came; something has to turn z into 1 - z.": "-w -> w",
            "Only the bias changed its sign; the net input has two more terms.": "-w['W -> w['W",
            "The wrong gate: these are the weights of r. The conventions differ in z.": "z' -> r'",
            "All nine changed their sign; r and g are the same in both conventions.": (
                lambda w: {name: -weight for name, weight in w.items()}
            ),
            "The gates are exchanged; both stay, and the sign of one changes.": (
                lambda w: {name: w[name[:-1] + GATES[name[-1]]] for name in w}
            ),
            "1 - W is not what turns z into 1 - z: 1 - sigma(a) = sigma(-a).": "-w -> 1 - w",
        },
        view=outputs,
    )


def _step(seed, batch, inputs, units=4, scale=1.0):
    """A batch of inputs and states, and nine generic weights by name."""
    rng = np.random.default_rng([seed, 1])
    weights = generic_weights(GRUCell, inputs, units, seed, scale=scale)
    return rng.normal(size=(batch, inputs)), rng.uniform(-1, 1, size=(batch, units)), weights
