r"""Fast forms of the cells, for training: the same equations, a whole
sequence at once.

The plain cells are there to be read. Here the layers of a cell stand on top
of each other in one W_x, one W_h and one b, all products with x(t) are done
before the walk through time, and arrays are columns in time order, (steps,
size, batch), so that every gate is one block of memory. A gate's rows are
halved beforehand, because sigma(a) = (1 + tanh(a/2)) / 2 lets one tanh
serve all layers.

    fast = fused(cell)
    H = fast.forward(X)           X (steps, inputs, batch), H (steps, units,
    batch) gradient = fast.backward(dH)  dL/dH, H's shape, to a dict like
    `fast.weights`
    fast.cell()                   the plain cell with these weights

`fast.weights` are arrays that an optimiser changes in place; they keep the
cell's dtype. Sequences start at zero states. That plain and fast agree to
rounding is tested.
"""

from functools import singledispatch

import numpy as np

from lib.cells import (
    GRUCell,
    LSTMCell,
    PeepholeLSTMCell,
    ResetAfterGRUCell,
    SimpleCell,
)
from lib.conventions import layouts


@singledispatch
def fused(cell):
    """The fast form of a plain cell. TypeError for a cell that has none."""
    raise TypeError(
        f"cell: no fused form is known for a {type(cell).__name__}"
    )


class Fused:
    """What the fast forms share: packing, the product with all inputs, and
    its gradient."""

    order = ""
    gates = 0

    def __init__(self, cell):
        self.kind = type(cell)
        self.weights = {
            "W_x": layouts.pack(cell.weights, "W_x", self.order),
            "W_h": layouts.pack(cell.weights, "W_h", self.order),
            "b": layouts.pack(cell.weights, "b_", self.order),
        }
        self._set_sizes()

    def _set_sizes(self):
        self.units = self.weights["W_h"].shape[1]
        self.half = np.ones(
            (len(self.weights["b"]), 1), self.weights["b"].dtype
        )
        self.half[: self.gates * self.units] = 0.5

    def cell(self):
        return layouts.cell(self.kind, self.order, self.weights)

    def _start(self, X):
        """Keep X, make room for H(-1) = 0, H(0) ..., and compute W_x x(t) +
        b for all t."""
        steps, _, batch = X.shape
        self.X = X
        self.H = np.zeros((steps + 1, self.units, batch), X.dtype)
        self.A = np.matmul(self.weights["W_x"] * self.half, X)
        self.A += self.weights["b"][:, None] * self.half
        self.product = np.empty_like(self.A[0])
        self.scratch = np.empty_like(self.H[0])

    def _slopes(self):
        """Every layer's derivative from its value: s(1 - s) of the gates, 1
        - g^2 of the rest."""
        D, n = self.A * self.A, self.gates * self.units
        np.subtract(self.A[:, :n], D[:, :n], out=D[:, :n])
        np.subtract(1, D[:, n:], out=D[:, n:])
        return D

    def _layers_gradient(self, D):
        d = stack_steps(D)
        return {
            "W_x": d @ stack_steps(self.X).T,
            "W_h": d @ stack_steps(self.H[:-1]).T,
            "b": d.sum(axis=1),
        }

    def _rows(self, array):
        """The blocks of `array`'s rows, one a layer in the order of
        `order`."""
        return (
            array[k : k + self.units]
            for k in range(0, len(array), self.units)
        )


class FusedSimple(Fused):
    """Eq. (1) with tanh."""

    def __init__(self, cell):
        if cell.f is not np.tanh:
            raise TypeError(
                "f: the fused form is for tanh; use the plain cell for"
                " another"
            )
        self.weights = {
            "W_x": cell.W_x.copy(),
            "W_h": cell.W_y.copy(),
            "b": cell.b.copy(),
        }
        self._set_sizes()

    def cell(self):
        return SimpleCell(
            self.weights["W_x"], self.weights["W_h"], self.weights["b"]
        )

    def forward(self, X):
        self._start(X)
        for t, a in enumerate(self.A):
            np.matmul(self.weights["W_h"], self.H[t], out=self.product)
            a += self.product
            np.tanh(a, out=a)
            self.H[t + 1] = a
        return self.H[1:]

    def backward(self, dH):
        D, W_hT = (
            self._slopes(),
            np.ascontiguousarray(self.weights["W_h"].T),
        )
        d_h = np.zeros_like(self.H[0])
        for t in reversed(range(len(D))):
            d_h += dH[t]
            D[t] *= d_h
            np.matmul(W_hT, D[t], out=d_h)
        return self._layers_gradient(D)


