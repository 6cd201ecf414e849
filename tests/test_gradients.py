"""Every gradient against every other, at random weights: BPTT, RTRL, central differences."""

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import (
    Bidirectional,
    Cell,
    GRUCell,
    LSTMCell,
    PeepholeLSTMCell,
    Readout,
    SimpleCell,
    Stack,
    last,
    unroll,
)
from lib.cells.activations import identity, relu, sigmoid
from lib.cells.base import UnitWeight
from lib.gradients import (
    backward_step,
    bptt,
    central_differences,
    fast_bptt,
    lyapunov_exponent,
    mean_squared_error,
    norms_over_lag,
    rtrl,
    rtrl_steps,
    squared_error,
    state_jacobians,
    truncated_bptt,
)
from lib.gradients.backward_step import DERIVATIVES
from lib.gradients.real_time import _flat as flat
from tests.helpers import CELLS, close, random_cell, random_states, refused


def readout(cell, outputs, seed=0, f=np.tanh):
    rng = np.random.default_rng(seed)
    W, b = rng.normal(size=(outputs, cell.output_size)), rng.normal(size=outputs)
    return Readout(cell, W.astype(cell.dtype), b.astype(cell.dtype), f)


def deep(seed=0):
    """An LSTM under a simple cell under a peephole LSTM with a readout, all of different sizes."""
    below = [random_cell(LSTMCell, 3, 4, seed + 1), random_cell(SimpleCell, 4, 5, seed + 2)]
    return Stack([*below, readout(random_cell(PeepholeLSTMCell, 5, 3, seed), 2, seed)])


def both_ways(seed=0):
    """A readout of two layers, the lower of which reads in both directions."""
    ahead = readout(random_cell(LSTMCell, 3, 4, seed), 2, seed, sigmoid)
    both = Bidirectional(ahead, random_cell(GRUCell, 3, 3, seed + 1))
    return readout(Stack([both, random_cell(SimpleCell, 5, 4, seed + 2)]), 2, seed)


CASES = [pytest.param(random_cell(kind, 3, 4), id=kind.__name__) for kind in CELLS]
CASES.append(pytest.param(deep(), id="deep"))
BOTH_WAYS = pytest.param(both_ways(), id="both ways")


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


def masked_task(cell, steps, batch=(), seed=0):
    """A problem with everything: padding, weights of every sequence, both ends of the states."""
    rng = np.random.default_rng(seed)
    return task(cell, steps, last_only=False, batch=batch) | {
        "weights": rng.uniform(0.5, 1.5, (*batch, steps)),
        "mask": rng.random((*batch, steps)) < 0.6,
        "d_final_states": random_states(cell, batch, seed=2),
    }


def loss_alone(cell, inputs, targets, weights=None, **others):
    """L from the way forwards, with what the final states bring."""
    d_final = others.pop("d_final_states", None)
    names = ("initial_states", "mask", "reverse")
    outputs, states = unroll(cell, inputs, **{k: others[k] for k in names if k in others})
    value, _ = squared_error(outputs, targets, weights)
    if d_final is not None:
        final = final_states(cell, states, others.get("reverse", False))
        value += sum((d * s).sum() for d, s in zip(d_final, final, strict=True))
    return value


def final_states(cell, states, reverse=False):
    """Of all states, those when everything has been read, written anew for this test."""
    if isinstance(cell, Bidirectional):
        n = len(cell.forward.state_sizes)
        ahead = final_states(cell.forward, states[:n], reverse)
        return ahead + final_states(cell.backward, states[n:], not reverse)
    if isinstance(cell, Readout):
        return final_states(cell.cell, states, reverse)
    if isinstance(cell, Stack):
        parts = zip(cell.cells, cell.split(states), strict=True)
        return sum((final_states(layer, own, reverse) for layer, own in parts), ())
    return tuple(state[..., 0 if reverse else -1, :] for state in states)


