"""Books of a page or two for the tests of the build: written, built, and asked what ran."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMMAND = ["jupyter-book", "build", ".", "-W", "--keep-going", "-n"]

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
# What the card of those who share a link is drawn with.
DRAWING = {
    "__init__.py": "",
    "style.py": "def use(): ...\n",
    "perceptron.py": (
        "import matplotlib.pyplot as plt\n\n\ndef unrolled(steps):\n    return plt.subplots()[0]\n"
    ),
}
# The bibliography stands on the first page, which must cite something.
FIRST = "Cites {cite:t}`someone2001`.\n\n```{bibliography}\n```\n\n"


def cell(code):
    return f"```{{code-cell}} ipython3\n{code}\n```\n\n"


class Book:
    """A book with this repository's settings and extensions, and nothing else of it.

    pages  {name: its text}; the first is the front page
    files  {path: text} of whatever else there is
    """

    def __init__(self, folder, pages, files=None):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("_config.yml", "CITATION.cff", "_ext", "_html", "_templates", "_static"):
            source, target = ROOT / name, folder / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, target)
        files = {
            "lib/__init__.py": "value = 1\n",
            "chapters/references.bib": REFERENCES,
            "requirements.txt": "",
            **{f"lib/book/figures/{name}": text for name, text in DRAWING.items()},
            "lib/book/digest.py": (ROOT / "lib/book/digest.py").read_text("utf-8"),
            **(files or {}),
        }
        for path, text in files.items():
            self.write(path, text)
        first, *others = pages
        entries = "".join(f"  - file: chapters/{name}\n" for name in others)
        toc = f"format: jb-book\nroot: chapters/{first}\n" + ("chapters:\n" + entries) * bool(
            others
        )
        self.write("_toc.yml", toc)
        for name, text in pages.items():
            self.write(f"chapters/{name}.md", HEAD + (FIRST if name == first else "") + text)

    def write(self, path, text):
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text, "utf-8")

    def change(self, path, old, new):
        text = (self.folder / path).read_text("utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    def environment(self, **variables):
        kept = {name: value for name, value in os.environ.items() if name != "IMDB_REVIEWS"}
        return kept | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(self.folder),
            "NO_COLOR": "1",
            "GITHUB_REPOSITORY": "",
            **variables,
        }

    def start(self, *more, **variables):
        """Start a build with `more` options; what it prints comes through its `stdout`."""
        return subprocess.Popen(
            [shutil.which(COMMAND[0], path=Path(sys.executable).parent), *COMMAND[1:], *more],
            cwd=self.folder,
            env=self.environment(**variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            # A runner in the background has SIGINT ignored, and what it starts inherits that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def build(self, *more, **variables):
        """Build, and return (exit code, what was printed)."""
        with self.start(*more, **variables) as build:
            printed = build.communicate(timeout=300)[0]
        return build.returncode, printed

    def ran(self, **variables):
        """Build, which must succeed, and return the names of the pages whose cells ran."""
        code, printed = self.build(**variables)
        assert code == 0, printed
        return finished(printed)

    def page(self, name):
        return (self.folder / f"_build/html/chapters/{name}.html").read_text("utf-8")


def finished(printed):
    return sorted(re.findall(r"^chapters/(\S+): done", printed, re.M))
