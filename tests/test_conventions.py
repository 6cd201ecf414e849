"""The tables of the page on conventions say what the converters do and what the frameworks did."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest

import lib.conventions
from lib import GRUCell, LSTMCell, PeepholeLSTMCell, ResetAfterGRUCell, unroll
from lib.conventions import from_equinox, from_flax, from_onnx, from_torch, orders
from tests.frameworks import FOUND, arrays_of, module

PAGE = Path(__file__).parents[1] / "chapters" / "conventions.md"
TEXT = PAGE.read_text(encoding="utf-8")
FRAMEWORKS = ["Keras", "PyTorch", "Flax", "Equinox", "ONNX"]


def tables():
    """Every table of the page: {row: {column: entry}}."""
    found = []
    for block in re.findall(r"(?:^\|.*\n)+", TEXT, re.MULTILINE):
        rows = [
            [entry.strip() for entry in line.strip().strip("|").split("|")]
            for line in block.splitlines()
        ]
        (_, *columns), _, *body = rows
        found.append({n: dict(zip(columns, entries, strict=True)) for n, *entries in body})
    return found


LAYOUT, START, SEQUENCES, DROPOUT = tables()


def letters(entry):
    return entry.replace(", ", "")


def test_the_rows():
    for table in (LAYOUT, START):
        assert list(table) == ["the lecture", *FRAMEWORKS, "d2l"]
    assert list(SEQUENCES) == ["this book", *FRAMEWORKS]
    assert list(DROPOUT) == FRAMEWORKS


# How the layers lie in memory


def test_the_lecture_is_the_library():
    row = LAYOUT["the lecture"]
    assert tuple(letters(row["LSTM states"])) == LSTMCell.state_names
    assert letters(row["LSTM layers"]) == LSTMCell.layers
    assert letters(row["GRU layers"]) == GRUCell.layers
    assert row["reset acts"] == "before"


@pytest.mark.parametrize("framework", orders.ORDERS)
def test_layers_are_packed_in_the_order_of_the_table(framework):
    """The orders that the converters use; test_conversions and test_keras_agreement test those."""
    known, row = orders.ORDERS[framework], LAYOUT[framework]
    for kind in (LSTMCell, PeepholeLSTMCell):
        assert known.get(kind, known[LSTMCell]) == letters(row["LSTM layers"])
    grus = {known[kind] for kind in (GRUCell, ResetAfterGRUCell) if kind in known}
    assert grus == {letters(row["GRU layers"])}
    assert ResetAfterGRUCell in known
    before_too = framework in ("Keras", "ONNX")
    assert (GRUCell in known) == before_too


@pytest.mark.parametrize(
    "label", ["PyTorch.LSTM", "Flax.LSTMCell", "Equinox.LSTMCell", "ONNX.LSTM"]
)
def test_the_state_that_equals_the_output_is_h(label):
    arrays = arrays_of(label)
    last = arrays["outputs"][-1]
    found = ["h" if np.allclose(arrays[f"state[{k}]"], last) else "c" for k in range(2)]
    assert found == LAYOUT[label.partition(".")[0]]["LSTM states"].split(", ")


def gru_of_onnx_with_one_gate_open(gate):
    """The last equation of a GRU as ONNX packs it, with z or r at one whatever comes in."""
    arrays = {name: FOUND[f"ONNX.GRU/{name}"].copy() for name in "WRB"}
    units = arrays["R"].shape[-1]
    index = letters(LAYOUT["ONNX"]["GRU layers"]).index(gate)
    rows = slice(units * index, units * (index + 1))
    arrays["W"][0, rows], arrays["R"][0, rows], arrays["B"][0, rows] = 0, 0, 50
    return from_onnx(GRUCell, **arrays)


def test_z_keeps_the_past_in_every_row_and_in_the_converted_cells():
    assert {row["keeps the past"] for row in LAYOUT.values()} == {"z"}
    h = np.random.default_rng(0).normal(size=3)
    x = np.random.default_rng(1).normal(size=2)
    kept, _ = gru_of_onnx_with_one_gate_open("z")(x, (h,))
    moved, _ = gru_of_onnx_with_one_gate_open("r")(x, (h,))
    np.testing.assert_allclose(kept, h, rtol=1e-6)
    assert np.abs(moved - h).max() > 0.1


@pytest.mark.parametrize(
    ("label", "framework"),
    [
        ("PyTorch.GRU", "PyTorch"),
        ("Flax.GRUCell", "Flax"),
        ("Equinox.GRUCell", "Equinox"),
        ("ONNX.GRU", "ONNX"),
    ],
)
def test_where_the_reset_acts(label, framework):
    """The GRU that a framework has by default became this class, and it computed the same."""
    if framework == "ONNX":
        arrays = arrays_of(label)
        cell = from_onnx("GRU", *(arrays[name] for name in "WRB"))
    else:
        read = {"PyTorch": from_torch, "Flax": from_flax, "Equinox": from_equinox}[framework]
        cell = read(module(label))
    before = type(cell) is GRUCell
    assert LAYOUT[framework]["reset acts"] == ("before" if before else "after")
    arrays = arrays_of(label)
    np.testing.assert_allclose(unroll(cell, arrays["inputs"])[0], arrays["outputs"], atol=1e-12)


# How a new layer starts

FRESH = {framework: arrays_of(f"{framework}.fresh") for framework in ("PyTorch", "Flax", "Equinox")}
UNITS, INPUTS = FRESH["PyTorch"]["weight_hh_l0"].shape[1], 2
FORGET = slice(UNITS, 2 * UNITS)  # i, f, g, o


@pytest.mark.parametrize("framework", ["PyTorch", "Equinox"])
def test_weights_that_start_uniform_by_the_number_of_units(framework):
    row, arrays = START[framework], FRESH[framework]
    assert row["W_x"] == row["W_h"] == "uniform, by units"
    assert row["forget bias"] == "random"
    for name, array in arrays.items():
        assert 0.9 / np.sqrt(UNITS) < np.abs(array).max() <= 1 / np.sqrt(UNITS), name
        assert len(set(array.ravel())) == array.size
        assert abs(array.mean()) < 0.3 / np.sqrt(UNITS)
    biases = [array[FORGET] for name, array in arrays.items() if "bias" in name]
    assert all(bias.all() for bias in biases)
    assert len(biases) == int(row["biases of an LSTM"])


def test_weights_of_flax():
    row, arrays = START["Flax"], FRESH["Flax"]
    assert (row["W_x"], row["W_h"], row["forget bias"]) == ("LeCun normal", "orthogonal", "0")
    for W in arrays["W_h"]:
        np.testing.assert_allclose(W @ W.T, np.eye(UNITS), atol=1e-6)
    assert not arrays["b_f"].any()
    # A normal distribution cut at two standard deviations has 0.8796 of the deviation.
    deviation = 1 / np.sqrt(INPUTS)
    assert np.abs(arrays["W_x"]).max() <= 2 * deviation / 0.8796
    glorot = np.sqrt(6 / (INPUTS + 4 * UNITS))
    assert np.abs(arrays["W_x"]).max() > 1.5 * glorot
    assert arrays["W_x"].std() == pytest.approx(deviation, rel=0.2)


def test_how_many_biases_each_framework_has():
    """Counted in the arrays of the layers that ran, as multiples of the number of gates."""

    def count(label):
        arrays = arrays_of(label)
        biases = [a.size for name, a in arrays.items() if "bias" in name or name == "B"]
        units = arrays["outputs"].shape[-1]
        return sum(biases) / units

    found = {
        "PyTorch": (count("PyTorch.LSTM") / 4, count("PyTorch.GRU") / 3),
        "Flax": (count("Flax.LSTMCell") / 4, count("Flax.GRUCell") / 3),
        "ONNX": (count("ONNX.LSTM") / 4, count("ONNX.GRU") / 3),
    }
    for framework, numbers in found.items():
        row = START[framework]
        assert numbers == (float(row["biases of an LSTM"]), float(row["of a GRU"]))
    row = START["Equinox"]
    assert (row["biases of an LSTM"], row["of a GRU"]) == ("1", "1 and 1 of g")
    assert (count("Equinox.LSTMCell"), count("Equinox.GRUCell")) == (4, 3 + 1)


def test_keras():
    from lib.keras import keras

    lstm = keras.layers.LSTM(8, return_state=True)
    output, *states = lstm(np.random.default_rng(0).normal(size=(1, 5, 3)))
    found = ["h" if np.allclose(state, output) else "c" for state in states]
    assert found == LAYOUT["Keras"]["LSTM states"].split(", ")
    kernel, recurrent_kernel, bias = lstm.get_weights()
    row = START["Keras"]
    order = letters(LAYOUT["Keras"]["LSTM layers"])
    forget = orders.unpack(bias, "b_", order)["b_f"]
    assert (forget == float(row["forget bias"])).all()
    assert bias.shape == (int(row["biases of an LSTM"]) * 4 * 8,)
    assert (row["W_x"], row["W_h"]) == ("Glorot uniform", "orthogonal")
    limit = np.sqrt(6 / (3 + 4 * 8))
    assert 0.9 * limit < np.abs(kernel).max() <= limit
    np.testing.assert_allclose(recurrent_kernel @ recurrent_kernel.T, np.eye(8), atol=1e-5)
    gru = keras.layers.GRU(8)
    gru.build((None, None, 3))
    assert gru.get_weights()[2].shape == (int(row["of a GRU"]), 3 * 8)
    assert gru.reset_after == (LAYOUT["Keras"]["reset acts"] == "after")


# Batches, padding and directions


def test_the_axis_of_the_batch():
    column = {framework: row["batch first"] for framework, row in SEQUENCES.items()}
    assert module("PyTorch.LSTM").batch_first == (column["PyTorch"] == "yes")
    assert module("Flax.both").time_major == (column["Flax"] != "yes")
    assert column["Equinox"] == "no batch"
    assert column["ONNX"] == "no"
    assert column["Keras"] == column["this book"] == "yes"


def test_what_stands_at_padded_steps_and_where_the_backward_half_ends():
    assert FOUND["PyTorch.padded/side"] == "right"
    for framework in ("PyTorch", "Flax", "ONNX"):
        row, arrays = SEQUENCES[framework], arrays_of(f"{framework}.padded")
        assert row["padding"] == "behind"
        padded = np.arange(5) >= arrays["lengths"][:, None]
        zero = not arrays["outputs"][padded].any()
        assert row["at padded steps"] == ("zero" if zero else "no meaning")
        assert row["backward half ends"] == "at t = 0"
        half = arrays["outputs"].shape[-1] // 2
        np.testing.assert_allclose(arrays["outputs"][:, 0, half:], arrays["states"][1], rtol=1e-6)
    # Flax goes on from the last real step with the padding as its input.
    arrays = arrays_of("Flax.padded")
    outputs, _ = unroll(from_flax(module("Flax.padded")).forward, arrays["inputs"])
    np.testing.assert_allclose(arrays["outputs"][..., :2], outputs, atol=1e-12)


def test_masks_of_keras():
    from lib.keras import keras

    row, layers = SEQUENCES["Keras"], keras.layers
    assert row["at padded steps"] == "repeated; both ways: zero"
    assert SEQUENCES["this book"]["at padded steps"] == "repeated"
    x = np.random.default_rng(0).normal(size=(2, 6, 3))
    mask = np.array([4 * [True] + 2 * [False], 2 * [False] + 4 * [True]])
    alone = np.asarray(layers.GRU(4, return_sequences=True)(x, mask=mask))
    assert alone.shape == (2, 6, 4)
    np.testing.assert_array_equal(alone[0, 4:], alone[0, [3, 3]])
    assert not alone[1, :2].any()
    both = layers.Bidirectional(layers.GRU(4, return_sequences=True, return_state=True))
    outputs, _, back = map(np.asarray, both(x, mask=mask))
    assert not outputs[~mask].any()
    np.testing.assert_array_equal(outputs[0, 0, 4:], back[0])
    assert keras.utils.pad_sequences([[5], [6, 7]]).tolist() == [[0, 5], [6, 7]]


def test_states_of_the_two_directions_of_a_deep_network_of_pytorch():
    """h_n[2k] and h_n[2k + 1] are those of layer k."""
    arrays = arrays_of("PyTorch.deep GRU")
    network = from_torch(module("PyTorch.deep GRU"))
    _, states = unroll(network, arrays["inputs"])
    assert "`h_n[2k]` and `h_n[2k + 1]`" in TEXT
    for k in range(2):
        np.testing.assert_allclose(states[2 * k][-1], arrays["state[0]"][2 * k], atol=1e-12)
        np.testing.assert_allclose(states[2 * k + 1][0], arrays["state[0]"][2 * k + 1], atol=1e-12)


# The page as a whole


def test_the_versions_that_were_asked_stand_on_the_page():
    versions = dict(entry.split() for entry in FOUND["versions"])
    for package, text in {
        "torch": "PyTorch {}",
        "flax": "Flax {}",
        "equinox": "Equinox {}",
        "onnx": "ONNX {}",
        "onnxruntime": "onnxruntime {}",
    }.items():
        minor = ".".join(versions[package].split(".")[:2])
        assert text.format(minor) in TEXT


def test_every_converter_is_explained_on_the_page():
    """Each names its section, which shows a call of it."""
    cells = re.findall(r"```{code-cell}[^\n]*\n(.*?)```", TEXT, re.DOTALL)
    code = "\n".join(re.sub(r"(?m)^:tags:.*", "", cell) for cell in cells)
    called = {
        node.func.id
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    for name in lib.conventions.__all__:
        doc = getattr(lib.conventions, name).__doc__
        (label,) = re.findall(r"^ *Explained in: (\S+)$", doc, re.MULTILINE)
        assert label == f"conv-{name.rpartition('_')[2]}"
        assert f"\n({label})=\n" in TEXT
        assert name in called


# Dropout


def test_dropout_of_keras():
    """Cells of the page show what it does; here, that the settings exist, and those alone."""
    import inspect

    from lib.keras import keras

    row = DROPOUT["Keras"]
    for kind in ("SimpleRNN", "LSTM", "GRU"):
        settings = inspect.signature(getattr(keras.layers, kind)).parameters
        found = {name for name in settings if "dropout" in name}
        assert found == {re.search(r"`(\w+)`", row[c])[1] for c in list(row)[:2]}
