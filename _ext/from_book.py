"""Show on a slide what a chapter has: an equation, a figure, a cell's output, a number in it.

    ```{from-book} eq-recurrent-layer    the equation of that label
    + \\mathbf{b}                         parts of it that come one by one, one a line
    ```
    ```{from-book} fig-unrolled          the figure of that name; several come one by one
    :state: w=2&kick=1.9                 how it starts where it is a figure to turn
    ```
    ```{from-book} cell-half-life        what the cell below the target (cell-half-life)= printed,
                                         or the table that it shows
    :lines: 1-2                          these lines alone
    :code:                               the cell's code instead
    ```
    ```{book-question} ask-echo          a question of the book with its choices; the notes get the
    :number: 2                           answers; the second of that cell
    ```
    {from-book}`cell-half-life | after ([\\d.]+)`    a number of that cell, found by a pattern

    ```{drawn} perceptron.unrolled       a function of lib.book.figures, drawn step by step
    upto=0: the alternative text
    ```

The chapters are read as Sphinx left them when it built the book (setting ``book_doctrees``), so no
cell runs again. A label, a part or a number that the book does not have is a warning, and fails a
strict build.
"""

import ast
import importlib
import pickle
import re
from functools import cache
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qsl

from docutils import nodes
from docutils.parsers.rst import directives
from questions import question
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole
from turn import turn

from lib.book.figures import style

logger = logging.getLogger(__name__)
RESULTS = '<table class="table results">'


class NotInBook(ExtensionError):
    """What a slide asks for is not in the book."""


@cache
def doctrees(folder):
    """Return {chapter: its document tree} of the built book."""
    files = sorted(Path(folder).glob("*.doctree"))
    if not files:
        raise NotInBook(f"there is no built book in {folder}: run make book")
    return {file.stem: pickle.loads(file.read_bytes()) for file in files}


@cache
def places(folder):
    """Return {label: (chapter, node)} for everything in the book that has a label."""
    found = {}
    for chapter, tree in doctrees(folder).items():
        for node in tree.findall(nodes.Element):
            labels = [*node["ids"], node.get("label")] if not isinstance(node, nodes.target) else []
            found |= {label: (chapter, node) for label in labels if label}
    return found


def find(env, label):
    """Return the node of a label, and let the deck be read again when the chapter changes."""
    folder = env.config.book_doctrees
    if label not in places(folder):
        raise NotInBook(f"the book has no {label!r}")
    chapter, node = places(folder)[label]
    env.note_dependency(str(Path(folder, f"{chapter}.doctree")))
    return node


def names_picture(block):
    """Tell whether a text only stands for a picture: <Figure size 520x320 with 1 Axes>."""
    return next(block.parent.parent.findall(nodes.image), None) is not None


def output(node, label):
    """Return the text that a cell has printed."""
    blocks = [
        block.astext()
        for block in node.findall(nodes.literal_block)
        if "stream" in block["classes"]
        or ("text_plain" in block["classes"] and not names_picture(block))
    ]
    if not blocks:
        raise NotInBook(f"the cell {label!r} has no text output")
    return "\n".join(block.rstrip("\n") for block in blocks)


def results(node):
    """Return the table that a cell shows, as lib.book.tables wrote it, or None."""
    tables = (it.astext() for it in node.findall(nodes.raw) if RESULTS in it.astext())
    return next(tables, None)


def cell(node):
    """Return what the cell that a node belongs to printed, and after that its code."""
    while node is not None and node.get("nb_element") != "cell_code":
        node = node.parent
    blocks = list(node.findall(nodes.literal_block)) if node is not None else []
    return "\n".join(block.astext() for block in blocks[1:] + blocks[:1])


def in_steps(equation, steps):
    """Return TeX whose given parts are fragments: hidden until their turn comes."""
    equation = " ".join(equation.split())
    for step in steps:
        if equation.count(step) != 1:
            raise NotInBook(f"the equation has {step!r} {equation.count(step)} times, not once")
        equation = equation.replace(step, rf"\class{{fragment}}{{{{}}{step}}}")
    return equation


def chosen(text, lines):
    """Return the given lines of a text, counted from 1: "2", "1-3"."""
    if not lines:
        return text
    first, _, last = lines.partition("-")
    kept = text.splitlines()[int(first) - 1 : int(last or first)]
    if not kept:
        raise NotInBook(f"there are no lines {lines}")
    return "\n".join(kept)


def image(uri, alt, options):
    """Return an image; its address starts at the folder of the slides."""
    return nodes.image(uri=f"/../{uri}", alt=alt, **options)


