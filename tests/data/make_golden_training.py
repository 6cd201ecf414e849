"""Write golden_training.json: what training gave before the networks had named weights.

    python tests/data/make_golden_training.py

Ten updates of every task and cell of `lib.book.experiments.memory`, seed 0 and lag 12: as the
sweep does them, in float32, and again in float64, where rounding hides nothing. For each run the
ten losses and, of every weight by its name in the equations, the sum of its numbers times fixed
random ones.
"""

import json
from pathlib import Path

import numpy as np

from lib.book.experiments import memory
from lib.training import Adam, Network, clip

LAG, SEED, UPDATES = 12, 0, 10


def run(task, cell, dtype):
    net = Network.from_seed(memory.CELLS[cell], 2, memory.UNITS, 1, SEED, dtype)
    adam, losses = Adam(net.weights, memory.RATES[task]), []
    for update in range(1, UPDATES + 1):
        inputs, targets = memory.TASKS[task](LAG, [SEED, update], memory.BATCH)
        d_outputs = np.zeros((*inputs.shape[:2], 1), dtype)
        difference = memory.answers(net, inputs, targets)
        losses.append(float(np.mean(difference**2)))
        d_outputs[:, -difference.shape[1] :] = 2 * difference / difference.size
        gradient = net.gradient(d_outputs)
        clip(gradient, memory.CLIP)
        adam.update(gradient)
    weights = {f"cell.{name}": w for name, w in net.layer.cell().weights.items()}
    weights |= {"W": net.weights["V"], "b": net.weights["d"]}
    return losses, {name: projection(w) for name, w in weights.items()}


def projection(weight):
    return float(np.sum(weight * np.random.default_rng(1).normal(size=weight.shape)))


if __name__ == "__main__":
    golden = []
    for task in memory.TASKS:
        for cell in memory.CELLS:
            for dtype in ("float32", "float64"):
                losses, weights = run(task, cell, dtype)
                known = {"task": task, "cell": cell, "dtype": dtype}
                golden.append(known | {"losses": losses, "weights": weights})
    text = json.dumps(golden, indent=1) + "\n"
    Path(__file__).with_name("golden_training.json").write_text(text, encoding="utf-8")
