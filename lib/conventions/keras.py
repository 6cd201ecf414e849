"""Networks to and from Keras.

Keras holds [kernel, recurrent_kernel, bias] of a layer: kernel (inputs,
layers * units) and recurrent_kernel (units, layers * units) are the
transposes of our W_x and W_h side by side, bias is (layers * units,), or
(2, layers * units) in a GRU with reset_after=True, which has two biases.
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
    Readout,
    ResetAfterGRUCell,
    SimpleCell,
    Stack,
)
from lib.cells.activations import identity, relu, sigmoid, tanh
from lib.checks import Array
from lib.conventions import _shared as shared

KINDS = {
    "SimpleRNNCell": SimpleCell,
    "LSTMCell": LSTMCell,
    "PeepholeLSTMCell": PeepholeLSTMCell,
    "GRUCell": GRUCell,
}
ACTIVATIONS = {
    "tanh": tanh,
    "relu": relu,
    "sigmoid": sigmoid,
    "linear": identity,
    None: identity,
}
LAYERS = ("SimpleRNN", "LSTM", "GRU", "RNN")
WITHOUT_EFFECT = ("InputLayer", "Dropout", "SpatialDropout1D")
USUAL = dict(
    activation="tanh",
    recurrent_activation="sigmoid",
    reset_after=None,
    go_backwards=False,
    merge_mode="concat",
)


def from_keras(
    source: Any,
    kind: Any = None,
    *,
    activation: str | None = "tanh",
    recurrent_activation: str | None = "sigmoid",
    reset_after: bool | None = None,
    go_backwards: bool = False,
    merge_mode: str | None = "concat",
) -> Cell:
    """The network that computes what a Keras layer computes.

    source  a built `SimpleRNN`, `LSTM`, `GRU`, `RNN` or `Bidirectional`
            layer; a cell, or `StackedRNNCells`, of those or of
            `lib.keras.peepholes`; a `Sequential`, or a list of layers, of
            recurrent layers with perhaps a `Dense` layer on top, which
            becomes a `Readout`. Or the arrays of a layer's `get_weights()`
    kind    beside arrays, the class of cells that they are for; for the
            arrays of a `Bidirectional` layer a pair of classes

    A layer brings its settings along. For arrays they are given as Keras
    names them, and are else Keras' own; `reset_after` follows from the
    kind. A layer without biases has biases of zero here. What a layer
    returns, all outputs or the last, and what it puts at padded steps
    (zero_output_for_mask) is no part of a network: `unroll` and
    `sequence_to_vector` say that.

    returns  a cell, a `Stack`, a `Bidirectional` or a `Readout`

    Raises ValueError where a setting is one that the cell cannot represent
    (an activation, go_backwards, merge_mode, reset_after) or an array is
    missing or has the wrong shape; TypeError where Keras has no such layer
    or `source` is none. Each names the setting or the array.

    Explained in: conv-keras
    """
    settings = dict(
        activation=activation,
        recurrent_activation=recurrent_activation,
        reset_after=reset_after,
        go_backwards=go_backwards,
        merge_mode=merge_mode,
    )
    layers = source if isinstance(source, list | tuple) else [source]
    if layers and all(hasattr(layer, "get_weights") for layer in layers):
        shared.no_settings(settings, USUAL)
        return shared.agree(_network(layers), kind)
    if layers is not source:
        raise TypeError(
            "source: expected a Keras layer, a list of layers, or the"
            f" arrays of get_weights(), got a {type(source).__name__}"
        )
    return _from_arrays(source, kind, settings)


def to_keras(network: Cell, *, use_bias: bool = True) -> list[Array]:
    """The arrays of a network, for `set_weights` of the layer that computes
    the same.

        SimpleCell         SimpleRNN(units, activation=...), as its f
        LSTMCell           LSTM(units)
        PeepholeLSTMCell   RNN(lib.keras.peepholes.PeepholeLSTMCell(units))
        GRUCell            GRU(units, reset_after=False)
        ResetAfterGRUCell  GRU(units)
        Bidirectional      Bidirectional(layer, backward_layer=...)
        Stack              Sequential([...]), or RNN([cells])
        Readout            Sequential([..., Dense(outputs, activation=...)])

    use_bias  False for recurrent layers made with use_bias=False

    returns   kernel, recurrent_kernel and bias of each layer, those of a
              peephole cell followed by peepholes (3, units): p_i, p_f, p_o

    Raises TypeError where Keras has no such layer, ValueError where biases
    that are not zero would be left out.

    Explained in: conv-keras
    """
    match network:
        case Readout():
            arrays = to_keras(network.cell, use_bias=use_bias)
            return [*arrays, np.array(network.W.T), np.array(network.b)]
        case Stack():
            parts: Sequence[Cell] = network.cells
        case Bidirectional():
            parts = [network.forward, network.backward]
        case _:
            return _to_arrays(network, use_bias)
    return [a for part in parts for a in to_keras(part, use_bias=use_bias)]


def _network(layers):
    layers = [
        layer
        for layer in layers
        if shared.class_name(layer) not in WITHOUT_EFFECT
    ]
    top = layers.pop() if layers and _is_dense(layers[-1]) else None
    network = shared.network([_layer(layer) for layer in layers])
    if top is None:
        return network
    top = getattr(top, "layer", top)
    f = shared.setting(
        f"{top.name}.activation",
        shared.function_name(top.activation),
        list(ACTIVATIONS),
        "a Readout computes no other",
    )
    W, *bias = _weights(top)
    W = checks.array(
        f"{top.name}.kernel", W, (network.output_size, "outputs")
    ).T
    b = bias[0] if bias else np.zeros(len(W), W.dtype)
    return Readout(network, W, b, ACTIVATIONS[f])


def _is_dense(layer):
    if shared.class_name(layer) == "TimeDistributed":
        layer = layer.layer
    return shared.class_name(layer) == "Dense"


def _layer(layer, backwards=False):
    match shared.class_name(layer):
        case "Sequential":
            return _network(layer.layers)
        case "Bidirectional":
            shared.setting(
                f"{layer.name}.merge_mode",
                layer.merge_mode,
                ["concat"],
                "Bidirectional joins both outputs",
            )
            return Bidirectional(
                _layer(layer.forward_layer),
                _layer(layer.backward_layer, backwards=True),
            )
        case name if name in LAYERS:
            shared.setting(
                f"{layer.name}.go_backwards",
                layer.go_backwards,
                [backwards],
                "a cell has no direction; for `unroll` with reverse=True,"
                " convert layer.cell",
            )
            return _cell(layer.cell, layer.name)
    return _cell(layer, getattr(layer, "name", "source"))


def _cell(cell, name):
    if shared.class_name(cell) == "StackedRNNCells":
        return Stack([_cell(part, part.name) for part in cell.cells])
    kind = KINDS.get(shared.class_name(cell))
    if kind is None:
        raise TypeError(
            f"{name}: expected one of {', '.join(LAYERS)},"
            f" Bidirectional, {', '.join(KINDS)}, StackedRNNCells, or a"
            f" Dense layer on top; got {shared.class_name(cell)}. Of a"
            " larger model, convert a list of some layers"
        )
    settings = {
        key: shared.function_name(getattr(cell, key))
        for key in ("activation", "recurrent_activation")
        if hasattr(cell, key)
    }
    if kind is GRUCell and cell.reset_after:
        kind = ResetAfterGRUCell
    return _from_weights(kind, _weights(cell), settings, f"{name}.")


def _weights(layer):
    weights = layer.get_weights()
    if not weights:
        raise ValueError(
            f"{layer.name}: expected weights, got none; a layer has them"
            " once it is built"
        )
    return weights


def _from_arrays(arrays, kind, settings):
    if kind is None:
        raise TypeError(
            "kind: expected the class of cells that the arrays are for,"
            " such as LSTMCell, or a pair for a Bidirectional layer; got"
            " None"
        )
    if not isinstance(kind, list | tuple):
        return _from_weights(kind, arrays, settings)
    if len(kind) != 2:
        raise TypeError(
            "kind: expected a class of cells, or a pair for a Bidirectional"
            f" layer, got {len(kind)} of them"
        )
    full = [len(_names(one)) for one in kind]
    if len(arrays) not in (sum(full), sum(full) - 2):
        raise ValueError(
            f"source: expected {sum(full)} arrays, those of the forward"
            f" layer and of the backward layer, got {len(arrays)}"
        )
    half = full[0] - (sum(full) - len(arrays)) // 2
    return Bidirectional(
        _from_weights(kind[0], arrays[:half], settings, "forward."),
        _from_weights(kind[1], arrays[half:], settings, "backward."),
    )


def _names(kind):
    shared.order("Keras", kind)
    peepholes = ["peepholes"] if kind is PeepholeLSTMCell else []
    return ["kernel", "recurrent_kernel", "bias", *peepholes]


def _from_weights(kind, arrays, settings, where=""):
    """The cell of one layer, from its arrays."""
    order = shared.order("Keras", kind)
    f = _checked(kind, settings, where)
    names = _names(kind)
    without = ["kernel", "recurrent_kernel"]
    if len(arrays) == 2 and kind is not PeepholeLSTMCell:
        names = without
    if len(arrays) != len(names):
        raise ValueError(
            f"{where.strip('.') or 'source'}: expected"
            f" [{', '.join(names)}], got {len(arrays)} array(s)"
        )
    found = dict(zip(names, arrays, strict=True))
    units = shared.units(
        f"{where}recurrent_kernel",
        found["recurrent_kernel"],
        "units",
        "layers * units",
    )
    columns = (len(order) or 1) * units
    twice = kind is ResetAfterGRUCell
    shapes = {
        "kernel": ("inputs", columns),
        "recurrent_kernel": (units, columns),
        "bias": (2, columns) if twice else (columns,),
        "peepholes": (3, units),
    }
    if kind is GRUCell and np.shape(found.get("bias")) == (2, columns):
        raise ValueError(
            f"{where}bias: expected shape ({columns},), got (2, {columns}):"
            " two biases per layer are those of reset_after=True, Keras'"
            " default, which is ResetAfterGRUCell"
        )
    found = {
        name: checks.array(where + name, array, shapes[name])
        for name, array in found.items()
    }
    biases = found["bias"].reshape(-1, columns) if "bias" in found else []
    others = {"f": f} if kind is SimpleCell else {}
    if "peepholes" in found:
        others |= dict(
            zip(["p_i", "p_f", "p_o"], found["peepholes"], strict=True)
        )
    return shared.unpacked(
        kind,
        order,
        found["kernel"].T,
        found["recurrent_kernel"].T,
        biases,
        **others,
    )


def _checked(kind, settings, where):
    """The function of the activation, once all settings are such that a
    cell of this kind computes what they say."""
    simple, twice = kind is SimpleCell, kind is ResetAfterGRUCell
    gru = twice or kind is GRUCell
    possible = {
        "activation": list(ACTIVATIONS) if simple else ["tanh"],
        "recurrent_activation": ["sigmoid"],
        "reset_after": [None, twice] if gru else [None],
        "go_backwards": [False],
        "merge_mode": ["concat"],
    }
    for name, found in settings.items():
        reason = f"{kind.__name__} computes no other"
        shared.setting(where + name, found, possible[name], reason)
    return ACTIVATIONS[settings.get("activation", "tanh")]


def _to_arrays(cell, use_bias):
    order = shared.order("Keras", type(cell), "network")
    W_x, W_h, biases = shared.packed(cell, order)
    arrays = [W_x.T, W_h.T]
    if checks.flag("use_bias", use_bias):
        arrays.append(biases[0] if len(biases) == 1 else np.stack(biases))
    else:
        shared.no_biases("use_bias", biases)
    if isinstance(cell, PeepholeLSTMCell):
        arrays.append(np.stack([cell.p_i, cell.p_f, cell.p_o]))
    return arrays
