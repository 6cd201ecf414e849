"""Random weights from a seeded generator, of the two kinds with which Keras
starts its layers."""

import numpy as np

from lib import checks
from lib.checks import Array


def glorot_uniform(
    rng: np.random.Generator, units: int, inputs: int
) -> Array:
    """Weights (units, inputs), uniform between -limit and limit,

        limit = sqrt(6 / (inputs + units))

    which keeps the variance of the activations about the same from layer to
    layer. Raises TypeError or ValueError naming the argument.

    Source: Glorot and Bengio (2010).

    Explained in: remedies
    """
    units, inputs = (
        checks.count("units", units),
        checks.count("inputs", inputs),
    )
    rng = checks.generator("rng", rng)
    limit = np.sqrt(6 / (inputs + units))
    return rng.uniform(-limit, limit, size=(units, inputs))


def orthogonal(rng: np.random.Generator, rows: int, columns: int) -> Array:
    """A random matrix Q (rows, columns) with orthonormal columns,
    Q^T Q = I, uniform over all such; rows >= columns.

    A square one neither stretches nor shrinks the state that it multiplies.
    The signs of R's diagonal make the QR factorisation unique, and so its Q
    uniform. Raises TypeError or ValueError naming the argument.

    Source: Saxe, McClelland and Ganguli (2014).

    Explained in: remedies
    """
    rows = checks.count("rows", rows)
    columns = checks.count("columns", columns)
    if columns > rows:
        raise ValueError(
            f"columns: expected at most as many as the {rows} rows, got"
            f" {columns}"
        )
    rng = checks.generator("rng", rng)
    Q, R = np.linalg.qr(rng.normal(size=(rows, columns)))
    return Q * np.sign(np.diag(R))
