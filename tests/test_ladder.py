"""The ladders under exercises: what is right is accepted, and what is wrong gets its sentence."""

import contextlib
import io
import itertools
import re
import sys
import textwrap
import warnings
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from lib.book.exercises.feedback import NotYet
from lib.cells.activations import sigmoid
from tests.books import Book, cell
from tests.test_exercises import CHECKS, EXERCISES

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "_ext"))

import ladder  # noqa: E402
import ladder_lines  # noqa: E402

SAID = "Correct."


def names(check):
    return EXERCISES[check].names | {"np": np, "sigmoid": sigmoid, check: CHECKS[check]}


@cache
def told(check):
    """The ladder of an exercise."""
    exercise = EXERCISES[check]
    return ladder.rungs(exercise.solution, f"{check}({exercise.answer})", names(check))


def said(check, source):
    """What the checker says of a function."""
    known, printed = names(check), io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), warnings.catch_warnings(action="ignore"):
            exec(source, known)
            CHECKS[check](known[EXERCISES[check].answer])
    except NotYet as problem:
        return str(problem)
    return printed.getvalue().strip()


def together(ladder_of, order):
    """The function with its lines in an order."""
    step, lines = "    ", ladder_of["lines"]
    rows = [textwrap.indent(lines[n][0], step * (lines[n][1] + 1)) for n in order]
    return "\n".join([ladder_of["head"], *rows])


def orders(lines, parent=-1, most=200):
    """The orders of the lines within a line that the ladder accepts, with what stands in each."""
    mine = [n for n, line in enumerate(lines) if line[2] == parent]
    if len(mine) > 7:  # too many to go through: entries of a dict, of which any order will do
        mixed = list(np.random.default_rng(len(mine)).permutation(mine))
        found = [mine, [int(n) for n in mixed]]
    else:
        found = [
            order
            for order in itertools.permutations(mine)
            if all(order.index(int(n)) < order.index(m) for m in order for n in lines[m][3])
        ]
    inside = {n: list(orders(lines, n)) for n in mine}
    every = (
        [line for n, inner in zip(order, choice, strict=True) for line in (n, *inner)]
        for order in found
        for choice in itertools.product(*(inside[n] for n in order))
    )
    return itertools.islice(every, most)


@pytest.mark.parametrize("check", EXERCISES)
def test_every_order_that_is_accepted_works(check):
    ladder_of = told(check)
    for order in orders(ladder_of["lines"]):
        assert said(check, together(ladder_of, order)) == SAID, order


@pytest.mark.parametrize("check", EXERCISES)
def test_an_order_that_is_refused_does_not_work(check):
    """Two lines that stand one after the other are exchanged wherever the ladder minds."""
    ladder_of = told(check)
    lines = ladder_of["lines"]
    for order in itertools.islice(orders(lines), 20):
        for at in range(len(order) - 1):
            first, second = order[at : at + 2]
            if first in lines[second][3] and lines[first][2] == lines[second][2]:
                swapped = [*order[:at], second, first, *order[at + 2 :]]
                source = together(ladder_of, swapped)
                with contextlib.suppress(SyntaxError):
                    assert said(check, source) != SAID, source


@pytest.mark.parametrize("check", EXERCISES)
def test_a_wrong_line_gets_the_sentence_of_the_checker(check):
    ladder_of, (_, lines) = told(check), ladder_lines.lines_of(EXERCISES[check].solution)
    assert ladder_of["wrong"]
    for text, indent, why in ladder_of["wrong"]:
        heard = set()
        for n, line in enumerate(lines):
            if line.indent == indent:
                wrong = [it[:] for it in ladder_of["lines"]]
                wrong[n][0] = text
                with contextlib.suppress(SyntaxError):
                    heard.add(
                        said(check, together({**ladder_of, "lines": wrong}, range(len(lines))))
                    )
        assert why in heard


@pytest.mark.parametrize("check", EXERCISES)
def test_a_wrong_piece_in_a_gap_gets_the_sentence_of_the_checker(check):
    parts = told(check)["gaps"]
    gaps = [n for n, part in enumerate(parts) if isinstance(part, list)]
    assert gaps
    right = [next(text for text, why in it if not why) if n in gaps else it
             for n, it in enumerate(parts)]  # fmt: skip
    assert said(check, "".join(right)) == SAID
    for n in gaps:
        for text, why in parts[n]:
            if why:
                assert said(check, "".join([*right[:n], text, *right[n + 1 :]])) == why


