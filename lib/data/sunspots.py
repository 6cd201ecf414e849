"""The yearly number of sunspots, read from the pinned package that ships
it."""

import csv

import numpy as np
from numpy.typing import NDArray

from lib.checks import Array
from lib.data import shipped

SHIPPED = "statsmodels/datasets/sunspots/sunspots.csv"


def yearly() -> tuple[NDArray[np.integer], Array]:
    """The yearly mean number of sunspots, 1700 to 2008: (years, counts),
    arrays of 309 numbers.

    Source: the sunspot index of SIDC, Royal Observatory of Belgium, as
    statsmodels ships it.

    Explained in: sequence-to-sequence-sunspots
    """
    path = shipped.inside("statsmodels", SHIPPED)
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    years = np.array([int(float(row["YEAR"])) for row in rows])
    return years, np.array([float(row["SUNACTIVITY"]) for row in rows])
