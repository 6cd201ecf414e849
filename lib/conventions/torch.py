"""Networks to and from PyTorch.

PyTorch holds weight_ih_l0 (layers * units, inputs), weight_hh_l0
(layers * units, units), bias_ih_l0 and bias_hh_l0 (layers * units,). The
upper layers of a deep network end in l1, l2 ..., the layers that read
backwards in l0_reverse, l1_reverse ...; in `nn.RNNCell`, `nn.LSTMCell` and
`nn.GRUCell` the names have no such end.

There is a bias with W_x and another with W_h everywhere. Where the
equations only ever add the two, a cell holds their sum.
"""

import re
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
    Stack,
)
from lib.cells.activations import relu, tanh
from lib.checks import Array, Mapping
from lib.conventions import _shared as shared

KINDS = {"RNN": SimpleCell, "LSTM": LSTMCell, "GRU": ResetAfterGRUCell}
ACTIVATIONS = {"tanh": tanh, "relu": relu}
USUAL = dict(prefix="", readout=None, nonlinearity="tanh")
PARTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def from_torch(
    source: Any,
    kind: Any = None,
    *,
    prefix: str = "",
    readout: str | None = None,
    nonlinearity: str = "tanh",
) -> Cell:
    """The network that computes what a PyTorch module computes.

    source   an `nn.RNN`, `nn.LSTM` or `nn.GRU` with any number of layers in
             one or both directions; an `nn.RNNCell`, `nn.LSTMCell` or
             `nn.GRUCell`; or a list of such modules, the lowest first, with
             perhaps an `nn.Linear` on top, which becomes a `Readout`. Or a
             mapping of names to tensors or arrays: a module's
             `state_dict()`, `dict(module.named_parameters())`, what
             `torch.load` gives
    kind     beside a mapping, the class of cells that it is for

    A module brings its settings along; beside a mapping they are given:

    prefix        what stands before the names, "rnn." where the recurrent
                  module is `self.rnn` of a larger one
    readout       what stands before weight and bias of the `nn.Linear` on
                  top, such as "fc."; None where there is none
    nonlinearity  that of an `nn.RNN`, "tanh" or "relu"

    Dropout plays no part in what a trained network computes, and whether
    the batch is the first axis none in its weights. A module without biases
    has biases of zero here.

    returns  a cell, a `Bidirectional`, a `Stack` of either, or a `Readout`

    Raises ValueError where an array is missing, unknown or has the wrong
    shape, or a setting is one that the cell cannot represent (nonlinearity,
    proj_size); TypeError where PyTorch has no such layer or `source` is
    none. Each names the setting or the array.

    Explained in: conv-torch
    """
    if readout is not None:
        shared.text("readout", readout)
    if isinstance(source, Mapping):
        cells = _layers(source, kind, prefix, nonlinearity)
        top = None if readout is None else source
        return _network(cells, top, readout)
    given = dict(prefix=prefix, readout=readout, nonlinearity=nonlinearity)
    shared.no_settings(given, USUAL)
    modules = [*source] if isinstance(source, list | tuple) else [source]
    top = None
    if modules and shared.class_name(modules[-1]) == "Linear":
        top = modules.pop().state_dict()
    cells = [cell for module in modules for cell in _module(module)]
    return shared.agree(_network(cells, top), kind)


