"""The numbers in alt texts and captions: the cell gives them, or they belong to the drawing."""

import re
from functools import cache

import jupytext
import numpy as np
import pytest
from bs4 import BeautifulSoup
from matplotlib.figure import Figure

from lib.book.figures import style
from tests.books import ROOT, Book
from tests.helpers import refused

STYLE = {
    "lib/book/__init__.py": "",
    "lib/book/figures/style.py": (ROOT / "lib/book/figures/style.py").read_text("utf-8"),
    "lib/book/figures/perceptron.py": (
        "from matplotlib.figure import Figure\n\n\ndef unrolled(steps):\n    return Figure()\n"
    ),
}
PAGE = """\
{{ref}}`see <fig-line>`

```{{code-cell}} ipython3
---
mystnb:
  image:
    alt: 'A line that falls from {{first:.1f}} to {{last[1]:.2f}} in {{what}}.'
  figure:
    name: fig-line
    caption: 'It ends at {{{name}:,}}, which is $\\mathbf{{{{z}}}}$.'
---
import numpy as np
from matplotlib.figure import Figure
from lib.book.figures import style

style.use()
figure = Figure()
figure.add_subplot()
style.described(figure, first=np.float32(3.14), last=[1, 0.126], what="steps", n=12345)
```
"""


def test_the_page_shows_what_the_cell_has_computed(tmp_path):
    book = Book(tmp_path / "book", {"page": PAGE.format(name="n")}, STYLE)
    code, printed = book.build()
    assert code == 0, printed
    page = BeautifulSoup(book.page("page"), "html.parser")
    assert page.select_one("figure img")["alt"] == "A line that falls from 3.1 to 0.13 in steps."
    assert "It ends at 12,345, which is" in page.select_one("figcaption").get_text()


def test_a_name_that_the_figure_does_not_tell_fails_the_build(tmp_path):
    book = Book(tmp_path / "book", {"page": PAGE.format(name="nothing")}, STYLE)
    code, printed = book.build()
    assert code != 0
    printed = " ".join(printed.split())
    assert (
        "cannot be filled (KeyError: 'nothing'); the figure tells these numbers: first" in printed
    )


def test_a_figure_tells_numbers_and_texts_alone():
    figure = style.described(Figure(), a=np.float64(1.5), b=np.arange(2), c="x", d=True and 3)
    assert figure.numbers == {"a": 1.5, "b": [0, 1], "c": "x", "d": 3}
    with refused(TypeError, "bad: expected numbers or texts, got dtype object"):
        style.described(Figure(), bad=None)


# Numbers that belong to the drawing or to the field, not to what was measured: (the name of the
# figure, the words that hold the number). What the cell's code sets needs no entry.
STRUCTURAL = {
    ("fig-recurrent-perceptron", "a box that reads: 1 step later"),
    ("fig-gru-recognise", "a circle that reads 1 minus"),
}

CHAPTERS = [pytest.param(path, id=path.stem) for path in sorted((ROOT / "chapters").glob("*.md"))]

# What is no number: an index, a step before or after, a reference, what the cell gives, E4.
APART = re.compile(
    r"\b1 ?- ?(?=[a-z\\])|\w\([^)]*\)|_\{?\(?[\w+-]*\)?\}?|\bt ?[-+] ?1\b"
    r"|\{\w+\}`[^`]*`|\{[a-z]\w*[^{}]*\}|\b[A-Z]\d+\b"
)
MEASURED = re.compile(r"(?:about|around|near|nearly|roughly|almost|just (?:below|above)) $")
NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:[.,]\d+)*")
LITERAL = re.compile(r"(?<![\w.])-?\d[\d_]*(?:\.\d+)?(?![\w.])")


@cache
def texts(chapter):
    """(name of the figure, alt text or caption, code) of each figure that a cell draws."""
    found = []
    for cell in jupytext.read(chapter, fmt="md:myst").cells:
        settings = cell.metadata.get("mystnb", {})
        figure = settings.get("figure", {})
        for text in (settings.get("image", {}).get("alt"), figure.get("caption")):
            if text:
                found.append((figure.get("name", "no name"), " ".join(text.split()), cell.source))
    return found


def loose(name, text, code=""):
    """The numbers of a text that neither the cell gives, nor its code sets, nor the drawing has.

    What is *about* a number is measured, even if the code has that number too.
    """
    for figure, words in STRUCTURAL:
        if figure == name:
            text = text.replace(words, "")
    text = APART.sub(" ", text)
    return [
        match[0]
        for match in NUMBER.finditer(text)
        if MEASURED.search(text[: match.start()]) or not sets(code, match[0])
    ]


def sets(code, number):
    """Whether a number stands in the code of a cell: an argument, the end of an axis."""
    return number.replace(",", "") in {it.replace("_", "") for it in LITERAL.findall(code)}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_numbers_in_alt_texts_and_captions_come_from_the_cell(chapter):
    """Give them by `style.described`, or, if they belong to the drawing, to `STRUCTURAL`."""
    found = [(each[0], number, each[1]) for each in texts(chapter) for number in loose(*each)]
    lines = "\n".join(f"{name}: {number} in {text!r}" for name, number, text in found)
    assert found == [], f"{len(found)} numbers:\n{lines}"


def test_every_structural_number_still_stands_in_a_text():
    said = {name: [] for name, _ in STRUCTURAL}
    for chapter in (ROOT / "chapters").glob("*.md"):
        for name, text, _ in texts(chapter):
            said.setdefault(name, []).append(text)
    assert [it for it in STRUCTURAL if not any(it[1] in text for text in said[it[0]])] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The error is {error:.2f} after 12 steps.", ["12"]),
        ("h(t-1) goes into x(t) and $\\mathbf{y}_{(9)}$, as in {numref}`fig-2`", []),
        (
            "With w_y = 0.5 the echo of -1.5 fades, one of 5,530 and 2",
            ["0.5", "-1.5", "5,530", "2"],
        ),
        ("D05 and E4 are names", []),
        ("The cell sets 16 and 20000; 20,000 and about 16 are measured.", ["16"]),
    ],
)
def test_what_counts_as_a_number(text, expected):
    assert loose("", text, "draw(x, 16, 20_000)") == expected
