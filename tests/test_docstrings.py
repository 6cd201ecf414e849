"""The reference of the library: docstrings taken apart, and every public name in it once."""

import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[1]
HTML = ROOT / "_build" / "html" / "chapters"
sys.path.insert(0, str(ROOT / "_ext"))

import docstrings  # noqa: E402

SAMPLE = '''
    """One step.

        y(t) = f(x(t))

        z(t) = y(t)

    x, y     (size,)
    returns  the sum, which is
             (size,)
    the others as before

    Raises ValueError where
    x is empty.

    Explained in: d02-recurrent-perceptron, lstm
    """
'''


def test_a_docstring_in_the_layout_of_the_house():
    assert docstrings.blocks(SAMPLE.strip().strip('"')) == [
        ("text", "One step."),
        ("code", "y(t) = f(x(t))\n\nz(t) = y(t)"),
        ("pairs", [("x, y", "(size,)"), ("returns", "the sum, which is (size,)")]),
        ("text", "the others as before"),
        ("text", "Raises ValueError where x is empty."),
        ("explained", ["d02-recurrent-perceptron", "lstm"]),
    ]


def test_no_docstring_has_no_blocks():
    assert docstrings.blocks("") == []


class TestModule:
    @pytest.fixture
    def modules(self, tmp_path):
        (tmp_path / "lib" / "inner").mkdir(parents=True)
        (tmp_path / "lib" / "__init__.py").write_text("from lib.inner import long\n")
        (tmp_path / "lib" / "inner" / "__init__.py").write_text(
            "import nothing_of_the_kind\nfrom lib.inner.parts import long\n"
        )
        (tmp_path / "lib" / "inner" / "parts.py").write_text(
            "def long(first: tuple[int, int], second: int = 2, *, third: dict = {}, fourth=4) "
            "-> int:\n"
            '    """Long."""\n'
            "def _private(): ...\n"
            "class Kind(Base):\n"
            '    """A kind."""\n'
            "    def __init__(self, size: int): ...\n"
            "    @property\n"
            "    def half(self) -> float:\n"
            '        """Half."""\n'
        )
        return docstrings.library(tmp_path)

    def test_nothing_is_imported(self, modules):
        assert set(modules) == {"lib", "lib.inner", "lib.inner.parts"}

    def test_signatures(self, modules):
        long, kind = modules["lib.inner.parts"].definitions
        assert long.signature == (
            "(\n    first: tuple[int, int],\n    second: int = 2,\n    *,\n"
            "    third: dict = {},\n    fourth=4,\n) -> int"
        )
        assert (kind.signature, kind.bases) == ("(size: int)", ["Base"])
        assert [(it.name, it.kind, it.signature) for it in kind.members] == [
            ("half", "property", " -> float")
        ]

    def test_the_shortest_name(self, modules):
        assert docstrings.public_name(modules, "lib.inner.parts", "long") == "lib.long"
        assert docstrings.public_name(modules, "lib.inner.parts", "Kind") == "lib.inner.parts.Kind"


@pytest.fixture(scope="module")
def pages():
    assert HTML.is_dir(), "the book is not built: run make book"
    return [
        BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for path in sorted(HTML.glob("library*.html"))
    ]


def test_every_public_name_has_one_entry(pages):
    modules = docstrings.library(ROOT)
    wanted = [
        docstrings.public_name(modules, module.name, definition.name)
        for module in modules.values()
        for definition in module.definitions
    ]
    found = [entry["id"] for page in pages for entry in page.select("section > dl.py > dt.sig")]
    assert len(wanted) > 200
    assert sorted(found) == sorted(wanted)


def test_entries_have_what_the_docstring_says(pages):
    entry = next(filter(None, (page.find(id="lib.unroll") for page in pages))).parent
    names = [term.get_text() for term in entry.select("dl.arguments > dt")]
    assert {"inputs", "initial_states", "mask", "returns"} <= set(names)
    assert "s(t-1)" in entry.find("pre").get_text()


def test_a_listing_in_a_chapter_leads_to_the_entry():
    page = BeautifulSoup((HTML / "lstm.html").read_text(encoding="utf-8"), "html.parser")
    links = [link["href"] for link in page.select("p.listing a")]
    assert links
    assert all(link.startswith("library") and "#lib." in link for link in links)
