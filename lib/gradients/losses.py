"""Losses of a sequence of outputs, each with its derivative."""

import numpy as np

from lib import checks
from lib.checks import Array, ArrayLike


def squared_error(
    outputs: ArrayLike, targets: ArrayLike, weights: ArrayLike | None = None
) -> tuple[float, Array]:
    """L = sum over t of w(t) |y(t) - target(t)|^2 / 2, summed over the
    batch.

    outputs, targets  (steps, size) or (batch, steps, size), both alike
    weights           (steps,) or (batch, steps), how much each step counts;
                      ones unless given
    returns           (L, dL/d_outputs)

    Raises TypeError or ValueError naming the argument.

    Explained in: d10-backpropagation-through-time
    """
    difference, weights = _checked(outputs, targets, weights)
    derivative = difference * weights[..., np.newaxis]
    return float((derivative * difference).sum() / 2), derivative


def mean_squared_error(
    outputs: ArrayLike, targets: ArrayLike, weights: ArrayLike | None = None
) -> tuple[float, Array]:
    """The mean square of all numbers in y - target, each counted w(t)
    times.

        L = sum of w(t) |y(t) - target(t)|^2 / N,    N = size * sum of w(t)

    where both sums run over the steps of all sequences, so that N is how
    many numbers count if every weight is 0 or 1.

    Arguments, result and errors as `squared_error`; ValueError also where
    the weights do not add up to more than zero.

    Explained in: training-loop
    """
    difference, weights = _checked(outputs, targets, weights)
    counted = np.broadcast_to(weights, difference.shape[:-1]).sum()
    counted *= difference.shape[-1]
    if not counted > 0:
        raise ValueError(
            "weights: expected a sum above 0, so that some step counts, got"
            f" {counted / difference.shape[-1]}"
        )
    derivative = difference * (weights[..., np.newaxis] / counted)
    value = float((derivative * difference).sum())
    derivative *= 2
    return value, derivative


def _checked(outputs, targets, weights):
    outputs = checks.array(
        "outputs", outputs, ("steps", "size"), ("batch", "steps", "size")
    )
    targets = checks.array("targets", targets, outputs.shape)
    if weights is None:
        weights = np.ones(outputs.shape[-2], outputs.dtype)
    else:
        weights = checks.array(
            "weights", weights, *_weight_shapes(outputs.shape[:-1])
        )
    return outputs - targets, weights


def _weight_shapes(shape):
    """The shapes that weights of steps may have: (steps,), and with the
    leading batch axis of `shape` if there is one."""
    return dict.fromkeys([shape[-1:], shape])
