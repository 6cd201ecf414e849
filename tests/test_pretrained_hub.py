"""Fetching a module: a server on loopback does what the hub does, and what can go wrong."""

import hashlib
import io
import os
import socket
import subprocess
import sys
import tarfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from lib.pretrained import hub

CONTENT = {"saved_model.pb": b"graph", "variables/variables.index": os.urandom(50_000)}


def archive(content):
    """{name: bytes} as a .tar.gz."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as members:
        for name, data in content.items():
            member = tarfile.TarInfo(f"./{name}")
            member.size = len(data)
            members.addfile(member, io.BytesIO(data))
    return file.getvalue()


ARCHIVE = archive(CONTENT)


class Server(ThreadingHTTPServer):
    """Answers by the path's first part; `asked` counts the archives that were sent for."""

    def __init__(self, archive=ARCHIVE):
        super().__init__(("127.0.0.1", 0), Answer)
        self.archive, self.asked, self.over = archive, 0, threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def handle_for(self, kind):
        return f"http://127.0.0.1:{self.server_port}/{kind}/nnlm/1"

    def close(self):
        self.over.set()
        self.shutdown()
        self.server_close()


class Answer(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        address = urlsplit(self.path)
        kind = address.path.split("/")[1]
        if kind == "module" and parse_qs(address.query) == {"tf-hub-format": ["compressed"]}:
            self.send_response(302)
            self.send_header("Location", "/store/module.tar.gz")
            self.end_headers()
        elif kind == "forbidden":
            self.send_error(403)
        elif kind == "silent":
            self.server.over.wait(10)
        elif kind == "page":
            self.send(b"<!DOCTYPE html><html><body>Moved to another site.</body></html>")
        elif kind == "other":
            self.send(archive({"README.md": b"no module"}))
        elif kind == "cut":
            self.send(self.server.archive[:20_000])
        else:
            self.server.asked += kind == "store"
            self.send(self.server.archive, stop={"stalls": 10_000, "truncates": 20_000}.get(kind))
            if kind == "stalls":
                self.server.over.wait(10)

    def send(self, body, stop=None):
        self.send_response(200)
        self.send_header("Content-Type", "application/x-gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:stop])
        self.wfile.flush()


@pytest.fixture
def server():
    running = Server()
    yield running
    running.close()


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return tmp_path / "cache"


def names(folder):
    return sorted(path.name for path in folder.glob("*")) if folder.exists() else []


def content(folder):
    return {name: (folder / name).read_bytes() for name in CONTENT}


def test_module_is_fetched_through_the_redirect_and_kept(server, cache):
    handle = server.handle_for("module")
    found = hub.find(handle, hashlib.sha256(ARCHIVE).hexdigest(), progress=False)
    assert content(found) == CONTENT
    assert names(cache) == [hashlib.sha1(handle.encode()).hexdigest()] == [found.name]
    assert hub.find(handle, progress=False) == found
    assert server.asked == 1


def test_progress_is_shown(server, capfd):
    hub.find(server.handle_for("module"))
    assert "100%" in capfd.readouterr().err
    hub.find(server.handle_for("module"))
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("forbidden", "the server answers 403 .* or fetch the module with a browser"),
        ("silent", "the network said nothing for 0.3 seconds; try again, give it more `seconds`"),
        ("stalls", "the network said nothing for 0.3 seconds; try again, give it more `seconds`"),
        ("truncates", "the download broke off .* see that the network is there and try again"),
        ("cut", "expected the archive of a module, got something else or a part of it"),
        ("page", "expected the archive of a module, got a web page"),
        ("other", "expected a folder with a saved_model.pb"),
    ],
)
def test_failure_says_what_to_do_and_leaves_nothing(server, cache, kind, says):
    handle, start = server.handle_for(kind), time.monotonic()
    with pytest.raises(hub.HubError, match=f"^{handle}: {says}"):
        hub.find(handle, seconds=0.3, progress=False)
    assert time.monotonic() - start < 5
    assert names(cache) == []


def test_wrong_checksum_is_refused(server, cache):
    with pytest.raises(hub.HubError, match=f"expected an archive with sha256 {'0' * 64}, got "):
        hub.find(server.handle_for("module"), "0" * 64, progress=False)
    assert names(cache) == []


def test_no_server_is_told(server, cache):
    handle = server.handle_for("module")
    server.close()
    with pytest.raises(hub.HubError, match=r"the download broke off .* try again"):
        hub.find(handle, seconds=1, progress=False)
    assert names(cache) == []


