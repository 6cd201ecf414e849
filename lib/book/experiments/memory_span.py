"""The sweep behind the chapter on short-term memory: the longest lag that every cell learns.

    python -m lib.book.experiments memory_span [--seeds 5] [--jobs 2] [--dask ADDRESS]

Every (task, cell, seed) climbs through the lags in a process of its own, see `memory.climb`; every
lag is a run of its own, see `sweeps`. The runs go to memory_span.csv, what they were made with to
memory_span.json.
"""

from collections.abc import Collection, Sequence
from functools import partial
from itertools import product
from os import PathLike
from typing import Any

from lib.book.experiments import memory, sweeps

NAME = "memory_span"


def sweep(
    seeds: int,
    cache: str | PathLike,
    jobs: int = 2,
    tasks: Collection[str] = tuple(memory.TASKS),
    cells: Collection[str] = tuple(memory.CELLS),
    lags: Sequence[int] = memory.LAGS,
    updates: int = memory.UPDATES,
) -> list[dict[str, Any]]:
    """All runs, in the order of tasks, cells, seeds and lags.

    seeds    how many, from 0
    cache    the folder of the finished runs
    jobs     processes at a time, for joblib's own backend
    """
    learn = sweeps.once(memory.learn, cache)
    climb = partial(memory.climb, lags=lags, updates=updates, learn=learn)
    climbs = [(task, cell, seed) for seed, task, cell in product(range(seeds), tasks, cells)]
    found = dict(zip(climbs, sweeps.over(climbs, climb, jobs, unit="climb"), strict=True))
    return [run for each in product(tasks, cells, range(seeds)) for run in found[each]]


def story(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """What the table's .json says beside the command's settings."""
    return {"sequences trained on": memory.BATCH * sum(run["updates"] for run in runs)}


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
        updates={"type": int, "default": memory.UPDATES, "help": "the budget of a run"},
        lags={"type": int, "nargs": "+", "default": memory.LAGS, "help": "in rising order"},
    )