def differences_of(loss, array, e=6e-6):
    """dL/d(array), an array that is changed in place and put back."""
    result = np.empty_like(array)
    for index in np.ndindex(array.shape):
        kept = array[index]
        array[index] = kept + e
        above = loss()
        array[index] = kept - e
        below = loss()
        array[index] = kept
        result[index] = (above - below) / (2 * e)
    return result


def relative(found, expected, cell):
    """The largest difference of two gradients, relative to the largest entry."""
    found, expected = flat(found, cell), flat(expected, cell)
    return np.abs(found - expected).max() / np.abs(expected).max()


@pytest.mark.parametrize("cell", CASES)
@pytest.mark.parametrize("last_only", [False, True], ids=["every step", "last step"])
@pytest.mark.parametrize("steps", [1, 2, 9])
def test_bptt_rtrl_and_differences_agree(cell, steps, last_only):
    problem = task(cell, steps, last_only)
    value, through_time, states, *_ = bptt(cell, **problem)
    value_forwards, real_time, states_forwards = rtrl(cell, **problem)
    differences = central_differences(cell, lambda: loss_alone(cell, **problem))
    # Rounding gathers over the steps; central differences leave about ten digits, see there.
    assert relative(real_time, through_time, cell) < 1e-13
    assert relative(differences, through_time, cell) < 1e-8
    close(value_forwards, value)
    for found, expected in zip(states_forwards, states, strict=True):
        close(found, expected)


@pytest.mark.parametrize("batch", [(), (2,)], ids=["one sequence", "a batch"])
@pytest.mark.parametrize("reverse", [False, True], ids=["forwards", "backwards"])
@pytest.mark.parametrize("road", [bptt, fast_bptt])
@pytest.mark.parametrize("cell", [*CASES, BOTH_WAYS])
def test_everything_that_has_a_gradient_against_differences(cell, road, reverse, batch):
    """Weights, inputs and first states, over padding, with a loss of the final states too."""
    problem = masked_task(cell, 5, batch) | {"reverse": reverse}
    found = road(cell, **problem)
    close(found.loss, loss_alone(cell, **problem | {"d_final_states": None}))

    def loss():
        return loss_alone(cell, **problem)

    close_to_differences(flat(found.gradient), flat(central_differences(cell, loss)))
    close_to_differences(found.d_inputs, differences_of(loss, problem["inputs"]))
    for d, first in zip(found.d_initial_states, problem["initial_states"], strict=True):
        close_to_differences(d, differences_of(loss, first))
    _, states = unroll(cell, problem["inputs"], problem["initial_states"], problem["mask"], reverse)
    for s, expected in zip(found.states, final_states(cell, states, reverse), strict=True):
        close(s, expected)


def close_to_differences(found, expected):
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-8 * max(1, np.abs(expected).max()))


@pytest.mark.parametrize("cell", [*CASES, BOTH_WAYS])
def test_the_gradient_of_a_batch_is_the_sum_over_its_sequences(cell):
    problem = masked_task(cell, 6, batch=(3,))
    together = bptt(cell, **problem)
    total = 0
    for k in range(3):
        alone = {
            name: tuple(s[k] for s in value) if isinstance(value, tuple) else value[k]
            for name, value in problem.items()
        }
        one = bptt(cell, **alone)
        total = total + flat(one.gradient, cell)
        close(together.d_inputs[k], one.d_inputs)
        for d, d_alone in zip(together.d_initial_states, one.d_initial_states, strict=True):
            close(d[k], d_alone)
    close(flat(together.gradient, cell), total)


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from([*CELLS, deep, both_ways]),
    st.integers(0, 2**32 - 1),
    st.lists(st.booleans(), min_size=1, max_size=6),
    st.booleans(),
    st.sampled_from([bptt, fast_bptt]),
)
def test_padding_changes_nothing(kind, seed, mask, reverse, road):
    """The gradient over padding is that of the real steps alone, wherever the padding stands."""
    cell = kind.generic(3, 4, seed) if isinstance(kind, type) else kind(seed % 1000)
    mask = np.array([*mask, True])
    problem = task(cell, len(mask), last_only=False)
    problem["weights"] = problem["weights"] * mask
    noise = problem["inputs"] * np.where(mask, 1, 1e300)[:, np.newaxis]
    padded = road(cell, **problem | {"inputs": noise}, mask=mask, reverse=reverse)
    real = {name: problem[name][mask] for name in ("inputs", "targets", "weights")}
    alone = road(cell, **problem | real, reverse=reverse)
    close(padded.loss, alone.loss)
    scale = max(1, np.abs(flat(alone.gradient)).max())
    close(flat(padded.gradient) / scale, flat(alone.gradient) / scale)
    close(padded.d_inputs[mask] / scale, alone.d_inputs / scale)
    assert not padded.d_inputs[~mask].any()


