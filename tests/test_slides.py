"""The built decks in Chromium: every slide fits, is quiet and accessible; every item is taught."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tests import test_chapters
from tests.test_access import in_page
from tests.test_browser import CHROMIUM, OPTIONS, address, browser, violations

ROOT = Path(__file__).parents[1]
SLIDES = ROOT / "_build" / "html" / "slides"
DECKS = sorted(path.stem for path in (ROOT / "slides").glob("*.md"))
SIZES = [(1280, 720), (1920, 1080)]
ITEMS = [f"D{number:02}" for number in test_chapters.ALL_ITEMS]

needs_chromium = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]
__all__ = ["address", "browser"]  # fixtures

# What sticks out of the present slide, or lies on the link at its foot.
STICKS_OUT = """() => {
    const slide = Reveal.getCurrentSlide(), page = document.querySelector('.slides');
    const [space, foot] = [page, slide.querySelector('.in-the-book')].map(
        (it) => it && it.getBoundingClientRect());
    const found = [];
    for (const it of slide.querySelectorAll('*')) {
        if (it.closest('aside')) continue;
        const box = it.getBoundingClientRect();
        if (!box.width || !box.height) continue;
        const outside = box.left < space.left - 1 || box.right > space.right + 1 ||
            box.top < space.top - 1 || box.bottom > space.bottom + 1;
        const covers = foot && !it.closest('.in-the-book') && box.bottom > foot.top + 2 &&
            box.left < foot.right;
        const scrolls = !it.closest('math') && it.scrollWidth > it.clientWidth + 1 &&
            getComputedStyle(it).overflowX !== 'visible';
        if (outside || covers || scrolls) found.push(it.outerHTML.slice(0, 200));
    }
    return found;
}"""


# Lays all slides out below each other, for one look at all of them.
UNROLL = """() => {
    for (const it of document.querySelectorAll('.slides section')) {
        it.removeAttribute('hidden');
        it.removeAttribute('aria-hidden');
        it.style.cssText = 'display: block; position: static; visibility: visible; opacity: 1';
    }
    for (const it of document.querySelectorAll('html, body, .reveal, .slides'))
        it.style.cssText = 'position: static; height: auto; overflow: visible; transform: none';
    for (const it of document.querySelectorAll('.fragment')) it.classList.add('visible');
}"""


def open_deck(browser, address, deck, size, theme="light", query=""):
    """A tab with a deck that is ready, and what it complained of and asked for."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height})
    context.add_init_script(f"localStorage.setItem('mode', '{theme}')")
    context.set_default_timeout(120_000)  # of a busy machine
    tab, errors, requests = context.new_page(), [], []
    tab.on("console", lambda message: message.type == "error" and errors.append(message.text))
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.on("request", lambda request: requests.append(request.url))
    assert tab.goto(f"{address}/slides/{deck}.html{query}", wait_until="networkidle").ok
    tab.wait_for_selector(".reveal.ready")
    tab.evaluate("document.fonts.ready.then(() => true)")
    return tab, errors, requests


def each_slide(tab):
    """Go from slide to slide, with every fragment shown, and yield the titles."""
    places = tab.evaluate("Reveal.getSlides().map((it) => Reveal.getIndices(it))")
    for place in places:
        tab.evaluate("({h, v}) => Reveal.slide(h, v, 99)", place)
        yield tab.evaluate("Reveal.getCurrentSlide().querySelector('h1, h2').textContent")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("deck", DECKS)
class TestDeck:
    pytestmark = needs_chromium

    def test_every_slide_fits(self, browser, address, deck, size):
        tab, errors, requests = open_deck(browser, address, deck, size)
        try:
            found = {title: tab.evaluate(STICKS_OUT) for title in each_slide(tab)}
            assert {title: parts for title, parts in found.items() if parts} == {}
            assert errors == []
            assert [it for it in requests if not it.startswith((address, "data:", "blob:"))] == []
            bare = "[...document.images].filter((it) => !it.alt.trim()).map((it) => it.src)"
            assert tab.evaluate(bare) == []
        finally:
            tab.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("deck", DECKS)
class TestAccess:
    pytestmark = needs_chromium

    def test_every_slide_is_accessible(self, browser, address, deck, theme):
        tab, _, _ = open_deck(browser, address, deck, SIZES[0], theme)
        try:
            assert tab.evaluate("document.documentElement.dataset.theme") == theme
            tab.evaluate(UNROLL)
            assert violations(tab) == []
            assert in_page(tab, "pale")["found"] == []
        finally:
            tab.context.close()


