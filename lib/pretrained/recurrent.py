"""A pretrained network that recurs: the language model that ships with the
book.

It reads a text word by word and says at every step which word comes next:

    h(t) = GRU(e(x(t)), h(t-1))                     (units,)
    p(x(t+1) = w) = softmax_w(e(w) . (C h(t) + d) + b_w)

where e(w), (size,), is the vector of word w. The same vectors serve at both
ends.

language_model.npz   its weights, in float16
language_model.json  how they came about, see
                     `lib.book.experiments.language_model`

Sources: Mikolov et al. (2010) for language models that recur, Press and
Wolf (2017) for the vectors at both ends.
"""

from pathlib import Path

import numpy as np

from lib.data.words import words
from lib.keras import keras
from lib.keras import tensorflow as tf
from lib.pretrained import asset, table

ASSET = Path(__file__).with_name("language_model.npz")
PADDING, UNKNOWN = (
    0,
    1,
)  # the words of the table follow; UNKNOWN also opens every text


def vocabulary():
    """{word: its number} of the words of the table, the most frequent
    first."""
    return {word: k for k, word in enumerate(table.read().words, start=2)}


def numbers(texts, known):
    """Every text as an array of word numbers, (1 + words,); the first says
    that a text begins.

    known  {word: its number}
    """
    return [
        np.array(
            [UNKNOWN, *(known.get(word, UNKNOWN) for word in words(text))],
            np.int32,
        )
        for text in texts
    ]


class LanguageModel:
    """The equations above as Keras layers.

    vectors  (words, size): the vectors e to start from
    units    of the GRU
    seed     of the starting weights
    """

    def __init__(self, vectors, units, seed=0):
        keras.utils.set_random_seed(seed)
        count, size = vectors.shape
        self.embedding = keras.layers.Embedding(count, size)
        self.gru = keras.layers.GRU(
            units, return_sequences=True, return_state=True
        )
        self.readout = keras.layers.Dense(size)
        self.bias = keras.Variable(np.zeros(count, np.float32), name="bias")
        self.embedding.build((None, None))
        self.embedding.set_weights([vectors])
        self.gru.build((None, None, size))
        self.readout.build((None, None, units))
        self.units = units

    @property
    def variables(self):
        """Every variable by its name in the asset."""
        layers = {
            "embedding": self.embedding,
            "gru": self.gru,
            "readout": self.readout,
        }
        named = {
            f"{name}/{k}": variable
            for name, layer in layers.items()
            for k, variable in enumerate(layer.trainable_variables)
        }
        return {**named, "bias": self.bias}

    def initial_state(self, batch):
        return tf.zeros((batch, self.units))

    def features(self, x, state):
        """C h(t) + d, (batch, steps, size), and the last state, for word
        numbers (batch, steps)."""
        h, state = self.gru(self.embedding(x), initial_state=state)
        return self.readout(h), state

    def loss(self, x, y, state):
        """Mean of -ln p(y(t)) in nats over words x and their successors y,
        and the last state."""
        features, state = self.features(x, state)
        logits = (
            features @ tf.transpose(self.embedding.embeddings.value)
            + self.bias.value
        )
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits)
        return tf.reduce_mean(losses), state

    def sampled_loss(self, x, y, state, negatives, seed):
        """As `loss`, against `negatives` words drawn at random in place of
        all."""
        features, state = self.features(x, state)
        losses = tf.nn.sampled_softmax_loss(
            weights=self.embedding.embeddings.value,
            biases=self.bias.value,
            labels=tf.cast(tf.reshape(y, (-1, 1)), tf.int64),
            inputs=tf.reshape(features, (-1, features.shape[-1])),
            num_sampled=negatives,
            num_classes=self.bias.shape[0],
            seed=seed,
        )
        return tf.reduce_mean(losses), state


def load(path=ASSET):
    """The `LanguageModel` in a file that `write` made; errors as in
    `asset.read`."""
    weights = {
        name: values.astype(np.float32)
        for name, values in asset.read(path).items()
    }
    model = LanguageModel(
        weights["embedding/0"], units=weights["gru/1"].shape[0]
    )
    for name, variable in model.variables.items():
        variable.assign(weights[name])
    return model


def provenance(path=ASSET):
    """What is known of how the file came about, as a dict."""
    return asset.provenance(path)


def write(model, path, **known):
    """The model in `path`, and what is `known` of it, as in
    `asset.write`."""
    weights = {
        name: v.numpy().astype(np.float16)
        for name, v in model.variables.items()
    }
    asset.write(path, weights, **known)
