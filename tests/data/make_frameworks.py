"""Write frameworks.npz: what other frameworks compute for random weights, in float64.

    python -m venv other && other/bin/pip install torch==2.13.0 flax==0.12.8 equinox==0.13.8 \\
        onnx==1.23.2 onnxruntime==1.32.0
    other/bin/python tests/data/make_frameworks.py

The frameworks are too large to be requirements of the book, so they ran once, in an environment of
their own. Every array is named `<framework>.<label>/<name of the array in that framework>`. The
file holds all `numbers` in one array and a `table` in JSON, {name: [dtype, shape]} in the order of
the numbers, {name: text} for texts; `tests/frameworks.py` reads it. Beside the weights stand

    inputs       (steps, inputs)
    outputs      (steps, units)
    state[k]     the last states, in that framework's order
    module       the module itself as a text in JSON: its class and those of its attributes that a
                 converter may ask for; {"array": name} for an array, {"function": name, "home":
                 module} for a function. An ONNX node: its attributes

`<framework>.fresh` holds the weights of a new LSTM, `<framework>.padded` what came out for two
sequences of which the second ends early. Nothing here knows `lib`.
"""

import inspect
import json
from pathlib import Path

import equinox
import flax
import jax
import numpy as np
import onnx
import onnxruntime
import torch
from flax import linen, nnx
from onnx.reference import ReferenceEvaluator
from torch.nn.utils import rnn

STEPS, INPUTS, UNITS = 5, 2, 3
ATTRIBUTES = """
    proj_size nonlinearity batch_first state_dict
    cell forward_rnn backward_rnn reverse time_major merge_fn
    hidden_features activation_fn gate_fn residual
    dense_i dense_h ii if_ ig io hi hf hg ho kernel
    hidden_size weight_ih weight_hh weight bias bias_n
""".split()

jax.config.update("jax_enable_x64", True)
rng = np.random.default_rng(2024)
frameworks = (torch, flax, equinox, onnx, onnxruntime, jax, np)
found = {"versions": np.array([f"{m.__name__} {m.__version__}" for m in frameworks])}


def drawn(shape):
    """Normal numbers of few digits, so that the file stays small."""
    return np.round(256 * rng.normal(size=shape)) / 256


def keep(label, **arrays):
    found.update({f"{label}/{name}": np.asarray(array) for name, array in arrays.items()})


def described(label, value, path=""):
    """A module as JSON holds it; its arrays are kept under their paths."""
    if isinstance(value, bool | int | float | str | None):
        return value
    if hasattr(value, "__name__"):
        return {"function": value.__name__, "home": value.__module__}
    if isinstance(value, list):
        return [described(label, v, f"{path}[{k}]") for k, v in enumerate(value)]
    if isinstance(value, jax.Array | nnx.Param):
        keep(label, **{path: value})
        return {"array": path}
    attributes = {}
    for name in ATTRIBUTES:
        inner = f"{path}.{name}".strip(".")
        if name == "state_dict" and hasattr(value, name):
            arrays = {key: tensor.numpy() for key, tensor in value.state_dict().items()}
            keep(label, **{f"{path}{'.' if path else ''}{key}": a for key, a in arrays.items()})
            return {"class": type(value).__name__, **attributes, "state_dict": [*arrays]}
        if hasattr(value, name):
            attributes[name] = described(label, getattr(value, name), inner)
    return {"class": type(value).__name__, **attributes}


def keep_module(label, module):
    keep(label, module=json.dumps(described(label, module)))


def run_torch(label, module, step_by_step=False):
    module = module.double()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.tensor(drawn(tuple(parameter.shape))))
    inputs = drawn((STEPS, INPUTS))
    with torch.no_grad():
        if step_by_step:
            outputs, states = [], None
            for x in torch.tensor(inputs):
                states = module(x, states)
                outputs.append(states[0] if isinstance(states, tuple) else states)
            outputs = torch.stack(outputs)
        else:
            outputs, states = module(torch.tensor(inputs))
    states = states if isinstance(states, tuple) else [states]
    keep(label, inputs=inputs, outputs=outputs)
    keep(label, **{f"state[{k}]": state for k, state in enumerate(states)})
    keep_module(label, module)


class Tagger(torch.nn.Module):
    """A user's own network: a recurrent module and a fully connected layer on top."""

    def __init__(self):
        super().__init__()
        self.rnn = torch.nn.GRU(INPUTS, UNITS, num_layers=2)
        self.fc = torch.nn.Linear(UNITS, 2)

    def forward(self, x):
        h, states = self.rnn(x)
        return self.fc(h), states


