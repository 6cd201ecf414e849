"""How the frameworks pack the weights of a gated cell.

A framework holds the weights of all fully connected layers of a cell in one
array, on top of each other in an order of its own. `ORDERS` names that
order by the deck's letters: i, f, o are the input, forget and output gates
of an LSTM, z and r the two gates of a GRU, g the main layer of either
(Keras writes c or h for it, PyTorch g or n, ONNX c or h).

Cells come from and go to Keras and PyTorch by their own methods; from the
others they come by the functions of this module.
"""

import numpy as np

from lib import checks

ORDERS = {
    "Keras": {
        "LSTMCell": "ifgo",
        "GRUCell": "zrg",
        "ResetAfterGRUCell": "zrg",
    },
    "PyTorch": {"LSTMCell": "ifgo", "ResetAfterGRUCell": "rzg"},
    "Flax": {"LSTMCell": "ifgo", "ResetAfterGRUCell": "rzg"},
    "Equinox": {"LSTMCell": "ifgo", "ResetAfterGRUCell": "rzg"},
    "ONNX": {
        "LSTMCell": "iofg",
        "PeepholeLSTMCell": "iofg",
        "GRUCell": "zrg",
        "ResetAfterGRUCell": "zrg",
    },
}


def order(framework, kind):
    """The layers of a cell of class `kind` in the order in which
    `framework` packs them.

    Raises TypeError where the framework has no such layer.
    """
    orders = ORDERS[framework]
    if kind.__name__ not in orders:
        known = ", ".join(orders)
        raise TypeError(
            f"{kind.__name__}: {framework} has no such layer; expected one"
            f" of {known}"
        )
    return orders[kind.__name__]


def pack(weights, prefix, order):
    """The weights `prefix` + layer, for each layer of `order`, on top of
    each other."""
    return np.concatenate([weights[prefix + layer] for layer in order])


def unpack(packed, prefix, order):
    """What `pack` packed: {prefix + layer: weight}."""
    blocks = np.split(packed, len(order))
    return {
        prefix + layer: block
        for layer, block in zip(order, blocks, strict=True)
    }


def cell(kind, order, arrays, others=None):
    """The cell of class `kind` whose weights are packed in `order`.

    arrays  {name: array} of W_x (layers * units, inputs), W_h (layers *
            units, units), and one or two biases (layers * units,), each
            under the name that its framework gives it. Where the cell has
            one bias a layer it takes their sum
    others  further weights by their names in the cell

    Raises ValueError where an array has the wrong shape.
    """
    units = np.shape(list(arrays.values())[1])[-1]
    rows = len(order) * units
    shapes = [(rows, "inputs"), (rows, units)] + [(rows,)] * (
        len(arrays) - 2
    )
    W_x, W_h, *biases = (
        checks.array(name, array, shape)
        for (name, array), shape in zip(arrays.items(), shapes, strict=True)
    )
    if len(kind.biases) == 1:
        biases = [sum(biases)]
    weights = unpack(W_x, "W_x", order) | unpack(W_h, "W_h", order)
    for prefix, bias in zip(kind.biases, biases, strict=True):
        weights |= unpack(bias, prefix, order)
    return kind(**weights, **(others or {}))


def from_onnx(kind, W, R, B, P=None):
    """The cell of a forward ONNX `LSTM` or `GRU` node, from its inputs.

    kind  the class: LSTMCell; PeepholeLSTMCell if there is P;
          ResetAfterGRUCell if the node has linear_before_reset, GRUCell if
          it has not
    W     (1, layers * units, inputs)
    R     (1, layers * units, units)
    B     (1, 2 * layers * units): the biases with W, then those with R
    P     (1, 3 * units): the peepholes of the input, output and forget
          gates
    """
    bias_W, bias_R = np.split(B[0], 2)
    arrays = {"W": W[0], "R": R[0], "B of W": bias_W, "B of R": bias_R}
    return cell(
        kind,
        order("ONNX", kind),
        arrays,
        {} if P is None else unpack(P[0], "p_", "iof"),
    )


def from_equinox(kind, weight_ih, weight_hh, bias, bias_n=None):
    """The cell of an `equinox.nn.LSTMCell` or `GRUCell`, from its fields.

    kind       the class: LSTMCell or ResetAfterGRUCell
    weight_ih  (layers * units, inputs)
    weight_hh  (layers * units, units)
    bias       (layers * units,)
    bias_n     (units,), for a GRU: the second bias of the main layer, the
               only one within r's reach
    """
    arrays = {"weight_ih": weight_ih, "weight_hh": weight_hh, "bias": bias}
    if bias_n is not None:
        arrays["bias_n"] = np.concatenate(
            [np.zeros((2, len(bias_n))).ravel(), bias_n]
        )
    return cell(kind, order("Equinox", kind), arrays)


def from_flax(kind, parameters):
    """The cell of a `flax.nnx.LSTMCell` or `GRUCell`, from its parameters
    by name.

    An LSTM has one array a layer: ii.kernel, if_.kernel, ig.kernel,
    io.kernel (inputs, units), hi.kernel ... ho.kernel (units, units) and
    hi.bias ... ho.bias (units,). A GRU is packed: dense_i.kernel (inputs,
    layers * units), dense_h.kernel (units, layers * units) and dense_i.bias
    (layers * units,); it has no second bias, which is zero here.

    kind  the class: LSTMCell or ResetAfterGRUCell
    """
    layers = order("Flax", kind)
    if kind.__name__ == "LSTMCell":
        weights = {}
        for layer in layers:
            of_input = "if_" if layer == "f" else f"i{layer}"
            weights[f"W_x{layer}"] = np.transpose(
                parameters[f"{of_input}.kernel"]
            )
            weights[f"W_h{layer}"] = np.transpose(
                parameters[f"h{layer}.kernel"]
            )
            weights[f"b_{layer}"] = parameters[f"h{layer}.bias"]
        return kind(**weights)
    arrays = {
        "dense_i.kernel": np.transpose(parameters["dense_i.kernel"]),
        "dense_h.kernel": np.transpose(parameters["dense_h.kernel"]),
        "dense_i.bias": parameters["dense_i.bias"],
        "second bias": np.zeros_like(parameters["dense_i.bias"]),
    }
    return cell(kind, layers, arrays)
