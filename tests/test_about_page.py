"""What a page says about itself: description, edition, licence, address where it is known."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[1]
HTML = ROOT / "_build" / "html"
sys.path.insert(0, str(ROOT / "_ext"))

import about_page  # noqa: E402

DECKS = [HTML / "slides" / f"{path.stem}.html" for path in (ROOT / "slides").glob("*.md")]
PAGES = sorted(
    {*HTML.glob("*.html"), *HTML.glob("chapters/*.html"), HTML / "slides" / "index.html", *DECKS}
    - {HTML / "index.html"}  # leads to the first page
)


class TestAddress:
    @pytest.mark.parametrize(
        ("variables", "address"),
        [
            ({}, ""),
            ({"GITHUB_REPOSITORY": "Owner/book"}, "https://owner.github.io/book/"),
            ({"GITHUB_REPOSITORY": "owner/owner.github.io"}, "https://owner.github.io/"),
            ({"BOOK_ADDRESS": "https://a.example/b"}, "https://a.example/b/"),
            (
                {"BOOK_ADDRESS": "https://a.example/", "GITHUB_REPOSITORY": "o/b"},
                "https://a.example/",
            ),
        ],
    )
    def test_from_the_environment(self, variables, address):
        assert about_page.site_address(variables) == address

    def test_a_lost_page_has_absolute_addresses(self):
        page = '<a href="a.html#b"> <a href="#c"> <a href="https://x.example"> <img src="./d.svg">'
        assert about_page.anchored(page, "/book/") == (
            '<a href="/book/a.html#b"> <a href="#c"> <a href="https://x.example">'
            ' <img src="/book/d.svg">'
        )

    @pytest.mark.parametrize("base", ["/", "/book/"])
    def test_a_lost_page_kept_from_an_earlier_build(self, base):
        page = '<a href="a.html#b"> <a href="#c"> <a href="https://x.example"> <img src="d.svg">'
        assert about_page.loosened(about_page.anchored(page, base), base) == page
        assert about_page.loosened(page, base) == page

    def test_a_sitemap(self):
        tree = ElementTree.fromstring(about_page.sitemap("https://a.example/", ["b.html?c&d"]))
        assert [place.text for place in tree.findall(".//{*}loc")] == [
            "https://a.example/b.html?c&d"
        ]

    def test_the_card_has_the_size_that_its_tags_say(self, tmp_path):
        about_page.draw_card(tmp_path / "card.png")
        content = (tmp_path / "card.png").read_bytes()
        assert int.from_bytes(content[16:20]) == 1200
        assert int.from_bytes(content[20:24]) == 630
        assert len(content) < 100_000


class TestDescription:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("Short.", "Short."),
            ("One. " + "Two " * 50 + "end.", "One."),
            ("word " * 40, "word " * 30 + "word …"),
        ],
    )
    def test_it_is_short(self, text, found):
        assert about_page.shortened(text) == found
        assert len(found) <= 160

    def test_no_two_pages_say_the_same(self):
        said = [
            BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").find(
                "meta", attrs={"name": "description"}
            )["content"]
            for page in PAGES
        ]
        assert len(said) > 20
        assert len(set(said)) == len(said)


class TestEdition:
    def test_outside_a_repository(self, tmp_path):
        (tmp_path / "CITATION.cff").write_text("version: 1.2.3\n")
        found = about_page.edition(tmp_path)
        assert found == {"version": "1.2.3", "commit": "", "date": ""}
        assert about_page.changed(tmp_path, "chapters/page.md") == ""

    def test_in_a_repository(self, tmp_path):
        (tmp_path / "CITATION.cff").write_text("version: 1.2.3\n")
        who = ["-c", "user.name=a", "-c", "user.email=a@a.example"]
        for words in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "a"]):
            subprocess.run(["git", "-C", tmp_path, *words], check=True)
        found = about_page.edition(tmp_path)
        assert len(found["commit"]) >= 7
        assert about_page.changed(tmp_path, "CITATION.cff") == found["date"]

    @pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}-{page.stem}")
    def test_every_page_names_version_and_licence(self, page):
        soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
        version = about_page.edition(ROOT)["version"]
        assert f"Version {version}" in soup.get_text()
        assert soup.find("link", rel="license")
        assert len(soup.find_all("meta", attrs={"name": "viewport"})) == 1
