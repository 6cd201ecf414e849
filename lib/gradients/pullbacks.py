r"""The derivative of one step of every cell, read backwards.

A step maps (x(t), s(t-1), weights) to (y(t), s(t)). Its pullback takes what
a loss L changes by per unit of y(t) and of s(t), and gives what L changes
by per unit of x(t), of s(t-1) and of each weight: the chain rule, once.
dL/dv is written `d_v`, and has the shape of v.

    d_x, d_states_before, d_weights = pullback(cell, x, states, d_output,
    d_states)

    x         (inputs,) or (batch, inputs)
    states    s(t-1), a tuple of (units,) or (batch, units)
    d_output  like y(t)
    d_states  like s(t)

d_weights is a dict with the names of `cell.weights`, summed over the batch.
The inner values are those of the cell's own forward step, so the derivative
is that of the function that runs.
"""

from functools import singledispatch
from types import SimpleNamespace

import numpy as np

from lib.cells import (
    GRUCell,
    LSTMCell,
    PeepholeLSTMCell,
    Readout,
    ResetAfterGRUCell,
    SimpleCell,
    Stack,
)
from lib.cells.activations import identity, relu, sigmoid

SLOPES = {
    np.tanh: lambda y: 1 - y**2,
    sigmoid: lambda y: y * (1 - y),
    relu: lambda y: (y > 0).astype(y.dtype),
    identity: np.ones_like,
}


@singledispatch
def pullback(cell, x, states, d_output, d_states):
    """The pullback of one step, as above; TypeError for a cell whose
    derivative is unknown."""
    raise TypeError(
        f"cell: no derivative is known for a {type(cell).__name__}"
    )


@pullback.register
def _(cell: SimpleCell, x, states, d_output, d_states):
    """y(t) = f(a), a = W_x x(t) + W_y y(t-1) + b."""
    (y_before,) = states
    y, _ = cell.step(x, states)
    d_a = (d_output + d_states[0]) * slope(cell.f, y)
    d_weights = {
        "W_x": outer(d_a, x),
        "W_y": outer(d_a, y_before),
        "b": over_batch(d_a),
    }
    return d_a @ cell.W_x, (d_a @ cell.W_y,), d_weights


@pullback.register
def _(cell: LSTMCell, x, states, d_output, d_states):
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
    d_x, d_h_before, d_weights = layers_pullback(cell, d_a, x, h_before)
    return d_x, (d_h_before, d_c * v.f), d_weights


@pullback.register
def _(cell: PeepholeLSTMCell, x, states, d_output, d_states):
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
    d_x, d_h_before, d_weights = layers_pullback(cell, d_a, x, h_before)
    d_weights |= {
        "p_i": over_batch(d_a["i"] * c_before),
        "p_f": over_batch(d_a["f"] * c_before),
        "p_o": over_batch(d_a["o"] * v.c),
    }
    d_c_before = d_c * v.f + d_a["i"] * cell.p_i + d_a["f"] * cell.p_f
    return d_x, (d_h_before, d_c_before), d_weights


@pullback.register
def _(cell: GRUCell, x, states, d_output, d_states):
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
        d_weights[f"W_x{layer}"] = outer(d, x)
        d_weights[f"W_h{layer}"] = outer(d, recurrent[layer])
        d_weights[f"b_{layer}"] = over_batch(d)
    d_x = sum(d @ getattr(cell, f"W_x{layer}") for layer, d in d_a.items())
    d_h_before = (
        d_h * v.z
        + d_reset * v.r
        + d_a["z"] @ cell.W_hz
        + d_a["r"] @ cell.W_hr
    )
    return d_x, (d_h_before,), d_weights


@pullback.register
def _(cell: ResetAfterGRUCell, x, states, d_output, d_states):
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
        d_weights[f"W_x{layer}"] = outer(from_input[layer], x)
        d_weights[f"W_h{layer}"] = outer(from_state[layer], h_before)
        d_weights[f"b_x{layer}"] = over_batch(from_input[layer])
        d_weights[f"b_h{layer}"] = over_batch(from_state[layer])
    d_x = sum(
        d @ getattr(cell, f"W_x{layer}") for layer, d in from_input.items()
    )
    d_h_before = sum(
        d @ getattr(cell, f"W_h{layer}") for layer, d in from_state.items()
    )
    return d_x, (d_h * v.z + d_h_before,), d_weights


@pullback.register
def _(cell: Readout, x, states, d_output, d_states):
    """y(t) = f(W h(t) + b), then the inner cell."""
    h, _ = cell.cell.step(x, states)
    d_a = d_output * slope(cell.f, cell.f(h @ cell.W.T + cell.b))
    d_x, d_before, d_inner = pullback(
        cell.cell, x, states, d_a @ cell.W, d_states
    )
    d_weights = {f"cell.{name}": d for name, d in d_inner.items()}
    return (
        d_x,
        d_before,
        d_weights | {"W": outer(d_a, h), "b": over_batch(d_a)},
    )


@pullback.register
def _(cell: Stack, x, states, d_output, d_states):
    """The cells from the top down; what reaches a cell's input came out of
    the cell below."""
    own, d_own, inputs = cell.split(states), cell.split(d_states), [x]
    for layer, states_of_layer in zip(cell.cells, own, strict=True):
        inputs.append(layer.step(inputs[-1], states_of_layer)[0])
    d_before, d_weights = (), {}
    for k, layer in reversed(list(enumerate(cell.cells))):
        d_output, d_own_before, d_layer = pullback(
            layer, inputs[k], own[k], d_output, d_own[k]
        )
        d_before = d_own_before + d_before
        d_weights |= {
            f"cells[{k}].{name}": d for name, d in d_layer.items()
        }
    return d_output, d_before, d_weights


def layers_pullback(cell, d_a, x, h_before):
    """Back through a(t) = W_x x(t) + W_h h(t-1) + b of every layer; `d_a`
    is a dict by layer."""
    d_weights = {}
    for layer, d in d_a.items():
        d_weights[f"W_x{layer}"] = outer(d, x)
        d_weights[f"W_h{layer}"] = outer(d, h_before)
        d_weights[f"b_{layer}"] = over_batch(d)
    d_x = sum(d @ getattr(cell, f"W_x{layer}") for layer, d in d_a.items())
    d_h_before = sum(
        d @ getattr(cell, f"W_h{layer}") for layer, d in d_a.items()
    )
    return d_x, d_h_before, d_weights


def slope(f, y):
    """f'(a) where y = f(a); TypeError for an activation whose derivative is
    unknown."""
    if f not in SLOPES:
        known = ", ".join(known.__name__ for known in SLOPES)
        raise TypeError(
            f"f: expected one of {known}, got {getattr(f, '__name__', f)}"
        )
    return SLOPES[f](y)


def outer(d, x):
    """d x^T, summed over the batch if there is one."""
    return np.atleast_2d(d).T @ np.atleast_2d(x)


def over_batch(d):
    """d, summed over the batch if there is one."""
    return np.atleast_2d(d).sum(axis=0)
