"""Fill numbers into alt texts and captions, and warn about every image without an alt text.

A figure that a cell draws has its alt text and its caption in the cell's metadata, ``mystnb: image:
alt:`` and ``mystnb: figure: caption:``. A name between braces in them, with a format as Python has
it, ``{error:.2f}``, stands for a number that the cell has given to the figure by
`lib.book.figures.style.described`. A name that no figure of the cell tells is a warning.

An image without alt text, whether drawn, written in the page or in raw HTML, is a warning too, and
fails a strict build.
"""

from html.parser import HTMLParser

from docutils import nodes
from myst_nb.core import render
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

logger = logging.getLogger(__name__)
NUMBERS = "figure_numbers"  # of a document: {number of a cell: what its figures tell}


class Collector:
    """Notes what the figures of a cell tell; MyST-NB then renders them as it always does."""

    @staticmethod
    def handle_mime(renderer, data, inline):
        told = data.output_metadata.get("numbers")
        if told:
            document = renderer.renderer.document
            document.setdefault(NUMBERS, {}).setdefault(data.cell_index, {}).update(told)
        return None


class FillNumbers(SphinxTransform):
    default_priority = 400  # before captions are noted for references

    def apply(self):
        told = self.document.attributes.pop(NUMBERS, {})
        for cell in self.document.findall(nodes.container):
            if cell.get("nb_element") == "cell_code":
                known = told.get(cell["cell_index"], {})
                for image in cell.findall(nodes.image):
                    image["alt"] = filled(image.get("alt", ""), known, image)
                for caption in cell.findall(nodes.caption):
                    for text in list(caption.findall(nodes.Text)):
                        if text.parent.tagname not in ("math", "literal"):
                            new = nodes.Text(filled(str(text), known, caption))
                            text.parent.replace(text, new)


def filled(text, numbers, node):
    """Return a text with its numbers; a warning and the text as it is where that fails."""
    if "{" not in text:
        return text
    try:
        return text.format(**numbers)
    except (KeyError, IndexError, ValueError, TypeError, AttributeError) as error:
        names = ", ".join(numbers) or "none; see lib.book.figures.style.described"
        logger.warning(
            "%r cannot be filled (%s: %s); the figure tells these numbers: %s",
            text, type(error).__name__, error, names, location=node, type="alt_text",
        )  # fmt: skip
        return text


class RawImages(HTMLParser):
    """Collects the attributes of every ``<img>`` in a piece of HTML."""

    def __init__(self, html):
        super().__init__()
        self.images = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag == "img":
            self.images.append(dict(attributes))


def cell_number(node):
    """Return the number of the code cell that drew this node, counted from 1, or None."""
    while node is not None:
        if isinstance(node, nodes.Element) and node.get("nb_element") == "cell_code":
            return node["exec_count"]
        node = node.parent
    return None


def warn(node, source):
    cell = cell_number(node)
    where = f"drawn by code cell {cell}" if cell else "in the page"
    logger.warning("image %s has no alt text (%s)", source, where, location=node, type="alt_text")


def check(app, doctree, docname):
    """Warn about each image of a page whose alt text is missing or blank."""
    for image in doctree.findall(nodes.image):
        if not image.get("alt", "").strip():
            warn(image, image["uri"])
    for raw in doctree.findall(nodes.raw):
        if "html" in raw.get("format", ""):
            for image in RawImages(raw.astext()).images:
                if not (image.get("alt") or "").strip():
                    warn(raw, image.get("src", "without address"))


def setup(app):
    plugins = render.load_mime_renders()  # of installed packages; this one is none
    if Collector not in plugins:
        plugins.append(Collector)
    app.add_transform(FillNumbers)
    app.connect("doctree-resolved", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
