"""The built site in _build/html: whole links, no other origin, text for every picture."""

import gzip
import re
import runpy
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "_ext"))

from pages import policy  # noqa: E402

HTML = ROOT / "_build" / "html"
PAGES = sorted(HTML.glob("chapters/*.html"))
LOADED = [("script", "src"), ("link", "href"), ("img", "src"), ("iframe", "src"), ("source", "src")]
PRINTED = runpy.run_path(str(ROOT / "slides" / "conf.py"))["policy_styles"]
EVERY_PAGE = sorted({*PAGES, *HTML.glob("*.html"), *HTML.glob("slides/*.html")})
WHOLE_SITE = 25_000_000  # bytes
FIRST_LOAD = 250_000  # bytes over the wire, with every picture that does not wait
WITH_PICTURES = 350_000  # the same with all pictures
REQUESTS = 20
WIDTH = 76  # characters of an output, as of a line of code
SMALL_PAGE = 2_000_000  # bytes of HTML; a phone on a slow line waits for this


def test_the_book_has_been_built():
    assert PAGES, "there is no site in _build/html: run make book"


@pytest.fixture(scope="module")
def soups():
    return {page: BeautifulSoup(page.read_text(), "html.parser") for page in PAGES}


@pytest.fixture(params=PAGES, ids=lambda page: page.stem)
def page(request):
    return request.param


@pytest.fixture
def soup(page, soups):
    return soups[page]


def test_a_page_says_what_it_is(soup):
    assert soup.html["lang"] == "en"
    assert soup.title.get_text(strip=True)
    assert len(soup.select("article h1")) == 1  # the theme repeats it above, for print alone
    assert soup.find("meta", attrs={"name": "viewport"})


def test_a_page_loads_nothing_from_elsewhere(soup):
    for tag, attribute in LOADED:
        for element in soup.find_all(tag):
            if {"canonical", "license"} & set(element.get("rel", [])):
                continue  # says something, loads nothing
            address = element.get(attribute) or ""
            assert not urlsplit(address).netloc, f"{tag} loads {address}"


def test_every_link_within_the_site_leads_somewhere(page, soup, soups):
    for link in soup.find_all("a", href=True):
        parts = urlsplit(link["href"])
        if parts.scheme or parts.netloc:
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        assert target.exists(), f"{link['href']} leads nowhere"
        if parts.fragment and target in soups:
            anchor = unquote(parts.fragment).partition("?")[0]  # behind it: the state of a figure
            found = soups[target].find(id=anchor) or soups[target].find(attrs={"name": anchor})
            assert found, f"{link['href']} has no anchor"


def shown(page, soup):
    """The outputs of a page: (number of the cell, text)."""
    for number, cell in enumerate(soup.select("div.cell"), 1):
        for output in cell.select(".cell_output pre"):
            yield number, output.get_text()


def test_outputs_fit_the_page(page, soup):
    """Longer lines scroll at every width; a table is a table (lib/book/tables.py)."""
    wide = [
        f"{page.stem}, cell {number}: {len(line)} characters: {line[:50]} ..."
        for number, text in shown(page, soup)
        for line in text.splitlines()
        if len(line) > WIDTH
    ]
    assert not wide, "\n".join(wide)


def columns(line):
    """How many columns a line has whose parts stand apart, if one of them is a number; or 0."""
    cells = re.split(r"  +", line.strip())
    return len(cells) if any(re.fullmatch(r"[-+−]?[\d.,]+(e[-+]\d+)?%?", it) for it in cells) else 0


def printed_tables(text):
    """The first lines of tables in a text: three lines with the same columns, three or more."""
    lines = text.splitlines()
    counts = [columns(line) for line in lines]
    return [
        line
        for line, three in zip(
            lines, zip(counts, counts[1:], counts[2:], strict=False), strict=False
        )
        if min(three) == max(three) >= 3 and "[" not in line
    ]


def test_what_is_a_table_is_one_for_a_screen_reader(page, soup):
    found = [
        f"{page.stem}, cell {number}: {line[:60]}"
        for number, text in shown(page, soup)
        for line in printed_tables(text)[:1]
    ]
    assert not found, "\n".join(found)


def test_tables_are_found():
    assert printed_tables("a  1.0  2.0\nb  1.5  2.5\nc  3.0  4.0") == ["a  1.0  2.0"]
    assert printed_tables("[[1.  2.  3.]\n [1.  2.  3.]\n [1.  2.  3.]]") == []
    assert printed_tables("one line  1  2\nanother  3  4") == []


