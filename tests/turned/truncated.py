"""The window of truncated BPTT."""

from functools import cache

import numpy as np

from lib import SimpleCell
from lib.gradients import bptt, truncated_bptt

STEPS, LAG = 24, 4
STATES = [
    {"window": 1, "batch": "1"},
    {"window": 2, "batch": "100"},
    {"window": 5, "batch": "10"},
    {"window": 7, "batch": "100"},
    {"window": 23, "batch": "1"},
    {"window": 24, "batch": "10"},
]


@cache
def problem(batch):
    rng = np.random.default_rng(2)
    W_x, W_y = rng.uniform(-1, 1, (3, 1)), rng.uniform(-1, 1, (3, 3))
    x = rng.uniform(-1, 1, (batch, STEPS))[..., None]
    past = np.pad(x, ((0, 0), (LAG, 0), (0, 0)))[:, :STEPS]
    return SimpleCell(W_x, W_y, np.zeros(3)), x, np.repeat(past, 3, axis=2)


def flat(gradient):
    return np.concatenate([gradient[name].ravel() for name in ("W_x", "W_y", "b")])


def expected(state, told):
    cell, x, targets = problem(int(state["batch"]))
    full = flat(bptt(cell, x, targets).gradient)
    errors = [
        np.linalg.norm(flat(truncated_bptt(cell, x, targets, window).gradient) - full)
        / np.linalg.norm(full)
        for window in range(1, STEPS + 1)
    ]
    kept = flat(truncated_bptt(cell, x, targets, state["window"]).gradient)
    return {"full": full, "kept": kept, "errors": errors}
