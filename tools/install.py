"""Make the virtual environment from the locks.

Whatever goes wrong ends in one sentence; the full record is kept in install.log. A stamp for each
lock says what was installed from it. The stamps are set aside meanwhile, so that an install cut
short leaves none and the next call starts afresh.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools.__main__ import ENOUGH, ROOT, answer, fail, find_python

VENV = Path(ROOT, ".venv")
LOG = Path(ROOT, "install.log")
NEED_GB = int(os.environ.get("MIN_FREE_GB", "5"))
LOCKS = ("requirements", "requirements-dev")


def program(name):
    """Return the path of a program of the environment."""
    return str(VENV / ("Scripts" if os.name == "nt" else "bin") / name)


PIP = [program("python"), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]


def stamp(lock):
    return VENV / f".installed-{lock}"


def wanted(lock):
    """Return what a stamp says when its lock is installed."""
    names = (f"{lock}.txt", "pyproject.toml", "tools/install.py")
    content = [Path(ROOT, name).read_bytes() for name in names]
    return hashlib.sha256(b"".join(content)).hexdigest()


def is_installed(lock):
    return stamp(lock).is_file() and stamp(lock).read_text() == wanted(lock)


def install(*locks):
    """Install what these locks name, unless it is there."""
    if all(map(is_installed, locks)):
        return
    sys.path.insert(0, str(Path(ROOT, "_ext")))
    from one_at_a_time import lock as only_one

    with only_one(Path(ROOT, "_build", ".installing"), "installing"):
        if not all(map(is_installed, locks)):  # the one that was waited for may have done it
            _install(locks)


def _install(locks):
    try:
        LOG.write_text("")
    except OSError:
        fail(
            f"cannot write here ({ROOT}); check the permissions of this directory"
            " and the space on its disk."
        )
    aside = VENV / ".aside"
    if stamp(LOCKS[0]).is_file() and answer(program("python"), ENOUGH) is not None:
        # what was installed from the development lock stays installed with the new one
        locks = [lock for lock in LOCKS if lock in locks or stamp(lock).is_file()]
        aside.mkdir(exist_ok=True)
        for lock in LOCKS:
            if stamp(lock).is_file():
                stamp(lock).rename(aside / lock)
    else:
        make_environment()
    files = [f"{lock}.txt" for lock in locks]
    names = " ".join(files)
    print(
        f"Installing {names}: about 3 GB, some minutes the first time; the record is in {LOG.name}"
    )
    if not by_uv(files):
        by_pip(files, lambda: restore(aside))
    logged([*PIP, "--no-deps", "--no-build-isolation", "--no-index", "-e", "."]) or explain()
    # In this environment's JupyterLab, a chapter opens as a notebook and not as text.
    settings = VENV / "etc/jupyter/labconfig/default_setting_overrides.json"
    command = [program("jupytext-config"), "--settings-file", str(settings)]
    logged([*command, "set-default-viewer", "markdown"]) or explain()
    try:
        for lock in locks:
            stamp(lock).write_text(wanted(lock))
        shutil.rmtree(aside, ignore_errors=True)
    except OSError:
        fail(f"cannot write {stamp(lock)}; check the space on the disk.")
    print("Installed.", flush=True)


def restore(aside):
    """Put the stamps of the old state back, which is whole until the first file is changed."""
    for lock in LOCKS:
        if (aside / lock).is_file():
            (aside / lock).rename(stamp(lock))


def make_environment():
    python = find_python()
    free = shutil.disk_usage(ROOT).free / 2**30
    if free < NEED_GB:
        fail(
            f"the book needs {NEED_GB} GB of free disk space, and {ROOT} has {free:.0f} GB;"
            " free some and run the same command again."
        )
    if not logged([python, "-c", "import venv, ensurepip"]):
        fail(
            f"{python} has no venv module; on Debian and Ubuntu, apt-get install python3-venv"
            " brings it."
        )
    version = subprocess.run([python, "--version"], capture_output=True, text=True).stdout
    print(f"Making {VENV.name} with {version.strip()}", flush=True)
    logged([python, "-m", "venv", "--clear", str(VENV)]) or explain()


def by_uv(files):
    """Let uv install, several times as fast as pip; return whether it did.

    uv itself comes from the development lock, by pip. It knows none of pip's settings: where an
    index, a proxy or a certificate is set for pip alone, it fails and pip has its turn.
    """
    text = Path(ROOT, "requirements-dev.txt").read_text("utf-8")
    entry = re.search(r"^uv==(?:.*\\\n)*.*", text, re.M)
    if os.environ.get("INSTALLER") == "pip" or not entry:
        return False
    alone = Path(ROOT, "_build", ".uv.txt")
    alone.write_text(entry[0] + "\n")
    if not logged([*PIP, "--require-hashes", "-r", str(alone)]):
        return False
    requirements = [part for file in files for part in ("-r", file)]
    command = [program("python"), "-m", "uv", "pip", "install", "--require-hashes"]
    command += ["--python", program("python"), "--compile-bytecode", *requirements]
    return logged(command, shown=r"(Resolved|Downloading|Prepared|Installed|Bytecode) .*")


def by_pip(files, restore):
    total = sum(
        len(re.findall(r"^[a-z].*==", Path(ROOT, f).read_text("utf-8"), re.M)) for f in files
    )
    requirements = [part for file in files for part in ("-r", file)]
    command = [*PIP, "--progress-bar", "off", "--no-compile", "--require-hashes"]
    number = 0

    def progress(line):
        nonlocal number
        fetched = re.match(r"(?:Collecting|Processing) (\S+)", line)
        number += bool(fetched) or line.startswith(("Requirement already ", "Ignoring "))
        if fetched:
            return f"  fetching {number} of {total}: {fetched[1].rpartition('/')[2]}"
        return "  installing what was fetched" if line.startswith("Installing collected") else ""

    if not logged([*command, *requirements], progress=progress):
        if "\nInstalling collected" not in LOG.read_text("utf-8", "replace"):
            restore()
        explain()
    print("  compiling", flush=True)
    logged([program("python"), "-m", "compileall", "-q", "-j", "0", str(VENV / "lib")])


def logged(command, shown=None, progress=None):
    """Run a command, log what it prints and show some of it; return whether it went well.

    shown     a pattern of lines to show
    progress  or a function that returns what to show for a line
    """
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": ""}
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"\n+ {json.dumps(command)}\n")
        log.flush()
        with subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        ) as running:
            for line in running.stdout:
                log.write(line)
                log.flush()
                text = progress(line) if progress else ""
                if shown and re.match(shown, line.strip()):
                    text = f"  {line.strip()}"
                if text:
                    print(text, flush=True)
    return running.returncode == 0


REASONS = {
    r"No space left on device|Disk quota exceeded": "the disk filled up during the install; free"
    f" about {NEED_GB} GB and run the same command again",
    r"DO NOT MATCH THE HASHES|[Hh]ash mismatch": "the package index served a file that differs from"
    " the one the lock names; check the index that pip uses, or try again later",
    r"Failed to establish|Connection|timed out|SSLError|ProxyError|\(from versions: none\)": "the"
    " package index could not be reached; check the network, or the proxy and index that pip is set"
    " to, and run the same command again",
}


def explain():
    log = LOG.read_text("utf-8", "replace")
    for pattern, sentence in REASONS.items():
        if re.search(pattern, log):
            fail(f"{sentence} (details: {LOG.name}).")
    fail(f"pip could not install the packages; its last words are at the end of {LOG.name}.")
