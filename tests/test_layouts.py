"""Cells to and from the layouts of the frameworks: round trips, and what each framework computes.

data/frameworks.npz holds the weights, inputs and outputs of PyTorch, Flax, Equinox and ONNX; it was
written by data/make_frameworks.py, which does not know `lib`. Keras: test_keras_agreement.py.
"""

from pathlib import Path

import numpy as np
import pytest

from lib import GRUCell, LSTMCell, PeepholeLSTMCell, ResetAfterGRUCell, unroll
from lib.conventions import layouts
from tests.helpers import close, random_cell, refused

FOUND = np.load(Path(__file__).parent / "data" / "frameworks.npz")


def arrays_of(layer):
    prefix = f"{layer}/"
    return {name.removeprefix(prefix): FOUND[name] for name in FOUND if name.startswith(prefix)}


def from_flax(kind, **arrays):
    return layouts.from_flax(kind, arrays)


def from_torch(kind, **arrays):
    return kind.from_torch(arrays)


def from_onnx(kind, **arrays):
    return layouts.from_onnx(kind, **arrays)


def from_equinox(kind, **arrays):
    return layouts.from_equinox(kind, **arrays)


# The order of an LSTM's two states is part of what a framework settles.
HC, CH, ONE = ("h", "c"), ("c", "h"), ("h",)


@pytest.mark.parametrize(
    ("layer", "kind", "read", "states"),
    [
        ("PyTorch.LSTM", LSTMCell, from_torch, HC),
        ("PyTorch.GRU", ResetAfterGRUCell, from_torch, ONE),
        ("Flax.LSTM", LSTMCell, from_flax, CH),
        ("Flax.GRU", ResetAfterGRUCell, from_flax, ONE),
        ("Equinox.LSTM", LSTMCell, from_equinox, HC),
        ("Equinox.GRU", ResetAfterGRUCell, from_equinox, ONE),
        ("ONNX.LSTM", LSTMCell, from_onnx, HC),
        ("ONNX.PeepholeLSTM", PeepholeLSTMCell, from_onnx, HC),
        ("ONNX.GRU", GRUCell, from_onnx, ONE),
        ("ONNX.ResetAfterGRU", ResetAfterGRUCell, from_onnx, ONE),
    ],
)
def test_a_cell_computes_what_the_framework_computed(layer, kind, read, states):
    arrays = arrays_of(layer)
    inputs, expected = arrays.pop("inputs"), arrays.pop("outputs")
    last = [arrays.pop(f"state[{k}]") for k in range(len(states))] if len(states) > 1 else []
    cell = read(kind, **arrays)
    outputs, history = unroll(cell, inputs)
    close(outputs, expected)
    by_name = dict(zip(cell.state_names, history, strict=True))
    for name, state in zip(states, last, strict=False):
        close(by_name[name][-1], state)


@pytest.mark.parametrize("kind", [LSTMCell, GRUCell, ResetAfterGRUCell])
def test_keras_and_back(kind):
    cell = random_cell(kind, 2, 3)
    back = kind.from_keras(cell.to_keras())
    for name, weight in cell.weights.items():
        np.testing.assert_array_equal(back.weights[name], weight)


@pytest.mark.parametrize("kind", [LSTMCell, ResetAfterGRUCell])
@pytest.mark.parametrize("suffix", ["l0", "l1_reverse"])
def test_pytorch_and_back(kind, suffix):
    cell = random_cell(kind, 2, 3)
    state_dict = cell.to_torch(suffix)
    assert list(state_dict) == [
        f"{name}_{suffix}" for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    ]
    back = kind.from_torch(state_dict, suffix)
    for name, weight in cell.weights.items():
        np.testing.assert_array_equal(back.weights[name], weight)


def test_the_two_biases_of_pytorch_become_their_sum_in_an_lstm():
    arrays = arrays_of("PyTorch.LSTM")
    cell = LSTMCell.from_torch(arrays)
    both = arrays["bias_ih_l0"] + arrays["bias_hh_l0"]
    np.testing.assert_array_equal(np.concatenate([cell.b_i, cell.b_f, cell.b_g, cell.b_o]), both)
    written = cell.to_torch()
    np.testing.assert_array_equal(written["bias_ih_l0"], both)
    assert not written["bias_hh_l0"].any()


