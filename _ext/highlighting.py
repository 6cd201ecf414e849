"""Colour code with as few elements as its colours need.

Pygments marks every name, bracket and space, although most of them look as the text around them
does: on a page full of code these marks are half of what a phone has to lay out. Here all tokens
that look alike in both themes are of one kind, and what looks like plain text is not marked.
"""

from functools import cache

from pygments.formatters import HtmlFormatter
from pygments.styles import get_style_by_name
from pygments.token import STANDARD_TYPES, Token
from sphinx.highlighting import PygmentsBridge

STYLES = {
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}


def look(kind):
    """Return how both themes show a kind of token."""
    styles = [get_style_by_name(name).style_for_token(kind) for name in STYLES.values()]
    return [sorted(style.items(), key=str) for style in styles]


@cache
def plainest(kind):
    """Return the kind that stands for all that look like this one; Token.Text for plain text."""
    while kind not in STANDARD_TYPES:
        kind = kind.parent
    return next(it for it in [Token.Text, *STANDARD_TYPES] if look(it) == look(kind))


class SparseFormatter(HtmlFormatter):
    def format_unencoded(self, tokens, file):
        super().format_unencoded(((plainest(kind), text) for kind, text in tokens), file)


def set_styles(app, config):
    config.html_theme_options |= STYLES


def setup(app):
    PygmentsBridge.html_formatter = SparseFormatter
    app.connect("config-inited", set_styles)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
