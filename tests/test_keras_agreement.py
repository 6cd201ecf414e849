"""Every cell against the Keras layer with the same weights.

Both compute the same sums in another order. A value of about one then differs by a few units of
the last place a step, and a recurrent layer whose weights do not stretch its state does not let
this grow: 16 units of the last place, at every step, is the tolerance in both precisions.
"""

import numpy as np
import pytest

from lib import (
    Bidirectional,
    GRUCell,
    LSTMCell,
    PeepholeLSTMCell,
    Readout,
    ResetAfterGRUCell,
    SimpleCell,
    Stack,
    sequence_to_vector,
    unroll,
)
from lib.cells.activations import identity, relu, sigmoid, tanh
from lib.conventions import from_keras, to_keras
from lib.keras import keras
from lib.keras.peepholes import PeepholeLSTMCell as KerasPeepholeLSTMCell
from tests.helpers import random_cell, random_states, refused

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
    layer.set_weights(to_keras(cell))
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
    outputs, states = unroll(from_keras(layer), x, before)
    agree(outputs, expected)
    for state, last_state in zip(states, last, strict=True):
        agree(state[:, -1], last_state)


def test_weights_make_the_round_trip_through_a_layer(kind, dtype):
    cell = random_cell(kind, 2, 3, dtype=dtype)
    back = from_keras(keras_layer(cell))
    assert type(back) is kind
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
    kernel, recurrent_kernel, bias = to_keras(cell)
    literal = from_keras([kernel, recurrent_kernel, bias.sum(axis=0)], GRUCell)
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
    network = Bidirectional(forward, backward)
    layer.set_weights(to_keras(network))
    expected, last = run(layer, x, mask=MASK)
    outputs, states = unroll(network, x, mask=MASK)
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
    theirs, ours = layer.get_weights(), to_keras(kind.from_seed(inputs, units, 0))
    limit = np.sqrt(6 / sum(theirs[0].shape))
    for kernel, recurrent_kernel, bias in (theirs, ours):
        assert 0.95 * limit < np.abs(kernel).max() <= limit
        np.testing.assert_allclose(recurrent_kernel @ recurrent_kernel.T, np.eye(units), atol=1e-5)
        np.testing.assert_array_equal(bias, ours[2])


# Layers and models as a user has them, and the networks that they become.

layers = keras.layers
MODELS = {
    "SimpleRNN": (SimpleCell, lambda **o: layers.SimpleRNN(4, **o)),
    "SimpleRNN, relu": (SimpleCell, lambda **o: layers.SimpleRNN(4, activation="relu", **o)),
    "LSTM": (LSTMCell, lambda **o: layers.LSTM(4, **o)),
    "LSTM, no bias": (LSTMCell, lambda **o: layers.LSTM(4, use_bias=False, **o)),
    "LSTM, dropout": (
        LSTMCell,
        lambda **o: layers.LSTM(4, dropout=0.5, recurrent_dropout=0.5, stateful=False, **o),
    ),
    "GRU": (ResetAfterGRUCell, lambda **o: layers.GRU(4, **o)),
    "GRU, no bias": (ResetAfterGRUCell, lambda **o: layers.GRU(4, use_bias=False, **o)),
    "GRU, reset before": (GRUCell, lambda **o: layers.GRU(4, reset_after=False, **o)),
    "GRU, reset before, no bias": (
        GRUCell,
        lambda **o: layers.GRU(4, reset_after=False, use_bias=False, **o),
    ),
    "RNN of peepholes": (
        PeepholeLSTMCell,
        lambda **o: layers.RNN(KerasPeepholeLSTMCell(4, dtype=o["dtype"]), **o),
    ),
    "RNN of a cell": (
        SimpleCell,
        lambda **o: layers.RNN(layers.SimpleRNNCell(4, activation=None, dtype=o["dtype"]), **o),
    ),
    "RNN of many cells": (
        Stack,
        lambda **o: layers.RNN(
            layers.StackedRNNCells(
                [
                    layers.LSTMCell(4, dtype=o["dtype"]),
                    layers.GRUCell(5, dtype=o["dtype"]),
                    KerasPeepholeLSTMCell(2, dtype=o["dtype"]),
                    layers.SimpleRNNCell(3, activation="sigmoid", dtype=o["dtype"]),
                ],
                dtype=o["dtype"],
            ),
            **o,
        ),
    ),
    "Bidirectional": (
        Bidirectional,
        lambda **o: layers.Bidirectional(layers.LSTM(4, **o), dtype=o["dtype"]),
    ),
    "Bidirectional, no bias": (
        Bidirectional,
        lambda **o: layers.Bidirectional(layers.GRU(4, use_bias=False, **o), dtype=o["dtype"]),
    ),
    "Bidirectional of two": (
        Bidirectional,
        lambda **o: layers.Bidirectional(
            layers.GRU(4, reset_after=False, **o),
            backward_layer=layers.LSTM(2, go_backwards=True, **o),
            dtype=o["dtype"],
        ),
    ),
    "Bidirectional of peepholes": (
        Bidirectional,
        lambda **o: layers.Bidirectional(
            layers.RNN(KerasPeepholeLSTMCell(4, dtype=o["dtype"]), **o), dtype=o["dtype"]
        ),
    ),
    "Sequential": (
        Readout,
        lambda **o: keras.Sequential(
            [
                keras.Input((None, 3), dtype=o["dtype"]),
                layers.LSTM(4, **o),
                layers.Dropout(0.5, dtype=o["dtype"]),
                layers.Bidirectional(layers.GRU(3, **o), dtype=o["dtype"]),
                layers.SimpleRNN(4, activation="relu", **o),
                layers.TimeDistributed(
                    layers.Dense(2, "sigmoid", dtype=o["dtype"]), dtype=o["dtype"]
                ),
            ]
        ),
    ),
    "Sequential, nested": (
        Readout,
        lambda **o: keras.Sequential(
            [
                keras.Input((None, 3), dtype=o["dtype"]),
                keras.Sequential([layers.LSTM(4, **o)], name="inner"),
                layers.Dense(2, use_bias=False, dtype=o["dtype"]),
            ]
        ),
    ),
}


