"""The lecture's network with its table from scratch, pretrained and frozen, or then unfrozen.

Each network reads the same labelled reviews and stops early by the same 1,000 further ones. The
best epoch's weights are kept and rate the test part. A count of words, tf-idf with a logistic
regression, stands beside them as what needs no network at all.
"""

import time
from functools import cache
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from lib.data import reviews
from lib.keras import keras
from lib.keras import tensorflow as tf
from lib.pretrained.layers import TextEmbedding

CORPORA = {"Rotten Tomatoes": reviews.rotten_tomatoes, "IMDB": reviews.imdb}
SIZES = {"Rotten Tomatoes": (100, 500, 2000, 5530), "IMDB": (100, 500, 2000, 18902)}
ARMS = ("scratch", "frozen", "unfrozen", "tf-idf")
RATE, LOWER_RATE = 1e-3, 1e-4
EPOCHS, PATIENCE, BATCH = 40, 3, 32

RESULTS = Path(__file__).parents[1] / "results" / "learning_curve.csv"


@cache
def corpus(name):
    """The `reviews.Corpus` of a name in `CORPORA`."""
    return CORPORA[name]()


def subset(name, labels, seed):
    """`labels` reviews of the training part, drawn without putting back: (texts, ratings).

    Raises ValueError where there are not so many.
    """
    train = corpus(name).train
    if labels > len(train.texts):
        raise ValueError(f"labels: expected at most {len(train.texts)} of {name}, got {labels}")
    rows = np.random.default_rng([seed, 0]).permutation(len(train.texts))[:labels]
    return tf.constant([train.texts[k] for k in rows]), train.labels[rows]


def head():
    """The two layers that the lecture puts on the table: 128 units, then one."""
    return keras.Sequential(
        [
            keras.Input((50,)),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )


def on_top_of(embedding, top):
    """The whole network, from texts to a probability."""
    return keras.Sequential([keras.Input((), dtype="string"), embedding, *top.layers])


def start_anew(embedding, seed):
    """Put random numbers in the place of what was pretrained, as `keras.layers.Embedding` does."""
    (table,) = embedding.get_weights()
    table = np.random.default_rng([seed, 1]).uniform(-0.05, 0.05, table.shape)
    embedding.set_weights([table])


def vectors(embedding, texts):
    """What a frozen table makes of the texts, (texts, 50): computed once, it serves every epoch."""
    parts = tf.data.Dataset.from_tensor_slices(texts).batch(256)
    return np.concatenate([embedding(part) for part in parts])


def fit(model, train, validation, rate):
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


def train(arm, data, validation, seed):
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


def count_words(data):
    """Tf-idf of the words and a logistic regression, with scikit-learn's settings."""
    texts, ratings = data
    return make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(as_list(texts), ratings)


def as_list(texts):
    return [text.decode() for text in texts.numpy()]


def learn(name, arm, labels, seed):
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


def results(path=RESULTS):
    """The runs in a file of the sweep, as a NumPy array with a field a column."""
    return np.genfromtxt(path, delimiter=";", names=True, dtype=None, encoding="utf-8")


def accuracies(runs, name, arm):
    """The accuracies of an arm on a corpus, (seeds, sizes), sizes in rising order."""
    mine = runs[(runs["data"] == name) & (runs["arm"] == arm)]
    return np.array(
        [
            [mine["accuracy"][(mine["seed"] == seed) & (mine["labels"] == n)][0] for n in sizes]
            for sizes in [np.unique(mine["labels"])]
            for seed in np.unique(mine["seed"])
        ]
    )
