"""Learning on a stream, against the methods of the library step by step."""

import numpy as np
import pytest

from lib.book.experiments import online
from lib.gradients import fast_bptt, rtrl_steps
from lib.training import Adam

STEPS, SEEDS = 24, [3, 5]
X = np.random.default_rng(1).normal(size=(2, STEPS, 2))
TARGETS = np.random.default_rng(2).normal(size=(2, STEPS))


@pytest.mark.parametrize("every", [1, 4])
def test_rtrl_is_that_of_the_library(every):
    found = online.learn(X, TARGETS, SEEDS, every=every)
    for k, seed in enumerate(SEEDS):
        net = online.network(2, seed)
        adam = Adam(net.weights, 0.005)
        for t, step in enumerate(rtrl_steps(net, X[k], TARGETS[k, :, None])):
            loss, gradient, _ = step
            assert found[k, t] == pytest.approx(2 * loss, rel=1e-9)
            if (t + 1) % every == 0:
                adam.update(gradient)


@pytest.mark.parametrize("window", [1, 4])
def test_a_window_is_bptt_over_the_last_steps(window):
    """The states are those of the time, so the rate is too small to move them."""
    found = online.learn(X, TARGETS, SEEDS, window, rate=1e-9)
    moved = online.learn(X[:, :9], TARGETS[:, :9], SEEDS, window, rate=1e-3, every=9)
    assert np.allclose(found[:, :9], moved, rtol=1e-6)
    for k, seed in enumerate(SEEDS):
        net = online.network(2, seed)
        states = [net.initial_states()]
        for x in X[k, :8]:
            states.append(net.step(x, states[-1])[1])
        start = 9 - window
        at_end = np.eye(window)[-1]
        now = slice(start, 9)
        begin = states[start]
        back = fast_bptt(net, X[k, now], TARGETS[k, now, None], at_end, initial_states=begin)
        adam = Adam(net.weights, 1e-3)
        adam.update(back.gradient)
        after = online.learn(X[:, :10], TARGETS[:, :10], SEEDS, window, rate=1e-3, every=9)
        # the state at step 8 is that of the old weights
        y = net.step(X[k, 9], (online_state(seed, k),))[0]
        assert after[k, 9] == pytest.approx(float((y[0] - TARGETS[k, 9]) ** 2), rel=1e-9)


def online_state(seed, k):
    states = online.network(2, seed).initial_states()
    for x in X[k, :9]:
        _, states = online.network(2, seed).step(x, states)
    return states[0]


def test_a_filter_without_forgetting_is_least_squares():
    values = np.random.default_rng(4).normal(size=60).cumsum() / 5
    errors = online.filtered(values, lags=2, forget=1.0)
    rows = [np.append(values[t], values[t - 1] if t else 0) for t in range(58)]
    U, d = np.array(rows), values[1:59]
    w = np.linalg.solve(U.T @ U + np.eye(2) / 100, U.T @ d)
    u = np.append(values[58], values[57])
    assert errors[58] == pytest.approx((values[59] - w @ u) ** 2, rel=1e-9)


def test_the_streams():
    x, targets = online.flagged(0, rounds=50)
    assert x.shape == (1050, 2)
    assert (targets.reshape(50, 21) == x[::21, :1]).all()
    assert set(x[::21, 0]) == {-1, 1}
    assert set(np.abs(x[1:21, 0]).round(3)) == {0.1}
    assert x[:, 1].sum() == 50
    values = online.changing(1)
    strengths = np.abs(np.fft.rfft(values.reshape(2, 1000), axis=1))
    assert 1000 / strengths[0, 1:].argmax() == pytest.approx(12, rel=0.05)
    assert 1000 / (1 + strengths[1, 1:].argmax()) == pytest.approx(5, rel=0.01)