@pytest.fixture(params=MODELS)
def model(request, dtype):
    """The kind of network, a model of Keras with generic weights, and whether its recurrent layers
    have biases."""
    kind, make = MODELS[request.param]
    layer = make(return_sequences=True, dtype=np.dtype(dtype).name)
    if not layer.built:
        layer.build((None, None, 3))
    rng = np.random.default_rng(3)
    layer.set_weights([rng.normal(0, 0.7, size=w.shape) for w in layer.get_weights()])
    return kind, layer, "no bias" not in request.param


def test_a_model_becomes_the_network_that_computes_the_same(model, dtype, rng):
    kind, layer, _ = model
    network = from_keras(layer)
    assert type(network) is kind
    assert network.dtype == dtype
    x = rng.normal(size=(2, 7, 3)).astype(dtype)
    outputs, _ = unroll(network, x)
    tolerance = 64 * np.finfo(dtype).eps  # several layers, with weights that stretch
    np.testing.assert_allclose(outputs, np.asarray(layer(x)), rtol=tolerance, atol=tolerance)


def test_a_network_gives_a_model_its_weights_back(model):
    _, layer, biased = model
    weights = layer.get_weights()
    network = from_keras(layer)
    arrays = to_keras(network, use_bias=biased)
    if len(arrays) == len(weights) + 1:  # the bias of the Dense layer without one
        assert not arrays.pop().any()
    for array, weight in zip(arrays, weights, strict=True):
        np.testing.assert_array_equal(array, weight)
        assert array.dtype == weight.dtype
    layer.set_weights([np.zeros_like(weight) for weight in weights])
    layer.set_weights(arrays)
    again = from_keras(layer)
    for name, weight in network.weights.items():
        np.testing.assert_array_equal(again.weights[name], weight)


