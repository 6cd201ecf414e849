"""Measure what the book claims on seeds that nobody has seen: python -m tools.fresh_seeds.

Every chapter that claims something, or each of those named, runs once for each offset, 10000, 11000
and so on, with its seeds beginning there: behind those that rates are chosen on, from 1000. No
claim ends its run; those that fall are told with their numbers, and so are the cells that raise
anything, for no other assert may depend on `lib.book.claims.seeds`. The command ends with 1 if
there was either.

The runs go side by side, as many as there are processors or as JOBS says. Each is kept in
_build/fresh-seeds, so that a command that was killed goes on where it stopped; after a change of
the chapter or of a module that it imports the chapter runs again.
"""

import argparse
import json
import os
import re
import sys
import tempfile
from pathlib import Path

import jupytext

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "_ext"))
import execution

from lib.book import claims, digest

KEPT = Path("_build/fresh-seeds")
BEGIN = 10_000
EVERY = 1000  # seeds from one offset to the next: more than any experiment takes
LONGEST = 1800  # seconds a cell; the build asks for less, but these runs share the machine


def source(notebook):
    cells = (cell.source for cell in notebook.cells if cell.cell_type == "code")
    return re.sub(r"^\s*[%!].*", "", "\n".join(cells), flags=re.M)


def claiming(folder, names=()):
    """Return {chapter: its notebook} of all that claim something, or of those named."""
    found = {}
    for path in sorted(Path(folder).glob("*.md")):
        if not names or path.stem in names:
            notebook = jupytext.read(path, fmt="md:myst")
            if re.search(r"^ *claim\(", source(notebook), flags=re.M):
                found[path.stem] = notebook
    return found


def key(notebook, root):
    """Return a digest of a chapter's cells and of the modules that they import."""
    code = source(notebook)
    modules = digest.closure(digest.imported(code, root), root)
    return digest.digest_of(modules, also=[code], root=root)


def told(notebook):
    """Return what a notebook says after it ran: its claims, and the errors of its cells."""
    measured, errors = [], []
    for number, cell in enumerate((c for c in notebook.cells if c.cell_type == "code"), 1):
        for output in cell.outputs:
            if output.output_type == "error":
                errors.append(f"cell {number}: {output.ename}: {output.evalue}".rstrip(": "))
            elif claims.MIME in output.get("data", {}):
                measured.append({**output.data[claims.MIME], "cell": number})
    return {"claims": measured, "errors": errors}


def measure(root, names, offsets, jobs):
    """Run what has not run yet; return ({(chapter, first seed): what it told}, what failed)."""
    found, missing = {}, []
    (root / KEPT).mkdir(parents=True, exist_ok=True)
    for first in (BEGIN + EVERY * k for k in range(offsets)):
        for chapter, notebook in claiming(root / "chapters", names).items():
            file = root / KEPT / f"{chapter}-{first}-{key(notebook, root)}.json"
            if file.is_file():
                found[chapter, first] = json.loads(file.read_text("utf-8"))
            else:
                missing.append((chapter, first, notebook, file))
    print(f"{len(found)} runs are there, {len(missing)} to do", flush=True)
    with tempfile.TemporaryDirectory() as place:
        os.environ["IPYTHONDIR"] = place
        runs = {}
        for chapter, first, notebook, file in missing:
            name = f"{chapter}, seeds from {first}"
            path, record = root / f"chapters/{chapter}.md", Path(place, f"{chapter}-{first}.txt")
            run = execution.Run(name, path, notebook, root, record, LONGEST)
            run.environment = {claims.FIRST_SEED: str(first), claims.REPORT: "1"}
            run.client.allow_errors = True
            runs[run] = chapter, first, file

        def finish(run):
            if not run.failure:
                chapter, first, file = runs[run]
                found[chapter, first] = told(run.notebook)
                unfinished = file.with_suffix(".part")
                unfinished.write_text(json.dumps(found[chapter, first], indent=1), "utf-8")
                unfinished.rename(file)

        failures = execution.run_all(list(runs), jobs, finish)
    return found, failures


def counted(things, name):
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"


def report(found, failures):
    """Print what fell and what raised; return how many."""
    fell = raised = total = near = 0
    for (chapter, first), run in sorted(found.items()):
        fallen = [claim for claim in run["claims"] if not claim["kept"]]
        total, fell = total + len(run["claims"]), fell + len(fallen)
        near += sum(claim["kept"] and not claim["holds"] for claim in run["claims"])
        raised += len(run["errors"])
        counts = f"{counted(run['claims'], 'claim')}, {len(fallen)} fell"
        print(f"{chapter}, seeds from {first}: {counts}, {counted(run['errors'], 'cell')} raised")
        for claim in fallen:
            print(f"  FELL, cell {claim['cell']}: {claim['sentence']}: {claim['measured']}")
        for error in run["errors"]:
            print(f"  RAISED, {error}")
    print(*failures, sep="\n\n")
    runs = len(found) + len(failures)
    print(
        f"{total} claims measured in {runs} runs: {fell} fell ({near} are nearer to their bound"
        f" than the book would take); {raised} cells raised, {len(failures)} runs did not end."
    )
    return fell + raised + len(failures)


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tools.fresh_seeds")
    parser.add_argument("chapters", nargs="*", help="names, like gru; all that claim something")
    parser.add_argument("--offsets", type=int, default=5, help="how many runs a chapter (5)")
    given = parser.parse_args(arguments)
    known = {path.stem for path in Path("chapters").glob("*.md")}
    if unknown := set(given.chapters) - known:
        parser.error(f"there is no chapter {', '.join(sorted(unknown))}")
    if given.offsets < 1:
        parser.error(f"offsets: expected 1 or more, got {given.offsets}")
    jobs = execution.jobs_wanted()
    found, failures = measure(Path.cwd(), given.chapters, given.offsets, jobs)
    sys.exit(bool(report(found, failures)))


if __name__ == "__main__":
    main()
