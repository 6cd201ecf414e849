"""Which places of the code are mutated, and which of all mutants are drawn."""

import ast
import random
from dataclasses import dataclass
from functools import cache

import cosmic_ray.plugins
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code

from tools.mutants import operators

# The numerical core: what is mutated.
CORE = (
    "lib/cells",
    "lib/unrolling.py",
    "lib/patterns.py",
    "lib/gradients",
    "lib/training.py",
    "lib/conventions",
    "lib/data/tasks.py",
)
# Where its equations are.
EQUATIONS = ("lib/cells", "lib/gradients", "lib/training.py", "lib/data/tasks.py")
SEED, LEAST = 0, 4

# Operators of Cosmic Ray for faults that one could make: what turns a number into nonsense for
# every input (a shift of a float, `is` for <) would only flatter the tests.
ARITHMETIC = [
    *(f"Add_{new}" for new in ("Sub", "Mul")),
    *(f"Sub_{new}" for new in ("Add", "Mul")),
    *(f"Mul_{new}" for new in ("Add", "Div")),
    *("Div_Mul", "FloorDiv_Div", "Mod_FloorDiv", "Pow_Mul", "BitAnd_BitOr", "BitOr_BitAnd"),
]
ORDER = ["Eq_NotEq", "NotEq_Eq", "Lt_LtE", "Lt_Gt", "LtE_Lt", "LtE_Gt"]
ORDER += ["Gt_GtE", "Gt_Lt", "GtE_Gt", "GtE_Lt", "Is_IsNot", "IsNot_Is"]
SIGNS = ["USub_UAdd", "Delete_Invert", "Delete_Not"]
OTHERS = ["ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd"]
OTHERS += ["ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ExceptionReplacer"]
OTHERS += ["NumberReplacer", "ZeroIterationForLoop", "AddNot"]
OPERATORS = (
    *(f"core/ReplaceBinaryOperator_{name}" for name in ARITHMETIC),
    *(f"core/ReplaceComparisonOperator_{name}" for name in ORDER),
    *(f"core/ReplaceUnaryOperator_{name}" for name in SIGNS),
    *(f"core/{name}" for name in OTHERS),
    *(f"book/{name}" for name in operators.OWN),
)
IN_EQUATIONS = ("Binary", "Comparison", "Unary", "Augmented", "Function", "Transpose", "Arguments")


@dataclass(frozen=True)
class Mutant:
    """One change of one place: where it is, and what makes it."""

    module: str
    operator: str
    occurrence: int
    line: int
    column: int

    @property
    def name(self):
        return f"{self.module}:{self.operator}:{self.occurrence}"

    def place(self, text):
        """The lines of the statement that it changes, and the function they are in."""
        lines, _, function = statement(text, self.line)
        return lines, function

    def source(self, text):
        """Return the mutated source of a module; None where it is no change or does not parse."""
        # Only the function or class around it is parsed again, which is much quicker.
        first, last = _outermost(text, self.line)
        earlier = sum(line < first for line, _ in _places(text, self.operator))
        lines = text.splitlines(keepends=True)
        part = "".join(lines[first - 1 : last])
        operator = cosmic_ray.plugins.get_operator(self.operator)()
        changed = mutate_code(part, operator, self.occurrence - earlier)
        try:
            new = ast.dump(ast.parse(changed))
        except SyntaxError:
            return None
        if new == ast.dump(ast.parse(part)):
            return None
        return "".join([*lines[: first - 1], changed, *lines[last:]])


def _outermost(text, line):
    """The first and the last line of the statement at the level of the module."""
    return next(
        (first, node.end_lineno)
        for first, _, node, _ in _statements(text)
        if node.col_offset == 0 and first <= line <= node.end_lineno
    )


@cache
def _nodes(text):
    return list(ast_nodes(get_ast(text)))


@cache
def _places(text, operator):
    """Where an operator can change something, in the order of its occurrences."""
    operators.register()
    made = cosmic_ray.plugins.get_operator(operator)()
    return [start for node in _nodes(text) for start, _ in made.mutation_positions(node)]


def modules(root, places=CORE):
    """Return the modules at these places, as names with slashes."""
    paths = [root / place for place in places]
    found = [p for path in paths for p in (path.glob("*.py") if path.is_dir() else [path])]
    return sorted(path.relative_to(root).as_posix() for path in found)


def all_of(module, text):
    """Return every mutant of a module with this source."""
    left_out, found = no_faults(text), []
    for name in OPERATORS:
        for occurrence, place in enumerate(_places(text, name)):
            if not any(first <= place < last for first, last in left_out):
                found.append(Mutant(module, name, occurrence, *place))
    return found


