"""Tables of results: what they show as text and as HTML, and what they refuse."""

import pytest
from bs4 import BeautifulSoup

from lib.book.tables import results

COLUMNS = {"model": "", "area": ".3f", "gain": "+.1f"}
ROWS = [("GRU < 3", 0.91234, -2), ("bag of words", None, 1.25)]


def test_as_text_the_columns_are_aligned():
    assert str(results("Areas", COLUMNS, ROWS)).splitlines() == [
        "Areas",
        "model          area  gain",
        "GRU < 3       0.912  -2.0",
        "bag of words      –  +1.2",
    ]


def test_as_html_headings_say_what_they_head():
    page = BeautifulSoup(results("Areas & gains", COLUMNS, ROWS)._repr_html_(), "html.parser")
    assert page.caption.text == "Areas & gains"
    assert [it["scope"] for it in page.find_all("th")] == ["col"] * 3 + ["row"] * 2
    assert [it.text for it in page.select("tbody th")] == ["GRU < 3", "bag of words"]
    assert [it.text for it in page.find_all("td")] == ["0.912", "−2.0", "–", "+1.2"]


def test_words_of_another_language_are_marked():
    table = results("Numbers", {"n": "d", "German": ""}, [(3, "drei")], languages={"German": "de"})
    page = BeautifulSoup(table._repr_html_(), "html.parser")
    assert [it.text for it in page.select("[lang=de]")] == ["drei"]
    assert "drei" in str(table)


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match=r"row 1: expected 3 values, .*'gain', got 2"):
        results("Areas", COLUMNS, [ROWS[0], ("x", 1.0)])


def test_a_table_without_rows_is_refused():
    with pytest.raises(ValueError, match="at least one row"):
        results("Areas", COLUMNS, [])