@pytest.mark.parametrize("road", [bptt, fast_bptt])
def test_a_padded_step_counts_for_nothing_unless_told(kind, road):
    cell, mask = random_cell(kind, 3, 4), np.array([True, True, False, True, False])
    problem = task(cell, 5, last_only=False) | {"weights": None, "mask": mask}
    found = road(cell, **problem)
    expected = road(cell, **problem | {"weights": mask.astype(float)})
    assert found.loss == expected.loss
    assert road(cell, **problem | {"weights": np.ones(5)}).loss > found.loss


@pytest.mark.parametrize("road", [bptt, fast_bptt])
def test_what_a_repeated_output_brings_reaches_the_step_that_is_repeated(kind, road):
    cell = random_cell(kind, 3, 4)
    problem = task(cell, 4, last_only=False) | {"mask": [True, True, False, False]}
    problem["targets"][:] = problem["targets"][1]
    repeated = road(cell, **problem | {"weights": [0.0, 1.0, 2.0, 3.0]})
    at_once = road(cell, **problem | {"weights": [0.0, 6.0, 0.0, 0.0]})
    close(repeated.loss, at_once.loss)
    close(flat(repeated.gradient), flat(at_once.gradient))


@pytest.mark.parametrize("cell", CASES)
def test_truncation_is_exact_at_full_window_and_biased_below(cell):
    problem = task(cell, 8, last_only=True)
    full = bptt(cell, **problem)
    for window, exact in [(8, True), (20, True), (3, False)]:
        cut = truncated_bptt(cell, window=window, **problem)
        close(cut.loss, full.loss)
        assert (relative(cut.gradient, full.gradient, cell) < 1e-13) == exact
        assert (np.abs(cut.d_inputs - full.d_inputs).max() < 1e-13) == exact
        for found, expected in zip(cut.states, full.states, strict=True):
            close(found, expected)


def test_truncation_takes_another_loss():
    """The distance of each step, whose derivative has the length of the weight."""

    def distance(outputs, targets, weights=None):
        weights = np.ones(outputs.shape[:-1]) if weights is None else weights
        away = outputs - targets
        length = np.linalg.norm(away, axis=-1)
        return float((weights * length).sum()), (weights / length)[..., np.newaxis] * away

    cell = random_cell(LSTMCell, 3, 4)
    problem = task(cell, 8, last_only=False)
    full = bptt(cell, loss=distance, **problem)
    cut = truncated_bptt(cell, window=8, loss=distance, **problem)
    close(cut.loss, full.loss)
    assert relative(cut.gradient, full.gradient, cell) < 1e-13
    in_windows = truncated_bptt(cell, window=3, loss=distance, **problem)
    close(in_windows.loss, full.loss)


