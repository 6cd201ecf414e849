"""Write down what a kernel imports and opens, while it does so.

`start` is the first thing that the kernel of a chapter is told to run. An audit hook then sees
every import and every open, and adds a line to the record:

    module   PATH     a Python module of the book, imported
    file     PATH     any other file of the book, opened for reading; a module that is not imported
                      but read, as `inspect.getsource` does, is one of these
    package  NAME     any other top-level import
    relative PATH     any path that was opened as seen from the folder the kernel was started in
    cell     BYTES    a cell has ended; the most memory that the kernel has held so far

PATH is relative to the book. Lines are written at once, so that a kernel that dies leaves them.
What libraries open without Python's help (HDF5, TensorFlow's own file system) is not seen.
"""

import os
import sys
from importlib.util import source_from_cache

IMPORTING = "<frozen importlib._bootstrap_external>"
UNSEEN = (".", "_build", "__pycache__")  # environment, results, what editors and tools keep
# TensorFlow's translator of functions, and the book's own digests: of a module they ask what it
# computes, and of the lock the versions of packages, which count by themselves.
SHOW_NOTHING = ("autograph", os.path.join("lib", "book", "digest.py"))
LOCK = "requirements.txt"


def start(record, book):
    book = os.path.join(os.path.realpath(book), "")
    written = set()
    seen = set()
    out = os.open(record, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)

    def note(kind, what):
        if (kind, what) not in seen:
            seen.add((kind, what))
            os.write(out, f"{kind} {what}\n".encode("utf-8", "surrogateescape"))

    def opened(path, mode, flags, frame):
        path = os.fsdecode(path)
        if path.startswith("__editable__"):
            return  # no file: what an editable install puts on the module path
        if not mode and not os.path.isabs(path):
            return  # os.open beside a folder that is open already, as shutil.rmtree does
        if not os.path.isabs(path):
            note("relative", path)
        path = os.path.realpath(path)
        if not path.startswith(book) or path.startswith(os.path.join(sys.prefix, "")):
            return
        importing = frame.f_code.co_filename == IMPORTING
        if importing and path.endswith(".pyc"):
            path = source_from_cache(path)
        name = path.removeprefix(book).replace(os.sep, "/")
        if name.startswith(UNSEEN):
            return
        for_writing = set(mode) & set("wax") if mode else flags & 3 == os.O_WRONLY
        if for_writing:
            written.add(name)
        elif name not in written:
            unseen = not importing and unseen_reader(frame)
            if name != LOCK or not unseen:
                is_module = path.endswith(".py") and (importing or unseen)
                note("module" if is_module else "file", name)

    def unseen_reader(frame):
        """Tell whether what reads a text shows it to nobody."""
        while frame and not any(name in frame.f_code.co_filename for name in SHOW_NOTHING):
            frame = frame.f_back
        return frame is not None

    def hook(event, given):
        try:
            if event == "import":
                note("package", given[0].partition(".")[0])
            elif event == "open" and not isinstance(given[0], int):
                opened(*given, sys._getframe(1))
        except (OSError, ValueError, TypeError):  # an exception here would forbid the opening
            pass

    def ended(*result):
        try:
            import resource
        except ImportError:  # Windows
            peak = 0
        else:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            peak *= 1 if sys.platform == "darwin" else 1024
        seen.discard(("cell", peak))  # every cell has a line
        note("cell", peak)

    sys.addaudithook(hook)
    get_ipython().events.register("post_run_cell", ended)  # noqa: F821
