"""The gated recurrent unit, in the two forms in use."""

import numpy as np

from lib.cells.activations import sigmoid, tanh
from lib.cells.gated import GatedCell


class GRUCell(GatedCell):
    r"""The gated recurrent unit, eqs. (8) to (11) of the lecture.

        z(t) = sigma(W_xz x(t) + W_hz h(t-1) + b_z)  how much of the past to
        keep  (8) r(t) = sigma(W_xr x(t) + W_hr h(t-1) + b_r)  what of the
              past g(t) sees  (9)
        g(t) =  tanh(W_xg x(t) + W_hg (r(t) * h(t-1)) + b_g)  main layer
        (10) y(t) = h(t) = z(t) * h(t-1) + (1 - z(t)) * g(t)  output and
        state  (11)

    where * is the elementwise product. Its only state is h. Keras computes
    this where `reset_after=False`; PyTorch has no such layer.

    W_xz, W_xr, W_xg  (units, inputs)
    W_hz, W_hr, W_hg  (units, units)
    b_z, b_r, b_g     (units,)

    Weights are passed by name. Raises TypeError where one is missing or
    unknown, TypeError or ValueError where one has the wrong shape, is not
    finite or not real.

    Source: Cho et al. (2014).
    """

    layers = "zrg"
    state_names = ("h",)

    def gates(self, x, states):
        """Eqs. (8) to (11): z, r, g, h."""
        (h,) = states
        z = sigmoid(x @ self.W_xz.T + h @ self.W_hz.T + self.b_z)
        r = sigmoid(x @ self.W_xr.T + h @ self.W_hr.T + self.b_r)
        g = tanh(x @ self.W_xg.T + (r * h) @ self.W_hg.T + self.b_g)
        h = z * h + (1 - z) * g
        return dict(z=z, r=r, g=g, h=h)

    @classmethod
    def from_keras(cls, weights):
        """The cell of a `keras.layers.GRU(reset_after=False)`, from its
        `layer.get_weights()`.

        Raises ValueError where they are those of Keras' default layer, and
        as `GatedCell` does.
        """
        if len(weights) == 3 and np.ndim(weights[2]) == 2:
            raise ValueError(
                "bias: expected shape (3 * units,), got"
                f" {np.shape(weights[2])}: two biases a layer are those of"
                " reset_after=True, Keras' default, which is"
                " ResetAfterGRUCell"
            )
        return super().from_keras(weights)


class ResetAfterGRUCell(GatedCell):
    r"""The gated recurrent unit that Keras, PyTorch and cuDNN compute
    unless told otherwise.

        z(t) = sigma(W_xz x(t) + b_xz + W_hz h(t-1) + b_hz)
        r(t) = sigma(W_xr x(t) + b_xr + W_hr h(t-1) + b_hr)
        g(t) =  tanh(W_xg x(t) + b_xg + r(t) * (W_hg h(t-1) + b_hg))
        y(t) = h(t) = z(t) * h(t-1) + (1 - z(t)) * g(t)                 (11)

    The reset gate r acts after the product with W_hg, so all products with
    h(t-1) can be one. Each layer has two biases; in z and r only their sum
    counts, in g the second one is inside r's reach.

    W_xz, W_xr, W_xg                    (units, inputs)
    W_hz, W_hr, W_hg                    (units, units)
    b_xz, b_hz, b_xr, b_hr, b_xg, b_hg  (units,)

    Weights and errors as those of `GRUCell`.

    Source: Cho et al. (2014), first version of the preprint; Keras:
    `GRU(reset_after=True)`.
    """

    layers = "zrg"
    state_names = ("h",)
    biases = ("b_x", "b_h")

    def gates(self, x, states):
        """The equations above: z, r, g, h."""
        (h,) = states
        z = sigmoid(
            x @ self.W_xz.T + self.b_xz + h @ self.W_hz.T + self.b_hz
        )
        r = sigmoid(
            x @ self.W_xr.T + self.b_xr + h @ self.W_hr.T + self.b_hr
        )
        g = tanh(
            x @ self.W_xg.T + self.b_xg + r * (h @ self.W_hg.T + self.b_hg)
        )
        h = z * h + (1 - z) * g
        return dict(z=z, r=r, g=g, h=h)
