"""Random weights from a seeded generator, the two kinds that Keras starts a recurrent layer with."""

import numpy as np


def glorot_uniform(rng, units, inputs):
    """Weights (units, inputs), uniform between -limit and limit,

        limit = sqrt(6 / (inputs + units))

    which keeps the variance of the activations about the same from layer to layer
    (Glorot and Bengio, 2010).
    """
    limit = np.sqrt(6 / (inputs + units))
    return rng.uniform(-limit, limit, size=(units, inputs))


def orthogonal(rng, units):
    """A random orthogonal matrix Q (units, units), Q Q^T = I, uniform over all of them.

    It neither stretches nor shrinks the state that it multiplies (Saxe et al., 2014). The
    signs of R's diagonal make the QR factorisation unique, and so its Q uniform.
    """
    Q, R = np.linalg.qr(rng.normal(size=(units, units)))
    return Q * np.sign(np.diag(R))
