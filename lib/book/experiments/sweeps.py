"""What the experiments share: options, runs that are done once and kept, a table and its story.

A sweep is many calls of one function. Each finished call is kept in the cache folder, so the same
command goes on after a kill where it stopped; only what was under way starts again. Should workers
outlive a killed parent, the new command waits for what they have under way and does not repeat it.
A call is known by its arguments and by the digest of the code that it runs and the weights that it
loads, `made_from`: after a change of either it is done anew.

On a cluster, start a Dask scheduler and its workers where `lib` can be imported, and give the
scheduler's address; the cache must then be a folder that all workers see.

The table is committed, and trusted for three reasons. Its .json holds the digest of the table:
`read` refuses one that was edited. It holds the digest of the code: `age` tells a table that older
code has made, which is no fault as long as today's code gives the same runs. And it holds the
seconds of every run: `repeated` does those runs again that its code's digest draws and that fit
into the time of a chapter, and a command with --check does all of them. The function of a run is
called with the values of `keys` in its row, in their order:

    again = sweeps.repeated(path, learn, keys=("task", "cell", "lag", "seed"))
    print(again)

For --check an experiment hands `run` and `keys` to `command`.

Joblib, filelock, tqdm and pandas are imported where they are needed, so that what an experiment
trains can be used without them.
"""

import argparse
import hashlib
import math
import platform
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from lib import checks
from lib.book import digest
from lib.data import shipped

if TYPE_CHECKING:
    import pandas

RESULTS = Path(__file__).parents[1] / "results"
COMMAND = "python -m lib.book.experiments"
BUDGET = 20.0  # processor seconds for the runs that a chapter repeats
APART = (Path(__file__), Path(digest.__file__), Path(shipped.__file__))  # they change no result


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
    run: Callable[..., dict[str, Any]] | None = None,
    keys: Sequence[str] = (),
    close: Mapping[str, float] | None = None,
    **own: Mapping[str, Any],
) -> None:
    """Read the options of a sweep, do its runs and write them; or check those that are written.

    sweep     takes seeds, cache and jobs, and the `own` options by name: the runs
    seeds     how many there are if the command does not say
    packages  and `story`, from the runs what else is known of them: as in `write`
    run       with `keys` and `close` as in `repeated`: the command then has the option --check
    own       as in `options`
    """
    parser = options(
        about,
        name,
        seeds={"type": int, "default": seeds, "help": "how many, from 0"},
        **own,
        **spread(name, jobs),
        to={"default": RESULTS / f"{name}.csv", "help": "the table; a .json goes beside it"},
        **(checking() if run else {}),
    )
    given = vars(parser.parse_args(arguments))
    path, minutes = given.pop("to"), given.pop("minutes", None)
    if given.pop("check", False):
        with cluster(given["dask"]):
            room = 60 * minutes if minutes else math.inf
            print(repeated(path, run, keys, seconds=room, close=close, jobs=given["jobs"]))
        return
    with cluster(given.pop("dask")):
        runs = sweep(**given)
    settings = {key: given[key] for key in ("seeds", *own)}
    settings |= {"code": made_from(run or sweep)}
    write(runs, path, command=f"{COMMAND} {name}", packages=packages, **settings, **story(runs))


def checking() -> dict[str, dict[str, Any]]:
    """The options of a command that can check the table it has written."""
    return {
        "check": {"action": "store_true", "help": "do the runs of the table again and compare"},
        "minutes": {"type": float, "help": "of processor time that --check may take; all if not"},
    }


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

    They are kept apart by `made_from`. A call that another process has under way is waited for.
    """
    with checks.extra("experiments"):
        import filelock
        import joblib

    cache = checks.path("cache", cache).absolute() / made_from(function)
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
    known  as in `shipped.describe`; `code`, as `made_from` gives it, lets `age` know the code

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
    # The table itself is the same however long it took. A text, for a line instead of a thousand.
    story["seconds of the runs"] = " ".join(f"{taken:.2f}" for taken in seconds)
    shipped.describe(path, **story)


def read(path: str | PathLike) -> "tuple[pandas.DataFrame, dict[str, Any]]":
    """The table that `write` made, a row a run, and what the .json beside it says.

    Raises FileNotFoundError and ValueError as `shipped.provenance` does.
    """
    with checks.extra("experiments"):
        import pandas

    known = shipped.provenance(path)
    return pandas.read_csv(path, sep=";", keep_default_na=False), known


def made_from(function: Callable) -> str:
    """A digest of what a run is made from: the module of `function` and all that it imports of the
    repository, and the arrays that lie beside these under their names, as pretrained weights do.

    What only keeps and writes results does not count, nor do comments and docstrings.
    """
    module = sys.modules[function.__module__]
    if not getattr(module, "__file__", None):
        return "built-in"
    path = Path(str(module.__file__)).resolve()
    above = module.__name__.count(".") + (path.name == "__init__.py")
    root = path.parents[above]
    apart = [each.resolve() for each in APART]
    found = [each for each in digest.closure([path], root) if each not in apart]
    arrays = [each.with_suffix(".npz") for each in found]
    code = [f"{each.relative_to(root).as_posix()} {digest.code_digest(each)}" for each in found]
    return digest.digest_of((), [each for each in arrays if each.is_file()], also=code, root=root)


def age(known: Mapping[str, Any], function: Callable) -> str:
    """What code made the table whose .json says `known`, seen from today's of `function`."""
    python = ".".join(platform.python_version_tuple()[:2])
    if "code" not in known:
        return "code that it does not name"
    if not known["versions"]["Python"].startswith(f"{python}."):  # they write code differently
        return "another Python"
    return "this code" if known["code"] == made_from(function) else "older code"


