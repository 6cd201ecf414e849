"""The table of the page on conventions says what the converters do and what the frameworks did."""

from pathlib import Path

import numpy as np
import pytest
from tests.test_layouts import FOUND

from lib import GRUCell, LSTMCell, ResetAfterGRUCell
from lib.conventions import layouts

PAGE = Path(__file__).parents[1] / "chapters" / "conventions.md"
COLUMNS = ["states", "LSTM", "GRU", "forget bias", "keeps the past", "reset"]


def table():
    """{framework: {column: entry}}"""
    rows = [
        [entry.strip() for entry in line.strip("|\n").split("|")]
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith("|")
    ]
    return {name: dict(zip(COLUMNS, entries, strict=True)) for name, *entries in rows[2:]}


TABLE = table()


def letters(entry):
    return entry.replace(", ", "")


def test_the_rows():
    assert list(TABLE) == "the lecture,Keras,PyTorch,Flax,Equinox,ONNX,d2l".split(",")


def test_the_lecture_is_the_library():
    row = TABLE["the lecture"]
    assert tuple(letters(row["states"])) == LSTMCell.state_names
    assert letters(row["LSTM"]) == LSTMCell.layers
    assert letters(row["GRU"]) == GRUCell.layers
    assert row["reset"] == "before"


@pytest.mark.parametrize("framework", layouts.ORDERS)
def test_layers_are_packed_in_the_order_of_the_table(framework):
    """The orders that the converters use; test_layouts and test_keras_agreement test those."""
    orders, row = layouts.ORDERS[framework], TABLE[framework]
    assert orders["LSTMCell"] == letters(row["LSTM"])
    assert {orders[kind] for kind in ("GRUCell", "ResetAfterGRUCell") if kind in orders} == {
        letters(row["GRU"])
    }
    if row["reset"] == "before":
        assert "GRUCell" in orders
    else:
        assert "ResetAfterGRUCell" in orders


@pytest.mark.parametrize("framework", ["PyTorch", "Flax", "Equinox", "ONNX"])
def test_the_state_that_equals_the_output_is_h(framework):
    last = FOUND[f"{framework}.LSTM/outputs"][-1]
    states = [FOUND[f"{framework}.LSTM/state[{k}]"] for k in range(2)]
    found = ["h" if np.allclose(state, last) else "c" for state in states]
    assert found == TABLE[framework]["states"].split(", ")


@pytest.mark.parametrize("framework", ["PyTorch", "Flax", "Equinox"])
def test_the_forget_bias_of_a_new_lstm(framework):
    fresh = FOUND[f"{framework}.fresh/forget_bias"]
    if TABLE[framework]["forget bias"] == "0":
        assert not fresh.any()
    else:
        biases = 2 if framework == "PyTorch" else 1
        assert TABLE[framework]["forget bias"] == "random"
        assert len(set(fresh)) == len(fresh)
        assert np.abs(fresh).max() <= biases / np.sqrt(len(fresh))


def gru_of_onnx_with_one_gate_open(gate):
    """The last equation of a GRU as ONNX packs it, with z or r at one whatever comes in."""
    arrays = {name: FOUND[f"ONNX.GRU/{name}"].copy() for name in "WRB"}
    units = arrays["R"].shape[-1]
    rows = slice(*(units * (letters(TABLE["ONNX"]["GRU"]).index(gate) + k) for k in (0, 1)))
    arrays["W"][0, rows], arrays["R"][0, rows], arrays["B"][0, rows] = 0, 0, 50
    return layouts.from_onnx(GRUCell, **arrays)


def test_z_keeps_the_past_in_every_row_and_in_the_converted_cells():
    assert {row["keeps the past"] for row in TABLE.values()} == {"z"}
    h = np.random.default_rng(0).normal(size=4)
    x = np.random.default_rng(1).normal(size=3)
    kept, _ = gru_of_onnx_with_one_gate_open("z")(x, (h,))
    moved, _ = gru_of_onnx_with_one_gate_open("r")(x, (h,))
    np.testing.assert_allclose(kept, h, rtol=1e-6)
    assert np.abs(moved - h).max() > 0.1


@pytest.mark.parametrize("kind", [LSTMCell, GRUCell, ResetAfterGRUCell])
def test_keras(kind):
    from lib.keras import keras

    row = TABLE["Keras"]
    if kind is LSTMCell:
        layer = keras.layers.LSTM(3, return_state=True)
        output, *states = layer(np.random.default_rng(0).normal(size=(1, 5, 2)))
        found = ["h" if np.allclose(state, output) else "c" for state in states]
        assert found == row["states"].split(", ")
        forget = layouts.unpack(layer.get_weights()[2], "b_", letters(row["LSTM"]))["b_f"]
        assert (forget == float(row["forget bias"])).all()
    else:
        by_default = keras.layers.GRU(3).reset_after
        assert by_default == (row["reset"] == "after")
