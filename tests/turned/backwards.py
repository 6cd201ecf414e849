"""A gradient that travels back through an unrolled network."""

import numpy as np

from lib import GRUCell, LSTMCell, SimpleCell
from lib.gradients import bptt

STEPS, UNITS = 12, 4
H = np.array([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]) / 2
STATES = [
    {"cell": "simple", "loss": 11, "radius": 0.9, "bias": 1, "strength": 0.5, "seed": 3},
    {"cell": "simple", "loss": 4, "radius": 2, "bias": 1, "strength": 3, "seed": 7},
    {"cell": "LSTM", "loss": 11, "radius": 1, "bias": -3, "strength": 0.05, "seed": 1},
    {"cell": "LSTM", "loss": 9, "radius": 1, "bias": 5.4, "strength": 2.2, "seed": 9},
    {"cell": "GRU", "loss": 1, "radius": 1, "bias": 0.3, "strength": 1.15, "seed": 5},
    {"cell": "GRU", "loss": 11, "radius": 1, "bias": 6, "strength": 0, "seed": 2},
    {"cell": "simple", "loss": 0, "radius": 1.3, "bias": 1, "strength": 1, "seed": 4},
    {"cell": "simple", "loss": 11, "radius": 2, "bias": 1, "strength": 0, "seed": 8},
]


def network(state, rng):
    if state["cell"] == "simple":
        W_x = rng.uniform(-0.5, 0.5, (UNITS, 1))
        return SimpleCell(W_x, state["radius"] * H, np.zeros(UNITS))
    kind = {"LSTM": LSTMCell, "GRU": GRUCell}[state["cell"]]
    weights = {}
    for layer in kind.layers:
        weights[f"W_x{layer}"] = rng.uniform(-0.5, 0.5, (UNITS, 1))
        weights[f"W_h{layer}"] = rng.uniform(-0.5, 0.5, (UNITS, UNITS))
        weights[f"b_{layer}"] = np.full(UNITS, float(state["bias"] if layer in "fz" else 0))
    return kind(**weights)


def expected(state, told):
    rng = np.random.default_rng(state["seed"])
    x = state["strength"] * rng.uniform(-1, 1, (STEPS, 1))
    cell, t = network(state, rng), state["loss"]
    carried = np.zeros(STEPS - 1)
    for k in range(1, t + 1):  # dL/ds(k-1): that of the state with which the rest begins
        rest, states = x[k : t + 1], cell.initial_states()
        for step in x[:k]:
            _, states = cell(step, states)

        def loss(outputs, targets, weights):
            derivative = np.zeros_like(outputs)
            derivative[-1] = 0.5
            return float(outputs[-1].sum() / 2), derivative

        back = bptt(cell, rest, np.zeros((len(rest), UNITS)), initial_states=states, loss=loss)
        carried[k - 1] = np.linalg.norm(np.concatenate(back.d_initial_states))
    return {"carried": carried, "left": carried[0]}
