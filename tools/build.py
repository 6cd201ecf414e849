"""Build the book and its slides where something has changed since they were built last.

After a build that went well `_build/.book` says what it was made from. While there is none, because
the last build failed or was killed, everything is read again: a rebuild that reads only what has
changed would be silent about the faults that are still in the rest.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from tools.__main__ import ROOT, fail
from tools.install import LOCKS, install, program, wanted

sys.path.insert(0, str(Path(ROOT, "_ext")))
from one_at_a_time import lock

BOOK = ["build", ".", "-W", "--keep-going", "-n"]
SLIDES = ["-W", "--keep-going", "-n", "-q", "-E", "-b", "revealjs", "-d", "_build/.doctrees-slides"]
FILES = ("_config.yml", "_toc.yml", "CITATION.cff")
FOLDERS = ("chapters", "lib", "_ext", "_html", "_static", "_templates")
# One thread a process: more are no faster at the book's sizes, and chapters run side by side.
QUIET = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
QUIET |= {"PYTHONUTF8": "1"}  # Windows would read and write in a code page of its own
OWN_DATA = "IMDB_REVIEWS"
LIVE = "LIVE_FROM"  # where the page's Python comes from: see _ext/live.py


def state(path):
    """Return what changes when a file is written."""
    stat = os.stat(path)
    return [stat.st_mtime_ns, stat.st_size]


def files(folder):
    """Return {path: its state} of all files in a folder but those that editors and Python leave."""
    found = {}
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith((".", "__pycache__"))]
        for name in names:
            if not name.startswith(".") and not name.endswith(("~", "#")):
                path = os.path.join(place, name)
                found[path.replace(os.sep, "/")] = state(path)
    return found


def sources():
    """Return what the book is made from; the names of the decks too, which the chapters link."""
    found = {name: state(name) for name in FILES if Path(name).is_file()}
    for folder in FOLDERS:
        found |= files(folder)
    found |= {f"slides {path.name}": [] for path in Path("slides").glob("*.md")}
    own = os.environ.get(OWN_DATA, "")
    if own:
        found |= {OWN_DATA: [own]} | (files(own) if Path(own).is_dir() else {})
        found |= {own: state(own)} if Path(own).exists() else {}
    found |= {LIVE: [os.environ.get(LIVE, "")]}
    return found | {"installed": [wanted(LOCKS[0])]}


class Result:
    """Something built: `_build/NAME` says what from."""

    def __init__(self, name):
        self.path = Path("_build", name)
        try:
            self.before = json.loads(self.path.read_text("utf-8"))
        except (OSError, ValueError):
            self.before = {}

    def changed(self, now):
        """Return the names of what is new, gone or different."""
        names = self.before.keys() | now.keys()
        return {name for name in names if self.before.get(name) != now.get(name)}

    def begin(self):
        self.path.unlink(missing_ok=True)

    def done(self, now):
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(json.dumps(now), "utf-8")


def call(command, **more):
    return subprocess.call(command, env={**os.environ, **QUIET, "PYTHONPATH": ROOT, **more})


@contextmanager
def alone():
    """Let another process that builds here end first."""
    with lock("_build/.making", "building here"):
        yield


def pages():
    """Build the site without the slides."""
    install("requirements")
    with alone():
        _pages()


def _pages():
    result, now = Result(".book"), sources()
    changed = result.changed(now)
    if not changed:
        return now
    known = result.before.keys() & now.keys()
    only_those = all(
        name.startswith("lib/") or (name in known and re.fullmatch(r"chapters/.*\.md", name))
        for name in changed
    )
    result.begin()
    if call([program("jupyter-book"), *BOOK, *([] if only_those else ["--all"])]):
        if shutil.disk_usage(ROOT).free < 2**20:
            fail("the disk is full; free some space and run the same command again.")
        fail("the book did not build: the messages above say where; mend it and make it again.")
    result.done(now)
    return now


def slides():
    """Build the slides, which take what they show from the book as it was built: no cell runs."""
    install("requirements")
    with alone():
        _slides()


def _slides():
    now = {"book": _pages(), **files("slides")}
    result = Result(".slides")
    if not result.changed(now):
        return
    result.begin()
    if Path("slides/conf.py").exists() and call(
        [program("python"), "-m", "sphinx", *SLIDES, "slides", "_build/html/slides"]
    ):
        fail("the slides did not build: the messages above say where; mend it and make them again.")
    result.done(now)


def jobs_are_a_number():
    jobs = os.environ.get("JOBS", "")
    if jobs and not (jobs.isdecimal() and int(jobs)):
        fail(f"JOBS is the number of chapters to run at once, 1 or more, not {jobs!r}.")
