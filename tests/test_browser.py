"""The built pages in Chromium: on a phone and a desk, light and dark."""

import functools
import http.server
import re
import shutil
import threading
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python", reason="axe is not installed")

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build" / "html"
PAGES = [
    *sorted(f"chapters/{path.stem}.html" for path in (ROOT / "chapters").glob("*.md")),
    "genindex.html",
    "search.html",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

# The newest axe, if .ci/run could get it from npm; else the one that the package index has.
NEWEST_AXE = ROOT / "_build" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
BUNDLED_AXE = Path(axe.__file__).parent / "axe.min.js"
AXE = NEWEST_AXE if NEWEST_AXE.exists() else BUNDLED_AXE
TAGS = "wcag2a wcag2aa wcag21a wcag21aa wcag22aa best-practice".split()
OPTIONS = {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"label-content-name-mismatch": {"enabled": True}},  # experimental in older releases
    "resultTypes": ["violations"],
}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(300),  # a page that never answers must not hold up the rest
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        """Keep the list of requests out of pytest's output."""


@pytest.fixture(scope="module")
def address():
    """The site, served on this machine."""
    assert SITE.is_dir(), "the book is not built: run make book"
    handler = functools.partial(QuietHandler, directory=SITE)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def tab(browser, width, theme):
    """An empty tab of this width, for a reader on a first visit whose system has this theme."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce"
    )
    context.set_default_timeout(120_000)  # of a busy machine
    yield context.new_page()
    context.close()


def visit(tab, address):
    """Open a page and wait until it is set; return what it complained of and asked for."""
    errors, requests = [], []
    tab.on("console", lambda message: message.type == "error" and errors.append(message.text))
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.on("request", lambda request: requests.append(request.url))
    assert tab.goto(address, wait_until="networkidle").ok
    tab.evaluate("window.MathJax && MathJax.startup.promise")
    return errors, requests


def unfold(tab):
    """Show hidden cells, hints and solutions, and wait until the theme has looked at them."""
    tab.evaluate("document.querySelectorAll('details').forEach(box => box.open = true)")
    tab.evaluate("new Promise(resolve => setTimeout(resolve, 500))")


def violations(tab):
    """What axe finds, however small: (rule, the first elements that break it).

    Only violations are asked for: with every element that passes, the answer of a long page is so
    large that on a busy machine it did not come to an end.
    """
    tab.evaluate(AXE.read_text(encoding="utf-8"))
    found = tab.evaluate("(options) => axe.run(document, options)", OPTIONS)["violations"]
    return [(rule["id"], [node["html"][:200] for node in rule["nodes"][:5]]) for rule in found]


def in_page(tab, name):
    """What a function in tests/in_page finds in a page."""
    return tab.evaluate((Path(__file__).parent / "in_page" / f"{name}.js").read_text())


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("page", PAGES)
def test_page(tab, address, page, width, theme):
    errors, requests = visit(tab, f"{address}/{page}")
    assert tab.evaluate("document.documentElement.dataset.theme") == theme
    assert violations(tab) == []
    unfold(tab)
    assert violations(tab) == []

    root = "document.documentElement"
    assert tab.evaluate(f"{root}.scrollWidth") <= tab.evaluate(f"{root}.clientWidth")
    assert errors == []
    assert [url for url in requests if not url.startswith((address, "data:", "blob:"))] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280])
@pytest.mark.parametrize("page", PAGES)
def test_colours_and_focus(tab, address, page, width, theme):
    visit(tab, f"{address}/{page}")
    unfold(tab)
    texts = in_page(tab, "pale")
    assert texts["measured"] > 20
    assert texts["found"] == []

    tab.keyboard.press("Tab")  # from now on focus is shown
    stops = in_page(tab, "unmarked")
    assert stops["seen"] > 10
    assert stops["unmarked"] == []
    assert stops["formulas"] == []


@pytest.mark.parametrize(("page", "width", "theme"), [("chapters/lstm.html", 1280, "light")])
class TestKeys:
    def test_a_slash_is_only_a_character(self, tab, address, page, width, theme):
        """Sphinx would take it to go to the search, out of an editor's text as well."""
        visit(tab, f"{address}/{page}")
        tab.evaluate("document.querySelector('article p').contentEditable = 'true'")
        tab.locator("article p").first.focus()
        tab.keyboard.type("1/2")
        assert "1/2" in tab.locator("article p").first.inner_text()
        assert tab.evaluate("document.activeElement.isContentEditable")

    def test_folds_have_names_of_their_own(self, tab, address, page, width, theme):
        visit(tab, f"{address}/{page}")
        closed = tab.locator("article summary").all_inner_texts()
        assert len(closed) > 10
        assert len(set(closed)) == len(closed)

    def test_a_fold_opens_by_keyboard(self, tab, address, page, width, theme):
        visit(tab, f"{address}/{page}")
        fold = tab.locator("article details").first
        fold.locator("summary").press("Enter")
        assert fold.get_attribute("open") is not None

    def test_tab_leads_out_again(self, tab, address, page, width, theme):
        visit(tab, f"{address}/chapters/references.html")
        seen = []
        while tab.evaluate("document.activeElement !== document.body") or not seen:
            tab.keyboard.press("Tab")
            seen.append(tab.evaluate("document.activeElement.outerHTML.slice(0, 200)"))
            assert len(seen) < 300, "the Tab key goes round and round"
        assert len(seen) > 20

    def test_focus_is_not_under_the_bar(self, tab, address, page, width, theme):
        """Going back through the page, each link comes into view from above."""
        visit(tab, f"{address}/{page}")
        tab.evaluate("[...document.querySelectorAll('article a[href]')].at(-1).focus()")
        for _ in range(60):
            tab.keyboard.press("Shift+Tab")
            place = "document.activeElement.getBoundingClientRect()"
            spot = f"{place}.x + 3, {place}.bottom - 3"
            bar = f"document.elementFromPoint({spot})?.closest('.bd-header-article')"
            here = tab.evaluate("document.activeElement.outerHTML.slice(0, 200)")
            assert not tab.evaluate(f"!!{bar} && !{bar}.contains(document.activeElement)"), here

    def test_wider_spacing_cuts_nothing(self, tab, address, page, width, theme):
        visit(tab, f"{address}/{page}")
        tab.set_viewport_size({"width": 390, "height": 900})
        tab.evaluate(
            """() => {
                const sheet = new CSSStyleSheet();
                sheet.replaceSync(`p { margin-bottom: 2em !important } * {
                    line-height: 1.5 !important; letter-spacing: 0.12em !important;
                    word-spacing: 0.16em !important }`);
                document.adoptedStyleSheets = [sheet];
            }"""
        )
        root = "document.documentElement"
        assert tab.evaluate(f"{root}.scrollWidth") <= tab.evaluate(f"{root}.clientWidth")
        cut = """() => [...document.querySelectorAll('article *')]
            .filter((it) => getComputedStyle(it).overflowY === 'hidden' && it.clientHeight > 1
                && it.scrollHeight > it.clientHeight + 1)
            .map((it) => it.outerHTML.slice(0, 200))"""
        assert tab.evaluate(cut) == []

    def test_paper_shows_no_solution_unless_asked(self, tab, address, page, width, theme):
        visit(tab, f"{address}/{page}")
        tab.evaluate(
            "window.print = () => { window.printed = document.querySelectorAll("
            "'article details[open]').length; dispatchEvent(new Event('afterprint')) }"
        )
        counts = []
        for label in ["Print", "Print unfolded"]:
            tab.get_by_role("button", name="Download or print this page").click()
            tab.get_by_role("button", name=label, exact=True).click()
            counts.append(tab.evaluate("window.printed"))
        assert counts == [0, tab.locator("article details").count()]
        assert tab.locator("article details[open]").count() == 0

    def test_paper_cuts_no_line(self, tab, address, page, width, theme):
        visit(tab, f"{address}/{page}")
        unfold(tab)
        tab.emulate_media(media="print")
        tab.set_viewport_size({"width": 700, "height": 1000})  # about the width of A4
        cut = "(it) => it.scrollWidth > it.clientWidth + 1"
        assert tab.evaluate(f"[...document.querySelectorAll('pre')].filter({cut}).length") == 0


