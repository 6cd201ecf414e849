"""Every error names the argument, what it expected and what it got."""

from pathlib import Path

import numpy as np
import pytest

from lib import checks
from tests.helpers import refused


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ([[1.0, 2.0], [3.0]], ValueError, "w: expected rows of equal length, got a ragged list"),
        (["a", "b"], TypeError, "w: expected real numbers, got dtype <U1"),
        ([True, False], TypeError, "w: expected real numbers, got dtype bool"),
        ([1j], TypeError, "w: expected real numbers, got dtype complex128"),
        (None, TypeError, "w: expected real numbers, got dtype object"),
        ([1.0, np.nan], ValueError, "w: expected finite numbers, got nan at index (1,)"),
        ([[1.0], [-np.inf]], ValueError, "w: expected finite numbers, got -inf at index (1, 0)"),
    ],
)
def test_numeric_refuses(value, error, message):
    with refused(error, message):
        checks.numeric("w", value)


def test_numeric_keeps_the_precision_and_makes_whole_numbers_real():
    assert checks.numeric("w", np.ones(3, np.float32)).dtype == np.float32
    assert checks.numeric("w", [1, 2]).dtype == np.float64


@pytest.mark.parametrize(
    ("shape", "wanted", "message"),
    [
        ((3,), [(2,)], "w: expected shape (2,), got (3,)"),
        ((3, 1), [("units", 2)], "w: expected shape (units, 2), got (3, 1)"),
        ((), [(2,), ("batch", 2)], "w: expected shape (2,) or (batch, 2), got ()"),
        (
            (0, 2),
            [("steps", 2)],
            "w: expected shape (steps, 2), with at least one of each, got (0, 2)",
        ),
    ],
)
def test_array_refuses_another_shape(shape, wanted, message):
    with refused(ValueError, message):
        checks.array("w", np.ones(shape), *wanted)


@pytest.mark.parametrize("value", [0, -1, 2.0, True, "2", None])
def test_count_refuses(value):
    with refused(ValueError, f"steps: expected a whole number of at least 1, got {value!r}"):
        checks.count("steps", value)


def test_count_accepts_the_whole_numbers_of_numpy():
    assert checks.count("steps", np.int64(3)) == 3


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (np.ones((2, 3)), TypeError, "s: expected a tuple of arrays, got ndarray"),
        ((np.ones(3),), ValueError, "s: expected 2 state(s), got 1"),
        ((np.ones(3), np.ones(3)), ValueError, "s[1]: expected shape (4,), got (3,)"),
        ((np.ones(3), np.full(4, np.nan)), ValueError, "s[1]: expected finite numbers, got nan"),
    ],
)
def test_states_refuses(value, error, message):
    with refused(error, message):
        checks.states("s", value, (3, 4), ())


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ([1, 0, 1], TypeError, f"mask: expected True and False, got dtype {np.dtype(int)}"),
        ([True] * 4, ValueError, "mask: expected shape (3,) or (2, 3), got (4,)"),
        (np.ones((3, 2), bool), ValueError, "mask: expected shape (3,) or (2, 3), got (3, 2)"),
    ],
)
def test_mask_refuses(value, error, message):
    with refused(error, message):
        checks.mask("mask", value, (2, 3))


def test_one_mask_serves_the_whole_batch():
    row = [True, False, True]
    assert (checks.mask("mask", row, (2, 3)) == [row, row]).all()


@pytest.mark.parametrize("value", [None, 3, b"film", ["a"]])
def test_text_is_a_string(value):
    with refused(TypeError, "text: expected a string, got"):
        checks.text("text", value)


def test_texts_are_many_strings_and_no_single_one():
    assert checks.texts("texts", iter(["a", np.str_("b")])) == ["a", "b"]
    with refused(TypeError, "texts: expected a list of strings, got 'a film'"):
        checks.texts("texts", "a film")
    with refused(TypeError, "texts[1]: expected a string, got None"):
        checks.texts("texts", ["a", None])


def test_path_is_a_string_or_a_path():
    assert checks.path("path", "a/b") == checks.path("path", Path("a/b")) == Path("a/b")
    with refused(TypeError, "path: expected a path, got 3"):
        checks.path("path", 3)


def test_a_mask_of_numpy_is_never_passed_over():
    row = np.ma.masked_array([1.0, 2.0], mask=[True, False])
    for value in (row, [row, row], [[row]]):
        with refused(TypeError, "x: expected a plain array, got a masked one"):
            checks.numeric("x", value)
    with refused(TypeError, "mask: expected a plain array of booleans, got a masked one"):
        checks.mask("mask", np.ma.masked_array([True, False], mask=[True, False]), (2,))


def test_a_type_is_told_by_its_name():
    with refused(TypeError, "dtype: expected a floating-point type such as np.float32, got the"):
        checks.floating("dtype", int)
