"""Warn about every image without a text alternative, so that a strict build fails.

Looks at images and figures written in a page, at figures drawn by a cell (their alt text stands in
the cell's metadata, ``mystnb: image: alt:``) and at ``<img>`` in raw HTML.
"""

from html.parser import HTMLParser

from docutils import nodes
from sphinx.util import logging

logger = logging.getLogger(__name__)


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
    app.connect("doctree-resolved", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
