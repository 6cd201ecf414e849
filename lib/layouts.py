"""How the frameworks pack the weights of a gated cell, in one table.

A framework holds the weights of a cell's fully connected layers in one array, on top of each other
in an order of its own. `ORDERS` names that order by the deck's letters: i, f, o are the input,
forget and output gates of an LSTM, z and r the two gates of a GRU, g the main layer of either
(Keras writes c or h for it, PyTorch g or n, ONNX c or h).
"""

import numpy as np

ORDERS = {
    "Keras": {"LSTMCell": "ifgo", "GRUCell": "zrg", "ResetAfterGRUCell": "zrg"},
    "PyTorch": {"LSTMCell": "ifgo", "ResetAfterGRUCell": "rzg"},
}


def order(framework, kind):
    """The layers of a cell of class `kind` in the order in which `framework` packs them.

    Raises TypeError where the framework has no such layer.
    """
    orders = ORDERS[framework]
    if kind.__name__ not in orders:
        known = ", ".join(orders)
        raise TypeError(
            f"{kind.__name__}: {framework} has no such layer; expected one of {known}"
        )
    return orders[kind.__name__]


def pack(weights, prefix, order):
    """The weights `prefix` + layer, for each layer of `order`, on top of each other."""
    return np.concatenate([weights[prefix + layer] for layer in order])


def unpack(packed, prefix, order):
    """What `pack` packed: {prefix + layer: weight}."""
    blocks = np.split(packed, len(order))
    return {prefix + layer: block for layer, block in zip(order, blocks, strict=True)}
