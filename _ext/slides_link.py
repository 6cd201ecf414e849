"""Put a button at the top of each chapter that leads to its slides, if it has any."""

from pathlib import Path


def add_button(app, pagename, templatename, context, doctree):
    folder, _, chapter = pagename.rpartition("/")
    if folder == "chapters" and Path(app.srcdir, "slides", f"{chapter}.md").exists():
        context["header_buttons"].append(
            {
                "type": "link",
                "url": f"../slides/{chapter}.html",
                "tooltip": "Slides of this chapter",
                "text": "Slides",
                "label": "slides",
            }
        )


def setup(app):
    app.connect("html-page-context", add_button, priority=502)  # the theme's list is there by then
    return {"parallel_read_safe": True, "parallel_write_safe": True}
