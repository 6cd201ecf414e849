"""The long training behind the case study: recurrent networks on all of IMDB's training reviews.

    python -m lib.book.experiments.case_study [--data PATH] [--out FOLDER]

Every network of `MODELS` is trained with several seeds and rates the validation part, the test part
and what a submission has to rate. The ratings go to case_study.npz, with the weights of the first
network on the pretrained table; what they were made with goes to case_study.json. Without --data
the reviews are the packaged ones and the files go beside this module, where the chapter finds them.
With --data, the path of Kaggle's files or of the archive, they go to the folder of the data.
"""

import argparse
import json
import platform
import time
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from lib.book.experiments import sentiment
from lib.data.reviews import imdb

HERE = Path(__file__).parents[1] / "results"
COMMAND = "python -m lib.book.experiments.case_study"
SCRATCH, PRETRAINED = "GRU from scratch", "GRU on pretrained words"
MODELS = {  # name: (settings of the network, epochs, seeds)
    SCRATCH: ({"own": 32}, 2, 2),
    PRETRAINED: ({"own": 8}, 2, 3),
}


class Results(NamedTuple):
    """What the command has written.

    logits      {model: {part: (seeds, reviews)}}; the parts are validation, test and, where it is
                not the test part, to_predict
    weights     of the first network on the pretrained table, a list of arrays
    provenance  the content of case_study.json
    """

    logits: dict[str, dict[str, np.ndarray]]
    weights: list[np.ndarray]
    provenance: dict


def results(corpus, path=None):
    """The `Results` for a corpus, read from where the command has put them.

    path  where the corpus was read from, as in `reviews.imdb`

    Raises FileNotFoundError where there are none, ValueError for those of other data.
    """
    file = folder(path) / "case_study.npz"
    command = COMMAND if path is None else f"{COMMAND} --data {path}"
    if not file.is_file():
        raise FileNotFoundError(f"path: expected {file}, which `{command}` writes")
    provenance = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
    if provenance["data"] != described(corpus):
        raise ValueError(
            f"corpus: expected the reviews that {file} was made with, {provenance['data']}, "
            f"got {described(corpus)}; run `{command}`"
        )
    with np.load(file) as kept:
        logits = {
            model: {part: kept[f"{model}/{part}"] for part in rated(corpus)}
            for model in provenance["models"]
        }
        weights = [kept[f"weights/{k}"].astype(np.float32) for k in range(provenance["weights"])]
    return Results(logits, weights, provenance)


def folder(path):
    """Where the results for the data at `path` are."""
    if path is None:
        return HERE
    return Path(path) if Path(path).is_dir() else Path(path).parent


def described(corpus):
    """What the reviews are, for the provenance."""
    counts = {part: list(count) for part, count in corpus.counts().items()}
    return {"name": corpus.name, "sha256": corpus.sha256, "reviews, positive": counts}


def rated(corpus):
    """{part: texts} of what the networks rate."""
    texts = {"validation": corpus.validation.texts, "test": corpus.test.texts}
    to_predict = list(corpus.to_predict.values())
    return texts if to_predict == texts["test"] else {**texts, "to_predict": to_predict}


def run(corpus, out, models=MODELS, progress=tqdm):
    """Train all models on the corpus, and write their results to the folder `out`."""
    known, vectors = sentiment.pretrained()
    kept, told, weights = {}, {}, []
    for name, (settings, epochs, seeds) in models.items():
        start = time.process_time()
        if name == SCRATCH:
            words = sentiment.most_frequent(corpus.train.texts, 10_000)
            settings = {**settings, "count": len(words) + 2}
        else:
            words = known
            settings = {**settings, "count": len(vectors), "vectors": vectors}
        train = sentiment.numbers(corpus.train.texts, words)
        parts = {part: sentiment.numbers(texts, words) for part, texts in rated(corpus).items()}
        check = parts["validation"], corpus.validation.labels
        areas, found = [], {part: [] for part in parts}
        for seed in range(seeds):
            model = sentiment.network(**settings, seed=seed)
            areas.append(
                sentiment.fit(
                    model, train, corpus.train.labels, check, epochs, seed=seed,
                    progress=lambda batches, what=f"{name}, {seed}": progress(
                        batches, desc=what, unit="batch"
                    ),
                )
            )  # fmt: skip
            # Rounded before they rate anything, so that the kept weights give the kept ratings.
            rounded = [v.numpy().astype(np.float16) for v in model.trainable_variables]
            for variable, value in zip(model.trainable_variables, rounded, strict=True):
                variable.assign(value.astype(np.float32))
            for part, ratings in found.items():
                ratings.append(sentiment.logits(model, parts[part]))
            if name == PRETRAINED and seed == 0:
                weights = rounded
        kept.update({f"{name}/{part}": np.stack(ratings) for part, ratings in found.items()})
        told[name] = {
            "epochs": epochs,
            "seeds": seeds,
            "parameters": sum(int(np.prod(v.shape)) for v in model.trainable_variables),
            "area on validation, after every epoch": areas,
            "processor minutes": round((time.process_time() - start) / 60, 1),
        }
    kept.update({f"weights/{k}": w for k, w in enumerate(weights)})
    np.savez_compressed(Path(out) / "case_study.npz", **kept)
    provenance = {
        "command": COMMAND,
        "data": described(corpus),
        "words kept of a review": sentiment.STEPS,
        "models": told,
        "weights": len(weights),
        "versions": {"Python": platform.python_version()}
        | {name: version(name) for name in ("numpy", "keras", "tensorflow", "scikit-learn")},
    }
    text = json.dumps(provenance, indent=2) + "\n"
    (Path(out) / "case_study.json").write_text(text, encoding="utf-8")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="Kaggle's files or the archive of the reviews")
    parser.add_argument("--out", type=Path, help="the folder to write to")
    given = parser.parse_args(arguments)
    run(imdb(given.data), given.out or folder(given.data))


if __name__ == "__main__":
    main()