GERMAN = re.compile(r"\b(drei|hundert|fünf|und|zwanzig)\b")


def test_german_words_are_marked(page, soup):
    """The number words of the chapter on memory cells; in code they are data."""
    for text in soup.article.find_all(string=GERMAN):
        assert text.find_parent(attrs={"lang": "de"}) or text.find_parent("code"), text


def test_tables_of_results_have_headings(soup):
    for table in soup.select("table.results"):
        assert table.caption.get_text(strip=True)
        assert all(head.get("scope") in ("col", "row") for head in table.find_all("th"))


def test_every_picture_has_a_text(soup):
    for image in soup.find_all("img"):
        assert image.get("alt", "").strip(), f"{image.get('src')} has no alt text"


def test_pictures_of_cells_are_svg(soup):
    for image in soup.select(".cell_output img"):
        assert image["src"].endswith(".svg"), image["src"]


def test_no_cell_shows_an_error_or_a_machine(soup):
    for output in soup.select(".cell_output"):
        text = output.get_text()
        assert "Traceback (most recent call last)" not in text
        assert "/site-packages/" not in text
        assert "/home/" not in text


def test_a_page_is_small(page):
    assert page.stat().st_size < SMALL_PAGE


def test_the_root_leads_to_the_preface():
    assert "chapters/preface.html" in (HTML / "index.html").read_text()


@pytest.fixture(params=EVERY_PAGE, ids=lambda page: f"{page.parent.name}/{page.stem}")
def any_page(request):
    return request.param


@pytest.fixture
def any_soup(any_page):
    return BeautifulSoup(any_page.read_text(), "html.parser")


def wire(file):
    """Bytes over the wire: compressed as a server does it, unless the file is already."""
    content = file.read_bytes()
    return len(content if file.suffix == ".woff2" else gzip.compress(content, 6))


def loaded(page, soup, late):
    """The files that a page asks for: with the pictures that wait (`late`), or without them."""
    asked = [it["href"] for it in soup.find_all("link", rel=["stylesheet", "icon"])]
    asked += [it["src"] for it in soup.find_all("script", src=True)]
    asked += [it["src"] for it in soup.find_all("img") if late or it.get("loading") != "lazy"]
    files = {page}
    for address in asked:
        path = urlsplit(address).path  # of a lost page, which is shown anywhere: from the root
        folder = HTML if path.startswith("/") else page.parent
        files.add((folder / path.lstrip("/")).resolve())
    for sheet in [file for file in files if file.suffix == ".css"]:
        fonts = re.findall(r'url\("?([^")?]+\.woff2)', sheet.read_text())
        files |= {(sheet.parent / font).resolve() for font in fonts}
    return files


def test_a_page_is_light(any_page, any_soup):
    first, all_of_it = (loaded(any_page, any_soup, late) for late in (False, True))
    # The page of the search loads the words of the whole book.
    bar = WITH_PICTURES if any_page.name == "search.html" else FIRST_LOAD
    assert sum(map(wire, first)) <= bar
    assert len(first) <= REQUESTS
    assert sum(map(wire, all_of_it)) <= WITH_PICTURES


def test_the_site_is_light():
    """Python for the browser is apart, where it is there: it loads with the first press."""
    files = [file for file in HTML.rglob("*") if file.is_file()]
    pyodide = HTML / "live" / "pyodide"
    assert sum(file.stat().st_size for file in files if pyodide not in file.parents) <= WHOLE_SITE


def test_pictures_have_a_size_and_wait(any_soup):
    for number, image in enumerate(any_soup.find_all("img")):
        assert int(image["width"]) > 0, image
        assert int(image["height"]) > 0, image
        assert image["decoding"] == "async", image
        assert image.get("loading") == ("lazy" if number else None), image


def test_the_policy_stands_before_what_it_is_about(any_page, any_soup):
    found = any_soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
    assert found["content"] == policy(PRINTED if any_page.parent.name == "slides" else ())
    assert "unsafe" not in found["content"].replace("'wasm-unsafe-eval'", "")
    assert not found.find_previous(["script", "link", "style"])


def test_nothing_runs_or_paints_from_within_a_page(any_soup):
    assert not [it for it in any_soup.find_all("script") if not it.get("src")]
    assert not any_soup.find_all("style")
    for element in any_soup.find_all(True):
        assert not [name for name in element.attrs if name == "style" or name.startswith("on")]


def test_fonts_of_icons_hold_the_icons_in_use_alone():
    for font in HTML.glob("_static/icons-*.woff2"):
        assert font.stat().st_size < 6_000, font.name
