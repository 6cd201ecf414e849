"""A recurrent network that rates reviews: its numbers, its layers, its training.

The network reads the words in order and averages its outputs,

    h(t) = GRU(e(x(t)), h(t-1)),    z = w . mean_t h(t) + b,

where e(x) is the vector of a word. It answers with the logit z; 1 / (1 + exp(-z)) is its
probability that the reviewer liked the film.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lib import checks
from lib.checks import Array
from lib.data.words import UNKNOWN, Numbers, Vocabulary, batches, padded
from lib.keras import keras
from lib.pretrained import word_vectors

with checks.extra("experiments"):
    from sklearn.metrics import roc_auc_score

STEPS = 300


def numbers(texts: Iterable[str], vocabulary: Vocabulary, steps: int = STEPS) -> list[Numbers]:
    """The words of each text as an array of numbers, `shortened`; a text without words has one
    that is unknown, as a network needs a step."""
    nothing = np.array([UNKNOWN], np.int32)
    found = (shortened(vocabulary.numbers(text), steps) for text in texts)
    return [each if len(each) else nothing for each in found]


def shortened(items: ArrayLike, steps: int) -> NDArray:
    """Of more than `steps` items the first quarter of so many and the last three quarters:
    reviewers open with a verdict and close with one."""
    items, first = np.asarray(items), steps // 4
    return items if len(items) <= steps else np.concatenate([items[:first], items[first - steps :]])


def network(
    count: int,
    vectors: Array | None = None,
    learned_size: int = 32,
    units: int = 32,
    dropout: float = 0.3,
    seed: int = 0,
) -> keras.Model:
    """A fresh network, compiled.

    count         of word numbers, `len` of a `Vocabulary`
    vectors       None or (count, size): pretrained ones, which stay as they are
    learned_size  how many further numbers a word has, which the network learns
    """
    keras.utils.set_random_seed(seed)
    x = keras.Input((None,), dtype="int32")
    e = learned = keras.layers.Embedding(count, learned_size, mask_zero=True, name="learned")(x)
    if vectors is not None:
        pretrained = keras.layers.Embedding(
            count, vectors.shape[1], mask_zero=True, trainable=False, name="pretrained",
            embeddings_initializer=keras.initializers.Constant(vectors),
        )  # fmt: skip
        e = keras.layers.Concatenate()([pretrained(x), learned])
    h = keras.layers.GRU(units, return_sequences=True)(keras.layers.Dropout(dropout)(e))
    h = keras.layers.Dropout(dropout)(keras.layers.GlobalAveragePooling1D()(h))
    model = keras.Model(x, keras.layers.Dense(1)(h))
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(clipnorm=1.0), loss)
    return model


def fit(
    model: keras.Model,
    sequences: Sequence[Numbers],
    labels: NDArray[np.integer],
    validation: tuple[Sequence[Numbers], NDArray[np.integer]],
    epochs: int,
    rate: float = 4e-3,
    size: int = 64,
    seed: int = 0,
    progress: Callable[[list], Iterable] = iter,
) -> list[float]:
    """Train, and keep the weights of the best epoch: the area under the curve after every epoch.

    validation  (sequences, labels) that choose the epoch
    rate        of Adam at the start; it falls to zero along a line
    progress    what to wrap the batches of an epoch in, for instance tqdm
    """
    rng, areas = np.random.default_rng(seed), []
    lengths = [len(each) for each in sequences]
    rates = iter(np.linspace(rate, 0, epochs * -(-len(sequences) // size)))
    for _ in range(epochs):
        for places in progress(batches(lengths, size, rng)):
            model.optimizer.learning_rate = next(rates)
            rows = padded([sequences[k] for k in places])
            model.train_on_batch(rows, labels[places, None])
        areas.append(float(roc_auc_score(validation[1], logits(model, validation[0]))))
        if areas[-1] == max(areas):
            best = model.get_weights()
    model.set_weights(best)
    return areas


def logits(model: keras.Model, sequences: Sequence[Numbers], size: int = 256) -> Array:
    """z of every sequence, (sequences,)."""
    z = np.empty(len(sequences), np.float32)
    for places in batches([len(each) for each in sequences], size):
        rows = padded([sequences[k] for k in places])
        z[places] = np.asarray(model.predict_on_batch(rows))[:, 0]
    return z


def pretrained() -> tuple[Vocabulary, Array]:
    """The vocabulary of the word vectors that ship with the book, and these by number, scaled to a
    mean square of 1."""
    known = word_vectors.read()
    scaled = known.vectors / np.sqrt(np.mean(known.vectors**2))
    return known._replace(vectors=scaled).numbered()
