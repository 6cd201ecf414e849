"""Unrolling any cell: forwards, backwards, both ways, over padding."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import Bidirectional, Readout, SimpleCell, Stack, Stream, last, trace, unroll
from tests.helpers import CELLS, GATED, close, random_cell, random_states, refused

sizes = st.integers(1, 4)
kinds = st.sampled_from(CELLS)
seeds = st.integers(0, 2**32 - 1)
fast = settings(max_examples=50, deadline=None)


# Forwards


def test_every_state_is_kept_and_carried(kind, rng):
    cell, inputs = random_cell(kind, 2, 3), rng.normal(size=(5, 2))
    before = random_states(cell)
    outputs, history = unroll(cell, inputs, before)
    states = before
    for t in range(5):
        output, states = cell(inputs[t], states)
        np.testing.assert_array_equal(outputs[t], output)
        for kept, state in zip(history, states, strict=True):
            np.testing.assert_array_equal(kept[t], state)


def test_the_first_states_are_zero_unless_given(kind, rng):
    cell, inputs = random_cell(kind, 2, 3), rng.normal(size=(4, 5, 2))
    zero = tuple(np.zeros((4, 3)) for _ in cell.state_sizes)
    np.testing.assert_array_equal(unroll(cell, inputs)[0], unroll(cell, inputs, zero)[0])


def test_a_sequence_may_be_read_in_two_parts(kind, rng):
    cell, inputs = random_cell(kind, 2, 3), rng.normal(size=(4, 7, 2))
    whole, _ = unroll(cell, inputs)
    first, states = unroll(cell, inputs[:, :3])
    second, _ = unroll(cell, inputs[:, 3:], tuple(state[:, -1] for state in states))
    np.testing.assert_array_equal(np.concatenate([first, second], axis=1), whole)


def test_the_past_counts_and_the_future_does_not(kind, rng):
    cell, inputs = random_cell(kind, 2, 3), rng.normal(size=(6, 2))
    changed = inputs.copy()
    changed[3] += 1
    moved = (unroll(cell, inputs)[0] != unroll(cell, changed)[0]).any(axis=-1)
    assert moved.tolist() == [False] * 3 + [True] * 3


def test_the_precision_of_weights_and_inputs_is_kept(kind, dtype, rng):
    cell = random_cell(kind, 2, 3, dtype=dtype)
    inputs, mask = rng.normal(size=(5, 2)).astype(dtype), [False, True, True, False, True]
    for outputs, states in (unroll(cell, inputs), unroll(cell, inputs, mask=mask)):
        assert {array.dtype for array in (outputs, *states)} == {np.dtype(dtype)}


@fast
@given(kinds, seeds, sizes, sizes, sizes, sizes)
def test_shapes(kind, seed, batch, steps, inputs, units):
    cell = random_cell(kind, inputs, units, seed)
    rng = np.random.default_rng(seed)
    for axes in ((), (batch,)):
        outputs, states = unroll(cell, rng.normal(size=(*axes, steps, inputs)))
        assert outputs.shape == (*axes, steps, units)
        assert [state.shape for state in states] == [(*axes, steps, units)] * len(cell.state_sizes)


@fast
@given(kinds, seeds, sizes, sizes, sizes, sizes, st.booleans())
def test_a_batch_is_its_sequences_one_by_one(kind, seed, batch, steps, inputs, units, reverse):
    cell = random_cell(kind, inputs, units, seed)
    rng = np.random.default_rng(seed)
    X, mask = rng.normal(size=(batch, steps, inputs)), rng.random((batch, steps)) < 0.7
    before = random_states(cell, (batch,))
    outputs, states = unroll(cell, X, before, mask, reverse)
    for k in range(batch):
        own = tuple(state[k] for state in before)
        output, own_states = unroll(cell, X[k], own, mask[k], reverse)
        close(outputs[k], output)
        for state, own_state in zip(states, own_states, strict=True):
            close(state[k], own_state)


# Padding


@fast
@given(kinds, seeds, st.lists(st.booleans(), min_size=1, max_size=8), st.booleans())
def test_padding_changes_nothing(kind, seed, mask, reverse):
    """Reading with a mask equals reading the real steps alone, wherever the padding stands."""
    cell = random_cell(kind, 2, 3, seed)
    mask = np.array([*mask, True])
    inputs = np.random.default_rng(seed).normal(size=(len(mask), 2))
    before = random_states(cell)
    outputs, states = unroll(cell, inputs, before, mask, reverse)
    alone, alone_states = unroll(cell, inputs[mask], before, reverse=reverse)
    np.testing.assert_array_equal(outputs[mask], alone)
    for state, alone_state in zip(states, alone_states, strict=True):
        np.testing.assert_array_equal(state[mask], alone_state)
    noise = np.where(mask[:, np.newaxis], inputs, 1e6)
    np.testing.assert_array_equal(unroll(cell, noise, before, mask, reverse)[0], outputs)


def test_a_padded_step_keeps_the_states_and_repeats_the_output(kind, rng):
    cell, inputs = random_cell(kind, 2, 3), rng.normal(size=(5, 2))
    readout = Readout(cell, rng.normal(size=(4, 3)), rng.normal(size=4))
    before = random_states(cell)
    outputs, states = unroll(readout, inputs, before, [False, True, False, False, True])
    assert (outputs[0] == 0).all()
    assert (outputs[2:4] == outputs[1]).all()
    assert (outputs[4] != outputs[3]).all()
    for state, first in zip(states, before, strict=True):
        assert (state[0] == first).all()
        assert (state[2:4] == state[1]).all()


def test_a_mask_of_real_steps_alone_changes_nothing(kind, rng):
    cell, inputs = random_cell(kind, 2, 3), rng.normal(size=(4, 5, 2))
    masked = unroll(cell, inputs, mask=np.ones((4, 5), bool))[0]
    np.testing.assert_array_equal(masked, unroll(cell, inputs)[0])


def test_a_stack_passes_over_padding_in_every_layer(kind, rng):
    layers = [random_cell(kind, 2, 3), random_cell(kind, 3, 4, seed=1)]
    inputs, mask = rng.normal(size=(6, 2)), np.array([True, False, True, True, False, False])
    stacked, _ = unroll(Stack(layers), inputs, mask=mask)
    close(stacked, unroll(layers[1], unroll(layers[0], inputs, mask=mask)[0], mask=mask)[0])


# Backwards and both ways


@fast
@given(kinds, seeds, sizes, sizes)
def test_reading_backwards_is_reading_the_reversed_sequence(kind, seed, batch, steps):
    cell = random_cell(kind, 2, 3, seed)
    rng = np.random.default_rng(seed)
    X, mask = rng.normal(size=(batch, steps, 2)), rng.random((batch, steps)) < 0.7
    before = random_states(cell, (batch,))
    outputs, states = unroll(cell, X, before, mask, reverse=True)
    flipped, flipped_states = unroll(cell, X[:, ::-1], before, mask[:, ::-1])
    np.testing.assert_array_equal(outputs, flipped[:, ::-1])
    for state, flipped_state in zip(states, flipped_states, strict=True):
        np.testing.assert_array_equal(state, flipped_state[:, ::-1])


def test_backwards_the_future_counts_and_the_past_does_not(kind, rng):
    cell, inputs = random_cell(kind, 2, 3), rng.normal(size=(6, 2))
    changed = inputs.copy()
    changed[3] += 1
    before, after = (unroll(cell, x, reverse=True)[0] for x in (inputs, changed))
    assert (before != after).any(axis=-1).tolist() == [True] * 4 + [False] * 2


def test_bidirectional_joins_two_readings(kind, rng):
    forward, backward = random_cell(kind, 2, 3), random_cell(SimpleCell, 2, 4, seed=1)
    X, mask = rng.normal(size=(5, 6, 2)), rng.random((5, 6)) < 0.7
    s_forward, s_backward = random_states(forward, (5,)), random_states(backward, (5,))
    outputs, states = unroll(Bidirectional(forward, backward), X, s_forward + s_backward, mask)
    there, there_states = unroll(forward, X, s_forward, mask)
    back, back_states = unroll(backward, X, s_backward, mask, reverse=True)
    assert outputs.shape == (5, 6, 3 + 4)
    np.testing.assert_array_equal(outputs[..., :3], there)
    np.testing.assert_array_equal(outputs[..., 3:], back)
    for state, expected in zip(states, there_states + back_states, strict=True):
        np.testing.assert_array_equal(state, expected)


def test_bidirectional_starts_from_zero_unless_told(kind, rng):
    forward, backward = random_cell(kind, 2, 3), random_cell(kind, 2, 4, seed=1)
    inputs = rng.normal(size=(6, 2))
    zero = forward.initial_states() + backward.initial_states()
    both = Bidirectional(forward, backward)
    given_zero, _ = unroll(both, inputs, zero)
    np.testing.assert_array_equal(unroll(both, inputs)[0], given_zero)


# Inner values


def test_a_trace_holds_what_the_unrolling_computes(gated, rng):
    cell, inputs = random_cell(gated, 2, 3), rng.normal(size=(4, 5, 2))
    before = random_states(cell, (4,))
    outputs, states = unroll(cell, inputs, before)
    values = trace(cell, inputs, before)
    np.testing.assert_array_equal(values["h"], outputs)
    for name, state in zip(cell.state_names, states, strict=True):
        np.testing.assert_array_equal(values[name], state)
    assert {value.shape for value in values.values()} == {(4, 5, 3)}
    single = trace(cell, inputs[0], tuple(state[0] for state in before))
    for name, value in single.items():
        close(value, values[name][0])


def test_a_trace_needs_gates():
    with refused(TypeError, "cell: expected a cell with gates, got a SimpleCell"):
        trace(random_cell(SimpleCell, 2, 3), np.ones((5, 2)))


# Bad input


@pytest.mark.parametrize(
    ("inputs", "error", "message"),
    [
        (
            np.ones(2),
            ValueError,
            "inputs: expected shape (steps, 2) or (batch, steps, 2), got (2,)",
        ),
        (
            np.ones((5, 3)),
            ValueError,
            "inputs: expected shape (steps, 2) or (batch, steps, 2), got",
        ),
        (
            np.ones((0, 2)),
            ValueError,
            "inputs: expected shape (steps, 2) or (batch, steps, 2), with",
        ),
        ([[[1, 2]], [[1, 2], [3, 4]]], ValueError, "inputs: expected rows of equal length, got a"),
        ([["a", "b"]], TypeError, "inputs: expected real numbers, got dtype <U1"),
        ([[1.0, np.inf]], ValueError, "inputs: expected finite numbers, got inf at index (0, 1)"),
    ],
    ids=["rank", "features", "empty", "ragged", "text", "infinite"],
)
@pytest.mark.parametrize("read", [unroll, trace])
def test_each_wrong_sequence_is_named(read, gated, inputs, error, message):
    with refused(error, message):
        read(random_cell(gated, 2, 3), inputs)


def test_states_of_another_batch_are_named(kind):
    cell = random_cell(kind, 2, 3)
    with refused(ValueError, "initial_states[0]: expected shape (4, 3), got (3, 3)"):
        unroll(cell, np.ones((4, 5, 2)), random_states(cell, (3,)))


def test_a_mask_that_does_not_fit_is_named():
    cell = random_cell(GATED[0], 2, 3)
    with refused(ValueError, "mask: expected shape (5,) or (4, 5), got (5, 4)"):
        unroll(cell, np.ones((4, 5, 2)), mask=np.ones((5, 4), bool))


def test_bidirectional_names_what_does_not_fit():
    forward, backward = random_cell(GATED[0], 2, 3), random_cell(GATED[0], 4, 3)
    with refused(
        ValueError, "backward: expected a cell of 2 inputs, as many as forward has, got one"
    ):
        Bidirectional(forward, backward)
    with refused(ValueError, "initial_states: expected 4 state(s), got 2"):
        both = Bidirectional(forward, random_cell(GATED[0], 2, 3, seed=1))
        unroll(both, np.ones((5, 2)), forward.initial_states())


def test_reverse_is_true_or_false():
    cell = random_cell(GATED[0], 2, 3)
    with refused(TypeError, "reverse: expected True or False, got 'no'"):
        unroll(cell, np.ones((5, 2)), reverse="no")


@pytest.mark.parametrize("read", [unroll, trace])
def test_what_is_no_network_and_what_is_masked_is_named(read):
    for wrong in (None, "LSTM", np.ones(3)):
        with pytest.raises(TypeError, match=r"^cell: expected a"):
            read(wrong, np.ones((5, 2)))
    cell = random_cell(GATED[0], 2, 3)
    with refused(TypeError, "inputs: expected a plain array, got a masked one"):
        read(cell, np.ma.masked_less(np.ones((5, 2)), 0))


# Networks that read in both directions, as a whole


def deep_and_both_ways(kind):
    rng = np.random.default_rng(7)
    both = Bidirectional(random_cell(kind, 2, 3), random_cell(SimpleCell, 2, 4, seed=1))
    upper = Bidirectional(random_cell(kind, 7, 3, seed=2), random_cell(kind, 7, 2, seed=3))
    return Readout(Stack([both, upper]), rng.normal(size=(2, 5)), rng.normal(size=2), np.tanh)


def test_a_deep_network_in_both_directions_is_its_layers_one_by_one(kind, rng):
    network, X = deep_and_both_ways(kind), rng.normal(size=(4, 6, 2))
    mask = rng.random((4, 6)) < 0.7
    starts = random_states(network, (4,))
    outputs, states = unroll(network, X, starts, mask)
    lower, upper = network.cell.cells
    y1, s1 = unroll(lower, X, starts[: len(lower.state_sizes)], mask)
    y2, s2 = unroll(upper, y1, starts[len(lower.state_sizes) :], mask)
    np.testing.assert_array_equal(outputs, np.tanh(y2 @ network.W.T + network.b))
    for state, expected in zip(states, s1 + s2, strict=True):
        np.testing.assert_array_equal(state, expected)


def test_reading_both_ways_backwards_is_reading_the_reversed_sequence(kind, rng):
    network, x = deep_and_both_ways(kind), rng.normal(size=(6, 2))
    outputs, _ = unroll(network, x, reverse=True)
    mirrored, _ = unroll(network, x[::-1])
    close(outputs, mirrored[::-1])


# Piece by piece


def test_a_stream_reads_piece_by_piece_what_unroll_reads_at_once(kind, rng):
    cell, X = random_cell(kind, 2, 3), rng.normal(size=(4, 9, 2))
    mask = rng.random((4, 9)) < 0.8
    whole, states = unroll(cell, X, mask=mask)
    stream = Stream(cell)
    pieces = [slice(0, 3), slice(3, 4), slice(4, 9)]
    first = stream(X[:, pieces[0]], mask[:, pieces[0]])
    np.testing.assert_array_equal(first, whole[:, :3])
    rest = [stream(X[:, piece], mask[:, piece]) for piece in pieces[1:]]
    real = mask[:, 3:]
    np.testing.assert_array_equal(np.concatenate(rest, axis=1)[real], whole[:, 3:][real])
    for found, expected in zip(stream.states, last(states), strict=True):
        np.testing.assert_array_equal(found, expected)
    stream.reset()
    np.testing.assert_array_equal(stream(X[:, :3], mask[:, :3]), whole[:, :3])


def test_a_stream_and_last_name_what_does_not_fit(kind):
    both = Bidirectional(random_cell(kind, 2, 3), random_cell(kind, 2, 3, seed=1))
    with refused(TypeError, "Bidirectional: a network that reads in both directions has no"):
        Stream(both)
    with refused(TypeError, "cell: expected a network"):
        Stream("LSTM")
    with refused(TypeError, "states: expected a tuple of arrays, got a ndarray"):
        last(np.ones((5, 3)))
    with refused(ValueError, "states[0]: expected shape (steps, size) or (batch, steps, size)"):
        last((np.ones(3),))


def test_a_trace_under_a_mask_holds_the_last_real_step(gated, rng):
    cell, X = random_cell(gated, 2, 3), rng.normal(size=(5, 7, 2))
    mask, before = rng.random((5, 7)) < 0.6, random_states(cell, (5,))
    _, states = unroll(cell, X, before, mask)
    values = trace(cell, X, before, mask)
    for name, state in zip(cell.state_names, states, strict=True):
        np.testing.assert_array_equal(values[name], state)
    for k in range(5):
        alone = trace(cell, X[k][mask[k]], tuple(state[k] for state in before))
        for name, value in values.items():
            close(value[k][mask[k]], alone[name])
            for t in np.flatnonzero(~mask[k][1:]) + 1:
                np.testing.assert_array_equal(value[k, t], value[k, t - 1])
