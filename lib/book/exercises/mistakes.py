"""The slips that people make, found in the source of the right answer.

A slip is a small change in a piece of source: a transpose, a sign, a term left out, one name in
place of another, a step too late. All slips of a function are compiled together: each piece that
may go wrong becomes a choice, such as

    W @ y  if nothing is wrong here,  else  W.T @ y,  or  y

and a wrong answer is that function with one choice made, or two. So one compilation serves all
slips, and each costs a call. What is recognised beside them is an answer that follows from the
right numbers in a simple way: their negative, a multiple, another order.
"""

import ast
import inspect
import itertools
import re
import textwrap
from ast import unparse
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from keyword import iskeyword
from typing import NamedTuple

import numpy as np

from lib.cells.activations import sigmoid
from lib.checks import Array, ArrayLike

PAIRED = 24  # so many of the likeliest slips are tried two at a time: 276 pairs

SUM, PROD = (ast.Add, ast.Sub), (ast.Mult, ast.Div)
# Functions that are taken for each other, and those that are left out.
OTHERS = {
    "tanh": ["sigmoid"],
    "sigmoid": ["tanh"],
    "sum": ["mean", "max"],
    "mean": ["sum", "max"],
    "max": ["min", "mean", "sum"],
    "min": ["max"],
    "minimum": ["maximum"],
    "zeros": ["ones"],
    "zeros_like": ["ones_like"],
}
LEFT_OUT = {"tanh", "sigmoid", "exp", "log", "sqrt", "abs"}
COMPARISONS = {  # what it says: (with or without equality, the other way round)
    ast.Gt: (">", ">=", "<"),
    ast.GtE: (">=", ">", "<="),
    ast.Lt: ("<", "<=", ">"),
    ast.LtE: ("<=", "<", ">="),
}
RELATIONS: list[tuple[str, Callable[[Array], ArrayLike]]] = [
    ("the sign of everything is wrong", np.negative),
    ("the result is transposed", np.transpose),
    ("the rows are in reverse order", lambda right: right[::-1]),
    ("only the last row came back", lambda right: right[-1]),
    ("the first row is missing", lambda right: right[1:]),
    ("the last row is missing", lambda right: right[:-1]),
    ("row t holds what belongs into row t - 1", lambda right: [0 * right[0], *right[:-1]]),
    ("row t holds what belongs into row t + 1", lambda right: [*right[1:], 0 * right[0]]),
    ("there is a row of zeros too many in front", lambda right: [0 * right[0], *right]),
    ("this is one minus the right answer", lambda right: 1 - right),
    ("this is one over the right answer", lambda right: 1 / right),
    ("this is the square of the right answer", np.square),
    ("this is the root of the right answer", np.sqrt),
    ("this is the logarithm of the right answer", np.log),
    ("this is the exponential of the right answer", np.exp),
]


class Names(NamedTuple):
    """The names of a function that are taken for each other: its variables, and weights such as
    W_xi with those that differ from it in the last letter."""

    variables: list[str]
    relatives: dict[str, list[str]]


class Slip(NamedTuple):
    """A slip: how unlikely it is, what to say of it, and {place: number of what stands there}."""

    rank: int
    clause: str
    choices: dict[int, int]


def singles(function: Callable) -> Iterator[tuple[str, Callable]]:
    """(sentence, wrong function) for each slip in the source of `function`, the likeliest first.

    It is one function, with one choice after the other: call it before taking the next.
    """
    wrong, chosen, slips = _choices(function)
    for slip in slips:
        chosen.clear()
        chosen.update(slip.choices)
        yield _sentence(slip.clause), wrong


def pairs(function: Callable) -> Iterator[tuple[str, Callable]]:
    """The same for two slips at a time."""
    wrong, chosen, slips = _choices(function)
    for first, second in itertools.combinations(slips[:PAIRED], 2):
        if first.choices.keys().isdisjoint(second.choices):
            chosen.clear()
            chosen.update(first.choices | second.choices)
            yield _sentence(f"{first.clause}, and {second.clause}"), wrong


