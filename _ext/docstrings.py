"""Read the library's code and its docstrings, without importing any of it.

A docstring has a house layout, which `blocks` takes apart:

    A first sentence.

        y(t) = f(x(t))               an equation stands indented

    inputs   (steps, input_size)     arguments, and what comes back, have
    returns  (steps, output_size)    two columns

    Raises ValueError where ...      anything else is a paragraph

    Explained in: d05-output         labels of the book's sections
"""

import ast
import inspect
import re
from dataclasses import dataclass, field
from pathlib import Path

PAIR = re.compile(r"(\S+(?: \S+)*?) {2,}(\S.*)$")
EXPLAINED = "Explained in:"


@dataclass
class Definition:
    """A function, a class or a method."""

    name: str
    kind: str  # "function", "class", "method", "property"
    signature: str
    docstring: str
    line: int
    bases: list[str] = field(default_factory=list)
    members: list["Definition"] = field(default_factory=list)


@dataclass
class Module:
    name: str
    path: str  # as seen from the repository's root
    docstring: str
    definitions: list[Definition]
    exports: dict[str, str]  # {name: the module that it comes from}


def parameters(arguments, drop_first=False):
    """Return the text between the brackets of a signature, one parameter a line if it is long."""
    text = ast.unparse(arguments)
    if drop_first:
        text = re.sub(r"^\w+(, |$)", "", text)
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            parts.append(text[start:place].strip())
            start = place + 1
    parts.append(text[start:].strip())
    parts = [re.sub(r"^(\w+: [^=]+)=(.*)", r"\1 = \2", part) for part in parts]
    if len(", ".join(parts)) <= 60:
        return f"({', '.join(parts)})"
    return "(\n" + "".join(f"    {part},\n" for part in parts) + ")"


def decorated(node, name):
    return any(ast.unparse(it).split("(")[0] == name for it in node.decorator_list)


def function(node, kind="function"):
    method = kind == "method"
    if method and decorated(node, "property"):
        kind, signature = "property", ""
    else:
        signature = parameters(node.args, method and not decorated(node, "staticmethod"))
    if node.returns is not None:
        signature += f" -> {ast.unparse(node.returns)}"
    return Definition(node.name, kind, signature, ast.get_docstring(node) or "", node.lineno)


def class_of(node):
    functions = [it for it in node.body if isinstance(it, ast.FunctionDef)]
    start = next((it for it in functions if it.name == "__init__"), None)
    return Definition(
        name=node.name,
        kind="class",
        signature=parameters(start.args, drop_first=True) if start else "",
        docstring=ast.get_docstring(node) or "",
        line=node.lineno,
        bases=[ast.unparse(base) for base in node.bases],
        members=[
            function(it, "method")
            for it in functions
            if not it.name.startswith("_")
            and ast.get_docstring(it)
            and not any(ast.unparse(d).endswith(".setter") for d in it.decorator_list)
        ],
    )


def module(root, path):
    """Return what a file of the library defines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found, exports = [], {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and decorated(node, "overload"):
            continue
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            found.append(function(node))
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            found.append(class_of(node))
        elif isinstance(node, ast.ImportFrom) and path.name == "__init__.py":
            exports |= {alias.asname or alias.name: node.module for alias in node.names}
    relative = path.relative_to(root)
    parts = relative.with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(name, relative.as_posix(), ast.get_docstring(tree) or "", found, exports)


def library(root, package="lib"):
    """Return {name: module} of a package, its public modules alone."""
    files = sorted(Path(root, package).rglob("*.py"))
    public = [it for it in files if not re.search(r"/_(?!_init__)", f"/{it.relative_to(root)}")]
    found = [module(Path(root), path) for path in public]
    return {it.name: it for it in found}


def public_name(modules, home, name):
    """Return the shortest name under which something can be imported: lib.unroll."""
    offering = [
        package.name
        for package in modules.values()
        if f"{home}.".startswith(f"{package.exports.get(name, '-')}.")
        and home.startswith(f"{package.name}.")
    ]
    return f"{min([*offering, home], key=len)}.{name}"


def blocks(docstring):
    """Return the parts of a docstring as (kind, content).

    ("text", str), ("code", str), ("pairs", [(name, text)]), ("explained", [label]).
    """
    found = []
    for block in re.split(r"\n\s*\n", inspect.cleandoc(docstring)) if docstring else []:
        lines = block.strip("\n").splitlines()
        if all(line.startswith("    ") for line in lines):
            code = "\n".join(line[4:] for line in lines)
            if found and found[-1][0] == "code":
                found[-1] = ("code", f"{found[-1][1]}\n\n{code}")
            else:
                found.append(("code", code))
        elif lines[0].startswith(EXPLAINED):
            labels = " ".join(lines).removeprefix(EXPLAINED)
            found.append(("explained", re.findall(r"[\w-]+", labels)))
        elif PAIR.match(lines[0]):
            found += pairs(lines)
        else:
            found.append(("text", " ".join(line.strip() for line in lines)))
    return found


def pairs(lines):
    """Return two columns as a list of pairs; a line without a second column ends it."""
    found = []
    for line in lines:
        if line.startswith(" ") and found and found[-1][0] == "pairs":
            name, text = found[-1][1][-1]
            found[-1][1][-1] = (name, f"{text} {line.strip()}")
        elif match := PAIR.match(line):
            if not (found and found[-1][0] == "pairs"):
                found.append(("pairs", []))
            found[-1][1].append(match.groups())
        elif found and found[-1][0] == "text":
            found[-1] = ("text", f"{found[-1][1]} {line.strip()}")
        else:
            found.append(("text", line.strip()))
    return found
