"""One step of an LSTM of one unit."""

import numpy as np

from lib import LSTMCell
from tests.turned import of_one_unit

LAYERS = {"i": (2, 0.5, 0), "f": (1, 1, 0.4), "o": (-1, 0.25, -0.1), "g": (0.6, 1, -0.1)}
TOLD = {"weights": of_one_unit(LAYERS)}
STATES = [
    {"x": 0.5, "h": 0.8, "c": 1.5, "b_f": 0.4, "b_i": 0, "b_o": -0.1},
    {"x": -2.95, "h": -1, "c": -3, "b_f": 6, "b_i": -6, "b_o": 6},
    {"x": 3, "h": 0.35, "c": 2.65, "b_f": -5.7, "b_i": 4.2, "b_o": -4.9},
    {"x": 1.15, "h": -0.45, "c": 0, "b_f": 1.3, "b_i": 0.7, "b_o": 2.1},
    {"x": 0, "h": 0, "c": -0.05, "b_f": 0, "b_i": 0, "b_o": 0},
]


def expected(state, told):
    weights = {name: np.array(value, float) for name, value in told["weights"].items()}
    weights |= {name: np.array([float(state[name])]) for name in ("b_f", "b_i", "b_o")}
    cell = LSTMCell(**weights)
    h, c = np.array([float(state["h"])]), np.array([float(state["c"])])
    values = cell.gates(np.array([float(state["x"])]), (h, c))
    found = {f"named.{name}": value[0] for name, value in values.items()}
    return found | {"kept": values["f"][0] * c[0], "stored": values["i"][0] * values["g"][0]}
