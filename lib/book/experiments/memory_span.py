"""How long a cell remembers: training on tasks with a lag, until learned or the budget is spent.

    python -m lib.book.experiments memory_span [--seeds 5] [--jobs 2] [--dask ADDRESS]

The lag of a task is the number of steps that an input must be kept, for adding at most. A task
counts as learned once the mean squared error on fresh sequences is below a tenth of the baseline,
the error of the best constant answer. The training needs NumPy alone.

The sweep has every (task, cell, seed) climb through the lags in a process of its own; every lag is
a run of its own, see `sweeps`. The runs go to memory_span.csv, what they were made with to
memory_span.json.
"""

import time
from collections.abc import Callable, Collection, Sequence
from functools import partial
from itertools import product
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lib import training
from lib.book.experiments import sweeps
from lib.cells import GRUCell, LSTMCell, PeepholeLSTMCell, Readout, SimpleCell
from lib.checks import Array
from lib.data import tasks

if TYPE_CHECKING:
    import pandas

NAME = "memory_span"
RESULTS = sweeps.RESULTS / f"{NAME}.csv"

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


def network(cell: str, seed: int) -> Readout:
    """A fresh network of the sweep: two inputs, `UNITS` units of a cell of `CELLS`, one output."""
    inner = CELLS[cell].from_seed(2, UNITS, seed, dtype=np.float32)
    return Readout.from_seed(inner, 1, seed)


def train(
    net: Readout,
    task: str,
    lag: int,
    seed: int,
    updates: int = UPDATES,
    norm: float | None = CLIP,
    rate: float | None = None,
) -> tuple[int, float]:
    """Train `net` until it has learned `task`: (updates spent, error / baseline at the end).

    updates  the budget, in batches of `BATCH` fresh sequences
    norm     where the gradient is clipped; None for never
    rate     of Adam; None for the task's in `RATES`, the same for all cells

    The error is taken every `CHECK_EVERY` updates, on `CHECKED` sequences that training never sees.
    """
    run = training.train(
        net,
        lambda seeds: examples(task, lag, seeds, BATCH),
        updates,
        rate=RATES[task] if rate is None else rate,
        norm=norm,
        seed=seed,
        validation=examples(task, lag, [seed, 0], CHECKED),
        every=CHECK_EVERY,
        stop_below=0.1 * BASELINES[task],
    )
    return run.updates, float(run.validation[-1]) / BASELINES[task]


def examples(task: str, lag: int, seed: tasks.Seed, sequences: int) -> tuple[Array, Array, Array]:
    """Inputs, targets of all steps, and weights of 1 at the steps where an answer is wanted."""
    return tasks.at_the_end(*TASKS[task](lag, seed, sequences))


def learn(task: str, cell: str, lag: int, seed: int, updates: int = UPDATES) -> dict[str, Any]:
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


def climb(
    task: str,
    cell: str,
    seed: int,
    lags: Sequence[int] = LAGS,
    updates: int = UPDATES,
    learn: Callable[..., dict[str, Any]] = learn,
) -> list[dict[str, Any]]:
    """The runs of one seed at longer and longer lags, up to the first that it does not learn.

    `learn` may be a form of the function above that keeps what it has done.
    """
    runs = []
    for lag in lags:
        runs.append(learn(task, cell, lag, seed, updates))
        if not runs[-1]["learned"]:
            break
    return runs


def spans(runs: "pandas.DataFrame", task: str, cell: str) -> NDArray[np.integer]:
    """The longest lag learned, one number a seed in the order of the seeds; 0 for none.

    runs  the table of the sweep, see `sweeps.read`
    """
    mine = runs[(runs["task"] == task) & (runs["cell"] == cell)]
    learned = mine["lag"] * mine["learned"]
    return learned.groupby(mine["seed"]).max().to_numpy()


def sweep(
    seeds: int,
    cache: str | PathLike,
    jobs: int = 2,
    names: Collection[str] = tuple(TASKS),
    cells: Collection[str] = tuple(CELLS),
    lags: Sequence[int] = LAGS,
    updates: int = UPDATES,
) -> list[dict[str, Any]]:
    """All runs, in the order of tasks, cells, seeds and lags.

    seeds    how many, from 0
    cache    the folder of the finished runs
    jobs     processes at a time, for joblib's own backend
    """
    up = partial(climb, lags=lags, updates=updates, learn=sweeps.once(learn, cache))
    climbs = [(task, cell, seed) for seed, task, cell in product(range(seeds), names, cells)]
    found = dict(zip(climbs, sweeps.over(climbs, up, jobs, unit="climb"), strict=True))
    return [run for each in product(names, cells, range(seeds)) for run in found[each]]


def story(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """What the table's .json says beside the command's settings."""
    return {"sequences trained on": BATCH * sum(run["updates"] for run in runs)}


def main(arguments: list[str] | None = None) -> None:
    sweeps.command(
        __doc__,
        sweep,
        NAME,
        arguments,
        seeds=5,
        jobs=2,
        packages=("numpy", "joblib"),
        story=story,
        updates={"type": int, "default": UPDATES, "help": "the budget of a run"},
        lags={"type": int, "nargs": "+", "default": LAGS, "help": "in rising order"},
    )
