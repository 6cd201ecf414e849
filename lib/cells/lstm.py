"""The long short-term memory cell, without and with peephole
connections."""

import numpy as np

from lib.cells.activations import sigmoid, tanh
from lib.cells.gated import GatedCell


class LSTMCell(GatedCell):
    r"""The long short-term memory cell, eqs. (2) to (7) of the lecture.

        i(t) = sigma(W_xi x(t) + W_hi h(t-1) + b_i)      input gate      (2)
        f(t) = sigma(W_xf x(t) + W_hf h(t-1) + b_f)     forget gate      (3)
        o(t) = sigma(W_xo x(t) + W_ho h(t-1) + b_o)     output gate      (4)
        g(t) =  tanh(W_xg x(t) + W_hg h(t-1) + b_g)      main layer      (5)
        c(t) = f(t) * c(t-1) + i(t) * g(t)        long-term state        (6)
        y(t) = h(t) = o(t) * tanh(c(t))        output, short-term state  (7)

    where * is the elementwise product. Its states are (h, c), in the order
    of Keras and PyTorch.

    W_xi, W_xf, W_xo, W_xg  (units, inputs)
    W_hi, W_hf, W_ho, W_hg  (units, units)
    b_i, b_f, b_o, b_g      (units,)

    Weights are passed by name. Raises TypeError where one is missing or
    unknown, TypeError or ValueError where one has the wrong shape, is not
    finite or not real.

    Source: Hochreiter and Schmidhuber (1997); forget gate of Gers,
    Schmidhuber and Cummins (2000).
    """

    layers = "ifog"
    state_names = ("h", "c")

    def gates(self, x, states):
        """Eqs. (2) to (7): i, f, o, g, c, tanh_c, h."""
        h, c = states
        i = sigmoid(x @ self.W_xi.T + h @ self.W_hi.T + self.b_i)
        f = sigmoid(x @ self.W_xf.T + h @ self.W_hf.T + self.b_f)
        o = sigmoid(x @ self.W_xo.T + h @ self.W_ho.T + self.b_o)
        g = tanh(x @ self.W_xg.T + h @ self.W_hg.T + self.b_g)
        c = f * c + i * g
        tanh_c = tanh(c)
        h = o * tanh_c
        return dict(i=i, f=f, o=o, g=g, c=c, tanh_c=tanh_c, h=h)

    @classmethod
    def from_seed(
        cls, input_size, units, seed, forget_bias=1.0, dtype=np.float64
    ):
        """A fresh cell as Keras starts one: Glorot uniform W_x, orthogonal
        W_h, b_f of one.

        forget_bias  every entry of b_f; all other biases, and peepholes,
                     are zero
        """
        cell = super().from_seed(input_size, units, seed, dtype)
        cell.b_f += forget_bias
        return cell


class PeepholeLSTMCell(LSTMCell):
    r"""An LSTM cell whose gates see the long-term state too.

        i(t) = sigma(W_xi x(t) + W_hi h(t-1) + p_i * c(t-1) + b_i)
        f(t) = sigma(W_xf x(t) + W_hf h(t-1) + p_f * c(t-1) + b_f)
        g(t) =  tanh(W_xg x(t) + W_hg h(t-1) + b_g)                      (5)
        c(t) = f(t) * c(t-1) + i(t) * g(t)                               (6)
        o(t) = sigma(W_xo x(t) + W_ho h(t-1) + p_o * c(t) + b_o)
        y(t) = h(t) = o(t) * tanh(c(t))                                  (7)

    Each unit's gates look at that unit's own c alone: the peephole weights
    are one number a unit. The output gate comes last because it reads the
    new c(t).

    p_i, p_f, p_o  (units,)
    the others as those of `LSTMCell`

    Source: Gers and Schmidhuber (2000).
    """

    @classmethod
    def weight_shapes(cls, input_size, units):
        peepholes = {"p_i": (units,), "p_f": (units,), "p_o": (units,)}
        return super().weight_shapes(input_size, units) | peepholes

    def gates(self, x, states):
        """The equations above: i, f, o, g, c, tanh_c, h."""
        h, c = states
        i = sigmoid(
            x @ self.W_xi.T + h @ self.W_hi.T + self.p_i * c + self.b_i
        )
        f = sigmoid(
            x @ self.W_xf.T + h @ self.W_hf.T + self.p_f * c + self.b_f
        )
        g = tanh(x @ self.W_xg.T + h @ self.W_hg.T + self.b_g)
        c = f * c + i * g
        o = sigmoid(
            x @ self.W_xo.T + h @ self.W_ho.T + self.p_o * c + self.b_o
        )
        tanh_c = tanh(c)
        h = o * tanh_c
        return dict(i=i, f=f, o=o, g=g, c=c, tanh_c=tanh_c, h=h)
