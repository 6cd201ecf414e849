"""Every cell against the Keras layer with the same weights.

Both compute the same sums in another order. A value of about one then differs by a few units of
the last place a step, and a recurrent layer whose weights do not stretch its state does not let
this grow: 16 units of the last place, at every step, is the tolerance in both precisions.
"""

import numpy as np
import pytest

from lib import (
    GRUCell,
    LSTMCell,
    ResetAfterGRUCell,
    SimpleCell,
    Stack,
    bidirectional,
    unroll,
)
from lib.keras import keras
from tests.helpers import random_cell, random_states

LAYERS = {
    SimpleCell: (keras.layers.SimpleRNN, {}),
    LSTMCell: (keras.layers.LSTM, {}),
    GRUCell: (keras.layers.GRU, {"reset_after": False}),
    ResetAfterGRUCell: (keras.layers.GRU, {}),
}
GRID = [  # batch, steps, inputs, units
    (1, 1, 1, 1),
    (1, 7, 4, 5),
    (3, 1, 4, 5),
    (3, 7, 1, 5),
    (3, 7, 4, 1),
    (2, 9, 8, 3),
    (5, 6, 3, 16),
    (4, 100, 2, 6),
]


@pytest.fixture(params=LAYERS, ids=lambda kind: kind.__name__)
def kind(request):
    return request.param


def keras_layer(cell, **options):
    """The built Keras layer that holds the weights of `cell` and returns outputs and states."""
    layer, variant = LAYERS[type(cell)]
    layer = layer(
        cell.output_size,
        return_sequences=True,
        return_state=True,
        dtype=str(cell.dtype),
        **variant,
        **options,
    )
    layer.build((None, None, cell.input_size))
    layer.set_weights(cell.to_keras())
    return layer


def run(layer, *arguments, **options):
    outputs, *states = (np.asarray(result) for result in layer(*arguments, **options))
    return outputs, states


def agree(found, expected):
    assert found.dtype == expected.dtype
    tolerance = 16 * np.finfo(expected.dtype).eps
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("sizes", GRID, ids=str)
def test_outputs_and_last_states(kind, dtype, sizes, rng):
    batch, steps, inputs, units = sizes
    cell = random_cell(kind, inputs, units, dtype=dtype)
    x = rng.normal(size=(batch, steps, inputs)).astype(dtype)
    before = random_states(cell, (batch,))
    layer = keras_layer(cell)
    expected, last = run(layer, x, initial_state=list(before))
    outputs, states = unroll(kind.from_keras(layer.get_weights()), x, before)
    agree(outputs, expected)
    for state, last_state in zip(states, last, strict=True):
        agree(state[:, -1], last_state)


def test_weights_make_the_round_trip_through_a_layer(kind, dtype):
    cell = random_cell(kind, 2, 3, dtype=dtype)
    back = kind.from_keras(keras_layer(cell).get_weights())
    for name, weight in cell.weights.items():
        np.testing.assert_array_equal(back.weights[name], weight)
        assert back.weights[name].dtype == dtype


def test_parameter_counts(kind):
    for inputs, units in [(1, 1), (4, 7), (9, 2)]:
        cell = random_cell(kind, inputs, units)
        assert cell.parameter_count == keras_layer(cell).count_params()


def test_eq_10_is_not_what_the_default_gru_of_keras_computes(rng):
    """The cell of eqs. (8) to (11) with the weights of Keras' default layer, biases summed."""
    cell = random_cell(ResetAfterGRUCell, 4, 5)
    kernel, recurrent_kernel, bias = cell.to_keras()
    literal = GRUCell.from_keras([kernel, recurrent_kernel, bias.sum(axis=0)])
    x = rng.normal(size=(3, 7, 4))
    expected, _ = run(keras_layer(cell), x)
    assert np.abs(unroll(literal, x)[0] - expected).max() > 1e-2


MASK = np.array(
    [
        [1, 1, 1, 1, 1, 1],  # no padding
        [1, 1, 1, 1, 1, 0],  # padding at the right
        [1, 1, 0, 0, 0, 0],
        [0, 1, 1, 1, 1, 1],  # at the left
        [0, 0, 0, 0, 1, 1],
        [0, 1, 0, 0, 1, 0],  # anywhere
        [1, 0, 1, 1, 0, 1],
    ],
    bool,
)


@pytest.mark.parametrize("go_backwards", [False, True], ids=["forward", "backward"])
def test_masks_and_direction(kind, go_backwards, rng):
    """Keras returns a layer that goes backwards in the order of processing, `unroll` in time's."""
    cell, x = random_cell(kind, 2, 3), rng.normal(size=(*MASK.shape, 2))
    expected, last = run(keras_layer(cell, go_backwards=go_backwards), x, mask=MASK)
    outputs, states = unroll(cell, x, mask=MASK, reverse=go_backwards)
    agree(outputs, expected[:, ::-1] if go_backwards else expected)
    for state, last_state in zip(states, last, strict=True):
        agree(state[:, 0 if go_backwards else -1], last_state)


def test_bidirectional(kind, rng):
    """At padding Keras' Bidirectional gives zero, where `unroll` repeats the last real output."""
    forward, backward = random_cell(kind, 2, 3), random_cell(kind, 2, 4, seed=1)
    x = rng.normal(size=(*MASK.shape, 2))
    layer = keras.layers.Bidirectional(
        keras_layer(forward),
        backward_layer=keras_layer(backward, go_backwards=True),
        dtype="float64",
    )
    layer.build(x.shape)
    layer.set_weights(forward.to_keras() + backward.to_keras())
    expected, last = run(layer, x, mask=MASK)
    outputs, states = bidirectional(forward, backward, x, mask=MASK)
    agree(outputs[MASK], expected[MASK])
    assert not expected[~MASK].any()
    count = len(forward.state_sizes)
    for k, (state, last_state) in enumerate(zip(states, last, strict=True)):
        agree(state[:, -1 if k < count else 0], last_state)


def test_a_stack(kind, dtype, rng):
    low, top = random_cell(kind, 2, 3, dtype=dtype), random_cell(kind, 3, 4, 1, dtype=dtype)
    x = rng.normal(size=(*MASK.shape, 2)).astype(dtype)
    below, last_low = run(keras_layer(low), x, mask=MASK)
    expected, last_top = run(keras_layer(top), below, mask=MASK)
    outputs, states = unroll(Stack([low, top]), x, mask=MASK)
    agree(outputs, expected)
    for state, last in zip(states, last_low + last_top, strict=True):
        agree(state[:, -1], last)


def test_a_fresh_layer_of_keras_starts_as_from_seed_does(kind):
    """The same limit of W_x, W_h with orthonormal columns, and 1 in the forget gate's bias."""
    inputs, units = 3, 40
    layer, variant = LAYERS[kind]
    layer = layer(units, **variant, dtype="float64")
    layer.build((None, None, inputs))
    theirs, ours = layer.get_weights(), kind.from_seed(inputs, units, 0).to_keras()
    limit = np.sqrt(6 / sum(theirs[0].shape))
    for kernel, recurrent_kernel, bias in (theirs, ours):
        assert 0.95 * limit < np.abs(kernel).max() <= limit
        np.testing.assert_allclose(recurrent_kernel @ recurrent_kernel.T, np.eye(units), atol=1e-5)
        np.testing.assert_array_equal(bias, ours[2])