class FusedLSTM(Fused):
    """Eqs. (2) to (7)."""

    order = "ifog"
    gates = 3

    def forward(self, X):
        self._start(X)
        self.C = np.zeros_like(self.H)
        self.tanh_C = np.empty_like(self.H[1:])
        W_h, gates = (
            self.weights["W_h"] * self.half,
            self.gates * self.units,
        )
        for t, a in enumerate(self.A):
            np.matmul(W_h, self.H[t], out=self.product)
            a += self.product
            np.tanh(a, out=a)
            a[:gates] *= 0.5
            a[:gates] += 0.5
            i, f, o, g = self._rows(a)
            c = self.C[t + 1]
            np.multiply(f, self.C[t], out=c)
            c += np.multiply(i, g, out=self.scratch)
            np.tanh(c, out=self.tanh_C[t])
            np.multiply(o, self.tanh_C[t], out=self.H[t + 1])
        return self.H[1:]

    def backward(self, dH):
        D, W_hT = (
            self._slopes(),
            np.ascontiguousarray(self.weights["W_h"].T),
        )
        c_slope = self.A[:, 2 * self.units : 3 * self.units] * (
            1 - self.tanh_C**2
        )
        d_h, d_c = np.zeros_like(self.H[0]), np.zeros_like(self.H[0])
        for t in reversed(range(len(D))):
            d_h += dH[t]
            d_c += np.multiply(d_h, c_slope[t], out=self.scratch)
            i, f, _, g = self._rows(self.A[t])
            d_i, d_f, d_o, d_g = self._rows(D[t])
            d_i *= np.multiply(d_c, g, out=self.scratch)
            d_f *= np.multiply(d_c, self.C[t], out=self.scratch)
            d_o *= np.multiply(d_h, self.tanh_C[t], out=self.scratch)
            d_g *= np.multiply(d_c, i, out=self.scratch)
            np.matmul(W_hT, D[t], out=d_h)
            d_c *= f
        return self._layers_gradient(D)


class FusedPeepholeLSTM(Fused):
    """The LSTM with peepholes; `p` holds p_i, p_f, p_o on top of each
    other."""

    order = "ifog"
    gates = 3

    def __init__(self, cell):
        super().__init__(cell)
        self.weights["p"] = layouts.pack(cell.weights, "p_", "ifo")

    def cell(self):
        arrays = {name: self.weights[name] for name in ("W_x", "W_h", "b")}
        peepholes = layouts.unpack(self.weights["p"], "p_", "ifo")
        return layouts.cell(self.kind, self.order, arrays, peepholes)

    def forward(self, X):
        self._start(X)
        self.C = np.zeros_like(self.H)
        self.tanh_C = np.empty_like(self.H[1:])
        W_h = self.weights["W_h"] * self.half
        p_i, p_f, p_o = self._rows(
            self.weights["p"][:, None] * self.half[: 3 * self.units]
        )
        for t, a in enumerate(self.A):
            np.matmul(W_h, self.H[t], out=self.product)
            a += self.product
            i, f, o, g = self._rows(a)
            i += np.multiply(p_i, self.C[t], out=self.scratch)
            f += np.multiply(p_f, self.C[t], out=self.scratch)
            early = a[: 2 * self.units]
            np.tanh(early, out=early)
            early *= 0.5
            early += 0.5
            np.tanh(g, out=g)
            c = self.C[t + 1]
            np.multiply(f, self.C[t], out=c)
            c += np.multiply(i, g, out=self.scratch)
            o += np.multiply(p_o, c, out=self.scratch)
            np.tanh(o, out=o)
            o *= 0.5
            o += 0.5
            np.tanh(c, out=self.tanh_C[t])
            np.multiply(o, self.tanh_C[t], out=self.H[t + 1])
        return self.H[1:]

    def backward(self, dH):
        D, W_hT = (
            self._slopes(),
            np.ascontiguousarray(self.weights["W_h"].T),
        )
        p_i, p_f, p_o = self._rows(self.weights["p"][:, None])
        c_slope = self.A[:, 2 * self.units : 3 * self.units] * (
            1 - self.tanh_C**2
        )
        d_h, d_c = np.zeros_like(self.H[0]), np.zeros_like(self.H[0])
        for t in reversed(range(len(D))):
            d_h += dH[t]
            i, f, _, g = self._rows(self.A[t])
            d_i, d_f, d_o, d_g = self._rows(D[t])
            d_o *= np.multiply(d_h, self.tanh_C[t], out=self.scratch)
            d_c += np.multiply(d_h, c_slope[t], out=self.scratch)
            d_c += np.multiply(p_o, d_o, out=self.scratch)
            d_i *= np.multiply(d_c, g, out=self.scratch)
            d_f *= np.multiply(d_c, self.C[t], out=self.scratch)
            d_g *= np.multiply(d_c, i, out=self.scratch)
            np.matmul(W_hT, D[t], out=d_h)
            d_c *= f
            d_c += np.multiply(p_i, d_i, out=self.scratch)
            d_c += np.multiply(p_f, d_f, out=self.scratch)
        d_i, d_f, d_o = (
            D[:, k * self.units : (k + 1) * self.units] for k in range(3)
        )
        before, after = self.C[:-1], self.C[1:]
        pairs = ((d_i, before), (d_f, before), (d_o, after))
        p = [np.einsum("tub,tub->u", d, c) for d, c in pairs]
        return self._layers_gradient(D) | {"p": np.concatenate(p)}


