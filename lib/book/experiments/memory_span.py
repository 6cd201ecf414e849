"""The sweep behind the chapter on short-term memory: the longest lag that every cell learns.

    python -m lib.book.experiments.memory_span [--seeds 5] [--jobs 2] [--dask ADDRESS]

Every (task, cell, seed) climbs through the lags in a process of its own, see `memory.climb`. Each
finished run is kept in the cache folder, so the same command goes on after a kill where it stopped;
only runs that were under way start again. Should workers outlive a killed parent, the new command
waits for what they have under way and does not repeat it. The runs go to memory_span.csv, what they
were made with to memory_span.json.

On a cluster, start a Dask scheduler and its workers where `lib` can be imported, and give the
scheduler's address; the cache must then be a folder that all workers see. Every process should
compute with one thread: OPENBLAS_NUM_THREADS=1.

Empty the cache after changing a cell or its training: a run is known by its settings alone.
"""

import argparse
from contextlib import ExitStack
from itertools import product

from joblib import Parallel, delayed, parallel_config
from tqdm import tqdm

from lib.book.experiments import memory, sweeps


def sweep(
    seeds,
    cache,
    jobs=2,
    tasks=memory.TASKS,
    cells=memory.CELLS,
    lags=memory.LAGS,
    updates=memory.UPDATES,
):
    """All runs, in the order of tasks, cells, seeds and lags.

    seeds    how many, from 0
    cache    the folder of the finished runs
    jobs     processes at a time, for joblib's own backend
    """
    learn = sweeps.once(memory.learn, cache)
    climbs = [(task, cell, seed) for seed, task, cell in product(range(seeds), tasks, cells)]
    done = Parallel(n_jobs=jobs, return_as="generator")(
        delayed(memory.climb)(*climb, lags=lags, updates=updates, learn=learn) for climb in climbs
    )
    runs = [run for climb in tqdm(done, total=len(climbs), unit="climb") for run in climb]
    places = list(product(tasks, cells))
    return sorted(runs, key=lambda run: places.index((run["task"], run["cell"])))


def write(runs, path, **settings):
    """The runs in `path` and their provenance beside it, as `sweeps.write` does."""
    sweeps.write(
        runs,
        path,
        packages=("numpy", "joblib"),
        command="python -m lib.book.experiments.memory_span",
        **settings,
        **{"sequences trained on": memory.BATCH * sum(run["updates"] for run in runs)},
    )


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    option = parser.add_argument
    option("--seeds", type=int, default=5, help="how many, from 0")
    option("--updates", type=int, default=memory.UPDATES, help="the budget of a run")
    option("--lags", type=int, nargs="+", default=memory.LAGS, help="in rising order")
    option("--jobs", type=int, default=2, help="processes at a time, without --dask")
    option("--cache", default="_build/memory-span", help="folder of the finished runs")
    option("--dask", metavar="ADDRESS", help="of a Dask scheduler whose workers do the runs")
    option("--to", default=memory.RESULTS, help="the table; a .json goes beside it")
    given = parser.parse_args(arguments)

    with ExitStack() as stack:
        if given.dask:
            from dask.distributed import Client

            stack.enter_context(Client(given.dask))
            stack.enter_context(parallel_config("dask"))
        runs = sweep(given.seeds, given.cache, given.jobs, lags=given.lags, updates=given.updates)
    write(runs, given.to, seeds=given.seeds, updates=given.updates, lags=given.lags)


if __name__ == "__main__":
    main()
