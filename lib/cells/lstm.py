"""The long short-term memory cell, without and with peephole
connections."""

from typing import Self

import numpy as np
from numpy.typing import DTypeLike

from lib import checks
from lib.cells.activations import sigmoid, tanh
from lib.cells.base import InputWeight, StateWeight, UnitWeight
from lib.cells.gated import GatedCell
from lib.checks import Array, States


class LSTMCell(GatedCell):
    r"""The long short-term memory cell, eqs. (2) to (7) of the lecture.

        i(t) = sigma(W_xi x(t) + W_hi h(t-1) + b_i)    input gate        (2)
        f(t) = sigma(W_xf x(t) + W_hf h(t-1) + b_f)    forget gate       (3)
        o(t) = sigma(W_xo x(t) + W_ho h(t-1) + b_o)    output gate       (4)
        g(t) =  tanh(W_xg x(t) + W_hg h(t-1) + b_g)    main layer        (5)
        c(t) = f(t) * c(t-1) + i(t) * g(t)             cell state        (6)
        y(t) = h(t) = o(t) * tanh(c(t))                output            (7)

    where * is the elementwise product and h the hidden state. Its
    states are (h, c), in the order of Keras and PyTorch.

    W_xi, W_xf, W_xo, W_xg  (units, inputs)
    W_hi, W_hf, W_ho, W_hg  (units, units)
    b_i, b_f, b_o, b_g      (units,)

    Weights are passed by name. Raises TypeError where one is missing or
    unknown, TypeError or ValueError where one has the wrong shape, is not
    finite or not real.

    Source: Hochreiter and Schmidhuber (1997); forget gate of Gers,
    Schmidhuber and Cummins (2000).

    Explained in: d16-lstm-equations
    """

    layers = "ifog"
    state_names = ("h", "c")

    W_xi: InputWeight
    W_hi: StateWeight
    b_i: UnitWeight
    W_xf: InputWeight
    W_hf: StateWeight
    b_f: UnitWeight
    W_xo: InputWeight
    W_ho: StateWeight
    b_o: UnitWeight
    W_xg: InputWeight
    W_hg: StateWeight
    b_g: UnitWeight

    def gates(self, x: Array, states: States) -> dict[str, Array]:
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
        cls,
        input_size: int,
        units: int,
        seed: int,
        *,
        forget_bias: float = 1.0,
        dtype: DTypeLike = np.float64,
    ) -> Self:
        """A fresh cell as Keras starts one: Glorot uniform W_x, orthogonal
        W_h, b_f of one.

        forget_bias  every entry of b_f; all other biases, and peepholes,
                     are zero

        Errors as `GatedCell.from_seed`.

        Explained in: lstm-forget-bias
        """
        cell = super().from_seed(input_size, units, seed, dtype=dtype)
        cell.b_f += checks.number("forget_bias", forget_bias)
        return cell


class PeepholeLSTMCell(LSTMCell):
    r"""An LSTM cell whose gates see the cell state too.

        i(t) = sigma(W_xi x(t) + W_hi h(t-1) + p_i * c(t-1) + b_i)
        f(t) = sigma(W_xf x(t) + W_hf h(t-1) + p_f * c(t-1) + b_f)
        g(t) =  tanh(W_xg x(t) + W_hg h(t-1) + b_g)                      (5)
        c(t) = f(t) * c(t-1) + i(t) * g(t)                               (6)
        o(t) = sigma(W_xo x(t) + W_ho h(t-1) + p_o * c(t) + b_o)
        y(t) = h(t) = o(t) * tanh(c(t))                                  (7)

    Each unit's gates look at that unit's own c alone: the peephole weights
    are one number per unit. The output gate comes last because it reads the
    new c(t).

    p_i, p_f, p_o  (units,)
    the others as those of `LSTMCell`

    Source: Gers and Schmidhuber (2000).

    Explained in: d17-peephole-connections
    """

    p_i: UnitWeight
    p_f: UnitWeight
    p_o: UnitWeight

    def gates(self, x: Array, states: States) -> dict[str, Array]:
        """The equations above: i, f, o, g, c, tanh_c, h."""
        h, c = states
        net_i = x @ self.W_xi.T + h @ self.W_hi.T + self.b_i
        net_f = x @ self.W_xf.T + h @ self.W_hf.T + self.b_f
        net_o = x @ self.W_xo.T + h @ self.W_ho.T + self.b_o
        net_g = x @ self.W_xg.T + h @ self.W_hg.T + self.b_g
        i = sigmoid(net_i + self.p_i * c)
        f = sigmoid(net_f + self.p_f * c)
        g = tanh(net_g)
        c = f * c + i * g
        o = sigmoid(net_o + self.p_o * c)
        tanh_c = tanh(c)
        h = o * tanh_c
        return dict(i=i, f=f, o=o, g=g, c=c, tanh_c=tanh_c, h=h)
