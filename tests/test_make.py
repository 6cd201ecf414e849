"""The Makefile: one clear sentence when something is missing, and nothing done twice.

Each test runs make in a small copy of the repository, with a PATH that holds only what it names.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOOLS = [
    *("awk", "basename", "cat", "cksum", "cp", "cut", "df", "dirname", "env", "find", "grep"),
    *("make", "mkdir", "mv", "rm", "sed", "sh", "sleep", "sort", "touch"),
]

# Stands in for a Python, its venv, its pip and the programs that pip installs.
FAKE = """#!/bin/sh
case "$0 $*" in
*"sys.exit(not"*) exit ${FAKE_UNSUITABLE:-0} ;;
*"%d.%d"*) echo 3.9 ;;
*--version*) echo Python 3.12.0 ;;
*"import venv"*) exit ${FAKE_NO_VENV:-0} ;;
*"-m venv --clear"*) rm -rf "$4" && mkdir -p "$4/bin"
    for name in python jupytext-config jupyter-book; do cp "$0" "$4/bin/$name"; done ;;
*--require-hashes*) echo "Collecting numpy==2.4.6"
    case ${FAKE_PIP:-} in
    interrupted) echo "Installing collected packages: numpy"; kill -INT 0; sleep 5 ;;
    ?*) echo "ERROR: $FAKE_PIP"; echo "Traceback (most recent call last):"; exit 1 ;;
    esac
    echo "Installing collected packages: numpy" ;;
