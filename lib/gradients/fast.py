r"""The fast road: the same networks, results and gradients, a whole
sequence at once.

`unroll` and `bptt` are there to be read. Here every kind of network has a
form of its own, with the same equations, that saves what costs time:

- the layers of a cell are one product a step. With v(t) = [h(t-1), x(t), 1]
  and [W_h W_x b] as one matrix a layer, all net inputs are v(t) W^T, and
  the gradient of the three is one product over all steps;
- results are written into arrays that are there already, and the largest
  stay from one call to the next;
- what the way back needs of a gate at all steps is computed for all steps
  at once, before the walk.

Arrays are (steps, batch, size) in the order in which the steps are read.
Nothing but the order of summation differs from the plain road; a test says
by how little.
"""

import threading
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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
from lib.checks import Array, ArrayLike, States
from lib.gradients.backward_step import _known, _renamed, _slope
from lib.gradients.losses import squared_error
from lib.gradients.through_time import (
    Backward,
    Loss,
    _checked,
    _like_weights,
    _reading,
)


def fast_bptt(
    network: Cell,
    inputs: ArrayLike,
    targets: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    *,
    initial_states: States | None = None,
    mask: ArrayLike | None = None,
    reverse: bool = False,
    loss: Loss = squared_error,
    d_final_states: States | None = None,
) -> Backward:
    """What `bptt` gives, several times sooner; arguments, result and errors
    as there.

    Raises also TypeError for a network with a part that has no fast form:
    one of a kind of your own, or with an activation whose derivative is
    unknown.

    Explained in: fast-road
    """
    with _run(
        network,
        inputs,
        targets,
        weights,
        initial_states=initial_states,
        mask=mask,
        reverse=reverse,
        loss=loss,
        d_final_states=d_final_states,
    ) as (run, problem):
        value, d_outputs = problem.loss_of(run.outputs())
        gradient = run.backward(d_outputs, problem.d_final_states)
        return Backward(
            value, gradient, run.last(), run.d_inputs(), run.d_first()
        )


def fast_unroll(
    network: Cell,
    inputs: ArrayLike,
    initial_states: States | None = None,
    mask: ArrayLike | None = None,
    reverse: bool = False,
) -> tuple[Array, States]:
    """What `unroll` gives, several times sooner; arguments, result and
    errors as there, and TypeError for a network with a part that has no
    fast form.

    Explained in: fast-road
    """
    reading = _reading(network, inputs, initial_states, mask, reverse)
    with _lent(reading.inputs.dtype) as empty:
        run = _Run(network, reading, empty)
        return run.outputs(), run.history()


def _fast_gradient(network, inputs, targets=None, weights=None, **others):
    """L and the gradient of the weights, as of `fast_bptt`, without what
    training throws away."""
    with _run(network, inputs, targets, weights, **others) as (
        run,
        problem,
    ):
        value, d_outputs = problem.loss_of(run.outputs())
        return value, run.backward(d_outputs, problem.d_final_states)


def _fast_loss(network, inputs, targets, weights=None, **others):
    """L, as of `fast_bptt`, from the way forwards alone."""
    with _run(network, inputs, targets, weights, **others) as (
        run,
        problem,
    ):
        return problem.loss_of(run.outputs())[0]


@contextmanager
def _run(network, *given, **others):
    problem = _checked(network, *given, **others)
    with _lent(problem.reading.inputs.dtype) as empty:
        yield _Run(network, problem.reading, empty), problem


