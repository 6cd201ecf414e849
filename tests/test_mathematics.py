"""Formulas as MathML: what each command becomes, what is refused, and what the built pages hold."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "_ext"))

from fontTools.ttLib import TTFont  # noqa: E402
from mathematics import CannotBeSet, characters, mathml  # noqa: E402

HTML = ROOT / "_build" / "html"
PAGES = [*sorted(HTML.glob("chapters/*.html")), *sorted(HTML.glob("slides/*.html"))]


def text(tex):
    return BeautifulSoup(mathml(tex), "html.parser").get_text()


def test_bold_letters_are_bold_characters():
    assert text(r"\mathbf{W}_{xi} \boldsymbol{\delta} \mathbf{0}") == "𝐖xi𝜹𝟎"


def test_a_part_carries_a_class():
    assert mathml(r"\class{forget gate}{\mathbf{f}}_{(t)}").startswith(
        '<math><msub><mrow class="forget gate"><mi>𝐟</mi></mrow>'
    )


def test_parts_with_a_class_stand_in_each_other():
    found = BeautifulSoup(mathml(r"\class{a}{x^\class{b}{2} + \class{c}{y}}"), "html.parser")
    assert [part["class"] for part in found.find_all("mrow")] == [["a"], ["b"], ["c"]]
    assert found.find(class_="a").get_text() == "x2+y"


def test_a_term_that_comes_later_keeps_its_space():
    """A plus that opens a group would be a sign, not a sum, without something before it."""
    assert '<mrow class="fragment"><mrow></mrow><mo>+</mo>' in mathml(r"a \class{fragment}{{}+ b}")


def test_a_sum_goes_on_in_the_next_row():
    assert "<mrow></mrow><mo>+</mo>" in mathml(r"\begin{aligned} a &= b \\ &+ c \end{aligned}")


def test_space_between_rows():
    assert '<mspace height="1.45em"/>' in mathml(r"\begin{aligned} a \\[1ex] b \end{aligned}")


def test_a_function_is_not_applied_to_a_parenthesis():
    assert mathml(r"\tanh(-1)").count("<mrow>") == 1


def test_nothing_carries_a_style():
    assert " style=" not in mathml(r"\begin{aligned} a &= \left(b\right)^{\!\top} \end{aligned}")


@pytest.mark.parametrize(
    ("tex", "said"),
    [
        (r"\unknown", "unknown"),
        (r"\frac{1}", "8: "),
        (r"\left( x", "8: "),
        (r"\textcolor{red}{x}", "the style 'color:#FF0000;'"),
    ],
)
def test_what_cannot_be_set_is_refused(tex, said):
    with pytest.raises(CannotBeSet, match=re.escape(said)):
        mathml(tex)


def test_a_strict_build_names_page_and_formula(tmp_path):
    (tmp_path / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT / '_ext')!r})\n"
        "extensions = ['myst_parser', 'mathematics']\nmyst_enable_extensions = ['dollarmath']\n"
    )
    (tmp_path / "index.md").write_text("# Title\n\nFine is $x$, and not $\\unknown{x}$.\n")
    built = subprocess.run(
        [sys.executable, *"-m sphinx -W --keep-going -q -b html . out".split()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert built.returncode == 1
    assert r"index.md:3: WARNING: the formula \unknown{x} cannot be set" in built.stderr


def test_characters_of_letters_that_browsers_slant():
    assert characters(["<p>z</p><math><mi>h</mi><mi>σ</mi><mi>&lt;</mi></math>"]) == set("hσ<ℎ𝜎√")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_no_formula_of_a_page_is_left_as_tex(page):
    for formula in BeautifulSoup(page.read_text(), "html.parser").select(".math"):
        assert formula.find("math"), formula
        assert not re.search(r"[\\$&]", formula.get_text()), formula


@pytest.mark.parametrize("site", ["_static", "slides/_static"])
def test_the_font_has_every_character(site):
    folder = HTML / site
    pages = sorted(folder.parent.glob("chapters/*.html" if site == "_static" else "*.html"))
    shown = characters([page.read_text() for page in pages])
    assert {ord(sign) for sign in shown} <= set(TTFont(folder / "math.woff2").getBestCmap())


def test_signs_of_a_root_have_one_width_and_that_of_a_letter_is_low():
    font = TTFont(HTML / "_static" / "math.woff2")
    variants, widths = font["MATH"].table.MathVariants, font["hmtx"]
    root = font.getBestCmap()[ord("√")]
    signs = variants.VertGlyphConstruction[variants.VertGlyphCoverage.glyphs.index(root)]
    names = [sign.VariantGlyph for sign in signs.MathGlyphVariantRecord]
    parts = [part.glyph for part in signs.GlyphAssembly.PartRecords]
    assert {widths[name][0] for name in [*names, *parts]} == {widths[root][0]}
    for sign in signs.MathGlyphVariantRecord:
        glyph = font["glyf"][sign.VariantGlyph]
        assert abs(glyph.yMax - glyph.yMin - sign.AdvanceMeasurement) <= 2
    assert font["glyf"][root].yMax - font["glyf"][root].yMin < font["head"].unitsPerEm
