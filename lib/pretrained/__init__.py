"""Pretrained networks: text embeddings by handle, and the word vectors and
the language model that ship with the book.

    from lib import pretrained
    embed = pretrained.load()              # the book's own vectors
    embed = pretrained.load("my/module")   # a folder
    embed = pretrained.load(pretrained.NNLM, sha256="...", seconds=10)
    embed(["A film to see twice."])        # (1, 50)

TensorFlow is imported where it is first needed.
"""

from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from lib.pretrained import hub
from lib.pretrained.hub import (
    NNLM,
    NNLM_NEWER,
    NNLM_ON_KAGGLE,
    HubError,
    cached,
)

__all__ = [
    "NNLM",
    "NNLM_NEWER",
    "NNLM_ON_KAGGLE",
    "HubError",
    "cached",
    "folder",
    "load",
]


def folder(handle: str | PathLike | None = None, **options: Any) -> Path:
    """The folder of a pretrained module, a `Path`.

    handle   None for the word vectors that ship with the book; else as
             in `hub.find`
    options  of `hub.find`

    Raises `HubError` where a module with that handle cannot be had.

    Explained in: d23-pretrained-models
    """
    if handle is None:
        from lib.pretrained import saved_model

        return saved_model.shipped()
    return hub.find(handle, **options)


def load(
    handle: str | PathLike | None = None, **options: Any
) -> Callable[[Sequence[str]], Any]:
    """The module, to be called with a batch of texts; arguments and errors
    as in `folder`.

    Explained in: d23-pretrained-models
    """
    from lib.keras import tensorflow

    return tensorflow.saved_model.load(str(folder(handle, **options)))
