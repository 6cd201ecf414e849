r"""Set every formula as MathML when the book is built.

Browsers draw MathML themselves: a page needs no script for its formulas, and a screen reader reads
what it shows. Bold letters are the bold characters of Unicode, since MathML Core knows no other.

A part of a formula can carry a class, for style sheets and scripts: ``\class{name}{part}``.
``\tag{R1}`` gives a formula without a label the number (R1). A formula that cannot be set is a
warning, which names page, formula and place, and fails a strict build.

What the formulas of all pages show is cut out of a font for mathematics, STIX Two Math, which the
package ziamath brings, and written to ``_static/math.woff2``; ``_static/math.css`` names it.

Source: MathML Core, W3C, https://www.w3.org/TR/mathml-core/.
"""

import re
import unicodedata
from functools import cache
from html import escape, unescape
from importlib.util import find_spec
from pathlib import Path

import fonts
from docutils import nodes
from math_core import LatexError, LatexToMathML
from pages import built
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

logger = logging.getLogger(__name__)
CONVERTER = LatexToMathML(fancy_error=False)

# The converter knows neither classes nor space between rows. Both are written as a text in a
# colour, which no formula of the book uses, and are found again by it.
CLASS = re.compile(r"\\class\{([\w -]+)\}\{")
ROW_SPACE = re.compile(r"\\\\\[([\d.]+)(em|ex)\]")
UNITS = {"em": 1, "ex": 0.45}  # in em
LINE = 1.0  # em; the height of a row without additional space
MARKED = re.compile(r'<mrow style="color:#FF0000;"><mtext>(class|space)\s([^<]*)</mtext>')
TAG = re.compile(r"\\tag\{([^{}]+)\}\s*$")

# Attributes of style are refused by the pages' content security policy: these are classes.
STYLES = {
    "text-align: right;justify-items: end;padding-right: 0;": "to-the-right",
    "text-align: left;justify-items: start;padding-left: 0;": "to-the-left",
    "margin-left:-0.16666667em;": "closer",
}
STYLE = re.compile(r' style="([^"]*)"')

# The converter takes an opening parenthesis alone for the argument of a function.
OPENED = re.compile(
    r"<mrow>(<mrow><mspace/><mi>\w+</mi></mrow>)<mo[^>]*>&ApplyFunction;</mo>"
    r'(<mo stretchy="false">\(</mo>)</mrow>'
)
# A sum that goes on in the right column of an alignment: plus and minus stand between two terms.
GOES_ON = re.compile(r'(<mtd class="to-the-left">)(<mo[^>]*>[+−]</mo>)')

# A minus between a wide space and a number is a sign.
SIGN = re.compile(r'(<mspace width="[12]em"/>)<mo>(−</mo><mn>)')

ROOT = "\N{SQUARE ROOT}"  # which no formula holds: the browser draws it
ROOT_OF_A_DIGIT = 900  # thousandths of an em: digit, gap, rule and a little below the line
JOINED = "\N{WORD JOINER}"  # keeps the comma after a formula on its line


class CannotBeSet(ValueError):
    """A formula that the converter does not understand."""


def from_mark(match):
    kind, value = match[1], match[2].replace("\N{NO-BREAK SPACE}", " ")
    if kind == "class":
        return f'<mrow class="{value}">'
    number, unit = value.split()
    return f'<mrow><mspace height="{LINE + float(number) * UNITS[unit]:g}em"/>'


def from_style(match):
    try:
        return f' class="{STYLES[match[1]]}"'
    except KeyError:
        raise CannotBeSet(f"it needs the style {match[1]!r}, which has no class yet") from None


@cache
def mathml(tex, display=False):
    """Return the MathML of a formula in TeX; `display` sets it on a line of its own.

    Raises CannotBeSet where the converter does not understand the formula.
    """
    source = CLASS.sub(r"\\textcolor{red}{\\text{class \1}", tex)
    source = ROW_SPACE.sub(r"\\\\ \\textcolor{red}{\\text{space \1 \2}}", source)
    try:
        found = CONVERTER.convert_with_local_state(source.strip(), displaystyle=display)
    except LatexError as error:
        raise CannotBeSet(str(error)) from error
    found = OPENED.sub(r"\1<mo>&ApplyFunction;</mo>\2", found)
    found = STYLE.sub(from_style, MARKED.sub(from_mark, found))
    return SIGN.sub(r'\1<mo lspace="0" rspace="0">\2', GOES_ON.sub(r"\1<mrow></mrow>\2", found))


