"""Networks from Flax.

Flax' matrices are the transposes of ours. It packs the layers of some cells
side by side, in one kernel (inputs, layers * units) named dense_i and one
(units, layers * units) named dense_h; of others it keeps them apart, under
names such as ii, if_ and hf. A bias stands beside one of the two kernels.
"""

from typing import Any

import numpy as np

from lib import checks
from lib.cells import (
    Bidirectional,
    Cell,
    LSTMCell,
    Readout,
    ResetAfterGRUCell,
    SimpleCell,
)
from lib.cells.activations import identity, relu, sigmoid, tanh
from lib.checks import Mapping
from lib.conventions import _shared as shared

KINDS = {
    "SimpleCell": SimpleCell,
    "LSTMCell": LSTMCell,
    "OptimizedLSTMCell": LSTMCell,
    "GRUCell": ResetAfterGRUCell,
}
ACTIVATIONS = {
    "tanh": tanh,
    "relu": relu,
    "sigmoid": sigmoid,
    "identity": identity,
}
USUAL = dict(activation_fn="tanh", gate_fn="sigmoid", residual=False)
# The parts of a cell, first those that read the input, then those that read
# the state; a star where a bias stands beside the kernel.
FORMS = {
    SimpleCell: ["dense_i* dense_h", "i* h"],
    LSTMCell: [
        "dense_i dense_h*",
        "ii if_ ig io hi* hf* hg* ho*",
        "ii if ig io hi* hf* hg* ho*",
    ],
    ResetAfterGRUCell: ["dense_i* dense_h", "ir* iz* in* hr hz hn*"],
}


def from_flax(
    source: Any,
    kind: Any = None,
    *,
    activation_fn: str = "tanh",
    gate_fn: str = "sigmoid",
    residual: bool = False,
) -> Cell:
    """The network that computes what modules of Flax compute.

    source  an `nnx.SimpleCell`, `nnx.LSTMCell`, `nnx.OptimizedLSTMCell` or
            `nnx.GRUCell`, an `nnx.RNN` or `nnx.Bidirectional` of those; or
            a list of such modules, the lowest first, with perhaps an
            `nnx.Linear` on top, which becomes a `Readout`. Or the
            parameters of a cell, of `nnx` or `linen`, by name: a nested
            mapping, or one with names such as "hi.kernel"
    kind    beside a mapping, the class of cells that it is for

    A module brings its settings along. Beside a mapping they are given, as
    the names of the functions, and are else Flax' own.

    returns  a cell, a `Bidirectional`, a `Stack` or a `Readout`

    Raises ValueError where a setting is one that the cell cannot represent
    (activation_fn, gate_fn, residual, reverse, merge_fn) or an array is
    missing, unknown or has the wrong shape; TypeError where Flax has no
    such cell or `source` is none. Each names the setting or the array.

    Explained in: conv-flax
    """
    settings = dict(
        activation_fn=activation_fn, gate_fn=gate_fn, residual=residual
    )
    if isinstance(source, Mapping):
        return _cell(_flat(source), kind, settings)
    shared.no_settings(settings, USUAL)
    modules = [*source] if isinstance(source, list | tuple) else [source]
    top = None
    if modules and shared.class_name(modules[-1]) == "Linear":
        top = modules.pop()
    network = shared.network([_module(module) for module in modules])
    if top is not None:
        shape = (network.output_size, "outputs")
        W = checks.array("kernel", top.kernel, shape).T
        b = np.zeros(len(W), W.dtype) if top.bias is None else top.bias
        network = Readout(network, W, b)
    return shared.agree(network, kind)


