r"""The derivative of one step of every cell, read backwards.

A step maps (x(t), s(t-1), weights) to (y(t), s(t)). Its backward step takes
what a loss L changes by per unit of y(t) and of s(t), and gives what L
changes by per unit of x(t), of s(t-1) and of each weight: the chain rule,
once. dL/dv is written `d_v`, and has the shape of v.

The inner values are those of the cell's own forward step, so the derivative
is that of the function that runs.

A kind of cell of your own joins by an entry in `DERIVATIVES`: a function of
the cell and the four arguments of a step back, checked, that returns what
`backward_step` returns. `bptt` and what builds on it then take the cell.
"""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np

from lib import checks
from lib.cells import (
    Cell,
    GRUCell,
    LSTMCell,
    PeepholeLSTMCell,
    Readout,
    ResetAfterGRUCell,
    SimpleCell,
    Stack,
)
from lib.cells.activations import identity, relu, sigmoid
from lib.cells.base import network as checked_network
from lib.checks import Array, ArrayLike, States


def backward_step(
    cell: Cell,
    x: ArrayLike,
    states: States,
    d_output: ArrayLike,
    d_states: States,
) -> tuple[Array, States, dict[str, Array]]:
    """One step back: (d_x, d_states_before, d_weights).

    x         (inputs,) or (batch, inputs)
    states    s(t-1), a tuple of (units,) or (batch, units)
    d_output  dL/dy(t), like y(t)
    d_states  dL/ds(t) by way of the later steps, like s(t)
    returns   what L changes by per unit of x(t), of s(t-1) and of each
              weight; the last is a dict with the names of `cell.weights`,
              summed over the batch

    Raises TypeError for a cell whose derivative is unknown, among them one
    that changes the equations of a cell of this book, and TypeError or
    ValueError naming any other argument that does not fit.

    Explained in: d10-backpropagation-through-time
    """
    back = _known(DERIVATIVES, "derivative", cell, "cell")
    x = checks.array("x", x, (cell.input_size,), ("batch", cell.input_size))
    batch = x.shape[:-1]
    states = checks.states("states", states, cell.state_sizes, batch)
    d_output = checks.array(
        "d_output", d_output, (*batch, cell.output_size)
    )
    d_states = checks.states("d_states", d_states, cell.state_sizes, batch)
    return back(cell, x, states, d_output, d_states)


def _simple(cell, x, states, d_output, d_states):
    """y(t) = f(a), a = W_x x(t) + W_y y(t-1) + b."""
    (y_before,) = states
    y, _ = cell.step(x, states)
    d_a = (d_output + d_states[0]) * _slope(cell.f)(y)
    d_weights = {
        "W_x": _outer(d_a, x),
        "W_y": _outer(d_a, y_before),
        "b": _over_batch(d_a),
    }
    return d_a @ cell.W_x, (d_a @ cell.W_y,), d_weights


def _lstm(cell, x, states, d_output, d_states):
    """Eqs. (7) and (6), then the four layers (5) to (2)."""
    h_before, c_before = states
    v = SimpleNamespace(**cell.gates(x, states))
    d_h = d_output + d_states[0]
    d_c = d_states[1] + d_h * v.o * (1 - v.tanh_c**2)
    d_a = {
        "i": d_c * v.g * v.i * (1 - v.i),
        "f": d_c * c_before * v.f * (1 - v.f),
        "o": d_h * v.tanh_c * v.o * (1 - v.o),
        "g": d_c * v.i * (1 - v.g**2),
    }
    d_x, d_h_before, d_weights = _layers(cell, d_a, x, h_before)
    return d_x, (d_h_before, d_c * v.f), d_weights


