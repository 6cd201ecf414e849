"""Fetching Python for the browser, from a server of this machine."""

import functools
import hashlib
import http.server
import json
import threading
from typing import ClassVar

import pytest

from tools import pyodide


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Notes what is asked of it."""

    asked: ClassVar[list] = []

    def do_GET(self):
        self.asked.append(self.path.rpartition("/")[2])
        super().do_GET()

    def log_message(self, *args):
        """Keep requests out of pytest's output."""


def sha(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def release(tmp_path):
    """A small release: its folder, its address, the hashes of its core."""
    folder = tmp_path / "release"
    folder.mkdir()
    entries = {}
    for name, depends in {"numpy": [], "matplotlib": ["numpy", "cycler"], "cycler": []}.items():
        wheel = folder / f"{name}.whl"
        wheel.write_text(f"the wheel of {name}", "utf-8")
        entries[name] = {"file_name": wheel.name, "sha256": sha(wheel), "depends": depends}
    (folder / pyodide.LOCK).write_text(json.dumps({"packages": entries}), "utf-8")
    (folder / "pyodide.mjs").write_text("the core", "utf-8")
    core = {name: sha(folder / name) for name in (pyodide.LOCK, "pyodide.mjs")}
    Quiet.asked = []
    handler = functools.partial(Quiet, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}/", core
    server.shutdown()
    server.server_close()


def test_core_and_packages_come_and_stay(release, tmp_path):
    folder, address, core = release
    pyodide.fetch(tmp_path / "here", address, core)
    names = sorted(path.name for path in folder.iterdir())
    assert sorted(path.name for path in (tmp_path / "here").iterdir()) == names
    assert sorted(Quiet.asked) == names
    pyodide.fetch(tmp_path / "here", address, core)
    assert sorted(Quiet.asked) == names  # nothing twice


def test_a_file_cut_short_is_fetched_again(release, tmp_path):
    folder, address, core = release
    pyodide.fetch(tmp_path / "here", address, core)
    (tmp_path / "here" / "numpy.whl").write_text("the wh", "utf-8")
    pyodide.fetch(tmp_path / "here", address, core)
    assert sha(tmp_path / "here" / "numpy.whl") == sha(folder / "numpy.whl")


@pytest.mark.parametrize("name", ["pyodide.mjs", "cycler.whl"])
def test_another_file_is_refused_and_not_kept(release, tmp_path, name):
    folder, address, core = release
    (folder / name).write_text("somebody else's", "utf-8")
    with pytest.raises(ValueError, match=name):
        pyodide.fetch(tmp_path / "here", address, core)
    assert not (tmp_path / "here" / name).exists()


def test_no_network_ends_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("PYODIDE_MIRROR", "http://127.0.0.1:9")
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # between its attempts
    said = pyodide.main(str(tmp_path))
    assert said.startswith(f"Pyodide {pyodide.VERSION} could not be fetched")
    assert "make live LIVE_FROM=FOLDER" in said
