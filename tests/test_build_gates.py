"""The build refuses a faulty book and says where the fault is, on books of one page."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COMMAND = "jupyter-book build . -W --keep-going -n --all"  # as in the Makefile, see the last test

TOC = """\
format: jb-book
root: chapters/page
"""
HEAD = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# A page

"""
REFERENCES = """\
@book{someone2001,
  author = {Someone, A.},
  title = {A Book},
  publisher = {A Publisher},
  year = {2001},
}
"""
BIBLIOGRAPHY = """
```{bibliography}
```
"""
FIGURE = """\
```{code-cell} ipython3
---
mystnb:
  image:
    alt: %s
---
import matplotlib.pyplot as plt
from lib import value
plt.plot([value]);
```
"""


def cell(code):
    return f"```{{code-cell}} ipython3\n{code}\n```\n"


GOOD = (
    "Text that cites {cite:t}`someone2001`, refers to {ref}`a section <here>` and to "
    "{eq}`eq-one`.\n\n"
    "(here)=\n## A section\n\n```{math}\n:label: eq-one\na = b\n```\n\n"
    "![A black square](square.png)\n\n" + FIGURE % '"A line."' + cell("assert value == 1")
)


@pytest.fixture
def build(tmp_path):
    """A function that writes the page and builds its book: (exit code, what it printed)."""
    for name in ("_config.yml", "CITATION.cff", "_ext", "_html", "_templates", "_static"):
        source, target = ROOT / name, tmp_path / name
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    (tmp_path / "_toc.yml").write_text(TOC)
    (tmp_path / "chapters").mkdir()
    (tmp_path / "chapters" / "references.bib").write_text(REFERENCES)
    (tmp_path / "chapters" / "square.png").write_bytes(PNG)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "__init__.py").write_text("value = 1\n")
    (tmp_path / "lib" / "figures").mkdir()  # for the card of those who share a link
    for name, text in DRAWING.items():
        (tmp_path / "lib" / "figures" / name).write_text(text)
    (tmp_path / "requirements.txt").write_text("")

    def run(page, repository=""):
        (tmp_path / "chapters" / "page.md").write_text(HEAD + page + BIBLIOGRAPHY)
        result = subprocess.run(
            COMMAND.split(),
            cwd=tmp_path,
            env=os.environ
            | {
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
                "PYTHONPATH": str(tmp_path),
                "NO_COLOR": "1",
                "GITHUB_REPOSITORY": repository,
            },
            capture_output=True,
            text=True,
            timeout=300,
        )
        return result.returncode, result.stdout + result.stderr

    run.book = tmp_path
    return run


DRAWING = {
    "__init__.py": "",
    "style.py": "def use(): ...\n",
    "perceptron.py": (
        "import matplotlib.pyplot as plt\n\n\ndef unrolled(steps):\n    return plt.subplots()[0]\n"
    ),
}

# One black pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c6360000000020001e221bc330000000049454e44ae426082"
)

FAULTS = {
    "exception in a cell": (
        cell("quotient = 1 / 0"),
        ["chapters/page", "quotient = 1 / 0", "Traceback", "ZeroDivisionError"],
    ),
    "failing assert in a cell": (
        cell("from lib import value\nassert value == 2, 'value is not 2'"),
        ["chapters/page", "assert value == 2", "Traceback", "AssertionError", "value is not 2"],
    ),
    "output on stderr": (
        cell("import sys\nprint('unexpected', file=sys.stderr)"),
        ["chapters/page.md", "stderr"],
    ),
    "Sphinx warning": ("```{no-such-directive}\n```\n", ["chapters/page.md", "no-such-directive"]),
    "broken cross-reference": ("See {ref}`nowhere`.\n", ["chapters/page.md", "nowhere"]),
    "broken equation reference": ("See {eq}`eq-none`.\n", ["chapters/page.md", "eq-none"]),
    "missing citation": ("{cite:t}`nobody1999` said so.\n", ["chapters/page.md", "nobody1999"]),
    "image without alt text": (
        "![](square.png)\n",
        ["chapters/page.md", "no alt text", "square.png"],
    ),
    "raw image without alt text": (
        "<img src='square.png'>\n",
        ["chapters/page.md", "no alt text", "square.png"],
    ),
    "executed figure without alt text": (
        FIGURE % '""',
        ["chapters/page.md", "no alt text", "code cell 1"],
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize(("page", "named"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_book_does_not_build(build, page, named):
    code, printed = build("Cites {cite:t}`someone2001`.\n\n" + page)
    assert code != 0
    for words in named:
        assert words in printed


@pytest.mark.slow
def test_a_second_build_of_a_faulty_book_fails_again(build):
    page = "See {ref}`nowhere`, and {cite:t}`someone2001`.\n"
    assert build(page)[0] != 0
    assert build(page)[0] != 0


@pytest.mark.slow
def test_a_good_book_builds_and_runs_again_when_lib_changes(build):
    code, printed = build(GOOD)
    assert code == 0, printed
    page = (build.book / "_build" / "html" / "chapters" / "page.html").read_text()
    assert 'alt="A line."' in page

    code, printed = build(GOOD)
    assert code == 0
    assert "Using cached" in printed

    (build.book / "lib" / "__init__.py").write_text("value = 2\n")
    code, printed = build(GOOD)
    assert code != 0, "the cells were not run again"
    assert "assert value == 1" in printed


@pytest.mark.slow
@pytest.mark.parametrize("repository", ["", "someone/somewhere"])
def test_the_binder_button_needs_the_address_of_the_repository(build, repository):
    code, printed = build(GOOD, repository)
    assert code == 0, printed
    page = (build.book / "_build" / "html" / "chapters" / "page.html").read_text()
    link = "https://mybinder.org/v2/gh/someone/somewhere/main?urlpath=lab/tree/chapters/page.md"
    if repository:
        assert link in page
        assert "https://github.com/someone/somewhere/issues" in page
        assert "https://github.com/someone/somewhere/edit/main/chapters/page.md" in page
    else:
        assert "mybinder.org" not in page
        assert "github.com" not in page


@pytest.mark.slow
def test_what_needs_the_address_of_the_book(build):
    html = build.book / "_build" / "html"
    book = "https://someone.github.io/somewhere/"
    assert build(GOOD)[0] == 0
    page = (html / "chapters" / "page.html").read_text()
    assert "canonical" not in page
    assert "og:" not in page
    assert not (html / "sitemap.xml").exists()
    assert 'href="/genindex.html"' in (html / "404.html").read_text()

    code, printed = build(GOOD, "someone/somewhere")
    assert code == 0, printed
    page = (html / "chapters" / "page.html").read_text()
    assert f'<link rel="canonical" href="{book}chapters/page.html" />' in page
    assert f'<meta property="og:image" content="{book}_static/card.png">' in page
    assert (html / "_static" / "card.png").read_bytes()[1:4] == b"PNG"
    assert f"<loc>{book}chapters/page.html</loc>" in (html / "sitemap.xml").read_text()
    lost = (html / "404.html").read_text()
    assert 'href="/somewhere/genindex.html"' in lost
    assert 'href="_static' not in lost


def test_the_makefile_builds_with_the_command_tested_here():
    assert COMMAND in (ROOT / "Makefile").read_text()
