"""Run notebooks side by side, with a line for each that says how far it is.

nbclient runs the cells; here is only who runs when, what is shown meanwhile, and what is said of
one that fails. A failure ends its own notebook and lets the others finish.
"""

import errno
import json
import os
import re
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

RECORDER = Path(__file__).with_name("recorder.py")
KINDS = ("module", "file", "package", "relative", "cell")  # of lines that `recorder` writes
EVERY = 20  # seconds between two lines about a notebook where the output is no terminal
LONGEST = 30  # lines of a cell or a traceback that are shown


class Run:
    """A notebook on its way: `notebook` gets its outputs, `record` what its kernel has reached."""

    def __init__(self, name, path, notebook, book, record, timeout):
        self.name, self.path, self.notebook, self.record = name, path, notebook, record
        self.cells = sum(cell.cell_type == "code" for cell in notebook.cells)
        self.timeout, self.said = timeout, record.with_suffix(".log")
        self.cell, self.number, self.begun, self.seconds, self.failure = None, 0, None, 0.0, None
        self.taken = {}  # {place of a cell among all cells: seconds}
        self.environment = {}  # variables that only this kernel gets
        run = f"__import__('runpy').run_path({str(RECORDER)!r})['start']"
        self.client = NotebookClient(
            notebook,
            timeout=timeout,
            startup_timeout=timeout,  # a busy machine can take more than nbclient's minute
            coalesce_streams=True,  # a flush between two words is no new line
            record_timing=False,  # times in the notebook would keep the cache from knowing it again
            resources={"metadata": {"path": str(path.parent)}},
            extra_arguments=[f"--IPKernelApp.exec_lines={run}({str(record)!r}, {str(book)!r})"],
            on_cell_start=self._start,
            on_cell_executed=self._end,
        )

    def _start(self, cell, cell_index):
        if cell.cell_type == "code" and cell.source.strip():
            self.cell, self.number = cell, self.number + 1
            self.cell_begun = time.time()

    def _end(self, cell, cell_index, execute_reply):
        self.taken[cell_index] = round(time.time() - self.cell_begun, 2)

    def __call__(self):
        self.begun = time.time()
        try:
            # what the kernel itself says, rather than its cells, is of interest only if it dies
            with self.said.open("wb") as said:
                self.client.execute(stderr=said, env={**os.environ, **self.environment})
        except Exception as error:
            self.failure = self._explained(error)
        self.seconds = time.time() - self.begun

    def kill(self):
        pid = getattr(getattr(self.client.km, "provisioner", None), "pid", None)
        if pid:
            os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))

    def reached(self):
        """Return what the kernel has written down, {kind: [what]}; None if it could not do so."""
        found = {kind: [] for kind in KINDS}
        lines = self.record.read_text("utf-8", "surrogateescape") if self.record.exists() else ""
        for line in lines.splitlines():
            kind, _, what = line.partition(" ")
            found[kind].append(what)
        return found if len(found["cell"]) > self.number else None  # one is of the recorder itself

    def _explained(self, error):
        """Say in which cell what went wrong, and what to do where the error does not say it."""
        if isinstance(error, CellExecutionError):
            text = error.traceback.rpartition("-" * 75 + "\n")[2]  # before it comes the cell again
        elif isinstance(error, CellTimeoutError | TimeoutError):
            text = (
                f"The cell ran for more than {self.timeout} seconds and was stopped. Make it"
                " faster, or raise execute: timeout: in _config.yml."
            )
        elif isinstance(error, DeadKernelError):
            text = (
                "The kernel died. The system ends a kernel so when memory runs out; then run"
                " fewer chapters at once (make book JOBS=1).\n"
            )
            text += "\n".join(self.said.read_text("utf-8", "replace").splitlines()[-LONGEST:])
        elif is_full(error):
            text = "The disk is full. Free some space and run the same command again."
        else:
            text = f"{type(error).__name__}: {error}"
        text = re.sub(r"\x1b\[[0-9;]*m", "", text).strip()
        where = f"{self.path}, cell {self.number} of {self.cells}"
        if self.cell is None:
            return f"{self.path}: no cell was run\n{text}"
        return f"{where}:\n{shortened(self.cell.source)}\n\n{shortened(text)}"

    def line(self):
        if not self.begun:
            return f"{self.name}: waits"
        return f"{self.name}: cell {self.number} of {self.cells}, {time.time() - self.begun:.0f} s"


def is_full(error):
    """Tell whether an error comes from a full disk."""
    full = {errno.ENOSPC, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC}
    return getattr(error, "errno", None) in full or "disk is full" in str(error)


def shortened(text):
    lines = text.splitlines()
    half = LONGEST // 2
    if len(lines) > LONGEST:
        lines = [*lines[:half], "    [...]", *lines[-half:]]
    return "\n".join(f"    {line}".rstrip() for line in lines)


def run_all(runs, jobs, finish):
    """Run notebooks, at most `jobs` at a time and in this order; return what failed.

    finish  called with each run as soon as it ends; what it raises counts as a failure of that run
    """

    def whole(run):
        run()
        try:
            finish(run)
        except Exception as error:
            run.failure = run.failure or run._explained(error)

    with ThreadPoolExecutor(jobs) as pool:
        futures = {pool.submit(whole, run): run for run in runs}
        try:
            show(futures)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for run in runs:
                run.kill()
            raise
    return [run.failure for run in runs if run.failure]


def show(futures):
    """Keep a line about each notebook that runs, until all have ended."""
    waiting, live, told, shown = set(futures), sys.stdout.isatty(), time.time(), 0
    while waiting:
        ended, waiting = wait(waiting, timeout=0.5 if live else 1, return_when="FIRST_COMPLETED")
        lines = []
        for run in (futures[future] for future in ended):
            how = "FAILED" if run.failure else "done"
            lines.append(f"{run.name}: {how}, {run.number} cells in {run.seconds:.1f} s")
        running = [futures[future].line() for future in waiting if futures[future].begun]
        if live:
            # up to where the lines of the running ones began, and rid of all below
            print(f"\x1b[{shown}F\x1b[J" if shown else "", end="")
            print(*lines, *sorted(running), sep="\n", flush=True)
            shown = len(running)
        elif lines or time.time() - told > EVERY:
            print(*lines, *([] if lines else sorted(running)), sep="\n", flush=True)
            told = time.time()


def jobs_wanted():
    """Return how many notebooks to run at a time: JOBS, or as many as there are processors."""
    told = os.environ.get("JOBS", "")
    if told and not (told.isdecimal() and int(told) > 0):
        sys.exit(f"make: JOBS is a number of chapters to run at once, 1 or more, not {told!r}.")
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return int(told or there or 1)


def last_seconds(folder, measured):
    """Return how long the newest run kept in a folder took, or else the run that was measured.

    measured  {name of a folder: seconds}; what is not in it either takes forever, and so goes first
    """
    records = sorted(folder.glob("*/record.json"), key=lambda path: path.stat().st_mtime)
    if records:
        return json.loads(records[-1].read_text())["seconds"]
    return measured.get(folder.name, float("inf"))
