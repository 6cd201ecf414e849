"""The long training behind the case study: recurrent networks on all of IMDB's training reviews.

    python -m lib.book.experiments case_study [--data PATH] [--out FOLDER] [--jobs 1]

Every network of `MODELS` is trained with several seeds, each a run of its own, see `sweeps`, and
rates the validation part, the test part and what a submission has to rate. The ratings go to
case_study.npz, with the weights of the first network on the pretrained word vectors; what they were
made with goes to case_study.json. Without --data the reviews are the shipped ones and the files go
to `sweeps.RESULTS`, where the chapter finds them. With --data, the path of Kaggle's files or of the
archive, they go to the folder of the data.
"""

import math
import time
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lib.book.experiments import sentiment, sweeps
from lib.checks import Array
from lib.data import shipped
from lib.data.reviews import Corpus, imdb
from lib.data.words import Vocabulary
from lib.keras import keras

NAME = "case_study"
COMMAND = f"{sweeps.COMMAND} {NAME}"
SCRATCH, PRETRAINED = "GRU from scratch", "GRU on pretrained words"


class Model(NamedTuple):
    """How a network is trained: the settings of `sentiment.network`, epochs, how many seeds."""

    settings: dict[str, Any]
    epochs: int
    seeds: int


MODELS = {
    SCRATCH: Model({"learned_size": 32}, epochs=2, seeds=2),
    PRETRAINED: Model({"learned_size": 8}, epochs=2, seeds=3),
}


class Results(NamedTuple):
    """What the command has written.

    logits      {model: {part: (seeds, reviews)}}; the parts are validation, test and, where it is
                not the test part, to_predict
    weights     of the first network on the pretrained word vectors, a list of arrays
    provenance  the content of case_study.json
    """

    logits: dict[str, dict[str, Array]]
    weights: list[Array]
    provenance: dict[str, Any]


def results(corpus: Corpus, path: str | PathLike | None = None) -> Results:
    """The `Results` for a corpus, read from where the command has put them.

    path  where the corpus was read from, as in `reviews.imdb`

    Raises FileNotFoundError where there are none, ValueError for those of other data.
    """
    file = folder(path) / f"{NAME}.npz"
    command = COMMAND if path is None else f"{COMMAND} --data {path}"
    if not file.is_file():
        raise FileNotFoundError(f"path: expected {file}, which `{command}` writes")
    known, arrays = shipped.provenance(file), shipped.read(file)
    if known["data"] != described(corpus):
        raise ValueError(
            f"corpus: expected the reviews that {file} was made with, {known['data']}, "
            f"got {described(corpus)}; run `{command}`"
        )
    logits = {
        model: {part: arrays[f"{model}/{part}"] for part in rated(corpus)}
        for model in known["models"]
    }
    weights = [arrays[f"weights/{k}"].astype(np.float32) for k in range(known["weights"])]
    return Results(logits, weights, known)


def folder(path: str | PathLike | None) -> Path:
    """Where the results for the data at `path` are."""
    if path is None:
        return sweeps.RESULTS
    return Path(path) if Path(path).is_dir() else Path(path).parent


def described(corpus: Corpus) -> dict[str, Any]:
    """What the reviews are, for the provenance."""
    counts = {part: list(count) for part, count in corpus.counts().items()}
    return {"name": corpus.name, "sha256": corpus.sha256, "reviews, positive": counts}


def rated(corpus: Corpus) -> dict[str, list[str]]:
    """{part: texts} of what the networks rate."""
    texts = {"validation": corpus.validation.texts, "test": corpus.test.texts}
    to_predict = list(corpus.to_predict.values())
    return texts if to_predict == texts["test"] else {**texts, "to_predict": to_predict}