def related(arrays: list[tuple[Array, Array]], tolerance: float) -> Iterator[str]:
    """How an answer follows from the right numbers, a sentence a way; `arrays` are (answer, right)
    for each array of each case."""
    for clause, change in RELATIONS:
        with suppress(ValueError, IndexError), np.errstate(all="ignore"):  # not each suits each
            if all(same(found, np.array(change(right)), tolerance) for found, right in arrays):
                yield _sentence(clause)
    if all(found.shape == right.shape for found, right in arrays):
        found, right = (
            np.concatenate([a.ravel() for a in side]) for side in zip(*arrays, strict=True)
        )
        largest = np.argmax(np.abs(right)) if right.size > 2 else None
        if largest is not None:
            factor, shift = found[largest] / right[largest], found[largest] - right[largest]
            if f"{factor:.4g}" not in ("0", "1") and same(found, factor * right, tolerance):
                yield f"Every number is the right one times {factor:.4g}."
            if same(found, right + shift, tolerance):
                yield f"Every number is the right one plus {shift:.4g}."


def same(found: Array, expected: Array, tolerance: float) -> bool:
    """Whether two arrays agree in shape and numbers; `feedback.compare` says how nearly."""
    if found.shape != expected.shape:
        return False
    size = np.abs(np.where(np.isfinite(expected), expected, 0))
    allowed = tolerance * (size + np.minimum(1, size.max(initial=0)))
    close = (np.abs(found - expected) <= allowed) | (found == expected)
    return bool(np.all(close | (np.isnan(found) & np.isnan(expected))))


def with_slip(function: Callable, slip: str) -> Callable:
    """`function` with pieces of its `source` exchanged, as in `rewritten`."""
    return _compiled(function, ast.parse(rewritten(source(function), slip)))


def rewritten(text: str, slip: str) -> str:
    """`text` after a slip: "old -> new", or several of these with "; " between.

    Raises ValueError where an old piece does not occur.
    """
    for change in slip.split("; "):
        old, new = change.split(" -> ")
        if old not in text:
            raise ValueError(f"slip: expected a piece of the source, got {old!r}")
        text = text.replace(old, new)
    return text


@lru_cache
def source(function: Callable) -> str:
    """The source of a function as Python itself writes it: a statement a line, no comments."""
    return unparse(ast.parse(textwrap.dedent(inspect.getsource(function))))


@lru_cache
def _choices(function):
    """`function` with choices in it, the dict {place: number} that makes them, and all slips."""
    try:
        tree = ast.parse(source(function))
    except OSError:  # the source is not at hand
        return function, {}, []
    chosen, choices = {}, _Choices(tree.body[0])
    tree.body[0].body = [choices.visit(statement) for statement in tree.body[0].body]
    return _compiled(function, tree, _chosen=chosen), chosen, choices.slips()


def _compiled(function, tree, **names):
    namespace = {"tanh": np.tanh, "sigmoid": sigmoid, **function.__globals__, **names}
    exec(compile(tree, "<mistake>", "exec"), namespace)
    return namespace[function.__name__]


def _sentence(clause):
    return clause[:1].upper() + clause[1:] + "."


class _Choices(ast.NodeTransformer):
    """Puts the choices into the body of a function, and keeps the slips that they make."""

    def __init__(self, definition):
        self.found = []  # (rank, the variable that is computed, clause, {place: number})
        self.places = itertools.count()
        self.above, self.computed = [None], None
        self.names = names_in(definition)

    def visit(self, node):
        """The node, or a choice between it and the slips in its place."""
        computed_outside = self.computed
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            self.computed = node.targets[0].id
        slips = []
        if isinstance(node, ast.expr) and not isinstance(getattr(node, "ctx", None), ast.Store):
            # Before there are choices inside.
            slips = list(slips_at(node, self.above[-1], self.names))
        self.above.append(node)
        node = self.generic_visit(node)
        self.above.pop()
        if slips:
            node = self._choice(node, slips)
        self.computed = computed_outside
        return node

    def _choice(self, node, slips):
        place = next(self.places)
        text = f"0 if {place} not in _chosen else "
        for number, (rank, clause, instead) in enumerate(slips):
            self.found.append((rank, self.computed, clause, {place: number}))
            text += f"({instead}) if _chosen[{place}] == {number} else "
        choice = ast.parse(f"{text} None", mode="eval").body
        choice.body = node
        return choice

    def slips(self):
        """The likeliest first: each alone, and those that are made in all lines of a kind."""
        alone, together = [], {}
        for rank, computed, clause, choice in self.found:
            if "everywhere" not in clause:
                alone.append(Slip(rank, f"in {computed}, {clause}" if computed else clause, choice))
                # b_i and b_f are the bias b of two layers
                clause = re.sub(r"\b([bp]|W_[xh])(?:_|(?<=[xh]))[a-z]\b", r"\1", clause)
            together.setdefault(clause, []).append((rank, computed, choice))
        for clause, members in together.items():
            ranks, computed, choices = zip(*members, strict=True)
            merged = {place: number for choice in choices for place, number in choice.items()}
            lines = dict.fromkeys(computed)
            if "everywhere" in clause and len(merged) > 1:
                alone.append(Slip(ranks[0], clause.replace(" everywhere", ""), merged))
            elif "everywhere" not in clause and len(lines) > 1 and None not in lines:
                alone.append(Slip(ranks[0], f"in {_listed(lines)}, {clause}", merged))
        return sorted(alone, key=lambda slip: slip.rank)


