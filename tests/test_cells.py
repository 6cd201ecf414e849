"""The recurrent layer of eq. (1), the cells made of cells, and what every cell keeps to."""

import copy
import pickle
from decimal import Decimal

import joblib
import numpy as np
import pytest

from lib import Bidirectional, LSTMCell, Readout, SimpleCell, Stack, unroll
from lib.cells.activations import identity, relu, sigmoid
from tests.helpers import close, random_cell, random_states, refused

# The recurrent layer of eq. (1)


def test_the_step_of_a_recurrent_layer_is_eq_1(rng):
    W_x, W_y, b = rng.normal(size=(3, 2)), rng.normal(size=(3, 3)), rng.normal(size=3)
    x, y = rng.normal(size=2), rng.normal(size=3)
    expected = [
        np.tanh(
            sum(W_x[j, k] * x[k] for k in range(2)) + sum(W_y[j, k] * y[k] for k in range(3)) + b[j]
        )
        for j in range(3)
    ]
    output, (state,) = SimpleCell(W_x, W_y, b)(x, (y,))
    close(output, expected)
    assert state is output


def test_another_activation_takes_the_place_of_tanh(rng):
    cell = random_cell(SimpleCell, 2, 3)
    x, (y,) = rng.normal(size=2), random_states(cell)
    linear = SimpleCell(**cell.weights, f=identity)(x, (y,))[0]
    np.testing.assert_array_equal(SimpleCell(**cell.weights, f=relu)(x, (y,))[0], relu(linear))


def test_the_logistic_function_never_overflows():
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(sigmoid(np.array([-1e4, 0.0, 1e4])), [0, 0.5, 1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_logistic_function_is_as_precise_far_below_zero(dtype):
    """A gate that is nearly closed keeps its value: no difference of nearly equal numbers."""
    x = np.linspace(-80, 30, 2001).astype(dtype)
    exact = np.array([1 / (1 + Decimal(float(-v)).exp()) for v in x], dtype=object)
    error = np.abs(sigmoid(x).astype(float) / exact.astype(float) - 1)
    assert sigmoid(x).dtype == dtype
    assert error.max() < 4 * np.finfo(dtype).eps
    with np.errstate(all="ignore"):
        naive = (1 + np.tanh(x / 2)) / 2  # the form this replaced
    assert np.abs(naive.astype(float) / exact.astype(float) - 1).max() > 0.01


# What every cell keeps to


def test_a_batch_is_its_sequences_one_by_one(kind, rng):
    cell = random_cell(kind, 2, 3)
    X, states = rng.normal(size=(4, 2)), random_states(cell, (4,))
    outputs, new_states = cell(X, states)
    for k in range(4):
        output, new = cell(X[k], tuple(state[k] for state in states))
        close(outputs[k], output)
        for batched, single in zip(new_states, new, strict=True):
            close(batched[k], single)


def test_the_precision_of_the_weights_is_kept(kind, dtype, rng):
    cell = random_cell(kind, 2, 3, dtype=dtype)
    output, states = cell(rng.normal(size=(4, 2)).astype(dtype), cell.initial_states((4,)))
    assert {array.dtype for array in (output, *states)} == {np.dtype(dtype)}


def test_a_seed_gives_the_same_cell_again(kind, dtype):
    first, again, other = (kind.from_seed(2, 3, seed, dtype=dtype) for seed in (5, 5, 6))
    assert all((first.weights[name] == again.weights[name]).all() for name in first.weights)
    assert (next(iter(first.weights.values())) != next(iter(other.weights.values()))).all()
    assert first.dtype == dtype


def test_weights_start_as_in_keras(kind):
    inputs, units = 3, 40
    weights = kind.from_seed(inputs, units, 0).weights
    W_x = np.concatenate([W for name, W in weights.items() if name.startswith("W_x")])
    W_h = np.concatenate([W for name, W in weights.items() if name[:3] in ("W_h", "W_y")])
    limit = np.sqrt(6 / (inputs + len(W_x)))
    assert 0.95 * limit < np.abs(W_x).max() <= limit
    np.testing.assert_allclose(W_h.T @ W_h, np.eye(units), atol=1e-12)
    rest = {name: w for name, w in weights.items() if name.startswith(("b", "p"))}
    assert all((w == (name == "b_f" and kind.layers == "ifog")).all() for name, w in rest.items())


@pytest.mark.parametrize("arguments", [(0, 3), (2, 0), (2.5, 3), (2, "3")])
def test_from_seed_refuses_sizes_that_are_no_counts(kind, arguments):
    with pytest.raises(ValueError, match="expected a whole number of at least 1, got"):
        kind.from_seed(*arguments, seed=0)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda w: w.astype(str), TypeError, "expected real numbers, got dtype <U32"),
        (lambda w: w[..., np.newaxis], ValueError, "expected shape"),
        (lambda w: w[:-1], ValueError, "expected shape"),
        (
            lambda w: np.where(w == w.flat[0], np.nan, w),
            ValueError,
            "expected finite numbers, got nan",
        ),
    ],
    ids=["text", "rank", "size", "nan"],
)
def test_each_wrong_weight_is_named(kind, change, error, message):
    weights = random_cell(kind, 2, 3).weights
    for name in list(weights)[1:]:
        with refused(error, f"{name}: {message}"):
            kind(**{**weights, name: change(weights[name])})


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (np.ones(3), ValueError, "inputs: expected shape (2,) or (batch, 2), got (3,)"),
        (
            np.ones((1, 4, 2)),
            ValueError,
            "inputs: expected shape (2,) or (batch, 2), got (1, 4, 2)",
        ),
        (
            np.ones((0, 2)),
            ValueError,
            "inputs: expected shape (2,) or (batch, 2), with at least one",
        ),
        ([np.nan, 1.0], ValueError, "inputs: expected finite numbers, got nan at index (0,)"),
        (["one", "two"], TypeError, "inputs: expected real numbers, got dtype <U3"),
    ],
)
def test_each_wrong_input_is_named(kind, x, error, message):
    cell = random_cell(kind, 2, 3)
    with refused(error, message):
        cell(x, cell.initial_states())