*jupyter-book*) mkdir -p _build/html && echo "reading chapters/one" && exit ${FAKE_BROKEN:-0} ;;
esac
"""


class Copy:
    """A copy of the toolchain, a PATH with nothing but TOOLS, and make run in it."""

    def __init__(self, directory):
        self.root = directory / "book"
        self.bin = directory / "bin"
        self.root.mkdir()
        self.bin.mkdir()
        for name in TOOLS:
            (self.bin / name).symlink_to(shutil.which(name))
        for name in ("Makefile", "pyproject.toml", "requirements.txt", "requirements-dev.txt"):
            shutil.copy(ROOT / name, self.root)
        shutil.copytree(ROOT / "tools", self.root / "tools")
        for name in ("_config.yml", "_toc.yml", "chapters/one.md", "lib/__init__.py"):
            file = self.root / name
            file.parent.mkdir(exist_ok=True)
            file.touch()

    def add_python(self, name="python3"):
        python = self.bin / name
        python.write_text(FAKE)
        python.chmod(0o755)

    def make(self, *arguments, **environment):
        environment = {"PATH": str(self.bin), "HOME": str(self.root.parent), **environment}
        run = subprocess.run(
            ["make", *arguments],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            start_new_session=True,
            # A runner in the background has SIGINT ignored, and what it starts inherits that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        time.sleep(0.02)  # so that what the test changes next has a later time
        return run


@pytest.fixture
def copy(tmp_path):
    return Copy(tmp_path)


def message(run):
    """The one sentence of a failed run, after which make adds only its own closing line."""
    assert run.returncode == 2
    assert "Traceback" not in run.stdout + run.stderr
    sentence, closing = run.stderr.splitlines()
    assert closing.startswith("make: *** ")
    assert re.fullmatch(r"make: .*\.", sentence)
    return sentence


@pytest.mark.parametrize("target", ["book", "test"])
def test_no_python(copy, target):
    assert "python3 was not found" in message(copy.make(target))


def test_python_too_old(copy):
    copy.add_python()
    sentence = message(copy.make("book", FAKE_UNSUITABLE="1"))
    assert "needs Python 3.11, 3.12 or 3.13, and python3 is 3.9" in sentence


def test_named_python_does_not_exist(copy):
    copy.add_python()
    assert "/nowhere/python was not found" in message(copy.make("book", "PYTHON=/nowhere/python"))


def test_a_suitable_python_is_preferred_to_an_unsuitable_one(copy):
    copy.add_python("python3.12")
    (copy.bin / "python3.11").write_text("#!/bin/sh\nexit 127\n")  # a shim without its Python
    (copy.bin / "python3.11").chmod(0o755)
    assert copy.make("book").returncode == 0


def test_no_venv_module(copy):
    copy.add_python()
    assert "apt-get install python3-venv" in message(copy.make("book", FAKE_NO_VENV="1"))


def test_too_little_disk_space(copy):
    copy.add_python()
    sentence = message(copy.make("book", MIN_FREE_GB="1000000000"))
    assert "needs 1000000000 GB of free disk space" in sentence
    assert not (copy.root / ".venv").exists()


def test_unreachable_index(copy):
    """The real pip, asking a loopback port that nobody listens on."""
    run = copy.make(
        "book",
        f"PYTHON={sys.executable}",
        PIP_CONFIG_FILE=os.devnull,
        PIP_INDEX_URL="http://127.0.0.1:9/simple",
        PIP_RETRIES="0",
    )
    assert "the package index could not be reached" in message(run)
    assert "127.0.0.1" in (copy.root / "install.log").read_text()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("Could not install: [Errno 28] No space left on device", "the disk filled up"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES", "differs from the one the lock names"),
        ("something never seen before", "pip could not install the packages"),
    ],
)
def test_pip_fails(copy, error, expected):
    copy.add_python()
    sentence = message(copy.make("book", FAKE_PIP=error))
    assert expected in sentence
    assert "install.log" in sentence
    assert error in (copy.root / "install.log").read_text()


def test_an_interrupted_install_is_done_again(copy):
    copy.add_python()
    assert copy.make("book", FAKE_PIP="interrupted").returncode != 0
    assert not list((copy.root / ".venv").glob(".installed*"))
    (copy.root / ".venv/half-made").touch()
    assert copy.make("book").returncode == 0
    assert not (copy.root / ".venv/half-made").exists()


def test_a_failed_update_keeps_the_environment(copy):
    """Without a network a new lock cannot be installed; the old one still can be gone back to."""
    copy.add_python()
    assert copy.make("book").returncode == 0
    (copy.root / ".venv/kept").touch()
    os.utime(copy.root / "requirements.txt")
    assert "not be reached" in message(copy.make("book", FAKE_PIP="Failed to establish"))
    assert copy.make("book").returncode == 0
    assert (copy.root / ".venv/kept").exists()


def test_a_second_call_does_nothing(copy):
    copy.add_python()
    first = copy.make("book")
    assert first.returncode == 0
    assert "fetching 1 of" in first.stdout
    assert "reading chapters/one" in first.stdout
    second = copy.make("book")
    assert second.stdout == "The book is in _build/html; make serve shows it.\n"


def test_the_development_lock_does_not_rebuild_the_book(copy):
    copy.add_python()
    assert copy.make("book").returncode == 0
    assert copy.make(".venv/.installed-requirements-dev").returncode == 0
    assert "reading" not in copy.make("book").stdout


@pytest.mark.parametrize(
    "change",
    [
        lambda root: os.utime(root / "chapters/one.md"),
        lambda root: os.utime(root / "requirements.txt"),
        lambda root: (root / "chapters/two.md").touch(),
        lambda root: (root / "lib/__init__.py").unlink(),
    ],
    ids=["changed chapter", "changed lock", "new chapter", "removed module"],
)
def test_a_change_builds_again(copy, change):
    copy.add_python()
    assert copy.make("book").returncode == 0
    change(copy.root)
    assert "reading chapters/one" in copy.make("book").stdout
    assert "reading chapters/one" not in copy.make("book").stdout


def test_a_failed_build_says_so_every_time(copy):
    copy.add_python()
    for _ in range(2):
        assert "the book did not build" in message(copy.make("book", FAKE_BROKEN="1"))
    assert copy.make("book").returncode == 0
    os.utime(copy.root / "chapters/one.md")
    message(copy.make("book", FAKE_BROKEN="1"))
    message(copy.make("serve", FAKE_BROKEN="1"))


def test_help_lists_every_target(copy):
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.M)[1].split()
    listed = re.findall(r"^  make ([\w-]+) +\S", copy.make().stdout, re.M)
    assert sorted(listed) == sorted(phony)


def test_serve_names_a_port_in_use():
    """Two servers want the same port; the second gives a sentence."""
    command = [sys.executable, ROOT / "tools/serve.py", "."]
    with subprocess.Popen([*command, "0"], stdout=subprocess.PIPE, text=True) as first:
        address = first.stdout.readline()
        port = re.search(r"http://127\.0\.0\.1:(\d+)/", address)[1]
        second = subprocess.run([*command, port], capture_output=True, text=True, timeout=30)
        first.terminate()
    assert second.returncode == 1
    assert re.fullmatch(rf"serve: port {port}: .*in use; choose another: .*\n", second.stderr)
