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
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from keyword import iskeyword
from typing import NamedTuple

import numpy as np

from lib.cells.activations import sigmoid
from lib.checks import Array

PAIRED = 24  # so many of the likeliest slips are tried two at a time: 276 pairs

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
LEFT_OUT = {"tanh", "sigmoid", "exp", "log", "sqrt", "abs", "reversed"}
COMPARISONS = {  # what it says: (with or without equality, the other way round)
    ast.Gt: (">", ">=", "<"),
    ast.GtE: (">=", ">", "<="),
    ast.Lt: ("<", "<=", ">"),
    ast.LtE: ("<=", "<", ">="),
}
RELATIONS: list[tuple[str, Callable[[Array], Array]]] = [
    ("the numbers are right, but there is an axis too many in front", lambda right: right[None]),
    ("the numbers are right, but there is an axis too many behind", lambda right: right[..., None]),
    ("the sign of everything is wrong", np.negative),
    ("the result is transposed", np.transpose),
    ("the rows are in reverse order", lambda right: right[::-1]),
    ("only the last row came back", lambda right: right[-1]),
    ("only the first row came back", lambda right: right[0]),
    ("the first row is missing", lambda right: right[1:]),
    ("the last row is missing", lambda right: right[:-1]),
    ("this is one minus the right answer", lambda right: 1 - right),
    ("this is one over the right answer", lambda right: 1 / right),
    ("this is the square of the right answer", np.square),
    ("this is the root of the right answer", np.sqrt),
    ("this is the logarithm of the right answer", np.log),
    ("this is the exponential of the right answer", np.exp),
]


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
        with suppress(ValueError, IndexError):  # not every change suits every shape
            if all(same(found, change(right), tolerance) for found, right in arrays):
                yield _sentence(clause)
    if all(found.shape == right.shape for found, right in arrays):
        found, right = (
            np.concatenate([a.ravel() for a in side]) for side in zip(*arrays, strict=True)
        )
        largest = np.argmax(np.abs(right)) if right.size > 2 else None
        if largest is not None:
            factor, shift = found[largest] / right[largest], found[largest] - right[largest]
            if factor and same(found, factor * right, tolerance):
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
    return ast.unparse(ast.parse(textwrap.dedent(inspect.getsource(function))))


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
        self.variables = _variables(definition)
        weights = list(dict.fromkeys(re.findall(r"\b[WPbp]_\w+", ast.unparse(definition))))
        self.relatives = {w: [v for v in weights if v[:-1] == w[:-1]] for w in weights}

    def visit(self, node):
        """The node, or a choice between it and the slips in its place."""
        computed_outside = self.computed
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            self.computed = node.targets[0].id
        slips = []
        if isinstance(node, ast.expr) and not isinstance(getattr(node, "ctx", None), ast.Store):
            slips = list(_slips(node, self.above[-1], self))  # before there are choices inside
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


