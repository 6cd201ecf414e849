"""Networks as files: kind, sizes and weights in a NumPy archive.

The file is an npz archive, which NumPy, and any program that can open a zip
archive, reads without running code that it holds:

    header       the text of a JSON object: "format", the name of this
                 format; "version", 1; and "network", the kind of network,
                 its sizes, activations and parts, nested as they are
    every name   of `network.weights`, an array; "cell.W_xi" in a `Readout`,
                 "cells[0].W_xi" in a `Stack`, "forward.W_xi" in a
                 `Bidirectional`
"""

import json
import os
import zipfile
import zlib
from typing import Any, TypeVar, overload

import numpy as np

from lib import checks
from lib.cells import (
    Bidirectional,
    Cell,
    GRUCell,
    LSTMCell,
    PeepholeLSTMCell,
    Readout,
    ResetAfterGRUCell,
    SimpleCell,
    Stack,
)
from lib.cells.activations import identity, relu, sigmoid, tanh
from lib.checks import Array

FORMAT, VERSION = "lib network", 1
KINDS: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        SimpleCell,
        LSTMCell,
        PeepholeLSTMCell,
        GRUCell,
        ResetAfterGRUCell,
    )
}
ACTIVATIONS = {f.__name__: f for f in (identity, relu, sigmoid, tanh)}

Network = TypeVar("Network", bound=Cell)


def save(network: Cell, path: str | os.PathLike) -> None:
    """Write a network to a file, in the format above.

    path  the file, which is replaced as a whole or not at all

    Raises TypeError where `network` is none, or one of its parts is of a
    kind or has an activation that a file cannot name; ValueError where a
    weight is not finite.

    Explained in: networks-as-files
    """
    path = checks.path("path", path)
    header = {
        "format": FORMAT,
        "version": VERSION,
        "network": _description(network),
    }
    weights = network.weights
    for name, weight in weights.items():
        if not np.isfinite(weight).all():
            raise ValueError(
                f"network: expected finite weights, got others in {name}"
            )
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"path: expected a folder that is there, got {path.parent}"
        )
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.unfinished")
    try:
        with open(unfinished, "wb") as file:
            np.savez(file, header=np.array(json.dumps(header)), **weights)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


@overload
def load(path: str | os.PathLike) -> Cell: ...
@overload
def load(path: str | os.PathLike, into: Network) -> Network: ...
def load(path: str | os.PathLike, into: Cell | None = None) -> Cell:
    """The network in a file that `save` wrote.

    path     the file
    into     None for a new network; or a network of the same kind and
             sizes, which takes the weights, so that whoever holds it or its
             weights already goes on with the new numbers
    returns  the network

    Raises FileNotFoundError where there is no file; ValueError where it is
    no such file, a part of one, of a later version, or holds another kind
    or other sizes than `into`; nothing has changed then.

    Explained in: networks-as-files
    """
    path = checks.path("path", path)
    network = _read(path)
    if into is None:
        return network
    known, wanted = _description(network), _description(into)
    if known != wanted:
        raise ValueError(
            f"into: expected a network like that of {path.name},"
            f" {_text(known)}; got {_text(wanted)}"
        )
    into.set_weights(network.weights)
    return into


def _description(network):
    """Everything but the weights, as JSON holds it."""
    if not isinstance(network, Cell):
        raise TypeError(
            f"network: expected a network, got a {type(network).__name__}"
        )
    kind = type(network).__name__
    match network:
        case Readout():
            inner, f = _description(network.cell), _name(network.f)
            outputs, dtype = network.output_size, str(network.W.dtype)
            return dict(
                kind=kind, outputs=outputs, f=f, dtype=dtype, cell=inner
            )
        case Stack():
            return dict(
                kind=kind, cells=[*map(_description, network.cells)]
            )
        case Bidirectional():
            forward = _description(network.forward)
            backward = _description(network.backward)
            return dict(kind=kind, forward=forward, backward=backward)
    if KINDS.get(kind) is not type(network):
        raise TypeError(
            f"network: expected one made of {', '.join(KINDS)}, Readout,"
            f" Stack and Bidirectional; got a {kind}"
        )
    sizes = dict(inputs=network.input_size, units=network.output_size)
    f = {"f": _name(network.f)} if isinstance(network, SimpleCell) else {}
    return dict(kind=kind, **sizes, **f, dtype=str(network.dtype))


