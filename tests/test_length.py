"""No page is longer than a reader takes in: its words, code and outputs counted.

Questions and what is to be found out with a figure are left out: a reader answers the one or passes
it, and sees one reason of several.
"""

from pathlib import Path

import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[1]
HTML = ROOT / "_build" / "html"
MOST = 8000
REFERENCE = "library"  # pages to look things up in, made of docstrings


def pages():
    """The names of all pages in the table of contents, in its order."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    entries = [entry["file"] for part in toc["parts"] for entry in part["chapters"]]
    return [Path(name).name for name in (toc["root"], *entries)]


def words(html):
    """How many words stand in the text of a page; a formula counts once, not as its TeX too."""
    article = BeautifulSoup(html, "html.parser").select_one("article")
    for unseen in article.select("math annotation, script, style, .question, .answers, .turn"):
        unseen.decompose()
    return len(article.get_text(" ").split())


def test_words_are_counted_as_they_are_read():
    html = (
        "<article><h1>A page</h1><p>of six words:</p><math><mi>x</mi>"
        "<annotation>x y z</annotation></math><script>not read</script>"
        "<fieldset class='question'>A question?</fieldset></article><p>nor this</p>"
    )
    assert words(html) == 6


def test_no_page_has_more_words_than_a_reader_takes_in():
    counts = {
        name: words((HTML / f"chapters/{name}.html").read_text("utf-8"))
        for name in pages()
        if not name.startswith(REFERENCE)
    }
    listed = "\n".join(f"{count:7,} {name}" for name, count in counts.items())
    print(listed)
    assert max(counts.values()) <= MOST, f"words:\n{listed}"
