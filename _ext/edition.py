"""Build the edition for students where ``student`` is set, or STUDENT=1 in the environment.

It has no solutions and no ladders, and their text is nowhere in it; the checkers stay.
"""

import os
import shutil
from pathlib import Path

from live import elements
from sphinx_exercise.nodes import is_solution_node


def read_setting(app, config):
    config.student = config.student or os.environ.get("STUDENT", "") not in ("", "0")
    if config.student:
        config.html_copy_source = False


def leave_out(app, doctree):
    """Take away the solutions of a page; `live` asks the page for the numbers of their cells."""
    if not app.config.student:
        return
    numbers = []
    for solution in list(doctree.findall(is_solution_node)):
        numbers += [box["exec_count"] - 1 for box in elements(solution, "cell_code")]
        solution.parent.remove(solution)
    doctree["cells_of_solutions"] = numbers


def finish(app, exception):
    """Take away the sources that an earlier build has left."""
    if app.config.student and exception is None:
        shutil.rmtree(Path(app.outdir, "_sources"), ignore_errors=True)


def setup(app):
    app.add_config_value("student", False, "env", [bool])
    app.connect("config-inited", read_setting)
    app.connect("doctree-read", leave_out, priority=100)  # before anything looks into them
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
