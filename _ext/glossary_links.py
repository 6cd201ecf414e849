"""Lead from each term to its definition, and from the index to the sections that explain the term.

The glossary is the one place that knows the terms. Here the first use of a term in a page becomes a
link to its entry, and each section that an entry refers to gets the term into the index.
"""

import re
from dataclasses import dataclass

from docutils import nodes
from sphinx import addnodes

GLOSSARY = "chapters/glossary"
NOT_LINKED = {GLOSSARY, "chapters/references", "chapters/notation", "chapters/claims"}
# Where a link would disturb: what is a link already, a title, code, a formula, a table's head.
APART = (
    nodes.reference, nodes.title, nodes.literal, nodes.literal_block, nodes.math, nodes.caption,
    nodes.thead, nodes.term, nodes.raw, nodes.comment, nodes.image, addnodes.pending_xref,
)  # fmt: skip


@dataclass
class Entry:
    names: list[str]
    anchors: list[str]
    labels: list[str]  # of the sections that explain it


def read(env):
    """Return the entries of the glossary, in its order."""
    tree = env.get_doctree(GLOSSARY)
    found = []
    for item in tree.findall(nodes.definition_list_item):
        terms = [child for child in item.children if isinstance(child, nodes.term)]
        links = item.findall(addnodes.pending_xref)
        found.append(
            Entry(
                names=[term.astext() for term in terms],
                anchors=[term["ids"][0] for term in terms],
                labels=[link["reftarget"] for link in links if link["reftype"] == "ref"],
            )
        )
    return found


def entries(env):
    """Return the entries, read once a build."""
    if not hasattr(env, "glossary_entries"):
        env.glossary_entries = read(env) if GLOSSARY in env.found_docs else []
    return env.glossary_entries


def place(env, label):
    """Return (page, anchor, title) of a label, or None where the book has none."""
    return env.get_domain("std").labels.get(label)


def fill_index(app, env):
    """Let the index lead to the sections that explain a term."""
    if hasattr(env, "glossary_entries"):
        del env.glossary_entries
    index = env.get_domain("index").entries
    for entry in entries(env):
        for label in entry.labels:
            if found := place(env, label):
                docname, anchor, title = found
                new = [("single", f"{name}; {title}", anchor, "", None) for name in entry.names]
                index[docname] = [it for it in index.get(docname, []) if it not in new] + new
    return []


def patterns(found):
    """Return {the pattern of a term: (its anchor, its names)}, the longest names first."""
    names = [(name, entry) for entry in found for name in entry.names]
    return {
        re.compile(rf"(?<![\w-]){re.escape(name)}s?(?![\w-])", 0 if name.isupper() else re.I): (
            entry.anchors[0],
            entry,
        )
        for name, entry in sorted(names, key=lambda it: -len(it[0]))
    }


def texts(tree):
    """Return the pieces of running text of a page."""
    found = []
    for paragraph in tree.findall(nodes.paragraph):
        for text in paragraph.findall(nodes.Text):
            around = text.parent
            while around is not None and not isinstance(around, APART):
                around = around.parent
            if around is None:
                found.append(text)
    return found


def link_first_uses(app, doctree, docname):
    if app.builder.format != "html" or docname in NOT_LINKED or not docname.startswith("chapters/"):
        return
    glossary = app.builder.get_relative_uri(docname, GLOSSARY)
    waiting = patterns(entries(app.env))
    pieces = texts(doctree)
    while pieces:
        text = pieces.pop(0)
        hits = [(match, pattern) for pattern in waiting if (match := pattern.search(text))]
        if not hits:
            continue
        match, pattern = min(hits, key=lambda it: (it[0].start(), -len(it[0][0])))
        anchor, entry = waiting[pattern]
        waiting = {key: value for key, value in waiting.items() if value[1] is not entry}
        link = nodes.reference(
            "", match[0], refuri=f"{glossary}#{anchor}", internal=True, classes=["term"]
        )
        before, after = nodes.Text(text[: match.start()]), nodes.Text(text[match.end() :])
        text.parent.replace(text, [before, link, after])
        pieces.insert(0, after)


def setup(app):
    app.connect("env-updated", fill_index)
    app.connect("doctree-resolved", link_first_uses)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
