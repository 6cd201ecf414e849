"""Networks to and from the frameworks: what each computed, round trips, and every refusal.

What PyTorch, Flax, Equinox and ONNX computed was written down once (frameworks.py). Keras itself
is asked in test_keras_agreement.py.
"""

import inspect
import json

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
    unroll,
)
from lib.cells.activations import identity, relu, sigmoid, tanh
from lib.conventions import (
    from_equinox,
    from_flax,
    from_keras,
    from_onnx,
    from_torch,
    orders,
    to_keras,
    to_onnx,
    to_torch,
)
from tests.frameworks import FOUND, arrays_of, module
from tests.helpers import close, random_cell, refused

READ = {"PyTorch": from_torch, "Flax": from_flax, "Equinox": from_equinox}
ONNX = [label for label in FOUND if label.startswith("ONNX.") and label.endswith("/op_type")]


def equal(found, expected):
    """The same kinds of networks, the same weights in the same types, to the last bit."""
    assert type(found) is type(expected)
    assert found.weights.keys() == expected.weights.keys()
    for name, weight in expected.weights.items():
        np.testing.assert_array_equal(found.weights[name], weight)
        assert found.weights[name].dtype == weight.dtype, name


def both(kind, inputs=2, units=3, **options):
    return Bidirectional(
        kind.generic(inputs, units, 0, **options), kind.generic(inputs, units, 1, **options)
    )


def deep(kind, **options):
    return Stack([kind.generic(2, 3, 0, **options), kind.generic(3, 3, 1, **options)])


def deep_both(kind, **options):
    return Stack([both(kind, **options), both(kind, 6, **options)])


def on_top(network, f=identity):
    rng = np.random.default_rng(7)
    W, b = rng.normal(size=(2, network.output_size)), rng.normal(size=2)
    return Readout(network, W.astype(network.dtype), b.astype(network.dtype), f)


SHAPES = {
    "a cell": lambda kind, **options: kind.generic(2, 3, 0, **options),
    "both ways": both,
    "deep": deep,
    "deep, both ways": deep_both,
}


@pytest.fixture(params=SHAPES, ids=lambda name: name.replace(" ", "-"))
def shape(request):
    return SHAPES[request.param]


# What the frameworks computed


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("PyTorch.RNN", SimpleCell),
        ("PyTorch.LSTM", LSTMCell),
        ("PyTorch.GRU", ResetAfterGRUCell),
        ("PyTorch.RNNCell", SimpleCell),
        ("PyTorch.LSTMCell", LSTMCell),
        ("PyTorch.GRUCell", ResetAfterGRUCell),
        ("PyTorch.relu", SimpleCell),
        ("PyTorch.relu cell", SimpleCell),
        ("PyTorch.no bias", Stack),
        ("PyTorch.deep RNN", Stack),
        ("PyTorch.deep LSTM", Stack),
        ("PyTorch.deep GRU", Stack),
        ("Flax.SimpleCell", SimpleCell),
        ("Flax.relu", SimpleCell),
        ("Flax.LSTMCell", LSTMCell),
        ("Flax.OptimizedLSTMCell", LSTMCell),
        ("Flax.GRUCell", ResetAfterGRUCell),
        ("Flax.deep", Readout),
        ("Flax.both", Bidirectional),
        ("Equinox.LSTMCell", LSTMCell),
        ("Equinox.LSTMCell, no bias", LSTMCell),
        ("Equinox.GRUCell", ResetAfterGRUCell),
        ("Equinox.GRUCell, no bias", ResetAfterGRUCell),
        ("Equinox.deep", Readout),
    ],
)
def test_a_module_becomes_the_network_that_computes_the_same(label, kind):
    network = READ[label.partition(".")[0]](module(label))
    assert type(network) is kind
    arrays = arrays_of(label)
    outputs, _ = unroll(network, arrays["inputs"])
    close(outputs, arrays["outputs"])