def _peephole_lstm(cell, x, states, d_output, d_states):
    """As the LSTM, but c(t) also reaches the output gate, and c(t-1) the
    other two."""
    h_before, c_before = states
    v = SimpleNamespace(**cell.gates(x, states))
    d_h = d_output + d_states[0]
    d_o = d_h * v.tanh_c * v.o * (1 - v.o)
    d_c = d_states[1] + d_h * v.o * (1 - v.tanh_c**2) + d_o * cell.p_o
    d_a = {
        "i": d_c * v.g * v.i * (1 - v.i),
        "f": d_c * c_before * v.f * (1 - v.f),
        "o": d_o,
        "g": d_c * v.i * (1 - v.g**2),
    }
    d_x, d_h_before, d_weights = _layers(cell, d_a, x, h_before)
    d_weights |= {
        "p_i": _over_batch(d_a["i"] * c_before),
        "p_f": _over_batch(d_a["f"] * c_before),
        "p_o": _over_batch(d_a["o"] * v.c),
    }
    d_c_before = d_c * v.f + d_a["i"] * cell.p_i + d_a["f"] * cell.p_f
    return d_x, (d_h_before, d_c_before), d_weights


def _gru(cell, x, states, d_output, d_states):
    """Eq. (11), then (10), whose recurrent input is r(t) * h(t-1), then (9)
    and (8)."""
    (h_before,) = states
    v = SimpleNamespace(**cell.gates(x, states))
    d_h = d_output + d_states[0]
    d_g = d_h * (1 - v.z) * (1 - v.g**2)
    d_reset = d_g @ cell.W_hg
    d_a = {
        "z": d_h * (h_before - v.g) * v.z * (1 - v.z),
        "r": d_reset * h_before * v.r * (1 - v.r),
        "g": d_g,
    }
    recurrent = {"z": h_before, "r": h_before, "g": v.r * h_before}
    d_weights = {}
    for layer, d in d_a.items():
        d_weights[f"W_x{layer}"] = _outer(d, x)
        d_weights[f"W_h{layer}"] = _outer(d, recurrent[layer])
        d_weights[f"b_{layer}"] = _over_batch(d)
    d_x = sum(d @ getattr(cell, f"W_x{layer}") for layer, d in d_a.items())
    d_h_before = (
        d_h * v.z
        + d_reset * v.r
        + d_a["z"] @ cell.W_hz
        + d_a["r"] @ cell.W_hr
    )
    return d_x, (d_h_before,), d_weights


def _reset_after_gru(cell, x, states, d_output, d_states):
    """As the GRU, but r(t) stands outside the recurrent product and its
    bias."""
    (h_before,) = states
    v = SimpleNamespace(**cell.gates(x, states))
    d_h = d_output + d_states[0]
    d_g = d_h * (1 - v.z) * (1 - v.g**2)
    d_z = d_h * (h_before - v.g) * v.z * (1 - v.z)
    d_r = d_g * (h_before @ cell.W_hg.T + cell.b_hg) * v.r * (1 - v.r)
    from_input = {"z": d_z, "r": d_r, "g": d_g}
    from_state = {"z": d_z, "r": d_r, "g": d_g * v.r}
    d_weights = {}
    for layer in cell.layers:
        d_weights[f"W_x{layer}"] = _outer(from_input[layer], x)
        d_weights[f"W_h{layer}"] = _outer(from_state[layer], h_before)
        d_weights[f"b_x{layer}"] = _over_batch(from_input[layer])
        d_weights[f"b_h{layer}"] = _over_batch(from_state[layer])
    d_x = sum(
        d @ getattr(cell, f"W_x{layer}") for layer, d in from_input.items()
    )
    d_h_before = sum(
        d @ getattr(cell, f"W_h{layer}") for layer, d in from_state.items()
    )
    return d_x, (d_h * v.z + d_h_before,), d_weights


def _readout(cell, x, states, d_output, d_states):
    """y(t) = f(W h(t) + b), then the inner cell."""
    h, _ = cell.cell.step(x, states)
    d_h, d_weights = _read_back(cell, h, cell.read(h), d_output)
    d_x, d_before, d_inner = _derivative(cell.cell)(
        cell.cell, x, states, d_h, d_states
    )
    return d_x, d_before, _renamed("cell", d_inner) | d_weights