def test_no_place_in_the_pile_is_a_clue():
    """Right lines and wrong ones lie mixed, and so do the choices of a gap."""
    first = [told(check) for check in EXERCISES]
    wrong = [it["pile"][0] >= len(it["lines"]) for it in first]
    assert 0 < sum(wrong) < len(wrong)
    choices = [part for it in first for part in it["gaps"] if isinstance(part, list)]
    places = [[not why for _, why in it].index(True) for it in choices]
    assert len(set(places)) >= 3


CODE = '''def running(x, w):
    """The sums so far."""
    total, sums = 0, []
    for x_t in x:
        total += w * x_t
        sums.append(total)
    scale = w + 1

    return sums, scale
'''


def test_lines_know_what_must_come_before_them():
    head, lines = ladder_lines.lines_of(CODE)
    assert head == "def running(x, w):"
    assert [(it.text, it.indent, it.parent) for it in lines] == [
        ("total, sums = 0, []", 0, -1),
        ("for x_t in x:", 0, -1),
        ("total += w * x_t", 1, 1),
        ("sums.append(total)", 1, 1),
        ("scale = w + 1", 0, -1),
        ("return sums, scale", 0, -1),
    ]
    assert [sorted(it.after) for it in lines] == [[], [0], [], [2], [], [0, 1, 4]]
    assert lines[3].after[2] == "`sums.append(total)` needs total, which `total += w * x_t` sets."


def test_a_value_that_is_still_needed_must_not_change():
    _, lines = ladder_lines.lines_of("def f(y):\n    z = y + 1\n    y = 2\n    return z * y\n")
    assert lines[1].after[0] == "`y = 2` changes y, which `z = y + 1` needs as it was."


def test_entries_of_a_dict_are_lines_in_any_order():
    code = 'def f():\n    return {\n        "a": 1,\n        "b": 2,\n    }\n'
    _, lines = ladder_lines.lines_of(code)
    assert [(it.text, it.parent) for it in lines] == [
        ("return {", -1), ('"a": 1,', 0), ('"b": 2,', 0), ("}", -1)]  # fmt: skip
    assert [sorted(it.after) for it in lines] == [[], [], [], [0]]


def test_branches_end_the_build():
    code = "def f(x):\n    if x:\n        y = 1\n    else:\n        y = 2\n    return y\n"
    with pytest.raises(ValueError, match="expected lines without branches, got '    if x:'"):
        ladder_lines.lines_of(code)


# Editions

STARTER = """def twice(x):
    raise NotImplementedError("write twice")"""
CHAPTER = f"""
```{{exercise-start}} A sum
:label: ex-sum
```
Add them up.

{cell("from lib.book.exercises.sums import check_twice")}
{cell(STARTER)}
```{{exercise-end}}
```

```{{solution-start}} ex-sum
:class: dropdown
```
The secret of it is easily seen.

{
    cell('''def twice(x):
    hidden_from_students = x.sum()
    return 2 * hidden_from_students


check_twice(twice)''')
}

```{{solution-end}}
```

{cell("later = 1")}
{cell("print(twice, later)")}
"""
SUMS = """
import numpy as np

from lib.book.exercises.feedback import checker, compare


def right(x):
    return 2 * x.sum()


@checker
def check_twice(answer):
    compare(answer, right, {"three": (np.array([0.1, 2.0, 3.0]),)}, {"Once.": "2 * -> "})
"""
SECRETS = re.compile(r"hidden_from_students|The secret of it|data-ladder")


@pytest.mark.slow
def test_the_edition_for_students_holds_no_solution(tmp_path):
    files = {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
        for path in (ROOT / "lib").rglob("*.py")
    } | {"lib/book/exercises/sums.py": SUMS}
    book = Book(tmp_path, {"first": "", "exercise": CHAPTER}, files)

    def found():
        texts = (it for it in (tmp_path / "_build/html").rglob("*") if it.is_file())
        return {it.name for it in texts if SECRETS.search(it.read_text("utf-8", "ignore"))}

    assert book.ran() == ["exercise"]
    assert "exercise.html" in found()
    assert book.ran(STUDENT="1") == []
    assert found() == set()
    page = book.page("exercise")
    assert "write twice" in page
    assert "&lt;function twice" in page


# A reader's way


def test_the_script_stays_small():
    assert (ROOT / "_html/ladder/ladder.js").stat().st_size <= 12_000
