"""The LSTM with peepholes as a Keras layer: against the NumPy cell, and against Keras' own LSTM."""

import numpy as np
import pytest

from lib import PeepholeLSTMCell, unroll
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
    layer.cell.set_weights(KerasCell.from_numpy(cell))
    X = np.random.default_rng(1).normal(size=(batch, steps, inputs)).astype("float32")
    found, (expected, _) = keras.ops.convert_to_numpy(layer(X)), unroll(cell, X)
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-6)


def test_round_trip():
    cell = random_cell(PeepholeLSTMCell, 3, 4)
    back = KerasCell.to_numpy(KerasCell.from_numpy(cell))
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
    cell = KerasCell.to_numpy(layer.get_weights())
    assert layer.count_params() == cell.parameter_count == plain.count_params() + 3 * 5


def test_saves_its_size():
    assert KerasCell.from_config(recurrent_layer(3, 5).cell.get_config()).units == 5


def test_bad_input_is_refused():
    with refused(ValueError, "units: expected a whole number of at least 1, got 0"):
        KerasCell(0)
    weights = KerasCell.from_numpy(random_cell(PeepholeLSTMCell, 3, 4))
    with refused(ValueError, "weights: expected [kernel, recurrent_kernel, bias, peepholes]"):
        KerasCell.to_numpy(weights[:3])
    with refused(ValueError, "peepholes: expected shape (3, units), got (4, 3)"):
        KerasCell.to_numpy([*weights[:3], weights[3].T])
