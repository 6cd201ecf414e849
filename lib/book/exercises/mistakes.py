"""The slips that people make, found in the source of the right answer.

A slip is a small change of a piece of source: a transpose, a sign, a term left out, one name in
place of another, a step too late. All slips of a function are compiled together. Every piece that
may go wrong becomes a choice,

    W @ y    turns into    W @ y if nothing is wrong here, else W.T @ y, else y

and a wrong answer is that function with one choice made, or two. So all slips together cost one
compilation, and each of them a call.
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

LOAD = ast.Load()
PAIRED = 24  # so many of the likeliest slips are tried two at a time: 276 pairs
OTHERS = {  # functions that are taken for each other
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
FORGOTTEN = {"tanh", "sigmoid", "exp", "log", "sqrt", "abs", "reversed", "cumsum", "max", "min"}
STRICT = {ast.Gt: ast.GtE, ast.Lt: ast.LtE, ast.GtE: ast.Gt, ast.LtE: ast.Lt}
TURNED = {ast.Gt: ast.Lt, ast.GtE: ast.LtE, ast.Lt: ast.Gt, ast.LtE: ast.GtE}
LOOPS = [
    ("the loop runs in the other direction", None, None, -1),
    ("the loop leaves out the first step", 1, None, None),
    ("the loop leaves out the last step", None, -1, None),
]
RELATIONS: list[tuple[str, Callable[[Array], Array]]] = [
    ("the numbers are right, but the shape has an axis too many", lambda right: right[np.newaxis]),
    ("the numbers are right, but the shape has an axis too many", lambda right: right[..., None]),
    ("the sign of everything is wrong", np.negative),
    ("the result is transposed", np.transpose),
    ("the rows are in reverse order", lambda right: right[::-1]),
    ("only the last row came back", lambda right: right[-1]),
    ("only the first row came back", lambda right: right[0]),
    ("the first row is missing", lambda right: right[1:]),
    ("the last row is missing", lambda right: right[:-1]),
    ("this is one minus the right answer", lambda right: 1 - right),
    ("this is one over the right answer", lambda right: 1 / right),
    ("this is the square of the right answer", lambda right: right**2),
    ("this is the root of the right answer", np.sqrt),
    ("this is the logarithm of the right answer", np.log),
    ("this is the exponential of the right answer", np.exp),
    ("this is tanh of the right answer", np.tanh),
]


class Slip(NamedTuple):
    """What may go wrong: the likelier, the lower its rank."""

    rank: int
    clause: str
    choices: dict[int, int]  # {place in the source: number of what stands there}


def singles(function: Callable) -> Iterator[tuple[str, Callable]]:
    """(sentence, wrong function) for each slip in `function`, the likeliest first.

    It is one function with one choice after the other: call it before you take the next.
    """
    wrong, chosen, slips = _variants(function)
    for slip in slips:
        chosen.clear()
        chosen.update(slip.choices)
        yield _sentence(slip.clause), wrong


def pairs(function: Callable) -> Iterator[tuple[str, Callable]]:
    """The same for two slips at a time."""
    wrong, chosen, slips = _variants(function)
    for first, second in itertools.combinations(slips[:PAIRED], 2):
        if not first.choices.keys() & second.choices.keys():
            chosen.clear()
            chosen.update(first.choices | second.choices)
            yield _sentence(f"{first.clause}, and {second.clause}"), wrong


def related(arrays: list[tuple[Array, Array]], tolerance: float) -> Iterator[str]:
    """Sentences on how an answer follows from the right numbers, from pairs (answer, right)."""
    for clause, change in RELATIONS:
        with suppress(ValueError, IndexError):
            if all(same(found, change(right), tolerance) for found, right in arrays):
                yield _sentence(clause)
    if all(found.shape == right.shape for found, right in arrays):
        found, right = (
            np.concatenate([a.ravel() for a in side]) for side in zip(*arrays, strict=True)
        )
        kept = np.abs(right) > 1e-6 * np.abs(right).max()
        for what, rest in (("times", found[kept] / right[kept]), ("plus", found - right)):
            if (
                rest.size > 2
                and rest[0]
                and same(rest, np.full(rest.shape, rest[0]), 1e3 * tolerance)
            ):
                yield f"Every number is the right one {what} {rest[0]:.4g}."


def same(found: Array, expected: Array, tolerance: float) -> bool:
    """Whether two arrays agree in shape and numbers; see `feedback.compare`."""
    if found.shape != expected.shape:
        return False
    size = np.abs(np.where(np.isfinite(expected), expected, 0))
    allowed = tolerance * (size + np.minimum(1, size.max(initial=0)))
    equal = (np.abs(found - expected) <= allowed) | (found == expected)
    return bool(np.all(equal | (np.isnan(found) & np.isnan(expected))))


def with_slip(function: Callable, slip: str) -> Callable:
    """`function` with pieces of its `source` exchanged, as in `rewritten`."""
    return _compiled(function, ast.parse(rewritten(source(function), slip)), {})


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


def source(function: Callable) -> str:
    """The source of a function as Python itself writes it: a statement a line, no comments."""
    return ast.unparse(ast.parse(textwrap.dedent(inspect.getsource(function))))


@lru_cache
def _variants(function):
    """`function` with its choices, the dict that makes them, and the slips in order."""
    try:
        definition = ast.parse(source(function)).body[0]
    except OSError:  # no source is at hand
        return function, {}, []
    choices, chosen = _Choices(definition), {}
    definition.body = [choices.into(statement) for statement in definition.body]
    tree = ast.Module([definition], [])
    _locate(definition)
    return _compiled(function, tree, {"_chosen": chosen}), chosen, choices.in_order()


def _compiled(function, tree, names):
    namespace = {"tanh": np.tanh, "sigmoid": sigmoid, **function.__globals__, **names}
    exec(compile(tree, "<mistake>", "exec"), namespace)
    return namespace[function.__name__]


def _locate(node):
    """`ast.fix_missing_locations`, but what occurs many times in the tree is visited once."""
    for child in ast.iter_child_nodes(node):
        if not hasattr(child, "lineno"):
            child.lineno, child.col_offset = 1, 0
            _locate(child)


def _sentence(clause):
    return clause[:1].upper() + clause[1:] + "."


class _Choices:
    """Puts choices into a syntax tree, and keeps the slips that they make."""

    def __init__(self, definition):
        self.found = []  # (rank, variable on the left, clause, {place: number})
        self.variables = _variables(definition)
        self.weights = sorted(set(re.findall(r"\b[WVPbp]_\w+", _text(definition))))
        self.places = itertools.count()
        self.computed = None  # the variable on the left

    def into(self, node, parent=None):
        """A copy of `node` with choices in it."""
        before = self.computed
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            self.computed = node.targets[0].id
        result = type(node)(
            **{name: self._inside(value, node) for name, value in ast.iter_fields(node)}
        )
        if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", LOAD), ast.Load):
            result = self._choice(result, _slips(node, parent, self))
        self.computed = before
        return result

    def _inside(self, value, node):
        if isinstance(value, list):
            return [self._inside(item, node) for item in value]
        return self.into(value, node) if isinstance(value, ast.AST) else value

    def _choice(self, right, slips):
        place, result = next(self.places), right
        chosen = ast.Subscript(ast.Name("_chosen", LOAD), ast.Constant(place), LOAD)
        for number, (rank, clause, wrong) in enumerate(slips):
            test = ast.Compare(chosen, [ast.Eq()], [ast.Constant(number)])
            result = ast.IfExp(test, wrong, result)
            self.found.append((rank, self.computed, clause, {place: number}))
        if result is right:
            return right
        is_right = ast.Compare(ast.Constant(place), [ast.NotIn()], [ast.Name("_chosen", LOAD)])
        return ast.IfExp(is_right, right, result)

    def in_order(self):
        """The slips, the likeliest first: one by one, and those made in all places of a kind."""
        slips, together = [], {}
        for rank, computed, clause, choice in self.found:
            if "everywhere" not in clause:
                prefix = f"in {computed}, " if computed else ""
                slips.append(Slip(rank, prefix + clause, choice))
                # b_i and b_f are the bias b of two layers
                clause = re.sub(r"\b([bp]|W_[xh])(?:_|(?<=[xh]))[a-z]\b", r"\1", clause)
            together.setdefault(clause, []).append((rank, computed, choice))
        for clause, members in together.items():
            ranks, variables, choices = zip(*members, strict=True)
            merged = {place: number for choice in choices for place, number in choice.items()}
            variables = list(dict.fromkeys(variables))
            if "everywhere" in clause and len(merged) > 1:
                slips.append(Slip(min(ranks), clause.replace(" everywhere", ""), merged))
            elif len(variables) > 1 and None not in variables:
                slips.append(Slip(min(ranks), f"in {_listed(variables)}, {clause}", merged))
        return sorted(slips, key=lambda slip: slip.rank)


def _slips(node, parent, function):
    """(rank, clause, what may stand in place of the node) for a node of a syntax tree."""
    if isinstance(parent, ast.For | ast.comprehension) and node is parent.iter:
        for clause, lower, upper, step in LOOPS:
            steps = ast.Call(ast.Name("list", LOAD), [node], [])
            cut = ast.Slice(
                *(None if end is None else ast.Constant(end) for end in (lower, upper, step))
            )
            yield 1, clause, ast.Subscript(steps, cut, LOAD)
    match node:
        case ast.Attribute(matrix, "T"):
            yield 0, f"{_text(matrix)} has to be transposed", matrix
            yield 3, "all matrices everywhere are transposed the wrong way", matrix
        case ast.BinOp(left, ast.MatMult(), right):
            for matrix, other in ((left, right), (right, left)):
                turned = ast.Attribute(matrix, "T", LOAD)
                if re.fullmatch(r"[A-Z]\w*(\.T)?", _text(matrix)):
                    yield 1, f"the product with {_text(matrix)} is missing", other
                if re.fullmatch(r"[A-Z]\w*", _text(matrix)):
                    sides = (turned, right) if matrix is left else (left, turned)
                    clause = f"{_text(matrix)} must not be transposed"
                    yield 0, clause, ast.BinOp(sides[0], ast.MatMult(), sides[1])
        case ast.BinOp(_, ast.Add() | ast.Sub(), _) if not _continues(node, parent):
            yield from _sums(node)
        case ast.BinOp(_, ast.Mult() | ast.Div(), _) if not _continues(node, parent):
            yield from _products(node)
        case ast.BinOp(base, ast.Pow(), exponent):
            yield 1, f"the power {_text(exponent)} of {_phrase(base)} is missing", base
            yield 3, "a power is asked for, not a product", ast.BinOp(base, ast.Mult(), exponent)
        case ast.UnaryOp(ast.USub(), operand):
            yield 1, f"the minus before {_phrase(operand)} is missing", operand
        case ast.Compare(left, [operator], [right]) if type(operator) in STRICT:
            both = f"{_phrase(left)} and {_phrase(right)}"
            word = "count as well" if isinstance(operator, ast.GtE | ast.LtE) else "do not count"
            strict, turned = STRICT[type(operator)](), TURNED[type(operator)]()
            yield 2, f"where {both} are equal, they {word}", ast.Compare(left, [strict], [right])
            clause = f"the comparison of {both} is upside down"
            yield 2, clause, ast.Compare(left, [turned], [right])
        case ast.Call():
            yield from _calls(node)
        case ast.Subscript(value, ast.Constant(str(key))) if key in function.weights:
            relatives = [w for w in function.weights if w[:-1] == key[:-1]]
            for other in relatives:
                constant = ast.Constant(other)
                yield from _exchange(key, other, relatives, ast.Subscript(value, constant, LOAD))
        case ast.Subscript():
            yield from _indices(node)
        case ast.Attribute(ast.Name() as owner, name) if name in function.weights:
            relatives = [w for w in function.weights if w[:-1] == name[:-1]]
            for other in relatives:
                yield from _exchange(name, other, relatives, ast.Attribute(owner, other, LOAD))
        case ast.Name(name) if name in function.variables:
            for other in function.variables:
                yield from _exchange(name, other, function.variables, ast.Name(other, LOAD))
        case ast.List([first, second]) | ast.Tuple([first, second]):
            clause = f"the order of {_phrase(first)} and {_phrase(second)} is wrong"
            yield 1, clause, type(node)([second, first], LOAD)
        case ast.IfExp(test, body, orelse):
            yield 2, f"the case {_text(test)} is missing", orelse
            yield 2, f"the case that not {_text(test)} is missing", body
        case ast.Constant(int() | float() as number) if not isinstance(number, bool):
            for other in (2 * number, number + 1, number - 1):
                yield 6, f"it says {other:g} where {number:g} belongs", ast.Constant(other)


def _exchange(name, other, names, instead):
    """One name for another, here or everywhere."""
    if name != other:
        first, second = sorted((name, other), key=names.index)
        yield 3, f"the places of {first} and {second} everywhere are exchanged", instead
        yield 4, f"it says {other} where {name} belongs", instead


def _sums(node):
    """Terms left out, and signs."""
    terms = _chain(node, (ast.Add, ast.Sub))
    for k, (operator, term) in enumerate(terms):
        minus = isinstance(operator, ast.Sub)
        rest = terms[:k] + terms[k + 1 :]
        yield 1, f"{'minus ' if minus else ''}{_phrase(term, 'term')} is missing", _joined(rest)
        other = ast.Add() if minus else ast.Sub()
        flipped = [*terms[:k], (other, term), *terms[k + 1 :]]
        yield 2, f"the sign of {_phrase(term)} is wrong", _joined(flipped)
    if len(terms) == 2 and isinstance(terms[1][0], ast.Sub):
        left, right = terms[0][1], terms[1][1]
        if isinstance(left, ast.Constant):
            yield 1, f"it says {_phrase(right)} where {_text(node)} belongs", right
        clause = f"the difference of {_phrase(left)} and {_phrase(right)} is the wrong way round"
        yield 2, clause, ast.BinOp(right, ast.Sub(), left)


def _products(node):
    """Factors left out, and divisions."""
    factors = _chain(node, (ast.Mult, ast.Div))
    for k, (operator, factor) in enumerate(factors):
        divides = isinstance(operator, ast.Div)
        kind = "division by" if divides else "factor"
        rest = factors[:k] + factors[k + 1 :]
        yield 1, f"{_phrase(factor, kind)} is missing", _joined(rest, ast.Mult)
        other = ast.Mult() if divides else ast.Div()
        flipped = [*factors[:k], (other, factor), *factors[k + 1 :]]
        ways = ("divide", "multiplying") if divides else ("multiply", "dividing")
        clause = f"{ways[0]} by {_phrase(factor)} instead of {ways[1]}"
        yield 2, clause, _joined(flipped, ast.Mult)
    (_, left), *others = factors
    for operator, factor in others:
        if isinstance(operator, ast.Mult) and len(factors) == 2:
            clause = (
                f"the product of {_phrase(left)} and {_phrase(factor)} is needed, not their sum"
            )
            yield 3, clause, ast.BinOp(left, ast.Add(), factor)


def _calls(node):
    """A function forgotten, or another one, or along another axis."""
    function, arguments = node.func, node.args
    method = isinstance(function, ast.Attribute) and _text(function.value) != "np"
    name = function.attr if isinstance(function, ast.Attribute) else function.id
    value = function.value if method else arguments[0] if arguments else None
    if value is None:
        return
    if name in FORGOTTEN and (method or len(arguments) == 1):
        yield 1, f"the {name} of {_phrase(value)} is missing", value
    if name in ("swapaxes", "transpose"):
        yield 1, "two axes have to be exchanged", value
    for other in OTHERS.get(name, []):
        if isinstance(function, ast.Attribute) and other not in ("tanh", "sigmoid"):
            instead = ast.Attribute(function.value, other, LOAD)
        else:
            instead = ast.Name(other, LOAD)
        clause = f"it says {other} where {name} belongs"
        yield 2, clause, ast.Call(instead, arguments, node.keywords)
    if name in ("min", "max", "minimum", "maximum") and len(arguments) == 2:
        for bound, kept in (arguments, arguments[::-1]):
            yield 1, f"the bound {_phrase(bound)} is missing", kept
    if name in ("where", "kron", "outer"):
        for k in range(len(arguments)):
            for j in range(k):
                changed = list(arguments)
                changed[k], changed[j] = changed[j], changed[k]
                clause = f"the places of {_phrase(arguments[j])} and {_phrase(arguments[k])} are exchanged"
                yield 2, clause, ast.Call(function, changed, node.keywords)
    if name == "where" and len(arguments) == 3:
        yield 1, f"the condition {_phrase(arguments[0])} is missing", arguments[1]
    for k, keyword in enumerate(node.keywords):
        if keyword.arg == "axis":
            for axis in (0, 1):
                other = ast.keyword("axis", ast.Constant(axis))
                keywords = [*node.keywords[:k], other, *node.keywords[k + 1 :]]
                yield (
                    1,
                    f"the {name} runs along the wrong axis",
                    ast.Call(function, arguments, keywords),
                )
            keywords = node.keywords[:k] + node.keywords[k + 1 :]
            yield 2, f"the {name} runs over all axes", ast.Call(function, arguments, keywords)


def _indices(node):
    """A step too early or too late, the wrong end, the order turned round."""
    value, index = node.value, node.slice
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    for k, part in enumerate(parts):
        for clause, other in _moved(part):
            changed = [*parts[:k], other, *parts[k + 1 :]]
            new = ast.Tuple(changed, LOAD) if isinstance(index, ast.Tuple) else other
            what = _text(value) if len(_text(value)) < 16 else "the array"
            yield 1, f"the part of {what} that is read {clause}", ast.Subscript(value, new, LOAD)


def _moved(part):
    match part:
        case ast.Slice(lower, upper, step):
            one = ast.Constant(1)
            for name, bound in (("begins", lower), ("ends", upper)):
                if bound is None:
                    continue
                for way, operator in (("too late", ast.Add()), ("too early", ast.Sub())):
                    moved = ast.BinOp(bound, operator, one)
                    ends = (moved, upper) if name == "begins" else (lower, moved)
                    yield f"{name} one {way}", ast.Slice(*ends, step)
            if step is not None:
                yield "is in the wrong order", ast.Slice(lower, upper, None)
        case ast.Constant(int()) | ast.BinOp(_, ast.Add() | ast.Sub(), ast.Constant()) | ast.Name():
            one = ast.Constant(1)
            yield "is one too late", ast.BinOp(part, ast.Add(), one)
            yield "is one too early", ast.BinOp(part, ast.Sub(), one)


def _chain(node, operators):
    """The operands of a - b + c with the operator before each: (+, a), (-, b), (+, c)."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, operators):
        return [*_chain(node.left, operators), (node.op, node.right)]
    return [(operators[0](), node)]