def test_archive_cannot_write_elsewhere(cache, tmp_path):
    running = Server(archive({"../../outside": b"x", "saved_model.pb": b"graph"}))
    with pytest.raises(hub.HubError, match="outside"):
        hub.find(running.handle_for("module"), progress=False)
    running.close()
    assert names(cache) == []
    assert not (tmp_path / "outside").exists()


def test_two_at_once_do_not_clash(server, cache):
    found, handle = [], server.handle_for("module")
    threads = [
        threading.Thread(target=lambda: found.append(hub.find(handle, progress=False)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == len(names(cache)) == 1
    assert content(found[0]) == CONTENT


def test_killed_while_filling_leaves_no_module(cache):
    code = (
        "import os; from lib.pretrained import hub\n"
        "with hub.atomic_folder(hub.cached('m')) as folder:\n"
        "    (folder / 'saved_model.pb').write_bytes(b'half'); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == -9
    assert not hub.cached("m").exists()
    with hub.atomic_folder(hub.cached("m")) as folder:
        (folder / "saved_model.pb").write_bytes(b"whole")
    assert (hub.cached("m") / "saved_model.pb").read_bytes() == b"whole"


def test_folder_comes_first(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"graph")
    assert hub.find(tmp_path) == hub.find(str(tmp_path)) == tmp_path
    with pytest.raises(hub.HubError, match=r"expected a folder with a saved_model.pb, .* has none"):
        hub.find(tmp_path.parent)
    with pytest.raises(hub.HubError, match="which is not there"):
        hub.find(tmp_path / "nowhere")


def test_module_that_the_hub_package_fetched_is_found():
    folder = hub.cached(hub.NNLM)
    folder.mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"graph")
    assert hub.find(hub.NNLM) == folder


def test_half_deleted_module_is_fetched_again(server, cache):
    handle = server.handle_for("module")
    found = hub.find(handle, progress=False)
    (found / "saved_model.pb").unlink()
    assert content(hub.find(handle, progress=False)) == CONTENT
    assert server.asked == 2


def test_without_a_setting_the_cache_is_the_users_and_the_hub_package_is_told(tmp_path):
    """Its own choice is the folder for temporary files, where others may write."""
    code = (
        "import os\nfrom lib.pretrained import hub\n"
        "print(hub.cached(hub.NNLM).parent, os.environ['TFHUB_CACHE_DIR'])"
    )
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "mine"), "TFHUB_CACHE_DIR": ""}
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | home,
        capture_output=True,
        text=True,
        check=True,
    )
    ours, theirs = run.stdout.split()
    assert ours == theirs
    assert ours.startswith(str(tmp_path))


class TestLock:
    def lock(self, server, text):
        handle = server.handle_for("module")
        path = hub.cached(handle).with_name(hub.cached(handle).name + ".lock")
        path.parent.mkdir(parents=True)
        path.write_text(text)
        return handle, path

    def test_left_behind_is_explained(self, server):
        ended = subprocess.Popen([sys.executable, "-c", ""])
        ended.wait()
        handle, lock = self.lock(server, f"{socket.gethostname()}.{ended.pid}.0a1b")
        with pytest.raises(hub.HubError, match=r"runs no more.* delete this file") as error:
            hub.find(handle, progress=False)
        assert str(lock) in str(error.value)
        lock.unlink()
        assert content(hub.find(handle, progress=False)) == CONTENT

    def test_of_a_running_process_is_told_apart(self, server):
        handle, _ = self.lock(server, f"{socket.gethostname()}.{os.getpid()}.0a1b")
        with pytest.raises(hub.HubError, match=f"process {os.getpid()} is fetching it; wait"):
            hub.find(handle, progress=False)

    @pytest.mark.parametrize("text", ["far.away.host.7.0a1b", "not a lock of the hub"])
    def test_of_another_machine_may_be_alive(self, server, text):
        handle, _ = self.lock(server, text)
        with pytest.raises(hub.HubError, match="If nothing fetches the module now, delete"):
            hub.find(handle, progress=False)

    def test_does_not_matter_once_the_module_is_there(self, server):
        handle = server.handle_for("module")
        found = hub.find(handle, progress=False)
        found.with_name(found.name + ".lock").write_text("far.7.0a1b")
        assert hub.find(handle) == found