def run_steps(label, modules, starts, call=lambda cell, carry, x: cell(carry, x)):
    """JAX cells on top of each other, step by step; `call` gives (carry, output)."""
    inputs, outputs = drawn((STEPS, INPUTS)), []
    carries = list(starts)
    for x in inputs:
        for k, cell in enumerate(modules[: len(starts)]):
            carries[k], x = call(cell, carries[k], x)
        outputs.append(modules[-1](x) if len(modules) > len(starts) else x)
    last = carries[-1] if isinstance(carries[-1], tuple) else [carries[-1]]
    keep(label, inputs=inputs, outputs=np.stack(outputs))
    keep(label, **{f"state[{k}]": s for k, s in enumerate(last)})


def redrawn(module):
    """The nnx module with all parameters drawn from a normal distribution."""
    parameters = nnx.state(module, nnx.Param)
    nnx.update(module, jax.tree.map(lambda p: drawn(p.shape), parameters))
    return module


def nnx_cell(name, inputs=INPUTS, units=UNITS, **options):
    options |= dict(param_dtype=np.float64, rngs=nnx.Rngs(0))
    return redrawn(getattr(nnx, name)(inputs, units, **options))


def start(cell, units=UNITS):
    zero = np.zeros(units)
    return (zero, zero) if "LSTM" in type(cell).__name__ else zero


def run_flax(label, *modules):
    run_steps(label, modules, [start(m) for m in modules if "Cell" in type(m).__name__])
    keep_module(label, modules[0] if len(modules) == 1 else list(modules))


def run_linen(name):
    cell = getattr(linen, name)(UNITS, param_dtype=np.float64)
    zero = start(cell)
    parameters = cell.init(jax.random.key(0), zero, np.zeros(INPUTS))
    parameters = jax.tree.map(lambda p: drawn(p.shape), parameters)
    run_steps(f"linen.{name}", [cell], [zero], lambda c, carry, x: c.apply(parameters, carry, x))
    for part, arrays in parameters["params"].items():
        keep(f"linen.{name}", **{f"{part}.{key}": array for key, array in arrays.items()})


def run_flax_both(label):
    halves = [nnx.RNN(nnx_cell(name)) for name in ("GRUCell", "OptimizedLSTMCell")]
    layer = nnx.Bidirectional(*halves)
    inputs = drawn((STEPS, INPUTS))
    keep(label, inputs=inputs, outputs=layer(inputs[None])[0])
    keep_module(label, layer)


def run_equinox(label, *modules):
    def redrawn(module):
        parts, rest = equinox.partition(module, equinox.is_array)
        parts = jax.tree.map(lambda a: jax.numpy.array(drawn(a.shape)), parts)
        return equinox.combine(parts, rest)

    def call(cell, carry, x):
        carry = cell(x, carry)
        return carry, carry[0] if isinstance(carry, tuple) else carry

    modules = [redrawn(module) for module in modules]
    run_steps(label, modules, [start(m) for m in modules if "Cell" in type(m).__name__], call)
    keep_module(label, modules[0] if len(modules) == 1 else modules)


def onnx_model(name, arrays, results, double=True, **attributes):
    """A model of one node. `arrays` are its inputs by name, in their order; an empty name leaves
    one out."""
    node = onnx.helper.make_node(name, [*arrays], results, hidden_size=UNITS, **attributes)
    kinds = {True: onnx.TensorProto.DOUBLE, False: onnx.TensorProto.FLOAT}

    def declared(shapes):
        make = onnx.helper.make_tensor_value_info
        return [
            make(n, onnx.TensorProto.INT32 if n == "lengths" else kinds[double], [None] * axes)
            for n, axes in shapes.items()
            if n.strip()
        ]

    axes = {n: np.ndim(a) for n, a in arrays.items()}
    outputs = {n: 4 if n == "Y" else 3 for n in results}
    graph = onnx.helper.make_graph([node], name, declared(axes), declared(outputs))
    opsets = [onnx.helper.make_opsetid("", 22)]
    model = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=10)
    onnx.checker.check_model(model)
    return model


