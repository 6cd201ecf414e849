"""A submission to a Kaggle competition: a csv file of ids and answers,
written and checked."""

import csv
import math
from collections import Counter
from pathlib import Path

COLUMNS = ["id", "sentiment"]


def write(path, scores):
    """Write {id: score} to `path` as the competition wants it, one row an
    id."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows(
            (name, f"{score:.6f}") for name, score in scores.items()
        )


def check(path, ids):
    """Raise ValueError unless the file at `path` gives each of `ids` one
    number within 0 and 1."""
    name = Path(path).name
    with open(path, newline="", encoding="utf-8") as file:
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