def test_each_wrong_state_is_named(kind):
    cell = random_cell(kind, 2, 3)
    states = random_states(cell)
    for k in range(len(states)):
        wrong = (*states[:k], np.ones(4), *states[k + 1 :])
        with refused(ValueError, f"states[{k}]: expected shape (3,), got (4,)"):
            cell(np.ones(2), wrong)
    with refused(ValueError, "states[0]: expected shape (5, 3), got (4, 3)"):
        cell(np.ones((5, 2)), random_states(cell, (4,)))
    with refused(ValueError, f"states: expected {len(states)} state(s), got 3"):
        cell(np.ones(2), (np.ones(3),) * 3)
    with refused(TypeError, "states: expected a tuple of arrays, got ndarray"):
        cell(np.ones(2), np.ones((1, 3)))


# Cells made of cells


def test_a_readout_reads_the_inner_output_and_leaves_the_state_alone(kind, rng):
    inner = random_cell(kind, 2, 3)
    W, b = rng.normal(size=(4, 3)), rng.normal(size=4)
    x, states = rng.normal(size=(5, 2)), random_states(inner, (5,))
    h, inner_states = inner(x, states)
    y, new_states = Readout(inner, W, b, relu)(x, states)
    close(y, relu(h @ W.T + b))
    assert y.shape == (5, 4)
    for state, expected in zip(new_states, inner_states, strict=True):
        np.testing.assert_array_equal(state, expected)


def test_a_readout_counts_the_weights_of_both_parts(kind, rng):
    inner = random_cell(kind, 2, 3)
    readout = Readout(inner, rng.normal(size=(4, 3)), rng.normal(size=4))
    assert readout.parameter_count == inner.parameter_count + 4 * 3 + 4


