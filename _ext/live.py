"""Let the cells of a page run where they stand, in the reader's browser.

Each code cell gets an element that `_html/live/live.js` fills with buttons; what the script needs
to know of the cells goes into a file beside it, fetched on the first press. `lib` goes there as an
archive. Where Python itself comes from is the setting ``live_from``, or LIVE_FROM in the
environment:

- a folder with a release of Pyodide, which is copied to the site (`tools/pyodide.py` fetches one);
- the address of such a folder, for instance that of the release's own CDN;
- nothing: the site is built without buttons, and a line says so.
"""

import ast
import gzip
import hashlib
import json
import os
import re
import shutil
import zipfile
from html import escape
from pathlib import Path
from posixpath import relpath
from urllib.parse import urlsplit

import live_cells
from docutils import nodes
from execution_cache import notebook_of
from sphinx.util import logging

logger = logging.getLogger(__name__)
LOCK = "pyodide-lock.json"
CORE = {  # what a page loads of release 0.27.7 beside its packages, with the SHA-256 of each
    LOCK: "9c45b916001a750f4102fc287494f3eab215909c7535c626a20db80fd6333e2c",
    "pyodide.mjs": "04c052c815abb0bf2981fa38c2dfa58e3120ee5288c956df2b2a15e301782c5f",
    "pyodide.asm.js": "6b4c90de5b7172873f04f21884d0e9d2274e305fe32116558fe3e4fbe3618d51",
    "pyodide.asm.wasm": "a50dd1843f805a0b7c45b61037ee0d7b26dfe85efe0e18ef95a34ad24e401f5f",
    "python_stdlib.zip": "16611534726e5d8ac2bd8f926410b2dcb8d6f49aa24913463533b457a2115c16",
}
FIRST, DRAWING = ["numpy"], ["matplotlib"]
SLOW = 2.5  # seconds here; two to eight times as many in a browser, and twenty are too many
# Parts of the library that come with the first cell that imports one of them.
REST = ("experiments", "figures", "results", "pretrained", "keras", "frameworks")
LARGEST = 600_000  # bytes of a file of data that goes along


def source_of(app):
    return os.environ.get("LIVE_FROM") or app.config.live_from


def is_address(place):
    return re.match(r"https?://", place) is not None


def packages(lock, names):
    """Return the entries of a Pyodide lock that loading these packages fetches."""
    found, waiting = {}, list(names)
    while waiting:
        name = waiting.pop().lower()
        if name not in found:
            found[name] = lock["packages"][name]
            waiting += found[name]["depends"]
    return found


def begin(app):
    """Look for Python before anything is built."""
    app.live = None
    place = source_of(app)
    if app.builder.format != "html" or app.builder.name != "html":
        return
    if not place:
        logger.info("Cells will not run in the page: LIVE_FROM names no folder of Pyodide.")
        return
    if is_address(place):
        app.live = {"from": place.rstrip("/") + "/", "first": 8.9, "drawing": 9.9}
        app.config.policy_origin = "://".join(urlsplit(place)[:2])  # for pages.py
        return
    folder = Path(place).expanduser()
    missing = [name for name in CORE if not (folder / name).is_file()]
    if missing:
        raise SystemExit(f"LIVE_FROM: expected a folder with {missing[0]}, got {place}")
    lock = json.loads((folder / LOCK).read_text("utf-8"))
    first, drawing = packages(lock, FIRST), packages(lock, DRAWING)
    for entry in drawing.values():
        file = folder / entry["file_name"]
        if not file.is_file():
            raise SystemExit(f"LIVE_FROM: expected {file.name} in {place}, found none")
        if hashlib.sha256(file.read_bytes()).hexdigest() != entry["sha256"]:
            raise SystemExit(f"LIVE_FROM: {file} is not the file that {LOCK} lists; fetch it again")

    def megabytes(files):
        """What these weigh on their way: archives as they are, the rest as servers compress it."""
        sizes = [
            (folder / name).stat().st_size
            if name.endswith((".whl", ".zip"))
            else len(gzip.compress((folder / name).read_bytes(), 6))
            for name in files
        ]
        return round(sum(sizes) / 1e6, 1)

    wheels = [entry["file_name"] for entry in first.values()]
    more = [it["file_name"] for name, it in drawing.items() if name not in first]
    app.live = {
        "from": "pyodide/",
        "first": megabytes([*CORE, *wheels]),
        "drawing": megabytes(more),
    }
    app.live_files = [folder / name for name in [*CORE, *wheels, *more]]


def seconds_of(app, docname):
    """Return {number of a cell of the notebook: the seconds it took when it ran last}."""
    record = Path(getattr(app.env, "execution_folders", {}).get(docname, ""), "record.json")
    try:
        kept = json.loads(record.read_text("utf-8")).get("cells", {})
    except (OSError, ValueError):
        return {}
    return {int(cell): taken for cell, taken in kept.items()}