def _slips(node, parent, names):
    """(rank, clause, source of what stands there instead) for a node of a syntax tree."""
    text, known = ast.unparse(node), _short(node)
    match parent:  # what the node is part of
        case ast.BinOp(left, ast.Add() | ast.Sub(), _) if not _is_chain(left) or node is not left:
            yield 1, f"{_short(node, 'term')} is missing", f"0 * ({text})"
            yield 2, f"the sign of {known} is wrong", f"-1 * ({text})"
        case ast.BinOp(_, ast.Div(), right) if node is right:
            yield 1, f"{_short(node, 'division by')} is missing", "1"
            yield 2, f"do not multiply by {known}", f"1 / ({text})"
        case ast.BinOp(left, ast.Mult() | ast.Div(), _) if not _is_chain(left) or node is not left:
            yield 1, f"{_short(node, 'factor')} is missing", "1"
            yield 2, f"do not divide by {known}", f"1 / ({text})"
        case ast.AugAssign():
            yield 2, f"the sign of {known} is wrong", f"-1 * ({text})"
        case ast.For(iter=loop) | ast.comprehension(iter=loop) if node is loop:
            yield 1, "the loop runs in the other direction", f"list({text})[::-1]"
            yield 1, "the loop leaves out the first step", f"list({text})[1:]"
            yield 1, "the loop leaves out the last step", f"list({text})[:-1]"
        case ast.Call(function, arguments) if node is function:
            yield from _functions(node, arguments)
    match node:
        case ast.Attribute(matrix, "T"):
            yield 0, f"{_short(matrix)} has to be transposed", ast.unparse(matrix)
            yield 3, "all matrices everywhere are transposed the wrong way", ast.unparse(matrix)
        case ast.BinOp(left, ast.MatMult(), right):
            a, b = f"({ast.unparse(left)})", f"({ast.unparse(right)})"
            for matrix, rest, turned in ((left, b, f"{a}.T @ {b}"), (right, a, f"{a} @ {b}.T")):
                if re.fullmatch(r"[A-Z]\w*(\.T)?", _short(matrix)):
                    yield 0, f"{_short(matrix)} must not be transposed", turned
                    yield 1, f"the product with {_short(matrix)} is missing", rest
        case ast.BinOp(left, ast.Sub(), right) if not _is_chain(left):
            a, b = ast.unparse(left), ast.unparse(right)
            clause = f"the difference of {_short(left)} and {_short(right)} is the wrong way round"
            yield 2, clause, f"({b}) - ({a})"
            yield 2, f"it says {_short(right)} where {known} belongs", b
        case ast.BinOp(left, ast.Mult(), right):
            both = f"{_short(left)} and {_short(right)}"
            clause = f"the product of {both} is needed, not the sum"
            yield 3, clause, f"({ast.unparse(left)}) + ({ast.unparse(right)})"
        case ast.BinOp(base, ast.Pow(), power):
            yield (
                1,
                f"the power {ast.unparse(power)} of {_short(base)} is missing",
                ast.unparse(base),
            )
            clause = f"a power of {_short(base)} is needed, not a product"
            yield 3, clause, f"({ast.unparse(base)}) * ({ast.unparse(power)})"
        case ast.UnaryOp(ast.USub(), operand):
            yield 1, f"the minus before {_short(operand)} is missing", ast.unparse(operand)
        case ast.Compare(left, [operator], [right]) if type(operator) in COMPARISONS:
            sign, other, turned = COMPARISONS[type(operator)]
            a, b, both = (
                ast.unparse(left),
                ast.unparse(right),
                f"{_short(left)} and {_short(right)}",
            )
            count = "count as well" if "=" in sign else "do not count"
            yield 2, f"equal numbers {count} where {both} are compared", f"{a} {other} {b}"
            yield 2, f"the comparison of {both} is upside down", f"{a} {turned} {b}"
        case ast.Call(function, arguments, keywords):
            yield from _arguments(function, arguments, keywords)
        case ast.Subscript(owner, ast.Constant(str(key))):
            form = f"{ast.unparse(owner)}['{{}}']"
            yield from _exchanges(key, names.relatives.get(key, []), form)
        case ast.Attribute(owner, name) if name in names.relatives:
            form = f"{ast.unparse(owner)}.{{}}"
            yield from _exchanges(name, names.relatives[name], form)
        case ast.Name(name) if name in names.variables and not isinstance(parent, ast.keyword):
            yield from _exchanges(name, names.variables, "{}")
        case ast.Subscript(array, index):
            for clause, other in _indices(index):
                clause = f"what is read of {_short(array)} {clause}"
                yield 1, clause, f"({ast.unparse(array)})[{other}]"
        case ast.List([first, second]) | ast.Tuple([first, second]) if not _is_index(node, parent):
            swapped = ast.unparse(type(node)([second, first], ast.Load()))
            yield 1, f"the order of {_short(first)} and {_short(second)} is wrong", swapped
        case ast.Constant(int() | float() as number) if not isinstance(number, bool):
            for other in (2 * number, number + 1, number - 1):
                yield 6, f"it says {other:g} where {number:g} belongs", repr(other)


def _exchanges(name, names, form):
    """One name for another, here or everywhere."""
    for other in names:
        if other != name:
            first, second = sorted((name, other), key=names.index)
            clause = f"the places of {first} and {second} everywhere are exchanged"
            yield 3, clause, form.format(other)
            yield 4, f"it says {other} where {name} belongs", form.format(other)


