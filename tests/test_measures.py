"""The page of what running the book takes, and the workflow that runs on a schedule."""

import json
import os
import re
from pathlib import Path

import pytest

from tests.books import Book, cell
from tools import measures

ROOT = Path(__file__).parents[1]
LISTS = ("requirements.in", "requirements-dev.in")
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def record(folder, chapter, name, seconds, peak, age):
    path = folder / f"chapters-{chapter}" / name / "record.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"seconds": seconds, "peak": peak, "reached": {}}))
    os.utime(path, (1e9 - age, 1e9 - age))


def test_the_page_has_the_newest_run_of_each_chapter_in_the_books_order(tmp_path):
    toc = {"root": "chapters/zero", "parts": [{"chapters": [{"file": "chapters/b"}]}]}
    toc["parts"].append({"chapters": [{"file": "chapters/a"}, {"file": "chapters/never-run"}]})
    assert measures.chapters(toc) == ["zero", "b", "a", "never-run"]
    record(tmp_path, "a", "1", 10.0, 2**30, age=0)
    record(tmp_path, "b", "1", 1.0, 2**20, age=9)
    record(tmp_path, "b", "2", 30.4, 2**29, age=5)
    record(tmp_path, "draft", "1", 99.0, 2**29, age=5)
    found = measures.records(measures.chapters(toc), tmp_path)
    text = measures.page(found, {"Python": "3.11.7"}, "two processors")
    rows = re.findall(r"^\| \[\]\(/chapters/(\S+)\) \| (\d+) \| (\d+) \|$", text, re.M)
    assert rows == [("b", "30", "512"), ("a", "10", "1024")]
    assert "on two processors; 40 seconds in all" in text
    assert "| Python | 3.11.7 |" in text


@pytest.mark.slow
def test_a_first_build_runs_first_what_took_longest(tmp_path):
    """Two chapters at a time end soonest so; what nobody has measured might take longest."""
    taken = {name: {"seconds": k, "peak": 0} for k, name in enumerate("abc")}
    pages = {name: cell(f"print('{name}')") for name in ("a", "b", "c", "new")}
    pages["measures"] = measures.page(taken, {"Python": "3.11.7"}, "two processors")
    code, printed = Book(tmp_path / "book", pages).build(JOBS="1")
    assert code == 0, printed
    assert re.findall(r"chapters/(\w+): done", printed) == ["new", "c", "b", "a"]


def test_workflows_name_actions_by_commit_and_targets_that_exist():
    targets = re.findall(r"^([a-z-]+): ## ", (ROOT / "Makefile").read_text(), re.M)
    assert len(WORKFLOWS) == 2
    for path in WORKFLOWS:
        text = path.read_text("utf-8")
        used = re.findall(r"uses: \S+@(\S+)", text)
        assert used
        assert all(re.fullmatch(r"[0-9a-f]{40}", commit) for commit in used)
        steps = re.findall(r"- run: (?:make|python -m tools) ([a-z-]+)", text)
        assert set(steps) <= set(targets)
        tests = re.findall(r"tests/\w+\.py", text)
        assert all((ROOT / name).is_file() for name in tests)


def test_pins_are_taken_off_as_the_workflow_does():
    """The expressions of its sed, on today's lists."""
    text = next(path for path in WORKFLOWS if path.stem == "scheduled").read_text("utf-8")
    expressions = re.search(r"sed -Ei '(.*?)' requirements\.in", text)[1].split("; ")
    for name in LISTS:
        lines = (ROOT / name).read_text().splitlines()
        for expression in expressions:
            _, old, new, _ = expression.split("/")
            lines = [re.sub(old, new, line) for line in lines]
        pinned = [line for line in lines if re.match(r"[a-z-]+\W*==", line)]
        assert pinned == []
        assert any(line.startswith("jupyter-book<2 ") for line in lines) == (name == LISTS[0])
