"""The fast road against the plain one: networks, padding, both directions, both types."""

import copy
import threading

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
    ResetAfterGRUCell,
    SimpleCell,
    Stack,
    unroll,
)
from lib.cells.activations import identity, relu, sigmoid
from lib.gradients import bptt, fast_bptt, fast_unroll, mean_squared_error, squared_error
from lib.gradients.backward_step import DERIVATIVES
from lib.gradients.fast import FORMS, _fast_gradient, _fast_loss
from tests.helpers import CELLS, GATED, outside_the_page, random_cell, random_states, refused
from tests.test_gradients import both_ways, deep, of_type, readout

# What another order of summation may leave, relative to the largest number of an array: some dozen
# roundings over the steps of these sequences. The largest that was found is a tenth of it.
TOLERANCE = {np.float32: 2e-5, np.float64: 1e-13}

ACTIVATIONS = [identity, np.tanh, sigmoid, relu]


def nested(seed=0):
    """Both directions at the bottom and at the top, readouts between."""
    lower = Bidirectional(random_cell(GRUCell, 3, 4, seed), random_cell(LSTMCell, 3, 2, seed + 1))
    between = readout(random_cell(SimpleCell, 6, 3, seed + 2), 4, seed, relu)
    upper = Bidirectional(
        Stack([random_cell(ResetAfterGRUCell, 4, 3, seed + 3), random_cell(SimpleCell, 3, 2)]),
        readout(random_cell(PeepholeLSTMCell, 4, 3, seed + 4), 2, seed, sigmoid),
    )
    return readout(readout(Stack([lower, between, upper]), 3, seed), 2, seed + 1, identity)


NETWORKS = {}
for kind in CELLS:
    NETWORKS[kind.__name__] = random_cell(kind, 3, 4)
    NETWORKS[f"{kind.__name__}, one unit"] = random_cell(kind, 1, 1)
    NETWORKS[f"{kind.__name__} twice"] = Stack([random_cell(kind, 3, 4), random_cell(kind, 4, 2)])
    NETWORKS[f"{kind.__name__} both ways"] = Bidirectional(
        random_cell(kind, 3, 4), random_cell(kind, 3, 2)
    )
for f in ACTIVATIONS:
    name = f.__name__
    NETWORKS[f"readout with {name}"] = readout(random_cell(LSTMCell, 3, 4), 2, f=f)
    NETWORKS[f"simple cell with {name}"] = SimpleCell.generic(3, 4, 0, f=f, scale=0.4)
NETWORKS |= {"deep": deep(), "readout of both ways": both_ways(), "nested": nested()}


def problem_of(network, batch, steps, masked, reverse, start, seed=0):
    rng = np.random.default_rng(seed)
    dtype = network.dtype
    problem = {
        "inputs": rng.normal(size=(*batch, steps, network.input_size)).astype(dtype),
        "targets": rng.normal(size=(*batch, steps, network.output_size)).astype(dtype),
        "reverse": reverse,
    }
    if masked:
        problem["mask"] = rng.random((*batch, steps)) < 0.6
    if start:
        problem |= {
            "weights": rng.uniform(0.5, 1.5, (*batch, steps)),
            "initial_states": random_states(network, batch, seed + 1),
            "d_final_states": random_states(network, batch, seed + 2),
        }
    return problem


def everything(found):
    """All arrays of a `Backward`, by name."""
    arrays = {"loss": np.array(found.loss), "d_inputs": found.d_inputs, **found.gradient}
    arrays |= {f"states[{k}]": s for k, s in enumerate(found.states)}
    return arrays | {f"d_initial_states[{k}]": s for k, s in enumerate(found.d_initial_states)}


