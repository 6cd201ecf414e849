"""One unit that reads its own output."""

import numpy as np

from lib import SimpleCell, unroll
from lib.cells.activations import identity

STATES = [
    {"f": "tanh", "w": 2, "pulse": 1.5, "kick": 1.9},
    {"f": "tanh", "w": 2, "pulse": 1.5, "kick": 1.92},
    {"f": "tanh", "w": 0.73, "pulse": -2, "kick": 4},
    {"f": "tanh", "w": -1.31, "pulse": 0.05, "kick": 0.4},
    {"f": "identity", "w": 1.1, "pulse": 0.7, "kick": 0},
    {"f": "identity", "w": -0.87, "pulse": -1.35, "kick": 0.315},
]


def expected(state, told):
    f = {"tanh": np.tanh, "identity": identity}[state["f"]]
    unit = SimpleCell(W_x=[[1.0]], W_y=[[state["w"]]], b=[0.0], f=f)
    x = np.zeros((26, 1))
    x[0], x[5] = state["pulse"], -np.sign(state["pulse"]) * state["kick"]
    y, _ = unroll(unit, x)
    found = {"y": y[:, 0]}
    if state["f"] == "tanh" and state["w"] > 1:
        found["level"] = unroll(unit, np.zeros((2000, 1)), initial_states=([1.0],))[0][-1, 0]
    return found
