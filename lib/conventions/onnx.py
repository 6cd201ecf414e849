"""Networks to and from the nodes `RNN`, `LSTM` and `GRU` of ONNX.

A node takes its weights as inputs, each with a leading axis for the
directions: W (directions, layers * units, inputs), R (directions,
layers * units, units), B (directions, 2 * layers * units) with the biases
of W, then those of R, and P (directions, 3 * units) with the peepholes of
the input, output and forget gates. What else it computes is said by its
attributes.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lib import checks
from lib.cells import (
    Bidirectional,
    Cell,
    GRUCell,
    LSTMCell,
    PeepholeLSTMCell,
    ResetAfterGRUCell,
    SimpleCell,
    Stack,
)
from lib.cells.activations import identity, relu, sigmoid, tanh
from lib.checks import ArrayLike
from lib.conventions import _shared as shared
from lib.conventions import orders

OP_TYPES = {
    SimpleCell: "RNN",
    LSTMCell: "LSTM",
    PeepholeLSTMCell: "LSTM",
    GRUCell: "GRU",
    ResetAfterGRUCell: "GRU",
}
USUAL = {
    "RNN": ["Tanh"],
    "LSTM": ["Sigmoid", "Tanh", "Tanh"],
    "GRU": ["Sigmoid", "Tanh"],
}
ACTIVATIONS = {
    "tanh": tanh,
    "relu": relu,
    "sigmoid": sigmoid,
    "affine": identity,
}
NAMES = {tanh: "Tanh", relu: "Relu", sigmoid: "Sigmoid", identity: "Affine"}
DIRECTIONS = {"forward": 1, "bidirectional": 2}


def from_onnx(
    op_type: Any,
    W: ArrayLike,
    R: ArrayLike,
    B: ArrayLike | None = None,
    P: ArrayLike | None = None,
    *,
    hidden_size: int | None = None,
    direction: str = "forward",
    activations: Sequence[str] | None = None,
    activation_alpha: Sequence[float] | None = None,
    activation_beta: Sequence[float] | None = None,
    clip: float | None = None,
    input_forget: int = 0,
    layout: int = 0,
    linear_before_reset: int = 0,
) -> Cell:
    """The network that computes what an ONNX node computes.

    op_type  "RNN", "LSTM" or "GRU"; or the class of cells that the node has
             to be, for instance ResetAfterGRUCell
    W        (directions, layers * units, inputs)
    R        (directions, layers * units, units)
    B        (directions, 2 * layers * units), zero where the node has none
    P        (directions, 3 * units), where an LSTM has peepholes

    The others are the attributes of the node, under their names and with
    ONNX' defaults; text may be bytes, as the package onnx hands it over. A
    GRU is another cell with linear_before_reset=1 than without. With
    direction="bidirectional" the result is a `Bidirectional`. `layout` says
    whether the batch is the first axis of what goes through, which does not
    concern the weights. A deep network has one node for each layer:

        Stack([from_onnx(**node) for node in nodes])

    Raises ValueError where an attribute is one that the cell cannot
    represent (activations, clip, input_forget, a linear_before_reset other
    than that of the class, direction="reverse") or an array has the wrong
    shape; TypeError where ONNX has no such node. Each names the attribute
    or the array.

    Explained in: conv-onnx
    """
    kind = _kind(op_type, P is not None, linear_before_reset)
    order, name = shared.order("ONNX", kind), kind.__name__
    shared.setting("clip", clip, [None], f"{name} limits no sum")
    shared.setting(
        "input_forget", input_forget, [0], f"{name} has two gates"
    )
    shared.setting("layout", layout, [0, 1], "ONNX has no other")
    direction = _text(direction)
    shared.setting(
        "direction",
        direction,
        list(DIRECTIONS),
        "a cell has no direction; read the node as a forward one, and"
        " `unroll` with reverse=True",
    )
    count = DIRECTIONS[direction]
    units = shared.units("R", R, "directions", "layers * units", "units")
    shared.setting(
        "hidden_size", hidden_size, [None, units], "R has as many units"
    )
    rows = (len(order) or 1) * units
    arrays = {
        "W": checks.array("W", W, (count, rows, "inputs")),
        "R": checks.array("R", R, (count, rows, units)),
    }
    if B is not None:
        arrays["B"] = checks.array("B", B, (count, 2 * rows))
    if P is not None:
        arrays["P"] = checks.array("P", P, (count, 3 * units))
    others = _functions(
        kind, activations, activation_alpha, activation_beta, count
    )
    cells = [
        _cell(kind, order, {n: a[k] for n, a in arrays.items()}, others[k])
        for k in range(count)
    ]
    return cells[0] if count == 1 else Bidirectional(*cells)


def to_onnx(network: Cell) -> Any:
    """The arguments of `from_onnx` for a network: what a node that computes
    the same takes.

    returns  a dict with "op_type", the arrays "W", "R", "B" and perhaps
             "P", which are inputs of the node, and its attributes, all
             others; for a `Stack` a list of one dict for each layer, the
             lowest first

        node = to_onnx(cell)
        inputs = {n: node.pop(n) for n in "WRBP" if n in node}
        onnx.helper.make_node(node.pop("op_type"), [...], [...], **node)

    Between two nodes of a stack stands a Squeeze of the axis of directions,
    or a Transpose and a Reshape that join two directions.

    Raises TypeError where ONNX has no such node: a `Readout` is a MatMul
    and an Add (convert `network.cell`); ValueError where an activation has
    no name there.

    Explained in: conv-onnx
    """
    if isinstance(network, Stack):
        return [to_onnx(cell) for cell in network.cells]
    cells = (
        [network.forward, network.backward]
        if isinstance(network, Bidirectional)
        else [network]
    )
    kind = type(cells[0])
    order = shared.order("ONNX", kind, "network")
    units = cells[0].output_size
    if any(type(c) is not kind or c.output_size != units for c in cells):
        raise ValueError(
            "network: expected two directions of one kind and size, as an"
            f" ONNX node has them; got {', '.join(map(_described, cells))}"
        )
    op_type = OP_TYPES[kind]
    halves = [_arrays(cell, order) for cell in cells]
    activations = [name for c in cells for name in _names(c, op_type)]
    node = {
        "op_type": op_type,
        **{n: np.stack([half[n] for half in halves]) for n in halves[0]},
        "hidden_size": units,
        "direction": [*DIRECTIONS][len(cells) - 1],
        "activations": activations,
    }
    if "Affine" in activations:
        # Consumed in the order of the functions that take them.
        count = activations.count("Affine")
        node["activation_alpha"] = [1.0] * count
        node["activation_beta"] = [0.0] * count
    if op_type == "GRU":
        node["linear_before_reset"] = int(kind is ResetAfterGRUCell)
    return node


def _kind(op_type, peepholes, linear_before_reset):
    """The class of cells that a node is."""
    shared.setting(
        "linear_before_reset", linear_before_reset, [0, 1], "ONNX has two"
    )
    kind = _text(op_type)
    if isinstance(kind, str):
        kinds = {
            "RNN": SimpleCell,
            "LSTM": PeepholeLSTMCell if peepholes else LSTMCell,
            "GRU": ResetAfterGRUCell if linear_before_reset else GRUCell,
        }
        if kind not in kinds:
            raise ValueError(
                "op_type: expected 'RNN', 'LSTM', 'GRU' or a class of"
                f" cells, got {kind!r:.40}"
            )
        kind = kinds[kind]
    shared.order("ONNX", kind, "op_type")
    shared.setting(
        "linear_before_reset",
        linear_before_reset,
        [int(kind is ResetAfterGRUCell)],
        f"another would not be {kind.__name__}",
    )
    if peepholes and kind is not PeepholeLSTMCell:
        raise ValueError(
            f"P: expected None for {kind.__name__}, got an array; the cell"
            " with peepholes is PeepholeLSTMCell"
        )
    return kind


def _functions(kind, activations, alpha, beta, count):
    """The further arguments of the cell of each direction, once the
    activations are found to be those of the equations."""
    usual = USUAL[OP_TYPES[kind]] * count
    if activations is None:
        activations = usual
    if not isinstance(activations, list | tuple):
        raise TypeError(
            f"activations: expected a list such as {usual}, got"
            f" {activations!r:.40}"
        )
    found = [_text(name) for name in activations]
    small = [str(name).lower() for name in found]
    if kind is not SimpleCell:
        if small != [name.lower() for name in usual]:
            raise ValueError(
                f"activations: expected {usual}, got {found};"
                f" {kind.__name__} computes no others"
            )
        return [{}] * count
    if len(small) != count or not ACTIVATIONS.keys() >= set(small):
        raise ValueError(
            f"activations: expected {count} of {', '.join(NAMES.values())},"
            f" got {found}"
        )
    if "affine" in small:
        reason = "SimpleCell scales and moves no sum"
        for value in alpha or [None]:
            shared.setting("activation_alpha", value, [1], reason)
        for value in beta or [None]:
            shared.setting("activation_beta", value, [0], reason)
    return [{"f": ACTIVATIONS[name]} for name in small]


def _cell(kind, order, arrays, others):
    """The cell of one direction."""
    biases = np.split(arrays["B"], 2) if "B" in arrays else []
    if kind is PeepholeLSTMCell:
        zero = np.zeros(3 * arrays["R"].shape[1], arrays["R"].dtype)
        others = orders.unpack(arrays.get("P", zero), "p_", "iof")
    return shared.unpacked(
        kind, order, arrays["W"], arrays["R"], biases, **others
    )


def _arrays(cell, order):
    """The inputs of a node for one direction."""
    W, R, biases = shared.packed(cell, order)
    both = [*biases, np.zeros_like(biases[0])][:2]
    arrays = {"W": W, "R": R, "B": np.concatenate(both)}
    if isinstance(cell, PeepholeLSTMCell):
        arrays["P"] = orders.pack(cell.weights, "p_", "iof")
    return arrays


def _names(cell, op_type):
    if op_type != "RNN":
        return USUAL[op_type]
    for f, name in NAMES.items():
        if f is cell.f:
            return [name]
    raise ValueError(
        f"network: expected an f among {', '.join(NAMES.values())}, as ONNX"
        f" has them, got {shared.function_name(cell.f)}"
    )


def _described(cell):
    return f"{shared.class_name(cell)} of {cell.output_size} units"


def _text(value):
    return value.decode() if isinstance(value, bytes) else value
