"""The recurrent layer of eq. (1), the cells made of cells, and what every cell keeps to."""

import numpy as np
import pytest

from lib import Readout, SimpleCell, Stack, unroll
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


def test_a_recurrent_layer_goes_to_keras_and_back():
    cell = random_cell(SimpleCell, 2, 3)
    kernel, recurrent_kernel, bias = cell.to_keras()
    assert (kernel.shape, recurrent_kernel.shape, bias.shape) == ((2, 3), (3, 3), (3,))
    back = SimpleCell.from_keras([kernel, recurrent_kernel, bias])
    assert all((back.weights[name] == cell.weights[name]).all() for name in cell.weights)
    with refused(ValueError, "weights: expected [kernel, recurrent_kernel, bias], got 2 array(s)"):
        SimpleCell.from_keras([kernel, recurrent_kernel])


def test_the_logistic_function_never_overflows():
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(sigmoid(np.array([-1e4, 0.0, 1e4])), [0, 0.5, 1])


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
