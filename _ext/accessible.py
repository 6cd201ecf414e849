"""Correct what docutils and the theme write, where it misleads assistive technology.

- docutils gives the entries of the list of references the role ``doc-biblioentry``. It is
  deprecated, and a list may hold only entries of the role ``listitem``.
- A corner of a table that is left empty is no heading of anything.
- The prompt on a folded cell is its name; a label would hide it.
"""

CORRECTIONS = {
    'role="doc-biblioentry"': 'role="listitem"',
    '<th class="head"><p></p></th>': '<td class="head"></td>',
    '<summary aria-label="Toggle hidden content">': "<summary>",
}


def correct(app, pagename, templatename, context, doctree):
    for wrong, right in CORRECTIONS.items():
        if "body" in context:
            context["body"] = context["body"].replace(wrong, right)


def offer_printing(app, pagename, templatename, context, doctree):
    """Let the page print with its solutions and code too, which stay folded otherwise."""
    for group in context.get("header_buttons", []):
        for place, button in enumerate(group.get("buttons", [])):
            if button.get("label") == "download-pdf-button":
                button |= {"text": "Print", "tooltip": "Print or save as PDF", "does": "print"}
                unfolded = {"text": "Print unfolded", "tooltip": "With solutions and all code"}
                group["buttons"].insert(place + 1, button | unfolded | {"does": "print-unfolded"})
                group["tooltip"] = "Download or print this page"
                break


def setup(app):
    app.connect("html-page-context", correct)
    app.connect("html-page-context", offer_printing, priority=502)  # the theme's list is there
    return {"parallel_read_safe": True, "parallel_write_safe": True}
