"""The table of word vectors that ships with the book, made by `lib.experiments.embedding`.

embedding.npz   words, the most frequent first, and a vector of 50 numbers for each, in float16
embedding.json  how it came about: command, settings, versions, digests of the texts and the file
"""

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

ASSET = Path(__file__).with_name("embedding.npz")


class Table(NamedTuple):
    """words: list of str; vectors: (words, dimensions), float32."""

    words: list[str]
    vectors: np.ndarray


def read(path=ASSET):
    """The `Table` in a file that `write` made.

    Raises ValueError where the file is not the one that its .json describes.
    """
    path = Path(path)
    expected = provenance(path)["sha256"]
    got = hashlib.sha256(path.read_bytes()).hexdigest()
    if got != expected:
        raise ValueError(
            f"{path.name}: expected sha256 {expected}, got {got}; "
            "the file is damaged, fetch it again or run python -m lib.experiments.embedding"
        )
    with np.load(path) as asset:
        words = asset["words"].tobytes().decode().split("\n")
        return Table(words, asset["vectors"].astype(np.float32))


def provenance(path=ASSET):
    """What is known of how the file came about, as a dict."""
    return json.loads(Path(path).with_suffix(".json").read_text(encoding="utf-8"))


def write(table, path, **known):
    """The table in `path`, and `known` with the file's digest in a .json beside it."""
    path = Path(path)
    words = np.frombuffer("\n".join(table.words).encode(), np.uint8)
    np.savez_compressed(path, words=words, vectors=table.vectors.astype(np.float16))
    known["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    text = json.dumps(known, indent=2) + "\n"
    path.with_suffix(".json").write_text(text, encoding="utf-8")
