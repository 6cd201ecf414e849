"""Our gradients against TensorFlow's automatic differentiation, for every cell of the book.

The equations are written once more in TensorFlow, so that nothing but the weights is shared.
"""

import numpy as np
import pytest

from lib import (
    GRUCell,
    LSTMCell,
    PeepholeLSTMCell,
    Readout,
    ResetAfterGRUCell,
    SimpleCell,
    Stack,
)
from lib.cells.activations import relu, sigmoid
from lib.conventions import from_keras, to_keras
from lib.gradients import bptt, fast_bptt, rtrl
from lib.keras import keras
from lib.keras import tensorflow as tf
from tests.helpers import random_cell, random_states

# A gradient is a sum of products over at most a few dozen steps, in float64 on both sides: what
# another order of summation leaves is a few hundred roundings of 1e-16 at the very most.
TOLERANCE = 1e-13


def product(W, v):
    return tf.linalg.matvec(W, v)


def simple(w, x, states):
    (y,) = states
    y = tf.tanh(product(w["W_x"], x) + product(w["W_y"], y) + w["b"])
    return y, (y,)


def lstm(w, x, states):
    h, c = states
    a = {k: product(w[f"W_x{k}"], x) + product(w[f"W_h{k}"], h) + w[f"b_{k}"] for k in "ifog"}
    c = tf.sigmoid(a["f"]) * c + tf.sigmoid(a["i"]) * tf.tanh(a["g"])
    h = tf.sigmoid(a["o"]) * tf.tanh(c)
    return h, (h, c)


def peephole_lstm(w, x, states):
    h, c = states
    a = {k: product(w[f"W_x{k}"], x) + product(w[f"W_h{k}"], h) + w[f"b_{k}"] for k in "ifog"}
    i, f = tf.sigmoid(a["i"] + w["p_i"] * c), tf.sigmoid(a["f"] + w["p_f"] * c)
    c = f * c + i * tf.tanh(a["g"])
    h = tf.sigmoid(a["o"] + w["p_o"] * c) * tf.tanh(c)
    return h, (h, c)


def gru(w, x, states):
    (h,) = states
    z = tf.sigmoid(product(w["W_xz"], x) + product(w["W_hz"], h) + w["b_z"])
    r = tf.sigmoid(product(w["W_xr"], x) + product(w["W_hr"], h) + w["b_r"])
    g = tf.tanh(product(w["W_xg"], x) + product(w["W_hg"], r * h) + w["b_g"])
    h = z * h + (1 - z) * g
    return h, (h,)


def reset_after_gru(w, x, states):
    (h,) = states
    from_x = {k: product(w[f"W_x{k}"], x) + w[f"b_x{k}"] for k in "zrg"}
    from_h = {k: product(w[f"W_h{k}"], h) + w[f"b_h{k}"] for k in "zrg"}
    z, r = (tf.sigmoid(from_x[k] + from_h[k]) for k in "zr")
    h = z * h + (1 - z) * tf.tanh(from_x["g"] + r * from_h["g"])
    return h, (h,)


STEPS = {
    SimpleCell: simple,
    LSTMCell: lstm,
    PeepholeLSTMCell: peephole_lstm,
    GRUCell: gru,
    ResetAfterGRUCell: reset_after_gru,
}
KERAS = {
    SimpleCell: keras.layers.SimpleRNN,
    LSTMCell: keras.layers.LSTM,
    GRUCell: lambda units, **options: keras.layers.GRU(units, reset_after=False, **options),
    ResetAfterGRUCell: keras.layers.GRU,
}


def problem_of(cell, steps, last_only, batch=()):
    rng = np.random.default_rng(steps)
    weights = rng.uniform(0.5, 1.5, steps)
    if last_only:
        weights[:-1] = 0
    return {
        "inputs": rng.normal(size=(*batch, steps, cell.input_size)),
        "targets": rng.normal(size=(*batch, steps, cell.output_size)),
        "weights": weights,
        "initial_states": random_states(cell, batch),
    }


def squared_error(outputs, problem):
    squares = tf.reduce_sum((outputs - problem["targets"]) ** 2, axis=-1)
    return tf.reduce_sum(squares * problem["weights"]) / 2


