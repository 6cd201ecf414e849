"""Central differences: the gradient from the loss alone, to check every
other method against."""

from collections.abc import Callable

import numpy as np

from lib import checks
from lib.cells import Cell
from lib.cells.base import network as checked_network
from lib.checks import Array


def central_differences(
    network: Cell, loss: Callable[[], float], step: float | None = None
) -> dict[str, Array]:
    """dL/dw of every weight w from two runs of the loss.

        dL/dw = (L(w + e) - L(w - e)) / 2e + error

    The error is about e^2 |L'''| / 6 from the formula and eps |L| / e from
    rounding, least where e is about the cube root of eps: 6e-6 in float64,
    which leaves about ten correct digits.

    network  one with float64 weights; they are changed in place and put
             back
    loss     a function without arguments that runs the network and gives
             the loss, a finite number
    step     e, above 0; the cube root of float64's eps unless given
    returns  a dict with the names of `network.weights`

    Raises TypeError or ValueError naming the argument; TypeError where the
    weights are not float64, in which the differences would be lost.

    Source: Press et al., Numerical Recipes, section 5.7.

    Explained in: one-gradient
    """
    weights = checked_network("network", network).weights
    for name, weight in weights.items():
        if weight.dtype != np.float64:
            raise TypeError(
                f"network: expected float64 weights, got {weight.dtype} in"
                f" {name}"
            )
    loss = checks.function("loss", loss)
    e = np.cbrt(np.finfo(np.float64).eps) if step is None else step
    e = checks.number("step", e, 0, open_low=True)
    gradient = {}
    for name, weight in weights.items():
        gradient[name] = np.empty_like(weight)
        for index in np.ndindex(weight.shape):
            kept = weight[index]
            try:
                weight[index] = kept + e
                above = checks.number("loss, its result", loss())
                weight[index] = kept - e
                below = checks.number("loss, its result", loss())
            finally:
                weight[index] = kept
            gradient[name][index] = (above - below) / (2 * e)
    return gradient