@pytest.mark.parametrize("name", ONNX, ids=lambda name: name.removesuffix("/op_type"))
def test_a_node_becomes_the_network_that_computes_the_same(name):
    arrays = arrays_of(name.removesuffix("/op_type"))
    node = {key: arrays[key] for key in ("op_type", *"WRBP") if key in arrays}
    network = from_onnx(**node, **json.loads(arrays["module"]))
    outputs, _ = unroll(network, arrays["inputs"])
    assert network.dtype == outputs.dtype == arrays["outputs"].dtype
    tolerance = 8 * np.finfo(outputs.dtype).eps
    np.testing.assert_allclose(outputs, arrays["outputs"], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_last_states_of_a_deep_network_of_pytorch(kind):
    """h_n and c_n are (layers * directions, units); the backward half ends at t = 0."""
    arrays = arrays_of(f"PyTorch.deep {kind}")
    _, states = unroll(from_torch(module(f"PyTorch.deep {kind}")), arrays["inputs"])
    count = 2 if kind == "LSTM" else 1
    for k, state in enumerate(states):
        half, which = divmod(k, count)
        close(state[0 if half % 2 else -1], arrays[f"state[{which}]"][half])


# The order of an LSTM's two states is part of what a framework settles.
@pytest.mark.parametrize(
    ("label", "names"),
    [("PyTorch.LSTM", "hc"), ("Flax.LSTMCell", "ch"), ("Equinox.LSTMCell", "hc")],
)
def test_last_states_of_an_lstm(label, names):
    arrays = arrays_of(label)
    cell = READ[label.partition(".")[0]](module(label))
    _, history = unroll(cell, arrays["inputs"])
    states = dict(zip(cell.state_names, history, strict=True))
    for k, name in enumerate(names):
        close(states[name][-1], np.ravel(arrays[f"state[{k}]"]))


@pytest.mark.parametrize("label", ["ONNX.peepholes", "ONNX.both LSTM", "ONNX.both GRU"])
def test_last_states_of_a_node(label):
    """Y_h and Y_c are (directions, units); the backward half ends at t = 0."""
    arrays = arrays_of(label)
    node = {key: arrays[key] for key in ("op_type", *"WRBP") if key in arrays}
    network = from_onnx(**node, **json.loads(arrays["module"]))
    _, states = unroll(network, arrays["inputs"])
    count = 2 if arrays["op_type"] == "LSTM" else 1
    for k, state in enumerate(states):
        half, which = divmod(k, count)
        close(state[-1 if half == 0 else 0], arrays[f"state[{which}]"][half])


@pytest.mark.parametrize(
    ("label", "kind", "options"),
    [
        ("PyTorch.RNN", SimpleCell, {}),
        ("PyTorch.relu", SimpleCell, {"nonlinearity": "relu"}),
        ("PyTorch.deep LSTM", LSTMCell, {}),
        ("PyTorch.no bias", ResetAfterGRUCell, {}),
        ("PyTorch.GRUCell", ResetAfterGRUCell, {}),
        ("PyTorch.tagger", ResetAfterGRUCell, {"prefix": "rnn.", "readout": "fc."}),
        ("Flax.relu", SimpleCell, {"activation_fn": "relu"}),
        ("Flax.LSTMCell", LSTMCell, {}),
        ("Flax.OptimizedLSTMCell", LSTMCell, {}),
        ("Flax.GRUCell", ResetAfterGRUCell, {}),
        ("linen.SimpleCell", SimpleCell, {}),
        ("linen.LSTMCell", LSTMCell, {}),
        ("linen.OptimizedLSTMCell", LSTMCell, {}),
        ("linen.GRUCell", ResetAfterGRUCell, {}),
        ("Equinox.LSTMCell", LSTMCell, {}),
        ("Equinox.GRUCell", ResetAfterGRUCell, {}),
        ("Equinox.GRUCell, no bias", ResetAfterGRUCell, {}),
    ],
)
def test_arrays_by_name(label, kind, options, dtype):
    arrays = arrays_of(label)
    inputs, expected = arrays["inputs"].astype(dtype), arrays["outputs"]
    others = ("inputs", "outputs", "module", "state[0]", "state[1]")
    weights = {n: a.astype(dtype) for n, a in arrays.items() if n not in others}
    read = READ.get(label.partition(".")[0], from_flax)
    network = read(weights, kind, **options)
    assert network.dtype == dtype
    outputs, _ = unroll(network, inputs)
    tolerance = 64 * np.finfo(dtype).eps
    np.testing.assert_allclose(outputs, expected, rtol=tolerance, atol=tolerance)


def test_flax_parameters_as_flax_nests_them():
    arrays = arrays_of("linen.GRUCell")
    flat = {name: a for name, a in arrays.items() if name.endswith(("kernel", "bias"))}
    nested, by_path = {}, {}
    for name, array in flat.items():
        part, _, last = name.partition(".")
        nested.setdefault(part, {})[last] = array
        by_path[part, last] = array
    expected = from_flax(flat, ResetAfterGRUCell)
    for parameters in (nested, {"params": nested}, by_path):
        equal(from_flax(parameters, ResetAfterGRUCell), expected)


def test_the_second_bias_of_a_linen_gru_is_within_reach_of_r():
    arrays = arrays_of("linen.GRUCell")
    cell = from_flax(
        {n: a for n, a in arrays.items() if n.endswith(("kernel", "bias"))}, ResetAfterGRUCell
    )
    np.testing.assert_array_equal(cell.b_hg, arrays["hn.bias"])
    assert not cell.b_hz.any()
    assert not cell.b_hr.any()


def test_a_sequence_that_ends_early():
    """At padded steps PyTorch and ONNX give zero, and Flax numbers without meaning, where `unroll`
    repeats the last real output. The last states agree."""
    read = {
        "PyTorch": from_torch,
        "Flax": from_flax,
        "ONNX": lambda arrays: from_onnx(
            "GRU", arrays["W"], arrays["R"], arrays["B"], direction="bidirectional"
        ),
    }
    for framework, convert in read.items():
        label = f"{framework}.padded"
        arrays = arrays_of(label)
        network = convert(arrays if framework == "ONNX" else module(label))
        mask = np.arange(5) < arrays["lengths"][:, None]
        outputs, (ahead, back) = unroll(network, arrays["inputs"], mask=mask)
        tolerance = 16 * np.finfo(outputs.dtype).eps
        agree = dict(rtol=tolerance, atol=tolerance)
        np.testing.assert_allclose(outputs[mask], arrays["outputs"][mask], **agree)
        np.testing.assert_allclose(ahead[:, -1], arrays["states"][0], **agree)
        np.testing.assert_allclose(back[:, 0], arrays["states"][1], **agree)
        at_padding = arrays["outputs"][~mask]
        assert at_padding.any() == (framework == "Flax")


# Round trips


OP_TYPES = {
    SimpleCell: "RNN",
    LSTMCell: "LSTM",
    PeepholeLSTMCell: "LSTM",
    GRUCell: "GRU",
    ResetAfterGRUCell: "GRU",
}
KERAS = [SimpleCell, LSTMCell, PeepholeLSTMCell, GRUCell, ResetAfterGRUCell]
TORCH = [SimpleCell, LSTMCell, ResetAfterGRUCell]


@pytest.mark.parametrize("kind", KERAS)
def test_arrays_of_keras_and_back(kind, dtype):
    cell = kind.generic(2, 3, 0, dtype=dtype)
    equal(from_keras(to_keras(cell), kind), cell)
    network = both(kind, dtype=dtype)
    equal(from_keras(to_keras(network), (kind, kind)), network)


def test_two_kinds_in_one_layer_of_keras():
    network = Bidirectional(PeepholeLSTMCell.generic(2, 3, 0), GRUCell.generic(2, 4, 1))
    equal(from_keras(to_keras(network), (PeepholeLSTMCell, GRUCell)), network)


def test_arrays_of_keras_are_those_of_each_layer_one_after_the_other():
    low, top = both(LSTMCell), GRUCell.generic(6, 4, 2)
    network = on_top(Stack([low, top]))
    parts = [low.forward, low.backward, top]
    expected = [array for part in parts for array in to_keras(part)]
    found = to_keras(network)
    assert len(found) == len(expected) + 2
    for array, other in zip(found, [*expected, network.W.T, network.b], strict=True):
        np.testing.assert_array_equal(array, other)


@pytest.mark.parametrize("kind", TORCH)
def test_names_of_pytorch_and_back(kind, shape, dtype):
    network = shape(kind, dtype=dtype)
    equal(from_torch(to_torch(network), kind), network)
    network = on_top(network)
    names = dict(prefix="encoder.rnn.", readout="fc.")
    arrays = to_torch(network, **names)
    assert {name.rpartition(".")[0] for name in arrays} == {"encoder.rnn", "fc"}
    equal(from_torch(arrays, kind, **names), network)


@pytest.mark.parametrize("kind", TORCH)
def test_names_of_a_cell_of_pytorch_and_back(kind):
    cell = kind.generic(2, 3, 0)
    arrays = to_torch(cell, cell_module=True)
    assert list(arrays) == ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]
    equal(from_torch(arrays, kind), cell)


