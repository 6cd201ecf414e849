"""A slide that asks for what the book does not have fails the build."""

import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from docutils import nodes
from docutils.utils import new_document

pytest.importorskip("sphinx_revealjs", reason="sphinx-revealjs is not installed")

ROOT = Path(__file__).parents[1]
SETTINGS = """
import sys
sys.path[:0] = [{root!r}, {extensions!r}]
extensions = ["myst_parser", "sphinx_revealjs", "from_book", "mathematics", "slide_deck"]
root_doc = "deck"
book_doctrees = {book!r}
drawn_figures = {drawn!r}
templates_path = [{templates!r}]
revealjs_html_theme = "revealjs-simple"
"""
NOTES = "\n```{notes} 2\nSay it.\n```\n"


def chapter():
    """A chapter with an equation and a cell that printed two lines."""
    tree = new_document("chapter.md")
    tree += nodes.math_block("", r"y = w x + b", label="eq-line", number=1, nowrap=False)
    code = nodes.literal_block("", "assert spent > 20", language="python")
    printed = nodes.literal_block("", "error 0.25\nerror 0.75", classes=["output", "stream"])
    tree += nodes.container("", code, printed, ids=["cell-error"], nb_element="cell_code")
    tree.reporter = None  # holds a stream, which cannot be pickled
    return tree


@pytest.fixture
def build(tmp_path):
    """Build a deck of one slide as the Makefile does; return its page and the warnings."""

    def run(slide, notes=NOTES):
        book, source = tmp_path / "book" / "chapters", tmp_path / "slides"
        book.mkdir(parents=True)
        source.mkdir()
        (book / "chapter.doctree").write_bytes(pickle.dumps(chapter()))
        (tmp_path / "_toc.yml").write_text("- file: chapters/deck\n")
        settings = {
            "root": str(ROOT),
            "extensions": str(ROOT / "_ext"),
            "templates": str(ROOT / "slides" / "_templates"),
            "book": str(book),
            "drawn": str(tmp_path / "drawn"),
        }
        (source / "conf.py").write_text(SETTINGS.format(**settings))
        (source / "deck.md").write_text(f"# A deck\n{slide}\n{notes}")
        built = subprocess.run(
            [sys.executable, *"-m sphinx -W --keep-going -n -q -b revealjs slides html".split()],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert (built.returncode == 0) == (built.stderr == "")
        return (tmp_path / "html" / "deck.html").read_text(), built.stderr

    return run


def test_a_slide_shows_what_the_book_has(build):
    page, warnings = build(
        "```{from-book} eq-line\n+ b\n```\n\n```{from-book} cell-error\n:lines: 2\n```\n\n"
        r"{from-book}`cell-error | error ([\d.]+)`, {from-book}`cell-error | > (\d+)`"
    )
    assert warnings == ""
    assert '<mi>x</mi><mrow class="fragment"><mrow></mrow><mo>+</mo><mi>b</mi></mrow>' in page
    assert "error 0.75" in page
    assert "error 0.25" not in page
    assert '<span class="measured">0.25</span>' in page  # printed before the code
    assert '<span class="measured">20</span>' in page
    assert "1 slides, 2 minutes" in page


@pytest.mark.parametrize(
    ("slide", "expected"),
    [
        ("```{from-book} eq-gone\n```", "the book has no 'eq-gone'"),
        ("```{from-book} eq-line\n+ c\n```", "the equation has '+ c' 0 times, not once"),
        ("```{from-book} cell-error\n:lines: 7\n```", "there are no lines 7"),
        (r"{from-book}`cell-error | loss (\d)`", "has nothing like"),
        ("```{from-book} cell-gone\n```", "the book has no 'cell-gone'"),
    ],
)
def test_what_the_book_lacks_is_a_warning(build, slide, expected):
    _, warnings = build(slide)
    assert expected in warnings


def test_notes_are_asked_for(build):
    _, warnings = build("Words.", "")
    assert "has 0 notes, not one" in warnings
