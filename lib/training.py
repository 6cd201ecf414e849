"""Training in NumPy: a fused cell with a linear readout, Adam, and
clipping."""

import numpy as np

from lib.gradients.fast import fused


class Network:
    """A recurrent layer and a fully connected readout, y(t) = V h(t) + d.

    cell  a plain cell with a fused form
    V     (outputs, units)
    d     (outputs,)
    """

    def __init__(self, cell, V, d):
        self.layer = fused(cell)
        self.weights = {**self.layer.weights, "V": V, "d": d}

    @classmethod
    def from_seed(
        cls, kind, input_size, units, output_size, seed, dtype=np.float32
    ):
        """A fresh network with a cell of class `kind`, as Keras starts
        one."""
        cell = kind.from_seed(input_size, units, seed=seed, dtype=dtype)
        limit = np.sqrt(6 / (units + output_size))
        V = np.random.default_rng([seed, 1]).uniform(
            -limit, limit, (output_size, units)
        )
        return cls(cell, V.astype(dtype), np.zeros(output_size, dtype))

    def __call__(self, inputs):
        """y(t) at every step: inputs (batch, steps, inputs) to outputs
        (batch, steps, outputs)."""
        H = self.layer.forward(columns(inputs, self.weights["V"].dtype))
        self.H = H
        Y = np.matmul(self.weights["V"], H) + self.weights["d"][:, None]
        return Y.transpose(2, 0, 1)

    def gradient(self, d_outputs):
        """dL/dw of every weight, from dL/dy(t) (batch, steps, outputs) of
        the latest call."""
        dY = columns(d_outputs, self.H.dtype)
        gradient = self.layer.backward(np.matmul(self.weights["V"].T, dY))
        gradient["V"] = np.tensordot(dY, self.H, ((0, 2), (0, 2)))
        gradient["d"] = dY.sum(axis=(0, 2))
        return gradient


def columns(rows, dtype):
    """(batch, steps, size) to (steps, size, batch), the order that the
    fused forms take."""
    return np.ascontiguousarray(np.transpose(rows, (1, 2, 0)), dtype=dtype)


def clip(gradient, norm):
    """Shrink the gradient as a whole, in place, to at most this Euclidean
    norm.

    Source: Pascanu, Mikolov and Bengio (2013).
    """
    length = np.sqrt(sum(float(np.vdot(d, d)) for d in gradient.values()))
    if length > norm:
        for d in gradient.values():
            d *= d.dtype.type(norm / length)
    return length


class Adam:
    r"""Adam, on a dict of weights that it changes in place.

        m <- b1 m + (1 - b1) d          v <- b2 v + (1 - b2) d^2
        w <- w - rate * sqrt(1 - b2^t) / (1 - b1^t) * m / (sqrt(v) + e)

    Source: Kingma and Ba (2015), in the form at the end of their section 2,
    as Keras computes it.
    """

    def __init__(self, weights, rate=1e-3, b1=0.9, b2=0.999, e=1e-7):
        self.weights, self.rate, self.b1, self.b2, self.e = (
            weights,
            rate,
            b1,
            b2,
            e,
        )
        self.m = {name: np.zeros_like(w) for name, w in weights.items()}
        self.v = {name: np.zeros_like(w) for name, w in weights.items()}
        self.t = 0

    def update(self, gradient):
        self.t += 1
        rate = (
            self.rate * np.sqrt(1 - self.b2**self.t) / (1 - self.b1**self.t)
        )
        for name, w in self.weights.items():
            kind, d, m, v = (
                w.dtype.type,
                gradient[name],
                self.m[name],
                self.v[name],
            )
            m += kind(1 - self.b1) * (d - m)
            v += kind(1 - self.b2) * (d * d - v)
            w -= kind(rate) * m / (np.sqrt(v) + kind(self.e))
