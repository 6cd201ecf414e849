"""Write frameworks.npz: what other frameworks compute for random weights, in float64.

    python -m venv other && other/bin/pip install torch==2.13.0 flax==0.12.8 equinox==0.13.8 \\
        onnx==1.23.2
    other/bin/python tests/data/make_frameworks.py

The frameworks are too large to be requirements of the book, so they ran once, in an environment of
their own. Every array is named `<framework>.<layer>/<name of the array in that framework>`; beside
the weights stand `inputs` (steps, inputs), `outputs` (steps, units) and, for an LSTM, the last
`state[0]` and `state[1]` in that framework's order. `<framework>.fresh/forget_bias` is the bias of
the forget gate in a new LSTM, all of its biases added. Nothing here knows `lib`.
"""

from pathlib import Path

import equinox
import flax
import jax
import numpy as np
import onnx
import torch
from flax import nnx
from onnx.reference import ReferenceEvaluator

STEPS, INPUTS, UNITS = 6, 3, 4

jax.config.update("jax_enable_x64", True)
rng = np.random.default_rng(2024)
found = {
    "versions": np.array(
        [f"{m.__name__} {m.__version__}" for m in (torch, flax, equinox, onnx, jax, np)]
    )
}


def keep(layer, **arrays):
    found.update({f"{layer}/{name}": np.asarray(array) for name, array in arrays.items()})


def run_torch(name):
    layer = getattr(torch.nn, name)(INPUTS, UNITS, batch_first=True, dtype=torch.float64)
    weights = {key: rng.normal(size=tuple(v.shape)) for key, v in layer.state_dict().items()}
    layer.load_state_dict({key: torch.tensor(value) for key, value in weights.items()})
    inputs = rng.normal(size=(STEPS, INPUTS))
    with torch.no_grad():
        outputs, states = layer(torch.tensor(inputs))
    named = {f"state[{k}]": s[0] for k, s in enumerate(states)} if name == "LSTM" else {}
    keep(f"PyTorch.{name}", inputs=inputs, outputs=outputs, **named, **weights)


def run_carried(framework, name, step, carry, weights):
    """A JAX cell, step by step; `step(carry, x)` gives the new carry."""
    inputs, outputs = rng.normal(size=(STEPS, INPUTS)), []
    for x in inputs:
        carry, output = step(carry, x)
        outputs.append(output)
    named = {f"state[{k}]": s for k, s in enumerate(carry)} if name == "LSTM" else {}
    keep(f"{framework}.{name}", inputs=inputs, outputs=np.stack(outputs), **named, **weights)


def run_flax(name):
    kind = getattr(nnx, f"{name}Cell")
    cell = kind(INPUTS, UNITS, rngs=nnx.Rngs(0), param_dtype=np.float64)
    parameters = dict(nnx.to_flat_state(nnx.state(cell, nnx.Param)))
    weights = {}
    for path, parameter in parameters.items():
        value = rng.normal(size=parameter[...].shape)
        parameter[...] = value
        weights[".".join(path)] = value
    nnx.update(cell, nnx.from_flat_state(parameters))
    zero = np.zeros(UNITS)
    run_carried("Flax", name, cell, (zero, zero) if name == "LSTM" else zero, weights)


def run_equinox(name):
    cell = getattr(equinox.nn, f"{name}Cell")(INPUTS, UNITS, key=jax.random.key(0))
    fields = ["weight_ih", "weight_hh", "bias"] + (["bias_n"] if name == "GRU" else [])
    weights = {field: rng.normal(size=getattr(cell, field).shape) for field in fields}
    for field, value in weights.items():
        cell = equinox.tree_at(lambda c, field=field: getattr(c, field), cell, value)

    def step(carry, x):
        carry = cell(x, carry)
        return carry, carry[0] if name == "LSTM" else carry

    zero = np.zeros(UNITS)
    run_carried("Equinox", name, step, (zero, zero) if name == "LSTM" else zero, weights)


def run_onnx(label, name, layers, peepholes=False, **attributes):
    weights = {
        "W": rng.normal(size=(1, layers * UNITS, INPUTS)),
        "R": rng.normal(size=(1, layers * UNITS, UNITS)),
        "B": rng.normal(size=(1, 2 * layers * UNITS)),
    }
    arguments = ["X", "W", "R", "B"]
    if peepholes:
        weights["P"] = rng.normal(size=(1, 3 * UNITS))
        arguments += ["", "", "", "P"]
    results = ["Y", "Y_h", "Y_c"] if name == "LSTM" else ["Y", "Y_h"]
    node = onnx.helper.make_node(name, arguments, results, hidden_size=UNITS, **attributes)

    def declared(names):
        axes = {"B": 2, "P": 2, "Y": 4}
        return [
            onnx.helper.make_tensor_value_info(n, onnx.TensorProto.DOUBLE, [None] * axes.get(n, 3))
            for n in names
            if n
        ]

    graph = onnx.helper.make_graph([node], name, declared(arguments), declared(results))
    model = onnx.helper.make_model(graph)
    onnx.checker.check_model(model)
    inputs = rng.normal(size=(STEPS, INPUTS))
    Y, *states = ReferenceEvaluator(model).run(None, {"X": inputs[:, None], **weights})
    named = {f"state[{k}]": s[0, 0] for k, s in enumerate(states)} if name == "LSTM" else {}
    keep(f"ONNX.{label}", inputs=inputs, outputs=Y[:, 0, 0], **named, **weights)


for kind in ("LSTM", "GRU"):
    run_torch(kind)
    run_flax(kind)
    run_equinox(kind)
run_onnx("LSTM", "LSTM", 4)
run_onnx("PeepholeLSTM", "LSTM", 4, peepholes=True)
run_onnx("GRU", "GRU", 3)
run_onnx("ResetAfterGRU", "GRU", 3, linear_before_reset=1)

# The second quarter of an LSTM's packed bias is the forget gate's in PyTorch and Equinox.
second = slice(UNITS, 2 * UNITS)
new = torch.nn.LSTM(INPUTS, UNITS, dtype=torch.float64).state_dict()
keep("PyTorch.fresh", forget_bias=(new["bias_ih_l0"] + new["bias_hh_l0"])[second])
new = nnx.LSTMCell(INPUTS, UNITS, rngs=nnx.Rngs(1), param_dtype=np.float64)
keep("Flax.fresh", forget_bias=new.hf.bias[...])
new = equinox.nn.LSTMCell(INPUTS, UNITS, key=jax.random.key(1))
keep("Equinox.fresh", forget_bias=new.bias[second])

np.savez_compressed(Path(__file__).with_name("frameworks.npz"), **found)