def _stack(cell, x, states, d_output, d_states):
    """The cells from the top down; what reaches a cell's input came out of
    the cell below."""
    own, d_own, inputs = cell.split(states), cell.split(d_states), [x]
    for layer, states_of_layer in zip(cell.cells, own, strict=True):
        inputs.append(layer.step(inputs[-1], states_of_layer)[0])
    d_before, d_weights = (), {}
    for k, layer in reversed(list(enumerate(cell.cells))):
        d_output, d_own_before, d_layer = _derivative(layer)(
            layer, inputs[k], own[k], d_output, d_own[k]
        )
        d_before = d_own_before + d_before
        d_weights |= _renamed(f"cells[{k}]", d_layer)
    return d_output, d_before, d_weights


# By class; see above for a class of your own.
DERIVATIVES: dict[type[Cell], Callable] = {
    SimpleCell: _simple,
    LSTMCell: _lstm,
    PeepholeLSTMCell: _peephole_lstm,
    GRUCell: _gru,
    ResetAfterGRUCell: _reset_after_gru,
    Readout: _readout,
    Stack: _stack,
}

# f'(a) from y = f(a), for every activation whose derivative is known.
SLOPES: dict[Callable, Callable] = {
    np.tanh: lambda y: 1 - y**2,
    sigmoid: lambda y: y * (1 - y),
    relu: lambda y: (y > 0).astype(y.dtype),
    identity: np.ones_like,
}


def _derivative(cell):
    """The backward step of this kind of cell."""
    return _known(DERIVATIVES, "derivative", cell)


def _known(table, what, cell, name="network"):
    """What `table` holds for this kind of cell, or for one whose equations
    it inherits without a change."""
    kind = type(checked_network(name, cell))
    for known in kind.__mro__:
        if known in table and all(
            getattr(kind, name, None) is getattr(known, name, None)
            for name in ("step", "gates", "read")
        ):
            return table[known]
    raise TypeError(f"{name}: no {what} is known for a {kind.__name__}")


def _slope(f):
    """f'(a) as a function of y = f(a)."""
    if f not in SLOPES:
        known = ", ".join(known.__name__ for known in SLOPES)
        raise TypeError(
            f"f: expected one of {known}, got {getattr(f, '__name__', f)}"
        )
    return SLOPES[f]


def _layers(cell, d_a, x, h_before):
    """Back through a(t) = W_x x(t) + W_h h(t-1) + b of every layer; `d_a`
    is a dict by layer."""
    d_weights = {}
    for layer, d in d_a.items():
        d_weights[f"W_x{layer}"] = _outer(d, x)
        d_weights[f"W_h{layer}"] = _outer(d, h_before)
        d_weights[f"b_{layer}"] = _over_batch(d)
    d_x = sum(d @ getattr(cell, f"W_x{layer}") for layer, d in d_a.items())
    d_h_before = sum(
        d @ getattr(cell, f"W_h{layer}") for layer, d in d_a.items()
    )
    return d_x, d_h_before, d_weights


def _read_back(readout, h, y, d_output):
    """Back through y = f(W h + b), for any number of steps at once: d_h and
    the gradients of W and b."""
    d_a = d_output * _slope(readout.f)(y)
    d_weights = {"W": _outer(d_a, h), "b": _over_batch(d_a)}
    return d_a @ readout.W, d_weights


def _renamed(prefix, gradient):
    """The gradient of a part, by the names that its weights have in the
    whole."""
    return {f"{prefix}.{name}": d for name, d in gradient.items()}


def _outer(d, x):
    """d x^T, summed over all axes but the last."""
    return _rows(d).T @ _rows(x)


def _over_batch(d):
    """d, summed over all axes but the last."""
    return _rows(d).sum(axis=0)


def _rows(v):
    return v.reshape(-1, v.shape[-1])
