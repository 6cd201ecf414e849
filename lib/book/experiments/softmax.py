"""The loss of a network that chooses among classes."""

import numpy as np

from lib import checks
from lib.checks import Array, ArrayLike


def cross_entropy(
    outputs: ArrayLike, targets: ArrayLike, weights: ArrayLike | None = None
) -> tuple[float, Array]:
    """Minus the logarithm of the probability that the right class gets, on average.

        L = - sum of w(t) target(t) . log p(t) / sum of w(t),    p = exp(y) / sum of exp(y)

    outputs  y, (..., classes), before the softmax that makes them probabilities p
    targets  one-hot, like the outputs
    weights  (...,), how much each step counts; ones unless given
    returns  (L, dL/d_outputs)

    Raises TypeError or ValueError naming the argument.
    """
    y = checks.numeric("outputs", outputs)
    targets = checks.array("targets", targets, y.shape)
    w = np.ones(y.shape[:-1]) if weights is None else checks.array("weights", weights, y.shape[:-1])
    share = (w / w.sum())[..., np.newaxis]
    shifted = y - y.max(axis=-1, keepdims=True)  # exp cannot overflow
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return float(-(share * targets * log_p).sum()), share * (np.exp(log_p) - targets)