@pytest.mark.parametrize(
    "label",
    ["RNN", "LSTM", "GRU", "deep RNN", "deep LSTM", "deep GRU", "no bias", "RNNCell", "GRUCell"],
)
def test_pytorch_finds_every_array_that_it_looks_for(label):
    """The names, shapes and types of its own `state_dict`, in memory as torch.from_numpy takes
    them, and a second time the same numbers."""
    theirs = module(f"PyTorch.{label}").state_dict()
    network = from_torch(module(f"PyTorch.{label}"))
    options = dict(bias=label != "no bias", cell_module=label.endswith("Cell"))
    arrays = to_torch(network, **options)
    assert list(arrays) == list(theirs)
    for name, array in arrays.items():
        assert array.shape == theirs[name].shape
        assert array.dtype == theirs[name].dtype
        assert array.flags.c_contiguous
        assert array.flags.writeable
    again = from_torch(arrays, network_kind(network))
    equal(again, network)


def network_kind(network):
    while isinstance(network, Stack | Bidirectional):
        network = network.cells[0] if isinstance(network, Stack) else network.forward
    return type(network)


@pytest.mark.parametrize("kind", KERAS)
@pytest.mark.parametrize("make", [SHAPES["a cell"], both])
def test_a_node_of_onnx_and_back(kind, make, dtype):
    network = make(kind, dtype=dtype)
    node = to_onnx(network)
    assert node["op_type"] == OP_TYPES[kind]
    equal(from_onnx(**node), network)
    attributes = {name: _as_bytes(value) for name, value in node.items()}
    equal(from_onnx(**attributes), network)
    equal(from_onnx(**{**node, "op_type": kind}), network)


def _as_bytes(value):
    """Text as the package onnx hands over the attributes of a node."""
    if isinstance(value, list):
        return [_as_bytes(entry) for entry in value]
    return value.encode() if isinstance(value, str) else value


@pytest.mark.parametrize("name", ONNX, ids=lambda name: name.removesuffix("/op_type"))
def test_a_node_gets_back_what_it_had(name):
    arrays = arrays_of(name.removesuffix("/op_type"))
    inputs = {key: arrays[key] for key in "WRBP" if key in arrays}
    had = json.loads(arrays["module"])
    node = to_onnx(from_onnx(arrays["op_type"], **inputs, **had))
    for attribute, value in had.items():
        assert node[attribute] == value, attribute
    assert node.keys() >= inputs.keys()
    for key in set(inputs) - {"B"}:
        np.testing.assert_array_equal(node[key], inputs[key])
        assert node[key].dtype == inputs[key].dtype
    if "B" not in inputs:
        assert not node["B"].any()
    elif had.get("linear_before_reset"):
        np.testing.assert_array_equal(node["B"], inputs["B"])
    else:
        sums = sum(np.split(inputs["B"], 2, axis=1))
        np.testing.assert_array_equal(
            node["B"], np.concatenate([sums, np.zeros_like(sums)], axis=1)
        )


@pytest.mark.parametrize("f", [tanh, relu, sigmoid, identity])
def test_every_activation_of_a_simple_cell(f):
    cell = SimpleCell.generic(2, 3, 0, f=f)
    found = from_onnx(**to_onnx(cell))
    equal(found, cell)
    assert found.f is f
    name = {identity: "linear"}.get(f, f.__name__)
    assert from_keras(to_keras(cell), SimpleCell, activation=name).f is f
    if f in (tanh, relu):
        assert from_torch(to_torch(cell), SimpleCell, nonlinearity=f.__name__).f is f


def test_one_activation_for_each_direction_of_a_node():
    functions = relu, identity
    halves = [SimpleCell.generic(2, 3, k, f=f) for k, f in enumerate(functions)]
    node = to_onnx(Bidirectional(*halves))
    assert node["activations"] == ["Relu", "Affine"]
    assert (node["activation_alpha"], node["activation_beta"]) == ([1.0], [0.0])
    found = from_onnx(**node)
    assert (found.forward.f, found.backward.f) == functions


def test_a_stack_is_one_node_for_each_layer():
    network = Stack([both(PeepholeLSTMCell), GRUCell.generic(6, 2, 3)])
    nodes = to_onnx(network)
    assert [node["op_type"] for node in nodes] == ["LSTM", "GRU"]
    equal(Stack([from_onnx(**node) for node in nodes]), network)


@pytest.mark.parametrize("kind", TORCH)
def test_no_converter_shares_arrays_with_the_network(kind):
    network = on_top(kind.generic(2, 3, 0))
    before = {name: weight.copy() for name, weight in network.weights.items()}
    node = to_onnx(network.cell)
    arrays = [*to_keras(network), *to_torch(network, readout="fc.").values()]
    for array in [*arrays, *(a for a in node.values() if isinstance(a, np.ndarray))]:
        array += 1
    names = to_torch(network.cell)
    found = from_torch(names, kind)
    names["weight_ih_l0"] += 1
    for name, weight in before.items():
        np.testing.assert_array_equal(network.weights[name], weight)
    equal(found, network.cell)


