"""Checks of what a caller passes in: each error names the argument, the
expected and the found."""

import numbers

import numpy as np


def numeric(name, value):
    """`value` as an array of finite real numbers; whole numbers become
    float64.

    Raises TypeError where it holds anything but real numbers, ValueError
    where it is ragged or holds nan or infinity.
    """
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(
            f"{name}: expected rows of equal length, got a ragged list; pad"
            " the shorter ones"
        ) from None
    if array.dtype.kind not in "fiu":
        raise TypeError(
            f"{name}: expected real numbers, got dtype {array.dtype}"
        )
    if array.dtype.kind in "iu":
        array = array.astype(np.float64)
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(
            f"{name}: expected finite numbers, got {array[where]} at index"
            f" {where}"
        )
    return array


def array(name, value, *shapes):
    """`value` as a numeric array of one of `shapes`.

    A shape is a tuple with one entry an axis: a number that the axis must
    have, or a word that names an axis of any size but zero.

    Raises TypeError and ValueError as `numeric` does, and ValueError for
    any other shape.
    """
    result = numeric(name, value)
    if not any(_fits(result.shape, shape) for shape in shapes):
        expected = " or ".join(_text(shape) for shape in shapes)
        empty = ", with at least one of each" if 0 in result.shape else ""
        raise ValueError(
            f"{name}: expected shape {expected}{empty}, got"
            f" {_text(result.shape)}"
        )
    return result


def mask(name, value, shape):
    """`value` as an array of booleans of `shape`, which ends with the
    steps; (steps,) serves all.

    Raises TypeError where it holds anything but True and False, ValueError
    for any other shape.
    """
    result = np.asarray(value)
    if result.dtype.kind != "b":
        raise TypeError(
            f"{name}: expected True and False, got dtype {result.dtype}"
        )
    if result.shape not in (shape, shape[-1:]):
        expected = " or ".join(
            _text(s) for s in dict.fromkeys([shape[-1:], shape])
        )
        raise ValueError(
            f"{name}: expected shape {expected}, got {_text(result.shape)}"
        )
    return np.broadcast_to(result, shape)


def count(name, value):
    """`value` as a whole number of at least one; ValueError for anything
    else."""
    if (
        not isinstance(value, numbers.Integral)
        or isinstance(value, bool)
        or value < 1
    ):
        raise ValueError(
            f"{name}: expected a whole number of at least 1, got {value!r}"
        )
    return int(value)


def states(name, value, state_sizes, batch_shape):
    """`value` as a tuple with one numeric array (*batch_shape, size) for
    each of `state_sizes`.

    Raises TypeError where it is no tuple or list, ValueError where the
    number of states or the shape of one is wrong.
    """
    if not isinstance(value, tuple | list):
        raise TypeError(
            f"{name}: expected a tuple of arrays, got"
            f" {type(value).__name__}"
        )
    if len(value) != len(state_sizes):
        raise ValueError(
            f"{name}: expected {len(state_sizes)} state(s), got"
            f" {len(value)}"
        )
    return tuple(
        array(f"{name}[{k}]", state, (*batch_shape, size))
        for k, (state, size) in enumerate(
            zip(value, state_sizes, strict=True)
        )
    )


def _fits(found, wanted):
    return len(found) == len(wanted) and all(
        size > 0 if isinstance(want, str) else size == want
        for size, want in zip(found, wanted, strict=True)
    )


def _text(shape):
    inside = ", ".join(str(size) for size in shape)
    return f"({inside},)" if len(shape) == 1 else f"({inside})"