class TestHandling:
    pytestmark = needs_chromium
    deck = "perceptron"

    def test_the_keyboard(self, browser, address):
        tab, errors, _ = open_deck(browser, address, self.deck, SIZES[0])
        tab.keyboard.press("ArrowRight")
        assert tab.evaluate("Reveal.getIndices().h") == 1
        tab.keyboard.press("Escape")
        assert tab.evaluate("Reveal.isOverview()")
        tab.keyboard.press("Escape")
        tab.keyboard.press("t")
        assert tab.evaluate("document.documentElement.dataset.theme") == "dark"
        assert errors == []
        tab.context.close()

    def test_an_equation_comes_term_by_term(self, browser, address):
        there = "#/d05-output-of-a-recurrent-layer"
        tab, _, _ = open_deck(browser, address, self.deck, SIZES[0], query=there)
        shown = "document.querySelectorAll('.present math .fragment.visible').length"
        counts = [tab.evaluate(shown)]
        for _ in range(4):
            tab.keyboard.press("ArrowRight")
            counts.append(tab.evaluate(shown))
        assert counts == [0, 1, 2, 3, 4]
        tab.context.close()

    def test_the_speaker_has_a_window(self, browser, address):
        tab, errors, _ = open_deck(browser, address, self.deck, SIZES[0])
        with tab.context.expect_page() as opened:
            tab.keyboard.press("s")
        speaker = opened.value
        speaker.on("console", lambda it: it.type == "error" and errors.append(it.text))
        speaker.on("pageerror", lambda error: errors.append(str(error)))
        speaker.wait_for_selector(".speaker-controls-notes .value p")
        assert "minutes" in speaker.inner_text(".speaker-controls-notes .value")
        title = speaker.frame_locator("#upcoming-slide iframe").locator("section.present h2")
        title.wait_for()
        assert violations(speaker, OPTIONS | {"iframes": False}) == []  # the decks are their own
        tab.keyboard.press("ArrowRight")
        speaker.get_by_text("2 min").wait_for()
        assert errors == []
        tab.context.close()

    def test_one_page_a_slide_on_paper(self, browser, address):
        tab, _, _ = open_deck(browser, address, self.deck, SIZES[0], query="?print-pdf")
        tab.wait_for_selector(".pdf-page")
        slides = (ROOT / "slides" / f"{self.deck}.md").read_text()
        assert tab.locator(".pdf-page").count() == len(re.findall(r"^##? ", slides, re.M))
        tab.context.close()


@pytest.fixture(scope="module")
def front():
    assert SLIDES.is_dir(), "the slides are not built: run make slides"
    return BeautifulSoup((SLIDES / "index.html").read_text(), "html.parser")


@pytest.mark.parametrize("item", ITEMS)
def test_every_item_has_a_section_and_a_slide(front, item):
    sections, slides = front.find(id=item).find_all("td")
    assert sections.find("a"), f"no section of the book has a label (d{item[1:]}-...)="
    assert slides.find("a"), f"no slide has a label (d{item[1:]}-...)="


def test_links_of_the_front_page_lead_somewhere(front):
    for link in front.select("a:not([rel=license])"):
        path, _, anchor = link["href"].partition("#")
        page = (SLIDES / path).resolve()
        assert page.exists(), link["href"]
        if anchor:
            assert f'id="{anchor.removeprefix("/")}"' in page.read_text(), link["href"]


@pytest.mark.parametrize("deck", DECKS)
def test_chapter_and_deck_link_each_other(deck):
    chapter = (SLIDES.parent / "chapters" / f"{deck}.html").read_text()
    assert f'href="../slides/{deck}.html"' in chapter
    assert f'href="../chapters/{deck}.html' in (SLIDES / f"{deck}.html").read_text()


@pytest.mark.parametrize("deck", DECKS)
def test_every_slide_has_notes_with_minutes(deck):
    soup = BeautifulSoup((SLIDES / f"{deck}.html").read_text(), "html.parser")
    for title in soup.select("section > h1, section > h2"):
        notes = title.parent.find("aside", class_="notes")
        assert re.search(r"\d min", notes.b.text), title.text


@pytest.mark.parametrize("deck", DECKS)
def test_a_deck_asks_questions_of_its_chapter_and_the_notes_have_the_answers(deck):
    soup = BeautifulSoup((SLIDES / f"{deck}.html").read_text(), "html.parser")
    chapter = BeautifulSoup(
        (SLIDES.parent / "chapters" / f"{deck}.html").read_text(), "html.parser"
    )
    book = {
        item.legend.text.partition(". ")[2]: item for item in chapter.select("fieldset.question")
    }
    asked = soup.select("section:has(> div.asked)")
    assert len(asked) >= 3
    for slide in asked:
        item = book[slide.select_one("div.asked > p").text]
        choices = [label.text for label in item.select("label")]
        assert [li.text.strip() for li in slide.select("div.asked li")] == choices
        right = item.select("input").index(item.select_one("input[value=right]"))
        notes = slide.find("aside", class_="notes").text
        assert f"The answer is {'ABCDEF'[right]}." in notes
        for place, wrong in enumerate(item.select(".reason.wrong")):
            assert wrong.text.removeprefix("No. ").strip() in notes, place
