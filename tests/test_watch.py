"""`make watch`: every source is watched, and a faulty save ends nothing."""

from fnmatch import fnmatch
from pathlib import Path

import pytest

from tools import build, watch

ROOT = Path(__file__).parents[1]


@pytest.fixture
def server(monkeypatch):
    """What the server is told, instead of a server."""

    class Server:
        def __init__(self):
            told.append(self)
            self.watched, self.served = {}, None

        def watch(self, pattern, function):
            self.watched[pattern] = function

        def serve(self, **settings):
            self.served = settings

    told = []
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(watch, "Server", Server)
    watch.main("8123")
    return told[0]


def test_every_source_is_watched(server):
    for name in build.sources():
        if Path(name).is_file():
            matching = [
                p for p in server.watched if fnmatch(name, p) and p.count("/") == name.count("/")
            ]
            assert len(matching) == 1, name
    assert server.served["host"] == "127.0.0.1"
    assert server.served["port"] == 8123


def test_a_build_that_fails_leaves_the_server_up(server, monkeypatch):
    def fails():
        raise SystemExit(1)

    monkeypatch.setattr(build, "pages", fails)
    server.watched["chapters/*.md"]()