class _Run:
    """A network's form run along checked inputs, and the way between the
    arrays of the caller, (batch, steps, size) or (steps, size), and those
    of the form."""

    def __init__(self, network, reading, empty):
        self.network, self.form = network, _form(network, empty)
        self.single = reading.inputs.ndim == 2
        self.order = slice(None, None, -1 if reading.reverse else 1)
        padding = None
        if reading.mask is not None:
            real = np.atleast_2d(reading.mask).T[self.order]
            padding = _Padding.where(~real[..., np.newaxis])
        states = tuple(map(np.atleast_2d, reading.initial_states))
        with np.errstate(over="ignore", under="ignore"):
            self.Y = self.form.forward(
                self._in(reading.inputs), states, padding
            )

    def outputs(self):
        return self._out(self.Y)

    def history(self):
        return tuple(map(self._out, self.form.history()))

    def backward(self, d_outputs, d_final_states):
        """The gradient of the weights."""
        d_last = tuple(map(np.atleast_2d, d_final_states))
        gradient = self.form.backward(self._in(d_outputs), d_last)
        return _like_weights(self.network, gradient)

    def last(self):
        return self._last(self.form.last())

    def d_inputs(self):
        return self._out(self.form.to_inputs())

    def d_first(self):
        return self._last(self.form.d_first)

    def _in(self, rows):
        return np.swapaxes(rows[np.newaxis] if self.single else rows, 0, 1)[
            self.order
        ]

    def _out(self, steps):
        """A copy, since what a form holds is lent."""
        rows = np.array(np.swapaxes(steps[self.order], 0, 1), order="C")
        return rows[0] if self.single else rows

    def _last(self, states):
        return tuple(
            s[0].copy() if self.single else s.copy() for s in states
        )


class _Padding(NamedTuple):
    """Which steps are padding, (steps, batch, 1); at which steps any
    sequence is; and where no real step has come yet, if anywhere."""

    steps: NDArray[np.bool_]
    some: list[bool]
    unstarted: NDArray[np.bool_] | None

    @classmethod
    def where(cls, padded):
        """None where nothing is padded."""
        some = padded.any(axis=(1, 2))
        if not some.any():
            return None
        unstarted = np.logical_and.accumulate(padded)
        return cls(
            padded, some.tolist(), unstarted if unstarted[0].any() else None
        )

    def reversed(self):
        return _Padding.where(self.steps[::-1])


def _without_unstarted(array, padding):
    """Zero where no real step has come yet: there an output is none, and
    nothing reaches it."""
    if padding is None or padding.unstarted is None:
        return array
    return np.where(padding.unstarted, 0, array)


def _forwards(steps, padding, states):
    """Every t, in order; behind each the states of padded sequences go back
    to what they were.

    states  arrays (steps + 1, batch, units), which hold s(t) at t + 1
    """
    for t in range(steps):
        yield t
        if padding is not None and padding.some[t]:
            for s in states:
                np.copyto(s[t + 1], s[t], where=padding.steps[t])


def _backwards(dY, padding, d_states):
    """Every t, the last first; before each dL/dy(t) joins dL/dh(t), and
    what reaches the states of padded sequences passes by.

    d_states  dL/ds, changed in place; the first is dL/dh
    """
    for t in reversed(range(len(dY))):
        d_states[0] += dY[t]
        if padding is None or not padding.some[t]:
            yield t
            continue
        padded = padding.steps[t]
        skipped = [np.where(padded, d, 0) for d in d_states]
        for d in d_states:
            np.copyto(d, 0, where=padded)
        yield t
        for d, d_skipped in zip(d_states, skipped, strict=True):
            d += d_skipped