SEARCHES = {
    "forget gate": "lstm.html#d15-lstm-three-steps",
    "BPTT": "glossary.html#term-backpropagation-through-time",
    "eq. 7": "lstm.html#d16-lstm-equations",
    "D14": "lstm.html#d14-lstm-four-layers",
    "nan": "glossary.html#term-nan",
    "bidirectional": "glossary.html#term-bidirectional-network",
    "GRU reset after": "gru.html#gru-reset-after",
    "half-life": "glossary.html#term-half-life",
    "seq2seq": "memory-cells.html#encoder-decoder-numbers",
    "E5": "lstm.html#d15-lstm-three-steps",
}


@pytest.mark.parametrize(("width", "theme"), [(390, "light")])
class TestSearch:
    @pytest.mark.parametrize("query", SEARCHES)
    def test_the_first_hit_is_the_place(self, tab, address, query, width, theme):
        errors, _ = visit(tab, f"{address}/search.html?q={query}")
        hits = tab.locator("#search-hits a")
        assert hits.first.get_attribute("href") == f"chapters/{SEARCHES[query]}"
        assert "Contents" not in tab.locator("#search-hits").inner_text()  # page furniture
        assert errors == []

    def test_a_snippet_shows_the_words(self, tab, address, width, theme):
        visit(tab, f"{address}/search.html?q=peephole")
        marks = tab.locator("#search-hits li:first-child mark").all_inner_texts()
        assert marks
        assert all("peephole" in mark.lower() for mark in marks)
        assert violations(tab) == []

    def test_the_count_is_announced(self, tab, address, width, theme):
        visit(tab, f"{address}/search.html?q=gate")
        assert re.match(r"\d+ places", tab.get_by_role("status").inner_text())

    def test_what_nobody_wrote_is_not_found(self, tab, address, width, theme):
        visit(tab, f"{address}/search.html?q=<xylophone>")
        assert tab.locator("#search-hits li").count() == 0
        assert "<xylophone>" in tab.locator("#search-count").inner_text()

    def test_a_search_from_a_chapter(self, tab, address, width, theme):
        visit(tab, f"{address}/chapters/gru.html")
        tab.keyboard.press("Control+k")
        tab.keyboard.type("update gate")
        tab.keyboard.press("Enter")
        tab.wait_for_url("**/search.html?q=update*")
        assert tab.locator("#search-hits a").first.get_attribute("href").startswith("chapters/gru")
