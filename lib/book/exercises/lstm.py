"""Checkers of the exercises of chapter 3, the LSTM."""

import numpy as np

from lib import LSTMCell, PeepholeLSTMCell, unroll
from lib.book.exercises.feedback import NotYet, judge
from lib.cells.activations import sigmoid
from lib.data import tasks


def check_lstm_step(answer):
    """One step of an LSTM for a batch: answer(x, h_before, c_before, w) -> (h, c).

    There are as many inputs as units here, so that a transposed matrix gives numbers to recognise
    rather than an error of NumPy's.
    """
    rng = np.random.default_rng(1)
    x, h_before, c_before = rng.normal(size=(3, 5, 4))
    w = random_weights(rng, LSTMCell, 4, 4)

    def net(layer):
        return x @ w[f"W_x{layer}"].T + h_before @ w[f"W_h{layer}"].T + w[f"b_{layer}"]

    def states(i, f, o, g):
        c = f * c_before + i * g
        return o * np.tanh(c), c

    def step(**changed):
        cell = LSTMCell(**{**w, **changed})
        return cell.step(x, (h_before, c_before))[1]

    i, f, o, g = sigmoid(net("i")), sigmoid(net("f")), sigmoid(net("o")), np.tanh(net("g"))
    h, c = states(i, f, o, g)
    no_bias = {f"b_{layer}": np.zeros(4) for layer in "ifog"}
    judge(
        _pair(_run(answer, x, h_before, c_before, dict(w))),
        [h, c],
        {
            "The output reads the old long-term state: h = o * tanh(c) needs the new c, "
            "which has just been computed.": [o * np.tanh(c_before), c],
            "The two states are in the wrong order: return h, c.": [c, h],
            "The gates f and i are exchanged: f keeps c_before, i admits g.": states(f, i, o, g),
            "The gates o and f are exchanged: f keeps c_before, o lets tanh(c) out.": states(
                i, o, f, g
            ),
            "The gates o and i are exchanged: i admits g, o lets tanh(c) out.": states(o, f, i, g),
            "The output lacks its tanh: h = o * tanh(c).": [o * c, c],
            "The output gate is missing: h = o * tanh(c).": [np.tanh(c), c],
            "The past is lost: c = f * c_before + i * g.": [o * np.tanh(i * g), i * g],
            "Nothing is ever forgotten: c = f * c_before + i * g.": states(i, 1.0, o, g),
            "The input gate is missing: c = f * c_before + i * g.": states(1.0, f, o, g),
            "The main layer has tanh, not sigmoid.": states(i, f, o, sigmoid(net("g"))),
            "The biases are missing.": step(**no_bias),
            **{
                f"The bias b_{layer} is missing.": step(**{f"b_{layer}": np.zeros(4)})
                for layer in "ifog"
            },
            "The matrices are transposed: rows meet rows, so x @ W_xi.T.": step(
                **{name: weight.T for name, weight in w.items()}
            ),
            "The matrices W_h are transposed: rows meet rows, so h_before @ W_hi.T.": step(
                **{name: w[name].T for name in w if name.startswith("W_h")}
            ),
        },
    )


def check_peephole_step(answer):
    """One step with peepholes, for a batch: answer(x, h_before, c_before, w) -> (h, c)."""
    rng = np.random.default_rng(2)
    x, h_before, c_before = rng.normal(size=(5, 3)), *rng.normal(size=(2, 5, 4))
    w = random_weights(rng, PeepholeLSTMCell, 3, 4)

    def step(**changed):
        cell = PeepholeLSTMCell(**{**w, **changed})
        return cell.step(x, (h_before, c_before))[1]

    def net(layer):
        return x @ w[f"W_x{layer}"].T + h_before @ w[f"W_h{layer}"].T + w[f"b_{layer}"]

    def layers(c_of_i, c_of_f):
        i = sigmoid(net("i") + w["p_i"] * c_of_i)
        f = sigmoid(net("f") + w["p_f"] * c_of_f)
        return f * c_before + i * np.tanh(net("g"))

    h, c = step()
    zero = np.zeros(4)
    early = sigmoid(net("o") + w["p_o"] * c_before) * np.tanh(c)
    squashed = layers(np.tanh(c_before), np.tanh(c_before))
    exchanged = {"p_i": w["p_f"], "p_f": w["p_i"]}
    judge(
        _pair(_run(answer, x, h_before, c_before, dict(w))),
        [h, c],
        {
            "The output gate looks at the old long-term state; it comes last because it looks at "
            "the new c.": [early, c],
            "This is the plain LSTM: the gates do not look at c.": step(
                p_i=zero, p_f=zero, p_o=zero
            ),
            "The output gate has no peephole: add p_o * c to its net input.": step(p_o=zero),
            "The input gate has no peephole: add p_i * c_before to its net input.": step(p_i=zero),
            "The forget gate has no peephole: add p_f * c_before to its net input.": step(p_f=zero),
            "The input and forget gates have no peepholes.": step(p_i=zero, p_f=zero),
            "The peepholes p_i and p_f are exchanged.": step(**exchanged),
            "The peepholes look at c itself, not at tanh(c).": [
                sigmoid(net("o") + w["p_o"] * np.tanh(squashed)) * np.tanh(squashed),
                squashed,
            ],
            "The output reads the old long-term state: h = o * tanh(c).": [
                sigmoid(net("o") + w["p_o"] * c) * np.tanh(c_before),
                c,
            ],
            "The two states are in the wrong order: return h, c.": [c, h],
            "The peepholes came after the sigmoid; they belong to the net input.": _outside(
                net, w, c_before
            ),
        },
    )


