"""A file of arrays that ships with the book, and a .json beside it that
says how it came about."""

import hashlib
import json
from pathlib import Path

import numpy as np


def read(path):
    """The arrays in a file that `write` made, {name: array}.

    Raises ValueError where the file is not the one that its .json
    describes.
    """
    path, known = Path(path), provenance(path)
    got = hashlib.sha256(path.read_bytes()).hexdigest()
    if got != known["sha256"]:
        raise ValueError(
            f"{path.name}: expected sha256 {known['sha256']}, got {got}; "
            f"the file is damaged, fetch it again or run {known['command']}"
        )
    with np.load(path) as file:
        return dict(file)


def provenance(path):
    """What is known of how the file came about, as a dict."""
    return json.loads(
        Path(path).with_suffix(".json").read_text(encoding="utf-8")
    )


def write(path, arrays, command, **known):
    """The arrays in `path`, and `command`, `known` and the file's digest in
    a .json beside it."""
    path = Path(path)
    np.savez_compressed(path, **arrays)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    text = (
        json.dumps(
            {"command": command, **known, "sha256": digest}, indent=2
        )
        + "\n"
    )
    path.with_suffix(".json").write_text(text, encoding="utf-8")