def no_faults(text):
    """The places ((line, column), (line, column)) where a change is no fault of the computation:
    type hints and their names, docstrings and other text, imports, decorators, `__all__`, and the
    errors that are raised (not the conditions on which they are)."""
    tree, found = ast.parse(text), []
    for node in ast.walk(tree):
        hints = [
            getattr(node, "annotation", None),
            getattr(node, "returns", None),
            *getattr(node, "decorator_list", []),
        ]
        found += [hint for hint in hints if hint is not None]
        if isinstance(node, ast.Raise | ast.Import | ast.ImportFrom | ast.JoinedStr):
            found.append(node)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            found.append(node)
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "TypeAlias":
            found.append(node)
        # an alias of a type: Loss = Callable[...]
        if isinstance(node, ast.Assign) and node in tree.body:
            value = node.value
            if isinstance(value, ast.Subscript) and isinstance(value.value, ast.Name):
                found.append(node)
    return [
        ((node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)) for node in found
    ]


def _first(node):
    """The first line of a statement, with its decorators."""
    return min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])


@cache
def _statements(text):
    """(statement, its function's name) with the lines that are its own: (first, last)."""
    found = []

    def walk(node, function):
        for child in ast.iter_child_nodes(node):
            inside = child.name if isinstance(child, ast.FunctionDef) else function
            if isinstance(child, ast.stmt | ast.ExceptHandler):
                last = child.end_lineno
                if getattr(child, "body", None):
                    last = max(child.lineno, child.body[0].lineno - 1)
                found.append((_first(child), last, child, function))
            walk(child, inside)

    walk(ast.parse(text), None)
    return found


def statement(text, line):
    """(lines, statement, name of the function it is in) of the smallest statement at this line.

    The name is None at the level of a module or a class.
    """
    around = [found for found in _statements(text) if found[0] <= line <= found[1]]
    first, last, node, function = min(around, key=lambda found: (found[1] - found[0], -found[0]))
    return range(first, last + 1), node, function


def is_equation(mutant, text):
    """Whether it changes an equation: arithmetic, an order or arguments, in a function that
    computes and in a statement that does not check."""
    _, node, function = statement(text, mutant.line)
    computes = any(isinstance(part, ast.BinOp | ast.AugAssign) for part in ast.walk(node))
    checks = any(isinstance(part, ast.Name) and part.id == "checks" for part in ast.walk(node))
    return (
        mutant.module.startswith(EQUATIONS)
        and any(word in mutant.operator.partition("/")[2] for word in IN_EQUATIONS)
        and function is not None
        and not function.startswith("_check")
        and computes
        and not checks
        and not isinstance(node, ast.FunctionDef)
        and not _refuses(node)
    )


def _refuses(node):
    """Whether it is a condition on which an error is raised."""
    return isinstance(node, ast.If) and isinstance(node.body[-1], ast.Raise)


def shares(sizes, number, least=LEAST):
    """Split `number` in proportion to `sizes`, {name: size}, but at least `least` for each."""
    floor = {name: min(least, size) for name, size in sizes.items()}
    rest = max(0, number - sum(floor.values()))
    left = {name: size - floor[name] for name, size in sizes.items()}
    total = sum(left.values())
    exact = {name: min(left[name], rest * left[name] / max(total, 1)) for name in sizes}
    found = {name: floor[name] + int(exact[name]) for name in sizes}
    missing = min(number, sum(sizes.values())) - sum(found.values())
    for name in sorted(sizes, key=lambda name: int(exact[name]) - exact[name])[: max(0, missing)]:
        found[name] += 1
    return found


def drawn(texts, number, chosen=None, seed=SEED, least=LEAST):
    """Draw `number` mutants from these modules, {name: source}, the same ones for the same code.

    chosen  called with a mutant and the source: whether it may be drawn
    """
    found = {}
    for module, text in texts.items():
        every = [m for m in all_of(module, text) if chosen is None or chosen(m, text)]
        random.Random(f"{seed} {module}").shuffle(every)
        found[module] = every
    sizes = {module: len(every) for module, every in found.items() if every}
    sample = []
    for module, share in shares(sizes, number, least).items():
        seen = set()
        for mutant in found[module]:
            changed = mutant.source(texts[module]) if len(seen) < share else None
            if changed is not None and changed not in seen:
                seen.add(changed)
                sample.append(mutant)
    return sample
