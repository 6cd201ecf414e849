"""A submission to a Kaggle competition: a csv file of ids and answers,
written and checked."""

import csv
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from os import PathLike

from lib import checks

COLUMNS = ["id", "sentiment"]


def write(path: str | PathLike, scores: Mapping[str, float]) -> None:
    """Write {id: score} to `path` as the competition wants it, one row an
    id.

    Raises TypeError or ValueError for a score that is no finite number.

    Explained in: d32-case-study
    """
    rows = [
        (name, f"{checks.number(f'scores[{name!r}]', score):.6f}")
        for name, score in checks.mapping("scores", scores).items()
    ]
    path = checks.path("path", path)
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerows([COLUMNS, *rows])


def check(path: str | PathLike, ids: Iterable[str]) -> None:
    """Raise ValueError unless the file at `path` gives each of `ids` one
    number within 0 and 1.

    Explained in: d32-case-study
    """
    path = checks.path("path", path)
    name = path.name
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = [row for row in csv.reader(file) if row] or [[]]
    if header != COLUMNS:
        raise ValueError(
            f"{name}: expected the columns {COLUMNS}, got {header}"
        )
    got, wanted = [row[0] for row in rows], set(ids)
    for what, faulty in (
        ("are unknown", set(got) - wanted),
        ("are missing", wanted - set(got)),
        (
            "come twice",
            {i for i, times in Counter(got).items() if times > 1},
        ),
    ):
        if faulty:
            raise ValueError(
                f"{name}: expected each of {len(wanted)} ids once;"
                f" {len(faulty)} {what}, for instance {min(faulty)!r}"
            )
    for row in rows:
        if len(row) != 2 or not 0 <= _number(row[1]) <= 1:
            raise ValueError(
                f"{name}: expected a number within 0 and 1 for {row[0]},"
                f" got {row[1:]}"
            )


def _number(text):
    try:
        return float(text)
    except ValueError:
        return math.nan