def one_by_one(images, *classes):
    """Return a pile of images; each covers the one before when its turn comes."""
    for later in images[1:]:
        later["classes"].append("fragment")
    return nodes.container("", *images, classes=["r-stack", *classes])


class Gentle(SphinxDirective):
    """A directive whose failure is a warning at its place."""

    def run(self):
        try:
            return [self.make()]
        except NotInBook as error:
            logger.warning("%s", error, location=self.get_location(), type="from_book")
            return []


class FromBook(Gentle):
    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar = {
        "lines": directives.unchanged,
        "code": directives.flag,
        "height": directives.length_or_unitless,
        "state": directives.unchanged,
    }

    def make(self):
        labels = self.arguments[0].split()
        found = [find(self.env, label) for label in labels]
        if isinstance(found[0], nodes.math_block):
            tex = in_steps(found[0].astext(), list(self.content))
            return nodes.math_block("", tex, nowrap=False, number=None, label=None)
        if isinstance(found[0], nodes.figure):
            originals = [next(node.findall(nodes.image)) for node in found]
            size = {"height": self.options["height"]} if "height" in self.options else {}
            images = [image(original["uri"], original["alt"], size) for original in originals]
            pile = one_by_one(images, "on-paper-side-by-side")
            turns = [it.deepcopy() for node in found for it in node.findall(turn)]
            for it in turns:
                it["ids"] = [f"{it['ids'][0]}-on-slide-{self.env.new_serialno('turn')}"]
                it["told"]["state"] |= parse_qsl(self.options.get("state", ""))
            return nodes.container("", pile, *turns[:1]) if turns else pile
        if not self.options and (html := results(found[0])):
            return nodes.raw("", html, format="html")
        if "code" in self.options:
            text, language = next(found[0].findall(nodes.literal_block)).astext(), "python"
        else:
            text, language = output(found[0], labels[0]), "text"
        text = chosen(text, self.options.get("lines"))
        return nodes.literal_block(text, text, language=language, linenos=False)


class BookQuestion(Gentle):
    required_arguments = 1
    option_spec: ClassVar = {"number": directives.positive_int}

    def make(self):
        label, number = self.arguments[0], self.options.get("number", 1)
        asked = [it for it in find(self.env, label).findall() if isinstance(it, question)]
        if len(asked) < number:
            raise NotInBook(f"{label!r} asks {len(asked)} questions, not {number}")
        told = asked[number - 1]["told"]
        choices = [nodes.list_item("", nodes.paragraph("", it)) for it in told["choices"]]
        listed = nodes.enumerated_list("", *choices, enumtype="upperalpha", prefix="", suffix=".")
        return nodes.container(
            "", nodes.paragraph("", told["text"]), listed, told=told, classes=["asked"]
        )


class Drawn(Gentle):
    required_arguments = 1
    has_content = True
    option_spec: ClassVar = {"height": directives.length_or_unitless}

    def make(self):
        module, _, function = self.arguments[0].rpartition(".")
        draw = getattr(importlib.import_module(f"lib.book.figures.{module}"), function)
        images = []
        for line in self.content:
            arguments, alt = line.split(": ", 1)
            call = ast.parse(f"f({arguments})", mode="eval").body
            figure = draw(**{word.arg: ast.literal_eval(word.value) for word in call.keywords})
            name = re.sub(r"\W+", "-", f"{self.arguments[0]} {arguments}").strip("-") + ".svg"
            file = Path(self.env.config.drawn_figures, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            style.save(figure, file)
            uri = file.relative_to(Path(self.env.srcdir).parent).as_posix()
            images.append(image(uri, alt, self.options))
        return one_by_one(images)


class Number(SphinxRole):
    def run(self):
        label, _, pattern = self.text.partition("|")
        try:
            match = re.search(pattern.strip(), cell(find(self.env, label.strip())))
            if not match:
                raise NotInBook(f"the cell {label.strip()!r} has nothing like {pattern!r}")
        except NotInBook as error:
            logger.warning("%s", error, location=self.get_location(), type="from_book")
            return [], []
        return [nodes.inline("", match[1].replace("-", "\N{MINUS SIGN}"), classes=["measured"])], []


def setup(app):
    app.add_config_value("book_doctrees", "", "env", [str])
    app.add_config_value("drawn_figures", "", "env", [str])
    app.add_directive("from-book", FromBook)
    app.add_directive("book-question", BookQuestion)
    app.add_directive("drawn", Drawn)
    app.add_role("from-book", Number())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