class _CellForm:
    """What the forms of cells share: v(t) = [h(t-1), x(t), 1], and the
    matrices [W_h W_x b] of the layers, (layers, units, size of v).

    A form names the three weights of each layer in `names`. Its `forward`
    fills the states, its `backward` the array D of dL/da, the net inputs,
    (layers, steps, batch, units).
    """

    names: tuple[tuple[str, str, str], ...]

    def __init__(self, cell, empty):
        self.cell, self.empty = cell, empty

    def start(self, X, states, padding):
        """Room for v(t) at all steps, and for the states, of which h is a
        part of v: V, W, h, and the other states."""
        steps, batch, inputs = X.shape
        units = self.cell.output_size
        self.padding, self.units = padding, units
        self.V = self.empty(steps + 1, batch, units + inputs + 1)
        self.V[:-1, :, units:-1] = X
        self.V[..., -1] = 1
        self.states = [self.V[..., :units]]
        for _ in states[1:]:
            self.states.append(self.empty(steps + 1, batch, units))
        for state, first in zip(self.states, states, strict=True):
            state[0] = first
        self.W = self.pack()
        return self.V, self.states

    def pack(self):
        weights, units = self.cell.weights, self.units
        W = self.empty(len(self.names), units, self.V.shape[-1])
        for k, (W_h, W_x, b) in enumerate(self.names):
            W[k, :, :units] = weights[W_h]
            W[k, :, units:-1] = weights[W_x]
            W[k, :, -1] = weights[b]
        return W

    def unpack(self, d_W, names):
        gradient, units = {}, self.units
        for d, (W_h, W_x, b) in zip(d_W, names, strict=True):
            gradient[W_h] = d[:, :units]
            gradient[W_x] = d[:, units:-1]
            gradient[b] = d[:, -1]
        return gradient

    def output(self):
        return _without_unstarted(self.states[0][1:], self.padding)

    def history(self):
        return [state[1:] for state in self.states]

    def last(self):
        return [state[-1] for state in self.states]

    def start_back(self, dY, d_last, layers=None):
        """dL/dy without what reaches nothing, dL/ds of the last step, room
        for D, and W_h."""
        self.d_first = [np.array(d) for d in d_last]
        self.D = self.empty(layers or len(self.names), *dY.shape)
        dY = _without_unstarted(dY, self.padding)
        return dY, self.d_first, self.D, self.W[:, :, : self.units]

    def gradient(self):
        return self.unpack(_product(self.D, self.V[:-1]), self.names)

    def to_inputs(self):
        """dL/dx(t), the sum over the layers of W_x^T dL/da."""
        W_x = self.W[:, :, self.units : -1]
        return _sum_of_products(self.D, W_x)


def _product(D, V):
    """D^T V over all steps and sequences, one matrix a layer."""
    D = D.reshape(len(D), -1, D.shape[-1])
    return np.matmul(D.swapaxes(1, 2), V.reshape(-1, V.shape[-1]))


def _sum_of_products(D, W):
    """The sum of D W over the layers, (steps, batch, columns of W)."""
    rows = D.reshape(len(D), -1, D.shape[-1])
    return np.matmul(rows, W).sum(axis=0).reshape(*D.shape[1:3], -1)


class _Simple(_CellForm):
    """Eq. (1)."""

    names = (("W_y", "W_x", "b"),)

    def forward(self, X, states, padding):
        V, (H,) = self.start(X, states, padding)
        f, a, W = self.cell.f, np.empty_like(H[0]), self.W[0].T
        for t in _forwards(len(X), padding, self.states):
            np.matmul(V[t], W, out=a)
            H[t + 1] = f(a)
        return self.output()

    def backward(self, dY, d_last):
        dY, (d_h,), (D,), (W_h,) = self.start_back(dY, d_last)
        D[...] = _slope(self.cell.f)(self.states[0][1:])
        for t in _backwards(dY, self.padding, [d_h]):
            d_a = D[t]
            d_a *= d_h
            np.matmul(d_a, W_h, out=d_h)
        return self.gradient()


