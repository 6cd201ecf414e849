"""The built site in _build/html: whole links, no other origin, text for every picture."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

HTML = Path(__file__).parents[1] / "_build" / "html"
PAGES = sorted(HTML.glob("chapters/*.html"))
LOADED = [("script", "src"), ("link", "href"), ("img", "src"), ("iframe", "src"), ("source", "src")]
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
            anchor = unquote(parts.fragment)
            found = soups[target].find(id=anchor) or soups[target].find(attrs={"name": anchor})
            assert found, f"{link['href']} has no anchor"


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
