"""Files that ship: data inside installed packages, and the book's own files
with a .json beside each that says how it came about."""

import hashlib
import json
import platform
from collections.abc import Collection, Mapping
from importlib import metadata
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def inside(package: str, path: str) -> Path:
    """The path of a file inside an installed package, found without
    importing the package.

    Raises ModuleNotFoundError where the package is not installed.

    Explained in: d23-pretrained-models
    """
    try:
        return Path(str(metadata.distribution(package).locate_file(path)))
    except metadata.PackageNotFoundError:
        raise ModuleNotFoundError(
            f"{package}: expected this package, which ships {path}, to be"
            " installed; run pip install"
            " 'recurrent-networks-unrolled[data]'",
            name=package,
        ) from None


def digest(path: str | PathLike) -> str:
    """The SHA-256 digest of a file.

    Explained in: d23-pretrained-models
    """
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def describe(
    path: str | PathLike,
    command: str,
    packages: Collection[str],
    **known: Any,
) -> None:
    """Say in a .json beside `path` how that file came about.

    command   that makes the file again
    packages  names of those whose versions matter
    known     what else there is to say; the file's digest is added

    Explained in: d23-pretrained-models
    """
    versions = {name: metadata.version(name) for name in packages}
    story = {
        "command": command,
        **known,
        "versions": {"Python": platform.python_version(), **versions},
        "sha256": digest(path),
    }
    _beside(path).write_text(
        json.dumps(story, indent=2) + "\n", encoding="utf-8"
    )


def provenance(path: str | PathLike) -> dict[str, Any]:
    """What the .json beside `path` says of how it came about.

    Raises FileNotFoundError where there is none, ValueError where the file
    is not the one that it describes.

    Explained in: d23-pretrained-models
    """
    known = json.loads(_beside(path).read_text(encoding="utf-8"))
    found = digest(path)
    if found != known["sha256"]:
        raise ValueError(
            f"{Path(path).name}: expected sha256 {known['sha256']}, got"
            f" {found}; the file is damaged, fetch it again or run"
            f" {known['command']}"
        )
    return known


def read(path: str | PathLike) -> dict[str, NDArray]:
    """The arrays in a file that `write` made, {name: array}; errors as in
    `provenance`.

    Explained in: d23-pretrained-models
    """
    provenance(path)
    with np.load(path) as file:
        return dict(file)


def write(
    path: str | PathLike, arrays: Mapping[str, NDArray], **known: Any
) -> None:
    """The arrays in `path`, an .npz file, and what `describe` says of it
    beside it.

    Explained in: d23-pretrained-models
    """
    np.savez_compressed(path, **dict[str, Any](arrays))
    describe(path, **known)


def _beside(path):
    return Path(path).with_suffix(".json")