@pytest.mark.parametrize(
    ("W", "b", "message"),
    [
        (np.ones((4, 2)), np.ones(4), "W: expected shape (outputs, 3), got (4, 2)"),
        (np.ones((4, 3)), np.ones(3), "b: expected shape (4,), got (3,)"),
    ],
)
def test_a_readout_refuses_weights_that_do_not_fit(W, b, message):
    with refused(ValueError, message):
        Readout(random_cell(SimpleCell, 2, 3), W, b)


def test_a_stack_is_its_layers_one_after_the_other(kind, rng):
    low, middle, top = (
        random_cell(kind, 2, 3),
        random_cell(SimpleCell, 3, 5),
        random_cell(kind, 5, 4),
    )
    inputs = rng.normal(size=(6, 7, 2))
    outputs, states = unroll(Stack([low, middle, top]), inputs)
    y, expected = inputs, ()
    for cell in (low, middle, top):
        y, of_cell = unroll(cell, y)
        expected += of_cell
    close(outputs, y)
    assert len(states) == len(expected)
    for state, layer_by_layer in zip(states, expected, strict=True):
        close(state, layer_by_layer)


def test_a_stack_names_the_weights_of_its_layers():
    stack = Stack([random_cell(SimpleCell, 2, 3), random_cell(SimpleCell, 3, 4)])
    assert list(stack.weights)[::3] == ["cells[0].W_x", "cells[1].W_x"]
    assert stack.parameter_count == 3 * (2 + 3 + 1) + 4 * (3 + 4 + 1)


def test_a_stack_refuses_layers_that_do_not_fit():
    with refused(ValueError, "cells: expected at least one cell, got none"):
        Stack([])
    with refused(ValueError, "cells[1]: expected a cell of 3 inputs"):
        Stack([random_cell(SimpleCell, 2, 3), random_cell(SimpleCell, 4, 4)])


# Weights that can be assigned


def networks(kind):
    """One network of every make, with generic weights, around a cell of `kind`."""
    cell = random_cell(kind, 2, 3)
    rng = np.random.default_rng(5)
    readout = Readout(random_cell(kind, 2, 3), rng.normal(size=(4, 3)), rng.normal(size=4))
    both = Bidirectional(random_cell(kind, 2, 3), random_cell(SimpleCell, 2, 5, seed=1))
    stack = Stack([random_cell(kind, 2, 3), random_cell(kind, 3, 3, seed=2)])
    deep = Stack([both, readout_of(random_cell(kind, 8, 3, seed=3), rng)])
    return [cell, readout, both, stack, deep]


def readout_of(cell, rng):
    return Readout(cell, rng.normal(size=(2, cell.output_size)), rng.normal(size=2))


def test_what_is_assigned_to_one_weight_is_what_the_network_computes_with(kind, rng):
    for network in networks(kind):
        x = rng.normal(size=(5, 2))
        before, _ = unroll(network, x)
        for name in network.weights:
            held = network.weights[name]
            new = rng.normal(size=held.shape)
            network.weights[name] = new
            np.testing.assert_array_equal(network.weights[name], new)
            assert network.weights[name] is held  # an optimiser that holds it sees the new numbers
            new[...] = np.nan  # and it is a copy
            after, _ = unroll(network, x)
            assert (after != before).any(), name
            before = after


def test_all_weights_can_be_assigned_at_once_from_a_dict_or_a_file(kind, rng, tmp_path):
    for k, (network, other) in enumerate(zip(networks(kind), networks(kind), strict=True)):
        for array in other.weights.values():
            array += rng.normal(size=array.shape)
        expected = {name: array.copy() for name, array in other.weights.items()}
        np.savez(tmp_path / f"{k}.npz", **other.weights)
        network.weights = expected
        x = rng.normal(size=(5, 2))
        np.testing.assert_array_equal(unroll(network, x)[0], unroll(other, x)[0])
        network.weights.update({name: 0 * array for name, array in expected.items()})
        with np.load(tmp_path / f"{k}.npz") as file:
            network.weights.update(file)
        assert all((network.weights[name] == w).all() for name, w in expected.items())


