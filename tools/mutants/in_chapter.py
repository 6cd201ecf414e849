"""Run the cells of one chapter until one of them fails: python -m tools.mutants.in_chapter FILE.

It is started in a copy of the repository. The last line of what it prints says which cell failed
and why, and its exit code is 1 then. With `SEEN` in the environment, the lines of lib that the
cells ran and the seconds they took are written to that file.
"""

import json
import os
import sys
import time
from pathlib import Path

from tools.mutants.in_tests import ORIGINAL, SEEN, original_digests


def cells(chapter):
    """Return the code cells of a chapter, in its order."""
    import jupytext

    return [cell for cell in jupytext.read(chapter).cells if cell.cell_type == "code"]


def run(sources):
    """Run cells like a kernel; (number of the first that failed, its error), or None."""
    import matplotlib

    matplotlib.use("Agg")
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output
    from matplotlib import pyplot

    shell = InteractiveShell.instance(history_length=0)
    for number, source in enumerate(sources, 1):
        with capture_output():
            done = shell.run_cell(source, store_history=False)
        error = done.error_before_exec or done.error_in_exec
        if error is not None:
            return number, error
        pyplot.close("all")
    return None


def main(chapter):
    root, chapter, started = Path.cwd(), Path(chapter).resolve(), time.perf_counter()
    seen, covered = os.environ.get(SEEN), None
    if os.environ.get(ORIGINAL):
        original_digests(Path(os.environ[ORIGINAL]))
    if seen:
        import coverage

        covered = coverage.Coverage(
            data_file=None, include=[f"{root}/lib/*"], config_file=False, messages=False
        )
        covered.start()
    tagged = [
        cell for cell in cells(chapter) if "raises-exception" not in cell.metadata.get("tags", [])
    ]
    os.chdir(chapter.parent)  # as the build does
    failed = run([cell.source for cell in tagged])
    if seen:
        covered.stop()
        data = covered.get_data()
        lines = {
            Path(file).relative_to(root).as_posix(): sorted(data.lines(file))
            for file in data.measured_files()
        }
        told = {"seconds": time.perf_counter() - started, "lines": lines, "fails": bool(failed)}
        Path(seen).write_text(json.dumps(told), "utf-8")
    if failed:
        number, error = failed
        first = str(error).strip().split("\n")[0][:160]
        print(f"FAILED cell {number}: {type(error).__name__}: {first}".rstrip())
    sys.stdout.flush()
    os._exit(1 if failed else 0)  # TensorFlow takes seconds to end


if __name__ == "__main__":
    main(sys.argv[1])
