"""One step of a GRU of one unit, in both forms."""

import numpy as np

from lib import GRUCell, ResetAfterGRUCell
from tests.turned import of_one_unit

LAYERS = {"z": (1, 0.5, 0.5), "r": (-2, 0.5, 0.3), "g": (0.4, 1, -0.1)}
TOLD = {"weights": of_one_unit(LAYERS)}
STATES = [
    {"form": "before", "x": 0.5, "h": 0.8, "b_z": 0.5, "b_r": 0.3, "b_hg": 0},
    {"form": "after", "x": 0.5, "h": 0.8, "b_z": 0.5, "b_r": 0.3, "b_hg": 1.35},
    {"form": "before", "x": -2.9, "h": -1, "b_z": -6, "b_r": 5.5, "b_hg": -2},
    {"form": "after", "x": 3, "h": -0.55, "b_z": 6, "b_r": -6, "b_hg": 0.4},
    {"form": "after", "x": -1.35, "h": 0.25, "b_z": -1.2, "b_r": 0.1, "b_hg": -1.7},
]


def expected(state, told):
    w = {name: np.array(value, float) for name, value in told["weights"].items()}
    b_z, b_r, b_hg = (np.array([float(state[name])]) for name in ("b_z", "b_r", "b_hg"))
    x, h = np.array([float(state["x"])]), np.array([float(state["h"])])
    if state["form"] == "before":
        cell = GRUCell(**w | {"b_z": b_z, "b_r": b_r, "b_g": w["b_g"] + b_hg})
    else:
        biases = {"b_xz": b_z, "b_hz": 0 * b_z, "b_xr": b_r, "b_hr": 0 * b_r}
        biases |= {"b_xg": w["b_g"], "b_hg": b_hg}
        cell = ResetAfterGRUCell(**{k: v for k, v in w.items() if k[0] == "W"}, **biases)
    values = cell.gates(x, (h,))
    found = {f"named.{name}": value[0] for name, value in values.items()}
    return found | {
        "kept": values["z"][0] * h[0],
        "added": (1 - values["z"][0]) * values["g"][0],
    }
