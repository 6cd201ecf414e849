"""Put a ladder under each exercise that has a checker: order the lines, fill gaps, write it.

The rungs are made from the executed solution (`ladder_lines`); `_html/ladder/ladder.js` shows them
and says of a wrong line what the checker would say. Without a script, and in print, there is none.
"""

import ast
import hashlib
import json
from html import escape

import live_cells
from docutils import nodes
from execution_cache import notebook_of
from live import check_of, code_of, elements, script_apart
from sphinx.util import logging
from sphinx_exercise.nodes import is_exercise_node

logger = logging.getLogger(__name__)


def function_in(solution, call):
    """Return the source of the function that a call of a checker hands over."""
    name = ast.parse(call).body[0].value.args[0].id
    found = [it for it in ast.parse(solution).body if getattr(it, "name", None) == name]
    if not found:
        raise ValueError(f"ladder: expected a function {name} in the cell of {call}, found none")
    return ast.get_source_segment(solution, found[0])


def names_before(sources, function, call, library):
    """Return the names that a solution and its check need: imports, and functions of cells."""
    names = {}
    for need in live_cells.analyse([*sources, f"{function}\n{call}"], library)[-1]["needs"]:
        if isinstance(need, int):
            kept = [it for it in ast.parse(sources[need]).body if isinstance(it, ast.FunctionDef)]
            need = ast.unparse(ast.Module(kept, []))
        exec(need, names)
    return names


def rungs(function, call, names):
    """Return what the page has to know of a solution:

    head   the first line of the function
    lines  [text, indent, parent, {line that comes first: what to say where not}] in a right order
    wrong  [text, indent, what to say of it]
    pile   the order in which they lie there: numbers of lines, then of wrong ones
    gaps   pieces of text, and for each gap [[choice, what to say of it, "" if right], ...]
    """
    import ladder_lines  # it imports the library, which a book without exercises may do without

    head, lines = ladder_lines.lines_of(function)
    pieces = ladder_lines.wrong_pieces(function, call, names)
    wrong = ladder_lines.wrong_lines(pieces, len(lines))
    if not wrong:
        raise ValueError(f"ladder: {call} recognises no mistake in its solution")
    texts = [it.text for it in (*lines, *wrong)]
    return {
        "head": head,
        "lines": [[it.text, it.indent, it.parent, it.after] for it in lines],
        "wrong": [[it.text, lines[it.line].indent, it.why] for it in wrong],
        "pile": _mixed(range(len(texts)), lambda n: f"{n} {texts[n]}"),
        "gaps": _with_gaps(function, ladder_lines.gaps(function, pieces)),
    }


def _with_gaps(function, gaps):
    whole, parts, place = function.encode(), [], 0
    for start, end, wrong in gaps:
        right = whole[start:end].decode()
        choices = [[right, ""], *map(list, wrong.items())]
        parts += [whole[place:start].decode(), _mixed(choices, lambda it: it[0])]
        place = end
    return [*parts, whole[place:].decode()]


def _mixed(items, key):
    """Return items in an order that is no clue, and always the same."""
    return sorted(items, key=lambda it: hashlib.sha256(key(it).encode()).hexdigest())


def build(app, doctree):
    """Put the element of each ladder at the end of its exercise."""
    if app.builder.name != "html" or app.config.student:
        return
    exercises = list(doctree.findall(is_exercise_node))
    notebook = notebook_of(app, app.env.docname) if exercises else None
    if notebook is None:
        return
    sources, library = code_of(notebook), live_cells.Library(app.srcdir)
    for exercise in exercises:
        for box in elements(exercise, "cell_code"):
            number = box["exec_count"] - 1
            if call := check_of(sources, number):
                try:
                    function = function_in(sources[number + 1], call)
                    names = names_before(sources[:number], function, call, library)
                    told = escape(json.dumps(rungs(function, call, names)))
                except ValueError as error:
                    logger.warning(str(error), location=exercise, type="ladder")
                    continue
                element = f'<div class="ladder" data-ladder="{told}" hidden></div>'
                exercise += nodes.raw("", element, format="html")


def add_script(app, pagename, templatename, context, doctree):
    if 'class="ladder"' in context.get("body", ""):
        script_apart(context, pagename, "ladder/ladder.js", {"page": pagename})


def setup(app):
    app.connect("doctree-read", build)
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
