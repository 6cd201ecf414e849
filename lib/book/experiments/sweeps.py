"""What the experiments share: options, runs that are done once and kept, a table and its story.

A sweep is many calls of one function. Each finished call is kept in the cache folder, so the same
command goes on after a kill where it stopped; only what was under way starts again. Should workers
outlive a killed parent, the new command waits for what they have under way and does not repeat it.
A call is known by its arguments alone: empty the cache after changing the code.

On a cluster, start a Dask scheduler and its workers where `lib` can be imported, and give the
scheduler's address; the cache must then be a folder that all workers see.

Joblib, filelock, tqdm and pandas are imported where they are needed, so that what an experiment
trains can be used without them.
"""

import argparse
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib import checks
from lib.data import shipped

if TYPE_CHECKING:
    import pandas

RESULTS = Path(__file__).parents[1] / "results"
COMMAND = "python -m lib.book.experiments"


def options(about: str, name: str, **own: Mapping[str, Any]) -> argparse.ArgumentParser:
    """The parser of the experiment `name`, with its `own` options.

    about  whose first line says what the experiment is
    own    {name of an option: what `ArgumentParser.add_argument` takes for it}
    """
    parser = argparse.ArgumentParser(
        prog=f"{COMMAND} {name}",
        description=about.partition("\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    for option, settings in own.items():
        parser.add_argument(f"--{option}", **settings)
    return parser


def spread(name: str, jobs: int) -> dict[str, dict[str, Any]]:
    """The options of every sweep: where its runs are kept, and what does them."""
    return {
        "cache": {"default": f"_build/{name}", "help": "folder of the finished runs"},
        "jobs": {"type": int, "default": jobs, "help": "processes at a time, without --dask"},
        "dask": {"metavar": "ADDRESS", "help": "of a Dask scheduler whose workers do the runs"},
    }


def command(
    about: str,
    sweep: Callable[..., list[dict[str, Any]]],
    name: str,
    arguments: Sequence[str] | None,
    *,
    seeds: int,
    packages: Collection[str],
    story: Callable[[list[dict[str, Any]]], dict[str, Any]],
    jobs: int = 1,
    **own: Mapping[str, Any],
) -> None:
    """Read the options of a sweep, do its runs and write them.

    sweep     takes seeds, cache and jobs, and the `own` options by name: the runs
    seeds     how many there are if the command does not say
    packages  and `story`, from the runs what else is known of them: as in `write`
    own       as in `options`
    """
    parser = options(
        about,
        name,
        seeds={"type": int, "default": seeds, "help": "how many, from 0"},
        **own,
        **spread(name, jobs),
        to={"default": RESULTS / f"{name}.csv", "help": "the table; a .json goes beside it"},
    )
    given = vars(parser.parse_args(arguments))
    path = given.pop("to")
    with cluster(given.pop("dask")):
        runs = sweep(**given)
    settings = {key: given[key] for key in ("seeds", *own)}
    write(runs, path, command=f"{COMMAND} {name}", packages=packages, **settings, **story(runs))


@contextmanager
def cluster(address: str | None) -> Iterator[None]:
    """Have the block's runs done by the workers of the Dask scheduler at `address`, if any."""
    if address is None:
        yield
        return
    with checks.extra("cluster"):
        from dask.distributed import Client
        from joblib import parallel_config
    with Client(address), parallel_config("dask"):
        yield


def once(function: Callable, cache: str | PathLike) -> Callable:
    """`function`, whose results are kept in the folder `cache`.

    A call that another process has under way is waited for.
    """
    with checks.extra("experiments"):
        import filelock
        import joblib

    cache = checks.path("cache", cache).absolute()
    kept = joblib.Memory(cache, verbose=0).cache(function)
    locks = cache / "locks"
    locks.mkdir(parents=True, exist_ok=True)

    def call(*given: Any) -> Any:
        with filelock.FileLock(locks / joblib.hash((function.__qualname__, given))):
            return kept(*given)

    return call


def over(calls: Sequence[tuple], function: Callable, jobs: int = 1, unit: str = "run") -> list:
    """What `function` gives for each of `calls`, in their order, over so many processes or, inside
    `cluster`, over its workers; with a progress bar."""
    with checks.extra("experiments"):
        from joblib import Parallel, delayed
        from tqdm import tqdm

    done = Parallel(n_jobs=jobs, return_as="generator")(delayed(function)(*each) for each in calls)
    return list(tqdm(done, total=len(calls), unit=unit))


def write(runs: Sequence[Mapping[str, Any]], path: str | PathLike, **known: Any) -> None:
    """The runs as a table in `path`, and how they came about in a .json beside it.

    runs   dicts of the same keys, a row each, and "seconds", the processor time of the run
    known  as in `shipped.describe`

    Raises ValueError where there are no runs.
    """
    with checks.extra("experiments"):
        import pandas

    if not runs:
        raise ValueError("runs: expected at least one, got none; nothing is written")
    table = pandas.DataFrame(runs)
    seconds = table.pop("seconds")
    table.to_csv(path, sep=";", index=False, lineterminator="\n")
    minutes = round(float(seconds.sum()) / 60, 1)
    story: dict[str, Any] = {**known, "runs": len(runs), "processor minutes": minutes}
    shipped.describe(path, **story)


def read(path: str | PathLike) -> "tuple[pandas.DataFrame, dict[str, Any]]":
    """The table that `write` made, a row a run, and what the .json beside it says.

    Raises FileNotFoundError and ValueError as `shipped.provenance` does.
    """
    with checks.extra("experiments"):
        import pandas

    known = shipped.provenance(path)
    return pandas.read_csv(path, sep=";", keep_default_na=False), known
