"""Activation functions, applied elementwise to arrays of any shape (no
units)."""

import numpy as np


def identity(x):
    """f(x) = x"""
    return x


def relu(x):
    """f(x) = max(0, x)"""
    return np.maximum(x, 0)


def sigmoid(x):
    """The logistic function, sigma(x) = 1 / (1 + exp(-x)) = (1 + tanh(x /
    2)) / 2

    The second form never overflows, whatever the size of x.
    """
    return (1 + np.tanh(x / 2)) / 2


tanh = np.tanh
