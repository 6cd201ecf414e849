"""The tool behind `make mutants`: which faults it makes, and who it says notices them."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tools.mutants import __main__ as door
from tools.mutants import coverage, faults, mutants, report, trials

ROOT = Path(__file__).parents[1]
CORE = mutants.modules(ROOT)


@pytest.fixture(scope="module")
def told():
    """The committed result."""
    path = ROOT / report.RESULT
    if not path.exists():
        pytest.skip(f"there is no {report.RESULT} yet; run `make mutants`")
    return json.loads(path.read_text("utf-8"))


SOURCE = '''"""A docstring, with 1 + 2 in it."""

import numpy as np

__all__ = ["a" + "b"]
Loss = tuple[int | None]


def step(x: int | None = 3, *, axis: int = 0) -> int | float:
    """Not this: 1 + 1."""
    if x < 0:
        raise ValueError(f"x: {x + 1}" + "!")
    y = x @ W.T + b * 2
    y += np.sum(x, axis=axis)
    check(x)
    return np.where(x, y, 4)
'''


def changes(text, module="lib/cells/fake.py"):
    """{operator: [(what stood there, what stands there now)]} of all mutants of a source."""
    found = {}
    for mutant in mutants.all_of(module, text):
        changed = mutant.source(text)
        if changed is not None:
            kind = mutant.operator.partition("/")[2]
            found.setdefault(kind, []).append(report.change(text, changed))
    return found


def test_what_is_no_fault_of_the_computation_is_left_alone():
    found = changes(SOURCE)
    lines = {was for pairs in found.values() for was, _ in pairs}
    assert lines == {
        "def step(x: int | None = 3, *, axis: int = 0) -> int | float:",
        "if x < 0:",
        "y = x @ W.T + b * 2",
        "y += np.sum(x, axis=axis)",
        "check(x)",
        "return np.where(x, y, 4)",
    }


def test_each_of_our_operators_makes_its_change():
    found = changes(SOURCE)
    assert found["DropTranspose"] == [("y = x @ W.T + b * 2", "y = x @ W + b * 2")]
    old = "y += np.sum(x, axis=axis)"
    assert found["ReplaceAugmented"] == [(old, "y -= np.sum(x, axis=axis)")]
    assert found["ReplaceFunction"] == [(old, "y += np.mean(x, axis=axis)")]
    assert found["DropKeyword"] == [(old, "y += np.sum(x)")]
    assert found["DropStatement"] == [(old, "pass"), ("check(x)", "pass")]
    (was, now), *others = found["ExchangeArguments"]
    assert (was, now.replace(" ", "")) == ("return np.where(x, y, 4)", "returnnp.where(y,x,4)")
    assert others == []  # a number is no argument to exchange


@pytest.mark.parametrize("name", sorted(mutants.operators.OWN))
def test_operators_do_what_their_examples_say(name):
    for example in mutants.operators.OWN[name].examples():
        operator = mutants.operators.OWN[name]()
        changed = mutants.mutate_code(example.pre_mutation_code, operator, example.occurrence)
        assert changed.replace(" ", "") == example.post_mutation_code.replace(" ", "")


def test_equations_are_told_from_checks_and_from_modules_without_any():
    every = mutants.all_of("lib/cells/fake.py", SOURCE)
    lines = {m.line for m in every if mutants.is_equation(m, SOURCE)}
    assert {SOURCE.splitlines()[line - 1].strip() for line in lines} == {
        "y = x @ W.T + b * 2",
        "y += np.sum(x, axis=axis)",
    }
    elsewhere = mutants.all_of("lib/conventions/fake.py", SOURCE)
    assert not any(mutants.is_equation(m, SOURCE) for m in elsewhere)


def test_every_module_has_its_share():
    sizes = {"small": 2, "middle": 50, "large": 448}
    assert mutants.shares(sizes, 100, least=4) == {"small": 2, "middle": 12, "large": 86}
    assert mutants.shares(sizes, 1000) == sizes
    sample = mutants.drawn({"lib/a.py": SOURCE, "lib/b.py": "x = 1 + 2\n"}, 12)
    assert len(sample) == 12
    assert {mutant.module for mutant in sample} == {"lib/a.py", "lib/b.py"}
    assert sample == mutants.drawn({"lib/a.py": SOURCE, "lib/b.py": "x = 1 + 2\n"}, 12)
    assert len({m.source(SOURCE) for m in sample if m.module == "lib/a.py"}) > 5


def test_a_statement_is_found_by_any_of_its_lines():
    text = "@cache\ndef f(\n    a,\n):\n    return g(\n        a,\n        1,\n    )\n"
    for line, lines in {1: [1, 2, 3, 4], 3: [1, 2, 3, 4], 7: [5, 6, 7, 8]}.items():
        assert list(mutants.statement(text, line)[0]) == lines
    assert mutants.statement(text, 7)[2] == "f"
    assert mutants.statement(text, 2)[2] is None


# A repository of one module, one chapter and two files of tests

MODULE = """def double(x):
    return x + x


