"""Networks from Equinox.

Equinox holds weight_ih (layers * units, inputs), weight_hh
(layers * units, units) and bias (layers * units,) of a cell. Its GRU has a
second bias, bias_n (units,), for the main layer alone, the only one in
which the two are not just added.
"""

from typing import Any

import numpy as np

from lib import checks
from lib.cells import Cell, LSTMCell, Readout, ResetAfterGRUCell
from lib.checks import Mapping
from lib.conventions import _shared as shared

KINDS = {"LSTMCell": LSTMCell, "GRUCell": ResetAfterGRUCell}


def from_equinox(source: Any, kind: Any = None) -> Cell:
    """The network that computes what modules of Equinox compute, step by
    step.

    source  an `equinox.nn.LSTMCell` or `GRUCell`; or a list of such cells,
            the lowest first, with perhaps an `equinox.nn.Linear` on top,
            which becomes a `Readout`. Or the arrays of a cell by name: a
            mapping with weight_ih, weight_hh, bias, and bias_n for a GRU
    kind    beside a mapping, the class of cells that it is for

    A cell without biases has biases of zero here.

    returns  a cell, a `Stack` or a `Readout`

    Raises ValueError where an array is missing, unknown or has the wrong
    shape; TypeError where Equinox has no such cell or `source` is none.

    Explained in: conv-equinox
    """
    if isinstance(source, Mapping):
        return _cell(source, kind)
    modules = [*source] if isinstance(source, list | tuple) else [source]
    top = None
    if modules and shared.class_name(modules[-1]) == "Linear":
        top = modules.pop()
    network = shared.network([_module(module) for module in modules])
    if top is not None:
        W = checks.array(
            "weight", top.weight, ("outputs", network.output_size)
        )
        b = np.zeros(len(W), W.dtype) if top.bias is None else top.bias
        network = Readout(network, W, b)
    return shared.agree(network, kind)


def _module(module):
    name = shared.class_name(module)
    if name not in KINDS or not hasattr(module, "weight_ih"):
        raise TypeError(
            "source: expected an equinox.nn.LSTMCell or GRUCell, a list of"
            " those with perhaps an equinox.nn.Linear on top, or a mapping"
            f" of names to arrays, got {name}"
        )
    fields = ("weight_ih", "weight_hh", "bias", "bias_n")
    arrays = {field: getattr(module, field, None) for field in fields}
    return _cell(arrays, KINDS[name])


def _cell(arrays, kind):
    order = shared.order("Equinox", kind)
    gru = kind is ResetAfterGRUCell
    names = ["weight_ih", "weight_hh", "bias"] + ["bias_n"] * gru
    arrays = {n: a for n, a in arrays.items() if a is not None}
    if set(names[2:]).isdisjoint(arrays):
        names = names[:2]
    if set(arrays) != set(names):
        raise ValueError(
            f"source: expected {', '.join(names)}, got"
            f" {', '.join(map(str, arrays))}"
        )
    units = shared.units(
        "weight_hh", arrays["weight_hh"], "layers * units", "units"
    )
    rows = len(order) * units
    shapes = {
        "weight_ih": (rows, "inputs"),
        "weight_hh": (rows, units),
        "bias": (rows,),
        "bias_n": (units,),
    }
    W_x, W_h, *biases = (
        checks.array(name, arrays[name], shapes[name]) for name in names
    )
    if gru and biases:
        gates = np.zeros(2 * units, W_h.dtype)
        biases[1] = np.concatenate([gates, biases[1]])
    return shared.unpacked(kind, order, W_x, W_h, biases)
