"""Where the items and the errors of the lecture are: lists of both, and a line at each section.

    ```{lecture-items}
    ```
    a table: item, section of the book, slide

    ```{lecture-errors}
    ```
    a list of what the lecture gets wrong, each with the note that shows it

    {slides}`The decks <index>`    a link to a page of the slides, which another build writes

A section whose label begins with ``d05-`` teaches item D05. An admonition whose title ends in
``(E5)`` notes error E5, and gets the id ``e5``.
"""

import re
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import ReferenceRole, SphinxDirective

ITEM = re.compile(r"d(\d\d)-")
ERROR = re.compile(r"(.*) \((E\d+)\)$", re.DOTALL)
SLIDE = re.compile(r"^\((d\d\d-[\w-]+)\)=\n+#+ (.+)$", re.MULTILINE)
TEACHING = "chapters/teaching"
EXAMPLE = "chapters/preface"  # shows what a note on an error looks like


class lecture_items(nodes.General, nodes.Element):
    """Where the table of the items goes."""


class lecture_errors(nodes.General, nodes.Element):
    """Where the list of the errors goes."""


class Items(SphinxDirective):
    def run(self):
        return [lecture_items()]


class Errors(SphinxDirective):
    def run(self):
        return [lecture_errors()]


class Slides(ReferenceRole):
    def run(self):
        return [link(self.title, f"../slides/{self.target}.html")], []


def collect(app, doctree):
    """Note the errors of a page, and give each note an id."""
    env = app.env
    env.lecture_errors = getattr(env, "lecture_errors", {})
    for note in doctree.findall(nodes.admonition):
        match = ERROR.match(note.next_node(nodes.title).astext())
        if match and env.docname != EXAMPLE:
            text, error = match.groups()
            note["ids"].append(error.lower())
            found = env.lecture_errors.setdefault(error, {})
            found[env.docname] = " ".join(text.split())


def forget(app, env, docname):
    for found in getattr(env, "lecture_errors", {}).values():
        found.pop(docname, None)


def items(env):
    """Return {"D05": [(page, anchor, title of the section)]}, in the lecture's order."""
    found = {}
    for label, (docname, anchor, title) in env.get_domain("std").labels.items():
        if match := ITEM.match(label):
            found.setdefault(f"D{match[1]}", []).append((docname, anchor, title))
    return dict(sorted(found.items()))


def errors(env):
    """Return [("E5", page, what the lecture says)] in order."""
    return sorted(
        (
            (error, docname, text)
            for error, found in env.lecture_errors.items()
            for docname, text in found.items()
        ),
        key=lambda it: (int(it[0][1:]), it[1]),
    )


def slides(env):
    """Return {"D05": [(address seen from a chapter, title)]}."""
    found = {}
    for deck in sorted(Path(env.srcdir, "slides").glob("*.md")):
        for label, title in SLIDE.findall(deck.read_text(encoding="utf-8")):
            address = f"../slides/{deck.stem}.html#{label}"
            found.setdefault(f"D{label[1:3]}", []).append((address, title))
    return found


def link(text, address, **attributes):
    return nodes.reference("", text, refuri=address, internal=True, **attributes)


def row(*cells):
    """Return a row of a table; a cell is a list of links or texts, one a line."""
    made = nodes.row()
    for parts in cells:
        cell = nodes.entry()
        cell += [nodes.paragraph("", "", part) for part in parts]
        made += cell
    return made


def table(head, rows):
    group = nodes.tgroup("", *[nodes.colspec(colwidth=1) for _ in head], cols=len(head))
    group += nodes.thead("", row(*[[nodes.Text(text)] for text in head]))
    group += nodes.tbody("", *rows)
    return nodes.table("", group, classes=["lecture"])


def fill(app, doctree, docname):
    """Put the table and the list where a page asks for them."""
    env = app.env

    def address(page, anchor):
        return f"{app.builder.get_relative_uri(docname, page)}#{anchor}"

    for node in list(doctree.findall(lecture_items)):
        decks = slides(env)
        rows = []
        for item, sections in items(env).items():
            there = [link(title, address(page, anchor)) for page, anchor, title in sections]
            shown = [link(title, uri) for uri, title in decks.get(item, [])]
            number = nodes.inline("", item, ids=[item.lower()])
            rows.append(row([number], there, shown))
        node.replace_self(table(["Item", "Section", "Slide"], rows))
    for node in list(doctree.findall(lecture_errors)):
        listed = nodes.bullet_list()
        for error, page, text in errors(env):
            line = nodes.paragraph("", f"{error} ")
            line += link(text, address(page, error.lower()))
            listed += nodes.list_item("", line)
        node.replace_self(listed)


def mark_sections(app, doctree, docname):
    """Say under the title of a section which item it teaches, and lead to its slide."""
    if app.builder.format != "html" or not docname.startswith("chapters/"):
        return
    decks = slides(app.env)
    teaching = app.builder.get_relative_uri(docname, TEACHING)
    at = {
        anchor: item
        for item, sections in items(app.env).items()
        for page, anchor, _ in sections
        if page == docname
    }
    for section in list(doctree.findall(nodes.section)):
        for item in [at[it] for it in section["ids"] if it in at]:
            line = nodes.paragraph("", "Lecture ", classes=["lecture-item"])
            line += link(item, f"{teaching}#{item.lower()}")
            for uri, title in decks.get(item, []):
                if uri.rpartition("#")[2] in section["ids"]:
                    line += nodes.Text(" · ")
                    line += link(f"Slide: {title}", uri)
            section.insert(1, line)


def resolve(app, doctree, docname):
    fill(app, doctree, docname)
    mark_sections(app, doctree, docname)


def setup(app):
    app.add_node(lecture_items)
    app.add_node(lecture_errors)
    app.add_directive("lecture-items", Items)
    app.add_directive("lecture-errors", Errors)
    app.add_role("slides", Slides())
    app.connect("doctree-read", collect)
    app.connect("env-purge-doc", forget)
    app.connect("doctree-resolved", resolve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