def test_an_attribute_takes_numbers_like_the_entry_of_its_name(kind):
    cell = random_cell(kind, 2, 3)
    name = next(name for name in cell.weights if name.startswith("b"))
    held = cell.weights[name]
    setattr(cell, name, [1.0, 2.0, 3.0])
    assert cell.weights[name] is held
    assert held.tolist() == [1, 2, 3]
    with refused(ValueError, f"{name}: expected shape (3,), got (2,)"):
        setattr(cell, name, [1.0, 2.0])
    assert held.tolist() == [1, 2, 3]


def test_a_wrong_assignment_changes_nothing(kind, rng):
    for network in networks(kind):
        before = {name: w.copy() for name, w in network.weights.items()}
        first, *_, last = before
        good = rng.normal(size=before[first].shape)
        wrong = [
            ({first: good, "V": good}, TypeError, "weights: expected names among"),
            ({first: good, last: before[last][..., :-1]}, ValueError, f"{last}: expected shape"),
            ({first: good, last: before[last] * np.nan}, ValueError, f"{last}: expected finite"),
            ({first: good, last: "text"}, TypeError, f"{last}: expected real numbers"),
        ]
        for new, error, message in wrong:
            with refused(error, message):
                network.weights.update(new)
            with pytest.raises(error):
                network.weights = {**before, **new}
        with refused(TypeError, f"{type(network).__name__}: expected the weights"):
            network.set_weights({first: good})
        with refused(TypeError, "weights: expected a dict of arrays by name, got 3"):
            network.set_weights(3)
        for removal in (lambda w: w.pop(next(iter(w))), lambda w: w.clear(), lambda w: w.popitem()):
            with refused(TypeError, "weights: the names are fixed"):
                removal(network.weights)
        assert all((network.weights[name] == w).all() for name, w in before.items())


def test_a_cell_keeps_its_own_numbers(kind):
    weights = {name: w.copy() for name, w in random_cell(kind, 2, 3).weights.items()}
    one, other = kind(**weights), kind(**weights)
    kept = {name: w.copy() for name, w in weights.items()}
    for w in one.weights.values():
        w += 1
    for found in (weights, other.weights):
        assert all((found[name] == w).all() for name, w in kept.items())
    W, b = np.ones((1, 3)), np.ones(1)
    readout = Readout(other, W, b)
    readout.W += 1
    assert (W == 1).all()


def test_copies_are_apart_and_pickles_come_back(kind, rng):
    x = rng.normal(size=(5, 2))
    for network in networks(kind):
        expected, _ = unroll(network, x)
        deep, pickled = copy.deepcopy(network), pickle.loads(pickle.dumps(network))
        (doubled,) = joblib.Parallel(n_jobs=1)([joblib.delayed(unroll)(network, x)])
        for w in network.weights.values():
            w += 1
        for found in (unroll(deep, x)[0], unroll(pickled, x)[0], doubled[0]):
            np.testing.assert_array_equal(found, expected)
        deep.weights = network.weights
        np.testing.assert_array_equal(unroll(deep, x)[0], unroll(network, x)[0])


def test_replace_changes_a_copy(kind):
    cell = random_cell(kind, 2, 3)
    name = next(iter(cell.weights))
    before = cell.weights[name].copy()
    changed = cell.replace(**{name: before + 1})
    np.testing.assert_array_equal(changed.weights[name], before + 1)
    np.testing.assert_array_equal(cell.weights[name], before)
    with refused(TypeError, "weights: expected names among"):
        cell.replace(W_q=before)


