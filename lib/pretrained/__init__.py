"""Pretrained text embeddings: by handle, or the table that ships with the
book.

    from lib import pretrained
    embed = pretrained.load()              # the book's own table
    embed = pretrained.load("my/module")   # a folder
    embed = pretrained.load(pretrained.NNLM, sha256="...", seconds=10)
    embed(["A film to see twice."])        # (1, 50)

TensorFlow is imported where it is first needed.
"""

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


def folder(handle=None, **options):
    """The folder of a pretrained module, a `Path`.

    handle   None for the table that ships with the book; else as in
             `hub.find`
    options  of `hub.find`

    Raises `HubError` where a module with that handle cannot be had.
    """
    if handle is None:
        from lib.pretrained import modules

        return modules.embedded()
    from lib.pretrained import hub

    return hub.find(handle, **options)


def load(handle=None, **options):
    """The module, to be called with a batch of texts; arguments and errors
    as in `folder`."""
    from lib.keras import tensorflow

    return tensorflow.saved_model.load(str(folder(handle, **options)))
