"""Claims and checks in the pages: a claim looks like one, checks fold, a page lists all claims."""

import re
import runpy

import pytest
from bs4 import BeautifulSoup

from lib.book import claims
from tests.books import ROOT, Book

CODE = (ROOT / "lib/book/claims.py").read_text("utf-8")
CLAIMS = (ROOT / "chapters/claims.md").read_text("utf-8")
LIBRARY = {
    "lib/checks.py": (ROOT / "lib/checks.py").read_text("utf-8"),
    "lib/book/__init__.py": "",
    "lib/book/claims.py": CODE,
}


def cell(code, *tags):
    head = f"---\ntags: [{', '.join(tags)}]\n---\n" if tags else ""
    return f"```{{code-cell}} ipython3\n{head}{code}\n```\n\n"


MEASURED = cell(
    "from lib.book.claims import claim, seeds\n\n"
    "claim('A < B', {seed: 3 + seed / 10 for seed in seeds(6)}, above=0, fooled_by='the rate',\n"
    "      control='three rates')\n"
    "claim('A < B', [True] * 15, above=0.5, made='repeated in part')"
)
CHECKS = cell("x = 1\nfor k in range(9):\n    assert x == 1\nassert x < 2", "checks") + cell(
    "import numpy as np\nnp.testing.assert_allclose(x, 1)", "checks"
)
EXACT = cell("claim('&', 1.0, above=0)")
PAGES = {
    "first": "(first)=\n## A start\n\nText.\n",
    "second": f"## A race\n\n{MEASURED}## Another\n\n{CHECKS}{EXACT}",
    "claims": CLAIMS,
}


def soup(book, name):
    return BeautifulSoup(book.page(name), "html.parser")


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    book = Book(tmp_path_factory.mktemp("claims") / "book", PAGES, LIBRARY)
    book.write("chapters/claims.md", "# Claims\n" + CLAIMS.partition("# Claims\n")[2])
    code, printed = book.build()
    assert code == 0, printed
    return book


def test_the_extension_knows_a_claim():
    assert runpy.run_path(str(ROOT / "_ext/claims.py"))["MIME"] == claims.MIME


def test_a_claim_is_a_paragraph_with_a_mark_a_sentence_and_numbers(book):
    page = soup(book, "second")
    found = page.select(".cell_output p.claim")
    assert [" ".join(it.get_text().split()) for it in found] == [
        "Claim A < B: mean 3.25 over 6 seeds, 95 % 3.05 to 3.45 (asked: above 0)",
        "Claim A < B: 15 of 15 seeds, 95 % 0.80 to 1.00 (asked: above 0.5)",
        "Claim &: 1 (asked: above 0)",
    ]
    assert len({it["id"] for it in found}) == 3
    assert not page.select(".cell_output pre")  # the line of text is for where there are no pages
    there = soup(book, "claims")
    for it in found:
        page, _, anchor = it.select_one(".claim-mark a")["href"].partition("#")
        assert page == "claims.html"
        assert there.find("tr", id=anchor)


def test_checks_fold_behind_a_line_that_says_how_many_hold(book):
    folds = soup(book, "second").select("div.cell.tag_checks > details.checks")
    names = [it.summary.get_text() for it in folds]
    assert names == ["2 checks hold, fold 1", "1 check holds, fold 2"]
    assert [it.summary.find(string=True) for it in folds] == ["2 checks hold", "1 check holds"]
    assert all("assert" in it.select_one(".cell_input").get_text() for it in folds)
    assert not any(it.has_attr("open") for it in folds)


def test_slides_can_quote_both(book, monkeypatch):
    """They read what Sphinx kept of the page, where a claim is text too and no cell is folded."""
    monkeypatch.syspath_prepend(ROOT / "_ext")  # as slides/conf.py does
    run = runpy.run_path(str(ROOT / "_ext/from_book.py"))
    tree = run["doctrees"](book.folder / "_build/.doctrees/chapters")["second"]
    cells = [
        it
        for it in tree.findall()
        if getattr(it, "attributes", {}).get("nb_element") == "cell_code"
    ]
    assert run["output"](cells[0], "label").splitlines()[0].startswith("Holds: A < B: mean 3.25")
    assert "assert x == 1" in run["cell"](cells[1])


def test_the_list_tells_all_of_every_claim(book):
    page = soup(book, "claims")
    (table,) = page.select("table.claims")
    rows = [[" ".join(td.stripped_strings) for td in tr("td")] for tr in table.tbody("tr")]
    assert rows[0][:4] == [
        "A < B In: A race Could fool it: the rate Control: three rates",
        "mean 3.25 of 6 seeds 95 %: 3.05 to 3.45 seeds: 3 to 3.5",
        "above 0",
        rows[0][3],
    ]
    assert 0 < float(rows[0][3]) < 1e-3
    assert re.fullmatch(r"computed \d+\.\d s", rows[0][4])
    assert rows[1][1:3] == ["15 of 15 seeds 95 %: 0.80 to 1.00", "above 0.5"]
    assert re.fullmatch(r"repeated in part \d+\.\d s", rows[1][4])
    assert rows[2][:4] == ["& In: Another", "1", "above 0", "–"]
    assert page.select_one("section#of-chapters-second > h2")
    for link in table.select("tbody a"):
        name, _, anchor = link["href"].partition("#")
        assert soup(book, name.removesuffix(".html")).find("p", id=anchor)


def test_the_list_counts_the_claims(book):
    totals = soup(book, "claims").select("table")[0]
    rows = [list(tr.stripped_strings) for tr in totals.select("tbody tr")]
    assert rows == [
        ["Exact", "1", "0", "0", "1"],
        ["A mean of seeds", "1", "0", "0", "1"],
        ["A share of seeds", "0", "1", "0", "1"],
        ["All", "2", "1", "0", "3"],
    ]


def test_the_list_follows_its_chapters(book):
    """A book without claims has an empty list; a new one brings its claim into it."""
    old = (book.folder / "chapters/second.md").read_text("utf-8")
    book.write("chapters/second.md", old.partition("## A race")[0] + "Nothing.\n")
    assert book.ran() == []
    assert "No chapter claims anything yet." in book.page("claims")
    book.write("chapters/second.md", old)
    assert book.ran() == []
    assert len(soup(book, "claims").select("table.claims tbody tr")) == 3


def test_checks_that_assert_nothing_fail_the_build(tmp_path):
    book = Book(tmp_path / "book", {"page": cell("x = 1", "checks")})
    code, printed = book.build()
    assert code != 0
    assert "a cell of checks asserts nothing" in printed


def test_a_build_asks_for_the_books_own_seeds(tmp_path):
    """Outputs of fresh seeds must not end up in the cache, nor claims that fall in the pages."""
    book = Book(tmp_path / "book", {"page": cell(
        "from lib.book.claims import seeds\n\nprint(*seeds(2))")}, LIBRARY)  # fmt: skip
    assert book.ran(BOOK_FIRST_SEED="1000", BOOK_REPORT_CLAIMS="1") == ["page"]
    assert "0 1" in soup(book, "page").select_one(".cell_output").get_text()