# Biases


@pytest.mark.parametrize("kind", [SimpleCell, LSTMCell, GRUCell, ResetAfterGRUCell])
def test_layers_without_biases(kind):
    cell = kind.generic(2, 3, 0)
    zero = {name: np.zeros(3) for name in cell.weights if name.startswith("b")}
    without = cell.replace(**zero)
    arrays = to_keras(without, use_bias=False)
    assert len(arrays) == 2
    equal(from_keras(arrays, kind), without)
    both_ways = Bidirectional(without, without.replace())
    equal(from_keras(to_keras(both_ways, use_bias=False), (kind, kind)), both_ways)
    with refused(ValueError, "use_bias: expected True for a network whose biases are not all ze"):
        to_keras(cell, use_bias=False)
    if kind in TORCH:
        arrays = to_torch(without, bias=False)
        assert list(arrays) == ["weight_ih_l0", "weight_hh_l0"]
        equal(from_torch(arrays, kind), without)
        with refused(ValueError, "bias: expected True for a network whose biases are not all zero"):
            to_torch(cell, bias=False)


def test_the_two_biases_of_pytorch_become_their_sum_in_an_lstm():
    arrays = module("PyTorch.LSTM").state_dict()
    cell = from_torch(arrays, LSTMCell)
    together = arrays["bias_ih_l0"] + arrays["bias_hh_l0"]
    ours = np.concatenate([cell.b_i, cell.b_f, cell.b_g, cell.b_o])
    np.testing.assert_array_equal(ours, together)
    written = to_torch(cell)
    np.testing.assert_array_equal(written["bias_ih_l0"], together)
    assert not written["bias_hh_l0"].any()


def test_the_second_bias_of_a_gru_cannot_be_merged(rng):
    """In g it stands within reach of r: moving it into the first bias changes the outputs."""
    cell = random_cell(ResetAfterGRUCell, 2, 3)
    weights, inputs = cell.weights, rng.normal(size=(5, 2))
    for layer, same in (("z", True), ("r", True), ("g", False)):
        first, second = f"b_x{layer}", f"b_h{layer}"
        merged = {first: weights[first] + weights[second], second: np.zeros(3)}
        moved = cell.replace(**merged)
        difference = np.abs(unroll(moved, inputs)[0] - unroll(cell, inputs)[0]).max()
        assert (difference < 1e-12) == same


# Findings: what came back without a word


def test_settings_of_keras_arrays_that_a_cell_cannot_represent():
    """Weights of a layer with relu and hard sigmoid were 0.22 off."""
    arrays = to_keras(LSTMCell.generic(2, 3, 0))
    wrong = {
        "activation": ("relu", "expected 'tanh', got 'relu'; LSTMCell computes no other"),
        "recurrent_activation": ("hard_sigmoid", "expected 'sigmoid', got 'hard_sigmoid'"),
        "go_backwards": (True, "expected False, got True"),
        "merge_mode": ("sum", "expected 'concat', got 'sum'"),
        "reset_after": (True, "expected None, got True; LSTMCell computes no other"),
    }
    for name, (value, message) in wrong.items():
        with refused(ValueError, f"{name}: {message}"):
            from_keras(arrays, LSTMCell, **{name: value})
    both_ways = to_keras(both(LSTMCell))
    with refused(ValueError, "forward.merge_mode: expected 'concat', got 'ave'"):
        from_keras(both_ways, (LSTMCell, LSTMCell), merge_mode="ave")
    with refused(ValueError, "activation: expected 'tanh' or 'relu' or 'sigmoid' or 'linear'"):
        from_keras(to_keras(SimpleCell.generic(2, 3, 0)), SimpleCell, activation="gelu")
    for kind, other in ((GRUCell, True), (ResetAfterGRUCell, False)):
        arrays = to_keras(kind.generic(2, 3, 0))
        with refused(
            ValueError, f"reset_after: expected None or {not other}, got {other}; {kind.__name__}"
        ):
            from_keras(arrays, kind, reset_after=other)
        equal(from_keras(arrays, kind, reset_after=not other), kind.generic(2, 3, 0))


def test_a_gru_of_onnx_is_not_read_as_the_other_variant():
    """It was 0.20 off."""
    for kind, other in ((GRUCell, ResetAfterGRUCell), (ResetAfterGRUCell, GRUCell)):
        node = to_onnx(kind.generic(2, 3, 0))
        which = node["linear_before_reset"]
        assert which == int(kind is ResetAfterGRUCell)
        message = f"linear_before_reset: expected {1 - which}, got {which}; another would not be"
        with refused(ValueError, f"{message} {other.__name__}"):
            from_onnx(**{**node, "op_type": other})
    arrays = [to_onnx(GRUCell.generic(2, 3, 0))[key] for key in "WRB"]
    with refused(ValueError, "linear_before_reset: expected 1, got 0; another would not be Reset"):
        from_onnx(ResetAfterGRUCell, *arrays)


def test_a_deep_network_of_pytorch_in_one_call():
    """It took four calls, two more and bookkeeping; a prefix, parameters and tensors that learn
    were refused."""

    class Tensor:
        """As PyTorch's, this is read by NumPy once it is detached and on this machine."""

        def __init__(self, array, ready=False):
            self.array, self.ready = array, ready

        def detach(self):
            return Tensor(self.array, ready=True)

        def cpu(self):
            return self

        def __array__(self, dtype=None, copy=None):
            if not self.ready:
                raise RuntimeError("Can't call numpy() on Tensor that requires grad.")
            return self.array

    label = "PyTorch.deep LSTM"
    expected = from_torch(module(label))
    arrays = module(label).state_dict()
    named = {f"rnn.{name}": Tensor(array) for name, array in arrays.items()}
    named |= {"fc.weight": Tensor(np.ones((2, 3))), "embedding.weight": Tensor(np.ones((9, 2)))}
    equal(from_torch(named, LSTMCell, prefix="rnn."), expected)


# Refusals