@pytest.mark.parametrize("cell", CASES)
def test_truncation_is_the_sum_of_windows_that_pass_on_their_states(cell):
    """Window by window by hand, over padding, as the definition says."""
    problem = masked_task(cell, 7, (2,))
    problem["weights"] *= problem["mask"]
    del problem["d_final_states"]
    found = truncated_bptt(cell, window=3, **problem)
    states, value, gradient, d_inputs = problem["initial_states"], 0.0, 0.0, []
    for now in (slice(0, 3), slice(3, 6), slice(6, 7)):
        part = {
            "inputs": problem["inputs"][:, now],
            "targets": problem["targets"][:, now],
            "weights": problem["weights"][:, now],
            "mask": problem["mask"][:, now],
        }
        by_hand = bptt(cell, **part, initial_states=states)
        states, value = by_hand.states, value + by_hand.loss
        gradient = gradient + flat(by_hand.gradient, cell)
        d_inputs.append(by_hand.d_inputs)
        if now.start == 0:
            for d, expected in zip(found.d_initial_states, by_hand.d_initial_states, strict=True):
                close(d, expected)
    close(found.loss, value)
    close(flat(found.gradient, cell), gradient)
    close(found.d_inputs, np.concatenate(d_inputs, axis=1))
    close(found.loss, bptt(cell, **problem).loss)


@pytest.mark.parametrize("f", [np.tanh, sigmoid, relu, identity])
def test_every_activation_of_the_simple_cell(f):
    plain = random_cell(SimpleCell, 3, 4)
    cell = SimpleCell(plain.W_x, plain.W_y, plain.b, f)
    problem = task(cell, 5, last_only=False)
    differences = central_differences(cell, lambda: loss_alone(cell, **problem))
    assert relative(bptt(cell, **problem).gradient, differences, cell) < 1e-8


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


@pytest.mark.parametrize("cell", CASES)
def test_the_exponent_is_the_growth_of_the_product(cell):
    jacobians = state_jacobians(cell, np.random.default_rng(3).normal(size=(9, 3)))
    early = np.linalg.norm(np.linalg.multi_dot(jacobians[3::-1]), 2)
    all_of_it = np.linalg.norm(np.linalg.multi_dot(jacobians[::-1]), 2)
    close(lyapunov_exponent(jacobians), np.log(all_of_it) / 9)
    close(lyapunov_exponent(jacobians, skip=4), np.log(all_of_it / early) / 5)
    close(lyapunov_exponent(jacobians), np.log(norms_over_lag(jacobians)[-1]) / 9)


def test_the_exponent_of_a_constant_jacobian_is_the_log_of_its_radius():
    for seed in range(5):
        J = np.random.default_rng(seed).normal(size=(6, 6))
        radius = np.abs(np.linalg.eigvals(J)).max()
        many = np.broadcast_to(J, (6000, 6, 6))
        assert abs(lyapunov_exponent(many, skip=1000) - np.log(radius)) < 1e-3


