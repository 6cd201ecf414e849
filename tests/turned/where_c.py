"""Where c(t) comes from, layer by layer."""

import numpy as np

from lib import LSTMCell, trace

STEPS = 16
STATES = [
    {"b_f": 1, "b_i": 0, "step": 12, "seed": 1},
    {"b_f": -3, "b_i": 3, "step": 15, "seed": 2},
    {"b_f": 5, "b_i": -3, "step": 0, "seed": 9},
    {"b_f": 2.7, "b_i": 1.3, "step": 7, "seed": 4},
    {"b_f": 0, "b_i": 0, "step": 15, "seed": 7},
]


def expected(state, told):
    rng, weights = np.random.default_rng(state["seed"]), {}
    for layer in LSTMCell.layers:
        weights[f"W_x{layer}"] = rng.uniform(-2, 2, (1, 1))
        weights[f"W_h{layer}"] = rng.uniform(-1, 1, (1, 1))
        weights[f"b_{layer}"] = np.array([float(state.get(f"b_{layer}", 0))])
    values = trace(LSTMCell(**weights), rng.uniform(-1.5, 1.5, (STEPS, 1)))
    f, i, g, c = (values[name][:, 0] for name in "figc")
    left = np.array(
        [[np.prod(f[k + 1 : t + 1]) * (k <= t) for k in range(STEPS)] for t in range(STEPS)]
    )
    layers = left * i * g
    assert np.allclose(layers.sum(axis=1), c, rtol=1e-12, atol=1e-12)
    return {"c": c, "stored": i * g, "left": left[state["step"]], "layers": layers}