def test_a_list_of_layers_leaves_the_rest_of_a_model_out(rng):
    """An Embedding or a Masking layer is refused by name, and a list does without it."""
    model = keras.Sequential(
        [
            keras.Input((None,)),
            layers.Embedding(9, 3),
            layers.LSTM(4),
            layers.Dense(2, "tanh", bias_initializer="normal"),
        ]
    )
    with refused(TypeError, f"{model.layers[0].name}: expected one of SimpleRNN, LSTM, GRU, RNN"):
        from_keras(model)
    network = from_keras(model.layers[1:])
    words = rng.integers(9, size=(5, 6))
    embedded = np.asarray(model.layers[0](words))
    found = sequence_to_vector(network, embedded)
    np.testing.assert_allclose(found, np.asarray(model(words)), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: layers.LSTM(4, activation="relu", name="latch"),
            "latch.activation: expected 'tanh', got 'relu'; LSTMCell computes no other",
        ),
        (
            lambda: layers.GRU(4, recurrent_activation="hard_sigmoid", name="latch"),
            "latch.recurrent_activation: expected 'sigmoid', got 'hard_sigmoid'; ResetAfterGRU",
        ),
        (
            lambda: layers.SimpleRNN(4, activation="gelu", name="latch"),
            "latch.activation: expected 'tanh' or 'relu' or 'sigmoid' or 'linear'",
        ),
        (
            lambda: layers.SimpleRNN(4, activation=lambda x: x, name="latch"),
            "latch.activation: expected 'tanh' or 'relu'",
        ),
        (
            lambda: layers.LSTM(4, activation=layers.ReLU(), name="latch"),
            "latch.activation: expected 'tanh', got 'ReLU'",
        ),
        (
            lambda: layers.LSTM(4, go_backwards=True, name="latch"),
            "latch.go_backwards: expected False, got True; a cell has no direction; for `unroll`",
        ),
        (
            lambda: layers.Bidirectional(layers.LSTM(4), merge_mode="sum", name="latch"),
            "latch.merge_mode: expected 'concat', got 'sum'; Bidirectional joins both outputs",
        ),
        (
            lambda: layers.Bidirectional(layers.LSTM(4), merge_mode=None, name="latch"),
            "latch.merge_mode: expected 'concat', got None",
        ),
        (
            lambda: layers.Bidirectional(
                layers.LSTM(4, go_backwards=True, name="ahead"), backward_layer=layers.LSTM(4)
            ),
            "forward_ahead.go_backwards: expected False, got True",
        ),
        (
            lambda: layers.RNN(layers.LSTMCell(4, activation="relu"), name="latch"),
            "latch.activation: expected 'tanh', got 'relu'",
        ),
    ],
)
def test_settings_that_a_cell_cannot_represent(make, message):
    layer = make()
    layer.build((None, None, 3))
    with refused(ValueError, message):
        from_keras(layer)


def test_a_layer_that_goes_backwards_is_read_by_its_cell(rng):
    layer = layers.LSTM(4, go_backwards=True, return_sequences=True)
    x = rng.normal(size=(2, 7, 3)).astype("float32")
    expected = np.asarray(layer(x))[:, ::-1]
    outputs, _ = unroll(from_keras(layer.cell), x, reverse=True)
    np.testing.assert_allclose(outputs, expected, rtol=1e-5, atol=1e-6)


def test_layers_that_cannot_be_read():
    with pytest.raises(ValueError, match=r"^lstm.*: expected weights, got none; a layer has them"):
        from_keras(layers.LSTM(4))
    dense = layers.Dense(2, "softmax", name="top")
    model = keras.Sequential([keras.Input((None, 3)), layers.LSTM(4), dense])
    with refused(ValueError, "top.activation: expected 'tanh' or 'relu' or 'sigmoid' or 'linear'"):
        from_keras(model)
    with refused(ValueError, "source: expected at least one recurrent layer, got none"):
        from_keras(dense)
    inner = layers.LSTM(4, name="inner")
    inner.build((None, None, 3))
    with refused(ValueError, "activation: expected no setting beside a layer, which knows its own"):
        from_keras(inner, activation="relu")
    with refused(TypeError, "kind: expected LSTMCell, which is what the source computes, got GRUC"):
        from_keras(inner, GRUCell)
    assert type(from_keras(inner, LSTMCell)) is LSTMCell
    two = keras.Sequential([keras.Input((None, 3)), layers.LSTM(4), layers.RepeatVector(2)])
    with pytest.raises(TypeError, match=r"^repeat_vector.*: expected one of .*; got RepeatVector"):
        from_keras(two)


@pytest.mark.parametrize(
    ("name", "f"), [("tanh", tanh), ("relu", relu), ("sigmoid", sigmoid), (None, identity)]
)
def test_the_activations_of_a_simple_layer_come_along(name, f):
    layer = layers.SimpleRNN(4, activation=name)
    layer.build((None, None, 3))
    assert from_keras(layer).f is f
    model = keras.Sequential([keras.Input((None, 3)), layers.LSTM(4), layers.Dense(2, name)])
    assert from_keras(model).f is f


def test_layers_of_keras_2(rng):
    """The package tf_keras, in which the models of tensorflow_hub run, has the same layers."""
    from lib.keras.keras2 import keras as keras2

    x = rng.normal(size=(2, 7, 3)).astype("float32")
    for layer, kind in [
        (keras2.layers.SimpleRNN(4, return_sequences=True), SimpleCell),
        (keras2.layers.LSTM(4, return_sequences=True), LSTMCell),
        (keras2.layers.GRU(4, return_sequences=True), ResetAfterGRUCell),
        (keras2.layers.Bidirectional(keras2.layers.LSTM(4, return_sequences=True)), Bidirectional),
    ]:
        expected = np.asarray(layer(x))
        network = from_keras(layer)
        assert type(network) is kind
        np.testing.assert_allclose(unroll(network, x)[0], expected, rtol=1e-5, atol=1e-6)