def to_torch(
    network: Cell,
    *,
    prefix: str = "",
    readout: str | None = None,
    bias: bool = True,
    cell_module: bool = False,
) -> dict[str, Array]:
    """The arrays of a network by their names in PyTorch:

        state = {n: torch.from_numpy(a) for n, a in arrays.items()}
        module.load_state_dict(state)

    for the module that computes the same.

        SimpleCell         nn.RNN(inputs, units, nonlinearity=...), as its f
        LSTMCell           nn.LSTM(inputs, units)
        ResetAfterGRUCell  nn.GRU(inputs, units)
        Bidirectional      the same with bidirectional=True
        Stack              the same with num_layers=...: cells of one kind
                           and size, all in one direction or all in both
        Readout            a module of your own that holds one of these and
                           an nn.Linear(units, outputs), and applies f

    Where a cell holds one bias per layer, it becomes bias_ih, and bias_hh
    is zero. The numbers have the type of the network's weights, which the
    module converts to its own.

    prefix       what stands before the names of the recurrent module
    readout      what stands before weight and bias of the nn.Linear
    bias         False for modules made with bias=False
    cell_module  True for the names in nn.RNNCell, nn.LSTMCell, nn.GRUCell

    Raises TypeError where PyTorch has no such layer, ValueError where
    biases that are not zero would be left out, the layers of a stack
    differ, or a readout has no name.

    Explained in: conv-torch
    """
    if isinstance(network, Readout):
        if readout is None:
            raise ValueError(
                "readout: expected what stands before weight and bias of"
                " the nn.Linear, such as 'fc.', got None"
            )
        shared.text("readout", readout)
        inner = to_torch(
            network.cell,
            prefix=prefix,
            bias=bias,
            cell_module=cell_module,
        )
        return inner | {
            f"{readout}weight": np.array(network.W),
            f"{readout}bias": np.array(network.b),
        }
    if readout is not None:
        raise ValueError(
            f"readout: expected None for a network without a Readout, got"
            f" {readout!r}"
        )
    shared.text("prefix", prefix)
    layers = network.cells if isinstance(network, Stack) else [network]
    cells = {}
    for k, layer in enumerate(layers):
        end = f"_l{k}"
        if isinstance(layer, Bidirectional):
            cells[end] = layer.forward
            cells[f"{end}_reverse"] = layer.backward
        else:
            cells[end] = layer
    for cell in cells.values():
        shared.order("PyTorch", type(cell), "network")
    _check_alike(layers, cells.values())
    if checks.flag("cell_module", cell_module):
        if len(cells) > 1:
            raise ValueError(
                "cell_module: expected False for a network of more than"
                " one cell, got True"
            )
        cells = {"": network}
    arrays: dict[str, Array] = {}
    for end, cell in cells.items():
        arrays |= _to_arrays(cell, prefix, end, bias)
    return arrays


def _module(module):
    """The cells of one module, the lowest first."""
    name = shared.class_name(module)
    kind = KINDS.get(name.removesuffix("Cell"))
    if kind is None or not hasattr(module, "state_dict"):
        raise TypeError(
            f"source: expected nn.{', nn.'.join(KINDS)}, one of their cell"
            " classes, a list of those with perhaps an nn.Linear on top, or"
            f" a state_dict with its prefix and kind; got {name}"
        )
    shared.setting(
        "proj_size",
        getattr(module, "proj_size", 0),
        [0],
        f"{kind.__name__} has no projection",
    )
    f = module.nonlinearity if kind is SimpleCell else "tanh"
    return _layers(module.state_dict(), kind, "", f)


def _layers(arrays, kind, prefix, nonlinearity):
    """The cells in a mapping of names to arrays, the lowest first."""
    order, simple = shared.order("PyTorch", kind), kind is SimpleCell
    shared.setting(
        "nonlinearity",
        nonlinearity,
        list(ACTIVATIONS) if simple else ["tanh"],
        f"{kind.__name__} computes no other in PyTorch",
    )
    others = {"f": ACTIVATIONS[nonlinearity]} if simple else {}
    names = _names(arrays, prefix)

    def cell(end):
        own = names.get(end, {})
        biases = PARTS[2:] if own.keys() & PARTS[2:] else ()
        for part in (*PARTS[:2], *biases):
            if part not in own:
                raise ValueError(
                    f"source: expected {prefix}{part}{end}, got no such"
                    f" array{_hint(arrays, prefix, part, end)}"
                )
        if "weight_hr" in own:
            raise ValueError(
                f"source: expected no {own['weight_hr']}, which is that of"
                f" a projection (proj_size); {kind.__name__} has none"
            )
        found = {
            own[part]: _array(arrays[own[part]])
            for part in PARTS
            if part in own
        }
        return _cell(kind, order, found, others)

    count = len([end for end in names if not end.endswith("_reverse")])
    ends = (
        [""]
        if count == 1 and "" in names
        else [f"_l{k}" for k in range(max(count, 1))]
    )
    return [
        Bidirectional(cell(end), cell(f"{end}_reverse"))
        if f"{end}_reverse" in names
        else cell(end)
        for end in ends
    ]


