"""Run a chapter again when, and only when, something that its outputs come from has changed.

jupyter-cache keeps the outputs of a chapter and finds them by the chapter's cells alone. Here every
run has a cache of its own, in a folder named after a digest of all that the outputs come from
(`lib.book.digest`):

- the cells, and Python's minor version;
- the modules of the book that the cells import and those that the kernel did import, with all that
  these import in turn, without comments and docstrings; the text of those that a cell shows;
- every other file of the book that the kernel opened;
- the packages it imported and what those need, in the versions installed and locked;
- what the environment variables in ``execution_cache_environment`` name, where it asks for them.

What a kernel opened and imported is recorded while it runs (`recorder`), in ``record.json`` beside
the cache. Chapters that must run do so side by side (`execution`), longest first, before Sphinx
reads anything; it then finds every chapter in its cache. A folder appears only once it is complete,
so that a build can be ended at any moment and goes on from there.
"""

import importlib.util
import json
import os
import re
import shutil
import tempfile
import time
from importlib import metadata
from pathlib import Path

import execution
import one_at_a_time
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.read import create_nb_reader
from sphinx.util import logging

logger = logging.getLogger(__name__)
KEPT = 4  # runs of each chapter, so that going back and forth between versions costs nothing
RUN_BY = ("ipykernel", "ipython")  # what runs the cells of every chapter and shows their values
FRESH_SEEDS = ("BOOK_FIRST_SEED", "BOOK_REPORT_CLAIMS")  # of lib.book.claims; no business of pages

_spec = importlib.util.spec_from_file_location(
    "book_digest", Path(__file__).parents[1] / "lib/book/digest.py"
)
digests = importlib.util.module_from_spec(_spec)  # by its path: lib itself may be broken
_spec.loader.exec_module(digests)


class Chapter:
    """A document with code cells, and the folder that holds its runs."""

    def __init__(self, app, docname, notebook):
        self.docname, self.notebook = docname, notebook
        self.book = Path(app.srcdir)
        self.path = Path(app.env.doc2path(docname))
        self.folder = caches(app) / docname.replace("/", "-")
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        self.source = "\n".join(re.sub(r"^\s*[%!].*", "", c.source, flags=re.M) for c in cells)
        self.key = json.dumps([[cell.source, cell.metadata] for cell in cells], sort_keys=True)
        self.variables = app.config.execution_cache_environment

    def digest(self, reached):
        """Return the digest of what the outputs come from, given what a run of them has reached."""
        modules = {self.book / name for name in reached["module"]}
        modules = digests.closure({*modules, *digests.imported(self.source, self.book)}, self.book)
        shows_texts = re.search(r"\bhelp\(|__doc__|\bgetdoc\(", self.source)
        own_data = [
            f"{name} {digests.content_digest(Path(os.environ[name]))}"
            for name in self.variables
            if os.environ.get(name) and self.asks_for(name, modules)
        ]
        return digests.digest_of(
            modules,
            reached["file"],
            reached["distribution"],
            listed=modules if shows_texts else (),
            also=[self.key, *own_data, *map(metadata.version, RUN_BY)],
            root=self.book,
        )

    def asks_for(self, variable, modules):
        texts = [self.source, *(path.read_text("utf-8") for path in modules if path.is_file())]
        return any(re.search(rf"\b{variable}\b", text) for text in texts)

    def fresh(self):
        """Return the folder of a run whose outputs still hold, or None."""
        for folder in by_age(self.folder):
            try:
                record = json.loads((folder / "record.json").read_text("utf-8"))
                if folder.name == self.digest(record["reached"]):
                    get_cache(folder).merge_match_into_notebook(self.notebook)
                    folder.touch()
                    return folder
            except Exception as error:  # whatever is wrong with it, it can be made again
                logger.info(f"{self.docname}: a kept run is damaged: {error}")
                shutil.rmtree(folder, ignore_errors=True)
        return None

    def keep(self, run, unfinished):
        """Put the outputs of a run into a folder of its own, and return that folder."""
        reached = run.reached()
        changed = reached is None or self.changed_since(run.begun, reached)
        if changed:
            logger.info(f"{self.docname}: its sources changed while it ran; it will run again")
            reached = {kind: [] for kind in execution.KINDS}
        peak = max(map(int, reached.pop("cell")), default=0)
        named = metadata.packages_distributions()
        imported = [n for n in reached.pop("package") if not digests.find(n, self.book)]
        reached["distribution"] = sorted({d for name in imported for d in named.get(name, [])})
        cache = get_cache(unfinished)
        data = {"execution_seconds": run.seconds}
        bundle = CacheBundleIn(run.notebook, self.docname, data=data)
        cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
        cache.db.dispose()
        record = {"seconds": round(run.seconds, 1), "peak": peak, "reached": reached}
        record["cells"] = run.taken
        text = json.dumps(record, indent=1, sort_keys=True)
        (unfinished / "record.json").write_text(text, "utf-8")
        name = f"changed-{time.time_ns()}" if changed else self.digest(reached)
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished.rename(folder)
        for old in by_age(self.folder)[KEPT:]:
            shutil.rmtree(old, ignore_errors=True)
        return folder

    def changed_since(self, begun, reached):
        """Tell whether a source is younger than the beginning of a run: was it read before?"""
        paths = (self.book / name for name in reached["module"] + reached["file"])
        return any(path.is_file() and path.stat().st_mtime > begun for path in paths)