def _name(f):
    name = getattr(f, "__name__", str(f))
    if ACTIVATIONS.get(name) is not f:
        raise TypeError(
            f"network: expected activations among {', '.join(ACTIVATIONS)},"
            f" got {name}, which a file cannot name"
        )
    return name


def _text(known):
    """A description in one line of words."""
    match known["kind"]:
        case "Readout":
            return (
                f"Readout of {known['outputs']} outputs ({known['f']}) on"
                f" {_text(known['cell'])}"
            )
        case "Stack":
            inner = ", ".join(map(_text, known["cells"]))
            return f"Stack of [{inner}]"
        case "Bidirectional":
            both = f"{_text(known['forward'])}, {_text(known['backward'])}"
            return f"Bidirectional of ({both})"
    f = f", {known['f']}" if "f" in known else ""
    return (
        f"{known['kind']} of {known['inputs']} inputs and"
        f" {known['units']} units{f}, {known['dtype']}"
    )


def _read(path):
    """The network in a file."""
    try:
        with open(path, "rb") as content, _archive(content) as file:
            arrays = {name: file[name] for name in file.files}
        header = json.loads(arrays.pop("header").item())
        form, version = header["format"], header["version"]
        known = header["network"]
    except FileNotFoundError:
        raise
    except (
        AttributeError,
        EOFError,
        KeyError,
        OSError,
        TypeError,
        ValueError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise ValueError(_not_ours(path, error)) from None
    if form != FORMAT or version != VERSION:
        raise ValueError(
            f"path: expected format {FORMAT!r}, version {VERSION}, got"
            f" {form!r}, version {version}, in {path}"
        )
    try:
        network = _built(known, arrays)
        if network.weights.keys() != arrays.keys():
            raise ValueError(f"it holds {', '.join(arrays)}")
        if _description(network) != known:
            raise ValueError(f"its arrays make a {_text(known)}")
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(_not_ours(path, error)) from None
    return network


def _archive(content):
    file = np.load(content, allow_pickle=False)
    if not isinstance(file, np.lib.npyio.NpzFile):
        raise ValueError("it is one array")
    return file


def _not_ours(path, error):
    first = str(error).partition("\n")[0]
    return (
        f"path: expected a network that lib.save wrote, got {path}, which"
        f" is something else or a part of one ({type(error).__name__}:"
        f" {first:.80})"
    )


def _built(known: dict[str, Any], weights: dict[str, Array]) -> Cell:
    """A network by its description; `weights` has the names that its parts
    have in it."""

    def inside(prefix):
        start = f"{prefix}."
        return {
            name.removeprefix(start): weight
            for name, weight in weights.items()
            if name.startswith(start)
        }

    kind = known["kind"]
    if kind == "Readout":
        cell = _built(known["cell"], inside("cell"))
        f = ACTIVATIONS[known["f"]]
        return Readout(cell, weights["W"], weights["b"], f)
    if kind == "Stack":
        return Stack(
            [
                _built(cell, inside(f"cells[{k}]"))
                for k, cell in enumerate(known["cells"])
            ]
        )
    if kind == "Bidirectional":
        forward, backward = (
            _built(known[half], inside(half))
            for half in ("forward", "backward")
        )
        return Bidirectional(forward, backward)
    if kind == "SimpleCell":
        W_x, W_y, b = (weights[name] for name in ("W_x", "W_y", "b"))
        return SimpleCell(W_x, W_y, b, f=ACTIVATIONS[known["f"]])
    return KINDS[kind](**weights)
