"""A pretrained network that recurs: the language model that ships with the
book.

It reads a text word by word and says at every step which word comes next:

    h(t) = GRU(e(x(t)), h(t-1))                     (units,)
    p(x(t+1) = w) = softmax_w(e(w) . (C h(t) + d) + b_w)

where e(w), (size,), is the vector of word w. The same vectors serve at both
ends.

language_model.npz   its weights, in float16
language_model.json  how they came about, see
                     `lib.book.experiments.train_language_model`

Sources: Mikolov et al. (2010) for language models that recur, Press and
Wolf (2017) for the vectors at both ends.
"""

from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lib import checks
from lib.checks import Array
from lib.data import shipped
from lib.data.words import UNKNOWN, Vocabulary
from lib.keras import keras
from lib.keras import tensorflow as tf
from lib.pretrained import word_vectors

ASSET = Path(__file__).with_name("language_model.npz")


def vocabulary() -> Vocabulary:
    """The words that the language model knows: those of the word
    vectors.

    Explained in: a-language-model
    """
    return Vocabulary(word_vectors.read().words)


def numbers(
    texts: Iterable[str], vocabulary: Vocabulary
) -> list[NDArray[np.int32]]:
    """Every text as an array of word numbers, (1 + words,); the first one,
    that of an unknown word, says that a text begins.

    Explained in: a-language-model
    """
    return [
        np.concatenate([[UNKNOWN], vocabulary.numbers(text)]).astype(
            np.int32
        )
        for text in checks.texts("texts", texts)
    ]


class LanguageModel:
    """The equations above as Keras layers.

    vectors  (words, size): the vectors e to start from
    units    of the GRU
    seed     of the starting weights

    Explained in: a-language-model
    """

    def __init__(self, vectors: Array, units: int, seed: int = 0) -> None:
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
    def variables(self) -> dict[str, keras.Variable]:
        """Every variable by its name in the file."""
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

    def initial_state(self, batch: int) -> tf.Tensor:
        return tf.zeros((batch, self.units))

    def features(
        self, x: tf.Tensor, state: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """C h(t) + d, (batch, steps, size), and the last state, for word
        numbers (batch, steps)."""
        h, state = self.gru(self.embedding(x), initial_state=state)
        return self.readout(h), state

    def loss(
        self, x: tf.Tensor, y: tf.Tensor, state: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Mean of -ln p(y(t)) in nats over words x and their successors y,
        and the last state."""
        features, state = self.features(x, state)
        logits = (
            features @ tf.transpose(self.embedding.embeddings.value)
            + self.bias.value
        )
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits)
        return tf.reduce_mean(losses), state

    def sampled_loss(
        self,
        x: tf.Tensor,
        y: tf.Tensor,
        state: tf.Tensor,
        negatives: int,
        seed: int,
    ) -> tuple[tf.Tensor, tf.Tensor]:
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


def load(path: str | PathLike = ASSET) -> LanguageModel:
    """The `LanguageModel` in a file that `write` made; errors as in
    `shipped.read`.

    Explained in: a-language-model
    """
    weights = {
        name: values.astype(np.float32)
        for name, values in shipped.read(path).items()
    }
    model = LanguageModel(
        weights["embedding/0"], units=weights["gru/1"].shape[0]
    )
    for name, variable in model.variables.items():
        variable.assign(weights[name])
    return model


def provenance(path: str | PathLike = ASSET) -> dict[str, Any]:
    """How the file came about; errors as in `shipped.provenance`.

    Explained in: a-language-model
    """
    return shipped.provenance(path)


def write(model: LanguageModel, path: str | PathLike, **known: Any) -> None:
    """The model in `path`, and what is `known` of it, as in
    `shipped.write`.

    Explained in: a-language-model
    """
    weights = {
        name: v.numpy().astype(np.float16)
        for name, v in model.variables.items()
    }
    shipped.write(path, weights, **known)