def test_the_exponent_is_no_matter_of_radii():
    up, down = np.array([[0.0, 2.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [2.0, 0.0]])
    assert not np.linalg.eigvals([up, down]).any()
    assert lyapunov_exponent([up, down] * 2000) == pytest.approx(np.log(2), rel=1e-14)
    assert lyapunov_exponent([up, up, down]) == -np.inf


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_the_exponent_neither_overflows_nor_underflows(scale):
    jacobians = scale * np.broadcast_to(np.diag([1.0, 0.5]), (50, 2, 2))
    assert lyapunov_exponent(jacobians) == pytest.approx(np.log(scale), rel=1e-14)


@pytest.mark.parametrize("cell", CASES)
def test_rtrl_skips_padding(cell):
    problem = masked_task(cell, 6)
    del problem["d_final_states"]
    problem["weights"] *= problem["mask"]
    through_time = bptt(cell, **problem)
    value, gradient, states = rtrl(cell, **problem)
    close(value, through_time.loss)
    assert relative(gradient, through_time.gradient, cell) < 1e-13
    for found, expected in zip(states, through_time.states, strict=True):
        close(found, expected)


def test_rtrl_gives_each_step_its_own_loss():
    cell = random_cell(LSTMCell, 2, 3)
    problem = task(cell, 5, last_only=False)
    values = [value for value, _, _ in rtrl_steps(cell, **problem)]
    close(sum(values), bptt(cell, **problem).loss)
    assert np.ptp(values) > 0


def test_rtrl_skips_a_padded_step_of_a_single_unit():
    cell = random_cell(SimpleCell, 2, 1)
    problem = task(cell, 4, last_only=False) | {"mask": np.array([True, False, True, True])}
    problem["weights"][1] = 0
    value, gradient, _ = rtrl(cell, **problem)
    expected = bptt(cell, **problem)
    close(value, expected.loss)
    assert relative(gradient, expected.gradient, cell) < 1e-13


@pytest.mark.parametrize("cell", CASES)
@pytest.mark.parametrize("method", [bptt, fast_bptt, rtrl])
def test_gradients_have_the_type_of_the_weights(cell, method, dtype):
    cell = copy.deepcopy(cell)
    if dtype == np.float32:
        cell = of_type(cell, dtype)
    inputs = np.ones((4, 3), dtype)
    for given_type in (dtype, np.float64):  # the second is what lists and most data are
        found = method(cell, inputs.astype(given_type), np.ones((4, cell.output_size)))
        assert {d.dtype for d in found[1].values()} == {np.dtype(dtype)}


def of_type(cell, dtype):
    """The same network with weights of another type."""
    if isinstance(cell, Stack):
        return Stack([of_type(layer, dtype) for layer in cell.cells])
    if isinstance(cell, Bidirectional):
        return Bidirectional(of_type(cell.forward, dtype), of_type(cell.backward, dtype))
    if isinstance(cell, Readout):
        inner = of_type(cell.cell, dtype)
        return Readout(inner, cell.W.astype(dtype), cell.b.astype(dtype), cell.f)
    weights = {name: w.astype(dtype) for name, w in cell.weights.items()}
    return type(cell)(**weights)


def test_the_mean_is_over_the_numbers_that_count():
    rng = np.random.default_rng(0)
    outputs, targets = rng.normal(size=(2, 4, 5, 3))
    weights = np.array([0, 1, 1, 0, 1.0])
    value, derivative = mean_squared_error(outputs, targets, weights)
    counted = (outputs - targets)[:, weights == 1]
    close(value, np.mean(counted**2))
    close(derivative[:, weights == 1], 2 * counted / counted.size)
    assert not derivative[:, weights == 0].any()
    each = rng.integers(0, 2, (4, 5)).astype(float)
    close(
        mean_squared_error(outputs, targets, each)[0], np.mean((outputs - targets)[each == 1] ** 2)
    )


@pytest.mark.parametrize("loss", [squared_error, mean_squared_error])
def test_the_derivative_of_a_loss_against_differences(loss):
    rng = np.random.default_rng(0)
    outputs, targets = rng.normal(size=(2, 4, 5, 3))
    for weights in (None, rng.uniform(0.5, 1.5, 5), rng.uniform(0.5, 1.5, (4, 5))):
        _, derivative = loss(outputs, targets, weights)

        def value(weights=weights):
            return loss(outputs, targets, weights)[0]

        close_to_differences(derivative, differences_of(value, outputs))


@pytest.mark.parametrize("road", [bptt, fast_bptt])
def test_a_loss_of_your_own(road):
    """It gets weights with the batch axis, whatever was given, and its derivative is used."""
    cell, shapes = random_cell(LSTMCell, 3, 4), []

    def absolute(outputs, targets, weights):
        shapes.append((outputs.shape, targets.shape, weights.shape))
        difference = (outputs - targets) * weights[..., None]
        return np.abs(difference).sum(), np.sign(difference) * weights[..., None]

    problem = task(cell, 5, last_only=False, batch=(2,)) | {"loss": absolute}
    gradient = road(cell, **problem).gradient
    assert shapes == [((2, 5, 4), (2, 5, 4), (2, 5))]

    def alone():
        outputs, _ = unroll(cell, problem["inputs"], problem["initial_states"])
        return absolute(outputs, problem["targets"], np.tile(problem["weights"], (2, 1)))[0]

    assert relative(gradient, central_differences(cell, alone), cell) < 1e-7


@pytest.mark.parametrize("road", [bptt, fast_bptt])
def test_an_encoder_and_a_decoder_are_one_network(road):
    """What the decoder's first states bring is what the encoder's final states are told."""
    encoder = random_cell(LSTMCell, 3, 4)
    decoder = readout(random_cell(PeepholeLSTMCell, 2, 4, 1), 2)
    rng = np.random.default_rng(0)
    read, spoken = rng.normal(size=(2, 5, 3)), rng.normal(size=(2, 4, 2))
    wanted = rng.normal(size=(2, 4, 2))
    mask = np.arange(5) < np.array([[5], [3]])

    def writing():
        _, states = unroll(encoder, read, mask=mask)
        return road(decoder, spoken, wanted, initial_states=last(states))

    reading = road(encoder, read, mask=mask, d_final_states=writing().d_initial_states)
    assert reading.loss == 0
    differences = central_differences(encoder, lambda: writing().loss)
    assert relative(reading.gradient, differences, encoder) < 1e-8


def test_a_step_back_of_a_cell_that_inherits_its_equations():
    class Named(LSTMCell):
        """The same equations under another name."""

    class Other(LSTMCell):
        def gates(self, x, states):
            values = super().gates(x, states)
            return values | {"h": 2 * values["h"]}

    weights = random_cell(LSTMCell, 3, 4).weights
    given = np.ones(3), (np.ones(4),) * 2, np.ones(4), (np.ones(4),) * 2
    same = backward_step(Named(**weights), *given)
    close(same[0], backward_step(LSTMCell(**weights), *given)[0])
    with refused(TypeError, "cell: no derivative is known for a Other"):
        backward_step(Other(**weights), *given)
    with refused(TypeError, "network: no fast form is known for a Other"):
        fast_bptt(Other(**weights), np.ones((5, 3)), np.ones((5, 4)))


def test_a_cell_of_your_own_joins_by_its_derivative(monkeypatch):
    """A cell that forgets at a rate, s(t) = w s(t-1) + x(t), and its step back."""

    class Leaky(Cell):
        w: UnitWeight

        def __init__(self, w):
            self.w = np.array(w)
            self.input_size = self.output_size = len(self.w)
            self.state_sizes = (len(self.w),)

        def step(self, x, states):
            s = self.w * states[0] + x
            return s, (s,)

    def back(cell, x, states, d_output, d_states):
        d = d_output + d_states[0]
        return d, (d * cell.w,), {"w": np.atleast_2d(d * states[0]).sum(axis=0)}

    cell, problem = Leaky([0.5, -0.8]), None
    for batch in ((), (3,)):
        problem = masked_task(cell, 5, batch)
        with refused(TypeError, "network: no derivative is known for a Leaky"):
            bptt(cell, **problem)
        with monkeypatch.context() as patch:
            patch.setitem(DERIVATIVES, Leaky, back)
            found = bptt(readout(cell, 2), **masked_task(readout(cell, 2), 5, batch))
            assert found.gradient["cell.w"].shape == (2,)
            gradient = bptt(cell, **problem).gradient
            differences = central_differences(cell, lambda: loss_alone(cell, **problem))  # noqa: B023
            assert relative(gradient, differences, cell) < 1e-8


# Bad input

INPUTS, TARGETS = np.ones((5, 3)), np.ones((5, 4))
BATCH = np.ones((2, 5, 3)), np.ones((2, 5, 4))
STATES = (np.ones(4), np.ones(4))


@pytest.mark.parametrize("road", [bptt, fast_bptt])
@pytest.mark.parametrize(
    ("given", "others", "error", "message"),
    [
        ((np.ones(3), TARGETS), {}, ValueError, "inputs: expected shape (steps, 3) or (batch, s"),
        ((np.ones((0, 3)), TARGETS), {}, ValueError, "inputs: expected shape (steps, 3) or (bat"),
        (([[1, 2, 3], [1]], TARGETS), {}, ValueError, "inputs: expected rows of equal length"),
        ((INPUTS, INPUTS), {}, ValueError, "targets: expected shape (5, 4), got (5, 3)"),
        ((INPUTS, TARGETS[:, :1]), {}, ValueError, "targets: expected shape (5, 4), got (5, 1)"),
        ((INPUTS, TARGETS * np.nan), {}, ValueError, "targets: expected finite numbers, got nan"),
        ((INPUTS,), {}, ValueError, "targets: expected targets, d_final_states or both, got nei"),
        ((INPUTS, TARGETS, np.ones(4)), {}, ValueError, "weights: expected shape (5,), got (4,)"),
        (
            (*BATCH, np.ones((5, 2))),
            {},
            ValueError,
            "weights: expected shape (5,) or (2, 5), got (5, 2)",
        ),
        (
            (INPUTS, None, np.ones(5)),
            {"d_final_states": STATES},
            ValueError,
            "weights: expected None where there are no targets",
        ),
        (
            (INPUTS, TARGETS),
            {"initial_states": STATES[:1]},
            ValueError,
            "initial_states: expected 2 state(s), got 1",
        ),
        (
            (INPUTS, TARGETS),
            {"d_final_states": (np.ones(4), np.ones(3))},
            ValueError,
            "d_final_states[1]: expected shape (4,), got (3,)",
        ),
        ((INPUTS, TARGETS), {"mask": np.ones(5)}, TypeError, "mask: expected True and False, got"),
        ((INPUTS, TARGETS), {"mask": [True] * 4}, ValueError, "mask: expected shape (5,), got (4"),
        ((INPUTS, TARGETS), {"reverse": "no"}, TypeError, "reverse: expected True or False, got"),
        ((INPUTS, TARGETS), {"loss": "mse"}, TypeError, "loss: expected a function, got 'mse'"),
        (
            (INPUTS, TARGETS),
            {"loss": lambda *_: 1.0},
            TypeError,
            "loss: expected a function that returns (L, dL/d_outputs), got one that returns a fl",
        ),
        (
            (INPUTS, TARGETS),
            {"loss": lambda y, *_: (1.0, y[:1])},
            ValueError,
            "loss, its second result: expected shape (5, 4), got (1, 4)",
        ),
    ],
)
def test_bad_arguments_of_both_roads_are_named(road, given, others, error, message):
    with refused(error, message):
        road(random_cell(LSTMCell, 3, 4), *given, **others)


@pytest.mark.parametrize("road", [bptt, fast_bptt])
def test_what_is_no_network_is_named(road):
    with refused(TypeError, "network: expected a network such as a SimpleCell"):
        road(None, INPUTS, TARGETS)
    strange = SimpleCell(np.ones((1, 1)), np.ones((1, 1)), np.ones(1), np.sin)
    with refused(TypeError, "f: expected one of tanh, sigmoid, relu, identity, got sin"):
        road(strange, np.ones((2, 1)), np.ones((2, 1)))


@pytest.mark.parametrize(
    ("inputs", "targets", "message"),
    [
        (INPUTS, np.ones((9, 4)), "targets: expected shape (5, 4), got (9, 4)"),
        (np.ones(3), TARGETS, "inputs: expected shape (steps, 3) or (batch, steps, 3), got (3,)"),
        (np.ones((0, 3)), np.ones((0, 4)), "inputs: expected shape (steps, 3) or (batch, steps"),
        ([[1, 2, 3], [1]], TARGETS, "inputs: expected rows of equal length"),
    ],
)
def test_truncated_bptt_checks_the_whole_before_the_first_window(inputs, targets, message):
    with refused(ValueError, message):
        truncated_bptt(random_cell(LSTMCell, 3, 4), inputs, targets, 5)


@pytest.mark.parametrize(
    "method",
    [lambda *given, **others: truncated_bptt(*given, window=2, **others), rtrl, rtrl_steps],
)
def test_what_goes_step_by_step_refuses_what_does_not(method):
    cell = random_cell(LSTMCell, 3, 4)
    with refused(TypeError, "network: expected one that reads forwards, step by step, got a Read"):
        method(both_ways(), INPUTS, np.ones((5, 2)))
    with refused(ValueError, "loss: expected a sum over the steps, such as squared_error"):
        method(cell, INPUTS, TARGETS, loss=mean_squared_error)
    with refused(ValueError, "weights: expected 0 at every padded step, got 1 at one"):
        method(cell, INPUTS, TARGETS, weights=np.ones(5), mask=[True] * 4 + [False])
    with refused(TypeError, "targets: expected an array, got None"):
        method(cell, INPUTS, None)
    with refused(ValueError, "initial_states[0]: expected finite numbers, got nan"):
        method(cell, INPUTS, TARGETS, initial_states=(np.full(4, np.nan), np.ones(4)))
    with refused(ValueError, "initial_states: expected 2 state(s), got 1"):
        method(cell, INPUTS, TARGETS, initial_states=STATES[:1])


def test_bad_arguments_are_named():
    cell = random_cell(LSTMCell, 3, 4)
    with refused(ValueError, "window: expected a whole number of at least 1, got 0"):
        truncated_bptt(cell, INPUTS, TARGETS, 0)
    for method in (rtrl, state_jacobians):
        with refused(ValueError, "inputs: expected one sequence (steps, 3), got a batch"):
            method(cell, BATCH[0], *([BATCH[1]] if method is rtrl else []))
    with refused(TypeError, "network: expected one that reads forwards"):
        state_jacobians(both_ways(), INPUTS)
    with refused(ValueError, "jacobians: expected square matrices (steps, n, n), got (2, 3, 4)"):
        norms_over_lag(np.ones((2, 3, 4)))
    with refused(ValueError, "jacobians: expected square matrices (steps, n, n), got (2, 3, 4)"):
        lyapunov_exponent(np.ones((2, 3, 4)))
    with refused(ValueError, "skip: expected fewer than the 2 steps, got 2"):
        lyapunov_exponent(np.ones((2, 3, 3)), skip=2)
    with refused(TypeError, "cell: no derivative is known for a Cell"):
        backward_step(Cell(), None, None, None, None)
    with refused(ValueError, "d_states[0]: expected shape (4,), got (3,)"):
        backward_step(cell, np.ones(3), STATES, np.ones(4), (np.ones(3), np.ones(4)))


def test_central_differences_name_what_they_cannot_use():
    cell = random_cell(LSTMCell, 2, 3)
    with refused(TypeError, "network: expected float64 weights, got float32 in W_xi"):
        central_differences(random_cell(LSTMCell, 3, 4, dtype=np.float32), lambda: 0.0)
    for step in (np.inf, np.nan, 0.0, -1e-6):
        with refused(ValueError, "step: expected a finite number above 0, got"):
            central_differences(cell, lambda: 0.0, step)
    with refused(TypeError, "network: expected a network"):
        central_differences(None, lambda: 0.0)
    with refused(TypeError, "loss: expected a function, got 0.0"):
        central_differences(cell, 0.0)
    kept = {name: w.copy() for name, w in cell.weights.items()}
    with refused(ValueError, "loss, its result: expected a finite number, got nan"):
        central_differences(cell, lambda: np.nan)
    with refused(TypeError, "loss, its result: expected a number, got a tuple"):
        central_differences(cell, lambda: (1.0, None))
    for name, weight in kept.items():
        np.testing.assert_array_equal(cell.weights[name], weight)


@pytest.mark.parametrize("loss", [squared_error, mean_squared_error])
def test_losses_name_what_does_not_fit(loss):
    outputs = np.ones((2, 5, 3))
    with refused(ValueError, "targets: expected shape (2, 5, 3), got (5, 3)"):
        loss(outputs, outputs[0])
    with refused(ValueError, "targets: expected shape (2, 5, 3), got (2, 5, 1)"):
        loss(outputs, outputs[..., :1])
    with refused(ValueError, "weights: expected shape (5,) or (2, 5), got (2,)"):
        loss(outputs, outputs, np.ones(2))
    with refused(ValueError, "outputs: expected shape (steps, size) or (batch, steps, size), got"):
        loss(np.ones(3), np.ones(3))


def test_a_mean_of_nothing_is_refused():
    with refused(ValueError, "weights: expected a sum above 0, so that some step counts, got 0"):
        mean_squared_error(TARGETS, TARGETS, np.zeros(5))