def test_layers_that_a_framework_does_not_have():
    peepholes, before = PeepholeLSTMCell.generic(2, 3, 0), GRUCell.generic(2, 3, 0)
    message = "network: expected a cell that PyTorch has, one of SimpleCell, LSTMCell, Reset"
    for cell in (peepholes, before, Stack([before]), both(GRUCell)):
        with refused(TypeError, message):
            to_torch(cell)
    arrays = to_torch(LSTMCell.generic(2, 3, 0))
    for kind in (PeepholeLSTMCell, GRUCell, Stack, Readout, "LSTM", None, 5):
        with refused(TypeError, "kind: expected a cell that PyTorch has"):
            from_torch(arrays, kind)
    for read, framework in ((from_flax, "Flax"), (from_equinox, "Equinox")):
        for kind in (PeepholeLSTMCell, GRUCell, None):
            with refused(TypeError, f"kind: expected a cell that {framework} has"):
                read({}, kind)
    with refused(TypeError, "kind: expected a cell that Equinox has, one of LSTMCell, ResetAfter"):
        from_equinox({}, SimpleCell)
    with refused(TypeError, "network: expected a cell that ONNX has"):
        to_onnx(on_top(LSTMCell.generic(2, 3, 0)))
    for write, framework in ((to_keras, "Keras"), (to_torch, "PyTorch"), (to_onnx, "ONNX")):
        for network in (
            None,
            5,
            LSTMCell,
            Bidirectional(deep(LSTMCell), LSTMCell.generic(2, 3, 0)),
        ):
            if write is to_keras and isinstance(network, Bidirectional):
                continue
            with refused(TypeError, f"network: expected a cell that {framework} has"):
                write(network)


@pytest.mark.parametrize("read", [from_keras, from_torch, from_flax, from_equinox])
def test_what_is_no_layer(read):
    for source in (None, 5, "lstm", np.ones(3), LSTMCell.generic(2, 3, 0), object()):
        with refused(TypeError, "source: expected"):
            read(source)
    with pytest.raises((TypeError, ValueError), match=r"^(source|kind): expected"):
        read([])


@pytest.mark.parametrize("read", [from_keras, from_torch, from_flax, from_equinox])
@pytest.mark.parametrize(
    "label",
    ["PyTorch.RNN", "PyTorch.LSTMCell", "Flax.LSTMCell", "Flax.both", "Equinox.LSTMCell"],
)
def test_a_module_of_another_framework(read, label):
    """Classes of several frameworks have the same names."""
    if read is not READ[label.partition(".")[0]]:
        with refused(TypeError, "source: expected"):
            read(module(label))


def test_every_wrong_array_of_keras_is_named():
    for kind, full in ((SimpleCell, 3), (LSTMCell, 3), (GRUCell, 3), (PeepholeLSTMCell, 4)):
        kernel, recurrent, *others = arrays = to_keras(kind.generic(2, 3, 0))
        columns = kernel.shape[1]
        with refused(ValueError, "source: expected [kernel, recurrent_kernel"):
            from_keras([*arrays, arrays[0]], kind)
        with refused(ValueError, "source: expected [kernel, recurrent_kernel"):
            from_keras(arrays[: full - 2], kind)
        with refused(ValueError, f"kernel: expected shape (inputs, {columns}), got ({columns}, 2)"):
            from_keras([kernel.T, recurrent, *others], kind)
        if kind is not SimpleCell:
            message = f"recurrent_kernel: expected shape (3, {columns}), got ({columns}, 3)"
            with refused(ValueError, message):
                from_keras([kernel, recurrent.T, *others], kind)
        with refused(ValueError, f"bias: expected shape ({columns},), got ({columns - 1},)"):
            from_keras([kernel, recurrent, others[0][:-1], *others[1:]], kind)
    with refused(ValueError, "peepholes: expected shape (3, 3), got (3, 2)"):
        from_keras([*arrays[:3], arrays[3][:, 1:]], PeepholeLSTMCell)
    weights = to_keras(both(LSTMCell))
    with refused(ValueError, "source: expected 6 arrays, those of the forward layer and of the ba"):
        from_keras(weights[:5], (LSTMCell, LSTMCell))
    with refused(ValueError, "backward.kernel: expected shape (inputs, 12), got (12, 2)"):
        from_keras([*weights[:3], weights[3].T, *weights[4:]], (LSTMCell, LSTMCell))
    with refused(TypeError, "kind: expected a class of cells, or a pair"):
        from_keras(weights, (LSTMCell,))
    with refused(TypeError, "kind: expected the class of cells that the arrays are for"):
        from_keras(weights)
    with refused(TypeError, "kind: expected a cell that Keras has, one of SimpleCell, LSTMCell"):
        from_keras(weights, Stack)


def test_the_default_gru_of_keras_is_pointed_to_its_own_cell():
    arrays = to_keras(ResetAfterGRUCell.generic(2, 3, 0))
    with pytest.raises(ValueError, match=r"got \(2, 9\): .* which is ResetAfterGRUCell"):
        from_keras(arrays, GRUCell)
    with refused(ValueError, "bias: expected shape (2, 9), got (9,)"):
        from_keras(to_keras(GRUCell.generic(2, 3, 0)), ResetAfterGRUCell)


@pytest.mark.parametrize("kind", TORCH)
def test_every_wrong_array_of_pytorch_is_named(kind):
    arrays = {f"rnn.{name}": a for name, a in to_torch(deep_both(kind)).items()}
    rows = len(arrays["rnn.bias_ih_l0"])
    for name, array in arrays.items():
        rest = {other: value for other, value in arrays.items() if other != name}
        with refused(ValueError, f"source: expected {name}, got no such array"):
            from_torch(rest, kind, prefix="rnn.")
        if "weight_hh" not in name:
            with refused(ValueError, f"{name}: expected shape ({rows},"):
                from_torch({**arrays, name: array[:-1]}, kind, prefix="rnn.")
    name = "rnn.weight_hh_l1_reverse"
    with refused(ValueError, f"{name}: expected shape ({rows}, 3), got ({rows + 1}, 3)"):
        from_torch({**arrays, name: np.ones((rows + 1, 3))}, kind, prefix="rnn.")


