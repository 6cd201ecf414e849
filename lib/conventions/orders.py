"""The order in which each framework packs the layers of a cell.

A framework holds the weights of all fully connected layers of a cell in one
array, on top of each other in an order of its own. `ORDERS` names that
order by the deck's letters: i, f, o are the input, forget and output gates
of an LSTM, z and r the two gates of a GRU, g the main layer of either
(Keras writes c or h for it, PyTorch g or n, ONNX c or h). A simple cell is
one layer and needs no letter.
"""

import numpy as np

from lib import checks
from lib.cells import (
    Cell,
    GRUCell,
    LSTMCell,
    PeepholeLSTMCell,
    ResetAfterGRUCell,
    SimpleCell,
)
from lib.checks import Array, ArrayLike, Mapping

ORDERS: dict[str, dict[type[Cell], str]] = {
    "Keras": {
        SimpleCell: "",
        LSTMCell: "ifgo",
        PeepholeLSTMCell: "ifgo",
        GRUCell: "zrg",
        ResetAfterGRUCell: "zrg",
    },
    "PyTorch": {
        SimpleCell: "",
        LSTMCell: "ifgo",
        ResetAfterGRUCell: "rzg",
    },
    "Flax": {SimpleCell: "", LSTMCell: "ifgo", ResetAfterGRUCell: "rzg"},
    "Equinox": {LSTMCell: "ifgo", ResetAfterGRUCell: "rzg"},
    "ONNX": {
        SimpleCell: "",
        LSTMCell: "iofg",
        PeepholeLSTMCell: "iofg",
        GRUCell: "zrg",
        ResetAfterGRUCell: "zrg",
    },
}


def pack(
    weights: Mapping[str, ArrayLike], prefix: str, order: str
) -> Array:
    """The weights `prefix` + layer, for each layer of `order`, on top of
    each other: what a framework calls one matrix, or one bias.

    weights  arrays by name, all of one shape
    prefix   such as "W_x", "W_h" or "b_"
    order    the layers, one letter each, such as "ifgo"; "" for one layer
             without a letter
    returns  (layers * units, ...)

    Raises TypeError or ValueError naming the argument.

    Explained in: conventions-layers
    """
    weights = checks.mapping("weights", weights)
    names = _names(prefix, order)
    missing = [name for name in names if name not in weights]
    if missing:
        raise ValueError(
            f"weights: expected {', '.join(names)}, as prefix and order"
            f" say, got no {missing[0]}"
        )
    arrays = [checks.numeric(name, weights[name]) for name in names]
    shape = arrays[0].shape
    return np.concatenate(
        [
            checks.array(f"weights: {name}", array, shape)
            for name, array in zip(names, arrays, strict=True)
        ]
    )


def unpack(packed: ArrayLike, prefix: str, order: str) -> dict[str, Array]:
    """What `pack` packed: {prefix + layer: weight}.

    packed  (layers * units, ...)

    Raises TypeError or ValueError naming the argument.

    Explained in: conventions-layers
    """
    array, names = checks.numeric("packed", packed), _names(prefix, order)
    if array.ndim == 0 or len(array) % len(names):
        raise ValueError(
            f"packed: expected rows for {len(names)} layer(s), of the same"
            f" number each, got shape {array.shape}"
        )
    blocks = np.split(array, len(names))
    return dict(zip(names, blocks, strict=True))


def _names(prefix, order):
    for name, value in (("prefix", prefix), ("order", order)):
        if not isinstance(value, str):
            raise TypeError(f"{name}: expected text, got {value!r:.40}")
    if len(set(order)) < len(order):
        raise ValueError(
            f"order: expected every layer once, got {order!r:.40}"
        )
    return [prefix + layer for layer in order or [""]]
