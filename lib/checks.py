"""Checks of what a caller passes in: each error names the argument, what
was expected and what was found."""

import numbers
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array: TypeAlias = NDArray[np.floating]
States: TypeAlias = tuple[Array, ...]

__all__ = [
    "Array",
    "ArrayLike",
    "Mapping",
    "States",
    "array",
    "count",
    "extra",
    "flag",
    "floating",
    "function",
    "generator",
    "mapping",
    "mask",
    "number",
    "numeric",
    "path",
    "states",
    "text",
    "texts",
]


def numeric(name: str, value: ArrayLike) -> Array:
    """`value` as an array of finite real numbers; whole numbers become
    float64.

    Raises TypeError where it holds anything but real numbers or is a masked
    array, ValueError where it is ragged or holds nan or infinity.

    Explained in: what-is-refused
    """
    if _is_masked(value):
        raise TypeError(
            f"{name}: expected a plain array, got a masked one; fill it,"
            " and pass its mask apart where a `mask` is taken"
        )
    try:
        array = np.asarray(value)
    except (ValueError, TypeError) as error:
        if "inhomogeneous" not in str(error):
            raise TypeError(
                f"{name}: expected real numbers, got {_brief(value)}"
            ) from None
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


def array(name: str, value: ArrayLike, *shapes: tuple) -> Array:
    """`value` as a numeric array of one of `shapes`.

    A shape is a tuple with one entry per axis: a number that the axis must
    have, or a word that names an axis of any size but zero.

    Raises TypeError and ValueError as `numeric` does, and ValueError for
    any other shape.

    Explained in: what-is-refused
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


def mask(
    name: str, value: ArrayLike, shape: tuple[int, ...]
) -> NDArray[np.bool_]:
    """`value` as an array of booleans of `shape`, which ends with the
    steps; (steps,) serves all sequences.

    Raises TypeError where it holds anything but True and False, ValueError
    for any other shape.

    Explained in: what-is-refused
    """
    if _is_masked(value):
        raise TypeError(
            f"{name}: expected a plain array of booleans, got a masked one"
        )
    try:
        result = np.asarray(value)
    except ValueError:
        raise ValueError(
            f"{name}: expected shape {_text(shape)}, got a ragged list"
        ) from None
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


def count(name: str, value: Any, least: int = 1) -> int:
    """`value` as a whole number of at least `least`, one unless given;
    ValueError for anything else.

    Explained in: what-is-refused
    """
    if (
        not isinstance(value, numbers.Integral)
        or isinstance(value, bool)
        or value < least
    ):
        raise ValueError(
            f"{name}: expected a whole number of at least {least}, got"
            f" {value!r}"
        )
    return int(value)


def number(
    name: str,
    value: Any,
    low: float = -np.inf,
    high: float = np.inf,
    *,
    open_low: bool = False,
    open_high: bool = False,
) -> float:
    """`value` as one finite real number within `low` and `high`.

    open_low, open_high  whether that end itself is excluded

    Raises TypeError where it is no real number, ValueError where it is not
    finite or outside.

    Explained in: what-is-refused
    """
    range_text = _range(low, high, open_low, open_high)
    if (
        isinstance(value, bool | np.bool_)
        or not isinstance(value, numbers.Real | np.ndarray)
        or np.asarray(value).shape
        or np.asarray(value).dtype.kind not in "fiu"
    ):
        raise TypeError(
            f"{name}: expected a number{range_text}, got {_brief(value)}"
        )
    result = float(value)
    too_low = result <= low if open_low else result < low
    too_high = result >= high if open_high else result > high
    if not np.isfinite(result) or too_low or too_high:
        raise ValueError(
            f"{name}: expected a finite number{range_text}, got {result}"
        )
    return result


def flag(name: str, value: Any) -> bool:
    """`value` as True or False; TypeError for anything else.

    Explained in: what-is-refused
    """
    if not isinstance(value, bool | np.bool_):
        raise TypeError(
            f"{name}: expected True or False, got {_brief(value)}"
        )
    return bool(value)


def function(name: str, value: Any) -> Callable:
    """`value`, which can be called; TypeError for anything else.

    Explained in: what-is-refused
    """
    if not callable(value):
        raise TypeError(f"{name}: expected a function, got {_brief(value)}")
    return value


def mapping(name: str, value: Any) -> dict:
    """`value`, a mapping such as a dict or an open npz file, as a dict;
    TypeError for anything else.

    Explained in: what-is-refused
    """
    if not isinstance(value, Mapping):
        raise TypeError(
            f"{name}: expected a dict of arrays by name, got"
            f" {_brief(value)}"
        )
    return dict(value)


def generator(name: str, value: Any) -> np.random.Generator:
    """A random generator from a seed: a whole number of at least zero, or a
    list of such; a generator is handed back as it is.

    Raises TypeError where it is nothing of the kind, ValueError where a
    number is negative.

    Explained in: what-is-refused
    """
    if isinstance(value, np.random.Generator):
        return value
    parts = value if isinstance(value, list | tuple) and value else [value]
    for part in parts:
        if not isinstance(part, numbers.Integral) or isinstance(part, bool):
            raise TypeError(
                f"{name}: expected a whole number of at least 0, or a list"
                f" of such, got {_brief(value)}"
            )
        if part < 0:
            raise ValueError(
                f"{name}: expected whole numbers of at least 0, got {part}"
            )
    return np.random.default_rng(value)


def floating(name: str, value: Any) -> np.dtype:
    """`value` as a floating-point dtype; TypeError for anything else.

    Explained in: what-is-refused
    """
    try:
        dtype = np.dtype(value)
    except TypeError:
        dtype = None
    if dtype is None or dtype.kind != "f" or value is None:
        raise TypeError(
            f"{name}: expected a floating-point type such as np.float32,"
            f" got {_brief(value)}"
        )
    return dtype


def states(
    name: str,
    value: Any,
    state_sizes: Sequence[int],
    batch_shape: tuple[int, ...],
) -> States:
    """`value` as a tuple with one numeric array (*batch_shape, size) for
    each of `state_sizes`.

    Raises TypeError where it is no tuple or list, ValueError where the
    number of states or the shape of one is wrong.

    Explained in: what-is-refused
    """
    if not isinstance(value, tuple | list):
        raise TypeError(
            f"{name}: expected a tuple of arrays,"
            f" got {type(value).__name__}"
        )
    if len(value) != len(state_sizes):
        raise ValueError(
            f"{name}: expected {len(state_sizes)} state(s),"
            f" got {len(value)}"
        )
    return tuple(
        array(f"{name}[{k}]", state, (*batch_shape, size))
        for k, (state, size) in enumerate(
            zip(value, state_sizes, strict=True)
        )
    )


def text(name: str, value: Any) -> str:
    """`value` as a string; TypeError for anything else.

    Explained in: what-is-refused
    """
    if not isinstance(value, str):
        raise TypeError(f"{name}: expected a string, got {_brief(value)}")
    return str(value)


def texts(name: str, value: Any) -> list[str]:
    """`value` as a list of strings; TypeError for anything else, a single
    string among it.

    Explained in: what-is-refused
    """
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise TypeError(
            f"{name}: expected a list of strings, got {_brief(value)}"
        )
    return [text(f"{name}[{k}]", each) for k, each in enumerate(value)]


def path(name: str, value: Any) -> Path:
    """`value`, a string or a path, as a `Path`; TypeError for anything
    else.

    Explained in: what-is-refused
    """
    if not isinstance(value, str | PathLike):
        raise TypeError(f"{name}: expected a path, got {_brief(value)}")
    return Path(value)


@contextmanager
def extra(name: str) -> Iterator[None]:
    """A block of imports that the extra `name` of this package brings.

    Raises ModuleNotFoundError, which says what installs them, where one is
    missing.

    Explained in: what-is-refused
    """
    try:
        yield
    except ModuleNotFoundError as error:
        missing = str(error.name).partition(".")[0]
        raise ModuleNotFoundError(
            f"{missing}: expected this module to be installed; run pip"
            f" install 'recurrent-networks-unrolled[{name}]'",
            name=error.name,
        ) from None


def _fits(found, wanted):
    return len(found) == len(wanted) and all(
        size > 0 if isinstance(want, str) else size == want
        for size, want in zip(found, wanted, strict=True)
    )


def _text(shape):
    inside = ", ".join(str(size) for size in shape)
    return f"({inside},)" if len(shape) == 1 else f"({inside})"


def _range(low, high, open_low, open_high):
    parts = []
    if low > -np.inf:
        parts.append(f"{'above' if open_low else 'of at least'} {low:g}")
    if high < np.inf:
        parts.append(f"{'below' if open_high else 'of at most'} {high:g}")
    return " " + " and ".join(parts) if parts else ""


def _is_masked(value):
    """Whether this is a masked array, or a list with one inside."""
    if isinstance(value, list | tuple):
        return any(map(_is_masked, value))
    return isinstance(value, np.ma.MaskedArray)


def _brief(value):
    """What was given, short enough for one line."""
    if isinstance(value, type):
        return f"the type {value.__name__}"
    if value is None or isinstance(value, bool | numbers.Number | str):
        return repr(value)[:60]
    if isinstance(value, np.ndarray):
        return f"an array of shape {_text(value.shape)}"
    return f"a {type(value).__name__}"