def largest_difference(network, problem):
    """Of the two roads, relative to the largest number of each array; types and shapes agree."""
    plain, fast = everything(bptt(network, **problem)), everything(fast_bptt(network, **problem))
    names = ("inputs", "initial_states", "mask", "reverse")
    forwards = {name: problem[name] for name in names if name in problem}
    for found, road in ((plain, unroll), (fast, fast_unroll)):
        outputs, states = road(network, **forwards)
        found |= {"outputs": outputs, **{f"history[{k}]": s for k, s in enumerate(states)}}
    assert list(plain) == list(fast)
    differences = [0.0]
    for name, expected in plain.items():
        assert fast[name].shape == expected.shape, name
        assert fast[name].dtype == expected.dtype or name == "loss", name
        scale = max(1.0, float(np.abs(expected).max()))
        differences.append(float(np.abs(fast[name] - expected).max()) / scale)
    return max(differences)


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
@pytest.mark.parametrize("reverse", [False, True], ids=["forwards", "backwards"])
@pytest.mark.parametrize("masked", [False, True], ids=["whole", "padded"])
def test_fast_and_plain_agree(network, masked, reverse, dtype):
    network = of_type(network, dtype) if dtype == np.float32 else network
    for batch in ((), (1,), (3,)):
        for start in (False, True):
            problem = problem_of(network, batch, 7, masked, reverse, start)
            assert largest_difference(network, problem) < TOLERANCE[dtype]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(CELLS),
    st.integers(0, 2**32 - 1),
    *[st.integers(1, 5)] * 4,
    st.sampled_from([(), (1,), (4,)]),
    st.booleans(),
    st.booleans(),
)
def test_fast_and_plain_agree_at_every_size(
    kind, seed, steps, inputs, units, outputs, batch, masked, reverse
):
    cell = kind.generic(inputs, units, seed, scale=0.5)
    problem = problem_of(readout(cell, outputs, seed), batch, steps, masked, reverse, True, seed)
    assert largest_difference(readout(cell, outputs, seed), problem) < 1e-12


@pytest.mark.parametrize("scale", [1.0, 8.0])
@pytest.mark.parametrize("batch", [(), (5,)])
def test_fast_and_plain_agree_at_weights_of_any_size(kind, scale, batch):
    """At weights of eight nearly every gate is open or closed, and tanh is flat."""
    network = readout(kind.generic(3, 4, 0, scale=scale), 2)
    problem = problem_of(network, batch, 20, True, False, True)
    plain, fast = bptt(network, **problem), fast_bptt(network, **problem)
    for name, expected in plain.gradient.items():
        largest = np.abs(expected).max()
        assert largest > 0
        # Each step may multiply what rounding left by as much as it multiplies the gradient.
        assert np.abs(fast.gradient[name] - expected).max() < 1e-9 * largest


@pytest.mark.parametrize("bias", [-20.0, -30.0])
def test_a_gate_far_closed_still_learns(gated, bias, dtype):
    """Its gradient is tiny, right to rounding, and the same on both roads."""
    gates = {name for name in gated.generic(3, 4, 0).weights if name[:2] == "b_"} - {"b_g"}
    cell = random_cell(gated, 3, 4, dtype=dtype)
    first = sorted(name for name in gates if name not in ("b_xg", "b_hg"))[0]
    cell.weights[first] = np.full(4, bias, dtype)
    exact = of_type(cell, np.float64)
    inputs = np.random.default_rng(0).normal(size=(6, 3)).astype(dtype)
    targets = np.zeros((6, 4), dtype)
    expected = bptt(exact, inputs, targets).gradient[first]
    assert (np.abs(expected) < 1e-6).all()
    for road in (bptt, fast_bptt):
        found = road(cell, inputs, targets).gradient[first]
        tolerance = 1e-4 if dtype == np.float32 else 1e-12
        np.testing.assert_allclose(found, expected, rtol=tolerance)
        assert (found != 0).all()


def test_a_gate_closed_beyond_its_type_is_zero_and_no_warning(gated, dtype):
    """exp(1000) is infinite in both types, and 1 / (1 + exp(1000)) is 0."""
    cell = random_cell(gated, 3, 4, dtype=dtype)
    for name, bias in cell.weights.items():
        if name[0] == "b" and name[-1] != "g":
            bias[:] = -1000
    problem = problem_of(cell, (2,), 5, False, False, True)
    assert largest_difference(cell, problem) < TOLERANCE[dtype]


