"""Time builds of the book: from nothing, against Jupyter Book's own way, and after one edit.

    python -m benchmarks.bench_build [--rounds 3] [--folder FOLDER]

Every round builds the sources as they were last committed, in copies below FOLDER:

- from nothing, chapters side by side; then again after nothing, a sentence, the last cell of the
  longest chapter and a module that three chapters use have changed;
- from nothing with `jupyter-book build` as it comes, which runs the chapters inside Sphinx, one
  after another. The sum of the seconds that it reports for its cells is the serial cell time.

The slides are left out everywhere. The table shows the median and all rounds.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from statistics import median

from tools import build
from tools.install import program

ROOT = Path(__file__).parents[1]
PROSE = "chapters/gru.md"
LONGEST = "chapters/memory-measured.md"
MODULE = "lib/pretrained/word_vectors.py"


def copy(folder: Path) -> Path:
    """Make `folder` a copy of the committed sources that uses this environment; return it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, stdout=-1, check=True)
    subprocess.run(["tar", "x", "-C", str(folder)], input=archive.stdout, check=True)
    return folder


def stock(folder: Path) -> Path:
    """As `copy`, with Jupyter Book's own execution in place of the book's."""
    config = copy(folder) / "_config.yml"
    lines = config.read_text("utf-8").splitlines(keepends=True)
    kept = "".join(line for line in lines if "execution_cache" not in line)
    config.write_text(kept.replace("execute_notebooks: cache", "execute_notebooks: force"), "utf-8")
    return folder


def timed(folder: Path) -> tuple[float, str]:
    """Build in `folder`: the seconds it took, and what was printed."""
    command = [program("jupyter-book"), *build.BOOK]
    kept = {key: value for key, value in os.environ.items() if key != "JOBS"}
    environment = {**kept, **build.QUIET, "PYTHONPATH": str(folder)}
    start = time.monotonic()
    done = subprocess.run(command, cwd=folder, env=environment, stdout=-1, stderr=-2, text=True)
    if done.returncode:
        said = folder.with_suffix(".log")
        said.write_text(done.stdout, "utf-8")
        sys.exit(f"{folder}: the build failed; {said} has what it said.")
    return time.monotonic() - start, done.stdout


def edit(path: Path, what: str, number: int) -> None:
    """Change one line of a source: a sentence, the last code cell, or what a module computes."""
    text = path.read_text("utf-8")
    if what == "prose":
        sentence = rf"\1\nOne more sentence, number {number}.\n"
        text = re.sub(r"(?m)^(# .+\n)", sentence, text, count=1)
    elif what == "cell":
        before, fence, after = text.rpartition("\n```{code-cell}")
        after = re.sub(r"\n```\n", rf"\nassert {number} == {number}\n```\n", after, count=1)
        text = before + fence + after
    else:
        text += f"\n_ROUND = {number}\n"
    path.write_text(text, "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3, help="of everything")
    parser.add_argument("--folder", type=Path, default=ROOT / "_build/bench", help="for copies")
    given = parser.parse_args()
    seconds: dict[str, list[float]] = defaultdict(list)
    ran: dict[str, str] = {}

    def note(name: str, took: float, printed: str) -> None:
        seconds[name].append(took)
        ran[name] = " ".join(re.findall(r"(?m)^\S*/(\S+): done", printed))
        print(f"{name}: {took:.1f} s, chapters run: {ran[name] or 'none'}", flush=True)

    for number in range(given.rounds):
        ours = copy(given.folder / "ours")
        note("from nothing", *timed(ours))
        note("nothing changed", *timed(ours))
        edit(ours / PROSE, "prose", number)
        note("prose of one chapter", *timed(ours))
        edit(ours / LONGEST, "cell", number)
        note("last cell of the longest chapter", *timed(ours))
        edit(ours / MODULE, "module", number)
        note("a module that three chapters use", *timed(ours))
        took, printed = timed(stock(given.folder / "stock"))
        note("from nothing, stock", took, printed)
        cells = re.findall(r"Executed notebook in ([\d.]+) seconds", printed)
        note("cells, one after another", sum(map(float, cells)), "")

    for name, rounds in seconds.items():
        print(f"{name:34}{median(rounds):8.1f}   {' '.join(f'{s:.1f}' for s in rounds)}")
    cold, cores = median(seconds["from nothing"]), os.cpu_count() or 1
    print(f"from nothing / stock {cold / median(seconds['from nothing, stock']):.2f}")
    serial = median(seconds["cells, one after another"]) / cores
    print(f"from nothing / (cells, one after another / {cores} cores) {cold / serial:.2f}")


if __name__ == "__main__":
    main()