def cells_of(app, docname):
    """Return what the page has to know of its cells, and of the checks of its exercises."""
    notebook = notebook_of(app, docname)
    if notebook is None:
        return []
    sources, taken = code_of(notebook), seconds_of(app, docname)
    code = [n for n, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    seconds = [taken.get(number, 0) for number in code]
    library = live_cells.Library(app.srcdir)
    cells = live_cells.analyse(sources, library, seconds, SLOW)
    for number, cell in enumerate(cells):
        if call := check_of(sources, number):
            with_check = live_cells.analyse([*sources[: number + 1], call], library)[-1]
            cell |= {"check": call, "checks": [n for n in with_check["needs"] if n != number]}
            cell["why"] = cell["why"] or with_check["why"]
    return cells


def code_of(notebook):
    """Return the source of each code cell, without what is meant for IPython alone."""
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return [re.sub(r"^\s*[%!].*", "", source, flags=re.M) for source in cells]


def check_of(sources, number):
    """Return the call that checks the answer to a starter, None where the cell is none or has
    none: the solution follows the starter, and checks itself."""
    if "raise NotImplementedError" not in sources[number] or number + 1 == len(sources):
        return None
    statements = map(ast.unparse, ast.parse(sources[number + 1]).body)
    return next((it for it in statements if re.match(r"check_\w+\(", it)), None)


def without(cells, hidden):
    """Take the cells with these numbers out: no text of theirs is left, and what needs them says
    so."""
    for number in hidden:
        cells[number] |= {"code": "", "needs": [], "binds": [], "imports": {}}
        cells[number] |= {"figures": False, "why": "belongs to a solution"}
    for cell in cells:
        if not cell["why"] and set(cell["needs"]) & set(hidden):
            cell["why"] = "needs a cell of a solution"


def elements(node, name):
    """Return the parts of a notebook of this kind within a node."""
    return [it for it in node.findall(nodes.container) if it.get("nb_element") == name]


def resolve(app, doctree, docname):
    """Put the element for the buttons behind the code of each cell."""
    if not app.live:
        return
    boxes = [node for node in elements(doctree, "cell_code") if elements(node, "cell_code_source")]
    if not boxes:
        return
    cells = cells_of(app, docname)
    without(cells, doctree.get("cells_of_solutions", []))
    app.live_cells[docname] = cells
    for box in boxes:
        number = box["exec_count"] - 1
        cell = cells[number]
        why = f' data-why="This cell {escape(reason(cell["why"]))}"' if cell["why"] else ""
        check = f' data-check="{escape(cell["check"])}"' if cell.get("check") else ""
        element = f'<div class="live" data-cell="{number}"{why}{check} hidden></div>'
        outputs = [n for n in box.children if n.get("nb_element") == "cell_code_output"]
        place = box.index(outputs[0]) if outputs else len(box)
        box.insert(place, nodes.raw("", element, format="html"))
    shown = [cells[box["exec_count"] - 1] for box in boxes]
    runs = sum(not cell["why"] for cell in shown)
    text = f"{runs} of the {len(shown)} cells run in this page: press Run, or change them first."
    if runs < len(shown):
        text += " The others keep what they printed here, and say why."
    first = boxes[0].parent
    count = nodes.raw("", f'<p class="live-count" hidden>{escape(text)}</p>', format="html")
    first.insert(first.index(boxes[0]), count)


def reason(why):
    here = "Python in the page cannot do that; Colab and Binder can (the menu with the rocket)."
    return f"{why}. {here}"


def add_script(app, pagename, templatename, context, doctree):
    if app.live and pagename in app.live_cells:
        data = {"page": pagename, "rest": "|".join(REST), **app.live}
        script_apart(context, pagename, "live/live.js", data)


def script_apart(context, pagename, path, data):
    """Give a page a script that is not bundled with others: it fetches what lies beside it."""
    address = relpath(path, os.path.dirname(pagename) or ".")
    attributes = "".join(f' data-{name}="{value}"' for name, value in data.items())
    script = f'<script defer data-alone src="{address}"{attributes}></script>'
    context["metatags"] = context.get("metatags", "") + script


def archive(path, files, root):
    """Write files into an archive that is the same whenever they are."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target:
        for file in sorted(files):
            entry = zipfile.ZipInfo(file.relative_to(root).as_posix(), (2020, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, file.read_bytes())


def finish(app, exception):
    """Write what the script fetches: the cells of each page, the library, Python."""
    if exception is not None or not getattr(app, "live", None):
        shutil.rmtree(Path(app.outdir, "live"), ignore_errors=True)
        return
    root, target = Path(app.srcdir), Path(app.outdir, "live")
    for docname, cells in app.live_cells.items():
        file = target / f"{docname}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(cells), "utf-8")
    files = [
        path
        for path in (root / "lib").rglob("*")
        if path.is_file() and path.suffix in (".py", ".csv", ".json", ".typed", ".txt")
        if "__pycache__" not in path.parts and path.stat().st_size < LARGEST
    ]
    rest = [path for path in files if set(path.relative_to(root / "lib").parts) & set(REST)]
    archive(target / "lib.zip", set(files) - set(rest), root)
    archive(target / "lib-rest.zip", rest, root)
    for file in getattr(app, "live_files", []):
        place = target / "pyodide" / file.name
        place.parent.mkdir(exist_ok=True)
        if not place.is_file() or place.stat().st_size != file.stat().st_size:
            shutil.copyfile(file, place)


def setup(app):
    app.live_cells = {}
    app.add_config_value("live_from", "", "html", [str])
    app.connect("builder-inited", begin)
    app.connect("doctree-resolved", resolve, priority=900)
    app.connect("html-page-context", add_script)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
