"""How far two programs may differ by rounding: bounds that hold, and that are not far too large."""

import copy

import numpy as np
import pytest

from lib import Bidirectional, GRUCell, LSTMCell, Readout, SimpleCell, Stack, unroll
from lib.book.rounding import Rounded, rounding_bound, tolerance, unit
from lib.cells.activations import relu, sigmoid
from tests.helpers import CELLS, random_states, refused

STEPS, INPUTS, UNITS = 30, 3, 6


def precise(network):
    """The same network with numbers of more digits."""
    exact = copy.deepcopy(network)
    parts = [exact, *getattr(exact, "cells", ()), getattr(exact, "cell", None)]
    for part in filter(None, parts):
        for name, value in vars(part).items():
            if isinstance(value, np.ndarray):
                part.__dict__[name] = value.astype(np.longdouble)
    return exact


def seen(network, inputs, states=None):
    """By how much the outputs are off."""
    more = None if states is None else tuple(s.astype(np.longdouble) for s in states)
    exact, _ = unroll(precise(network), inputs.astype(np.longdouble), more)
    return abs(unroll(network, inputs, states)[0] - exact)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("scale", [0.1, 1, 3])
@pytest.mark.parametrize("kind", CELLS)
def test_the_bound_holds_and_is_not_far_off(kind, scale, dtype):
    for seed in range(3):
        cell = kind.generic(INPUTS, UNITS, seed, scale=scale, dtype=dtype)
        x = np.random.default_rng([9, seed]).normal(size=(STEPS, INPUTS)).astype(dtype)
        share = seen(cell, x) / rounding_bound(cell, x)
        assert np.max(share) < 0.5
        assert np.max(share) > 1 / 200


@pytest.mark.parametrize("kind", CELLS)
def test_a_wrong_program_is_out_of_bounds(kind):
    cell = kind.generic(INPUTS, UNITS, 0, scale=0.7, dtype=np.float32)
    x = np.random.default_rng(1).normal(size=(STEPS, INPUTS)).astype(np.float32)
    ours, _ = unroll(cell, x)
    for name, weight in cell.weights.items():
        changed = weight[::-1].copy()
        theirs, _ = unroll(cell.replace(**{name: changed}), x)
        assert np.max(abs(ours - theirs) / tolerance(cell, x)) > 100, name


def test_networks_made_of_cells():
    below = LSTMCell.generic(INPUTS, UNITS, 0, dtype=np.float32)
    stack = Stack([below, GRUCell.generic(UNITS, 4, 1, dtype=np.float32)])
    network = Readout.from_seed(stack, 2, 0, f=np.tanh)
    x = np.random.default_rng(2).normal(size=(STEPS, INPUTS)).astype(np.float32)
    for each in (stack, network):
        assert np.all(seen(each, x) <= rounding_bound(each, x))
    assert rounding_bound(network, x).shape == (STEPS, 2)


def test_a_batch_is_its_sequences_and_states_count():
    cell = LSTMCell.generic(INPUTS, UNITS, 0, dtype=np.float32)
    x = np.random.default_rng(3).normal(size=(2, STEPS, INPUTS)).astype(np.float32)
    states = random_states(cell, (2,))
    bounds = rounding_bound(cell, x, initial_states=states)
    for k in range(2):
        row = tuple(state[k] for state in states)
        assert np.array_equal(bounds[k], rounding_bound(cell, x[k], initial_states=row))
    assert np.all(seen(cell, x, states) <= bounds)
    assert not np.array_equal(bounds, rounding_bound(cell, x))
    assert np.array_equal(tolerance(cell, x), 2 * rounding_bound(cell, x))


def test_the_type_may_be_another_one():
    cell = SimpleCell.generic(INPUTS, UNITS, 0)
    x = np.random.default_rng(4).normal(size=(STEPS, INPUTS))
    assert np.allclose(
        rounding_bound(cell, x, "float32") / rounding_bound(cell, x), 2**29, rtol=1e-12
    )
    assert (unit("float32"), unit(np.float64)) == (2**-24, 2**-53)


