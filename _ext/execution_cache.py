"""Run a chapter again when something that its cells depend on has changed.

MyST-NB keeps the outputs of a chapter in a cache and finds them by the chapter's cells alone. A
change in the library, or in the lock of the environment, would thus go unseen. Here the cache lives
in a folder named after a digest of everything else that counts: the Python version and the files
that match the setting ``execution_cache_depends`` (glob patterns, relative to the book).
"""

import hashlib
import platform
import shutil
from pathlib import Path

FOLDERS_KEPT = 4  # so that going back and forth between two versions costs nothing


def digest(book, patterns):
    """Return the hexadecimal digest of the Python version and of every file matching a pattern."""
    total = hashlib.sha256(platform.python_version().encode())
    files = {path for pattern in patterns for path in book.glob(pattern) if path.is_file()}
    for path in sorted(files):
        if path.suffix != ".pyc":
            name = path.relative_to(book).as_posix()
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"\n{name} {content}".encode())
    return total.hexdigest()[:16]


def choose_folder(app, config):
    """Point MyST-NB at the folder of this digest and remove the folders longest out of use."""
    caches = Path(app.outdir).parent / ".jupyter_cache"
    folder = caches / digest(Path(app.srcdir), config.execution_cache_depends)
    folder.mkdir(parents=True, exist_ok=True)
    folder.touch()
    config.nb_execution_cache_path = str(folder)

    by_age = sorted(caches.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in by_age[FOLDERS_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)


def setup(app):
    app.add_config_value("execution_cache_depends", [], "env", [list])
    app.connect("config-inited", choose_folder)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