def test_names_of_pytorch_that_cannot_be_placed():
    arrays = to_torch(deep(LSTMCell))
    inside = {f"encoder.rnn.{name}": array for name, array in arrays.items()}
    message = (
        "source: expected weight_ih_l0, got no such array; prefix='encoder.rnn.' would read"
        " encoder.rnn.weight_ih_l0"
    )
    with refused(ValueError, message):
        from_torch(inside, LSTMCell)
    with refused(ValueError, "source: expected rnn.weight_ih_l0, got no such array; prefix=''"):
        from_torch(arrays, LSTMCell, prefix="rnn.")
    third = {name.replace("l1", "l2"): array for name, array in arrays.items()}
    with refused(ValueError, "source: expected weight_ih_l1, got no such array"):
        from_torch(third, LSTMCell)
    with refused(ValueError, "source: expected no weight_hr_l0, which is that of a projection"):
        from_torch({**arrays, "weight_hr_l0": np.ones((2, 3))}, LSTMCell)
    with refused(ValueError, "source: expected fc.weight, got no such array"):
        from_torch(arrays, LSTMCell, readout="fc.")
    with refused(ValueError, "fc.weight: expected shape (outputs, 3), got (3, 2)"):
        from_torch({**arrays, "fc.weight": np.ones((3, 2))}, LSTMCell, readout="fc.")
    with refused(ValueError, "fc.bias: expected shape (2,), got (3,)"):
        readout = {"fc.weight": np.ones((2, 3)), "fc.bias": np.ones(3)}
        from_torch({**arrays, **readout}, LSTMCell, readout="fc.")
    without = from_torch({**arrays, "fc.weight": np.ones((2, 3))}, LSTMCell, readout="fc.")
    assert not without.b.any()
    for wrong in (None, 5, ["rnn."]):
        with refused(TypeError, "prefix: expected text, got"):
            from_torch(arrays, LSTMCell, prefix=wrong)
    with refused(TypeError, "readout: expected text, got 5"):
        from_torch(arrays, LSTMCell, readout=5)


def test_settings_of_pytorch_that_a_cell_cannot_represent():
    layer = module("PyTorch.LSTM")
    layer.proj_size = 2
    with refused(ValueError, "proj_size: expected 0, got 2; LSTMCell has no projection"):
        from_torch(layer)
    layer = module("PyTorch.RNN")
    layer.nonlinearity = "gelu"
    with refused(ValueError, "nonlinearity: expected 'tanh' or 'relu', got 'gelu'"):
        from_torch(layer)
    arrays = to_torch(LSTMCell.generic(2, 3, 0))
    with refused(ValueError, "nonlinearity: expected 'tanh', got 'relu'; LSTMCell computes no oth"):
        from_torch(arrays, LSTMCell, nonlinearity="relu")
    for name, value in {"nonlinearity": "relu", "prefix": "rnn.", "readout": "fc."}.items():
        message = f"{name}: expected no setting beside a layer, which knows its own, got '{value}'"
        with refused(ValueError, message):
            from_torch(module("PyTorch.LSTM"), **{name: value})
    with refused(TypeError, "kind: expected LSTMCell, which is what the source computes, got GRUC"):
        from_torch(module("PyTorch.LSTM"), GRUCell)
    equal(from_torch(module("PyTorch.LSTM"), LSTMCell), from_torch(module("PyTorch.LSTM")))
    with refused(TypeError, "source: expected nn.RNN, nn.LSTM, nn.GRU"):
        from_torch(module("PyTorch.tagger"))


def test_networks_that_pytorch_does_not_have():
    message = "network: expected layers of one kind, size and activation"
    cell = LSTMCell.generic(2, 3, 0)
    others = [
        Stack([cell, ResetAfterGRUCell.generic(3, 3, 0)]),
        Stack([cell, LSTMCell.generic(3, 4, 0)]),
        Stack([both(LSTMCell), LSTMCell.generic(6, 3, 0)]),
        Stack([SimpleCell.generic(2, 3, 0), SimpleCell.generic(3, 3, 0, f=relu)]),
        Bidirectional(cell, LSTMCell.generic(2, 4, 0)),
    ]
    for network in others:
        with refused(ValueError, message):
            to_torch(network)
    with refused(ValueError, "network: expected an f that PyTorch has, tanh or relu, got "):
        to_torch(SimpleCell.generic(2, 3, 0, f=sigmoid))
    with refused(ValueError, "readout: expected what stands before weight and bias of the nn.Lin"):
        to_torch(on_top(cell))
    with refused(ValueError, "readout: expected None for a network without a Readout, got 'fc.'"):
        to_torch(cell, readout="fc.")
    with refused(ValueError, "cell_module: expected False for a network of more than one cell"):
        to_torch(both(LSTMCell), cell_module=True)


def test_attributes_of_onnx_that_a_cell_cannot_represent():
    node = to_onnx(LSTMCell.generic(2, 3, 0))
    wrong = {
        "clip": (3.0, "expected None, got 3.0; LSTMCell limits no sum"),
        "input_forget": (1, "expected 0, got 1; LSTMCell has two gates"),
        "layout": (2, "expected 0 or 1, got 2"),
        "direction": ("reverse", "expected 'forward' or 'bidirectional', got 'reverse'; a cell "),
        "hidden_size": (4, "expected None or 3, got 4; R has as many units"),
        "linear_before_reset": (1, "expected 0, got 1"),
        "activations": (["Sigmoid", "Relu", "Tanh"], "expected ['Sigmoid', 'Tanh', 'Tanh'], got"),
    }
    for name, (value, message) in wrong.items():
        for op_type in ("LSTM", LSTMCell):
            with refused(ValueError, f"{name}: {message}"):
                from_onnx(**{**node, "op_type": op_type, name: value})
    with refused(ValueError, "linear_before_reset: expected 0 or 1, got 2"):
        from_onnx(**{**to_onnx(GRUCell.generic(2, 3, 0)), "linear_before_reset": 2})
    simple = to_onnx(SimpleCell.generic(2, 3, 0))
    with refused(ValueError, "activations: expected 1 of Tanh, Relu, Sigmoid, Affine, got ['Elu']"):
        from_onnx(**{**simple, "activations": ["Elu"]})
    with refused(ValueError, "activations: expected 1 of Tanh, Relu, Sigmoid, Affine, got ['Tanh'"):
        from_onnx(**{**simple, "activations": ["Tanh", "Tanh"]})
    with refused(TypeError, "activations: expected a list such as ['Tanh'], got 'Tanh'"):
        from_onnx(**{**simple, "activations": "Tanh"})
    for alpha, beta, name in (
        ([2.0], [0.0], "alpha"),
        ([1.0], [1.0], "beta"),
        (None, [0.0], "alpha"),
    ):
        scaled = dict(activations=["Affine"], activation_alpha=alpha, activation_beta=beta)
        with refused(ValueError, f"activation_{name}: expected "):
            from_onnx(**{**simple, **scaled})