def check_latch(answer):
    """Weights of one unit that stores and recalls: answer() -> dict of an LSTM's weights."""
    weights = answer()
    names = LSTMCell.weight_shapes(3, 1)
    if not isinstance(weights, dict) or weights.keys() != names.keys():
        raise NotYet(f"Return a dict with the names {', '.join(names)}.")
    try:
        cell = LSTMCell(**weights)
    except (TypeError, ValueError) as error:
        raise NotYet(f"These are not the weights of a cell: {error}.") from None
    if (cell.input_size, cell.output_size) != (3, 1):
        raise NotYet("The cell has three inputs and one unit: W_xi is (1, 3), W_hi is (1, 1).")

    x, _ = tasks.store_and_recall(8, 40, seed=3, commands=0.4)
    value, store, recall = np.moveaxis(x, -1, 0)
    _, (h, c) = unroll(cell, x)

    def states(i, f, o):
        c, memory = np.zeros(8), []
        for t in range(40):
            c = f[:, t] * c + i[:, t] * np.tanh(value[:, t])
            memory.append(c)
        c = np.stack(memory, axis=1)
        return np.stack([o * np.tanh(c), c])

    always, never = np.ones((8, 40)), np.zeros((8, 40))
    judge(
        np.stack([h, c])[..., 0],
        states(store, 1 - store, recall),
        {
            "The output gate is always open: it should let the memory out at a recall only.": (
                states(store, 1 - store, always)
            ),
            "The output gate never opens.": states(store, 1 - store, never),
            "The forget gate never closes, so values pile up: close it where store is 1.": states(
                store, always, recall
            ),
            "The forget gate never opens, so nothing is kept.": states(store, never, recall),
            "The forget gate is upside down: it opens at a store and closes elsewhere.": states(
                store, store, recall
            ),
            "The forget gate closes at a recall: reading must not erase.": states(
                store, (1 - store) * (1 - recall), recall
            ),
            "The input gate is always open, so every value gets in.": states(
                always, 1 - store, recall
            ),
            "The input gate opens at a recall instead of a store.": states(
                recall, 1 - store, recall
            ),
        },
        tolerance=1e-3,
    )


def random_weights(rng, kind, inputs, units):
    """Generic weights of a cell of class `kind`, by name."""
    return {
        name: rng.normal(size=shape) for name, shape in kind.weight_shapes(inputs, units).items()
    }


def _outside(net, w, c_before):
    i, f = sigmoid(net("i")) + w["p_i"] * c_before, sigmoid(net("f")) + w["p_f"] * c_before
    c = f * c_before + i * np.tanh(net("g"))
    return [(sigmoid(net("o")) + w["p_o"] * c) * np.tanh(c), c]


def _pair(found):
    """The two states as one array; NotYet where there are not two."""
    if found is None:
        return None
    if not isinstance(found, tuple | list) or len(found) != 2:
        raise NotYet("Return the two new states: `return h, c`.")
    if np.shape(found[0]) != np.shape(found[1]):
        raise NotYet(
            f"h and c have to be of one shape, got {np.shape(found[0])} and {np.shape(found[1])}."
        )
    return np.stack(found)


def _run(answer, *arguments):
    """What `answer` returns; NotYet in plain words where NumPy cannot combine its shapes."""
    try:
        return answer(*arguments)
    except ValueError as error:
        raise NotYet(
            f"NumPy could not combine the shapes ({error}). Vectors are rows here: "
            "a row x meets the rows of W_xi in x @ W_xi.T."
        ) from None