def _names(arrays, prefix):
    """The names of the arrays of each cell: {"_l0": {"weight_ih":
    "rnn.weight_ih_l0", ...}, "_l0_reverse": ...}."""
    shared.text("prefix", prefix)
    pattern = re.compile(
        re.escape(prefix)
        + r"((?:weight|bias)_(?:ih|hh|hr))((?:_l\d+)?(?:_reverse)?)"
    )
    names = {}
    for name in arrays:
        if match := pattern.fullmatch(str(name)):
            names.setdefault(match[2], {})[match[1]] = name
    return names


def _hint(arrays, prefix, part, end):
    """Which prefix would have found what is missing."""
    for name in map(str, arrays):
        other = name.removesuffix(f"{part}{end}")
        if other not in (name, prefix):
            return f"; prefix={other!r} would read {name}"
    return ""


def _cell(kind, order, arrays, others):
    """One cell, from weight_ih, weight_hh and perhaps two biases by the
    names that they have."""
    of_input, of_state, *of_bias = arrays
    units = shared.units(
        of_state, arrays[of_state], "layers * units", "units"
    )
    rows = (len(order) or 1) * units
    W_x = checks.array(of_input, arrays[of_input], (rows, "inputs"))
    W_h = checks.array(of_state, arrays[of_state], (rows, units))
    biases = [checks.array(name, arrays[name], (rows,)) for name in of_bias]
    return shared.unpacked(kind, order, W_x, W_h, biases, **others)


def _network(cells, top, prefix=""):
    """The cells as one network, under an nn.Linear whose arrays are in
    `top`, if there is one."""
    network = shared.network(cells)
    if top is None:
        return network
    weight, bias = f"{prefix}weight", f"{prefix}bias"
    if weight not in top:
        raise ValueError(f"source: expected {weight}, got no such array")
    shape = ("outputs", network.output_size)
    W = checks.array(weight, _array(top[weight]), shape)
    b = np.zeros(len(W), W.dtype)
    if bias in top:
        b = checks.array(bias, _array(top[bias]), b.shape)
    return Readout(network, W, b)


def _array(value):
    """A tensor as NumPy can read it: without its gradient, in memory."""
    return value.detach().cpu() if hasattr(value, "detach") else value


def _check_alike(layers, cells):
    alike = {
        (type(cell), cell.output_size, getattr(cell, "f", None))
        for cell in cells
    }
    ways = {isinstance(layer, Bidirectional) for layer in layers}
    if len(alike) > 1 or len(ways) > 1:
        raise ValueError(
            "network: expected layers of one kind, size and activation, all"
            " in one direction or all in both, as PyTorch has them; got"
            f" {', '.join(shared.class_name(layer) for layer in layers)}"
        )


def _to_arrays(cell, prefix, end, bias):
    order = shared.order("PyTorch", type(cell), "network")
    if isinstance(cell, SimpleCell) and cell.f not in ACTIVATIONS.values():
        raise ValueError(
            "network: expected an f that PyTorch has, tanh or relu, got"
            f" {shared.function_name(cell.f)}"
        )
    W_x, W_h, biases = shared.packed(cell, order)
    arrays = [W_x, W_h]
    if checks.flag("bias", bias):
        arrays += [*biases, np.zeros_like(biases[0])][:2]
    else:
        shared.no_biases("bias", biases)
    names = [f"{prefix}{part}{end}" for part in PARTS]
    return dict(zip(names, arrays, strict=False))