def gradient_of_tape(step, weights, problem):
    """(L, gradient) by tf.GradientTape, of a cell's `step` written in TensorFlow."""
    variables = {name: tf.Variable(weight) for name, weight in weights.items()}
    states = tuple(tf.constant(state) for state in problem["initial_states"])
    outputs = []
    with tf.GradientTape() as tape:
        for t in range(problem["inputs"].shape[-2]):
            y, states = step(variables, tf.constant(problem["inputs"][..., t, :]), states)
            outputs.append(y)
        loss = squared_error(tf.stack(outputs, axis=-2), problem)
    # A weight can play no part, as those of the state do not where its first value is zero.
    gradient = tape.gradient(loss, variables, unconnected_gradients="zero")
    return float(loss), {name: d.numpy() for name, d in gradient.items()}


def assert_agree(found, expected):
    assert set(found) == set(expected)
    largest = max(np.abs(d).max() for d in expected.values())
    for name, d in expected.items():
        error = np.abs(found[name] - d).max() / largest
        assert error < TOLERANCE, f"{name}: relative error {error:.1e}"


@pytest.mark.parametrize("last_only", [False, True], ids=["every step", "last step"])
@pytest.mark.parametrize("steps", [1, 2, 7, 30])
class TestTape:
    def test_bptt_and_rtrl(self, kind, steps, last_only):
        cell = random_cell(kind, 3, 4)
        problem = problem_of(cell, steps, last_only)
        loss, expected = gradient_of_tape(STEPS[kind], cell.weights, problem)
        for method in (bptt, fast_bptt, rtrl):
            value, gradient, *_ = method(cell, **problem)
            np.testing.assert_allclose(value, loss, rtol=1e-13)
            assert_agree(gradient, expected)

    def test_a_batch(self, kind, steps, last_only):
        cell = random_cell(kind, 3, 4)
        problem = problem_of(cell, steps, last_only, batch=(5,))
        _, expected = gradient_of_tape(STEPS[kind], cell.weights, problem)
        for method in (bptt, fast_bptt):
            assert_agree(method(cell, **problem)[1], expected)


@pytest.mark.parametrize("last_only", [False, True], ids=["every step", "last step"])
@pytest.mark.parametrize("steps", [1, 12])
@pytest.mark.parametrize("kind", KERAS, ids=lambda kind: kind.__name__)
def test_bptt_against_the_layers_of_keras(kind, steps, last_only):
    cell = random_cell(kind, 3, 4)
    problem = problem_of(cell, steps, last_only, batch=(5,))
    problem["initial_states"] = cell.initial_states((5,))
    layer = KERAS[kind](4, return_sequences=True, dtype="float64")
    layer.build((5, steps, 3))
    layer.set_weights(to_keras(cell))
    with tf.GradientTape() as tape:
        loss = squared_error(layer(problem["inputs"]), problem)
    found = [d.numpy() for d in tape.gradient(loss, layer.trainable_weights)]
    expected = from_keras(found, kind).weights
    for method in (bptt, fast_bptt):
        assert_agree(method(cell, **problem)[1], expected)


@pytest.mark.parametrize(("f", "theirs"), [(sigmoid, tf.sigmoid), (relu, tf.nn.relu)])
def test_other_activations_of_the_simple_cell(f, theirs):
    plain = random_cell(SimpleCell, 3, 4)
    cell = SimpleCell(plain.W_x, plain.W_y, plain.b, f)
    problem = problem_of(cell, 9, last_only=False)

    def step(w, x, states):
        y = theirs(product(w["W_x"], x) + product(w["W_y"], states[0]) + w["b"])
        return y, (y,)

    _, expected = gradient_of_tape(step, cell.weights, problem)
    for method in (bptt, fast_bptt, rtrl):
        assert_agree(method(cell, **problem)[1], expected)


@pytest.mark.parametrize("last_only", [False, True], ids=["every step", "last step"])
@pytest.mark.parametrize("steps", [1, 8])
def test_a_deep_network_with_a_readout(steps, last_only):
    rng = np.random.default_rng(0)
    below = random_cell(LSTMCell, 3, 4)
    top = Readout(random_cell(GRUCell, 4, 5), rng.normal(size=(2, 5)), rng.normal(size=2), np.tanh)
    cell = Stack([below, top])
    problem = problem_of(cell, steps, last_only)

    def step(w, x, states):
        h, low = lstm({name: w[f"cells[0].{name}"] for name in below.weights}, x, states[:2])
        inner = {name: w[f"cells[1].cell.{name}"] for name in top.cell.weights}
        h, high = gru(inner, h, states[2:])
        return tf.tanh(product(w["cells[1].W"], h) + w["cells[1].b"]), low + high

    _, expected = gradient_of_tape(step, cell.weights, problem)
    for method in (bptt, fast_bptt, rtrl):
        assert_agree(method(cell, **problem)[1], expected)
