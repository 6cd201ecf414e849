"""The powers of a Jacobian, and the product of those of a cell that reads."""

import numpy as np

from lib import SimpleCell
from lib.gradients import lyapunov_exponent, norms_over_lag, state_jacobians

STEPS = 30
STATES = [
    {"first": 0.9, "second": 0.6, "angle": 20, "steps": 3, "kind": "same", "strength": 1},
    {"first": -1.3, "second": 1.12, "angle": 5, "steps": 30, "kind": "same", "strength": 0},
    {"first": 0.31, "second": 0.31, "angle": 63, "steps": 0, "kind": "same", "strength": 3},
    {"first": 0.97, "second": -0.85, "angle": 12, "steps": 7, "kind": "driven", "strength": 0.65},
    {"first": 1.21, "second": 0.44, "angle": 90, "steps": 12, "kind": "driven", "strength": 3},
    {"first": 0.9, "second": 0.6, "angle": 20, "steps": 9, "kind": "driven", "strength": 0},
]


def expected(state, told):
    angle = np.radians(state["angle"])
    V = np.array([[1, np.cos(angle)], [0, np.sin(angle)]])
    J = V @ np.diag([state["first"], state["second"]]) @ np.linalg.inv(V)
    x = state["strength"] * np.random.default_rng(1).uniform(-1, 1, (STEPS, 1))
    jacobians = state_jacobians(SimpleCell([[1.0], [1.0]], J, np.zeros(2)), x)
    if state["kind"] == "same":
        jacobians = np.broadcast_to(J, jacobians.shape)
    # norms_over_lag begins with the last step, the figure with the first.
    turned_round = np.swapaxes(jacobians, -1, -2)[::-1]
    return {
        "norms": norms_over_lag(turned_round),
        "rate": np.exp(lyapunov_exponent(jacobians, skip=15)),
        "radius": abs(np.linalg.eigvals(J)).max(),
    }