class _LSTM(_CellForm):
    """Eqs. (2) to (7), with peepholes or without."""

    names = tuple((f"W_h{k}", f"W_x{k}", f"b_{k}") for k in "ifog")

    def forward(self, X, states, padding):
        V, (H, C) = self.start(X, states, padding)
        W, product = self.W.copy(), np.empty_like(self.states[1][0])
        W[:3] *= -1  # minus the net inputs of the gates, as exp(-a) wants
        W = W.swapaxes(1, 2)
        self.A = self.empty(len(X), 4, *H[0].shape)
        self.tanh_C = self.empty(len(X), *H[0].shape)
        I, F, O, G = self.A.swapaxes(0, 1)  # noqa: E741
        p, one = self.peepholes(), np.ones((), H.dtype)
        early = 3 if p is None else 2  # gates that do not wait for c(t)
        for t in _forwards(len(X), padding, self.states):
            a, i, f, o, g = self.A[t], I[t], F[t], O[t], G[t]
            np.matmul(V[t], W, out=a)
            if p is not None:
                i -= np.multiply(p[0], C[t], out=product)
                f -= np.multiply(p[1], C[t], out=product)
            _sigmoid_of_minus(a[:early], one)
            np.tanh(g, out=g)
            c = C[t + 1]
            np.multiply(f, C[t], out=c)
            c += np.multiply(i, g, out=product)
            if p is not None:
                o -= np.multiply(p[2], c, out=product)
                _sigmoid_of_minus(o, one)
            tanh_c = np.tanh(c, out=self.tanh_C[t])
            np.multiply(o, tanh_c, out=H[t + 1])
        return self.output()

    def backward(self, dY, d_last):
        dY, (d_h, d_c), D, W_h = self.start_back(dY, d_last)
        I, F, O, G = self.A.swapaxes(0, 1)  # noqa: E741
        C, tanh_C, p = self.states[1], self.tanh_C, self.peepholes()
        d_i, d_f, d_o, d_g = D
        np.multiply(_gate_slope(I, d_i), G, out=d_i)  # of a_i, per d_c
        np.multiply(_gate_slope(F, d_f), C[:-1], out=d_f)
        np.multiply(_gate_slope(O, d_o), tanh_C, out=d_o)  # per d_h
        np.multiply(_tanh_slope(G, d_g), I, out=d_g)
        c_slope = _tanh_slope(tanh_C, self.empty(*tanh_C.shape))
        c_slope *= O
        product, layers = np.empty_like(d_h), np.empty_like(D[:, 0])
        for t in _backwards(dY, self.padding, [d_h, d_c]):
            i, f, o, g = d_i[t], d_f[t], d_o[t], d_g[t]
            o *= d_h
            d_c += np.multiply(d_h, c_slope[t], out=product)
            if p is not None:
                d_c += np.multiply(p[2], o, out=product)
            i *= d_c
            f *= d_c
            g *= d_c
            np.matmul(D[:, t], W_h, out=layers).sum(axis=0, out=d_h)
            d_c *= F[t]
            if p is not None:
                d_c += np.multiply(p[0], i, out=product)
                d_c += np.multiply(p[1], f, out=product)
        gradient = self.gradient()
        if p is not None:
            pairs = {"p_i": (d_i, C[:-1]), "p_f": (d_f, C[:-1])}
            pairs["p_o"] = (d_o, C[1:])
            for name, (d, c) in pairs.items():
                gradient[name] = np.einsum("tbu,tbu->u", d, c)
        return gradient

    def peepholes(self):
        if not isinstance(self.cell, PeepholeLSTMCell):
            return None
        cell = self.cell
        return np.stack([cell.p_i, cell.p_f, cell.p_o]).astype(self.V.dtype)


