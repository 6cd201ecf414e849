"""Show the claims of a chapter as such, and list those of all chapters on one page.

    ```{claims}
    ```
    a table for each chapter: what it claims, what was measured, what could fool it; and totals

A cell's `claim` displays a line of text and, as `MIME`, all that is known of it. A page shows it as
a sentence with its numbers, whose mark leads to the list; slides take the line of text. The list is
made of what the cells displayed when they ran last, so it is never older than the chapters.
"""

import json
from pathlib import Path

from docutils import nodes
from myst_nb.core import render
from sphinx.util.docutils import SphinxDirective

MIME = "application/vnd.book.claim+json"  # as in lib.book.claims, which may be broken
LIST = "chapters/claims"
KINDS = {"exact": "Exact", "mean": "A mean of seeds", "share": "A share of seeds"}
MADE = ("computed", "repeated in part", "committed")


class claims_list(nodes.General, nodes.Element):
    """Where the list of the claims goes."""


class Claims(SphinxDirective):
    def run(self):
        return [claims_list()]


class Renderer:
    """What MyST-NB asks for the nodes of a claim."""

    mime_priority_overrides = (("html", MIME, 0),)

    @staticmethod
    def handle_mime(renderer, data, inline):
        if data.mime_type != MIME:
            return None
        return [shown(dict(data.content), data.cell_index)]


def shown(claim, cell=None):
    """Return the paragraph of a claim; its attribute ``claim`` holds all that is known of it."""
    verdict = "Claim" if claim["holds"] else "Near its bound" if claim["kept"] else "Claim falls"
    said = nodes.paragraph(classes=["claim"] if claim["holds"] else ["claim", "falls"])
    said["claim"], said["cell"] = claim, cell
    said += nodes.inline("", verdict, classes=["claim-mark"])
    said += nodes.Text(f" {claim['sentence']}: ")
    numbers = claim["measured"].replace(" %", "\N{NO-BREAK SPACE}%")
    said += nodes.inline("", numbers, classes=["claim-numbers"])
    return said


def collect(app, doctree):
    """Note the claims of a page, and give each an id made of its sentence."""
    found, ids = [], set(doctree.ids)
    for said in doctree.findall(nodes.paragraph):
        if "claim" not in said:
            continue
        stem = nodes.make_id(f"claim {said['claim']['sentence']}")[:80].rstrip("-")
        anchor, number = stem, 1
        while anchor in ids:
            anchor, number = f"{stem}-{number + 1}", number + 1
        ids.add(anchor)
        said["ids"].append(anchor)
        title = section(said)
        found.append({**said["claim"], "cell": said["cell"], "anchor": anchor, "section": title})
    app.env.claims = getattr(app.env, "claims", {})
    app.env.claims[app.env.docname] = found


def section(node):
    """Return the title of the section that a node stands in."""
    while node is not None and not isinstance(node, nodes.section):
        node = node.parent
    return node.next_node(nodes.title).astext() if node is not None else ""


def forget(app, env, docname):
    getattr(env, "claims", {}).pop(docname, None)


def pages(env, docname=None, seen=None):
    """Return the names of all pages in the order of the table of contents."""
    seen = [] if seen is None else seen
    docname = docname or env.config.root_doc
    if docname not in seen:
        seen.append(docname)
        for each in env.toctree_includes.get(docname, []):
            pages(env, each, seen)
    return seen


def seconds(env, docname):
    """Return {number of a cell: the seconds it took} as far as the build has kept them."""
    folder = getattr(env, "execution_folders", {}).get(docname)
    record = Path(folder, "record.json") if folder else None
    if record is None or not record.is_file():
        return {}
    kept = json.loads(record.read_text("utf-8")).get("cells", {})
    return {int(cell): taken for cell, taken in kept.items()}


def bounds(claim):
    parts = [f"{name} {claim[name]:.4g}" for name in ("above", "below") if claim[name] is not None]
    return " and ".join(parts)


def measured(claim):
    """Return what was measured, a line for each part."""
    if claim["kind"] == "exact":
        return [f"{claim['value']:.4g}"]
    (low, high), (least, most) = claim["interval"], claim["spread"]
    if claim["kind"] == "share":
        number = round(claim["value"] * claim["seeds"])
        return [f"{number} of {claim['seeds']} seeds", f"95 %: {low:.2f} to {high:.2f}"]
    return [
        f"mean {claim['value']:.3g} of {claim['seeds']} seeds",
        f"95 %: {low:.3g} to {high:.3g}",
        f"seeds: {least:.3g} to {most:.3g}",
    ]