def by_age(folder):
    """Return the runs kept in a folder, the one used last first."""
    runs = folder.iterdir() if folder.is_dir() else []
    return sorted(runs, key=lambda path: path.stat().st_mtime, reverse=True)


def caches(app):
    return Path(app.outdir).parent / ".jupyter_cache"


def notebook_of(app, docname):
    """Return the notebook in a document, or None where it holds none or no code."""
    env, path = app.env, app.env.doc2path(docname)
    text = Path(path).read_text("utf-8")
    reader = create_nb_reader(path, env.myst_config, env.mystnb_config, text)
    notebook = reader.read(text) if reader else None
    has_code = notebook and any(cell.cell_type == "code" for cell in notebook.cells)
    return notebook if has_code else None


def measured(env):
    """Return the seconds of each chapter on the page of measures: the order of a first build."""
    page = Path(env.doc2path("chapters/measures"))
    rows = page.read_text("utf-8").splitlines() if page.exists() else []
    found = (re.match(r"\| \[\]\(/(\S+)\) \| (\d+) \|", row) for row in rows)
    return {row[1].replace("/", "-"): int(row[2]) for row in found if row}


def run_what_changed(app, env, added, changed, removed):
    """Give every chapter a run that holds; return the documents to read again for it."""
    if env.mystnb_config.execution_mode != "cache":
        return []
    notebooks = {name: notebook_of(app, name) for name in sorted(env.found_docs)}
    chapters = [Chapter(app, name, each) for name, each in notebooks.items() if each]
    folders = {chapter.docname: chapter.fresh() for chapter in chapters}
    stale = [chapter for chapter in chapters if not folders[chapter.docname]]
    logger.info(f"{len(chapters)} chapters with cells, {len(stale)} of them to run")
    if stale:
        times = measured(env)
        stale.sort(key=lambda chapter: -execution.last_seconds(chapter.folder, times))
        if os.environ.get("EXECUTION_ORDER") == "reversed":  # make reproduce
            stale.reverse()
        run_chapters(app, stale, folders)
    before = getattr(env, "execution_folders", {})
    env.execution_folders = {name: str(folder) for name, folder in folders.items()}
    return [name for name, folder in env.execution_folders.items() if before.get(name) != folder]


def run_chapters(app, stale, folders):
    """Run these chapters and note the folders of their runs, or end the build with what failed."""
    timeout = app.env.mystnb_config.execution_timeout
    caches(app).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=caches(app), prefix=".unfinished-") as place:
        chapters = {}
        for chapter in stale:
            name = chapter.docname.replace("/", "-")
            record = Path(place, f"{name}.txt")
            run = execution.Run(
                chapter.docname, chapter.path, chapter.notebook, chapter.book, record, timeout
            )
            chapters[run] = chapter

        def finish(run):
            if not run.failure:
                chapter = chapters[run]
                unfinished = Path(place, chapter.folder.name)
                unfinished.mkdir()
                try:
                    folders[chapter.docname] = chapter.keep(run, unfinished)
                finally:  # where the disk was full, there is room for the next one again
                    shutil.rmtree(unfinished, ignore_errors=True)

        os.environ["IPYTHONDIR"] = place  # start-up files of the user's own stay out
        for name in FRESH_SEEDS:
            os.environ.pop(name, None)
        failures = execution.run_all(list(chapters), execution.jobs_wanted(), finish)
    if failures:
        what = "chapter" if len(failures) == 1 else "chapters"
        end = f"{len(failures)} {what} failed. The others are kept and will not run again."
        raise SystemExit("\n\n".join(["", *failures, end]))


def write_all(app, env):
    """Let every page be written again once one was read: others refer to what is on it."""
    return env.found_docs if app.execution_read else []


def read_from_folder(app, docname, source):
    """Let MyST-NB take the outputs of this document from the folder of its run."""
    app.execution_read = True
    folder = getattr(app.env, "execution_folders", {}).get(docname)
    if folder:
        app.env.mystnb_config = app.env.mystnb_config.copy(execution_cache_path=folder)


def have_it_alone(app, config):
    """Wait for another build of this book, and throw away pages made from a reader's own data."""
    place = Path(app.outdir).parent
    app.execution_lock = one_at_a_time.lock(place / ".lock", "building this book")
    for left in caches(app).glob(".unfinished-*"):  # by a build that was killed
        shutil.rmtree(left, ignore_errors=True)
    own = {name: os.environ.get(name, "") for name in config.execution_cache_environment}
    told, known = json.dumps(own), place / ".own-data"
    if any(own.values()) or known.exists():
        if not known.exists() or known.read_text("utf-8") != told:
            for folder in (Path(app.outdir), place / "jupyter_execute", Path(app.doctreedir)):
                shutil.rmtree(folder, ignore_errors=True)
            Path(app.outdir).mkdir(parents=True)
            Path(app.doctreedir).mkdir(parents=True)
        known.write_text(told, "utf-8") if any(own.values()) else known.unlink()


def setup(app):
    app.execution_read = False
    app.add_config_value("execution_cache_environment", [], "env", [list])
    app.connect("config-inited", have_it_alone)
    app.connect("env-get-outdated", run_what_changed)
    app.connect("source-read", read_from_folder)
    app.connect("env-updated", write_all)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
