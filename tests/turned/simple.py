"""One step of a simple cell of one unit."""

import numpy as np

from lib import SimpleCell

STATES = [
    {"x": 0.5, "y": 0.8, "W_x": 1, "W_y": 0.9, "b": 0},
    {"x": -3, "y": -1, "W_x": 2, "W_y": -1.95, "b": 1.7},
    {"x": 2.35, "y": 0.15, "W_x": -0.85, "W_y": 2, "b": -2},
    {"x": 0.05, "y": 1, "W_x": 0.3, "W_y": 0.45, "b": 0.6},
    {"x": 0, "y": -0.75, "W_x": -2, "W_y": 1.05, "b": 0.05},
]


def expected(state, told):
    W_x, W_y, b, x, y = (float(state[name]) for name in ("W_x", "W_y", "b", "x", "y"))
    cell = SimpleCell([[W_x]], [[W_y]], [b])
    output, _ = cell(np.array([x]), (np.array([y]),))
    return {"named.y": output[0], "net": W_x * x + W_y * y + b}
