"""A chapter runs again when what its outputs come from has changed, and for nothing else."""

import pytest

from tests.books import ROOT, Book, cell, finished

pytestmark = pytest.mark.slow

PAGES = {
    "one": cell("from lib import shared, first\nprint(first.value, 'of', shared.value)")
    + cell("print(first.table())"),
    "two": cell("import numpy as np\nfrom lib import second\nprint(second.value)"),
    "listing": cell("import inspect\n\nfrom lib import shown\n\nprint(inspect.getsource(shown.f))"),
    "reviews": cell(
        "import os\nfrom pathlib import Path\n\npath = os.environ.get('IMDB_REVIEWS')\n"
        "print('private:' if path else 'shipped', Path(path).read_text() if path else '')"
    ),
    "repeated": cell("from lib.book.digest import digest_of\nprint(len(digest_of(['lib.deep'])))"),
    "plain": "No cell.\n",
}
FILES = {
    "lib/book/__init__.py": "",
    "lib/book/digest.py": (ROOT / "lib/book/digest.py").read_text("utf-8"),
    "lib/first.py": (
        '"""First."""\nfrom pathlib import Path\n\nfrom lib import deep\n\nvalue = deep.value\n\n\n'
        "def table():\n    return Path(__file__).with_name('table.csv').read_text()\n"
    ),
    "lib/deep.py": "value = 10  # ten\n",
    "lib/shared.py": "value = 100\n",
    "lib/second.py": "from lib import shared\n\nvalue = shared.value + 2\n",
    "lib/shown.py": "def f(x):\n    # why\n    return x\n",
    "lib/lonely.py": "value = 5\n",
    "lib/table.csv": "a;b\n",
    "lib/lonely.csv": "c;d\n",
    "requirements.txt": "numpy==2.4.6 \\\n    --hash=sha256:00\ntornado==1.0\n",
}
NEEDLESS = {
    "prose": ("chapters/one.md", "# A page", "# The page"),
    "a docstring": ("lib/first.py", "First.", "The first."),
    "a comment": ("lib/deep.py", "# ten", "# a ten"),
    "a module that no page imports": ("lib/lonely.py", "5", "6"),
    "a file that no page reads": ("lib/lonely.csv", "c", "e"),
    "a hash in the lock": ("requirements.txt", "sha256:00", "sha256:11"),
    "the version of a package that no page imports": ("requirements.txt", "1.0", "1.1"),
}
EDITS = {
    "a cell": (("chapters/two.md", "second.value)", "second.value, 2)"), ["two"]),
    "a module imported through another": (("lib/deep.py", "10", "11"), ["one", "repeated"]),
    "a module that two pages use": (("lib/shared.py", "100", "101"), ["one", "two"]),
    "a file that a page reads": (("lib/table.csv", "a", "z"), ["one"]),
    "the version of a package that a page imports": (
        ("requirements.txt", "2.4.6", "2.4.7"),
        ["two"],
    ),
    "a comment in what a page lists": (("lib/shown.py", "# why", "# because"), ["listing"]),
    "the package itself": (
        ("lib/__init__.py", "value = 1", "value = 3"),
        ["listing", "one", "repeated", "two"],
    ),
}


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    book = Book(tmp_path_factory.mktemp("fresh") / "book", PAGES, FILES)
    code, printed = book.build()
    assert code == 0, printed
    assert finished(printed) == ["listing", "one", "repeated", "reviews", "two"]
    return book


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edit_runs_the_chapters_that_reach_it(book, edit):
    (path, old, new), expected = edit
    book.change(path, old, new)
    assert book.ran() == expected
    book.change(path, new, old)  # the outputs of before are still kept, as the next test finds


def test_edits_that_reach_no_page_run_nothing(book):
    """All at once; `test_digest.py` has them one by one."""
    assert book.ran() == []
    for edit in NEEDLESS.values():
        book.change(*edit)
    assert book.ran() == []
    assert "The page" in book.page("one")


def test_what_editors_and_desktops_leave_runs_nothing(book):
    for name in ("lib/.first.py.swp", "lib/first.py~", "lib/#first.py#", "lib/.DS_Store"):
        book.write(name, "left")
    book.write("lib/.ipynb_checkpoints/first-checkpoint.py", "left")
    assert book.ran() == []


def test_the_page_shows_what_the_last_run_printed(book):
    book.change("lib/shared.py", "100", "107")
    assert book.ran() == ["one", "two"]
    assert "of 107" in book.page("one")
    book.change("lib/shared.py", "107", "100")
    assert book.ran() == []
    assert "of 100" in book.page("one")


def test_a_readers_own_data_stays_out_of_the_book_and_its_cache(book, tmp_path):
    mine = tmp_path / "mine.tsv"
    mine.write_text("my secret diary")
    assert book.ran(IMDB_REVIEWS=str(mine)) == ["reviews"]
    assert "my secret diary" in book.page("reviews")
    assert book.ran(IMDB_REVIEWS=str(mine)) == []
    mine.write_text("a second entry")
    assert book.ran(IMDB_REVIEWS=str(mine)) == ["reviews"]
    assert "a second entry" in book.page("reviews")

    assert book.ran() == []
    built = [path for path in (book.folder / "_build").rglob("*") if path.is_file()]
    pages = [path for path in built if ".jupyter_cache" not in path.parts]
    assert len(pages) > 50
    for path in pages:
        content = path.read_bytes()
        assert b"secret diary" not in content, path
        assert b"second entry" not in content, path


def test_drafts_beside_the_chapters_are_neither_run_nor_shown(book):
    draft = '{"cells": [{"cell_type": "code", "execution_count": null, "id": "a", "metadata": {},'
    draft += (
        ' "outputs": [], "source": "1/0"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    )
    for name in ("Untitled.ipynb", "two.ipynb", "my draft (copy).ipynb"):
        book.write(f"chapters/{name}", draft)
    book.write("chapters/my notes.md", "# Notes\n\n{ref}`nowhere`\n")
    book.write("chapters/Untitled1.ipynb", "")
    assert book.ran() == []
    assert not list((book.folder / "_build/html/chapters").glob("*ntitled*"))