def run(corpus: Corpus, name: str, model: Model, seed: int) -> dict[str, Any]:
    """Train one network and have it rate all parts of the corpus.

    Gives its logits by part, its weights in float16, the areas on the validation part after every
    epoch, how many parameters were trained, and the seconds it took.
    """
    start = time.process_time()
    if name == SCRATCH:
        vocabulary, vectors = Vocabulary.most_frequent(corpus.train.texts, 10_000), None
    else:
        vocabulary, vectors = sentiment.pretrained()
    train = sentiment.numbers(corpus.train.texts, vocabulary)
    parts = {part: sentiment.numbers(texts, vocabulary) for part, texts in rated(corpus).items()}
    network = sentiment.network(len(vocabulary), vectors, **model.settings, seed=seed)
    validation = parts["validation"], corpus.validation.labels
    areas = sentiment.fit(network, train, corpus.train.labels, validation, model.epochs, seed=seed)
    # Rounded before they rate anything, so that the weights on file give the ratings on file.
    weights = [v.numpy().astype(np.float16) for v in network.trainable_variables]
    for variable, value in zip(network.trainable_variables, weights, strict=True):
        variable.assign(value.astype(np.float32))
    logits = {part: sentiment.logits(network, sequences) for part, sequences in parts.items()}
    keras.utils.clear_session()
    return {
        "logits": logits,
        "weights": weights,
        "areas": areas,
        "parameters": sum(value.size for value in weights),
        "seconds": time.process_time() - start,
    }


def sweep(
    corpus: Corpus,
    cache: str | PathLike,
    jobs: int = 1,
    models: Mapping[str, Model] = MODELS,
) -> dict[str, list[dict[str, Any]]]:
    """{model: its runs, a seed each}; arguments as in `learning_curve.sweep`."""
    calls = [
        (corpus, name, model, seed) for name, model in models.items() for seed in range(model.seeds)
    ]
    done = iter(sweeps.over(calls, sweeps.once(run, cache), jobs))
    return {name: [next(done) for _ in range(model.seeds)] for name, model in models.items()}


def write(
    runs: Mapping[str, list[dict[str, Any]]],
    corpus: Corpus,
    out: str | PathLike,
    models: Mapping[str, Model] = MODELS,
) -> None:
    """What a sweep has found as case_study.npz and case_study.json in the folder `out`."""
    arrays: dict[str, NDArray] = {
        f"{name}/{part}": np.stack([run["logits"][part] for run in mine])
        for name, mine in runs.items()
        for part in rated(corpus)
    }
    weights = runs[PRETRAINED][0]["weights"]
    arrays |= {f"weights/{k}": values for k, values in enumerate(weights)}
    story = {
        name: {
            "epochs": models[name].epochs,
            "seeds": models[name].seeds,
            "parameters": mine[0]["parameters"],
            "area on validation, after every epoch": [run["areas"] for run in mine],
            "processor minutes": round(sum(run["seconds"] for run in mine) / 60, 1),
        }
        for name, mine in runs.items()
    }
    shipped.write(
        Path(out) / f"{NAME}.npz",
        arrays,
        command=COMMAND,
        code=sweeps.made_from(run),
        packages=("numpy", "keras", "tensorflow", "scikit-learn"),
        data=described(corpus),
        **{"words kept of a review": sentiment.STEPS, "models": story, "weights": len(weights)},
    )


def check(corpus: Corpus, known: Mapping[str, Any], **how: Any) -> sweeps.Repeated:
    """Train networks again and compare their areas on the validation part with those on file.

    known  the content of case_study.json
    how    `seconds` and `jobs`, as in `sweeps.repeated`
    """
    story = known["models"]
    rows = [
        {"model": name, "seed": seed, "area": areas[-1]}
        for name, model in story.items()
        for seed, areas in enumerate(model["area on validation, after every epoch"])
    ]
    minutes = sum(model["processor minutes"] for model in story.values())

    def again(name: str, seed: int) -> dict[str, Any]:
        return {"area": run(corpus, name, MODELS[name], seed)["areas"][-1]}

    again.__module__ = run.__module__
    taken = {**known, "processor minutes": minutes}
    return sweeps.repeat(rows, taken, NAME, again, ("model", "seed"), close={"area": 0.005}, **how)


def main(arguments: list[str] | None = None) -> None:
    given = sweeps.options(
        __doc__,
        NAME,
        data={"type": Path, "help": "Kaggle's files or the archive of the reviews"},
        out={"type": Path, "help": "the folder to write to"},
        **sweeps.spread(NAME, jobs=1),
        **sweeps.checking(),
    ).parse_args(arguments)
    out = given.out or folder(given.data)
    out.mkdir(parents=True, exist_ok=True)
    corpus = imdb(given.data)
    if given.check:
        room = 60 * given.minutes if given.minutes else math.inf
        print(check(corpus, results(corpus, given.data).provenance, seconds=room, jobs=given.jobs))
        return
    with sweeps.cluster(given.dask):
        runs = sweep(corpus, given.cache, given.jobs)
    write(runs, corpus, out)
