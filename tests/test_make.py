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

from tools import targets

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ["awk", "chmod", "cp", "env", "make", "mkdir", "rm", "sed", "sh", "sleep"]

# Stands in for a Python, its venv, its pip and the programs that pip installs; only what is in
# tools/ runs in a real one.
FAKE = f"""#!/bin/sh
case "$0 $*" in
*"-m tools"*) exec "{sys.executable}" "$@" ;;
*"sys.exit(not"*) exit ${{FAKE_UNSUITABLE:-0}} ;;
*"%d.%d"*) echo 3.9 ;;
*--version*) echo Python 3.12.0 ;;
*"import venv"*) exit ${{FAKE_NO_VENV:-0}} ;;
*"-m venv --clear"*) rm -rf "$4" && mkdir -p "$4/bin"
    for name in python jupytext-config jupyter-book; do cp "$0" "$4/bin/$name"; done ;;
*.uv.txt) exit ${{FAKE_NO_UV:-0}} ;;
*"-m uv pip install"*) echo "Resolved 2 packages in 1ms"
    if [ -n "$FAKE_PIP" ]; then echo "error: $FAKE_PIP"; exit 2; fi
    echo "Installed 2 packages in 1ms" ;;
*--require-hashes*) echo "Collecting numpy==2.4.6"
    case ${{FAKE_PIP:-}} in
    interrupted) echo "Installing collected packages: numpy"; kill -INT 0; sleep 5 ;;
    ?*) echo "ERROR: $FAKE_PIP"; echo "Traceback (most recent call last):"; exit 1 ;;
    esac
    echo "Installing collected packages: numpy" ;;
*jupyter-book*) mkdir -p _build/html && echo "reading chapters/one, told $*"
    exit ${{FAKE_BROKEN:-0}} ;;
esac
"""