class _GRU(_CellForm):
    """Eqs. (8) to (11); the main layer reads [r(t) * h(t-1), x(t), 1]."""

    names = tuple((f"W_h{k}", f"W_x{k}", f"b_{k}") for k in "zrg")

    def forward(self, X, states, padding):
        V, (H,) = self.start(X, states, padding)
        W_gates = -self.W[:2].swapaxes(1, 2)
        W_g = self.W[2].T
        self.gates = self.empty(len(X), 2, *H[0].shape)
        self.G = self.empty(len(X), *H[0].shape)
        self.V_g = self.empty(*V[:-1].shape)
        self.V_g[..., self.units :] = V[:-1, :, self.units :]
        RH, scratch = self.V_g[..., : self.units], np.empty_like(H[0])
        Z, R = self.gates.swapaxes(0, 1)
        one = np.ones((), H.dtype)
        for t in _forwards(len(X), padding, self.states):
            gates, g, h = self.gates[t], self.G[t], H[t]
            np.matmul(V[t], W_gates, out=gates)
            _sigmoid_of_minus(gates, one)
            np.multiply(R[t], h, out=RH[t])
            np.matmul(self.V_g[t], W_g, out=g)
            np.tanh(g, out=g)
            np.multiply(Z[t], h, out=H[t + 1])
            np.subtract(one, Z[t], out=scratch)
            scratch *= g
            H[t + 1] += scratch
        return self.output()

    def backward(self, dY, d_last):
        dY, (d_h,), D, W_h = self.start_back(dY, d_last)
        Z, R = self.gates.swapaxes(0, 1)
        G, H = self.G, self.states[0][:-1]
        d_z, d_r, d_g = D
        _gate_slope(Z, d_z)
        d_z *= H - G
        np.multiply(_gate_slope(R, d_r), H, out=d_r)  # per dL/d(r h)
        np.multiply(_tanh_slope(G, d_g), 1 - Z, out=d_g)
        W_gates, W_g = W_h[:2], W_h[2]
        d_rh, layers = np.empty_like(d_h), np.empty_like(D[:2, 0])
        for t in _backwards(dY, self.padding, [d_h]):
            z, r, g = d_z[t], d_r[t], d_g[t]
            z *= d_h
            g *= d_h
            np.matmul(g, W_g, out=d_rh)
            r *= d_rh
            d_h *= Z[t]
            d_rh *= R[t]
            d_h += d_rh
            np.matmul(D[:2, t], W_gates, out=layers)
            d_h += layers[0]
            d_h += layers[1]
        return self.gradient()

    def gradient(self):
        gates, main = self.names[:2], self.names[2:]
        gradient = self.unpack(_product(self.D[:2], self.V[:-1]), gates)
        return gradient | self.unpack(_product(self.D[2:], self.V_g), main)


