"""Central differences: the gradient from the loss alone, to check every
other method against."""

import numpy as np


def central_differences(cell, loss, step=None):
    """dL/dw of every weight w from two runs of the loss.

        dL/dw = (L(w + e) - L(w - e)) / 2e + error

    The error is about e^2 |L'''| / 6 from the formula and eps |L| / e from
    rounding, least where e is about the cube root of eps: 6e-6 in float64,
    which leaves about ten correct digits.

    cell     a cell with float64 weights; they are changed in place and put
             back
    loss     a function without arguments that runs the cell and gives the
             loss
    step     e; the cube root of float64's eps unless given
    returns  a dict like `cell.weights`

    Raises TypeError where the weights are not float64, in which the
    differences would be lost.

    Source: Press et al., Numerical Recipes, section 5.7.
    """
    if cell.dtype != np.float64:
        raise TypeError(f"cell: expected float64 weights, got {cell.dtype}")
    e = np.cbrt(np.finfo(np.float64).eps) if step is None else step
    gradient = {}
    for name, weight in cell.weights.items():
        gradient[name] = np.empty_like(weight)
        for index in np.ndindex(weight.shape):
            kept = weight[index]
            try:
                weight[index] = kept + e
                above = loss()
                weight[index] = kept - e
                below = loss()
            finally:
                weight[index] = kept
            gradient[name][index] = (above - below) / (2 * e)
    return gradient
