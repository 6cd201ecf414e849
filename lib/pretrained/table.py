"""The table of word vectors that ships with the book, made by
`lib.book.experiments.embedding`.

embedding.npz   words, the most frequent first, and a vector of 50 numbers
                for each, in float16
embedding.json  how it came about: command, settings, versions, digests of
                the texts and the file
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from lib.pretrained import asset

ASSET = Path(__file__).with_name("embedding.npz")


class Table(NamedTuple):
    """words: list of str; vectors: (words, dimensions), float32."""

    words: list[str]
    vectors: np.ndarray


def read(path=ASSET):
    """The `Table` in a file that `write` made; errors as in
    `asset.read`."""
    arrays = asset.read(path)
    words = arrays["words"].tobytes().decode().split("\n")
    return Table(words, arrays["vectors"].astype(np.float32))


def provenance(path=ASSET):
    """What is known of how the file came about, as a dict."""
    return asset.provenance(path)


def write(table, path, **known):
    """The table in `path`, and what is `known` of it, as in
    `asset.write`."""
    words = np.frombuffer("\n".join(table.words).encode(), np.uint8)
    asset.write(
        path,
        {"words": words, "vectors": table.vectors.astype(np.float16)},
        **known,
    )