def test_every_wrong_input_of_a_node_is_named():
    node = to_onnx(both(PeepholeLSTMCell))
    for name, shape in {
        "W": "(2, 12, inputs)",
        "R": "(2, 12, 3)",
        "B": "(2, 24)",
        "P": "(2, 9)",
    }.items():
        with refused(ValueError, f"{name}: expected shape "):
            from_onnx(**{**node, name: node[name][0]})
        with refused(ValueError, f"{name}: expected shape {shape}, got (1, "):
            from_onnx(**{**node, name: node[name][:1]})
    one = {name: node[name] for name in "WRBP"}
    with refused(ValueError, "W: expected shape (1, 12, inputs), got (2, 12, 2)"):
        from_onnx("LSTM", **one)
    with refused(ValueError, "P: expected None for LSTMCell, got an array; the cell with peephol"):
        from_onnx(LSTMCell, **one, direction="bidirectional")
    with refused(ValueError, "op_type: expected 'RNN', 'LSTM', 'GRU' or a class of cells, got 'L"):
        from_onnx("LSTMCell", **one)
    with refused(TypeError, "op_type: expected a cell that ONNX has"):
        from_onnx(Stack, **one)


def test_a_node_without_peepholes_may_be_read_as_one_with_zero_peepholes():
    node = to_onnx(LSTMCell.generic(2, 3, 0))
    cell = from_onnx(**{**node, "op_type": PeepholeLSTMCell})
    assert type(cell) is PeepholeLSTMCell
    assert not any(cell.weights[name].any() for name in ("p_i", "p_f", "p_o"))


def test_networks_that_onnx_does_not_have():
    message = "network: expected two directions of one kind and size, as an ONNX node has them; got"
    cell = LSTMCell.generic(2, 3, 0)
    for other in (LSTMCell.generic(2, 4, 0), PeepholeLSTMCell.generic(2, 3, 0)):
        with refused(ValueError, f"{message} LSTMCell of 3 units, {type(other).__name__} of"):
            to_onnx(Bidirectional(cell, other))
    with refused(ValueError, "network: expected an f among Tanh, Relu, Sigmoid, Affine"):
        to_onnx(SimpleCell.generic(2, 3, 0, f=np.cos))


def test_settings_of_flax_that_a_cell_cannot_represent():
    cell = module("Flax.LSTMCell")
    cell.gate_fn = module("Flax.relu").activation_fn
    with refused(ValueError, "gate_fn: expected 'sigmoid', got 'relu'; LSTMCell computes no other"):
        from_flax(cell)
    cell = module("Flax.GRUCell")
    cell.activation_fn = np.tanh  # somebody's own function, whatever its name
    with refused(ValueError, "activation_fn: expected 'tanh', got '"):
        from_flax(cell)
    cell = module("Flax.SimpleCell")
    cell.residual = True
    with refused(ValueError, "residual: expected False, got True; SimpleCell computes no other"):
        from_flax(cell)
    layer = module("Flax.both")
    layer.forward_rnn.reverse = True
    with refused(ValueError, "reverse: expected False, got True; a cell has no direction"):
        from_flax(layer.forward_rnn)
    layer.merge_fn = np.add
    with refused(ValueError, "merge_fn: expected '_concatenate', got "):
        from_flax(layer)
    arrays = arrays_of("linen.LSTMCell")
    weights = {name: a for name, a in arrays.items() if name.endswith(("kernel", "bias"))}
    for name, value in {
        "gate_fn": "hard_sigmoid",
        "activation_fn": "relu",
        "residual": True,
    }.items():
        with refused(ValueError, f"{name}: expected "):
            from_flax(weights, LSTMCell, **{name: value})
        with refused(ValueError, f"{name}: expected no setting beside a layer"):
            from_flax(module("Flax.LSTMCell"), **{name: value})
    with refused(TypeError, "kind: expected LSTMCell, which is what the source computes, got Sim"):
        from_flax(module("Flax.LSTMCell"), SimpleCell)


FLAX = [
    ("Flax.SimpleCell", SimpleCell),
    ("Flax.OptimizedLSTMCell", LSTMCell),
    ("Flax.LSTMCell", LSTMCell),
    ("Flax.GRUCell", ResetAfterGRUCell),
    ("linen.SimpleCell", SimpleCell),
    ("linen.LSTMCell", LSTMCell),
    ("linen.GRUCell", ResetAfterGRUCell),
]


@pytest.mark.parametrize(("label", "kind"), FLAX)
def test_every_wrong_parameter_of_flax_is_named(label, kind):
    arrays = arrays_of(label)
    weights = {name: a for name, a in arrays.items() if name.endswith(("kernel", "bias"))}
    for name, array in weights.items():
        rest = {other: value for other, value in weights.items() if other != name}
        with refused(ValueError, "source: expected the parameters "):
            from_flax(rest, kind)
        with refused(ValueError, f"{name}: expected shape "):
            from_flax({**weights, name: array[..., :-1]}, kind)
    with refused(ValueError, "source: expected the parameters "):
        from_flax({**weights, "dense_n.bias": np.ones(3)}, kind)
    with refused(ValueError, "source: expected the parameters "):
        from_flax({}, kind)


