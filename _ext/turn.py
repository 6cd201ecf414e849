"""Put the figures that one can turn into the place of their pictures.

A cell's `turn` (`lib.book.turn`) displays a task and, as `MIME`, which figure it is about. The page
gets an element for it within the figure, behind the picture; `_html/turn` holds its code, which is
fetched when the reader presses its button. Without a script, and in print, the picture stays.

    {turned}`the switch at 1.9 <unit?w=2&kick=1.9>`   a link that opens a figure in a state

The scripts are made smaller on the way to the site; in the repository they stay to be read.
"""

import json
from html import escape
from pathlib import Path

import minify
from docutils import nodes
from live import script_apart
from myst_nb.core import render
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

MIME = "application/vnd.book.turn+json"  # as in lib.book.turn, which may be broken
logger = logging.getLogger(__name__)


class turn(nodes.General, nodes.Element):
    """A figure to turn; its attribute ``told`` holds all that is known of it."""


class Renderer:
    """What MyST-NB asks for the nodes of a figure to turn."""

    mime_priority_overrides = (("html", MIME, 0),)

    @staticmethod
    def handle_mime(renderer, data, inline):
        return [turn(told=dict(data.content))] if data.mime_type == MIME else None


def warn(message, node):
    logger.warning(message, location=node, type="turn")


def place(app, doctree):
    """Move each element into its figure, behind the picture, and give it its name."""
    if app.builder.name != "html":
        return  # a slide gets the figure with its element from the book
    figures = {name: it for it in doctree.findall(nodes.figure) for name in it["ids"]}
    scripts = Path(app.confdir, "_html", "turn")
    taken = set()
    for node in list(doctree.findall(turn)):
        told = node["told"]
        if told["figure"] not in figures:
            warn(f"the page has no figure {told['figure']!r} to turn", node)
            continue
        if not (scripts / f"rnn-{told['name']}.js").is_file():
            warn(f"_html/turn has no rnn-{told['name']}.js", node)
        node["ids"] = [next(it for it in names(told["name"]) if it not in taken)]
        taken.add(node["ids"][0])
        node.parent.remove(node)
        figures[told["figure"]].insert(1, node)
    for link in doctree.findall(nodes.reference):
        if "turned" in link["classes"] and link["refuri"][1:].partition("?")[0] not in taken:
            warn(f"the page has no figure to turn at {link['refuri']}", link)


def names(name):
    """What the element may be called in addresses: its name, and with numbers if it comes again."""
    yield f"turn-{name}"
    yield from (f"turn-{name}-{number}" for number in range(2, 100))


def query(state):
    return "&".join(f"{name}={value}" for name, value in state.items())


def visit(writer, node):
    told = node["told"]
    attributes = {"id": node["ids"][0], "data-state": query(told["state"])}
    if told["equations"]:
        attributes["data-cell"] = told["name"]
    if told["data"]:
        attributes["data-told"] = json.dumps(told["data"], separators=(",", ":"))
    written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    writer.body.append(
        f'<rnn-{told["name"]} class="turn"{written}>'
        f'<p class="turn-task"><strong>To find out:</strong> {escape(told["task"])}</p>'
        '<button type="button" class="turn-open">Turn this figure</button>'
        f'<p class="turn-failed" role="status"></p></rnn-{told["name"]}>\n'
    )
    raise nodes.SkipNode


class Turned(SphinxRole):
    """A link that opens a figure in a state: text <name?control=value&control=value>."""

    def run(self):
        text, _, target = self.text.removesuffix(">").rpartition(" <")
        name, _, state = target.partition("?")
        link = nodes.reference(
            "", text, refuri=f"#turn-{name}?{state}", internal=True, classes=["turned"]
        )
        return [link], []


def make_small(app, exception):
    """Take out of the scripts what browsers do not need; in the repository they stay to be read."""
    if exception is None and app.builder.name == "html":
        scripts, served = Path(app.confdir, "_html", "turn"), Path(app.outdir, "turn")
        for script in scripts.rglob("*.js"):
            small = minify.string("text/javascript", script.read_text("utf-8"))
            (served / script.relative_to(scripts)).write_text(small, "utf-8")


def add_script(app, pagename, templatename, context, doctree):
    if app.builder.name == "html" and 'class="turn"' in context.get("body", ""):
        script_apart(context, pagename, "turn/turn.js", {})


def setup(app):
    plugins = render.load_mime_renders()  # of installed packages; this one is none
    if Renderer not in plugins:
        plugins.append(Renderer)
    app.add_node(turn, html=(visit, None), revealjs=(visit, None))
    app.add_role("turned", Turned())
    app.connect("doctree-read", place)
    app.connect("html-page-context", add_script)
    app.connect("build-finished", make_small)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
