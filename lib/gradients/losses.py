"""Losses of a sequence of outputs, each with its derivative."""


def squared_error(outputs, targets, weights):
    """L = sum over t of w(t) |y(t) - target(t)|^2 / 2, summed over the
    batch.

    outputs, targets  (steps, size) or (batch, steps, size)
    weights           (steps,), how much each step counts
    returns           (L, dL/d_outputs)
    """
    difference = (outputs - targets) * weights[:, None]
    return (difference * (outputs - targets)).sum() / 2, difference
