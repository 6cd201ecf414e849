"""Random weights from a seeded generator, of the two kinds with which Keras
starts its layers."""

import numpy as np


def glorot_uniform(rng, units, inputs):
    """Weights (units, inputs), uniform between -limit and limit,

        limit = sqrt(6 / (inputs + units))

    which keeps the variance of the activations about the same from layer to
    layer (Glorot and Bengio, 2010).
    """
    limit = np.sqrt(6 / (inputs + units))
    return rng.uniform(-limit, limit, size=(units, inputs))


def orthogonal(rng, rows, columns):
    """A random matrix Q (rows, columns) with orthonormal columns, Q^T Q =
    I, uniform over all such.

    A square one neither stretches nor shrinks the state that it multiplies
    (Saxe et al., 2014). The signs of R's diagonal make the QR factorisation
    unique, and so its Q uniform.
    """
    Q, R = np.linalg.qr(rng.normal(size=(rows, columns)))
    return Q * np.sign(np.diag(R))
