"""Which tests and which chapters run a line of lib, and how long they take.

Each file of tests and each chapter is run once with Coverage; what came out is kept in a folder and
found again by the digest of all that it was made from.
"""

import json
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from lib.book import digest
from tools.mutants.in_chapter import cells

QUICK = 20.0  # seconds; a longer test is tried last, like those that need TensorFlow


class Test(NamedTuple):
    name: str
    file: str
    seconds: float
    late: bool


def test_files(root, modules):
    """The files of tests that import one of these modules, directly or through others."""
    wanted = {root / module for module in modules}
    files = sorted((root / "tests").glob("test_*.py"))
    found = [file for file in files if wanted & set(digest.closure([file], root))]
    return [file.relative_to(root).as_posix() for file in found]


def chapters(root):
    """The chapters that import from lib, {file: digest of what their outputs come from}."""
    found = {}
    for file in sorted((root / "chapters").glob("*.md")):
        code = "\n".join(cell.source for cell in cells(file))
        modules = digest.imported(code, root)
        if modules:
            key = digest.digest_of(modules, also=[code], root=root)
            found[file.relative_to(root).as_posix()] = key
    return found


class Seen:
    """What was seen in a tree, kept in `folder`."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.by_test = defaultdict(list)  # (module, line): [Test]
        self.tests_of = defaultdict(dict)  # module: {name: Test}
        self.by_chapter = {}  # chapter: (seconds, {module: {lines}})
        self.start = {}  # file of tests: seconds before its first test

    def watch_tests(self, tree, file, say=print):
        """Learn what a file of tests runs; does nothing more where that is known already."""
        key = digest.digest_of([Path(file)], root=tree.original)
        output = self.folder / f"{Path(file).stem}-{key}.json"
        if not output.exists():
            wrong = tree.seen_by_tests(file, output)
            if wrong:
                say(f"{file} fails without any fault; what fails is left out:\n{wrong}")
        if output.exists():
            self._add_tests(file, json.loads(output.read_text("utf-8")))

    def _add_tests(self, file, seen):
        tests = [
            Test(name, file, seconds, seen["tensorflow"] or seconds > QUICK)
            for name, seconds, passes in seen["tests"]
        ]
        good = {k for k, (_, _, passes) in enumerate(seen["tests"]) if passes}
        self.start[file] = seen["start"]
        for module, lines in seen["lines"].items():
            for line, ran in lines.items():
                found = [tests[k] for k in ran if k in good]
                self.by_test[module, int(line)] += found
                self.tests_of[module].update({test.name: test for test in found})

    def watch_chapter(self, tree, chapter, key, say=print):
        output = self.folder / f"chapter-{Path(chapter).stem}-{key}.json"
        if not output.exists():
            wrong = tree.seen_by_chapter(chapter, output)
            if wrong:
                say(f"{chapter} fails without any fault and is left out: {wrong}")
        seen = json.loads(output.read_text("utf-8")) if output.exists() else {"fails": True}
        if not seen["fails"]:
            lines = {module: set(ran) for module, ran in seen["lines"].items()}
            self.by_chapter[chapter] = (seen["seconds"], lines)

    def tests(self, module, lines, function):
        """The tests that run one of these lines; for what runs at import, all of the module's."""
        found = {test.name: test for line in lines for test in self.by_test[module, line]}
        if function is None or not found:
            found = self.tests_of[module]
        return sorted(found.values(), key=lambda test: (test.late, test.seconds))

    def chapters(self, module, lines, function):
        """(chapter, seconds) of those that run one of these lines, the cheapest first."""
        found = []
        for chapter, (seconds, ran) in self.by_chapter.items():
            here = ran.get(module, set())
            if here & set(lines) or (function is None and here):
                found.append((chapter, seconds))
        return sorted(found, key=lambda pair: pair[1])
