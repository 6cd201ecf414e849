"""Text embeddings as TensorFlow modules, with the interface of
nnlm-en-dim50, and the folders, SavedModels, that keep them.

A module is called with a batch of texts and gives a vector for each:

    u(text) = (v(w_1) + ... + v(w_n)) / sqrt(n)

over its n words, where v(w) is a row of the module's only variable, (rows,
dimensions). A text without words has u = 0. The rows after those of the
known words are buckets, one of which is chosen for an unknown word by a
hash.
"""

import shutil
from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import numpy as np

from lib import checks
from lib.checks import Array
from lib.data import shipped as files
from lib.data.words import BETWEEN_WORDS
from lib.keras import tensorflow as tf
from lib.pretrained import hub, word_vectors

BUCKETS = 500


class Module(tf.train.Checkpoint):
    """A module to call, or to save with `save`.

    words    list of n strings, none for a module that chooses every row by
             a hash
    vectors  (rows, dimensions) with rows > n; what is left over are the
             buckets

    Raises ValueError where no row is left for a bucket.

    Explained in: d23-pretrained-models
    """

    def __init__(self, words: Sequence[str], vectors: Array) -> None:
        super().__init__()
        buckets = len(vectors) - len(words)
        if buckets < 1:
            raise ValueError(
                f"vectors: expected more rows than the {len(words)} words,"
                f" got {len(vectors)}"
            )
        known = None
        if words:
            rows = tf.range(len(words), dtype=tf.int64)
            known = tf.lookup.KeyValueTensorInitializer(
                tf.constant(words), rows
            )
        self.rows = tf.lookup.StaticVocabularyTable(
            known, buckets, lookup_key_dtype=tf.string
        )
        self.embeddings = tf.Variable(
            vectors, dtype=tf.float32, name="embeddings"
        )
        self.variables = self.trainable_variables = [self.embeddings]

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def __call__(self, texts: tf.Tensor) -> tf.Tensor:
        plain = tf.strings.regex_replace(
            tf.strings.lower(texts, "utf-8"), BETWEEN_WORDS, " "
        )
        rows = self.rows.lookup(tf.strings.split(plain))
        total = tf.reduce_sum(tf.gather(self.embeddings, rows), axis=1)
        n = tf.cast(rows.row_lengths(), tf.float32)[:, None]
        return tf.math.divide_no_nan(total, tf.sqrt(n))


def save(module: Module, folder: str | PathLike) -> Path:
    """Write a module as the SavedModel `folder`, unless it is there and
    whole; the folder.

    Explained in: d23-pretrained-models
    """
    folder = checks.path("folder", folder)
    if not _whole(folder):
        shutil.rmtree(folder, ignore_errors=True)
        with hub.atomic_folder(folder) as unfinished:
            tf.saved_model.save(module, str(unfinished))
    return folder


def shipped() -> Path:
    """The folder of the word vectors that ship with the book, written into
    the hub's cache once.

    It is found by the digest of all that makes it: vectors, this module,
    where words are cut, and TensorFlow's version. Where a part of it was
    deleted it is written again.

    The buckets start at zero, which is the mean of the vectors: an unknown
    word says nothing.

    Explained in: d23-pretrained-models
    """
    made_of = [
        word_vectors.provenance()["sha256"],
        files.digest(__file__),
        BETWEEN_WORDS,
        tf.__version__,
    ]
    folder = hub.cached("shipped word vectors " + " ".join(made_of))
    if not _whole(folder):
        words, vectors = word_vectors.read()
        save(Module(words, np.pad(vectors, ((0, BUCKETS), (0, 0)))), folder)
    return folder


def stand_in(
    handle: str, rows: int, dimensions: int, seed: int = 0
) -> Path:
    """Put a module of a given size, with random vectors, into the hub's
    cache; its folder.

    It takes the place of the module with this handle, and knows nothing:
    use it with a TFHUB_CACHE_DIR of its own, to try code at a size.

    Explained in: d23-pretrained-models
    """
    shape = (
        checks.count("rows", rows),
        checks.count("dimensions", dimensions),
    )
    vectors = tf.random.stateless_normal(shape, (seed, 0))
    return save(Module([], vectors), hub.cached(handle))


def _whole(folder):
    """Whether a folder has all the files that one of our modules needs."""
    variables = folder / "variables"
    return all(
        file.is_file()
        for file in (
            folder / "saved_model.pb",
            variables / "variables.index",
            variables / "variables.data-00000-of-00001",
        )
    )
