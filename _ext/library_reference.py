"""The reference of the library, made of its docstrings.

    ```{library} lib.cells lib.cells.* lib.unrolling
    ```
    the modules whose names match, each with all it defines

What stands in `backquotes` in a docstring leads to its own entry, and *Explained in* to the section
of the book. A listing of the library's code in a chapter is coloured and leads to the entry too.
"""

import re
from fnmatch import fnmatchcase
from pathlib import Path
from textwrap import dedent

from docstrings import blocks, library, public_name
from docutils import nodes
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)
LISTED = re.compile(r"getsource\(([\w.]+)\)")


class explained(nodes.General, nodes.TextElement):
    """Labels of sections that explain something; attribute ``labels``."""


class named(nodes.Inline, nodes.TextElement):
    """A name in a docstring, which may be one of the library's."""


def modules(env):
    """Return the library's modules, read once a build."""
    if not hasattr(env.app, "library_modules"):
        env.app.library_modules = library(env.srcdir)
    return env.app.library_modules


def inline(text):
    """Return a text of a docstring as nodes, with its names between backquotes."""
    parts = re.split(r"``?([^`]+)``?", text)
    return [
        named("", part) if place % 2 else nodes.Text(part)
        for place, part in enumerate(parts)
        if part
    ]


def body(docstring):
    """Return the nodes of a docstring."""
    made = []
    for kind, content in blocks(docstring):
        if kind == "code":
            made.append(
                nodes.literal_block(content, content, language="none", classes=["equation"])
            )
        elif kind == "pairs":
            listed = nodes.definition_list(classes=["arguments"])
            for name, text in content:
                described = nodes.definition("", nodes.paragraph("", "", *inline(text)))
                listed += nodes.definition_list_item(
                    "", nodes.term("", "", nodes.literal("", name)), described
                )
            made.append(listed)
        elif kind == "explained":
            made.append(nodes.paragraph("", "Explained in: ", explained(labels=content)))
        else:
            made.append(nodes.paragraph("", "", *inline(content)))
    return made


class Library(SphinxDirective):
    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        patterns = self.arguments[0].split()
        found = [
            module
            for name, module in modules(self.env).items()
            if any(fnmatchcase(name, pattern) for pattern in patterns) and module.definitions
        ]
        return [self.section(module) for module in found]

    def section(self, module):
        self.env.note_dependency(str(Path(self.env.srcdir, module.path)))
        made = nodes.section(ids=[nodes.make_id(module.name)], names=[module.name])
        made += nodes.title("", "", nodes.literal("", module.name))
        made += body(module.docstring)
        for definition in module.definitions:
            made += self.entry(module, definition)
        return made

    def entry(self, module, definition, owner=None):
        """Return the entry of a function, a class or a method."""
        fullname = (
            f"{owner}.{definition.name}"
            if owner
            else public_name(modules(self.env), module.name, definition.name)
        )
        signature = addnodes.desc_signature(
            "", "", ids=[fullname], fullname=fullname, module=module.name, **{"class": owner or ""}
        )
        if definition.kind in ("class", "property"):
            signature += addnodes.desc_annotation("", f"{definition.kind} ")
        prefix = "" if owner else f"{fullname.rpartition('.')[0]}."
        if prefix:
            signature += addnodes.desc_addname(prefix, prefix)
        signature += addnodes.desc_name(definition.name, definition.name)
        signature += nodes.inline("", definition.signature, classes=["parameters"])

        content = addnodes.desc_content()
        if definition.bases:
            names = [
                part for base in definition.bases for part in (nodes.Text(", "), named("", base))
            ]
            content += nodes.paragraph(
                "", "", nodes.Text("A kind of "), *names[1:], nodes.Text(".")
            )
        content += body(definition.docstring)
        for member in definition.members:
            content += self.entry(module, member, fullname)

        python = self.env.get_domain("py")
        python.note_object(fullname, definition.kind, fullname, location=self.get_location())
        made = addnodes.desc(domain="py", objtype=definition.kind, desctype=definition.kind)
        made["classes"] = ["py", definition.kind]
        made += [signature, content]
        short = fullname.removeprefix("lib.")
        return [
            addnodes.index(entries=[("single", f"{short} (library)", fullname, "", None)]),
            made,
        ]


def address(app, docname, fullname):
    """Return the address of an entry of the reference, or None if there is none."""
    objects = app.env.get_domain("py").objects
    if fullname not in objects:  # "Cell", or "lib.cells.Cell", which is listed as lib.Cell
        short = fullname.rpartition(".")[2] if fullname.startswith("lib.") else fullname
        ends = [name for name in objects if name.endswith(f".{short}")]
        if not ends:
            return None
        fullname = min(ends, key=len)
    entry = objects[fullname]
    return f"{app.builder.get_relative_uri(docname, entry.docname)}#{entry.node_id}"


def resolve_names(app, doctree, docname):
    for node in list(doctree.findall(named)):
        text = node.astext()
        shown = nodes.literal("", text)
        uri = address(app, docname, text.removesuffix("()")) if text != "lib" else None
        link = uri and nodes.reference("", "", shown, refuri=uri, internal=True)
        node.replace_self(link or shown)


def resolve_sections(app, doctree, docname):
    labels = app.env.get_domain("std").labels
    for node in list(doctree.findall(explained)):
        links = []
        for label in node["labels"]:
            if label not in labels:
                logger.warning("the book has no section %r", label, location=node, type="library")
                continue
            page, anchor, title = labels[label]
            uri = f"{app.builder.get_relative_uri(docname, page)}#{anchor}"
            links += [nodes.Text(", "), nodes.reference("", title, refuri=uri, internal=True)]
        node.replace_self(links[1:])


def mark_listings(app, doctree, docname):
    """Colour what a cell prints of the library's code, and lead to the reference."""
    for cell in doctree.findall(nodes.container):
        if cell.get("nb_element") != "cell_code":
            continue
        blocks = list(cell.findall(nodes.literal_block))
        if not blocks:  # a cell that shows neither its code nor a text
            continue
        source, *printed = blocks
        names = LISTED.findall(source.astext())
        for node in [it for it in printed if names and "stream" in it["classes"]]:
            text = dedent(node.astext())
            node.rawsource, node["language"] = text, "python"
            node.children = [nodes.Text(text)]
            links = nodes.paragraph("", "In the reference: ", classes=["listing"])
            known = [(name, uri) for name in names if (uri := address(app, docname, name))]
            for place, (name, uri) in enumerate(known):
                shown = nodes.reference("", "", nodes.literal("", name), refuri=uri, internal=True)
                links += [nodes.Text(", "), shown] if place else [shown]
            if known:
                node.parent.insert(node.parent.index(node) + 1, links)


def resolve(app, doctree, docname):
    resolve_names(app, doctree, docname)
    resolve_sections(app, doctree, docname)
    mark_listings(app, doctree, docname)


def setup(app):
    app.add_node(explained)
    app.add_node(named)
    app.add_directive("library", Library)
    app.connect("doctree-resolved", resolve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
