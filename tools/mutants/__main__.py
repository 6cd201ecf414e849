"""Try faults, and say what notices them: python -m tools.mutants [--number 320] [--chapters 60] …

What is tried is kept in _build/mutants, under the digest of the mutated code; a further call goes
on from there and tries again only what nothing had noticed. When all is done, it writes
tools/mutants/result.json and the page of the book.
"""

import argparse
import json
import queue
import shutil
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

from cosmic_ray.work_db import WorkDB
from cosmic_ray.work_item import MutationSpec, TestOutcome, WorkerOutcome, WorkItem, WorkResult

from tools.mutants import coverage, faults, mutants, report, trials

ROOT = Path(__file__).parents[2]


class Session:
    """The results so far, in a database of Cosmic Ray."""

    def __init__(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self.db = WorkDB(str(path), WorkDB.Mode.create)
        self.known = {item.job_id for item in self.db.work_items}
        self.found = {
            job: (result.output or None, result.diff)
            for job, result in self.db.results
            if result.worker_outcome == WorkerOutcome.NORMAL
        }

    def add(self, job, fault):
        """Remember what is to be tried."""
        if job not in self.known:
            start, end = (fault.line, 0), (fault.line + 1, 0)
            spec = MutationSpec(fault.module, fault.operator, fault.occurrence, start, end)
            self.db.add_work_item(WorkItem.single(job, spec))
            self.known.add(job)

    def noticed_by(self, job):
        """Who noticed it: a name, or None; KeyError if it was not tried."""
        return self.found[job][0]

    def keep(self, job, noticed_by, seconds):
        outcome = TestOutcome.KILLED if noticed_by else TestOutcome.SURVIVED
        output = noticed_by or ""
        result = WorkResult(WorkerOutcome.NORMAL, output, outcome, f"{seconds:.1f}")
        self.db.set_result(job, result)
        self.found[job] = (noticed_by, result.diff)


def jobs_of(kind, wanted, session):
    """[(job, fault)] of what has to be tried: the new, and what nothing had noticed."""
    found = []
    for fault in wanted:
        job = f"{kind} {fault.name}"
        session.add(job, fault)
        if not session.found.get(job, (None,))[0]:
            found.append((job, fault))
    return found


def try_all(jobs, trees, notice, session, say=print):
    """Try each fault in the next tree that is free, and keep who noticed it.

    notice  called with a tree and a fault that stands in it
    """
    free = queue.Queue()
    for tree in trees:
        free.put(tree)

    def one(fault):
        tree, started = free.get(), time.perf_counter()
        try:
            text = (tree.original / fault.module).read_text("utf-8")
            with tree.changed(fault.module, fault.source(text)):
                return notice(tree, fault), time.perf_counter() - started
        finally:
            free.put(tree)

    with ThreadPoolExecutor(len(trees)) as pool:
        running = {pool.submit(one, fault): job for job, fault in jobs}
        for done, future in enumerate(as_completed(running), 1):
            noticed_by, seconds = future.result()
            session.keep(running[future], noticed_by, seconds)
            said = noticed_by or "NOTHING NOTICED IT"
            say(f"{done}/{len(jobs)} {running[future]}: {said} ({seconds:.0f} s)", flush=True)


def drawn(kept, texts, number, **how):
    """As `mutants.drawn`, from the file `kept` where they were drawn before."""
    if not kept.exists():
        sample = mutants.drawn(texts, number, **how)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps([asdict(mutant) for mutant in sample]), "utf-8")
    return [mutants.Mutant(**told) for told in json.loads(kept.read_text("utf-8"))]


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="make mutants MUTANTS=", description=__doc__)
    parser.add_argument("--number", type=int, default=320, help="mutants for the tests")
    parser.add_argument(
        "--chapters", type=int, default=60, help="mutants for the chapters; 0: none"
    )
    parser.add_argument(
        "--only", choices=["mutants", "chapters", "faults", "faults-chapters"], nargs="*"
    )
    parser.add_argument("--tests", nargs="*", help="files of tests; default: all that use the core")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument(
        "--write", action="store_true", help="try nothing, write what was tried before"
    )
    parser.add_argument("--page", action="store_true", help="only write the page once more")
    told = parser.parse_args(arguments)
    if told.page:
        return report.write_page(ROOT)
    kept = ROOT / "_build/mutants"
    core = mutants.modules(ROOT)
    texts = {module: (ROOT / module).read_text("utf-8") for module in core}
    name = report.digest_of_code(ROOT, core)
    session = Session(kept / f"{name}.sqlite")
    sample = drawn(kept / f"{name}-{told.number}.json", texts, told.number)
    file, only = kept / f"{name}-equations-{told.chapters}.json", mutants.is_equation
    equations = drawn(file, texts, told.chapters, chosen=only, least=1)
    if not told.write:
        run(told, session, coverage.Seen(kept / "seen"), core, sample, equations)
    report.write(ROOT, session, sample, equations, faults.FAULTS)
    return report.write_page(ROOT)


def run(told, session, seen, core, sample, equations):
    """Try what `told` asks for, in copies of the repository."""

    def place(fault):
        return fault.module, *fault.place((ROOT / fault.module).read_text("utf-8"))

    def tests(tree, fault):
        return trials.by_tests(tree, seen.tests(*place(fault)))

    def chapters(tree, fault):
        return trials.by_chapters(tree, seen.chapters(*place(fault)))

    kinds = {
        "mutants": ("tests", sample, tests),
        "faults": ("tests", faults.FAULTS, tests),
        "chapters": ("chapters", equations, chapters),
        "faults-chapters": ("chapters", faults.FAULTS, chapters),
    }
    parts = told.only or list(kinds)
    folder = Path(tempfile.mkdtemp(prefix="mutants-"))
    trees = [trials.Tree(ROOT, folder / str(k)) for k in range(told.jobs)]
    try:
        if {"mutants", "faults"} & set(parts):
            every = {*core, *(fault.module for fault in faults.FAULTS)}
            for file in told.tests or coverage.test_files(ROOT, every):
                seen.watch_tests(trees[0], file)
        if {"chapters", "faults-chapters"} & set(parts):
            for chapter, key in coverage.chapters(ROOT).items():
                seen.watch_chapter(trees[0], chapter, key)
        for part in parts:
            kind, wanted, notice = kinds[part]
            try_all(jobs_of(kind, wanted, session), trees, notice, session)
    finally:
        for tree in trees:
            tree.close()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