def chance(claim):
    """Return how often the claim falls on fresh seeds, in words."""
    if claim["kind"] == "exact":
        return "–"
    return "less than 1e-9" if claim["falls"] < 1e-9 else f"{claim['falls']:.1g}"


def guards(claim):
    """Return what could fool the claim, and what rules that out."""
    said = []
    if claim["fooled_by"]:
        said.append(f"Could fool it: {claim['fooled_by']}")
    if claim["control"]:
        said.append(f"Control: {claim['control']}")
    return said


def made(claim, taken):
    time = taken.get(claim["cell"])
    return [
        claim["made"],
        *([f"{time:.1f} s" if time >= 0.05 else "0.0 s"] if time is not None else []),
    ]


def row(*cells, ids=()):
    """Return a row of a table; a cell is a list of nodes or texts, one a line."""
    made = nodes.row(ids=list(ids))
    for parts in cells:
        cell = nodes.entry()
        for part in parts:
            text = part if isinstance(part, nodes.Node) else nodes.Text(part)
            cell += nodes.paragraph("", "", text)
        made += cell
    return made


def table(head, rows, widths, *classes):
    group = nodes.tgroup("", *[nodes.colspec(colwidth=w) for w in widths], cols=len(head))
    group += nodes.thead("", row(*[[text] for text in head]))
    group += nodes.tbody("", *rows)
    return nodes.table("", group, classes=list(classes))


def totals(found):
    """Return the table of how many claims there are, by kind and by how they were made."""
    rows = []
    for kind, name in KINDS.items():
        mine = [claim for claim in found if claim["kind"] == kind]
        counts = [sum(claim["made"] == how for claim in mine) for how in MADE]
        rows.append(row([name], *[[str(count)] for count in (*counts, len(mine))]))
    counts = [sum(claim["made"] == how for claim in found) for how in MADE]
    rows.append(row(["All"], *[[str(count)] for count in (*counts, len(found))]))
    return table(["Kind", *(how.capitalize() for how in MADE), "All"], rows, [3, 2, 2, 2, 1])


def listed(app, here, docname, claims):
    """Return the section of a chapter's claims."""
    env, taken = app.env, seconds(app.env, docname)
    page = app.builder.get_relative_uri(here, docname)
    rows = []
    for claim in claims:
        address = f"{page}#{claim['anchor']}"
        sentence = nodes.reference("", claim["sentence"], refuri=address, internal=True)
        where = nodes.inline("", f"In: {claim['section']}", classes=["claim-section"])
        about = [nodes.inline("", text, classes=["claim-guard"]) for text in guards(claim)]
        rows.append(
            row(
                [sentence, where, *about],
                measured(claim),
                [bounds(claim)],
                [chance(claim)],
                made(claim, taken),
                ids=[entry(docname, claim["anchor"])],
            )
        )
    title = env.titles[docname].deepcopy()
    name = nodes.make_id(f"of {docname}")
    head = ["Claim", "Measured", "Asked", "Falls", "Made"]
    return nodes.section("", title, table(head, rows, [8, 4, 2, 2, 2], "claims"), ids=[name])


def entry(docname, anchor):
    """Return the id of a claim in the list."""
    return f"{docname.rpartition('/')[2]}-{anchor}"


def fill(app, doctree, docname):
    """Put the list where a page asks for it."""
    known = getattr(app.env, "claims", {})
    by_page = {page: known[page] for page in pages(app.env) if known.get(page)}
    for node in list(doctree.findall(claims_list)):
        found = [claim for claims in by_page.values() for claim in claims]
        if not found:
            node.replace_self(nodes.paragraph("", "No chapter claims anything yet."))
            continue
        sections = [listed(app, docname, page, claims) for page, claims in by_page.items()]
        node.replace_self([totals(found), *sections])


def lead_to_list(app, doctree, docname):
    """Let the mark of each claim lead to its place in the list."""
    if app.builder.format != "html" or LIST not in app.env.found_docs:
        return
    for said in doctree.findall(nodes.paragraph):
        if "claim" in said:
            mark = said.children[0]
            there = entry(docname, said["ids"][0])
            uri = f"{app.builder.get_relative_uri(docname, LIST)}#{there}"
            link = nodes.reference("", mark.astext(), refuri=uri, internal=True)
            mark.clear()
            mark += link


def resolve(app, doctree, docname):
    fill(app, doctree, docname)
    lead_to_list(app, doctree, docname)


def setup(app):
    plugins = render.load_mime_renders()  # of installed packages; this one is none
    if Renderer not in plugins:
        plugins.append(Renderer)
    app.add_directive("claims", Claims)
    app.connect("doctree-read", collect)
    app.connect("env-purge-doc", forget)
    app.connect("doctree-resolved", resolve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
