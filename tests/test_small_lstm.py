"""The latch and the clock of the chapter on the LSTM: what is measured, on known answers."""

import numpy as np
import pytest

from lib import LSTMCell, PeepholeLSTMCell, Readout, trace
from lib.book.exercises.lstm import latch_weights
from lib.book.experiments import small_lstm
from lib.data import tasks
from tests.helpers import refused


@pytest.fixture(scope="module")
def latch():
    """Inputs, targets, and a latch that is right up to two tanh: unit 1 holds the memory."""
    weights = LSTMCell(**latch_weights()).weights
    both = {name: np.zeros((2, *w.shape[1:])) for name, w in weights.items()}
    for name, w in weights.items():
        if name.startswith("W_h"):
            both[name] = np.zeros((2, 2))
        else:
            both[name][:] = w if name == "W_xg" else [0 * w[0], w[0]]
    network = Readout(LSTMCell(**both), W=[[0, 1]], b=[0])
    x, target = tasks.store_and_recall(200, small_lstm.STEPS, seed=5)
    return network, x, target


def test_every_step_is_of_one_kind(latch):
    _, x, target = latch
    steps = small_lstm.steps_of(x)
    assert list(steps) == list(small_lstm.KINDS_OF_STEPS)
    assert (sum(steps.values()) == 1).all()
    assert steps["store"][:, 0].all()
    assert not target[~steps["recall"]].any()


def test_a_latch_built_by_hand_is_read_as_one(latch):
    network, x, _ = latch
    values, unit = small_lstm.read(network, x)
    assert unit == 1
    assert values.keys() == trace(network.cell, x).keys()
    (mean, same) = (
        {key: row[k] for key, row in small_lstm.gate_means([network] * 2, x).items()}
        for k in range(2)
    )
    assert mean == same
    closed = [("f", "store"), ("i", "hold"), ("i", "recall"), ("o", "store"), ("o", "hold")]
    opened = [("f", "hold"), ("f", "recall"), ("i", "store"), ("o", "recall")]
    assert max(mean[key] for key in closed) < 1e-9
    assert min(mean[key] for key in opened) > 1 - 1e-9
    stored = np.tanh(abs(x[..., 0][small_lstm.steps_of(x)["store"]])).mean()
    assert np.isclose(mean["|i g|", "store"], stored)


def test_what_is_left_over_is_a_share_of_the_answer_zero(latch):
    network, x, target = latch
    assert small_lstm.left_over(network.replace(W=[[0, 0]]), x, target) == 1
    assert small_lstm.left_over(network, x, target) < 0.2  # tanh(tanh(value)) for value


def test_the_clock_is_judged_at_the_second_spike_alone():
    _, target = tasks.spike_interval(1000, small_lstm.STEPS, seed=99)
    second = target > 0
    assert second.sum() == 1000
    constant = Readout(LSTMCell.generic(1, 1, 0), W=[[0]], b=[target[second].mean()])
    off = small_lstm.steps_off(constant)
    assert np.isclose(off, small_lstm.steps_off_of_a_constant())
    assert np.isclose(off, np.sqrt(10), rtol=0.05)  # the sd of 5 ... 15, all as likely


def test_both_clocks_start_and_are_trained_alike():
    plain, peepholes = (
        small_lstm.clock(kind, 1, 3, updates=1) for kind in (LSTMCell, PeepholeLSTMCell)
    )
    for name, w in plain.weights.items():
        np.testing.assert_allclose(w, peepholes.weights[name], rtol=0, atol=1e-6)
    peepholes = small_lstm.clock(PeepholeLSTMCell, 1, 3, updates=3)
    assert all(peepholes.cell.weights[f"p_{gate}"].any() for gate in "ifo")
    blind = small_lstm.without_peepholes(peepholes)
    assert not any(blind.cell.weights[f"p_{gate}"].any() for gate in "ifo")
    assert blind.cell.b_f == peepholes.cell.b_f


def test_the_bias_of_a_gate_is_all_that_differs():
    one, again, other = (
        small_lstm.error_of_recall(gate, bias, 0, lag=5, units=2, updates=2)
        for gate, bias in (("b_f", 3), ("b_f", 3), ("b_i", 3))
    )
    assert one == again != other
    with refused(TypeError, "weights: expected names among"):
        small_lstm.error_of_recall("b_x", 3, 0, lag=5, units=2, updates=2)


def test_the_roads_of_the_gradient_are_what_their_names_say():
    seeds, start = range(2), {"forget_bias": 2.0}
    whole, direct, cut = (
        small_lstm.norms(LSTMCell, seeds, road, units=3, steps=5, **start)
        for road in small_lstm.ROADS
    )
    assert whole.shape == direct.shape == cut.shape == (2, 6)
    x = np.random.default_rng([1, 1]).normal(size=(5, 3))
    f = trace(LSTMCell.from_seed(3, 3, 1, **start), x)["f"]
    left = np.cumprod(f[::-1], axis=0).max(axis=1)
    np.testing.assert_allclose(direct[1, 1:], left, rtol=1e-12)
    assert (cut[:, 1:] < whole[:, 1:]).all()
    with refused(ValueError, "road: expected one of all, direct, cut, got 'none'"):
        small_lstm.norms(LSTMCell, seeds, "none")


@pytest.mark.parametrize("kind", [LSTMCell, PeepholeLSTMCell])
def test_gradients_agree_and_a_wrong_one_would_be_seen(kind, monkeypatch):
    exact, differences = small_lstm.gradients_apart(kind, 3.0)
    assert exact < 1e-12
    assert differences < 1e-6
    right = small_lstm.rtrl

    def slip(*arguments):
        loss, gradient, states = right(*arguments)
        return loss, gradient | {"b_f": gradient["b_f"] * 1.001}, states

    monkeypatch.setattr(small_lstm, "rtrl", slip)
    assert small_lstm.gradients_apart(kind, 3.0)[0] > 1e-4
