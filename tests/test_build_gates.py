"""The build refuses a faulty book and says where the fault is, on books of one page."""

import re

import pytest
from bs4 import BeautifulSoup

from tests.books import COMMAND, Book, cell
from tools.build import BOOK

FIGURE = """\
```{code-cell} ipython3
---
mystnb:
  image:
    alt: %s
---
import matplotlib.pyplot as plt
from lib import value
plt.plot([value]);
```
"""

GOOD = (
    "Text that refers to {ref}`a section <here>` and to "
    "{eq}`eq-one`.\n\n"
    "(here)=\n## A section\n\n```{math}\n:label: eq-one\na = b\n```\n\n"
    "![A black square](square.png)\n\n" + FIGURE % '"A line."' + cell("assert value == 1")
)


@pytest.fixture
def build(tmp_path):
    """A function that writes the page and builds its book: (exit code, what it printed)."""

    def run(page, repository="", *more):
        if not hasattr(run, "book"):
            run.book = Book(tmp_path / "book", {"page": page})
            (run.book.folder / "chapters" / "square.png").write_bytes(PNG)
        return run.book.build(*more, GITHUB_REPOSITORY=repository)

    return run


# One black pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c6360000000020001e221bc330000000049454e44ae426082"
)

FAULTS = {
    "exception in a cell": (
        cell("quotient = 1 / 0"),
        ["chapters/page", "quotient = 1 / 0", "Traceback", "ZeroDivisionError"],
    ),
    "failing assert in a cell": (
        cell("from lib import value\nassert value == 2, 'value is not 2'"),
        ["chapters/page", "assert value == 2", "Traceback", "AssertionError", "value is not 2"],
    ),
    "output on stderr": (
        cell("import sys\nprint('unexpected', file=sys.stderr)"),
        ["chapters/page.md", "stderr"],
    ),
    "Sphinx warning": ("```{no-such-directive}\n```\n", ["chapters/page.md", "no-such-directive"]),
    "broken cross-reference": ("See {ref}`nowhere`.\n", ["chapters/page.md", "nowhere"]),
    "broken equation reference": ("See {eq}`eq-none`.\n", ["chapters/page.md", "eq-none"]),
    "missing citation": ("{cite:t}`nobody1999` said so.\n", ["chapters/page.md", "nobody1999"]),
    "image without alt text": (
        "![](square.png)\n",
        ["chapters/page.md", "no alt text", "square.png"],
    ),
    "raw image without alt text": (
        "<img src='square.png'>\n",
        ["chapters/page.md", "no alt text", "square.png"],
    ),
    "executed figure without alt text": (
        FIGURE % '""',
        ["chapters/page.md", "no alt text", "code cell 1"],
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize(("page", "named"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_book_does_not_build(build, page, named):
    code, printed = build(page)
    assert code != 0
    for words in named:
        assert words in printed


@pytest.mark.slow
def test_a_second_build_of_a_faulty_book_fails_again(build):
    """With the option that make adds after a build that failed: see test_make.py."""
    page = "See {ref}`nowhere`.\n"
    assert build(page)[0] != 0
    assert build(page, "", "--all")[0] != 0


@pytest.mark.slow
def test_a_good_book_builds_and_runs_again_when_lib_changes(build):
    code, printed = build(GOOD)
    assert code == 0, printed
    assert 'alt="A line."' in build.book.page("page")
    left = build.book.folder / "_build/html/_images/of-an-earlier-build.svg"
    left.write_text("<svg/>")
    assert build.book.ran() == []
    assert [it for it in left.parent.iterdir() if it.name in build.book.page("page")]
    assert not left.exists()

    build.book.write("lib/__init__.py", "value = 2\n")
    code, printed = build(GOOD)
    assert code != 0, "the cells were not run again"
    assert "assert value == 1" in printed


@pytest.mark.slow
def test_a_line_printed_in_two_goes_stays_one_line(build):
    """A kernel flushes what was printed every fifth of a second, wherever the print has got to."""
    slow = "import time\nprint('one', end='')\ntime.sleep(1)\nprint(' two')"
    code, printed = build(GOOD + cell(slow))
    assert code == 0, printed
    assert "one two" in re.sub(r"<[^>]+>", "", build.book.page("page"))


@pytest.mark.slow
@pytest.mark.parametrize("repository", ["", "someone/somewhere"])
def test_the_binder_button_needs_the_address_of_the_repository(build, repository):
    code, printed = build(GOOD, repository)
    assert code == 0, printed
    page = build.book.page("page")
    link = "https://mybinder.org/v2/gh/someone/somewhere/main?urlpath=lab/tree/chapters/page.md"
    if repository:
        assert link in page
        assert "https://github.com/someone/somewhere/issues" in page
        assert "https://github.com/someone/somewhere/edit/main/chapters/page.md" in page
    else:
        assert "mybinder.org" not in page
        assert "github.com" not in page


def test_make_builds_with_the_command_tested_here():
    assert COMMAND[1:] == BOOK


@pytest.mark.slow
def test_what_needs_the_address_of_the_book(build):
    assert build(GOOD)[0] == 0
    html = build.book.folder / "_build" / "html"
    book = "https://someone.github.io/somewhere/"
    page = (html / "chapters" / "page.html").read_text()
    assert "canonical" not in page
    assert "og:" not in page
    assert not (html / "sitemap.xml").exists()
    assert 'href="/genindex.html"' in (html / "404.html").read_text()

    code, printed = build(GOOD, "someone/somewhere")
    assert code == 0, printed
    page = BeautifulSoup((html / "chapters" / "page.html").read_text(), "html.parser")
    assert page.find("link", rel="canonical")["href"] == f"{book}chapters/page.html"
    assert page.find("meta", property="og:image")["content"] == f"{book}_static/card.png"
    assert (html / "_static" / "card.png").read_bytes()[1:4] == b"PNG"
    assert f"<loc>{book}chapters/page.html</loc>" in (html / "sitemap.xml").read_text()
    lost = (html / "404.html").read_text()
    assert 'href="/somewhere/genindex.html"' in lost
    assert 'href="_static' not in lost


def test_python_from_an_address_is_let_in_and_nothing_else(tmp_path):
    book = Book(tmp_path, {"page": cell("1 + 1")})
    code, printed = book.build(LIVE_FROM="https://cdn.example/v/full")
    assert code == 0, printed
    page = book.page("page")
    assert 'data-from="https://cdn.example/v/full/"' in page
    allowed = re.search(r'content="(default-src [^"]+)"', page)[1]
    assert re.findall(r"https?:[^ ;]+", allowed) == 2 * ["https://cdn.example"]