class FusedGRU(Fused):
    """Eqs. (8) to (11)."""

    order = "zrg"
    gates = 2

    def forward(self, X):
        self._start(X)
        gates = self.gates * self.units
        W_gates, W_g = (
            self.weights["W_h"][:gates] * 0.5,
            self.weights["W_h"][gates:],
        )
        self.reset = np.empty_like(self.H[1:])
        for t, a in enumerate(self.A):
            h, both = self.H[t], a[:gates]
            both += np.matmul(W_gates, h, out=self.product[:gates])
            np.tanh(both, out=both)
            both *= 0.5
            both += 0.5
            z, r, g = self._rows(a)
            np.multiply(r, h, out=self.reset[t])
            g += np.matmul(W_g, self.reset[t], out=self.product[gates:])
            np.tanh(g, out=g)
            np.subtract(h, g, out=self.scratch)
            self.scratch *= z
            np.add(g, self.scratch, out=self.H[t + 1])
        return self.H[1:]

    def backward(self, dH):
        D, gates = self._slopes(), self.gates * self.units
        W_gatesT = np.ascontiguousarray(self.weights["W_h"][:gates].T)
        W_gT = np.ascontiguousarray(self.weights["W_h"][gates:].T)
        d_h, d_reset = np.zeros_like(self.H[0]), np.empty_like(self.H[0])
        for t in reversed(range(len(D))):
            d_h += dH[t]
            z, r, g = self._rows(self.A[t])
            d_z, d_r, d_g = self._rows(D[t])
            d_z *= np.multiply(d_h, self.H[t] - g, out=self.scratch)
            d_g *= np.multiply(d_h, 1 - z, out=self.scratch)
            np.matmul(W_gT, d_g, out=d_reset)
            d_r *= np.multiply(d_reset, self.H[t], out=self.scratch)
            d_h *= z
            d_reset *= r
            d_h += d_reset
            d_h += np.matmul(W_gatesT, D[t, :gates], out=self.scratch)
        gradient = self._layers_gradient(D)
        gradient["W_h"][gates:] = np.tensordot(
            D[:, gates:], self.reset, ((0, 2), (0, 2))
        )
        return gradient


class FusedResetAfterGRU(Fused):
    """The GRU that Keras and PyTorch compute; `b_h` is the bias with the
    recurrent product."""

    order = "zrg"
    gates = 2

    def __init__(self, cell):
        self.kind = type(cell)
        self.weights = {
            "W_x": layouts.pack(cell.weights, "W_x", self.order),
            "W_h": layouts.pack(cell.weights, "W_h", self.order),
            "b": layouts.pack(cell.weights, "b_x", self.order),
            "b_h": layouts.pack(cell.weights, "b_h", self.order),
        }
        self._set_sizes()

    def forward(self, X):
        self._start(X)
        gates = self.gates * self.units
        W_h, b_h = (
            self.weights["W_h"] * self.half,
            self.weights["b_h"][:, None] * self.half,
        )
        self.inner = np.empty_like(self.H[1:])
        for t, a in enumerate(self.A):
            h, both = self.H[t], a[:gates]
            np.matmul(W_h, h, out=self.product)
            self.product += b_h
            both += self.product[:gates]
            np.tanh(both, out=both)
            both *= 0.5
            both += 0.5
            z, r, g = self._rows(a)
            self.inner[t] = self.product[gates:]
            g += np.multiply(r, self.inner[t], out=self.scratch)
            np.tanh(g, out=g)
            np.subtract(h, g, out=self.scratch)
            self.scratch *= z
            np.add(g, self.scratch, out=self.H[t + 1])
        return self.H[1:]

    def backward(self, dH):
        D, gates = self._slopes(), self.gates * self.units
        W_hT = np.ascontiguousarray(self.weights["W_h"].T)
        d_h, R = np.zeros_like(self.H[0]), np.empty_like(D)
        for t in reversed(range(len(D))):
            d_h += dH[t]
            z, r, g = self._rows(self.A[t])
            d_z, d_r, d_g = self._rows(D[t])
            d_z *= np.multiply(d_h, self.H[t] - g, out=self.scratch)
            d_g *= np.multiply(d_h, 1 - z, out=self.scratch)
            d_r *= np.multiply(d_g, self.inner[t], out=self.scratch)
            R[t, :gates] = D[t, :gates]
            np.multiply(d_g, r, out=R[t, gates:])
            d_h *= z
            d_h += np.matmul(W_hT, R[t], out=self.scratch)
        gradient = self._layers_gradient(D)
        gradient["W_h"] = np.tensordot(R, self.H[:-1], ((0, 2), (0, 2)))
        gradient["b_h"] = R.sum(axis=(0, 2))
        return gradient


def stack_steps(array):
    """(steps, size, batch) as one matrix (size, steps * batch)."""
    return array.transpose(1, 0, 2).reshape(array.shape[1], -1)


fused.register(SimpleCell, FusedSimple)
fused.register(LSTMCell, FusedLSTM)
fused.register(PeepholeLSTMCell, FusedPeepholeLSTM)
fused.register(GRUCell, FusedGRU)
fused.register(ResetAfterGRUCell, FusedResetAfterGRU)