def set_formula(writer, node, tex, display=False):
    """Write a formula; one that cannot be set is shown as TeX, and warned about."""
    try:
        writer.body.append(mathml(tex, display))
    except CannotBeSet as error:
        message = "the formula %s cannot be set: %s"
        logger.warning(message, tex, error, location=node, type="mathematics")
        writer.body.append(f"<code>{escape(tex)}</code>")


def inline(writer, node):
    writer.body.append(writer.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    set_formula(writer, node, node.astext())
    writer.body.append(f"{JOINED}</span>")
    raise nodes.SkipNode


def block(writer, node):
    writer.body.append(writer.starttag(node, "div", CLASS="math notranslate nohighlight"))
    tex = node.astext()
    if node["number"]:
        number = get_node_equation_number(writer, node)
        writer.body.append(f'<span class="eqno">({number})')
        writer.add_permalink_ref(node, "Link to this equation")
        writer.body.append("</span>")
    elif tag := TAG.search(tex):
        writer.body.append(f'<span class="eqno">({tag[1]})</span>')
        tex = tex[: tag.start()]
    set_formula(writer, node, tex, display=True)
    writer.body.append("</div>\n")
    raise nodes.SkipNode


def characters(pages):
    """Return the characters that the formulas of these pages show.

    A browser shows a single letter in its italic form, of another code.
    """
    formulas = (formula for page in pages for formula in re.findall(r"<math.*?</math>", page, re.S))
    found = {sign for formula in formulas for sign in unescape(re.sub(r"<[^>]*>", "", formula))}
    found = {sign for sign in found if unicodedata.category(sign) not in ("Cf", "Cc", "Zs")}
    italics = map(chr, [0x210E, *range(0x1D434, 0x1D454), *range(0x1D456, 0x1D468)])
    greek = map(chr, range(0x1D6E2, 0x1D71C))
    of = {unicodedata.normalize("NFKC", sign): sign for sign in [*italics, *greek]}
    return found | {of[sign] for sign in found if sign in of} | {ROOT}


def stretch(font, name, across, along):
    """Stretch a glyph and its advance by these factors, from the corner (0, 0)."""
    glyph, (advance, _) = font["glyf"][name], font["hmtx"][name]
    glyph.coordinates.scale((across, along))
    glyph.coordinates.toInt()
    glyph.recalcBounds(font["glyf"])
    font["hmtx"][name] = round(advance * across), glyph.xMin


def mend_roots(font):
    """Give all signs of a root one width, and one of them the height of a line.

    Chromium leaves room for the widest sign, whichever it draws; and what a sign is taller than its
    root it lets hang below the line. Each sign takes the height of the next smaller one; the
    smallest is as tall as the root of a digit.
    """
    variants = font["MATH"].table.MathVariants
    root = font.getBestCmap()[ord(ROOT)]
    signs = variants.VertGlyphConstruction[variants.VertGlyphCoverage.glyphs.index(root)]
    width = font["hmtx"][root][0]
    height = ROOT_OF_A_DIGIT
    for sign in signs.MathGlyphVariantRecord:
        along = height / sign.AdvanceMeasurement
        stretch(font, sign.VariantGlyph, width / font["hmtx"][sign.VariantGlyph][0], along)
        height, sign.AdvanceMeasurement = sign.AdvanceMeasurement, height
    for part in signs.GlyphAssembly.PartRecords:
        stretch(font, part.glyph, width / font["hmtx"][part.glyph][0], 1)


def mend(font):
    """Let subscripts stand equally low under letters with and without a tail; mend the roots."""
    font["MATH"].table.MathConstants.SubscriptBaselineDropMin.Value = -50
    mend_roots(font)


def write_font(app, exception):
    """Cut the font, once all pages are written."""
    if exception is None and app.builder.format == "html":
        pages = [page.read_text(encoding="utf-8") for page in built(app)]
        folder = Path(find_spec("ziamath").submodule_search_locations[0], "fonts")
        source = folder / "STIXTwoMath-Regular.ttf"
        target = Path(app.outdir, "_static", "math.woff2")
        fonts.cut(source, sorted(characters(pages)), target, mend)


def setup(app):
    app.connect("build-finished", write_font)
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    app.config.html_math_renderer = "mathml"
    return {"parallel_read_safe": True, "parallel_write_safe": True}
