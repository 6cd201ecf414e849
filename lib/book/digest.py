"""What a result was made from, as one number: code, files, packages and Python.

A result is fresh while `digest_of` gives what it gave when the result was made. The build asks so
for the outputs of every chapter, the experiments for every run that they keep. Only the standard
library is used, and nothing that is looked at is imported.
"""

import ast
import hashlib
import re
import sys
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = "requirements.txt"
# Left behind by editors, desktops, notebooks and Python itself.
LEFT_BEHIND = re.compile(r"^\.|~$|^#.*#$|\.(swp|swo|tmp|bak|pyc)$|^__pycache__$|^Thumbs\.db$")


def digest_of(
    modules: Iterable[str | Path] = (),
    files: Iterable[str | Path] = (),
    packages: Iterable[str] = (),
    *,
    listed: Iterable[str | Path] = (),
    also: Iterable[str] = (),
    root: Path = ROOT,
) -> str:
    """Return a digest of everything that a result is made from, 16 hexadecimal digits.

    modules   of the repository, by dotted name or by path; what they import, directly or through
              others, counts too. Comments and docstrings do not.
    files     data, by path; a folder stands for all that is in it
    packages  installed ones, by the name they are installed under; what they need counts too
    listed    modules whose text matters, down to its comments
    also      whatever else counts, in this order
    root      the folder that dotted names and relative paths start at

    A module or file that is not there counts as such, so that its appearance is a change.
    Raises ModuleNotFoundError for a dotted name that is not a module of the repository.
    """
    root = Path(root)
    parts = [f"Python {sys.version_info.major}.{sys.version_info.minor}"]
    found = closure((_located(module, root) for module in modules), root)
    parts += [f"module {_name(path, root)} {code_digest(path)}" for path in found]
    texts = sorted({root / path for path in files} | {_located(path, root) for path in listed})
    parts += [f"file {_name(path, root)} {content_digest(path)}" for path in texts]
    parts += [f"package {line}" for line in versions(packages, root / LOCK)]
    parts += [f"also {text}" for text in also]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _located(module: str | Path, root: Path) -> Path:
    if isinstance(module, Path):
        return root / module
    path = find(module, root)
    if path is None:
        raise ModuleNotFoundError(f"digest_of: {root} has no module {module!r}")
    return path


def find(module: str, root: Path) -> Path | None:
    """Return the file of a dotted name under `root`, or None where there is none."""
    path = root.joinpath(*module.split("."))
    choices = (path / "__init__.py", path.with_name(path.name + ".py"))
    return next((choice for choice in choices if choice.is_file()), None)


def closure(paths: Iterable[Path], root: Path = ROOT) -> list[Path]:
    """Return these modules and all that they import under `root`, directly or through others."""
    found: set[Path] = set()
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            package = path.relative_to(root).parent if path.is_relative_to(root) else Path()
            waiting += _found(_parsed(path, *_state(path))[0], root, package.parts)
    return sorted(found)


def imported(code: str, root: Path = ROOT) -> list[Path]:
    """Return the modules under `root` that this code imports itself; none if it does not parse."""
    try:
        return _found(_imports(ast.parse(code)), root)
    except SyntaxError:
        return []


def _imports(tree: ast.AST) -> list[tuple[int, str]]:
    """(how many packages up, dotted name) of all that is, or may be, an imported module."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(0, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [alias.name for alias in node.names if alias.name != "*"]
            module = node.module or ""
            found += [(node.level, module)]
            found += [(node.level, f"{module}.{name}".lstrip(".")) for name in names]
    return found


def _found(
    imports: Iterable[tuple[int, str]], root: Path, package: tuple[str, ...] = ()
) -> list[Path]:
    """The files of these imports, and of the packages they are in, as far as they are here."""
    names = set()
    for up, name in imports:
        parts = [*(package[: len(package) - up + 1] if up else ()), *filter(None, name.split("."))]
        names |= {".".join(parts[:count]) for count in range(1, len(parts) + 1)}
    return [path for path in (find(name, root) for name in sorted(names)) if path]


def code_digest(path: Path) -> str:
    """Return the digest of a module's code, which its comments and docstrings leave alone."""
    return _parsed(path, *_state(path))[1]


def _state(path: Path) -> tuple[int, int]:
    """What tells that a file has changed since it was last looked at in this process."""
    try:
        stat = path.stat()
    except OSError:
        return (0, 0)
    return (stat.st_mtime_ns, stat.st_size)


@cache
def _parsed(path: Path, time: int, size: int) -> tuple[list[tuple[int, str]], str]:
    """The imports of a module and the digest of its code; no imports if it does not parse."""
    try:
        text = path.read_bytes()
        tree = ast.parse(text)
    except OSError:
        return [], "absent"
    except (SyntaxError, ValueError):  # the one who imports it will be told
        return [], _hexadecimal(text)
    holds_docstring = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    for node in ast.walk(tree):
        if isinstance(node, holds_docstring) and ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
    return _imports(tree), _hexadecimal(ast.dump(tree).encode())


def content_digest(path: Path) -> str:
    """Return the digest of a file's bytes, or of all files in a folder but those left behind."""
    return _content(Path(path), *_state(path)) if path.is_file() else _folder(Path(path))


@cache
def _content(path: Path, time: int, size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _folder(path: Path) -> str:
    if not path.is_dir():
        return "absent"
    inside = sorted(each for each in path.iterdir() if not LEFT_BEHIND.search(each.name))
    return _hexadecimal("\n".join(f"{p.name} {content_digest(p)}" for p in inside).encode())


def versions(packages: Iterable[str], lock: Path) -> list[str]:
    """Return the version of each package and of all it needs: installed, and as the lock says."""
    found, waiting = {}, [_plain(name) for name in packages]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name], needs = _installed(name)
            waiting += needs
    locked = _locked(lock, *_state(lock))
    return [
        f"{name} {version}{locked.get(name, '')}"
        for name, version in sorted(found.items())
        if version
    ]


@cache
def _installed(name: str) -> tuple[str, tuple[str, ...]]:
    """The version of a package and the names of what it needs; "" for one not installed."""
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return "", ()
    needs = [each for each in distribution.requires or [] if not re.search(r"\bextra\s*==", each)]
    return distribution.version, tuple(_plain(re.match(r"[\w.-]+", each)[0]) for each in needs)


@cache
def _locked(lock: Path, time: int, size: int) -> dict[str, str]:
    """{name: its entries in the lock, without hashes and comments}."""
    entries: dict[str, str] = {}
    text = lock.read_text(encoding="utf-8") if lock.is_file() else ""
    for name, entry in re.findall(r"^([\w.-]+)(==[^\\\n#]*)", text, re.M):
        entries[_plain(name)] = entries.get(_plain(name), "") + f" {entry.strip()}"
    return entries


def _plain(name: str) -> str:
    """The name as indexes write it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _hexadecimal(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
