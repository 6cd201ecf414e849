"""The locks: complete, in agreement with what was asked for, and installable where they say."""

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ["requirements", "requirements-dev"]
PYTHONS = ["3.11.7", "3.12.1", "3.13.0"]


def direct(name):
    """The requirements of NAME.in, with the comment that says why each is there."""
    lines = (ROOT / f"{name}.in").read_text().splitlines()
    return [line.partition("#")[::2] for line in lines if line and not line.startswith(("#", "-"))]


def locked(name, python):
    """Name and version of everything that NAME.txt installs for this Python on Linux."""
    environment = default_environment() | {
        "python_version": python.rpartition(".")[0],
        "python_full_version": python,
        "sys_platform": "linux",
        "os_name": "posix",
        "platform_system": "Linux",
        "implementation_name": "cpython",
    }
    text = (ROOT / f"{name}.txt").read_text()
    entries = [Requirement(line) for line in re.findall(r"^[a-z][^\\\n]*==[^\\\n]*", text, re.M)]
    wanted = [e for e in entries if e.marker is None or e.marker.evaluate(environment)]
    versions = {canonicalize_name(e.name): str(e.specifier).removeprefix("==") for e in wanted}
    assert len(versions) == len(wanted), "a package is locked twice for one Python"
    return versions


@pytest.mark.parametrize("name", LOCKS)
def test_every_direct_dependency_says_why_it_is_there(name):
    for requirement, reason in direct(name):
        assert reason.strip(), requirement


@pytest.mark.parametrize("name", LOCKS)
@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_holds_what_was_asked_for(name, python):
    versions = locked(name, python)
    for requirement in (Requirement(text) for text, _ in direct(name)):
        assert versions[canonicalize_name(requirement.name)] in requirement.specifier


@pytest.mark.parametrize("python", PYTHONS)
def test_both_locks_install_together(python):
    book, development = (locked(name, python) for name in LOCKS)
    for package in book.keys() & development.keys():
        assert book[package] == development[package], package


@pytest.mark.parametrize("name", LOCKS)
def test_every_entry_has_a_hash_and_no_address(name):
    text = (ROOT / f"{name}.txt").read_text()
    entries = re.split(r"^(?=[a-z])", text, flags=re.M)
    header, *entries = entries
    assert len(entries) > 20
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "make lock" in header
    assert not re.search(r"://|index-url|find-links| /", text)


@pytest.mark.parametrize("name", LOCKS)
def test_this_environment_is_the_locked_one(name):
    python = ".".join(map(str, sys.version_info[:3]))
    for package, version in locked(name, python).items():
        assert metadata.version(package) == version, package


SOURCE_ALONE = ("yattag",)  # pure Python, for Cosmic Ray; its authors publish no wheel


@pytest.mark.network
@pytest.mark.parametrize("python", PYTHONS)
def test_the_index_has_a_wheel_of_everything_for_each_python(python, tmp_path):
    command = [sys.executable, "-m", "uv", "pip", "install", "--dry-run", "--require-hashes"]
    command += ["--python-version", python, "--only-binary", ":all:", "--target", str(tmp_path)]
    for name in SOURCE_ALONE:
        command += ["--no-binary", name]
    for name in LOCKS:
        command += ["--requirement", str(ROOT / f"{name}.txt")]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if re.search(r"error sending request|dns error|timed out", run.stderr, re.I):
        pytest.skip("the package index cannot be reached")
    assert run.returncode == 0, run.stderr
    assert "Would install" in run.stderr
