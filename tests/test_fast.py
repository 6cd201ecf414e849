"""The fast forms against the plain cells, and the training that they are for."""

import numpy as np
import pytest

from lib import LSTMCell, SimpleCell, unroll
from lib.cells.activations import relu
from lib.cells.base import Cell
from lib.conventions import orders
from lib.gradients import bptt
from lib.gradients.fast import fused
from lib.training import Adam, Network, clip, columns
from tests.helpers import random_cell, refused


def packed(fast, cell, gradient):
    """The gradient of a plain cell in the packing of its fast form."""
    if isinstance(cell, SimpleCell):
        return {"W_x": gradient["W_x"], "W_h": gradient["W_y"], "b": gradient["b"]}
    names = dict(zip(("b", "b_h"), cell.biases, strict=False))
    arrays = {"W_x": "W_x", "W_h": "W_h", **names}
    result = {name: orders.pack(gradient, prefix, fast.order) for name, prefix in arrays.items()}
    if "p" in fast.weights:
        result["p"] = orders.pack(gradient, "p_", "ifo")
    return result


@pytest.mark.parametrize("sizes", [(1, 1, 1, 1), (4, 7, 3, 5), (2, 30, 5, 3)])
def test_fast_and_plain_agree(kind, dtype, sizes):
    batch, steps, inputs, units = sizes
    cell = random_cell(kind, inputs, units, dtype=dtype)
    rng = np.random.default_rng(1)
    x = rng.normal(size=(batch, steps, inputs)).astype(dtype)
    targets = rng.normal(size=(batch, steps, units)).astype(dtype)
    outputs, _ = unroll(cell, x)
    _, gradient, _ = bptt(cell, x, targets)

    fast = fused(cell)
    H = fast.forward(columns(x, dtype))
    found = fast.backward(H - columns(targets, dtype))
    # Another order of summation: a few units of the last digit a step.
    tolerance = 10 * steps * np.finfo(dtype).eps
    np.testing.assert_allclose(H.transpose(2, 0, 1), outputs, atol=tolerance)
    expected = packed(fast, cell, gradient)
    assert set(found) == set(expected) == set(fast.weights)
    for name in expected:
        scale = np.abs(expected[name]).max()
        np.testing.assert_allclose(found[name], expected[name], atol=tolerance * scale, rtol=0)
        assert found[name].dtype == fast.weights[name].dtype == dtype


def test_a_cell_goes_into_its_fast_form_and_back(kind):
    cell = random_cell(kind, 3, 5)
    back = fused(cell).cell()
    assert type(back) is kind
    for name, weight in cell.weights.items():
        np.testing.assert_array_equal(back.weights[name], weight)


def test_training_a_fast_form_leaves_the_plain_cell_alone(kind):
    cell = random_cell(kind, 2, 3)
    kept = {name: weight.copy() for name, weight in cell.weights.items()}
    for weight in fused(cell).weights.values():
        weight += 1
    for name, weight in kept.items():
        np.testing.assert_array_equal(cell.weights[name], weight)


def test_the_gradient_of_a_network_against_differences(kind):
    network = Network.from_seed(kind, 3, 4, 2, seed=0, dtype=np.float64)
    rng = np.random.default_rng(2)
    for weight in network.weights.values():
        weight += 0.3 * rng.normal(size=weight.shape)
    x, targets = rng.normal(size=(5, 6, 3)), rng.normal(size=(5, 6, 2))

    def loss():
        return ((network(x) - targets) ** 2).sum() / 2

    gradient = network.gradient(network(x) - targets)
    for name, weight in network.weights.items():
        direction = rng.normal(size=weight.shape)
        kept, e = weight.copy(), 1e-5
        weight += e * direction
        above = loss()
        weight -= 2 * e * direction
        below = loss()
        weight[...] = kept
        np.testing.assert_allclose(
            (gradient[name] * direction).sum(), (above - below) / (2 * e), rtol=1e-6
        )


def test_adam_takes_the_steps_of_keras():
    from lib.keras import keras

    rng = np.random.default_rng(0)
    start = rng.normal(size=(3, 2)).astype(np.float32)
    gradients = rng.normal(size=(20, 3, 2)).astype(np.float32)
    variable = keras.Variable(start)
    theirs = keras.optimizers.Adam(0.01)
    ours = {"w": start.copy()}
    adam = Adam(ours, rate=0.01)
    for gradient in gradients:
        theirs.apply([gradient], [variable])
        adam.update({"w": gradient})
    np.testing.assert_allclose(ours["w"], np.asarray(variable), atol=1e-6)


def test_clipping_shrinks_the_whole_and_keeps_its_direction():
    gradient = {"a": np.array([3.0, 4.0]), "b": np.array([[12.0]])}
    assert clip(gradient, 2.6) == 13
    np.testing.assert_allclose(gradient["a"], [0.6, 0.8])
    np.testing.assert_allclose(gradient["b"], [[2.4]])
    assert clip(gradient, 5.0) == pytest.approx(2.6)
    np.testing.assert_allclose(gradient["b"], [[2.4]])


def test_a_small_network_learns():
    network = Network.from_seed(LSTMCell, 1, 8, 1, seed=0)
    adam, rng = Adam(network.weights, 0.01), np.random.default_rng(0)
    losses = []
    for _ in range(150):
        x = rng.normal(size=(16, 6, 1)).astype(np.float32)
        difference = network(x) - x.cumsum(axis=1) / 3
        losses.append((difference**2).mean())
        adam.update(network.gradient(difference / difference.size))
    assert np.mean(losses[-10:]) < 0.2 * np.mean(losses[:10])


def test_bad_arguments_are_named():
    with refused(TypeError, "cell: no fused form is known for a Cell"):
        fused(Cell())
    plain = random_cell(SimpleCell, 2, 3)
    with refused(TypeError, "f: the fused form is for tanh"):
        fused(SimpleCell(plain.W_x, plain.W_y, plain.b, relu))
