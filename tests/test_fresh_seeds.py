"""The run on fresh seeds, on a book of four chapters: what falls, what raises, what is kept."""

import os
import subprocess
import sys

import pytest

from tests.books import ROOT, Book, cell
from tests.test_claims_page import LIBRARY

HEAD = "from lib.book.claims import claim, seeds\n\n"
PAGES = {
    "plain": cell("print('claims nothing; must not run')\n1 / 0"),
    "steady": cell(HEAD + "import numpy as np")
    + cell(
        "claim('It is so', {k: 5 + np.random.default_rng(k).normal() for k in seeds(9)},\n"
        "      above=0)\nclaim('Seven', 7, below=8)"
    ),
    "lucky": cell(HEAD + "claim('It is so', {k: k < 20 for k in seeds(20)}, above=0.5)"),
    "leaning": cell(HEAD + "claim('It is so', {k: 1.0 for k in seeds(5)}, above=0)")
    + cell("assert list(seeds(1)) == [0], 'an assert that depends on the seeds'")
    + cell("claim('Still measured', 1.0, above=0)"),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    book = Book(tmp_path_factory.mktemp("fresh") / "book", PAGES, LIBRARY)

    def start(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", "tools.fresh_seeds", *arguments],
            cwd=book.folder,
            env=book.environment(PYTHONPATH=f"{book.folder}{os.pathsep}{ROOT}", JOBS="2"),
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout + done.stderr

    start.book = book
    return start


@pytest.fixture(scope="module")
def first(run):
    return run("--offsets", "2")


def test_what_falls_and_what_raises_is_told(first):
    code, printed = first
    assert code == 1
    assert printed.startswith("0 runs are there, 6 to do\n")
    for seeds in (10000, 11000):
        assert f"\nsteady, seeds from {seeds}: 2 claims, 0 fell, 0 cells raised\n" in printed
        assert (
            f"\nlucky, seeds from {seeds}: 1 claim, 1 fell, 0 cells raised\n"
            "  FELL, cell 1: It is so: 0 of 20 seeds, 95 % 0.00 to 0.16 (asked: above 0.5)\n"
        ) in printed
        assert (
            f"\nleaning, seeds from {seeds}: 2 claims, 0 fell, 1 cell raised\n"
            "  RAISED, cell 2: AssertionError: an assert that depends on the seeds\n"
        ) in printed
    assert "plain" not in printed
    last = printed.splitlines()[-1]
    assert last.startswith("10 claims measured in 6 runs: 2 fell")
    assert last.endswith("2 cells raised, 0 runs did not end.")


def test_what_was_run_is_kept(run, first):
    code, printed = run("--offsets", "2", "steady")
    assert (code, printed.splitlines()[0]) == (0, "2 runs are there, 0 to do")
    code, printed = run("--offsets", "3", "steady")
    assert printed.startswith("2 runs are there, 1 to do\n")
    assert "steady, seeds from 12000: done, 2 cells in" in printed


def test_a_chapter_that_changed_runs_again(run, first):
    run.book.change("chapters/steady.md", "below=8", "below=9")
    code, printed = run("--offsets", "1", "steady")
    assert (code, printed.splitlines()[0]) == (0, "0 runs are there, 1 to do")


def test_a_name_that_is_no_chapter_is_refused(run):
    code, printed = run("no-such")
    assert code == 2
    assert "there is no chapter no-such" in printed
    assert "offsets: expected 1 or more, got 0" in run("--offsets", "0")[1]