def slips_at(node: ast.AST, parent: ast.AST | None, names: Names) -> Iterator[tuple[int, str, str]]:
    """(rank, clause, source of what stands there instead) for a node of a syntax tree."""
    text, known = unparse(node), _short(node)
    match parent:  # what the node is a part of
        case ast.BinOp(left, ast.Add() | ast.Sub(), _) if node is not left or not _is(left, SUM):
            yield 1, f"{_short(node, 'term')} is missing", f"0 * ({text})"
            yield 2, f"the sign of {known} is wrong", f"-1 * ({text})"
        case ast.BinOp(_, ast.Div(), right) if node is right:
            yield 1, f"the division by {known} is missing", "1"
            yield 2, f"do not multiply by {known}", f"1 / ({text})"
        case ast.BinOp(left, ast.Mult() | ast.Div(), _) if node is not left or not _is(left, PROD):
            yield 1, f"{_short(node, 'factor')} is missing", "1"
            yield 2, f"do not divide by {known}", f"1 / ({text})"
        case ast.AugAssign():
            yield 2, f"the sign of {known} is wrong", f"-1 * ({text})"
        case ast.For(iter=loop) | ast.comprehension(iter=loop) if node is loop:
            yield 1, "the loop runs in the other direction", f"list({text})[::-1]"
            yield 1, "the loop leaves out the first element", f"list({text})[1:]"
            yield 1, "the loop leaves out the last element", f"list({text})[:-1]"
        case ast.Call(function, arguments) if node is function:
            yield from _functions(node, arguments)
    match node:
        case ast.BinOp(left, _, right):
            yield from _operations(left, node.op, right)
        case ast.Attribute(matrix, "T"):
            yield 0, f"{_short(matrix)} has to be transposed", unparse(matrix)
            yield 3, "all matrices everywhere are transposed the wrong way", unparse(matrix)
        case ast.UnaryOp(ast.USub(), operand):
            yield 1, f"the minus before {_short(operand)} is missing", unparse(operand)
        case ast.Compare(left, [operator], [right]) if type(operator) in COMPARISONS:
            sign, other, turned = COMPARISONS[type(operator)]
            a, b, both = unparse(left), unparse(right), f"{_short(left)} and {_short(right)}"
            count = "count as well" if "=" in sign else "do not count"
            yield 2, f"equal numbers {count} where {both} are compared", f"{a} {other} {b}"
            yield 2, f"the comparison of {both} is upside down", f"{a} {turned} {b}"
        case ast.Call(function, arguments, [ast.keyword("axis")]):
            for axis, where in ((0, "axis 0"), (1, "axis 1"), (None, "all axes")):
                other = ast.Call(function, arguments, [ast.keyword("axis", ast.Constant(axis))])
                name = unparse(function).rpartition(".")[-1]
                yield 1, f"the {name} runs along {where}", unparse(other)
        case ast.Subscript(owner, ast.Constant(str(key))):
            yield from _exchanges(key, names.relatives.get(key, []), f"{unparse(owner)}['{{}}']")
        case ast.Attribute(owner, name):
            yield from _exchanges(name, names.relatives.get(name, []), f"{unparse(owner)}.{{}}")
        case ast.Name(name) if name in names.variables and not isinstance(parent, ast.keyword):
            yield from _exchanges(name, names.variables, "{}")
        case ast.Subscript(array, index):
            for clause, other in _indices(index):
                yield 1, f"what is read of {_short(array)} {clause}", f"({unparse(array)})[{other}]"
        case ast.List([first, second]) | ast.Tuple([first, second]) if not _is_index(node, parent):
            swapped = unparse(type(node)([second, first], ast.Load()))
            yield 1, f"the order of {_short(first)} and {_short(second)} is wrong", swapped
        case ast.Constant(int() | float() as number) if not isinstance(number, bool):
            for other in (2 * number, number + 1, number - 1):
                yield 6, f"it says {other:g} where {number:g} belongs", repr(other)


