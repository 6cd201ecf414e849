"""Mark the symbols of a cell in its equations and in its listing, for `_html/turn/symbols.js`.

Which equations and which listing belong to a figure to turn, its `turn` says: `equations`, their
labels, and `listing`, the target above the cell that prints the source. A symbol has the name that
it has in the library: h(t−1) is `h_before`, W_xf stays `W_xf`. A figure whose equations or listing
are not there, or whose listing lacks one of their symbols, is a warning, and fails a strict build.
"""

import ast
import re
import unicodedata
from html import escape
from textwrap import dedent, indent

from docutils import nodes
from sphinx.util import logging
from turn import turn

logger = logging.getLogger(__name__)
SUBSCRIPT = re.compile(r"<msub><mi>(.)</mi>(<m(?:row|i)>(?:(?!<msub>).)*?)</msub>")
BOLD_B = re.compile(r"(?<!<msub>)<mi>\N{MATHEMATICAL BOLD SMALL B}</mi>")
BEFORE = "_before"


def in_formula(mathml, same):
    """Return a formula in MathML with its symbols marked, and these in order.

    same  {letter: letter of the library}: y(t) is h(t) in cells with gates
    """
    found = []

    def mark(match):
        symbol = "b" if match.re is BOLD_B else named(*match.groups(), same)
        if symbol is None:
            return match[0]
        found.append(symbol)
        first = 0 if len(found) == 1 else -1
        return f'<mrow data-symbol="{symbol}" tabindex="{first}">{match[0]}</mrow>'

    return BOLD_B.sub(mark, SUBSCRIPT.sub(mark, mathml)), found


def named(letter, subscript, same):
    """Return the library's name of a symbol, or None where it is that of another step."""
    letter = unicodedata.normalize("NFKC", letter)
    letter = same.get(letter, letter)
    subscript = re.sub(r"<[^>]*>", "", subscript)
    names = {"(t)": letter, "(t−1)": letter + BEFORE}
    return names.get(subscript, f"{letter}_{subscript}" if subscript.isalpha() else None)


def in_listing(source):
    """Return the HTML of a method's source with its symbols marked, and the set of these.

    A state is `h_before` from where `states` is unpacked to where the new one is assigned.
    """
    head, body = source.strip().split("\n", 1)
    source = f"{head}\n{indent(dedent(body), '    ')}"
    tree, unpacked, assigned = ast.parse(source), set(), {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                for name in getattr(target, "elts", []):
                    unpacked.add((name.lineno, name.col_offset))
                if isinstance(target, ast.Name):
                    assigned[target.id] = node
    places = {}
    for node in ast.walk(tree):
        place = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
        if isinstance(node, ast.arg) and node.arg == "x":
            places[place] = "x", "x"
        elif isinstance(node, ast.Attribute) and re.fullmatch(r"[Wbp](_\w+)?", node.attr):
            places[place] = f"self.{node.attr}", node.attr
        elif isinstance(node, ast.Name) and len(node.id) == 1:
            read = isinstance(node.ctx, ast.Load) and node.id in assigned
            old = place in unpacked or (read and node.lineno <= assigned[node.id].lineno)
            places[place] = node.id, node.id + BEFORE * old
    first, lines = min(places), []
    for number, line in enumerate(source.split("\n"), 1):
        here = {column: it for (row, column), it in sorted(places.items()) if row == number}
        done, html = 0, ""
        for column, (text, symbol) in here.items():
            html += escape(line[done:column], quote=False)
            html += f'<span data-symbol="{symbol}" tabindex="{-((number, column) != first)}">'
            html += f"{text}</span>"
            done = column + len(text)
        symbols = " ".join(dict.fromkeys(symbol for _, symbol in here.values()))
        html += escape(line[done:], quote=False)
        lines.append(f'<span data-symbols="{symbols}">{html}</span>')
    return "\n".join(lines), {symbol for _, symbol in places.values()}


def printed_by(doctree, label):
    """Return the block with the method that the cell below a target prints, or None."""
    for node in doctree.findall(nodes.Element):
        if label in node.get("ids", []) and not isinstance(node, nodes.target):
            while node is not None and node.get("nb_element") != "cell_code":
                node = node.parent
            for block in node.findall(nodes.literal_block) if node is not None else []:
                if re.match(r"\s*def ", block.astext()):
                    return block
    return None


def mark_listings(app, doctree, docname):
    """Mark the listing of each cell of a page, and note what to mark in its equations."""
    if app.builder.name != "html":
        return
    for node in doctree.findall(turn):
        told = node["told"]
        if not told.get("equations"):
            continue
        printed = printed_by(doctree, told["listing"])
        if printed is None:
            logger.warning(
                "no cell %r prints a method", told["listing"], location=node, type="turn"
            )
            continue
        html, symbols = in_listing(printed.astext())
        box = f'<div class="output stream highlight" data-of="{told["name"]}">'
        raw = nodes.raw("", f"{box}<pre>{html}\n</pre></div>", format="html")
        printed.replace_self(raw)
        same = {} if "y" in symbols else {"y": "h"}
        app.symbols.setdefault(docname, []).append((told, symbols, same))


def mark_equations(app, pagename, templatename, context, doctree):
    """Mark the equations of a page that was written."""
    for told, symbols, same in app.symbols.get(pagename, []):
        for label in told["equations"]:
            start = context["body"].find(f'id="equation-{label}"')
            begin = context["body"].find("<math", start)
            end = context["body"].find("</math>", begin)
            if start < 0 or begin < 0:
                logger.warning("%s has no equation %r to mark", pagename, label, type="turn")
                continue
            marked, found = in_formula(context["body"][begin:end], same)
            if missing := set(found) - symbols:
                logger.warning("%s: the listing has no %s", label, ", ".join(missing), type="turn")
            marked = marked.replace("<math", f'<math data-of="{told["name"]}"', 1)
            context["body"] = context["body"][:begin] + marked + context["body"][end:]


def setup(app):
    app.symbols = {}
    app.connect("doctree-resolved", mark_listings)
    app.connect("html-page-context", mark_equations)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