def _functions(function, arguments):
    """A function left out, or another one."""
    owner, _, name = ast.unparse(function).rpartition(".")
    if name in LEFT_OUT and owner in ("", "np"):
        yield 1, f"the {name} of {_short(arguments[0])} is missing", "(lambda x: x)"
    for other in OTHERS.get(name, []):
        instead = other if other in ("tanh", "sigmoid") or not owner else f"{owner}.{other}"
        yield 2, f"it says {other} where {name} belongs", instead


def _arguments(function, arguments, keywords):
    """Another axis, a bound left out, arguments in another order."""
    form = ast.unparse(function)
    name, texts = form.rpartition(".")[-1], [ast.unparse(argument) for argument in arguments]
    given = [(keyword.arg, ast.unparse(keyword.value)) for keyword in keywords]

    def call(arguments, **others):
        parts = [*arguments, *(f"{key}={value}" for key, value in (dict(given) | others).items())]
        return f"{form}({', '.join(parts)})"

    if "axis" in dict(given):
        for axis in ("0", "1", "None"):
            clause = f"the {name} runs along {'all axes' if axis == 'None' else f'axis {axis}'}"
            yield 1, clause, call(texts, axis=axis)
    if name in ("min", "max", "minimum", "maximum") and len(texts) == 2:
        yield 1, f"the bound {_short(arguments[0])} is missing", texts[1]
        yield 1, f"the bound {_short(arguments[1])} is missing", texts[0]
    if name in ("where", "outer", "kron", "reshape"):
        for j, k in itertools.combinations(range(len(texts)), 2):
            turned = list(texts)
            turned[j], turned[k] = texts[k], texts[j]
            both = f"{_short(arguments[j])} and {_short(arguments[k])}"
            yield 2, f"the places of {both} are exchanged", call(turned)
    if name == "where":
        yield 1, f"the condition {_short(arguments[0])} is missing", texts[1]
    if name == "swapaxes":
        yield 1, "two axes have to be exchanged", form.removesuffix(".swapaxes")


def _indices(index):
    """A step too early or too late, the other end, another order."""
    text = ast.unparse
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    for k, part in enumerate(parts):
        moved = []
        match part:
            case ast.Slice(lower, upper, step):
                lower, upper, step = (text(end) if end else "" for end in (lower, upper, step))
                if lower:
                    moved += [("begins one too late", f"{lower} + 1:{upper}:{step}")]
                    moved += [("begins one too early", f"{lower} - 1:{upper}:{step}")]
                if upper:
                    moved += [("ends one too late", f"{lower}:{upper} + 1:{step}")]
                    moved += [("ends one too early", f"{lower}:{upper} - 1:{step}")]
            case ast.Constant(int()) | ast.Name() | ast.BinOp(_, ast.Add() | ast.Sub(), _):
                moved = [("is one too late", f"{text(part)} + 1")]
                moved += [("is one too early", f"{text(part)} - 1")]
        for clause, other in moved:
            yield clause, ", ".join([*map(text, parts[:k]), other, *map(text, parts[k + 1 :])])


def _is_chain(node):
    """Whether a node is the beginning of a longer sum or product, whose parts count by themselves."""
    return isinstance(node, ast.BinOp) and isinstance(
        node.op, ast.Add | ast.Sub | ast.Mult | ast.Div
    )


def _is_index(node, parent):
    return isinstance(parent, ast.Subscript) and parent.slice is node


def _short(node, kind=""):
    """A piece of source as the reader knows it, W_xi for w["W_xi"]; of a long one what is in it."""
    text = re.sub(r"\bself\.|\bnp\.|\b\w+\['(\w+)'\]", r"\1", ast.unparse(node))
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


def _variables(definition):
    """The arguments and what is assigned, but no list: one that holds itself never ends."""
    text = ast.unparse(definition)
    names = [argument.arg for argument in definition.args.args]
    for node in ast.walk(definition):
        if isinstance(node, ast.Assign):
            names += [name.id for name in ast.walk(node.targets[0]) if isinstance(name, ast.Name)]
    lists = {name for name in names if f"{name}.append" in text}
    return [name for name in dict.fromkeys(names) if name != "self" and name not in lists]