def test_the_second_bias_of_a_gru_cannot_be_merged(rng):
    """In g it stands within reach of r: moving it into the first bias changes the outputs."""
    cell = random_cell(ResetAfterGRUCell, 2, 3)
    weights, inputs = cell.weights, rng.normal(size=(5, 2))
    for layer, same in (("z", True), ("r", True), ("g", False)):
        first, second = f"b_x{layer}", f"b_h{layer}"
        merged = {first: weights[first] + weights[second], second: np.zeros(3)}
        moved = ResetAfterGRUCell(**{**weights, **merged})
        difference = np.abs(unroll(moved, inputs)[0] - unroll(cell, inputs)[0]).max()
        assert (difference < 1e-12) == same


def test_layers_that_a_framework_does_not_have():
    with refused(TypeError, "PeepholeLSTMCell: Keras has no such layer; expected one of LSTMCell"):
        random_cell(PeepholeLSTMCell, 2, 3).to_keras()
    with refused(TypeError, "PeepholeLSTMCell: Keras has no such layer"):
        PeepholeLSTMCell.from_keras(random_cell(LSTMCell, 2, 3).to_keras())
    with refused(TypeError, "GRUCell: PyTorch has no such layer; expected one of LSTMCell, Reset"):
        random_cell(GRUCell, 2, 3).to_torch()
    with refused(TypeError, "GRUCell: PyTorch has no such layer"):
        GRUCell.from_torch(random_cell(ResetAfterGRUCell, 2, 3).to_torch())


@pytest.mark.parametrize("kind", [LSTMCell, GRUCell, ResetAfterGRUCell])
def test_each_wrong_array_of_keras_is_named(kind):
    kernel, recurrent, bias = random_cell(kind, 2, 3).to_keras()
    columns = kernel.shape[1]
    with refused(ValueError, "weights: expected [kernel, recurrent_kernel, bias], got 2 array(s)"):
        kind.from_keras([kernel, recurrent])
    with refused(ValueError, f"kernel: expected shape (inputs, {columns}), got ({columns}, 2)"):
        kind.from_keras([kernel.T, recurrent, bias])
    with refused(ValueError, f"recurrent_kernel: expected shape ({columns}, "):
        kind.from_keras([kernel, recurrent.T, bias])
    with refused(ValueError, "bias: expected shape "):
        kind.from_keras([kernel, recurrent, bias[..., :-1]])


def test_keras_default_gru_is_pointed_to_its_own_cell():
    weights = random_cell(ResetAfterGRUCell, 2, 3).to_keras()
    with pytest.raises(ValueError, match=r"got \(2, 9\): .* which is ResetAfterGRUCell"):
        GRUCell.from_keras(weights)
    with refused(ValueError, "bias: expected shape (2, 9), got (9,)"):
        ResetAfterGRUCell.from_keras(random_cell(GRUCell, 2, 3).to_keras())


@pytest.mark.parametrize("kind", [LSTMCell, ResetAfterGRUCell])
def test_each_wrong_array_of_pytorch_is_named(kind):
    state_dict = random_cell(kind, 2, 3).to_torch()
    rows = len(state_dict["bias_ih_l0"])
    for name, array in state_dict.items():
        rest = {other: value for other, value in state_dict.items() if other != name}
        with refused(ValueError, "state_dict: expected weight_ih_l0, weight_hh_l0, bias_ih_l0, "):
            kind.from_torch(rest)
        if name != "weight_hh_l0":
            with refused(ValueError, f"{name}: expected shape ({rows},"):
                kind.from_torch({**state_dict, name: array[:-1]})
    with refused(ValueError, f"weight_hh_l0: expected shape ({rows}, 3), got ({rows - 1}, 3)"):
        kind.from_torch({**state_dict, "weight_hh_l0": state_dict["weight_hh_l0"][:-1]})