def _joined(operands, first=ast.Add):
    (operator, result), *others = operands
    if not isinstance(operator, first):  # it begins with a minus or a division
        start = ast.Constant(0 if first is ast.Add else 1)
        result = ast.BinOp(start, operator, result)
    for operator, operand in others:
        result = ast.BinOp(result, operator, operand)
    return result


def _continues(node, parent):
    """Whether a sum or product is the beginning of a longer one."""
    kinds = (ast.Add, ast.Sub) if isinstance(node.op, ast.Add | ast.Sub) else (ast.Mult, ast.Div)
    return isinstance(parent, ast.BinOp) and parent.left is node and isinstance(parent.op, kinds)


def _text(node):
    """A piece of source as the reader knows it: W_xi for w["W_xi"] and for self.W_xi."""
    return re.sub(r"\bself\.|\bnp\.|\b\w+\['(\w+)'\]", r"\1", ast.unparse(node))


def _phrase(node, kind=""):
    """A piece of source if it is short, else what occurs in it."""
    text, what = _text(node), f"the {kind} " if kind else ""
    if len(text) <= 20:
        return what + text
    names = re.findall(r"(?<![\w.'])([A-Za-z_]\w*)(?!\w|\(|\s*=[^=])", text)
    return f"{what or 'the part '}with {_listed(n for n in names if not iskeyword(n))}"


def _listed(names):
    """a, b and c"""
    *first, last = dict.fromkeys(names)
    return " and ".join(filter(None, [", ".join(first), last]))


def _variables(definition):
    """The arguments and what is assigned, but no list: in itself it would never end."""
    arguments = [argument.arg for argument in definition.args.args if argument.arg != "self"]
    targets = [
        name.id
        for node in ast.walk(definition)
        if isinstance(node, ast.Assign)
        for name in ast.walk(node.targets[0])
        if isinstance(name, ast.Name)
    ]
    lists = {
        node.value.id
        for node in ast.walk(definition)
        if isinstance(node, ast.Attribute) and node.attr == "append"
    }
    return [name for name in dict.fromkeys(arguments + targets) if name not in lists]