def _module(module):
    name = shared.class_name(module)
    if name == "RNN" and hasattr(module, "cell"):
        reason = "a cell has no direction; convert the cell of the RNN"
        shared.setting("reverse", module.reverse, [False], reason)
        return _module(module.cell)
    if name == "Bidirectional" and hasattr(module, "merge_fn"):
        merge_fn = shared.function_name(module.merge_fn)
        reason = "Bidirectional joins both outputs"
        shared.setting("merge_fn", merge_fn, ["_concatenate"], reason)
        halves = (module.forward_rnn, module.backward_rnn)
        return Bidirectional(*(_module(half.cell) for half in halves))
    if name not in KINDS or not hasattr(module, "hidden_features"):
        raise TypeError(
            f"source: expected an nnx.{', nnx.'.join(KINDS)}, an nnx.RNN or"
            " nnx.Bidirectional of those, a list of them with perhaps an"
            " nnx.Linear on top, or the parameters of a cell by name; got"
            f" {name}"
        )
    kind = KINDS[name]
    settings = {
        key: shared.function_name(getattr(module, key))
        for key in ("activation_fn", "gate_fn")
        if hasattr(module, key)
    }
    settings["residual"] = getattr(module, "residual", False)
    parts = {part for form in FORMS[kind] for part in _parts(form)}
    arrays = {
        f"{part}.{name}": getattr(getattr(module, part), name)
        for part in parts
        if hasattr(module, part)
        for name in ("kernel", "bias")
    }
    arrays = {name: a for name, a in arrays.items() if a is not None}
    return _cell(arrays, kind, settings)


def _cell(arrays, kind, settings):
    """One cell, from its parameters by names such as "hi.kernel"."""
    order = shared.order("Flax", kind)
    others = _checked(kind, settings)
    forms = {form: _names(form) for form in FORMS[kind]}
    form = next((f for f in forms if set(forms[f]) == set(arrays)), None)
    if form is None:
        expected = "; or ".join(
            ", ".join(names) for names in forms.values()
        )
        raise ValueError(
            f"source: expected the parameters {expected}; got"
            f" {', '.join(arrays) or 'none'}"
        )
    parts = _parts(form)
    half, layers = len(parts) // 2, len(order) or 1
    of_state = f"{parts[half]}.kernel"
    columns = "units" if half == layers else "layers * units"
    units = shared.units(of_state, arrays[of_state], "units", columns)
    columns = units * layers // half

    def stacked(parts, rows):
        """W and b of all layers, on top of each other."""
        W, b = [], []
        for part in parts:
            kernel = f"{part}.kernel"
            W.append(
                checks.array(kernel, arrays[kernel], (rows, columns)).T
            )
            bias = arrays.get(f"{part}.bias", np.zeros(columns, W[0].dtype))
            b.append(checks.array(f"{part}.bias", bias, (columns,)))
            rows = W[0].shape[1]
        return np.concatenate(W), np.concatenate(b)

    W_h, b_h = stacked(parts[half:], units)
    W_x, b_x = stacked(parts[:half], "inputs")
    return shared.unpacked(kind, order, W_x, W_h, [b_x, b_h], **others)


def _parts(form):
    return form.replace("*", "").split()


def _names(form):
    """The names of all parameters."""
    kernels = [f"{part}.kernel" for part in _parts(form)]
    biased = [part[:-1] for part in form.split() if part.endswith("*")]
    return kernels + [f"{part}.bias" for part in biased]


def _checked(kind, settings):
    """What the settings say beyond the weights: the f of a simple cell."""
    simple = kind is SimpleCell
    possible = {
        "activation_fn": list(ACTIVATIONS) if simple else ["tanh"],
        "gate_fn": ["sigmoid"],
        "residual": [False],
    }
    for name, found in settings.items():
        reason = f"{kind.__name__} computes no other"
        shared.setting(name, found, possible[name], reason)
    return {"f": ACTIVATIONS[settings["activation_fn"]]} if simple else {}


def _flat(parameters):
    """Nested mappings as one, with names joined by a full stop."""
    flat = {}
    for name, value in parameters.items():
        name = ".".join(map(str, name)) if isinstance(name, tuple) else name
        if isinstance(value, Mapping):
            inner = _flat(value)
            outer = "" if name == "params" else f"{name}."
            flat |= {outer + key: array for key, array in inner.items()}
        else:
            flat[str(name)] = value
    return flat
