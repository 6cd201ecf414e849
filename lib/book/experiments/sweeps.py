"""What the sweeps share: a run is done once, and the runs end up in a table with its provenance."""

import csv
import fcntl
import json
import platform
from importlib.metadata import version
from pathlib import Path

from joblib import Memory


def once(function, cache):
    """`function`, kept in `cache`: a call that another process has under way is waited for."""
    kept = Memory(cache, verbose=0).cache(function)

    def call(*given):
        name = "-".join(map(str, given)) + ".lock"
        with open(Path(cache) / name, "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            return kept(*given)

    return call


def write(runs, path, packages, **known):
    """The runs as a table in `path`, and how they came about in a .json beside it.

    runs      dicts of the same keys, a row each, and "seconds", the processor time of the run
    packages  names of those whose versions matter
    known     what else the .json says
    """
    rows = [{key: value for key, value in run.items() if key != "seconds"} for run in runs]
    with open(path, "w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, rows[0], delimiter=";", lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    provenance = {
        **known,
        "runs": len(runs),
        "processor minutes": round(sum(run["seconds"] for run in runs) / 60, 1),
        "versions": {"Python": platform.python_version()}
        | {name: version(name) for name in packages},
    }
    text = json.dumps(provenance, indent=2) + "\n"
    Path(path).with_suffix(".json").write_text(text, encoding="utf-8")