def run_onnx(label, name, layers, leave_out=(), runtime=False, **attributes):
    """One node in float64; with `runtime`, by onnxruntime in float32: it has more activations."""
    ways = 2 if attributes.get("direction") == "bidirectional" else 1
    weights = {
        "W": drawn((ways, layers * UNITS, INPUTS)),
        "R": drawn((ways, layers * UNITS, UNITS)),
        "B": drawn((ways, 2 * layers * UNITS)),
        "P": drawn((ways, 3 * UNITS)),
    }
    weights = {key: a for key, a in weights.items() if key not in leave_out}
    inputs = drawn((STEPS, INPUTS))
    if runtime:
        inputs = inputs.astype(np.float32)
        weights = {key: a.astype(np.float32) for key, a in weights.items()}
    slots = ["X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"]
    arrays = {"X": inputs[:, None], **weights}
    last = max(k for k, slot in enumerate(slots) if slot in arrays)
    # A node's inputs have places: what is left out before the last one is an empty name.
    given = [slot if slot in arrays else "" for slot in slots[: last + 1]]
    results = ["Y", "Y_h", "Y_c"] if name == "LSTM" else ["Y", "Y_h"]
    model = onnx_model(name, arrays, results, not runtime, **attributes)
    del model.graph.node[0].input[:]
    model.graph.node[0].input.extend(given)
    if runtime:
        session = onnxruntime.InferenceSession(model.SerializeToString())
        Y, *states = session.run(None, arrays)
    else:
        Y, *states = ReferenceEvaluator(model).run(None, arrays)
    node = model.graph.node[0]
    read = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    text = json.dumps(read, default=lambda value: value.decode())
    keep(label, inputs=inputs, outputs=Y[:, :, 0].reshape(STEPS, -1), **weights)
    keep(label, **{f"state[{k}]": s[:, 0] for k, s in enumerate(states)})
    keep(label, module=text, op_type=name)


for kind in ("RNN", "LSTM", "GRU"):
    run_torch(f"PyTorch.{kind}", getattr(torch.nn, kind)(INPUTS, UNITS))
    deep = dict(num_layers=2, bidirectional=True)
    run_torch(f"PyTorch.deep {kind}", getattr(torch.nn, kind)(INPUTS, UNITS, **deep))
    cell = getattr(torch.nn, f"{kind}Cell")
    run_torch(f"PyTorch.{kind}Cell", cell(INPUTS, UNITS), step_by_step=True)
relu = dict(nonlinearity="relu", bias=False)
run_torch("PyTorch.relu", torch.nn.RNN(INPUTS, UNITS, **relu))
run_torch("PyTorch.relu cell", torch.nn.RNNCell(INPUTS, UNITS, **relu), step_by_step=True)
run_torch("PyTorch.no bias", torch.nn.GRU(INPUTS, UNITS, num_layers=2, bias=False))
run_torch("PyTorch.tagger", Tagger())

# Beside its parameters, a simple cell of Flax has a type that it computes in, float32.
double = dict(dtype=np.float64)
run_flax("Flax.SimpleCell", nnx_cell("SimpleCell", **double))
run_flax("Flax.relu", nnx_cell("SimpleCell", activation_fn=nnx.relu, **double))
run_linen("SimpleCell")
for kind in ("LSTMCell", "OptimizedLSTMCell", "GRUCell"):
    run_flax(f"Flax.{kind}", nnx_cell(kind))
    run_linen(kind)
linear = redrawn(nnx.Linear(UNITS, 2, param_dtype=np.float64, rngs=nnx.Rngs(0)))
run_flax("Flax.deep", nnx_cell("LSTMCell"), nnx_cell("GRUCell", inputs=UNITS), linear)
run_flax_both("Flax.both")

key = jax.random.key(0)
for kind in (equinox.nn.LSTMCell, equinox.nn.GRUCell):
    run_equinox(f"Equinox.{kind.__name__}", kind(INPUTS, UNITS, key=key))
    run_equinox(f"Equinox.{kind.__name__}, no bias", kind(INPUTS, UNITS, use_bias=False, key=key))
run_equinox(
    "Equinox.deep",
    equinox.nn.LSTMCell(INPUTS, UNITS, key=key),
    equinox.nn.GRUCell(UNITS, UNITS, key=key),
    equinox.nn.Linear(UNITS, 2, key=key),
)

