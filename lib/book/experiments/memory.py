"""How long a cell remembers: training on tasks with a lag, until learned or the budget is spent.

The lag of a task is the number of steps that an input must be kept, for adding at most. A task
counts as learned once the mean squared error on fresh sequences is below a tenth of the baseline,
the error of the best constant answer. NumPy alone.
"""

import time
from pathlib import Path

import numpy as np

from lib.cells import GRUCell, LSTMCell, PeepholeLSTMCell, SimpleCell
from lib.data import tasks
from lib.training import Adam, Network, clip

# name: (lag, seed, sequences) -> inputs (n, steps, 2), targets (n, answers) or (n, answers, 1)
TASKS = {
    "recall": lambda lag, seed, n: tasks.early_symbol(n, lag + 1, seed),
    "adding": lambda lag, seed, n: tasks.adding(n, lag + 1, seed),
    "copying": lambda lag, seed, n: tasks.copying(n, lag, seed),
}
BASELINES = {"recall": 1.0, "adding": 1 / 6, "copying": 1.0}
# Of 1, 3 and 10 thousandths, tried on seed 0 without the peepholes: recall is learned at the first
# alone; for the others the second is a compromise, as gates do better at the third, but on adding
# the simple cell does worse there.
RATES = {"recall": 1e-3, "adding": 3e-3, "copying": 3e-3}

CELLS = {
    "simple": SimpleCell,
    "LSTM": LSTMCell,
    "LSTM, peepholes": PeepholeLSTMCell,
    "GRU": GRUCell,
}
UNITS = 32
LAGS = (5, 10, 20, 40, 80, 160)
UPDATES, BATCH, CLIP = 1000, 16, 1.0
CHECK_EVERY, CHECKED = 100, 256

RESULTS = Path(__file__).parents[1] / "results" / "memory_span.csv"


def network(cell, seed):
    """A fresh network of the sweep: two inputs, `UNITS` units of a cell of `CELLS`, one output."""
    return Network.from_seed(CELLS[cell], 2, UNITS, 1, seed)


def train(net, task, lag, seed, updates=UPDATES, norm=CLIP, rate=None):
    """Train `net` until it has learned `task`: (updates spent, error / baseline at the end).

    updates  the budget, in batches of `BATCH` fresh sequences
    norm     where the gradient is clipped; None for never
    rate     of Adam; None for the task's in `RATES`, the same for all cells

    The error is taken every `CHECK_EVERY` updates, on `CHECKED` sequences that training never sees.
    """
    adam, error = Adam(net.weights, RATES[task] if rate is None else rate), np.inf
    fresh = TASKS[task](lag, [seed, 0], CHECKED)
    for update in range(1, updates + 1):
        inputs, targets = TASKS[task](lag, [seed, update], BATCH)
        d_outputs = np.zeros((*inputs.shape[:2], 1), np.float32)
        difference = answers(net, inputs, targets)
        d_outputs[:, -difference.shape[1] :] = 2 * difference / difference.size
        gradient = net.gradient(d_outputs)
        if norm is not None:
            clip(gradient, norm)
        adam.update(gradient)
        if update % CHECK_EVERY == 0 or update == updates:
            error = float(np.mean(answers(net, *fresh) ** 2)) / BASELINES[task]
            if error < 0.1:
                break
    return update, error


def answers(net, inputs, targets):
    """Output minus target at the last steps, as many as `targets` has: (sequences, answers, 1)."""
    targets = targets.reshape(len(targets), -1, 1)
    return net(inputs)[:, -targets.shape[1] :] - targets


def learn(task, cell, lag, seed, updates=UPDATES):
    """One run of the sweep, as a dict: a row of the results, and the processor time it took."""
    start = time.process_time()
    spent, error = train(network(cell, seed), task, lag, seed, updates)
    return {
        "task": task,
        "cell": cell,
        "lag": lag,
        "seed": seed,
        "learned": int(error < 0.1),
        "updates": spent,
        "error": round(error, 4),
        "seconds": time.process_time() - start,
    }


def climb(task, cell, seed, lags=LAGS, updates=UPDATES, learn=learn):
    """The runs of one seed at longer and longer lags, up to the first that it does not learn.

    `learn` may be a form of the function above that keeps what it has done.
    """
    runs = []
    for lag in lags:
        runs.append(learn(task, cell, lag, seed, updates))
        if not runs[-1]["learned"]:
            break
    return runs


def spans(runs, task, cell):
    """The longest lag learned, one number a seed in the order of the seeds; 0 for none.

    runs  the table of the sweep, see `sweeps.read`
    """
    mine = runs[(runs["task"] == task) & (runs["cell"] == cell)]
    learned = mine["lag"] * mine["learned"]
    return learned.groupby(mine["seed"]).max().to_numpy()
