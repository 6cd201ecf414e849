"""A search that leads to sections, definitions and functions instead of whole pages.

Sphinx' own index knows pages. This one has a record for each section, each entry of the glossary
and each function of the library: where it is, what it is called, the names by which it is looked
for, and its text without formulas' markup, code, hints and solutions. It is a script,
``sections.js``, which the search page alone loads; _html/search/search.js looks through it.

The names: terms whose glossary entry refers to the section, the number of the lecture's item (D14)
or error (E5), the numbers of equations, figures and exercises (eq. 3.7), also the lecture's own.
"""

import json
import re
from pathlib import Path

from docutils import nodes
from folds import fold, number
from glossary_links import GLOSSARY, entries, place
from lecture import ITEM
from sphinx import addnodes

ERROR_ID = re.compile(r"e\d+$")
LECTURE = re.compile(
    r"\beqs?\. \((\d+)\)(?: (to|and) \((\d+)\))?(?= of the lecture|, in its order)"
)
LEFT_OUT = (nodes.literal_block, nodes.math_block, nodes.raw, nodes.comment, nodes.image, fold)
NUMBERED = {"figure": "fig", "displaymath": "eq", "exercise": "exercise", "table": "table"}
UNNAMED = 8  # how far down a place goes that explains a term without its name
SYMBOLS = {r"\otimes": "⊗", r"\cdot": "·", r"\dots": "…", r"\sigma": "σ", r"\lambda": "λ"}


def plain(tex):
    """Return a formula as one would type it: h(t-1)."""
    for command, symbol in SYMBOLS.items():
        tex = tex.replace(command, symbol)
    tex = re.sub(r"\\(math\w+|left|right|text|,|;|!|quad)", "", tex)
    return re.sub(r"[\\{}$_^]", "", tex).strip()


def text_of(node):
    """Return the running text of a node, or nothing for what is no text."""
    if isinstance(node, LEFT_OUT) or "lecture-item" in node.get("classes", []):
        return ""
    if isinstance(node, nodes.math):
        return plain(node.astext())
    parts = [
        child.astext() if isinstance(child, nodes.Text) else text_of(child)
        for child in node.children
    ]
    joint = "" if isinstance(node, nodes.TextElement) else " "
    return joint.join(parts)


def own(section):
    """Return the children of a section that belong to no section inside it."""
    return [
        child for child in section.children if not isinstance(child, (nodes.section, nodes.title))
    ]


def lecture_equations(text):
    """Return ["eq 2", ... "eq 7"] for "eqs. (2) to (7) of the lecture"."""
    names = []
    for first, joint, last in LECTURE.findall(text):
        every = range(int(first), int(last) + 1) if joint == "to" else filter(None, (first, last))
        names += [f"eq {k}" for k in every]
    return names


def names_of(env, docname, section, text):
    """Return the names by which a section is looked for."""
    labels = set(section["ids"])
    names = [f"d{ITEM.match(label)[1]}" for label in sorted(labels) if ITEM.match(label)]
    names += lecture_equations(text)
    for part in own(section):
        for node in part.findall(nodes.Element):
            names += [label for label in node["ids"] if ERROR_ID.match(label)]
            for kind, word in NUMBERED.items():
                if found := number(env, docname, kind, node):
                    names.append(f"{word} {found}")
    return names


def explained(env):
    """Return {(page, anchor): [(the names of a term it explains, its place in the entry)]}."""
    found = {}
    for entry in entries(env):
        for rank, label in enumerate(entry.labels):
            if there := place(env, label):
                found.setdefault(there[:2], []).append((entry.names, rank))
    return found


def squeeze(text):
    return " ".join(text.split())


def records(app, doctree, docname):
    """Return what there is to find in a page."""
    env = app.env
    uri = app.builder.get_target_uri(docname)
    page = squeeze(env.titles[docname].astext())
    terms = explained(env)
    for section in doctree.findall(nodes.section):
        if section.next_node(nodes.title) is None or not section["ids"]:
            continue
        text = squeeze(" ".join(text_of(child) for child in own(section)))
        names = [[name, 0] for name in names_of(env, docname, section, text)]
        for anchor in section["ids"]:
            for synonyms, rank in terms.get((docname, anchor), []):
                rank += UNNAMED * (not any(name.lower() in text.lower() for name in synonyms))
                names += [[name, rank] for name in synonyms]
        yield {
            "url": f"{uri}#{section['ids'][-1]}",  # its label, if it has one
            "title": squeeze(section.next_node(nodes.title).astext()),
            "page": page,
            "names": names,
            "text": "" if docname == GLOSSARY else text,
        }
    for item in doctree.findall(nodes.definition_list_item):
        found = [child for child in item.children if isinstance(child, nodes.term)]
        if docname == GLOSSARY:
            yield {
                "url": f"{uri}#{found[0]['ids'][0]}",
                "title": ", ".join(term.astext() for term in found),
                "page": page,
                "names": [[term.astext(), 3] for term in found],
                "text": squeeze(text_of(item.children[-1])).rpartition(" See ")[0],
            }
    for described in doctree.findall(addnodes.desc):
        signature = described.next_node(addnodes.desc_signature)
        name = signature["fullname"]
        yield {
            "url": f"{uri}#{signature['ids'][0]}",
            "title": name,
            "page": page,
            "names": [[name, 1], [name.rpartition(".")[2], 1]],
            "text": squeeze(text_of(described.children[-1])),
        }


def collect(app, doctree, docname):
    if app.builder.name == "html":
        app.found_records[docname] = list(records(app, doctree, docname))


def start(app):
    """Let no index of pages be written; the page of the search is ours."""
    app.found_records = {}
    if app.builder.name == "html":
        app.builder.search = False


def page(app):
    if app.builder.name == "html":
        yield "search", {"title": "Search"}, "search.html"


def write(app, error):
    if error is None and app.builder.name == "html":
        found = [
            record for docname in sorted(app.found_records) for record in app.found_records[docname]
        ]
        text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
        Path(app.outdir, "sections.js").write_text(f"window.SECTIONS={text}\n", encoding="utf-8")


def setup(app):
    app.connect("builder-inited", start)
    app.connect("doctree-resolved", collect, priority=900)  # what others add is there
    app.connect("html-collect-pages", page)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