both = dict(direction="bidirectional")
run_onnx("ONNX.RNN", "RNN", 1, leave_out="P")
run_onnx("ONNX.LSTM", "LSTM", 4, leave_out="P")
run_onnx("ONNX.no bias", "LSTM", 4, leave_out="BP")
run_onnx("ONNX.peepholes", "LSTM", 4)
run_onnx("ONNX.GRU", "GRU", 3, leave_out="P")
run_onnx("ONNX.reset after", "GRU", 3, leave_out="P", linear_before_reset=1)
run_onnx("ONNX.both RNN", "RNN", 1, leave_out="P", activations=["Tanh", "Tanh"], **both)
run_onnx("ONNX.both LSTM", "LSTM", 4, **both)
run_onnx("ONNX.both GRU", "GRU", 3, leave_out="P", linear_before_reset=1, **both)
affine = dict(activations=["Affine"], activation_alpha=[1.0], activation_beta=[0.0])
run_onnx("ONNX.affine", "RNN", 1, leave_out="P", **affine)
run_onnx("ONNX.relu", "RNN", 1, leave_out="P", runtime=True, activations=["Relu"])

# How a new layer starts. PyTorch and Equinox pack i, f, g, o.
SIZE = 6
new = torch.nn.LSTM(INPUTS, SIZE, dtype=torch.float64).state_dict()
keep("PyTorch.fresh", **{name: array.numpy() for name, array in new.items()})
new = nnx.LSTMCell(INPUTS, SIZE, rngs=nnx.Rngs(1), param_dtype=np.float64)
W_x = np.concatenate([part.kernel[...].T for part in (new.ii, new.if_, new.ig, new.io)])
W_h = np.stack([part.kernel[...].T for part in (new.hi, new.hf, new.hg, new.ho)])
keep("Flax.fresh", W_x=W_x, W_h=W_h, b_f=new.hf.bias[...])
new = equinox.nn.LSTMCell(INPUTS, SIZE, key=jax.random.key(1))
keep("Equinox.fresh", weight_ih=new.weight_ih, weight_hh=new.weight_hh, bias=new.bias)

# Two sequences of which the second has two steps, read by a GRU in both directions.
lengths, inputs = np.array([5, 2], np.int32), drawn((2, 5, INPUTS))
layer = torch.nn.GRU(INPUTS, 2, bidirectional=True, batch_first=True, dtype=torch.float64)
with torch.no_grad():
    packed = rnn.pack_padded_sequence(torch.tensor(inputs), torch.tensor(lengths), batch_first=True)
    outputs, states = layer(packed)
    outputs, _ = rnn.pad_packed_sequence(outputs, batch_first=True)
keep("PyTorch.padded", inputs=inputs, lengths=lengths, outputs=outputs, states=states)
side = inspect.signature(rnn.pad_sequence).parameters["padding_side"].default
keep("PyTorch.padded", side=side)
keep_module("PyTorch.padded", layer)
halves = [nnx.RNN(nnx_cell("GRUCell", units=2)) for _ in range(2)]
layer = nnx.Bidirectional(*halves, return_carry=True)
states, outputs = layer(inputs, seq_lengths=lengths)
keep("Flax.padded", inputs=inputs, lengths=lengths, outputs=outputs, states=np.stack(states))
keep_module("Flax.padded", layer)
UNITS = 2
small = {"X": inputs.transpose(1, 0, 2), "W": drawn((2, 6, INPUTS))}
small |= {"R": drawn((2, 6, 2)), "B": drawn((2, 12))}
small = {name: array.astype(np.float32) for name, array in small.items()} | {"lengths": lengths}
model = onnx_model("GRU", small, ["Y", "Y_h"], double=False, **both)
Y, states = onnxruntime.InferenceSession(model.SerializeToString()).run(None, small)
outputs = Y.transpose(2, 0, 1, 3).reshape(2, 5, 4)
keep("ONNX.padded", inputs=small["X"].transpose(1, 0, 2), lengths=lengths, outputs=outputs)
keep("ONNX.padded", states=states, W=small["W"], R=small["R"], B=small["B"])

# One array for all numbers: hundreds of small ones would be four times as large.
numbers = {name: array for name, array in found.items() if array.dtype.kind != "U"}
table = {name: [str(array.dtype), array.shape] for name, array in numbers.items()}
table |= {name: array.tolist() for name, array in found.items() if name not in numbers}
np.savez_compressed(
    Path(__file__).with_name("frameworks.npz"),
    numbers=np.concatenate([array.astype(float).ravel() for array in numbers.values()]),
    table=json.dumps(table),
)
