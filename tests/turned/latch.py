"""The latch: two units and a linear one that reads them."""

import numpy as np

from lib import LSTMCell, Readout, trace, unroll

_cell = LSTMCell.generic(3, 2, seed=4)
_network = Readout(_cell, [[1.3, -0.7]], [0.2])
COMMANDS = ("none", "store", "recall")
TOLD = {
    "weights": {name: weight.tolist() for name, weight in _cell.weights.items()},
    "W": _network.W.tolist(),
    "b": _network.b.tolist(),
    "unit": 1,
    "sequence": [
        [float(value), COMMANDS[t % 3]]
        for t, value in enumerate(np.random.default_rng(5).uniform(-1, 1, 12).round(2))
    ],
}
STATES = [
    {"step": 0, "value": -0.21, "command": "store", "held": "none"},
    {"step": 11, "value": 1, "command": "recall", "held": "none"},
    {"step": 4, "value": -1, "command": "none", "held": "f1"},
    {"step": 7, "value": 0.37, "command": "store", "held": "i0"},
    {"step": 2, "value": 0, "command": "recall", "held": "o1"},
    {"step": 6, "value": 0.55, "command": "store", "held": "f0"},
]


def expected(state, told):
    weights = {name: np.array(weight, float) for name, weight in told["weights"].items()}
    if state["held"] != "none":
        gate, place = state["held"]
        weights[f"b_{gate}"] = np.full(2, 1000.0 if place == "1" else -1000.0)
    network = Readout(LSTMCell(**weights), told["W"], told["b"])
    sequence = [*map(tuple, told["sequence"])]
    sequence[state["step"]] = state["value"], state["command"]
    x = np.array([[v, c == "store", c == "recall"] for v, c in sequence], float)
    stored, target = 0.0, []
    for value, command in sequence:
        stored = value if command == "store" else stored
        target.append(stored if command == "recall" else 0)
    values = trace(network.cell, x)
    found = {f"rows.{name}": values[name][:, told["unit"]] for name in "ifogc"}
    return found | {"y": unroll(network, x)[0][:, 0], "target": target}