class _ResetAfterGRU(_CellForm):
    """The GRU of Keras and PyTorch: what r(t) acts on, n(t) = W_hg h(t-1) +
    b_hg, is a layer of its own that reads no x(t)."""

    names = (("", "", ""),) * 3  # z, r, n; see pack

    def pack(self):
        w, units = self.cell.weights, self.units
        W = self.empty(3, units, self.V.shape[-1])
        for k, layer in enumerate("zr"):
            W[k, :, :units] = w[f"W_h{layer}"]
            W[k, :, units:-1] = w[f"W_x{layer}"]
            W[k, :, -1] = w[f"b_x{layer}"] + w[f"b_h{layer}"]
        W[2, :, :units] = w["W_hg"]
        W[2, :, units:-1] = 0
        W[2, :, -1] = w["b_hg"]
        return W

    def forward(self, X, states, padding):
        V, (H,) = self.start(X, states, padding)
        W = self.W.copy()
        W[:2] *= -1
        W = W.swapaxes(1, 2)
        self.X = V[:-1, :, self.units :]  # with the 1, for the bias
        self.W_g = np.column_stack([self.cell.W_xg, self.cell.b_xg])
        self.A = self.empty(len(X), 3, *H[0].shape)
        self.G = self.empty(len(X), *H[0].shape)
        np.matmul(_matrix(self.X), self.W_g.T, out=_matrix(self.G))
        Z, R, N = self.A.swapaxes(0, 1)
        scratch, one = np.empty_like(H[0]), np.ones((), H.dtype)
        for t in _forwards(len(X), padding, self.states):
            a, g, h = self.A[t], self.G[t], H[t]
            np.matmul(V[t], W, out=a)
            _sigmoid_of_minus(a[:2], one)
            g += np.multiply(R[t], N[t], out=scratch)
            np.tanh(g, out=g)
            np.multiply(Z[t], h, out=H[t + 1])
            np.subtract(one, Z[t], out=scratch)
            scratch *= g
            H[t + 1] += scratch
        return self.output()

    def backward(self, dY, d_last):
        dY, (d_h,), D, W_h = self.start_back(dY, d_last, layers=4)
        Z, R, N = self.A.swapaxes(0, 1)
        d_z, d_r, d_n, d_g = D  # all of them per d_h, until the walk
        np.multiply(_tanh_slope(self.G, d_g), 1 - Z, out=d_g)
        np.multiply(d_g, R, out=d_n)
        np.multiply(_gate_slope(R, d_r), N, out=d_r)
        d_r *= d_g
        np.subtract(self.states[0][:-1], self.G, out=self.G)
        np.multiply(_gate_slope(Z, d_z), self.G, out=d_z)
        scratch, layers = np.empty_like(d_h), np.empty_like(D[:3, 0])
        for t in _backwards(dY, self.padding, [d_h]):
            d = D[:, t]
            d *= d_h
            np.matmul(d[:3], W_h, out=layers)
            d_h *= Z[t]
            d_h += layers.sum(axis=0, out=scratch)
        return self.gradient()

    def gradient(self):
        units = self.units
        d_W = _product(self.D[:3], self.V[:-1])
        d_g = _product(self.D[3:], self.X)[0]
        gradient = {"W_xg": d_g[:, :-1], "b_xg": d_g[:, -1]}
        for layer, d in zip("zrg", d_W, strict=True):
            gradient[f"W_h{layer}"] = d[:, :units]
            gradient[f"b_h{layer}"] = d[:, -1]
            if layer != "g":
                gradient[f"W_x{layer}"] = d[:, units:-1]
                gradient[f"b_x{layer}"] = d[:, -1].copy()
        return gradient

    def to_inputs(self):
        W_x = np.concatenate(
            [self.W[:2, :, self.units : -1], self.W_g[np.newaxis, :, :-1]]
        )
        return _sum_of_products(self.D[[0, 1, 3]], W_x)


class _Readout:
    """y(t) = f(W h(t) + b) at all steps at once."""

    def __init__(self, readout, empty):
        self.readout, self.inner = readout, _form(readout.cell, empty)
        self.slope, self.empty = _slope(readout.f), empty

    def forward(self, X, states, padding):
        H = self.inner.forward(X, states, padding)
        # Above both directions the readout reads what stands at padding.
        self.padding = padding if self.readout.causal else None
        self.shape, self.H = H.shape, _matrix(H)
        self.Y = self.readout.read(self.H)
        return _without_unstarted(
            self.Y.reshape(*H.shape[:2], -1), self.padding
        )

    def backward(self, dY, d_last):
        dA = _matrix(_without_unstarted(dY, self.padding))
        dA = dA * self.slope(self.Y)
        dH = self.empty(*self.H.shape)
        # With one output the product is an outer one, quicker elementwise.
        product = np.multiply if dA.shape[1] == 1 else np.matmul
        product(dA, self.readout.W, out=dH)
        gradient = self.inner.backward(dH.reshape(self.shape), d_last)
        own = {"W": dA.T @ self.H, "b": dA.sum(axis=0)}
        self.d_first = self.inner.d_first
        return _renamed("cell", gradient) | own

    def to_inputs(self):
        return self.inner.to_inputs()

    def history(self):
        return self.inner.history()

    def last(self):
        return self.inner.last()


