"""How long a cell remembers: training on tasks with a lag, until learned or the budget is spent.

    python -m lib.book.experiments memory_span [--seeds 10] [--jobs 2] [--dask ADDRESS]

The lag of a task is the number of steps that an input must be kept, for adding at most. A task
counts as learned once the mean squared error on fresh sequences is below a tenth of the baseline,
the error of the best constant answer. The training needs NumPy alone.

Tasks, cells and starts are crossed. Each combination first finds its rate: every rate of
`RATES_TRIED` climbs through the lags up to `TUNED_TO` with the seeds of `TUNING`, which serve
nothing else. The best rate then climbs through all lags with the seeds that are reported. A climb
is a process of its own, every lag in it a run of its own, see `sweeps`. The runs go to
memory_span.csv, those of the tuning with "tuning" in the column `part`; what they were made with
goes to memory_span.json.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from itertools import product
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np

from lib import training
from lib.book.experiments import sweeps
from lib.cells import GRUCell, LSTMCell, Readout, ResetAfterGRUCell, SimpleCell
from lib.cells.base import Cell
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

CELLS = {
    "simple": SimpleCell,
    "LSTM": LSTMCell,
    "GRU": GRUCell,
    "GRU, reset after": ResetAfterGRUCell,
}
# "Keras" and "PyTorch" as the two start a layer; "open" as Keras, with the gate that keeps the
# state wide open.
STARTS = ("Keras", "PyTorch", "open")
GATE_THAT_KEEPS = {"LSTM": "b_f", "GRU": "b_z", "GRU, reset after": "b_xz"}
OPEN = 3.0
RATES = {"recall": 1e-3, "adding": 3e-3, "copying": 3e-3}  # where none is looked for
RATES_TRIED = (1e-3, 3e-3, 1e-2)
TUNING = (1000, 1001, 1002)  # seeds
TUNED_TO = 40  # steps of lag

UNITS = 32
LAGS = (5, 10, 20, 40, 80, 160)
UPDATES, BATCH, CLIP = 1000, 16, 1.0
CHECK_EVERY, CHECKED = 100, 256

KEYS = ("task", "cell", "start", "rate", "lag", "seed")
# Two processors round differently, and after some hundred updates one can see it.
CLOSE = {"updates": 200, "error": 0.3}


def combinations(
    names: Collection[str] = tuple(TASKS), cells: Collection[str] = tuple(CELLS)
) -> list[tuple[str, str, str]]:
    """Every (task, cell, start) that there is: a simple cell has no gate to open."""
    crossed = product(names, cells, STARTS)
    return [each for each in crossed if each[2] != "open" or each[1] in GATE_THAT_KEEPS]


def started(cell: str, start: str, seed: int) -> Cell:
    """A fresh cell of `CELLS` with two inputs and `UNITS` units, as one of `STARTS` begins."""
    fresh = CELLS[cell].from_seed(2, UNITS, seed, dtype=np.float32)
    if start == "open":
        fresh.weights[GATE_THAT_KEEPS[cell]][:] = OPEN
    if start == "PyTorch":
        rng, limit = np.random.default_rng([seed, 2]), 1 / np.sqrt(UNITS)
        for name, weight in fresh.weights.items():
            # PyTorch adds two biases to each layer, where most cells here have one.
            two = name.startswith("b") and not name.startswith(("b_x", "b_h"))
            weight[:] = rng.uniform(-limit, limit, (1 + two, *weight.shape)).sum(axis=0)
    return fresh


def network(cell: str, seed: int, start: str = "Keras") -> Readout:
    """A fresh network of the sweep: a cell as `started`, read by one output as Keras starts it."""
    return Readout.from_seed(started(cell, start, seed), 1, seed)


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
    rate     of Adam; None for that of the task in `RATES`, which suits most cells

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


def learn(
    task: str, cell: str, start: str, rate: float, lag: int, seed: int, updates: int = UPDATES
) -> dict[str, Any]:
    """One run of the sweep, as a dict: a row of the results, and the processor time it took."""
    begun = time.process_time()
    spent, error = train(network(cell, seed, start), task, lag, seed, updates, rate=rate)
    return {
        "task": task,
        "cell": cell,
        "start": start,
        "rate": rate,
        "lag": lag,
        "seed": seed,
        "learned": int(error < 0.1),
        "updates": spent,
        "error": round(error, 4),
        "seconds": time.process_time() - begun,
    }


def climb(
    task: str,
    cell: str,
    start: str,
    rate: float,
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
        runs.append(learn(task, cell, start, rate, lag, seed, updates))
        if not runs[-1]["learned"]:
            break
    return runs


def best_rate(climbs: Mapping[float, Sequence[Sequence[Mapping[str, Any]]]]) -> float:
    """The rate whose climbs learned the most lags in all; among equals, that with the fewest
    updates at the lags that it learned."""

    def success(rate: float) -> tuple[int, int]:
        learned = [run["updates"] for runs in climbs[rate] for run in runs if run["learned"]]
        return len(learned), -sum(learned)

    return max(climbs, key=success)


def reported(runs: "pandas.DataFrame") -> "pandas.DataFrame":
    """The runs of the table that are no tuning."""
    return runs[runs["part"] == "reported"]


def spans(runs: "pandas.DataFrame", task: str, cell: str, start: str) -> "pandas.Series":
    """The longest lag learned by each reported seed, 0 for none. It is censored: the last of `LAGS`
    stands for that lag or a longer one.

    runs  the table of the sweep, see `sweeps.read`
    """
    runs = reported(runs)
    mine = runs[(runs["task"] == task) & (runs["cell"] == cell) & (runs["start"] == start)]
    learned = mine["lag"] * mine["learned"]
    return learned.groupby(mine["seed"]).max()


def sweep(
    seeds: int,
    cache: str | PathLike,
    jobs: int = 2,
    names: Collection[str] = tuple(TASKS),
    cells: Collection[str] = tuple(CELLS),
    lags: Sequence[int] = LAGS,
    updates: int = UPDATES,
) -> list[dict[str, Any]]:
    """All runs, in the order of tasks, cells, starts, rates, seeds and lags; the tuning first.

    seeds    how many are reported, from 0
    cache    the folder of the finished runs
    jobs     processes at a time, for joblib's own backend
    """
    each = combinations(names, cells)
    kept = partial(climb, updates=updates, learn=sweeps.once(learn, cache))
    low = partial(kept, lags=[lag for lag in lags if lag <= TUNED_TO])
    tried = [(*one, rate, seed) for seed, one, rate in product(TUNING, each, RATES_TRIED)]
    tuning = dict(zip(tried, sweeps.over(tried, low, jobs, unit="climb"), strict=True))
    rates = {
        one: best_rate(
            {rate: [tuning[*one, rate, seed] for seed in TUNING] for rate in RATES_TRIED}
        )
        for one in each
    }
    chosen = [(*one, rates[one], seed) for seed, one in product(range(seeds), each)]
    up = partial(kept, lags=lags)
    found = dict(zip(chosen, sweeps.over(chosen, up, jobs, unit="climb"), strict=True))
    parts = {
        "tuning": [
            tuning[*one, rate, seed] for one in each for rate in RATES_TRIED for seed in TUNING
        ],
        "reported": [found[*one, rates[one], seed] for one in each for seed in range(seeds)],
    }
    return [{"part": part, **run} for part in parts for runs in parts[part] for run in runs]


def story(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """What the table's .json says beside the command's settings."""
    return {"sequences trained on": BATCH * sum(run["updates"] for run in runs)}


def main(arguments: list[str] | None = None) -> None:
    sweeps.command(
        __doc__,
        sweep,
        NAME,
        arguments,
        seeds=10,
        jobs=2,
        packages=("numpy", "joblib"),
        story=story,
        run=learn,
        keys=KEYS,
        close=CLOSE,
        updates={"type": int, "default": UPDATES, "help": "the budget of a run"},
        lags={"type": int, "nargs": "+", "default": LAGS, "help": "in rising order"},
    )
