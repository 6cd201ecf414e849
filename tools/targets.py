"""The targets. What each does for whom is said in the Makefile, which `help` reads."""

import os
import re
import shlex
import shutil
import sys
from pathlib import Path

from tools import build
from tools.__main__ import fail
from tools.install import install, program

# Targets that run a module in the environment, with its arguments.
MODULES = {
    "memory-span": ["lib.book.experiments", "memory_span"],
    "embedding": ["lib.book.experiments", "train_word_vectors"],
    "learning-curve": ["lib.book.experiments", "learning_curve"],
    "case-study": ["lib.book.experiments", "case_study"],
    "language-model": ["lib.book.experiments", "train_language_model"],
    "fine-tuning": ["lib.book.experiments", "fine_tuning"],
    "bench": ["benchmarks.bench_training"],
}
SWEEPS = ("memory_span", "learning_curve", "fine_tuning", "case_study")
PYODIDE = "_build/pyodide"
LEFT = ("_build", ".pytest_cache", ".ruff_cache", ".hypothesis")


def setting(name, default=""):
    return os.environ.get(name) or default


def python(*arguments, **more):
    """Run Python in the environment, and end with its exit code if that is not 0."""
    code = build.call([program("python"), *arguments], **more)
    if code:
        sys.exit(code)


def everything():
    install("requirements", "requirements-dev")


def book():
    build.slides()
    print("The book is in _build/html; make serve shows it.")


def pyodide():
    everything()
    python("-m", "tools.pyodide", PYODIDE)


def live():
    """Build the site with cells that run, from a release of Pyodide: LIVE_FROM, or fetched."""
    if not setting(build.LIVE):
        pyodide()
        os.environ[build.LIVE] = PYODIDE
    book()


def slides():
    build.slides()
    print(
        "The slides are in _build/html/slides; make serve shows them behind each chapter's button."
    )


def slides_pdf():
    build.slides()
    everything()
    notes = ["--notes"] if setting("NOTES") else []
    python("tools/print_slides.py", "_build/html", "_build/slides-pdf", *notes)


def lint():
    everything()
    python("-m", "ruff", "check")
    python("-m", "ruff", "format", "--check", "--quiet")
    python("-m", "mypy")


def test():
    lint()
    build.slides()
    workers = ["--numprocesses", "logical", "--maxprocesses", "4", "--dist", "worksteal"]
    python("-m", "pytest", *workers, *shlex.split(setting("TESTS")))


def serve():
    build.slides()
    python("tools/serve.py", "_build/html", setting("PORT", "8000"))


def watch():
    everything()
    build.slides()
    python("-m", "tools.watch", setting("PORT", "8000"))


def links():
    """Follow every link of the book; its cells are taken from the cache, like its pages."""
    build.slides()
    command = ["build", ".", "-n", "--keep-going", "--builder", "linkcheck"]
    sys.exit(build.call([program("jupyter-book"), *command, "--path-output", "_build/links"]))


def measures():
    build.slides()
    python("-m", "tools.measures")


def mutants():
    everything()
    python("-m", "tools.mutants", *shlex.split(setting("MUTANTS")))


def faults():
    everything()
    only = ["--only", "faults", "faults-chapters"]
    python("-m", "tools.mutants", *only, *shlex.split(setting("MUTANTS")))


def reproduce():
    install("requirements")
    python("-m", "tools.reproduce")


def fresh_seeds():
    install("requirements")
    chapters = shlex.split(setting("CHAPTERS"))
    python("-m", "tools.fresh_seeds", "--offsets", setting("OFFSETS", "5"), *chapters)


def repeat():
    install("requirements")
    minutes = ["--minutes", setting("MINUTES")] if setting("MINUTES") else []
    for name in shlex.split(setting("EXPERIMENT", " ".join(SWEEPS))):
        python("-m", "lib.book.experiments", name, "--check", *minutes)


def lab():
    install("requirements")
    sys.exit(build.call([program("jupyter-lab"), "chapters"]))


def lock():
    """One lock serves Python 3.11, 3.12 and 3.13 on every system, and names no package index."""
    everything()
    compiled = ["--quiet", "--universal", "--python-version", "3.11", "--generate-hashes"]
    compiled += ["--custom-compile-command", "make lock", *shlex.split(setting("LOCK_FLAGS"))]
    for name in ("requirements", "requirements-dev"):
        python(
            "-m", "uv", "pip", "compile", *compiled, f"{name}.in", "--output-file", f"{name}.txt"
        )


def clean():
    for name in LEFT:
        shutil.rmtree(name, ignore_errors=True)
    for folder, inside, _ in os.walk("."):
        if "__pycache__" in inside:
            shutil.rmtree(Path(folder, "__pycache__"), ignore_errors=True)
        inside[:] = [name for name in inside if name not in (".venv", "__pycache__", ".git")]


def distclean():
    clean()
    shutil.rmtree(".venv", ignore_errors=True)
    Path("install.log").unlink(missing_ok=True)
    for path in Path().glob("*.egg-info"):
        shutil.rmtree(path)


def help():
    text = Path("Makefile").read_text("utf-8")
    print("make book and make test need nothing made before. All targets:")
    for name, what in re.findall(r"^([a-z-]+):.*? ## (.*)$", text, re.M):
        print(f"  python -m tools {name:<18}{what}")


def run(target):
    build.jobs_are_a_number()
    if target in MODULES:
        everything() if target == "embedding" else install("requirements")
        return python("-m", *MODULES[target])
    found = globals().get(target.replace("-", "_"))
    names = re.findall(r"^([a-z-]+):.*? ## ", Path("Makefile").read_text("utf-8"), re.M)
    if target not in names or not found:
        fail(f"there is no target {target!r}; make lists those there are.")
    return found()