class _Stack:
    """Layer by layer, the lowest first and back again."""

    def __init__(self, stack, empty):
        self.stack = stack
        self.layers = [_form(cell, empty) for cell in stack.cells]

    def forward(self, X, states, padding):
        own = self.stack.split(states)
        for layer, first in zip(self.layers, own, strict=True):
            X = layer.forward(X, first, padding)
        return X

    def backward(self, dY, d_last):
        own, gradient, self.d_first = self.stack.split(d_last), {}, []
        for k in reversed(range(len(self.layers))):
            layer = self.layers[k]
            d_layer = layer.backward(dY, own[k])
            gradient |= _renamed(f"cells[{k}]", d_layer)
            self.d_first = [*layer.d_first, *self.d_first]
            if k:
                dY = layer.to_inputs()
        return gradient

    def to_inputs(self):
        return self.layers[0].to_inputs()

    def history(self):
        return [s for layer in self.layers for s in layer.history()]

    def last(self):
        return [s for layer in self.layers for s in layer.last()]


class _Bidirectional:
    """One part as it stands, the other on the reversed sequence."""

    def __init__(self, both, empty):
        self.both = both
        self.ahead = _form(both.forward, empty)
        self.back = _form(both.backward, empty)

    def forward(self, X, states, padding):
        ahead, back = self.both.split(states)
        Y = self.ahead.forward(X, ahead, padding)
        padding = padding and padding.reversed()
        Y_back = self.back.forward(X[::-1], back, padding)
        return np.concatenate([Y, Y_back[::-1]], axis=-1)

    def backward(self, dY, d_last):
        ahead, back = self.both.split(d_last)
        size = self.both.forward.output_size
        gradient = self.ahead.backward(dY[..., :size], ahead)
        d_back = self.back.backward(dY[::-1, :, size:], back)
        self.d_first = [*self.ahead.d_first, *self.back.d_first]
        gradient = _renamed("forward", gradient)
        return gradient | _renamed("backward", d_back)

    def to_inputs(self):
        return self.ahead.to_inputs() + self.back.to_inputs()[::-1]

    def history(self):
        back = [state[::-1] for state in self.back.history()]
        return [*self.ahead.history(), *back]

    def last(self):
        return [*self.ahead.last(), *self.back.last()]


FORMS = {
    SimpleCell: _Simple,
    LSTMCell: _LSTM,
    PeepholeLSTMCell: _LSTM,
    GRUCell: _GRU,
    ResetAfterGRUCell: _ResetAfterGRU,
    Readout: _Readout,
    Stack: _Stack,
    Bidirectional: _Bidirectional,
}


def _form(network, empty):
    """The fast form of a network; `empty(*shape)` gives it room."""
    return _known(FORMS, "fast form", network)(network, empty)


def _sigmoid_of_minus(a, one):
    """sigma(-a) = 1 / (1 + exp(a)), in place. `one` is a ready array: a
    plain 1 would become one at every step."""
    np.exp(a, out=a)
    np.add(one, a, out=a)
    np.divide(one, a, out=a)


def _gate_slope(s, out):
    """sigma'(a) = s (1 - s) where s = sigma(a)."""
    np.subtract(1, s, out=out)
    out *= s
    return out


def _tanh_slope(g, out):
    """tanh'(a) = 1 - g^2 where g = tanh(a)."""
    np.multiply(g, g, out=out)
    return np.subtract(1, out, out=out)


def _matrix(array):
    """(steps, batch, size) as one matrix (steps * batch, size)."""
    return array.reshape(-1, array.shape[-1])


_left = threading.local()  # arrays that the latest call of a thread left
_MOST_LEFT = 2**26  # bytes


@contextmanager
def _lent(dtype):
    """A function that gives uninitialised arrays of a shape: those of the
    call before, where they fit, because memory that was in use a moment ago
    is several times faster than fresh memory.

    They leave the list while they are in use, so that a call inside this
    one, by way of its loss, finds others; each thread has a list of its
    own.
    """
    free, lent = getattr(_left, "arrays", []), []

    def empty(*shape):
        array = free.pop() if free else None
        if array is None or (array.shape, array.dtype) != (shape, dtype):
            array = np.empty(shape, dtype)
        lent.append(array)
        return array

    yield empty
    if sum(array.nbytes for array in lent) <= _MOST_LEFT:
        _left.arrays = lent[::-1]
