"""Networks as files."""

import json
import zipfile

import numpy as np
import pytest

from lib import Bidirectional, Readout, SimpleCell, Stack, load, save, unroll
from lib.cells.activations import relu, sigmoid
from tests.helpers import random_cell, refused


def networks(kind, dtype=np.float64):
    rng = np.random.default_rng(5)

    def cell(inputs, units, seed):
        return random_cell(kind, inputs, units, seed, dtype)

    def readout(network, f):
        W = rng.normal(size=(3, network.output_size)).astype(dtype)
        return Readout(network, W, rng.normal(size=3).astype(dtype), f)

    both = Bidirectional(cell(2, 3, 3), cell(2, 4, 4))
    return [
        cell(2, 3, 0),
        readout(cell(2, 3, 1), sigmoid),
        readout(Stack([both, cell(7, 2, 5), readout(cell(2, 3, 6), relu)]), np.tanh),
    ]


def test_what_was_saved_comes_back(kind, dtype, rng, tmp_path):
    x = rng.normal(size=(4, 5, 2)).astype(dtype)
    for k, network in enumerate(networks(kind, dtype)):
        path = tmp_path / f"network {k}"  # no suffix is added, none is asked for
        save(network, path)
        found = load(path)
        assert type(found) is type(network)
        assert found.dtype == dtype
        np.testing.assert_array_equal(unroll(found, x)[0], unroll(network, x)[0])
        other = networks(kind, dtype)[k]
        for w in other.weights.values():
            w += 1
        held = dict(other.weights)
        assert load(path, into=other) is other
        np.testing.assert_array_equal(unroll(other, x)[0], unroll(network, x)[0])
        assert all(other.weights[name] is array for name, array in held.items())
    assert sorted(p.name for p in tmp_path.iterdir()) == ["network 0", "network 1", "network 2"]


def test_an_activation_travels(tmp_path):
    cell = SimpleCell.generic(2, 3, 0, f=relu)
    save(cell, tmp_path / "cell")
    assert load(tmp_path / "cell").f is relu
    with refused(ValueError, "into: expected a network like that of cell, SimpleCell of 2 inputs"):
        load(tmp_path / "cell", into=SimpleCell.generic(2, 3, 0))


def test_the_file_is_what_the_documentation_says(tmp_path):
    network = networks(SimpleCell)[1]
    save(network, tmp_path / "n.npz")
    with np.load(tmp_path / "n.npz", allow_pickle=False) as file:
        header = json.loads(file["header"].item())
        assert set(file.files) == {"header", *network.weights}
    assert header == {
        "format": "lib network",
        "version": 1,
        "network": {
            "kind": "Readout",
            "outputs": 3,
            "f": "sigmoid",
            "dtype": "float64",
            "cell": {
                "kind": "SimpleCell",
                "inputs": 2,
                "units": 3,
                "f": "tanh",
                "dtype": "float64",
            },
        },
    }


def test_another_kind_and_another_size_are_refused_and_change_nothing(kind, tmp_path):
    network, *others = networks(kind)
    save(network, tmp_path / "n")
    others += [random_cell(kind, 2, 4), random_cell(kind, 3, 3)]
    others += [random_cell(kind, 2, 3, dtype=np.float32)]
    for other in others:
        before = {name: w.copy() for name, w in other.weights.items()}
        with refused(ValueError, f"into: expected a network like that of n, {kind.__name__} of 2"):
            load(tmp_path / "n", into=other)
        assert all((other.weights[name] == w).all() for name, w in before.items())


def test_half_a_file_is_refused(kind, tmp_path):
    save(networks(kind)[2], tmp_path / "n")
    content = (tmp_path / "n").read_bytes()
    for length in (0, 1, 100, len(content) // 2, len(content) - 30, len(content) - 1):
        (tmp_path / "half").write_bytes(content[:length])
        with refused(ValueError, "path: expected a network that lib.save wrote, got"):
            load(tmp_path / "half")
    damaged = bytearray(content)
    damaged[content.index(networks(kind)[2].W.tobytes()) + 3] ^= 255
    (tmp_path / "damaged").write_bytes(damaged)
    with refused(ValueError, "path: expected a network that lib.save wrote, got"):
        load(tmp_path / "damaged")


def test_other_files_are_refused(tmp_path):
    np.savez(tmp_path / "arrays.npz", W=np.ones(3))
    np.save(tmp_path / "array.npy", np.ones(3))
    (tmp_path / "page").write_text("<html>")
    header = {"format": "lib network", "version": 2, "network": {}}
    np.savez(tmp_path / "later.npz", header=np.array(json.dumps(header)))
    np.savez(tmp_path / "pickled.npz", header=np.array([{}], dtype=object))
    for name in ("arrays.npz", "array.npy", "page", "pickled.npz"):
        with refused(ValueError, "path: expected a network that lib.save wrote, got"):
            load(tmp_path / name)
    with refused(ValueError, "path: expected format 'lib network', version 1, got 'lib network'"):
        load(tmp_path / "later.npz")
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none")


def test_a_file_that_lost_a_weight_or_gained_one_is_refused(kind, tmp_path):
    network = networks(kind)[1]
    save(network, tmp_path / "n.npz")
    with zipfile.ZipFile(tmp_path / "n.npz") as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    lost = {name: content for name, content in parts.items() if name != "W.npy"}
    gained = {**parts, "V.npy": parts["W.npy"]}
    for name, content in (("lost", lost), ("gained", gained)):
        with zipfile.ZipFile(tmp_path / name, "w") as file:
            for part, data in content.items():
                file.writestr(part, data)
        with refused(ValueError, "path: expected a network that lib.save wrote, got"):
            load(tmp_path / name)


def test_what_a_file_cannot_hold_is_named(tmp_path):
    class Mine(SimpleCell):
        pass

    cell = SimpleCell.generic(2, 3, 0)
    strange = SimpleCell(**cell.weights, f=np.sin)
    for network, message in (
        (Mine(**cell.weights), "network: expected one made of SimpleCell"),
        (strange, "network: expected activations among identity, relu, sigmoid, tanh, got sin"),
        ("LSTM", "network: expected a network, got a str"),
    ):
        with refused(TypeError, message):
            save(network, tmp_path / "n")
    cell.b[1] = np.inf
    with refused(ValueError, "network: expected finite weights, got others in b"):
        save(cell, tmp_path / "n")
    assert not list(tmp_path.iterdir())


def test_a_path_that_is_none_and_a_folder_that_is_not_there_are_named(tmp_path):
    cell = SimpleCell.generic(2, 3, 0)
    with refused(TypeError, "path: expected a path, got 3"):
        load(3)
    with refused(FileNotFoundError, f"path: expected a folder that is there, got {tmp_path}"):
        save(cell, tmp_path / "missing" / "n.npz")
