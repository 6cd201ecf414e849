"""A plugin of pytest, for tests that are run to see whether they notice a fault.

Property tests try the same examples every time, and no time limit makes one of them fail. A digest
of the code, which would notice any change whatever, is that of the code without the fault.

With `SEEN` in the environment, what each test runs is written to that file.
"""

import json
import os
import sys
import time
from pathlib import Path

import pytest
from hypothesis import settings

SEEN, ORIGINAL = "MUTANTS_SEEN", "MUTANTS_ORIGINAL"
started = time.perf_counter()


def pytest_configure(config):
    settings.register_profile("mutants", derandomize=True, database=None, deadline=None)
    settings.load_profile("mutants")
    if os.environ.get(SEEN):
        config.pluginmanager.register(Seen(Path(os.environ[SEEN])))
    if os.environ.get(ORIGINAL):
        original_digests(Path(os.environ[ORIGINAL]))


def original_digests(original):
    """Let `lib.book.digest` read the code of the tree `original`."""
    try:
        from lib.book import digest
    except Exception:  # a fault that breaks the import: the tests will notice
        return

    here, read = Path.cwd(), digest._parsed

    def parsed(path, *state):
        inside = path.is_relative_to(here)
        path = original / path.relative_to(here) if inside else path
        return read(path, *digest._state(path))

    digest._parsed = parsed


class Seen:
    """Records the lines of lib that each test runs, and the seconds it takes."""

    def __init__(self, path):
        import coverage

        self.path, self.seconds, self.failed = path, {}, set()
        self.coverage = coverage.Coverage(
            data_file=None, include=["lib/*"], config_file=False, messages=False
        )
        self.coverage.start()

    def pytest_collection_finish(self):
        self.started = time.perf_counter() - started

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        self.coverage.switch_context(item.nodeid)
        before = time.perf_counter()
        result = yield
        self.seconds[item.nodeid] = time.perf_counter() - before
        return result

    def pytest_runtest_logreport(self, report):
        if not report.passed:  # skipped ones can notice nothing either
            self.failed.add(report.nodeid)

    def pytest_sessionfinish(self):
        self.coverage.stop()
        data = self.coverage.get_data()
        names = list(self.seconds)
        number = {name: k for k, name in enumerate(names)}
        lines = {}
        for file in data.measured_files():
            contexts = {
                line: sorted(number[name] for name in found if name)
                for line, found in data.contexts_by_lineno(file).items()
            }
            lines[Path(file).relative_to(Path.cwd()).as_posix()] = contexts
        seen = {
            "start": self.started,
            "tensorflow": "tensorflow" in sys.modules,
            "tests": [[name, self.seconds[name], name not in self.failed] for name in names],
            "lines": lines,
        }
        self.path.write_text(json.dumps(seen), "utf-8")