def test_a_sum_in_any_order():
    rng = np.random.default_rng(5)
    for _ in range(50):
        a, b = rng.normal(size=(2, 40)).astype(np.float32)
        bound = (Rounded(a, 2**-24) @ b.reshape(40, 1) + np.float32(0.3)).off
        exact = np.sum(a.astype(np.longdouble) * b) + np.longdouble(np.float32(0.3))
        for order in (np.arange(40), np.arange(40)[::-1], np.argsort(a * b), rng.permutation(40)):
            total = np.float32(0.3)
            for k in order:
                total += a[k] * b[k]
            assert abs(total - exact) <= bound


@pytest.mark.parametrize("f", [np.tanh, sigmoid, relu])
def test_functions(f):
    x = np.linspace(-30, 30, 100_001, dtype=np.float32)
    off = 1e-6 * np.random.default_rng(6).uniform(-1, 1, x.shape)
    found = f((x + off).astype(np.float32)).astype(float)
    exact = f(x.astype(np.longdouble))
    bound = f(Rounded(x, 2**-24, 1e-6 + 2**-23 * abs(x)))
    assert np.all(abs(found - exact) <= bound.off)
    assert np.allclose(bound.value, exact.astype(float), rtol=1e-14)


def test_without_rounding_what_comes_in_is_handed_on_by_the_slopes():
    rng = np.random.default_rng(7)
    x, error = rng.normal(size=(5, 4)), rng.uniform(size=(5, 4))
    W, other = rng.normal(size=(4, 3)), rng.normal(size=(5, 4))
    exact = Rounded(x, 0, error)
    s = sigmoid(x)
    for found, expected in (
        (sigmoid(exact), s * (1 - s) * error),
        (np.tanh(exact), (1 - np.tanh(x) ** 2) * error),
        (exact @ W, error @ abs(W)),
        (other.T @ exact, abs(other.T) @ error),
        (exact * other - exact, (abs(other) + 1) * error),
        (exact * exact, 2 * abs(x) * error),
    ):
        assert np.allclose(found.off, expected, rtol=1e-12)


def test_a_product_is_rounded_once_and_a_sum_of_n_terms_n_times():
    x, W = np.array([[2.0, -3.0]]), np.array([[5.0], [7.0]])
    assert (Rounded(x, 0.1) * x).off.tolist() == [[0.1 * 4, 0.1 * 9]]
    assert np.allclose((Rounded(x, 0.1) @ W).off, 2 * 0.1 * (10 + 21))
    assert np.allclose((Rounded(x, 0.1) @ W + 4).off, 0.1 * (10 + 21) + 2 * 0.1 * (10 + 21 + 4))
    assert np.allclose((1 - Rounded(x, 0.1)).off, [[0.1 * 3, 0.1 * 4]])


def test_sigma_far_out_has_no_overflow():
    far = sigmoid(Rounded([-5000.0, 5000.0], 2**-24))
    assert np.array_equal(far.value.round(12), [0, 1])
    assert np.all(far.off < 1e-6)


def test_what_it_does_not_know_is_refused():
    with refused(TypeError, "Rounded: expected one of the operations it knows, got"):
        np.sin(Rounded([1.0], 2**-24))
    pair = [SimpleCell.generic(3, 2, seed) for seed in (0, 1)]
    x = np.ones((4, 3))
    with refused(TypeError, "network"):
        rounding_bound(Bidirectional(*pair), x)
    odd = Stack([Readout.from_seed(pair[0], 2, 0)])
    with refused(TypeError, "network: expected a cell, a Stack of cells or a Readout"):
        rounding_bound(odd, x)
    with refused(TypeError, "dtype: expected a floating-point type"):
        rounding_bound(pair[0], x, int)
    with refused(ValueError, "inputs: expected shape"):
        rounding_bound(pair[0], np.ones((4, 2)))
