"""Sunspots, and files that ship: what they hold is what is said of them."""

import json

import numpy as np
import pytest

from lib.data import shipped, sunspots


def test_sunspots_are_the_yearly_series():
    years, counts = sunspots.yearly()
    assert years.tolist() == list(range(1700, 2009))
    assert counts.shape == (309,)
    assert counts.min() == 0
    assert years[counts.argmax()] == 1957  # the highest maximum of the series
    assert counts[0] == 5.0
    assert counts[-1] == 2.9


def test_missing_package_is_named_with_what_installs_it():
    expected = r"no-such-package: .* ships file\.csv, .*install 'recurrent-.*\[data\]'"
    with pytest.raises(ModuleNotFoundError, match=expected):
        shipped.inside("no-such-package", "file.csv")


def test_written_arrays_are_read_back_with_their_story(tmp_path):
    path, arrays = tmp_path / "a.npz", {"a": np.arange(3), "b": np.eye(2, dtype=np.float16)}
    shipped.write(path, arrays, command="make it", packages=["numpy"], what="numbers")
    found, known = shipped.read(path), shipped.provenance(path)
    assert found.keys() == arrays.keys()
    assert all(np.array_equal(found[name], arrays[name]) for name in arrays)
    assert all(found[name].dtype == arrays[name].dtype for name in arrays)
    assert list(known) == ["command", "what", "versions", "sha256"]
    assert (known["command"], known["what"]) == ("make it", "numbers")
    assert known["versions"]["numpy"] == np.__version__


def test_file_that_its_story_does_not_describe_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    shipped.write(path, {"a": np.arange(3)}, command="make it", packages=[])
    known = json.loads(path.with_suffix(".json").read_text())
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    for read in (shipped.read, shipped.provenance):
        with pytest.raises(ValueError, match=rf"a\.npz: expected sha256 {known['sha256']}, got"):
            read(path)
    path.with_suffix(".json").unlink()
    with pytest.raises(FileNotFoundError, match=r"a\.json"):
        shipped.read(path)