@pytest.mark.parametrize(
    ("label", "kind"), [("Equinox.LSTMCell", LSTMCell), ("Equinox.GRUCell", ResetAfterGRUCell)]
)
def test_every_wrong_array_of_equinox_is_named(label, kind):
    arrays = arrays_of(label)
    fields = ("weight_ih", "weight_hh", "bias", "bias_n")
    weights = {name: arrays[name] for name in fields if name in arrays}
    for name, array in weights.items():
        rest = {other: value for other, value in weights.items() if other != name}
        if name != "bias" or kind is ResetAfterGRUCell:
            with refused(ValueError, f"source: expected {', '.join(weights)}, got"):
                from_equinox(rest, kind)
        with refused(ValueError, f"{name}: expected shape "):
            from_equinox({**weights, name: array[:-1]}, kind)
    with refused(ValueError, f"source: expected {', '.join(weights)}, got"):
        from_equinox({**weights, "bias_m": np.ones(3)}, kind)
    with refused(TypeError, "kind: expected "):
        from_equinox(module(label), SimpleCell)


@pytest.mark.parametrize("framework", ["Flax", "Equinox"])
def test_a_readout_without_bias(framework):
    layers = module(f"{framework}.deep")
    layers[2].bias = None
    network = READ[framework](layers)
    assert network.b.shape == (2,)
    assert not network.b.any()


@pytest.mark.parametrize("framework", ["Flax", "Equinox"])
def test_a_wrong_readout_is_named(framework):
    layers = module(f"{framework}.deep")
    name = "kernel" if framework == "Flax" else "weight"
    setattr(layers[2], name, np.ones((5, 5)))
    with refused(ValueError, f"{name}: expected shape "):
        READ[framework](layers)


def test_a_list_of_modules_of_pytorch():
    """Two modules of two layers each, and an nn.Linear: one stack of four, and a readout."""
    low, top = deep(LSTMCell), Stack([LSTMCell.generic(3, 3, k) for k in (2, 3)])
    linear = {"weight": np.ones((2, 3)), "bias": np.arange(2.0)}

    def layer(name, arrays):
        return type(name, (), {"state_dict": lambda self: arrays})()

    modules = [layer("LSTM", to_torch(low)), layer("LSTM", to_torch(top)), layer("Linear", linear)]
    network = from_torch(modules)
    equal(network, Readout(Stack([*low.cells, *top.cells]), linear["weight"], linear["bias"]))


def test_numbers_that_are_not_finite_are_named():
    for index, name in enumerate(["kernel", "recurrent_kernel", "bias"]):
        arrays = to_keras(LSTMCell.generic(2, 3, 0))
        arrays[index].flat[3] = np.nan
        with refused(ValueError, f"{name}: expected finite numbers, got nan at index"):
            from_keras(arrays, LSTMCell)


NODE = to_onnx(GRUCell.generic(2, 3, 0))
RIGHT = {
    from_keras: dict(source=to_keras(LSTMCell.generic(2, 3, 0)), kind=LSTMCell),
    to_keras: dict(network=LSTMCell.generic(2, 3, 0)),
    from_torch: dict(source=to_torch(LSTMCell.generic(2, 3, 0)), kind=LSTMCell),
    to_torch: dict(network=on_top(LSTMCell.generic(2, 3, 0)), readout="fc."),
    from_onnx: NODE,
    to_onnx: dict(network=LSTMCell.generic(2, 3, 0)),
    from_flax: dict(
        source={n: a for n, a in arrays_of("linen.GRUCell").items() if n[-4:] in ("rnel", "bias")},
        kind=ResetAfterGRUCell,
    ),
    from_equinox: dict(
        source={
            name: arrays_of("Equinox.LSTMCell")[name] for name in ("weight_ih", "weight_hh", "bias")
        },
        kind=LSTMCell,
    ),
    orders.pack: dict(weights={"b_i": np.ones(3), "b_f": np.ones(3)}, prefix="b_", order="if"),
    orders.unpack: dict(packed=np.ones((6, 2)), prefix="W_x", order="if"),
}
NOTHING = [None, 5, "words", np.ones(3), [1.0], {}, object(), len, float("nan"), True]
# Values that a parameter may have, though they stand above.
# Values that a parameter may have, though they stand above; any may be left at its default.
ALLOWED = {
    "readout": ["words"],
    "prefix": ["words"],
    "order": ["words"],
    "activation_alpha": NOTHING,  # no function of the node takes one
    "activation_beta": NOTHING,
    "layout": [True],
    "linear_before_reset": [True],
    "bias": [True],
    "cell_module": [True],
}


@pytest.mark.parametrize(
    ("function", "parameter"),
    [(f, p) for f in RIGHT for p in inspect.signature(f).parameters],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_bad_input_is_named(function, parameter):
    function(**RIGHT[function])
    default = inspect.signature(function).parameters[parameter].default
    allowed = [default, *ALLOWED.get(parameter, [])]
    for bad in NOTHING:
        if any(bad is value for value in allowed):
            continue
        with pytest.raises((TypeError, ValueError), match=rf"\b{parameter}\b"):
            function(**{**RIGHT[function], parameter: bad})


def test_orders():
    weights = {f"W_x{layer}": np.full((2, 1), k) for k, layer in enumerate("ifog")}
    packed = orders.pack(weights, "W_x", "gofi")
    assert packed.ravel().tolist() == [3, 3, 2, 2, 1, 1, 0, 0]
    back = orders.unpack(packed, "W_x", "gofi")
    for name, weight in weights.items():
        np.testing.assert_array_equal(back[name], weight)
    with pytest.raises(ValueError, match="order: expected every layer once, got 'ifif'"):
        orders.pack(weights, "W_x", "ifif")
    for framework, kinds in orders.ORDERS.items():
        for kind, order in kinds.items():
            assert sorted(order) == sorted(getattr(kind, "layers", "")), (framework, kind)