class Repeated(NamedTuple):
    """What `repeated` has done.

    runs     how many runs the table has
    rows     the places of those that were done again, in the order in which they were drawn
    seconds  of processor time that these took when the table was made
    code     that made the table, as `age` says
    """

    runs: int
    rows: list[int]
    seconds: float
    code: str

    def __str__(self) -> str:
        done = "run" if len(self.rows) == 1 else "runs"
        return (
            f"{len(self.rows)} of {self.runs} {done} done again, with the same results;\n"
            f"the table was made by {self.code}"
        )


def repeated(
    path: str | PathLike,
    run: Callable[..., Mapping[str, Any]],
    keys: Sequence[str],
    *,
    seconds: float = BUDGET,
    close: Mapping[str, float] | None = None,
    jobs: int | None = None,
) -> Repeated:
    """Do as many runs of the table at `path` again as fit into some time, and compare.

    run      does one run, given the values of `keys` in its row; it gives a row with its columns
    keys     columns of the table
    seconds  of processor time that all may take, by what they took when the table was made
    close    {column: how far apart the two results may be}, for what depends on the order in which
             a processor adds; all other columns must be equal
    jobs     None for here and in silence, as a cell wants it; or as in `over`

    The runs are drawn by the digest of their code: the same code repeats the same runs, every
    change of it others.

    Raises AssertionError that names the runs that differ, ValueError where no run fits or `keys`
    are no columns, and what `read` raises for a table that was edited.
    """
    table, known = read(path)
    missing = [key for key in keys if key not in table.columns]
    if missing or not keys:
        raise ValueError(f"keys: expected some of {list(table.columns)}, got {list(keys)}")
    rows, name = table.to_dict("records"), Path(path).name
    return repeat(rows, known, name, run, keys, seconds=seconds, close=close, jobs=jobs)


def repeat(
    rows: Sequence[Mapping[str, Any]],
    known: Mapping[str, Any],
    name: str,
    run: Callable[..., Mapping[str, Any]],
    keys: Sequence[str],
    *,
    seconds: float = BUDGET,
    close: Mapping[str, float] | None = None,
    jobs: int | None = None,
) -> Repeated:
    """`repeated` for the rows of a table that was read elsewhere, with what its .json says; a
    column that the run does not give is not compared."""
    taken = _seconds(known, len(rows))
    drawn = _draw(made_from(run), [[row[key] for key in keys] for row in rows], taken, seconds)
    if not drawn:
        raise ValueError(f"seconds: expected {min(taken):.1f} at least, for a run, got {seconds}")
    calls = [tuple(rows[k][key] for key in keys) for k in drawn]
    found = [run(*call) for call in calls] if jobs is None else over(calls, run, jobs)
    differences = [
        f"  {', '.join(f'{key} {rows[k][key]}' for key in keys)}: {column} was {old}, is"
        f" {new[column]}"
        for k, new in zip(drawn, found, strict=True)
        for column, old in rows[k].items()
        if column in new and not _agree(old, new[column], (close or {}).get(column, 0))
    ]
    result = Repeated(len(rows), drawn, sum(taken[k] for k in drawn), age(known, run))
    if differences:
        lines = "\n".join(differences)
        raise AssertionError(
            f"{name}, made by {result.code}: {len(drawn)} runs done again differ in\n{lines}"
        )
    return result


def _seconds(known: Mapping[str, Any], runs: int) -> list[float]:
    """How long each run took; the mean where the .json does not tell."""
    if "seconds of the runs" in known:
        return [float(taken) for taken in known["seconds of the runs"].split()]
    return [60 * known["processor minutes"] / runs] * runs


def _draw(seed: str, calls: Sequence[Sequence], taken: Sequence[float], room: float) -> list[int]:
    """The places of calls in an order that `seed` gives, each taken if there is still room."""

    def rank(k: int) -> bytes:
        return hashlib.sha256(f"{seed} {list(calls[k])}".encode()).digest()

    drawn = []
    for k in sorted(range(len(calls)), key=rank):
        if taken[k] <= room:
            drawn.append(k)
            room -= taken[k]
    return drawn


def _agree(one: Any, other: Any, apart: float) -> bool:
    """Whether two entries of a table are the same, or numbers no further apart than that."""
    if isinstance(one, str) or isinstance(other, str):
        return bool(one == other)
    return bool(abs(float(one) - float(other)) <= apart + 1e-12 * abs(float(one)))
