"""What the converters of all frameworks share: packed weights, settings,
and how a layer is recognised."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lib import checks
from lib.cells import Cell, ResetAfterGRUCell, SimpleCell, Stack
from lib.checks import Array, ArrayLike, Mapping
from lib.conventions.orders import ORDERS, pack, unpack


def order(framework: str, kind: Any, name: str = "kind") -> str:
    """The layers of a cell of class `kind` in the order in which
    `framework` packs them.

    Raises TypeError, which names the argument `name`, where it is no class
    of cells or the framework has no such layer.
    """
    known = ORDERS[framework]
    if not isinstance(kind, type) or kind not in known:
        expected = ", ".join(one.__name__ for one in known)
        found = kind.__name__ if isinstance(kind, type) else repr(kind)
        raise TypeError(
            f"{name}: expected a cell that {framework} has, one of"
            f" {expected}; got {found:.60}"
        )
    return known[kind]


def text(name: str, value: Any) -> str:
    """`value` as text; TypeError for anything else."""
    if not isinstance(value, str):
        raise TypeError(f"{name}: expected text, got {value!r:.40}")
    return value


def prefixes(kind: type[Cell]) -> tuple[str, str, list[str]]:
    """What the names of the weights of a cell begin with: of the input, of
    the state, and of each bias."""
    if kind is SimpleCell:
        return "W_x", "W_y", ["b"]
    twice = kind is ResetAfterGRUCell
    return "W_x", "W_h", ["b_x", "b_h"] if twice else ["b_"]


def packed(cell: Cell, order: str) -> tuple[Array, Array, list[Array]]:
    """The weights of a cell, packed in `order`.

    returns  (W_x, W_h, biases): W_x (layers * units, inputs), W_h
             (layers * units, units), and as many biases (layers * units,)
             as each layer has

    """
    W_x, W_h, biases = prefixes(type(cell))
    weights = cell.weights
    return (
        pack(weights, W_x, order),
        pack(weights, W_h, order),
        [pack(weights, bias, order) for bias in biases],
    )


def unpacked(
    kind: type[Cell],
    order: str,
    W_x: Array,
    W_h: Array,
    biases: Sequence[Array],
    **others: Any,
) -> Cell:
    """The cell of class `kind` whose weights are packed in `order`.

    biases  none, one or two of each layer. Where the cell has one, it takes
            their sum; what is not there is zero
    others  further arguments of the cell

    """
    of_input, of_state, of_bias = prefixes(kind)
    zero = np.zeros(len(W_x), W_x.dtype)
    biases = [*biases, zero, zero][:2]
    if len(of_bias) == 1:
        biases = [biases[0] + biases[1]]
    weights = unpack(W_x, of_input, order) | unpack(W_h, of_state, order)
    for prefix, bias in zip(of_bias, biases, strict=True):
        weights |= unpack(bias, prefix, order)
    return kind(**weights, **others)


def units(name: str, value: ArrayLike, *axes: str) -> int:
    """How many units a cell has, from its packed W_h or the transpose of
    that: the smaller of the last two axes.

    axes  what each axis of the array is, for the error

    Raises TypeError or ValueError where `value` has other axes.
    """
    return min(checks.array(name, value, axes).shape[-2:])


def network(cells: list[Cell]) -> Cell:
    """One network of one or more layers, the lowest first.

    Raises ValueError where there is no layer, or one does not fit on the
    one below.
    """
    if not cells:
        raise ValueError(
            "source: expected at least one recurrent layer, got none"
        )
    return cells[0] if len(cells) == 1 else Stack(cells)


def agree(found: Cell, kind: Any) -> Cell:
    """The network that was found, where it is of the class that the caller
    asked for, or none was asked for; else TypeError."""
    if kind is not None and type(found) is not kind:
        name = kind.__name__ if isinstance(kind, type) else repr(kind)
        raise TypeError(
            f"kind: expected {type(found).__name__}, which is what the"
            f" source computes, got {name:.60}"
        )
    return found


def setting(name: str, found: Any, expected: Sequence, reason: str) -> Any:
    """A setting that a cell can represent; ValueError for another."""
    if not _plain(found) or found not in expected:
        wanted = " or ".join(map(repr, expected))
        raise ValueError(
            f"{name}: expected {wanted}, got {found!r}; {reason}"
        )
    return found


def no_settings(given: Mapping[str, Any], usual: Mapping[str, Any]) -> None:
    """ValueError where settings were given beside a layer."""
    for name, value in given.items():
        if not _plain(value) or value != usual[name]:
            raise ValueError(
                f"{name}: expected no setting beside a layer, which knows"
                f" its own, got {value!r}"
            )


def no_biases(name: str, biases: list[Array]) -> None:
    """ValueError where biases that are not zero would be left out, as the
    setting `name` says."""
    if any(bias.any() for bias in biases):
        raise ValueError(
            f"{name}: expected True for a network whose biases are not all"
            " zero, got False"
        )


def function_name(f: Any) -> str:
    """The name of a framework's function, such as 'tanh'; that of somebody
    else's function has its module in front, as the same name may mean
    something else there."""
    name = getattr(f, "__name__", type(f).__name__)
    home = str(getattr(f, "__module__", "")).split(".")[0]
    known = ("flax", "jax", "keras", "tensorflow", "tf_keras")
    return name if home in known else f"{home}.{name}"


def class_name(value: Any) -> str:
    """The name of an object's class: how a layer is recognised without its
    framework."""
    return type(value).__name__


def _plain(value):
    return isinstance(value, str | int | float | None)
