"""The page of the search: a dozen questions and the first place that each finds."""

import re

import pytest

from tests.test_browser import address, browser, pytestmark, tab, violations, visit

__all__ = ["address", "browser", "pytestmark", "tab"]  # fixtures and marks

SEARCHES = {
    "forget gate": "lstm.html#d15-lstm-three-steps",
    "BPTT": "glossary.html#term-backpropagation-through-time",
    "eq. 7": "lstm.html#d16-lstm-equations",
    "D14": "lstm.html#d14-lstm-four-layers",
    "nan": "glossary.html#term-nan",
    "bidirectional": "glossary.html#term-bidirectional-network",
    "padding": "memory-cells.html#padding",
    "stateful": "glossary.html#term-stateful-network",
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
