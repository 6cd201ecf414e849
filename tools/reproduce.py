"""Build the book twice from nothing and compare what the cells gave: python -m tools.reproduce.

The first build runs one chapter at a time, the second all processors' worth and in the opposite
order. Outputs must be the same cell by cell, figures byte for byte. A cell that shows how long
something took says so by the tag `shows-time`, and only then its outputs may differ.
"""

import json
import os
import shutil
import subprocess
import sys
from itertools import zip_longest
from pathlib import Path

MARK = "shows-time"
PLACE = Path("_build/reproduce")


def build(name, **settings):
    """Build into a place of its own; return {chapter: its code cells with their outputs}."""
    command = [shutil.which("jupyter-book", path=Path(sys.executable).parent), "build", "."]
    command += ["-W", "--keep-going", "-n", "--all", "--path-output", str(PLACE / name)]
    print(f"The {name} build, {settings}", flush=True)
    code = subprocess.call(command, env={**os.environ, **settings})
    if code:
        sys.exit(code)
    kept = (PLACE / name / "_build/.jupyter_cache").glob("*/*/executed/*/base.ipynb")
    return {path.parents[3].name: json.loads(path.read_text("utf-8"))["cells"] for path in kept}


def first_difference(one, other):
    """Return where two cells' outputs differ first, the first line that does; None if nowhere."""
    left, right = (json.dumps(cell["outputs"], indent=1, sort_keys=True) for cell in (one, other))
    for there, here in zip_longest(left.splitlines(), right.splitlines(), fillvalue=""):
        if there != here:
            return f"{there.strip()[:70]} against {here.strip()[:70]}"
    return None


def differences(first, second):
    """Return a line for every cell whose outputs differ without the mark that they may."""
    found = []
    for chapter in sorted(first.keys() | second.keys()):
        pairs = zip_longest(first.get(chapter, []), second.get(chapter, []))
        for number, (one, other) in enumerate(pairs, 1):
            if one is None or other is None:
                found.append(f"{chapter}, cell {number}: only one build has it")
            elif MARK not in one["metadata"].get("tags", []):
                where = first_difference(one, other)
                found += [f"{chapter}, cell {number}: {where}"] if where else []
    return found


def main():
    shutil.rmtree(PLACE, ignore_errors=True)
    first = build("first", JOBS="1")
    second = build("second", EXECUTION_ORDER="reversed")
    found = differences(first, second)
    cells = sum(map(len, first.values()))
    marked = sum(MARK in c["metadata"].get("tags", []) for each in first.values() for c in each)
    print(*found, sep="\n")
    print(f"{cells} cells of {len(first)} chapters, {marked} marked {MARK}: {len(found)} differ.")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
