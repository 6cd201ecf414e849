"""Every gradient against every other, at random weights: BPTT, RTRL, central differences."""

import numpy as np
import pytest

from lib import LSTMCell, PeepholeLSTMCell, Readout, SimpleCell, Stack, unroll
from lib.cells.activations import identity, relu, sigmoid
from lib.cells.base import Cell
from lib.gradients import (
    bptt,
    central_differences,
    norms_over_lag,
    pullback,
    rtrl,
    rtrl_steps,
    state_jacobians,
    truncated_bptt,
)
from lib.gradients.real_time import flat
from tests.helpers import CELLS, close, random_cell, random_states, refused


def deep(seed=0):
    """An LSTM under a simple cell under a peephole LSTM with a readout, all of different sizes."""
    rng = np.random.default_rng(seed)
    top = random_cell(PeepholeLSTMCell, 5, 3, seed)
    readout = Readout(top, rng.normal(size=(2, 3)), rng.normal(size=2), np.tanh)
    below = [random_cell(LSTMCell, 3, 4, seed + 1), random_cell(SimpleCell, 4, 5, seed + 2)]
    return Stack([*below, readout])


CASES = [pytest.param(random_cell(kind, 3, 4), id=kind.__name__) for kind in CELLS]
CASES.append(pytest.param(deep(), id="deep"))


def task(cell, steps, last_only, batch=()):
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


def relative(found, expected, cell):
    """The largest difference of two gradients, relative to the largest entry."""
    found, expected = flat(found, cell), flat(expected, cell)
    return np.abs(found - expected).max() / np.abs(expected).max()


@pytest.mark.parametrize("cell", CASES)
@pytest.mark.parametrize("last_only", [False, True], ids=["every step", "last step"])
@pytest.mark.parametrize("steps", [1, 2, 9])
def test_bptt_rtrl_and_differences_agree(cell, steps, last_only):
    problem = task(cell, steps, last_only)
    value, through_time, states = bptt(cell, **problem)
    value_forwards, real_time, states_forwards = rtrl(cell, **problem)
    differences = central_differences(cell, lambda: bptt(cell, **problem)[0])
    # Rounding gathers over the steps; central differences leave about ten digits, see there.
    assert relative(real_time, through_time, cell) < 1e-13
    assert relative(differences, through_time, cell) < 1e-8
    close(value_forwards, value)
    for found, expected in zip(states_forwards, states, strict=True):
        close(found, expected)


@pytest.mark.parametrize("cell", CASES)
def test_the_gradient_of_a_batch_is_the_sum_over_its_sequences(cell):
    problem = task(cell, 6, last_only=False, batch=(3,))
    _, together, _ = bptt(cell, **problem)
    total = 0
    for k in range(3):
        alone = {
            **problem,
            "inputs": problem["inputs"][k],
            "targets": problem["targets"][k],
            "initial_states": tuple(state[k] for state in problem["initial_states"]),
        }
        total = total + flat(bptt(cell, **alone)[1], cell)
    close(flat(together, cell), total)


@pytest.mark.parametrize("cell", CASES)
def test_truncation_is_exact_at_full_window_and_biased_below(cell):
    problem = task(cell, 8, last_only=True)
    value, full, _ = bptt(cell, **problem)
    for window, exact in [(8, True), (20, True), (3, False)]:
        value_cut, cut, _ = truncated_bptt(cell, window=window, **problem)
        close(value_cut, value)
        assert (relative(cut, full, cell) < 1e-13) == exact


@pytest.mark.parametrize("f", [np.tanh, sigmoid, relu, identity])
def test_every_activation_of_the_simple_cell(f):
    plain = random_cell(SimpleCell, 3, 4)
    cell = SimpleCell(plain.W_x, plain.W_y, plain.b, f)
    problem = task(cell, 5, last_only=False)
    differences = central_differences(cell, lambda: bptt(cell, **problem)[0])
    assert relative(bptt(cell, **problem)[1], differences, cell) < 1e-8


@pytest.mark.parametrize("cell", CASES)
def test_state_jacobians_against_differences(cell):
    problem = task(cell, 4, last_only=False)
    start, e = np.concatenate(problem["initial_states"]), 6e-6
    ends = np.cumsum(cell.state_sizes)[:-1]

    def last_state(vector):
        _, states = unroll(cell, problem["inputs"], tuple(np.split(vector, ends)))
        return np.concatenate([state[-1] for state in states])

    jacobians = state_jacobians(cell, problem["inputs"], problem["initial_states"])
    product = np.linalg.multi_dot(jacobians[::-1])
    unit = e * np.eye(len(start))
    differences = [(last_state(start + u) - last_state(start - u)) / (2 * e) for u in unit]
    np.testing.assert_allclose(product, np.transpose(differences), atol=1e-9)
    close(norms_over_lag(jacobians)[-1], np.linalg.norm(product, 2))


def test_the_jacobian_product_of_a_linear_cell_is_a_power_of_its_weights():
    plain = random_cell(SimpleCell, 2, 3)
    cell = SimpleCell(plain.W_x, plain.W_y, plain.b, identity)
    norms = norms_over_lag(state_jacobians(cell, np.random.default_rng(0).normal(size=(6, 2))))
    powers = [np.linalg.matrix_power(cell.W_y, k) for k in range(7)]
    close(norms, [np.linalg.norm(power, 2) for power in powers])


def test_rtrl_gives_each_step_its_own_loss():
    cell = random_cell(LSTMCell, 2, 3)
    problem = task(cell, 5, last_only=False)
    values = [value for value, _, _ in rtrl_steps(cell, **problem)]
    close(sum(values), bptt(cell, **problem)[0])
    assert np.ptp(values) > 0


def test_bad_arguments_are_named():
    cell = random_cell(LSTMCell, 3, 4)
    inputs = np.ones((5, 3))
    with refused(ValueError, "targets: expected shape (5, 4), got (5, 3)"):
        bptt(cell, inputs, inputs)
    with refused(ValueError, "weights: expected shape (5,), got (4,)"):
        bptt(cell, inputs, np.ones((5, 4)), np.ones(4))
    with refused(ValueError, "window: expected a whole number of at least 1, got 0"):
        truncated_bptt(cell, inputs, np.ones((5, 4)), 0)
    with refused(ValueError, "inputs: expected one sequence (steps, 3), got a batch"):
        rtrl(cell, inputs[None], np.ones((1, 5, 4)))
    with refused(TypeError, "cell: expected float64 weights, got float32"):
        central_differences(random_cell(LSTMCell, 3, 4, dtype=np.float32), lambda: 0.0)
    with refused(TypeError, "cell: no derivative is known for a Cell"):
        pullback(Cell(), None, None, None, None)
    strange = SimpleCell(np.ones((1, 1)), np.ones((1, 1)), np.ones(1), np.sin)
    with refused(TypeError, "f: expected one of tanh, sigmoid, relu, identity, got sin"):
        bptt(strange, np.ones((2, 1)), np.ones((2, 1)))