def _operations(left, operator, right):
    """Another operation, or the other way round."""
    a, b, both = unparse(left), unparse(right), f"{_short(left)} and {_short(right)}"
    match operator:
        case ast.MatMult():
            for matrix, rest, turned in (left, b, f"({a}).T @ ({b})"), (right, a, f"({a}) @ {b}.T"):
                if re.fullmatch(r"[A-Z]\w*", _short(matrix)):
                    yield 0, f"{_short(matrix)} must not be transposed", turned
                if re.fullmatch(r"[A-Z]\w*(\.T)?", _short(matrix)):
                    yield 1, f"the product with {_short(matrix)} is missing", rest
        case ast.Sub() if not _is(left, SUM):
            yield 2, f"the difference of {both} is the wrong way round", f"({b}) - ({a})"
            yield 2, f"it says {_short(right)} where {a} - {b} belongs", b
        case ast.Mult():
            yield 3, f"the product of {both} is needed, not the sum", f"({a}) + ({b})"
        case ast.Pow():
            yield 1, f"the power {b} of {_short(left)} is missing", a
            yield 3, f"a power of {_short(left)} is needed, not a product", f"({a}) * ({b})"


def _functions(function, arguments):
    """A function left out, or another one."""
    owner, dot, name = unparse(function).rpartition(".")
    if name in LEFT_OUT:
        yield 1, f"the {name} of {_short(arguments[0])} is missing", "(lambda x: x)"
    for other in OTHERS.get(name, []):
        instead = other if other in ("tanh", "sigmoid") else f"{owner}{dot}{other}"
        yield 2, f"it says {other} where {name} belongs", instead


def _exchanges(name, names, form):
    """One name for another, here or everywhere."""
    for other in names:
        if other != name:
            first, second = sorted((name, other), key=names.index)
            clause = f"the places of {first} and {second} everywhere are exchanged"
            yield 3, clause, form.format(other)
            yield 4, f"it says {other} where {name} belongs", form.format(other)


def _indices(index):
    """A step too early or too late."""
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    for k, part in enumerate(parts):
        moved = {}
        match part:
            case ast.Slice(lower, upper, step):
                first, last, step = (unparse(end) if end else "" for end in (lower, upper, step))
                if first:
                    moved["begins one too late"] = f"{first} + 1:{last}:{step}"
                    moved["begins one too early"] = f"{first} - 1:{last}:{step}"
                if last:
                    moved["ends one too late"] = f"{first}:{last} + 1:{step}"
                    moved["ends one too early"] = f"{first}:{last} - 1:{step}"
            case ast.Constant(int()) | ast.Name() | ast.BinOp(_, ast.Add() | ast.Sub(), _):
                moved["is one too late"] = f"{unparse(part)} + 1"
                moved["is one too early"] = f"{unparse(part)} - 1"
        for clause, other in moved.items():
            yield (
                clause,
                ", ".join([*map(unparse, parts[:k]), other, *map(unparse, parts[k + 1 :])]),
            )


def _is(node, operators):
    return isinstance(node, ast.BinOp) and isinstance(node.op, operators)


def _is_index(node, parent):
    return isinstance(parent, ast.Subscript) and parent.slice is node


def _short(node, kind=""):
    """A piece of source as the reader knows it, W_xi for w["W_xi"]; of a long one what is in it."""
    text = re.sub(r"\bself\.|\bnp\.|\b\w+\['(\w+)'\]", r"\1", unparse(node))
    what = f"the {kind} " if kind else ""
    if len(text) <= 20:
        return what + text
    names = re.findall(r"(?<![\w.'])([A-Za-z_]\w*)(?!\w|\(|\s*=[^=])", text)
    names = [name for name in names if not iskeyword(name)]
    return f"{what or 'the part '}with {_listed(names or ['the numbers'])}"


def _listed(names):
    """a, b and c"""
    *first, last = dict.fromkeys(names)
    return " and ".join(filter(None, [", ".join(first), last]))


def names_in(definition: ast.FunctionDef) -> Names:
    """The arguments and what is assigned, but no list: one that holds itself never ends."""
    text = unparse(definition)
    variables = [argument.arg for argument in definition.args.args]
    for node in ast.walk(definition):
        if isinstance(node, ast.Assign):
            inner = ast.walk(node.targets[0])
            variables += [name.id for name in inner if isinstance(name, ast.Name)]
    lists = {name for name in variables if f"{name}.append" in text}
    kept = [name for name in dict.fromkeys(variables) if name != "self" and name not in lists]
    weights = list(dict.fromkeys(re.findall(r"\b[WPbp]_\w+", text)))
    return Names(kept, {w: [v for v in weights if v[:-1] == w[:-1]] for w in weights})
