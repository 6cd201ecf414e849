"""`make reproduce` finds a cell whose outputs differ between two builds, unless it is marked."""

import subprocess
import sys

import pytest

from tests.books import ROOT, Book, cell
from tools.reproduce import differences

PRINTS = cell("print('the same')")
FIGURE = """\
```{code-cell} ipython3
---
mystnb:
  image:
    alt: A line.
---
import matplotlib.pyplot as plt

plt.plot([1, 2]);
```

"""
TIME = "import time\n\nprint(time.time_ns())"
MARKED = f"```{{code-cell}} ipython3\n:tags: [shows-time]\n\n{TIME}\n```\n\n"


def reproduce(book):
    command = [sys.executable, "-m", "tools.reproduce"]
    environment = book.environment(PYTHONPATH=f"{book.folder}:{ROOT}")
    run = subprocess.run(
        command,
        cwd=book.folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    return run.returncode, run.stdout.splitlines()


@pytest.mark.slow
def test_two_builds_of_tiny_books(tmp_path):
    book = Book(tmp_path / "book", {"one": PRINTS + FIGURE, "two": MARKED})
    code, lines = reproduce(book)
    assert (code, lines[-1]) == (
        0,
        "3 cells of 2 chapters, 1 marked shows-time: 0 differ.",
    ), lines
    runs = [line.partition(":")[0] for line in lines if ": done, " in line]
    assert runs[:2] == ["chapters/one", "chapters/two"], "one after the other"
    assert sorted(runs[2:]) == runs[:2]

    book.change("chapters/two.md", ":tags: [shows-time]\n\n", "")
    code, lines = reproduce(book)
    assert (code, lines[-1]) == (1, "3 cells of 2 chapters, 0 marked shows-time: 1 differ.")
    assert lines[-2].startswith("chapters-two, cell 1: ")


def made(*outputs, tags=()):
    return {"metadata": {"tags": list(tags)}, "outputs": list(outputs)}


def test_every_kind_of_difference_is_found():
    text = {"output_type": "stream", "name": "stdout", "text": ["a\n", "b\n"]}
    other = {**text, "text": ["a\n", "c\n"]}
    figure = {"output_type": "display_data", "data": {"image/svg+xml": ["<svg>", "</svg>"]}}
    moved = {"output_type": "display_data", "data": {"image/svg+xml": ["<svg>", "</svg> "]}}
    pairs = [(text, other), (figure, moved), (text, figure)]
    for one, two in pairs:
        assert len(differences({"x": [made(one)]}, {"x": [made(two)]})) == 1
        assert differences({"x": [made(one)]}, {"x": [made(one)]}) == []
        marked = made(one, tags=["shows-time"]), made(two, tags=["shows-time"])
        assert differences({"x": [marked[0]]}, {"x": [marked[1]]}) == []
    assert "b\\n" in differences({"x": [made(text)]}, {"x": [made(other)]})[0]
    assert differences({"x": [made(text)]}, {"x": [made(text, text)]})
    assert differences({"x": [made()]}, {"x": []}) == ["x, cell 1: only one build has it"]
