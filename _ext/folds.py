"""Hints, solutions, checks and the code of figures fold with names of their own, without a script.

The extensions that make them call every fold "Toggle hidden content", or need a script and a
button. Here a fold is a ``<details>``: the browser opens and closes it, tells its state to
assistive technology, and prints it as it stands, so that a printed page gives no solution away
unless the reader has unfolded it. Its name says what it holds: "Hint for exercise 2.3".

A cell with the tag `checks` asserts what is no lesson; its fold says how many checks hold.
"""

import ast
import re

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.util import logging
from sphinx_exercise.nodes import is_exercise_node, is_solution_node

logger = logging.getLogger(__name__)
CHECKS = "checks"


class fold(nodes.General, nodes.Element):
    """Something folded; its attribute ``name`` stands on the fold, ``apart`` is only heard."""


def open_fold(writer, node):
    writer.body.append(writer.starttag(node, "details"))
    name = writer.encode(node["name"])
    apart = writer.encode(node.get("apart", ""))
    heard = f'<span class="visually-hidden">{apart}</span>' if apart else ""
    writer.body.append(f'<summary class="admonition-title">{name}{heard}</summary>\n')


def close_fold(writer, node):
    writer.body.append("</details>\n")


def within(node, wanted):
    """Return the nearest node around this one that is wanted, or None."""
    node = node.parent
    while node is not None and not wanted(node):
        node = node.parent
    return node


def title(node):
    """Return the text of an admonition's title without the space that its template leaves."""
    return " ".join(node.next_node(nodes.title).astext().split())


def number(env, docname, kind, node):
    """Return the number of a figure or an exercise, as in "1.2", or None."""
    numbers = env.toc_fignumbers.get(docname, {}).get(kind, {})
    return next((".".join(map(str, numbers[it])) for it in node["ids"] if it in numbers), None)


def name_of(env, docname, node):
    """Return what to write on the fold of a hint or of a solution."""
    exercise = within(node, is_exercise_node)
    if is_solution_node(node):
        return f"{title(node)}: it gives the answer away"
    if exercise is None:
        return title(node)
    return f"{title(node)} for exercise {number(env, docname, 'exercise', exercise)}"


def fold_admonitions(env, docname, doctree):
    """Turn each admonition of the class ``dropdown`` into a fold."""
    for node in list(doctree.findall(nodes.Admonition)):
        if "dropdown" in node["classes"]:
            kept = [child for child in node.children if not isinstance(child, nodes.title)]
            classes = [*dict.fromkeys(["admonition", "fold", *node["classes"]])]
            classes.remove("dropdown")
            new = fold(name=name_of(env, docname, node), ids=node["ids"], classes=classes)
            new += kept
            node.replace_self(new)


def free_sections(doctree):
    """Take away the sections inside exercises and solutions: all of them have the same id."""
    for node in list(doctree.findall(nodes.section)):
        if {"exercise-content", "solution-content"} & set(node["ids"]):
            node.replace_self(node.children)


def name_code(env, docname, doctree):
    """Say on each fold of a cell which code it holds."""
    unnamed = 0
    for node in doctree.findall(HideCodeCellNode):
        figures = node.parent.findall(nodes.figure)
        drawn = next(filter(None, (number(env, docname, "figure", it) for it in figures)), None)
        unnamed += drawn is None
        what = f"figure {drawn}" if drawn else f"output {unnamed}"
        node["prompt_show"] = f"Show the code of {what}"
        node["prompt_hide"] = f"Hide the code of {what}"
        node["classes"].append("of-a-figure" if drawn else "of-an-output")


def checks_in(code):
    """Return how many asserts there are in a cell, those of NumPy's testing among them."""
    code = re.sub(r"^\s*[%!].*", "", code, flags=re.M)
    return sum(
        isinstance(node, ast.Assert)
        or (isinstance(node, ast.Attribute) and node.attr.startswith("assert_"))
        for node in ast.walk(ast.parse(code))
    )


def fold_checks(doctree):
    """Fold each cell of checks behind a line that says how many hold; they ran, so all do."""
    number = 0
    for cell in list(doctree.findall(nodes.container)):
        if cell.get("nb_element") != "cell_code" or f"tag_{CHECKS}" not in cell["classes"]:
            continue
        code = cell.next_node(nodes.literal_block)
        count = checks_in(code.astext()) if code is not None else 0
        if not count:
            logger.warning("a cell of checks asserts nothing", location=cell, type="folds")
            continue
        number += 1
        name = f"{count} checks hold" if count > 1 else "1 check holds"
        kept = cell.children
        cell.children = []
        cell += fold("", *kept, name=name, apart=f", fold {number}", classes=["fold", "checks"])


def resolve(app, doctree, docname):
    if app.builder.format == "html":
        fold_admonitions(app.env, docname, doctree)
        free_sections(doctree)
        name_code(app.env, docname, doctree)
        fold_checks(doctree)


def setup(app):
    app.add_node(fold, html=(open_fold, close_fold))
    app.connect("doctree-resolved", resolve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
