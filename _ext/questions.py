"""Show the questions of a chapter as choices that answer back, and its answers at its end in print.

A cell's `ask` displays a line of text and, as `MIME`, the whole question (`lib.book.questions`). A
page shows it as radio buttons: the browser alone shows what is said of the one that is chosen. What
was chosen is kept by `_static/progress.js`, where there is a script.
"""

from html import escape

from docutils import nodes
from myst_nb.core import render

MIME = "application/vnd.book.question+json"  # as in lib.book.questions, which may be broken


class question(nodes.General, nodes.Element):
    """A question; its attribute ``told`` holds all that is known of it."""


class answers(nodes.General, nodes.Element):
    """The answers of a page, for print."""


class Renderer:
    """What MyST-NB asks for the nodes of a question."""

    mime_priority_overrides = (("html", MIME, 0),)

    @staticmethod
    def handle_mime(renderer, data, inline):
        return [question(told=dict(data.content))] if data.mime_type == MIME else None


def number_them(app, doctree):
    """Number the questions of a page, and put the answers at its end."""
    found = list(doctree.findall(question))
    for number, node in enumerate(found, 1):
        node["number"] = number
        node["ids"].append(f"question-{number}")
    if found:
        doctree += answers(told=[node["told"] for node in found])


def visit_question(writer, node):
    told, number = node["told"], node["number"]
    name = f"question-{number}"
    writer.body.append(f'<fieldset class="question" id="{name}">')
    writer.body.append(f"<legend>Question {number}. {escape(told['text'])}</legend>")
    for place, choice in enumerate(told["choices"]):
        one, right = f"{name}-{place}", place == told["right"]
        verdict = "Right." if right else "No."
        writer.body.append(
            f'<div class="choice"><input type="radio" name="{name}" id="{one}"'
            f' value="{"right" if right else "wrong"}">'
            f'<label for="{one}">{escape(choice)}</label>'
            f'<div class="reason {"right" if right else "wrong"}" aria-live="polite">'
            f"<p><strong>{verdict}</strong> {escape(told['reasons'][place])}</p></div></div>"
        )
    writer.body.append("</fieldset>\n")
    raise nodes.SkipNode


def visit_answers(writer, node):
    lines = "".join(f"<li>{escape(it['choices'][it['right']])}</li>" for it in node["told"])
    writer.body.append(f'<div class="answers"><h2>Answers</h2><ol>{lines}</ol></div>\n')
    raise nodes.SkipNode


def setup(app):
    plugins = render.load_mime_renders()  # of installed packages; this one is none
    if Renderer not in plugins:
        plugins.append(Renderer)
    app.add_node(question, html=(visit_question, None))
    app.add_node(answers, html=(visit_answers, None))
    app.connect("doctree-read", number_them)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