class Copy:
    """A copy of the toolchain, a PATH with nothing but TOOLS, and make run in it."""

    def __init__(self, directory, name):
        self.root = directory / name
        self.bin = directory / "bin"
        self.root.mkdir()
        self.bin.mkdir()
        for name in TOOLS:
            (self.bin / name).symlink_to(shutil.which(name))
        for name in ("Makefile", "pyproject.toml", "requirements.txt", "requirements-dev.txt"):
            shutil.copy(ROOT / name, self.root)
        shutil.copytree(ROOT / "tools", self.root / "tools")
        (self.root / "_ext").mkdir()
        shutil.copy(ROOT / "_ext/one_at_a_time.py", self.root / "_ext")
        for name in ("_config.yml", "_toc.yml", "chapters/one.md", "lib/__init__.py"):
            file = self.root / name
            file.parent.mkdir(exist_ok=True)
            file.touch()

    def add_python(self, name="python3"):
        python = self.bin / name
        python.write_text(FAKE)
        python.chmod(0o755)

    def make(self, *arguments, **environment):
        return self.run(["make", *arguments], environment)

    def tools(self, *arguments, **environment):
        return self.run([self.bin / "python3", "-m", "tools", *arguments], environment)

    def run(self, command, environment):
        environment = {"PATH": str(self.bin), "HOME": str(self.root.parent), **environment}
        run = subprocess.run(
            command,
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


@pytest.fixture(params=["book", "b\u00fc cher (copy)"], ids=["plain path", "path with spaces"])
def copy(tmp_path, request):
    return Copy(tmp_path, request.param)


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


def test_without_uv_pip_installs(copy):
    copy.add_python()
    for more in ({"FAKE_NO_UV": "1"}, {"INSTALLER": "pip"}):
        assert "fetching 1 of" in copy.make("book", **more).stdout
        shutil.rmtree(copy.root / ".venv")


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
    old = (copy.root / "requirements.txt").read_text()
    (copy.root / "requirements.txt").write_text(old + "other==1\n")
    assert "not be reached" in message(copy.make("book", FAKE_PIP="Failed to establish"))
    (copy.root / "requirements.txt").write_text(old)
    assert "Installing" not in copy.make("book").stdout
    assert (copy.root / ".venv/kept").exists()


def test_a_second_call_does_nothing(copy):
    copy.add_python()
    first = copy.make("book")
    assert first.returncode == 0
    assert "  Installed 2 packages" in first.stdout
    assert "reading chapters/one" in first.stdout
    second = copy.make("book")
    assert second.stdout == "The book is in _build/html; make serve shows it.\n"


def test_the_development_lock_does_not_rebuild_the_book(copy):
    copy.add_python()
    assert copy.make("book").returncode == 0
    assert "requirements-dev.txt" in copy.make("lint").stdout
    assert "reading" not in copy.make("book").stdout


@pytest.mark.parametrize(
    "change",
    [
        lambda root: os.utime(root / "chapters/one.md"),
        lambda root: (root / "requirements.txt").write_text("numpy==3\n"),
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
    text = (ROOT / "Makefile").read_text().replace("\\\n", " ")
    targets = re.search(r"^TARGETS := (.*)$", text, re.M)[1].split()
    listed = re.findall(r"^  make ([\w-]+) +\S", copy.make().stdout, re.M)
    assert sorted(listed) == sorted(["help", *targets])
    copy.add_python()
    listed = re.findall(r"^  python -m tools ([\w-]+) +\S", copy.tools("help").stdout, re.M)
    assert sorted(listed) == sorted(["help", *targets])


def test_every_target_is_carried_out_by_something():
    text = (ROOT / "Makefile").read_text().replace("\\\n", " ")
    for target in re.search(r"^TARGETS := (.*)$", text, re.M)[1].split():
        assert target in targets.MODULES or callable(getattr(targets, target.replace("-", "_")))


def test_without_make(copy):
    """What a reader on Windows types."""
    copy.add_python()
    run = copy.tools("book", PYTHON=str(copy.bin / "python3"))
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Making .venv" in run.stdout
    assert run.stdout.endswith("The book is in _build/html; make serve shows it.\n")
    assert copy.make("book").stdout == "The book is in _build/html; make serve shows it.\n"
    assert "NAME=VALUE was expected" in copy.tools("book", "JOBS").stderr
    assert "no target 'bok'" in copy.tools("bok").stderr


@pytest.mark.parametrize("jobs", ["0", "two", "-1"])
def test_jobs_is_a_number(copy, jobs):
    copy.add_python()
    assert f"1 or more, not '{jobs}'" in message(copy.make("book", f"JOBS={jobs}"))


def test_only_what_changed_is_read_again_after_a_build_that_went_well(copy):
    copy.add_python()
    one = copy.root / "chapters/one.md"

    def all_read():
        told = re.search(r"reading chapters/one, told (.*)", copy.make("book").stdout)[1]
        return "--all" in told.split()

    assert all_read()
    one.write_text("prose")
    assert not all_read()
    (copy.root / "lib/__init__.py").write_text("value = 1")
    assert not all_read()
    one.write_text("a fault")
    message(copy.make("book", FAKE_BROKEN="1"))
    assert all_read()
    for name in ("_config.yml", "_toc.yml", "_ext/one_at_a_time.py", "chapters/references.bib"):
        (copy.root / name).touch()
        assert all_read(), name


def test_files_that_the_shell_would_split_are_files_like_others(copy):
    copy.add_python()
    (copy.root / "slides").mkdir()
    for name in ("chapters/my notes.md", "chapters/one (copy).md", "slides/my deck.md"):
        (copy.root / name).touch()
    assert copy.make("book").returncode == 0
    assert copy.make("book").stdout == "The book is in _build/html; make serve shows it.\n"
    (copy.root / "chapters/my notes.md").write_text("more")
    assert "reading" in copy.make("book").stdout


@pytest.mark.parametrize("name", [".one.md.swp", "one.md~", "#one.md#", ".DS_Store"])
def test_what_editors_leave_builds_nothing(copy, name):
    copy.add_python()
    assert copy.make("book").returncode == 0
    (copy.root / "chapters" / name).touch()
    assert "reading" not in copy.make("book").stdout


def test_a_readers_own_data_is_a_change(copy, tmp_path):
    copy.add_python()
    mine = tmp_path / "mine"
    mine.mkdir()
    for _ in range(2):
        assert "reading" in copy.make("book", IMDB_REVIEWS=str(mine)).stdout
        assert "reading" not in copy.make("book", IMDB_REVIEWS=str(mine)).stdout
        (mine / "train.tsv").touch()
        assert "reading" in copy.make("book", IMDB_REVIEWS=str(mine)).stdout
        assert "reading" in copy.make("book").stdout


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