def test_a_weight_in_another_precision_takes_the_precision_of_the_cell(kind):
    cell = random_cell(kind, 2, 3, dtype=np.float32)
    name = next(iter(cell.weights))
    cell.weights[name] = np.full(cell.weights[name].shape, 0.1)
    assert cell.weights[name].dtype == cell.dtype == np.float32


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"dtype": int}, TypeError, "dtype: expected a floating-point type such as np.float32"),
        ({"dtype": "words"}, TypeError, "dtype: expected a floating-point type"),
        ({"seed": -1}, ValueError, "seed: expected whole numbers of at least 0, got -1"),
        ({"seed": 1.5}, TypeError, "seed: expected a whole number of at least 0"),
    ],
)
def test_from_seed_names_what_does_not_fit(kind, arguments, error, message):
    with refused(error, message):
        kind.from_seed(2, 3, **{"seed": 0, **arguments})
    with refused(error, message):
        kind.generic(2, 3, **{"seed": 0, **arguments})


def test_options_of_a_fresh_cell_are_named(kind):
    """The fourth positional argument used to mean three things."""
    with pytest.raises(TypeError, match="positional argument"):
        kind.from_seed(2, 3, 0, np.float32)
    with refused(TypeError, "f: expected a function, got 'tanh'"):
        SimpleCell(np.ones((3, 2)), np.ones((3, 3)), np.ones(3), f="tanh")
    with refused(ValueError, "scale: expected a finite number above 0, got 0"):
        kind.generic(2, 3, 0, scale=0)
    with refused(TypeError, "forget_bias: expected a number, got 'one'"):
        LSTMCell.from_seed(2, 3, 0, forget_bias="one")


def test_a_fresh_readout_starts_as_a_dense_layer_of_keras(kind, dtype):
    cell = kind.from_seed(2, 40, seed=3, dtype=dtype)
    readout = Readout.from_seed(cell, 5, seed=3)
    limit = np.sqrt(6 / 45)
    assert 0.9 * limit < np.abs(readout.W).max() <= limit
    assert not readout.b.any()
    assert readout.dtype == dtype
    with refused(ValueError, "outputs: expected a whole number of at least 1, got 0"):
        Readout.from_seed(cell, 0, seed=0)
    with refused(TypeError, "cell: expected a network such as a SimpleCell or a Readout, got a"):
        Readout.from_seed("LSTM", 1, seed=0)


def test_one_network_cannot_stand_twice_in_another(kind):
    cell = random_cell(kind, 3, 3)
    for made in (lambda: Stack([cell, cell]), lambda: Bidirectional(cell, cell)):
        with pytest.raises(ValueError, match="with weights of their own, got one twice"):
            made()
    assert Stack([cell, copy.deepcopy(cell)]).parameter_count == 2 * cell.parameter_count


def test_both_directions_have_no_step(kind, rng):
    both = Bidirectional(random_cell(kind, 2, 3), random_cell(kind, 2, 3, seed=1))
    readout = readout_of(both, rng)
    for network in (both, readout, Stack([both, readout_of(random_cell(kind, 6, 3), rng)])):
        assert not network.causal
        with refused(TypeError, "Bidirectional: a network that reads in both directions has no"):
            network(np.ones(2), network.initial_states())
    assert random_cell(kind, 2, 3).causal
    with refused(TypeError, "cells[0]: expected a network such as a SimpleCell or a Readout"):
        Stack(["LSTM"])


def test_the_parts_of_a_network_stay_what_they_are(kind, rng):
    """What a constructor refuses cannot be brought in afterwards."""
    one, other = random_cell(kind, 3, 3), random_cell(kind, 3, 3, seed=1)
    stack, both = Stack([one, other]), Bidirectional(one, other)
    readout = readout_of(one, rng)
    for network, part in ((stack, "cells"), (both, "forward"), (both, "backward")):
        with refused(TypeError, f"{part}: the parts of a {type(network).__name__} cannot be"):
            setattr(network, part, getattr(network, part))
    with refused(TypeError, "cell: the parts of a Readout cannot be exchanged; make a new one"):
        readout.cell = random_cell(kind, 3, 7)
    with pytest.raises(TypeError):
        stack.cells[1] = stack.cells[0]
    with refused(TypeError, "f: expected a function, got 'tanh'"):
        readout.f = "tanh"
