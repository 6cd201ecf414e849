"""The word vectors that ship with the book, made by
`lib.book.experiments.train_word_vectors`.

word_vectors.npz   words, the most frequent first, and a vector of 50
                   numbers for each, in float16
word_vectors.json  how it came about: command, settings, versions, digests
                   of the texts and the file
"""

from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lib.checks import Array
from lib.data import shipped
from lib.data.words import UNKNOWN, Vocabulary

ASSET = Path(__file__).with_name("word_vectors.npz")


class WordVectors(NamedTuple):
    """words: list of str; vectors: (words, dimensions), float32.

    Explained in: d23-pretrained-models
    """

    words: list[str]
    vectors: Array

    def numbered(self) -> tuple[Vocabulary, Array]:
        """The vectors by the number of a word, (len(vocabulary),
        dimensions), and that vocabulary; padding and unknown words have
        zeros."""
        vectors = np.pad(self.vectors, ((UNKNOWN + 1, 0), (0, 0)))
        return Vocabulary(self.words), vectors


def read(path: str | PathLike = ASSET) -> WordVectors:
    """The `WordVectors` in a file that `write` made; errors as in
    `shipped.read`.

    Explained in: d23-pretrained-models
    """
    arrays = shipped.read(path)
    words = arrays["words"].tobytes().decode().split("\n")
    return WordVectors(words, arrays["vectors"].astype(np.float32))


def provenance(path: str | PathLike = ASSET) -> dict[str, Any]:
    """How the file came about; errors as in `shipped.provenance`.

    Explained in: d23-pretrained-models
    """
    return shipped.provenance(path)


def write(made: WordVectors, path: str | PathLike, **known: Any) -> None:
    """The word vectors in `path`, and what is `known` of them, as in
    `shipped.write`.

    Explained in: d23-pretrained-models
    """
    words = np.frombuffer("\n".join(made.words).encode(), np.uint8)
    vectors = made.vectors.astype(np.float16)
    shipped.write(path, {"words": words, "vectors": vectors}, **known)
