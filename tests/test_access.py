"""Access to the built pages: colours, focus and keys, spacing, paper."""

from pathlib import Path

import pytest

from tests.test_browser import PAGES, address, browser, pytestmark, set_to, tab, unfold, visit

__all__ = ["address", "browser", "pytestmark", "tab"]  # fixtures and marks


def in_page(tab, name):
    """What a function in tests/in_page finds in a page."""
    return tab.evaluate((Path(__file__).parent / "in_page" / f"{name}.js").read_text())


@pytest.mark.parametrize(("width", "theme"), [(1280, "dark")])
@pytest.mark.parametrize("page", PAGES)
def test_colours_and_focus(tab, address, page, width, theme):
    visit(tab, f"{address}/{page}")
    unfold(tab)
    for each in ("dark", "light"):
        set_to(tab, width, each)
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
        closed = [it.strip() for it in tab.locator("article summary").all_text_contents()]
        assert len(closed) > 10
        assert len(set(closed)) == len(closed)

    def test_a_fold_opens_by_keyboard(self, tab, address, page, width, theme):
        visit(tab, f"{address}/{page}")
        fold = tab.locator("article details").first
        fold.locator("summary").press("Enter")
        assert fold.get_attribute("open") is not None

    def test_a_menu_opens_and_closes(self, tab, address, page, width, theme):
        visit(tab, f"{address}/{page}")
        button = tab.get_by_role("button", name="Download or print this page")
        entry = tab.get_by_role("button", name="Print", exact=True)
        button.press("Enter")
        assert button.get_attribute("aria-expanded") == "true"
        assert entry.is_visible()
        entry.focus()
        tab.keyboard.press("Escape")
        assert button.get_attribute("aria-expanded") == "false"
        assert button.evaluate("it => it === document.activeElement")
        button.press("Enter")
        tab.mouse.click(640, 700)  # anywhere else
        assert button.get_attribute("aria-expanded") == "false"

    def test_the_contents_follow_the_reader(self, tab, address, page, width, theme):
        visit(tab, f"{address}/{page}#exercises")
        tab.locator(".page-toc a.active[href='#exercises']").wait_for()
        assert tab.locator(".page-toc a.active").count() == 1
        tab.evaluate("scrollTo(0, 0)")
        tab.locator(".page-toc a.active[href='#exercises']").wait_for(state="detached")

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


@pytest.mark.parametrize(("width", "theme"), [(700, "light")])  # about the width of A4
@pytest.mark.parametrize("page", PAGES)
def test_paper_cuts_no_line(tab, address, page, width, theme):
    """Neither code and outputs nor tables stick out of the paper."""
    visit(tab, f"{address}/{page}")
    unfold(tab)
    tab.emulate_media(media="print")
    cut = """() => [...document.querySelectorAll("article pre, article :has(> table)")]
        .filter((it) => it.checkVisibility() && it.scrollWidth > it.clientWidth + 1)
        .map((it) => `${it.scrollWidth - it.clientWidth} px: ${it.textContent.slice(0, 80)}`)"""
    assert tab.evaluate(cut) == []