def loop(n):
    while n > 0:
        n -= 1
    return n


def alone():
    return 7 + 1
"""
TESTS = """from lib.cells import fake


def test_other():
    assert fake.loop(3) == 0


def test_double():
    assert fake.double(3) == 6
"""
WEAK = """from lib.cells import fake


def test_weak():
    assert fake.double(2) == 4


def test_broken():
    assert fake.double(2) == 5
"""
CHAPTER = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
    format_version: 0.13
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

```{code-cell} ipython3
from lib.cells.fake import double
```

```{code-cell} ipython3
assert double(3) == 6
```
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    root = tmp_path_factory.mktemp("book")
    for name, text in {
        "lib/__init__.py": "",
        "lib/cells/__init__.py": "",
        "lib/cells/fake.py": MODULE,
        "lib/book/__init__.py": "",
        "lib/book/digest.py": (ROOT / "lib/book/digest.py").read_text("utf-8"),
        "tests/test_fake.py": TESTS,
        "tests/test_weak.py": WEAK,
        "chapters/one.md": CHAPTER,
        "pyproject.toml": "[tool.pytest.ini_options]\naddopts = ['--import-mode=importlib']\n",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    tools = root / "tools"
    tools.symlink_to(ROOT / "tools")
    return root


@pytest.fixture(scope="module")
def tree(book, tmp_path_factory):
    tree = trials.Tree(book, tmp_path_factory.mktemp("trees") / "0")
    yield tree
    tree.close()


@pytest.fixture(scope="module")
def seen(book, tree, tmp_path_factory):
    said, seen = [], coverage.Seen(tmp_path_factory.mktemp("seen"))
    for file in coverage.test_files(book, ["lib/cells/fake.py"]):
        seen.watch_tests(tree, file, said.append)
    for chapter, key in coverage.chapters(book).items():
        seen.watch_chapter(tree, chapter, key, said.append)
    assert [line.partition(" ")[0] for line in said] == ["tests/test_weak.py"]  # it fails as it is
    return seen


def names(tests):
    return [test.name.partition("::")[2] for test in tests]


def test_the_tests_of_a_line_are_those_that_run_it_and_pass(seen):
    module = "lib/cells/fake.py"
    assert set(names(seen.tests(module, [2], "double"))) == {"test_double", "test_weak"}
    assert names(seen.tests(module, [7], "loop")) == ["test_other"]
    everything = seen.tests(module, [1], None)  # what runs at import
    assert set(names(everything)) == {"test_other", "test_double", "test_weak"}
    assert [name for name, _ in seen.chapters(module, [2], "double")] == ["chapters/one.md"]
    assert seen.chapters(module, [7], "loop") == []


def put(tree, old, new, then):
    with tree.changed("lib/cells/fake.py", MODULE.replace(old, new)):
        return then()


def test_who_notices_is_named_and_the_tree_is_as_before(tree, seen):
    tests = seen.tests("lib/cells/fake.py", [2], "double")
    noticed = put(tree, "x + x", "x * x", lambda: trials.by_tests(tree, tests))
    assert noticed == "tests/test_fake.py::test_double"  # 2 * 2 = 2 + 2: the other is too weak
    assert trials.by_tests(tree, tests) is None
    weak = [test for test in tests if test.file == "tests/test_weak.py"]
    assert put(tree, "x + x", "x * x", lambda: trials.by_tests(tree, weak)) is None
    chapters = seen.chapters("lib/cells/fake.py", [2], "double")
    noticed = put(tree, "x + x", "x * x", lambda: trials.by_chapters(tree, chapters))
    assert noticed == "chapters/one.md: cell 2: AssertionError:"
    assert trials.by_chapters(tree, chapters) is None


def test_an_endless_loop_is_noticed(tree, seen, monkeypatch):
    monkeypatch.setattr(trials, "AT_LEAST", 2)
    monkeypatch.setattr(trials, "TIMES", 0)
    tests = seen.tests("lib/cells/fake.py", [7], "loop")
    assert put(tree, "n -= 1", "n += 1", lambda: trials.by_tests(tree, tests)) == "time"


def test_a_module_that_no_longer_imports_is_noticed(tree, seen):
    tests = seen.tests("lib/cells/fake.py", [7], "loop")
    noticed = put(tree, "def double", "1 / 0\n\n\ndef double", lambda: trials.by_tests(tree, tests))
    assert noticed == "tests/test_fake.py"


def test_a_run_goes_on_where_it_stopped(book, tree, tmp_path):
    text = (book / "lib/cells/fake.py").read_text("utf-8")
    sample = mutants.drawn({"lib/cells/fake.py": text}, 5)
    path, asked = tmp_path / "a" / "session.sqlite", []

    def notice(tree, fault):
        assert (tree.path / fault.module).read_text("utf-8") == fault.source(text)
        asked.append(fault.name)
        return None if len(asked) == 2 else "a test"

    session = door.Session(path)
    jobs = door.jobs_of("tests", sample, session)
    door.try_all(jobs[:3], [tree], notice, session, say=lambda *_, **__: None)
    again = door.Session(path)
    assert (
        {job for job, _ in door.jobs_of("tests", sample, again)}
        == {
            jobs[1][0],  # nothing noticed it
            *(job for job, _ in jobs[3:]),
        }
    )
    assert again.noticed_by(jobs[0][0]) == "a test"
    assert len(door.jobs_of("chapters", sample, again)) == 5


# The faults chosen by hand, and the committed result


@pytest.mark.parametrize("fault", faults.FAULTS, ids=lambda fault: fault.name)
def test_each_fault_finds_its_place(fault):
    text = (ROOT / fault.module).read_text("utf-8")
    assert text.count(fault.old) == 1
    compile(fault.source(text), fault.module, "exec")
    lines, _ = fault.place(text)
    assert fault.old.splitlines()[-1] in "\n".join(text.splitlines()[lines.start - 1 : lines.stop])


def test_there_are_enough_faults_and_none_twice():
    assert len(faults.FAULTS) >= 45
    assert len({fault.name for fault in faults.FAULTS}) == len(faults.FAULTS)


def test_every_fault_of_the_list_was_tried(told):
    assert not any("not tried" in (each["tests"], each["chapters"]) for each in told["faults"])
    assert {fault.name for fault in faults.FAULTS} == {
        f"{each['module']}: {each['what']}" for each in told["faults"]
    }


def test_the_result_is_that_of_this_code(told):
    stale = f"the numerical core has changed since {report.RESULT} was made; run `make mutants`"
    assert told["core"] == report.digest_of_code(ROOT, CORE), stale


def test_the_page_is_that_of_the_result(told):
    text = (ROOT / report.PAGE).read_text("utf-8")
    assert text == report.page(told), "run `python -m tools.mutants --page`"


def test_enough_mutants_are_killed_and_every_survivor_has_its_reason(told):
    sample = told["mutants"]
    assert len(sample) >= 300
    assert {each["module"] for each in sample} == {
        module for module in CORE if mutants.all_of(module, (ROOT / module).read_text("utf-8"))
    }
    killed = sum(each["noticed_by"] is not None for each in sample)
    assert killed >= 0.95 * len(sample)
    alive = [each for each in sample if not each["noticed_by"]]
    assert [each["name"] for each in alive if not report.reason(each)] == []


@pytest.mark.slow
def test_a_sample_of_the_killed_is_killed_again(told, tmp_path):
    """Twelve of them, drawn by the digest of the code, by the tests that killed them."""
    killed = [
        each
        for each in told["mutants"]
        if each["noticed_by"] not in (None, "time", "import")
        and not each["noticed_by"].startswith(LATE)
    ]
    sample = random.Random(told["core"]).sample(killed, 12)
    tree = trials.Tree(ROOT, tmp_path / "tree")
    found = {}
    for each in sample:
        module, text = each["module"], (ROOT / each["module"]).read_text("utf-8")
        (mutant,) = (m for m in mutants.all_of(module, text) if m.name == each["name"])
        changed = mutant.source(text)
        assert report.change(text, changed) == (each["was"], each["now"])
        with tree.changed(module, changed):
            found[each["name"]] = tree.tests([each["noticed_by"]], 2)
    tree.close()
    assert found == {each["name"]: each["noticed_by"] for each in sample}


# They need TensorFlow, whose start alone takes seconds.
LATE = ("tests/test_keras", "tests/test_gradient_tape", "tests/test_conver", "tests/test_exercises")


def test_the_intervals_are_wilsons():
    low, high = report.interval(95, 100)
    assert (round(low, 2), round(high, 2)) == (88.82, 97.85)


def test_the_command_says_what_it_may_be_told():
    command = [sys.executable, "-m", "tools.mutants", "--help"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "--number" in told.stdout
