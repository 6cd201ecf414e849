"""The LSTM with peepholes as a Keras layer: against the NumPy cell, and against Keras' own LSTM."""

import numpy as np
import pytest

from lib import Bidirectional, PeepholeLSTMCell, unroll
from lib.conventions import from_keras, to_keras
from lib.keras import keras
from lib.keras.peepholes import PeepholeLSTMCell as KerasCell
from tests.helpers import random_cell, refused


def recurrent_layer(inputs, units, **kwargs):
    layer = keras.layers.RNN(KerasCell(units, **kwargs), return_sequences=True)
    layer.build((None, None, inputs))
    return layer


@pytest.mark.parametrize(
    ("batch", "steps", "inputs", "units"), [(1, 1, 1, 1), (2, 7, 3, 5), (4, 40, 2, 6)]
)
def test_agrees_with_the_numpy_cell(batch, steps, inputs, units):
    cell = random_cell(PeepholeLSTMCell, inputs, units, dtype=np.float32)
    layer = recurrent_layer(inputs, units)
    layer.set_weights(to_keras(cell))
    X = np.random.default_rng(1).normal(size=(batch, steps, inputs)).astype("float32")
    found, (expected, _) = keras.ops.convert_to_numpy(layer(X)), unroll(cell, X)
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-6)


def test_round_trip():
    cell = random_cell(PeepholeLSTMCell, 3, 4)
    layer = recurrent_layer(3, 4, dtype="float64")
    layer.set_weights(to_keras(cell))
    back = from_keras(layer)
    assert back.weights.keys() == cell.weights.keys()
    for name, weight in cell.weights.items():
        assert np.array_equal(back.weights[name], weight), name


def test_starts_as_the_plain_lstm():
    layer, plain = recurrent_layer(3, 4), keras.layers.LSTM(4, return_sequences=True)
    plain.build((None, None, 3))
    kernel, recurrent_kernel, bias, peepholes = layer.get_weights()
    assert not peepholes.any()
    assert np.array_equal(bias, plain.get_weights()[2])
    plain.set_weights([kernel, recurrent_kernel, bias])
    X = np.random.default_rng(1).normal(size=(2, 9, 3)).astype("float32")
    np.testing.assert_allclose(layer(X), plain(X), rtol=0, atol=1e-6)


def test_every_weight_learns():
    model = keras.Sequential([keras.Input((None, 2)), recurrent_layer(2, 3)])
    before = model.get_weights()
    model.compile("adam", "mse")
    rng = np.random.default_rng(0)
    model.fit(rng.normal(size=(8, 5, 2)), rng.normal(size=(8, 5, 3)), verbose=0)
    assert len(before) == 4
    for old, new in zip(before, model.get_weights(), strict=True):
        assert (old != new).all()


def test_counts_one_peephole_a_unit_and_gate():
    layer, plain = recurrent_layer(3, 5), keras.layers.LSTM(5)
    plain.build((None, None, 3))
    cell = from_keras(layer)
    assert layer.count_params() == cell.parameter_count == plain.count_params() + 3 * 5


def test_saves_its_size():
    assert KerasCell.from_config(recurrent_layer(3, 5).cell.get_config()).units == 5


def test_can_read_in_both_directions(rng):
    """Bidirectional makes a copy of the layer, for which Keras has to know the cell by name."""
    layer = keras.layers.Bidirectional(
        keras.layers.RNN(KerasCell(5), return_sequences=True), name="both"
    )
    layer.build((None, None, 3))
    layer.set_weights([rng.normal(0, 0.7, size=w.shape) for w in layer.get_weights()])
    network = from_keras(layer)
    assert type(network) is Bidirectional
    assert type(network.backward) is PeepholeLSTMCell
    X = rng.normal(size=(2, 7, 3)).astype("float32")
    np.testing.assert_allclose(layer(X), unroll(network, X)[0], rtol=0, atol=2e-6)


# TensorFlow's variables lag behind NumPy 2 in how they become arrays.
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")
def test_a_saved_model_loads_by_itself(tmp_path, rng):
    """No custom objects are named: the cell is registered."""
    model = keras.Sequential(
        [
            keras.Input((None, 3)),
            keras.layers.Bidirectional(keras.layers.RNN(KerasCell(4), return_sequences=True)),
            keras.layers.RNN(KerasCell(2)),
        ]
    )
    model.set_weights([rng.normal(0, 0.7, size=w.shape) for w in model.get_weights()])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert type(loaded.layers[-1].cell) is KerasCell
    X = rng.normal(size=(2, 7, 3)).astype("float32")
    np.testing.assert_array_equal(loaded(X), model(X))
    assert keras.saving.get_registered_name(KerasCell) == "lib>PeepholeLSTMCell"


def test_bad_input_is_refused():
    with refused(ValueError, "units: expected a whole number of at least 1, got 0"):
        KerasCell(0)
