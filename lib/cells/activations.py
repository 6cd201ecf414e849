"""Activation functions, applied elementwise to arrays of any shape (no
units)."""

import numpy as np

from lib.checks import Array


def identity(x: Array) -> Array:
    """f(x) = x

    Explained in: d07-output-and-hidden-state
    """
    return x


def relu(x: Array) -> Array:
    """f(x) = max(0, x)

    Explained in: d02-recurrent-perceptron
    """
    return np.maximum(x, 0)


def sigmoid(x: Array) -> Array:
    """The logistic function, sigma(x) = 1 / (1 + exp(-x))

    Its relative error is that of exp, however small the result: a gate that
    is nearly closed still has a value and a slope. Far below zero exp(-x)
    becomes infinite, and the result is the right one, 0. Near 1 it is as
    precise as numbers near 1 are: from about 17 on in float32, and 37 in
    float64, it is 1, and a gate that is so far open has no slope left.

    Explained in: d14-lstm-four-layers
    """
    with np.errstate(over="ignore", under="ignore"):
        return 1 / (1 + np.exp(-x))


tanh = np.tanh
