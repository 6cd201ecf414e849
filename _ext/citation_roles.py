"""Give the entries of the reference list a role that screen readers know.

docutils writes a list whose entries have the role ``doc-biblioentry``. That role is deprecated, and
a list may hold only entries of the role ``listitem``.
"""


def correct(app, pagename, templatename, context, doctree):
    if "body" in context:
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')


def setup(app):
    app.connect("html-page-context", correct)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
