"""Copies of the repository, in which one fault after the other is tried."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tools.mutants.in_tests import ORIGINAL, SEEN

LEFT_OUT = shutil.ignore_patterns(
    ".venv", "_build", ".git", "__pycache__", ".pytest_cache", ".ruff_cache", ".mypy_cache"
)
PLUGIN = "tools.mutants.in_tests"
PYTEST = ["-q", "-x", "-n0", "--tb=no", "-rfE", "--timeout=0"]
PYTEST += ["-p", "no:cacheprovider", "-p", PLUGIN]
# A fault may make an endless loop. Processor time is what counts, as the machine may be busy.
TIMES, AT_LEAST, PATIENCE = 10, 20, 6
# In a fork Hypothesis is there before pytest could look at its asserts.
REWRITTEN = "ignore:Module already imported:pytest.PytestAssertRewriteWarning"
FAILED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.M)
NO_TESTS, NOT_FOUND = 5, re.compile(r"^ERROR: (not found|file or directory not found)", re.M)


class Outcome(NamedTuple):
    """What noticed a fault, None if nothing did, and the seconds until then."""

    noticed_by: str | None
    seconds: float


class Tree:
    """A copy of the repository at `original`."""

    def __init__(self, original, path):
        self.original, self.path, self.warm = Path(original), Path(path), None
        shutil.copytree(original, path, ignore=LEFT_OUT, symlinks=True)
        environment = [original / ".venv", original / "_build/html"]
        (self.path / "_build").mkdir()
        for each in environment:
            if each.exists():
                (self.path / each.relative_to(original)).symlink_to(each.resolve())
        self.temporary = self.path / "_build/temporary"

    def environment(self, **more):
        """The variables for what runs here: this tree's code, one thread, a folder of its own for
        what is temporary."""
        shutil.rmtree(self.temporary, ignore_errors=True)
        self.temporary.mkdir()
        paths = [str(self.path), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
        paths = [path for path in paths if Path(path or ".").resolve() != self.original.resolve()]
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
            # A stale module would be the fault before; only `prepare` keeps what it compiles.
            "PYTHONDONTWRITEBYTECODE": "1",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "TMPDIR": str(self.temporary),
            ORIGINAL: str(self.original),
            **more,
        }

    @contextmanager
    def changed(self, module, text):
        """Put this text in the place of a module for the time of the block."""
        file = self.path / module
        kept, state = file.read_bytes(), file.stat()
        try:
            file.write_text(text, "utf-8")
            os.utime(file, (state.st_atime, state.st_mtime + 10))  # what was compiled is older
            yield
        finally:
            file.write_bytes(kept)
            os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))

    def seen_by_tests(self, file, output):
        """Run a file of tests and write what each of them runs; None, or what went wrong."""
        arguments = [sys.executable, "-m", "pytest", file, "-q", "-n0", "--tb=short"]
        arguments += ["-p", "no:cacheprovider", "-p", PLUGIN]
        environment = self.environment(**{SEEN: str(output)})
        del environment["PYTHONDONTWRITEBYTECODE"]  # compiled tests save time later
        run = subprocess.run(
            arguments, cwd=self.path, env=environment, capture_output=True, text=True
        )
        return None if run.returncode in (0, NO_TESTS) else run.stdout[-2000:] + run.stderr[-2000:]

    def seen_by_chapter(self, chapter, output):
        """Run the cells of a chapter and write what they run; None, or what went wrong."""
        code, printed = self._start(
            ["-m", "tools.mutants.in_chapter", chapter], 3600, **{SEEN: str(output)}
        )
        return None if code == 0 else printed[-2000:]

    def tests(self, names, seconds, fork=True):
        """Run these tests until one fails, and return its name, or None if all pass.

        seconds  what they take where nothing is wrong
        fork     whether to do so in a fork of a process that holds no TensorFlow
        """
        wanted = self.path / "_build/tests"
        wanted.write_text("\n".join(names), "utf-8")
        arguments, limit = [*PYTEST, f"@{wanted}"], int(max(AT_LEAST, TIMES * seconds))
        if fork:
            code, printed = self._fork([*arguments, "-W", REWRITTEN], limit)
        else:
            code, printed = self._start(["-m", "pytest", *arguments], limit)
        if code in (0, NO_TESTS):
            return None
        if code == 4 and NOT_FOUND.search(printed):  # the names depend on the fault
            files = list(dict.fromkeys(name.partition("::")[0] for name in names))
            return None if files == list(names) else self.tests(files, seconds, fork)
        if code < 0:
            return "time"
        if code == 3:
            raise RuntimeError(f"pytest broke in {self.path}:\n{printed[-3000:]}")
        found = FAILED.search(printed)
        return found[1] if found else "import"

    def chapter(self, chapter, seconds):
        """Run the cells of a chapter, and return what failed, or None."""
        limit = int(max(AT_LEAST, TIMES * seconds))
        code, printed = self._start(["-m", "tools.mutants.in_chapter", chapter], limit)
        if code == 0:
            return None
        return f"{chapter}: {(FAILED.search(printed) or [0, 'time' if code < 0 else '?'])[1]}"

    def _start(self, arguments, limit, **more):
        command = f'ulimit -t {limit}; exec "$@"'
        run = subprocess.Popen(
            ["bash", "-c", command, "bash", sys.executable, *arguments],
            cwd=self.path,
            env=self.environment(**more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
        )
        try:
            printed, _ = run.communicate(timeout=PATIENCE * limit)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            printed, _ = run.communicate()
        return run.returncode, printed

    def _fork(self, arguments, limit):
        if self.warm is None:
            self.warm = subprocess.Popen(
                [sys.executable, "-m", "tools.mutants.warm"],
                cwd=self.path,
                env=self.environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        output = self.path / "_build/printed"
        order = [arguments, str(output), limit, PATIENCE * limit]
        self.warm.stdin.write(json.dumps(order) + "\n")
        self.warm.stdin.flush()
        return int(self.warm.stdout.readline()), output.read_text("utf-8", "replace")

    def close(self):
        if self.warm is not None:
            self.warm.communicate()  # closes its input, which ends it
        shutil.rmtree(self.path, ignore_errors=True)


FIRST = 3.0  # seconds of tests that are tried before all others


def by_tests(tree, tests):
    """Try these tests, as `coverage.Seen.tests` gives them, with what is changed in a tree.

    First come some of the quickest, from the file that has most of them; then the others; then
    those that take long, or need TensorFlow, which takes long to start.
    """
    early = [test for test in tests if not test.late]
    counts = Counter(test.file for test in early)
    most, first, rest, spent = max(counts, key=counts.get, default=None), [], [], 0.0
    for test in early:
        if test.file == most and spent + test.seconds < FIRST:
            first.append(test)
            spent += test.seconds
        else:
            rest.append(test)
    late = [test for test in tests if test.late]
    for stage in (first, rest, late):
        if stage:
            names = [test.name for test in _file_by_file(stage)]
            seconds = sum(test.seconds for test in stage) + 2 * len({t.file for t in stage})
            found = tree.tests(names, seconds, fork=stage is not late)
            if found is not None:
                return found
    return None


def _file_by_file(tests):
    """The same tests, those of the quickest file first: fixtures of a module are made once."""
    files = {}
    for test in tests:
        files.setdefault(test.file, []).append(test)
    total = {file: sum(test.seconds for test in found) for file, found in files.items()}
    return [test for file in sorted(files, key=total.get) for test in files[file]]


def by_chapters(tree, chapters):
    """Run these chapters, [(chapter, seconds)], until one fails, and return what failed."""
    for chapter, seconds in chapters:
        found = tree.chapter(chapter, seconds)
        if found is not None:
            return found
    return None
