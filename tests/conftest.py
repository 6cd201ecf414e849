"""Fixtures that several tests share."""

import os

import numpy as np
import pytest

from tests.helpers import CELLS, GATED


def pytest_collection_modifyitems(items):
    if not os.environ.get("NIGHTLY"):
        for item in items:
            if item.get_closest_marker("nightly"):
                item.add_marker(pytest.mark.skip(reason="runs where NIGHTLY is set"))


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(params=CELLS, ids=lambda kind: kind.__name__)
def kind(request):
    """Every class of cell that holds weights, one after the other."""
    return request.param


@pytest.fixture(params=GATED, ids=lambda kind: kind.__name__)
def gated(request):
    """Every class of cell with gates, one after the other."""
    return request.param


@pytest.fixture(scope="session", params=[np.float32, np.float64], ids=["float32", "float64"])
def dtype(request):
    return request.param
