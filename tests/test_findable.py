"""What a reader looks for is found: terms, sections, items and errors of the lecture, `lib`."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[1]
HTML = ROOT / "_build" / "html"
CHAPTERS = sorted(path.stem for path in (ROOT / "chapters").glob("*.md"))


def soup(name):
    """A page of the built site."""
    return BeautifulSoup((HTML / name).read_text(encoding="utf-8"), "html.parser")


@pytest.fixture(scope="module")
def glossary():
    return soup("chapters/glossary.html")


@pytest.fixture(scope="module")
def teaching():
    return soup("chapters/teaching.html")


class TestGlossary:
    def test_it_has_the_terms_of_the_lecture(self, glossary):
        terms = {term.find(string=True).strip() for term in glossary.select("dl.glossary dt")}
        assert len(terms) >= 60
        assert terms >= {"forget gate", "BPTT", "vanilla RNN", "teacher forcing", "spectral radius"}

    def test_every_entry_leads_to_a_section(self, glossary):
        for entry in glossary.select("dl.glossary dd"):
            assert entry.select("a[href]"), entry.text

    def test_terms_stand_in_order(self, glossary):
        firsts = glossary.select("dl.glossary > dt:first-child, dl.glossary > dd + dt")
        words = [it.find(string=True).strip().lower() for it in firsts]
        assert len(words) > 50
        assert words == sorted(words)

    @pytest.mark.parametrize("chapter", ["perceptron", "lstm", "gru", "short-term-memory"])
    def test_a_chapter_links_a_term_once(self, chapter, glossary):
        links = [link["href"] for link in soup(f"chapters/{chapter}.html").select("a.term")]
        assert len(links) > 5
        assert len(set(links)) == len(links)
        for link in links:
            page, _, anchor = link.partition("#")
            assert page == "glossary.html"
            assert glossary.find(id=anchor), link

    def test_the_index_leads_to_sections(self):
        links = {link["href"] for link in soup("genindex.html").select("table a[href]")}
        assert "chapters/lstm.html#d15-lstm-three-steps" in links
        assert len(links) > 100


class TestLecture:
    def test_every_item_has_a_section_and_a_slide(self, teaching):
        for number in range(1, 33):
            row = teaching.find(id=f"d{number:02}").find_parent("tr")
            hrefs = [link["href"] for link in row.select("a")]
            assert any("../slides/" in href for href in hrefs) or number == 1, number
            assert any("../slides/" not in href for href in hrefs), number

    def test_every_error_leads_to_its_note(self, teaching):
        links = teaching.find(id="the-errors-of-the-lecture").select("li a")
        assert {link["href"].rpartition("#")[2] for link in links} == {
            f"e{n}" for n in range(1, 14)
        }
        for link in links:
            name, _, anchor = link["href"].partition("#")
            assert "admonition" in soup(f"chapters/{name}").find(id=anchor)["class"]

    def test_links_into_decks_name_slides(self, teaching):
        for link in teaching.select("a[href*='../slides/']"):
            deck, _, slide = link["href"].removeprefix("../slides/").partition("#")
            text = (HTML / "slides" / deck).read_text(encoding="utf-8")
            assert not slide or f'id="{slide}"' in text, link["href"]

    def test_a_section_names_its_item_and_slide(self):
        line = (
            soup("chapters/lstm.html")
            .find(id="d15-lstm-three-steps")
            .find_next(class_="lecture-item")
        )
        assert [link["href"] for link in line.select("a")] == [
            "teaching.html#d15",
            "../slides/lstm.html#d15-lstm-three-steps",
        ]

    def test_the_sidebar_leads_there(self):
        sidebar = soup("chapters/gru.html").select_one("nav.bd-links")
        assert sidebar.find("a", href="teaching.html")
