"""The gated recurrent unit, in the two forms in use."""

from lib.cells.activations import sigmoid, tanh
from lib.cells.base import InputWeight, StateWeight, UnitWeight
from lib.cells.gated import GatedCell
from lib.checks import Array, States


class GRUCell(GatedCell):
    r"""The gated recurrent unit, eqs. (8) to (11) of the lecture.

        z(t) = sigma(W_xz x(t) + W_hz h(t-1) + b_z)         update gate  (8)
        r(t) = sigma(W_xr x(t) + W_hr h(t-1) + b_r)         reset gate   (9)
        g(t) =  tanh(W_xg x(t) + W_hg (r(t) * h(t-1)) + b_g)            (10)
        y(t) = h(t) = z(t) * h(t-1) + (1 - z(t)) * g(t)                 (11)

    where * is the elementwise product: z says how much of the past to keep,
    r what of the past the main layer g sees. Its only state is h. Keras
    computes this where `reset_after=False`; PyTorch has no such layer.

    W_xz, W_xr, W_xg  (units, inputs)
    W_hz, W_hr, W_hg  (units, units)
    b_z, b_r, b_g     (units,)

    Weights are passed by name. Raises TypeError where one is missing or
    unknown, TypeError or ValueError where one has the wrong shape, is not
    finite or not real.

    Source: Cho et al. (2014).

    Explained in: d21-gru-equations
    """

    layers = "zrg"
    state_names = ("h",)

    W_xz: InputWeight
    W_hz: StateWeight
    b_z: UnitWeight
    W_xr: InputWeight
    W_hr: StateWeight
    b_r: UnitWeight
    W_xg: InputWeight
    W_hg: StateWeight
    b_g: UnitWeight

    def gates(self, x: Array, states: States) -> dict[str, Array]:
        """Eqs. (8) to (11): z, r, g, h."""
        (h,) = states
        z = sigmoid(x @ self.W_xz.T + h @ self.W_hz.T + self.b_z)
        r = sigmoid(x @ self.W_xr.T + h @ self.W_hr.T + self.b_r)
        g = tanh(x @ self.W_xg.T + (r * h) @ self.W_hg.T + self.b_g)
        h = z * h + (1 - z) * g
        return dict(z=z, r=r, g=g, h=h)


class ResetAfterGRUCell(GatedCell):
    r"""The gated recurrent unit that Keras, PyTorch and cuDNN compute
    unless told otherwise.

        z(t) = sigma(W_xz x(t) + b_xz + W_hz h(t-1) + b_hz)
        r(t) = sigma(W_xr x(t) + b_xr + W_hr h(t-1) + b_hr)
        g(t) =  tanh(W_xg x(t) + b_xg + r(t) * (W_hg h(t-1) + b_hg))
        y(t) = h(t) = z(t) * h(t-1) + (1 - z(t)) * g(t)                 (11)

    The reset gate r acts after the product with W_hg, so all products with
    h(t-1) can be one. Each layer has two biases; in z and r only their sum
    counts, in g the reset gate multiplies the second one.

    W_xz, W_xr, W_xg                    (units, inputs)
    W_hz, W_hr, W_hg                    (units, units)
    b_xz, b_hz, b_xr, b_hr, b_xg, b_hg  (units,)

    Weights and errors as those of `GRUCell`.

    Source: Cho et al. (2014), first version of the preprint; Keras:
    `GRU(reset_after=True)`.

    Explained in: gru-reset-after
    """

    layers = "zrg"
    biases = ("b_x", "b_h")
    state_names = ("h",)

    W_xz: InputWeight
    W_hz: StateWeight
    b_xz: UnitWeight
    b_hz: UnitWeight
    W_xr: InputWeight
    W_hr: StateWeight
    b_xr: UnitWeight
    b_hr: UnitWeight
    W_xg: InputWeight
    W_hg: StateWeight
    b_xg: UnitWeight
    b_hg: UnitWeight

    def gates(self, x: Array, states: States) -> dict[str, Array]:
        """The equations above: z, r, g, h."""
        (h,) = states
        z = sigmoid(
            x @ self.W_xz.T + self.b_xz + h @ self.W_hz.T + self.b_hz
        )
        r = sigmoid(
            x @ self.W_xr.T + self.b_xr + h @ self.W_hr.T + self.b_hr
        )
        g_h = h @ self.W_hg.T + self.b_hg
        g = tanh(x @ self.W_xg.T + self.b_xg + r * g_h)
        h = z * h + (1 - z) * g
        return dict(z=z, r=r, g=g, h=h)