@pytest.mark.parametrize("f", [identity, relu])
@pytest.mark.parametrize("road", [bptt, fast_bptt])
def test_what_stands_at_padding_may_be_as_large_as_it_likes(road, f):
    cell = SimpleCell.generic(2, 3, 0, f=f, scale=3.0)
    problem = problem_of(cell, (2,), 6, True, False, True)
    expected = everything(road(cell, **problem))
    problem["inputs"][~problem["mask"]] = 1.7e308
    for name, array in everything(road(cell, **problem)).items():
        np.testing.assert_array_equal(array, expected[name], err_msg=name)


def test_lists_and_whole_numbers_are_taken_as_unroll_takes_them(kind):
    network = random_cell(kind, 2, 3, dtype=np.float32)
    inputs = [[1, 2], [3, 4]]
    for found, expected in zip(fast_unroll(network, inputs), unroll(network, inputs), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-6)
        assert np.asarray(found).dtype == np.asarray(expected).dtype


def test_every_kind_with_a_derivative_has_a_fast_form():
    assert set(FORMS) == {*DERIVATIVES, Bidirectional}


@pytest.mark.parametrize("loss", [squared_error, mean_squared_error])
def test_what_training_takes_is_a_part_of_fast_bptt(kind, loss):
    network = readout(random_cell(kind, 3, 4), 2)
    problem = problem_of(network, (3,), 6, True, False, False) | {"loss": loss}
    whole = fast_bptt(network, **problem)
    value, gradient = _fast_gradient(network, **problem)
    assert value == whole.loss == _fast_loss(network, **problem)
    for name, expected in whole.gradient.items():
        np.testing.assert_array_equal(gradient[name], expected)


# What is given and what comes back belongs to the caller


def test_nothing_that_was_given_changes_and_nothing_is_shared(kind):
    network = readout(random_cell(kind, 3, 4), 2)
    problem = problem_of(network, (3,), 6, True, False, True)
    kept = copy.deepcopy(problem)
    weights = {name: w.copy() for name, w in network.weights.items()}
    first = everything(fast_bptt(network, **problem))
    outputs, states = fast_unroll(network, problem["inputs"])
    copies = {name: array.copy() for name, array in first.items()}
    forwards = [outputs, *states]
    forward_copies = [array.copy() for array in forwards]
    # Another call of the same sizes uses the same memory again.
    other = {**problem, "inputs": problem["inputs"] + 1, "targets": problem["targets"] - 1}
    fast_bptt(network, **other)
    fast_unroll(network, other["inputs"])
    for name, array in first.items():
        np.testing.assert_array_equal(array, copies[name], err_msg=name)
    for array, expected in zip(forwards, forward_copies, strict=True):
        np.testing.assert_array_equal(array, expected)
    for name, value in kept.items():
        for array, expected in zip(problem[name], value, strict=True) if name != "reverse" else ():
            np.testing.assert_array_equal(array, expected, err_msg=name)
    for name, array in weights.items():
        np.testing.assert_array_equal(network.weights[name], array)
    arrays = [a for name, a in first.items() if name != "loss"]
    assert not any(
        np.shares_memory(a, w) for a in (*arrays, *forwards) for w in network.weights.values()
    )
    for k, a in enumerate(arrays):
        assert a.flags.writeable
        for b in arrays[:k]:
            assert not np.shares_memory(a, b)


def test_a_loss_may_run_the_fast_road_itself_and_keep_what_it_gets(kind):
    network, kept = readout(random_cell(kind, 3, 4), 2), []
    problem = problem_of(network, (3,), 6, False, False, False)
    expected = fast_bptt(network, **problem)

    def loss(outputs, targets, weights):
        kept.append(outputs)
        fast_bptt(network, problem["inputs"] * 2, targets)
        return squared_error(outputs, targets, weights)

    found = fast_bptt(network, **problem, loss=loss)
    fast_bptt(network, problem["inputs"] * 3, problem["targets"])
    np.testing.assert_array_equal(kept[0], fast_unroll(network, problem["inputs"])[0])
    for name, d in expected.gradient.items():
        np.testing.assert_array_equal(found.gradient[name], d)


