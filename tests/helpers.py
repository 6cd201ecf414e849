"""What several tests share: random cells without zeros or symmetry, and two ways to compare."""

import re
import sys

import numpy as np
import pytest

from lib import GRUCell, LSTMCell, PeepholeLSTMCell, ResetAfterGRUCell, SimpleCell

outside_the_page = pytest.mark.skipif(
    sys.platform == "emscripten", reason="Pyodide has no threads and no TensorFlow"
)
GATED = [LSTMCell, PeepholeLSTMCell, GRUCell, ResetAfterGRUCell]
CELLS = [SimpleCell, *GATED]


def random_cell(kind, inputs, units, seed=0, dtype=np.float64):
    """A cell of class `kind` with every weight drawn from a normal distribution, biases too.

    A standard deviation of 1 / sqrt(inputs + units) keeps the sums that the gates see near one.
    """
    scale = 1 / np.sqrt(inputs + units)
    return kind.generic(inputs, units, seed, scale=scale, dtype=dtype)


def random_states(cell, batch_shape=(), seed=1):
    rng = np.random.default_rng(seed)
    return tuple(
        rng.normal(size=(*batch_shape, size)).astype(cell.dtype) for size in cell.state_sizes
    )


def close(found, expected):
    """Equal in float64 up to another order of summation, for numbers of about one."""
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def refused(error, message):
    """`pytest.raises` for an error whose message starts with `message`."""
    return pytest.raises(error, match="^" + re.escape(message))
