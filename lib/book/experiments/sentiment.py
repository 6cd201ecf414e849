"""A recurrent network that rates reviews: texts to numbers, batches of like length, training.

The network reads the words in order and averages its outputs,

    h(t) = GRU(e(x(t)), h(t-1)),    z = v . mean_t h(t) + d,

where e(x) is the vector of a word. It answers with the logit z; 1 / (1 + exp(-z)) is its
probability that the reviewer liked the film.
"""

from collections import Counter

import numpy as np
from sklearn.metrics import roc_auc_score

from lib.data.words import words
from lib.keras import keras
from lib.pretrained import table

STEPS = 300


def most_frequent(texts, count):
    """The `count` most frequent words of the texts, {word: its number, from 2}."""
    counts = Counter(word for text in texts for word in words(text))
    return {word: k for k, (word, _) in enumerate(counts.most_common(count), start=2)}


def numbers(texts, vocabulary, steps=STEPS):
    """The words of each text as an array of numbers; 1 stands for a word not in `vocabulary`.

    A text of more than `steps` words keeps its first quarter of them and its last three quarters:
    reviewers open with a verdict and close with one.
    """
    return [
        np.array([vocabulary.get(word, 1) for word in shortened(words(text), steps)] or [1])
        for text in texts
    ]


def shortened(items, steps):
    first = steps // 4
    return items if len(items) <= steps else [*items[:first], *items[first - steps :]]


def batches(sequences, size, rng=None):
    """The places of the sequences, batch by batch, those of like length together.

    rng  None for the order of length, a generator for an order that changes from call to call
    """
    lengths = np.array([len(sequence) for sequence in sequences])
    noise = 0 if rng is None else rng.uniform(0, 20, len(lengths))
    parts = np.split(np.argsort(lengths + noise), range(size, len(lengths), size))
    if rng is not None:
        rng.shuffle(parts)
    return parts


def padded(sequences, places):
    """(batch, steps): the sequences at these places, with zeros in front of the shorter ones."""
    return keras.utils.pad_sequences([sequences[k] for k in places])


def network(count, vectors=None, own=32, units=32, dropout=0.3, seed=0):
    """A fresh network, compiled.

    count    of word numbers, with 0 and 1
    vectors  None or (count, size): pretrained ones, which stay as they are
    own      how many further numbers a word has, which the network learns
    """
    keras.utils.set_random_seed(seed)
    x = keras.Input((None,), dtype="int32")
    learned = keras.layers.Embedding(count, own, mask_zero=True, name="learned")(x)
    e = learned
    if vectors is not None:
        given = keras.layers.Embedding(
            count, vectors.shape[1], mask_zero=True, trainable=False, name="given",
            embeddings_initializer=keras.initializers.Constant(vectors),
        )  # fmt: skip
        e = keras.layers.Concatenate()([given(x), learned])
    h = keras.layers.GRU(units, return_sequences=True)(keras.layers.Dropout(dropout)(e))
    h = keras.layers.Dropout(dropout)(keras.layers.GlobalAveragePooling1D()(h))
    model = keras.Model(x, keras.layers.Dense(1)(h))
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(clipnorm=1.0), loss)
    return model


def fit(model, sequences, labels, check, epochs, rate=4e-3, size=64, seed=0, progress=iter):
    """Train, and keep the weights of the best epoch: the area under the curve after every epoch.

    check     (sequences, labels) that choose the epoch
    rate      of Adam at the start; it falls to zero along a line
    progress  what to wrap the batches of an epoch in, for instance tqdm
    """
    rng, areas = np.random.default_rng(seed), []
    rates = iter(np.linspace(rate, 0, epochs * -(-len(sequences) // size)))
    for _ in range(epochs):
        for places in progress(batches(sequences, size, rng)):
            model.optimizer.learning_rate = next(rates)
            model.train_on_batch(padded(sequences, places), labels[places, None])
        areas.append(float(roc_auc_score(check[1], logits(model, check[0]))))
        if areas[-1] == max(areas):
            best = model.get_weights()
    model.set_weights(best)
    return areas


def logits(model, sequences, size=256):
    """z of every sequence, (sequences,)."""
    z = np.empty(len(sequences), np.float32)
    for places in batches(sequences, size):
        z[places] = np.asarray(model.predict_on_batch(padded(sequences, places)))[:, 0]
    return z


def pretrained():
    """The table that ships with the book: {word: number} and the vectors of the numbers.

    The vectors are scaled to a mean square of 1; 0 and 1 have none.
    """
    known, vectors = table.read()
    vectors = vectors / np.sqrt(np.mean(vectors**2))
    vocabulary = {word: k for k, word in enumerate(known, start=2)}
    return vocabulary, np.vstack([np.zeros((2, vectors.shape[1])), vectors]).astype(np.float32)