def test_a_failing_loss_leaves_nothing_behind(kind):
    network = random_cell(kind, 3, 4)
    problem = problem_of(network, (3,), 6, False, False, False)
    expected = fast_bptt(network, **problem)

    def failing(*_):
        raise RuntimeError("no loss")

    with pytest.raises(RuntimeError, match="no loss"):
        fast_bptt(network, **problem, loss=failing)
    for name, d in fast_bptt(network, **problem).gradient.items():
        np.testing.assert_array_equal(d, expected.gradient[name])


@outside_the_page
def test_threads_do_not_disturb_each_other():
    network = readout(random_cell(LSTMCell, 3, 16), 2)
    problems = [problem_of(network, (8,), 30, False, False, False, seed) for seed in range(4)]
    expected = [fast_bptt(network, **problem).d_inputs for problem in problems]
    wrong = []

    def work(k):
        for _ in range(30):
            if not np.array_equal(fast_bptt(network, **problems[k]).d_inputs, expected[k]):
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


# What has no fast form


class Doubling(Cell):
    """A kind of cell that is not the book's."""

    input_size = output_size = 3
    state_sizes = (3,)
    dtype = np.dtype(float)

    def step(self, x, states):
        return 2 * x, states


class OtherGates(LSTMCell):
    def gates(self, x, states):
        return super().gates(x, states)


@pytest.mark.parametrize("run", [fast_unroll, lambda n, x: fast_bptt(n, x, x)])
def test_a_cell_of_your_own_is_refused_by_name(run):
    with refused(TypeError, "network: no fast form is known for a Doubling"):
        run(Doubling(), np.ones((5, 3)))
    other = OtherGates(**LSTMCell.generic(3, 3, 0).weights)
    with refused(TypeError, "network: no fast form is known for a OtherGates"):
        run(Stack([LSTMCell.generic(3, 3, 1), other]), np.ones((5, 3)))
    with refused(TypeError, "f: expected one of tanh, sigmoid, relu, identity, got sin"):
        run(Readout(GRUCell.generic(3, 3, 0), np.ones((3, 3)), np.ones(3), np.sin), np.ones((5, 3)))


def test_a_cell_that_only_has_another_name_is_taken():
    class Mine(GRUCell):
        """The equations of its parent."""

    cell = GRUCell.generic(3, 4, 0)
    x = np.random.default_rng(0).normal(size=(5, 3))
    np.testing.assert_array_equal(fast_unroll(Mine(**cell.weights), x)[0], fast_unroll(cell, x)[0])


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"inputs": np.ones((5, 2))}, ValueError, "inputs: expected shape (steps, 3) or (batch,"),
        ({"initial_states": ()}, ValueError, "initial_states: expected 1 state(s), got 0"),
        ({"mask": np.ones(4, bool)}, ValueError, "mask: expected shape (5,), got (4,)"),
        ({"reverse": 1}, TypeError, "reverse: expected True or False, got 1"),
    ],
)
def test_fast_unroll_checks_as_unroll(given, error, message):
    for road in (unroll, fast_unroll):
        with refused(error, message):
            road(GRUCell.generic(3, 4, 0), **{"inputs": np.ones((5, 3))} | given)
    with refused(TypeError, "network: expected a network"):
        fast_unroll("LSTM", np.ones((5, 3)))


def test_gated_cells_are_all_tried():
    assert set(GATED) < set(FORMS)


@pytest.mark.parametrize("kind", [GRUCell, ResetAfterGRUCell])
@pytest.mark.parametrize("size", [0.3, 1e-9])
def test_a_gru_that_keeps_everything_keeps_it_exactly(kind, size, dtype):
    """With z = 1 the new state is the old one, to the last bit, for numbers of any size."""
    cell = kind.generic(3, 4, seed=0, dtype=dtype)
    name = "b_z" if kind is GRUCell else "b_xz"
    cell = cell.replace(**{name: np.full(4, 1000.0)})
    x = np.random.default_rng(1).normal(size=(2000, 3)).astype(dtype)
    start = (np.full(4, size, dtype),)
    for road in (unroll, fast_unroll):
        outputs, _ = road(cell, x, start)
        assert (outputs == start[0]).all()
