"""Take the solution of an exercise apart: its lines in any order that works, and wrong ones.

Two lines of a function may be exchanged unless one gives a name its value that the other reads or
gives a value too. A wrong line is the solution after one of the slips that the checkers look for
(`lib.book.exercises.mistakes`); it is kept where the exercise's own checker recognises it, and its
sentence is what the checker says.
"""

import ast
import contextlib
import io
import itertools
import re
import warnings
from ast import unparse
from dataclasses import dataclass, field

from live_cells import base

from lib.book.exercises import mistakes
from lib.book.exercises.feedback import Foreseen, NotYet, Recognised

TRIED = 200  # so many slips of a solution are put to its checker, the likeliest first
NUMBERS = 6  # the rank in `mistakes` of a number that is another one
OTHER = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*"}
ODD = re.compile(r"[-+] 1 [-+] 1|- 0\b|axis=None")  # no one writes this


@dataclass
class Line:
    """A line of a solution, or a statement over several."""

    text: str
    indent: int  # levels within the function
    parent: int  # the number of the line that it stands in, -1 for the function
    after: dict = field(default_factory=dict)  # {line that comes first: what to say where not}


@dataclass
class Wrong:
    """A piece of a solution that is wrong: bytes `start` to `end` read `instead`."""

    line: int
    text: str  # the line with it
    start: int
    end: int
    instead: str
    why: str


# Lines


def lines_of(source):
    """Return the first line of a function, and the lines of its body without the docstring.

    Raises ValueError where there are branches that belong together, such as those of an else.
    """
    function = ast.parse(source).body[0]
    rows, lines = source.splitlines(), []
    step = function.body[0].col_offset

    def add(first, last, parent):
        block = rows[first - 1 : last]
        while block and not block[-1].strip():
            block.pop()
        edge = len(block[0]) - len(block[0].lstrip())
        text = "\n".join(row[edge:] for row in block)
        lines.append(Line(text, edge // step - 1, parent))
        return len(lines) - 1

    def suite(statements, parent):
        numbers = []
        for node in statements:
            inner, entries = getattr(node, "body", None), _entries(node)
            if getattr(node, "orelse", None) or getattr(node, "handlers", None):
                raise ValueError(
                    f"ladder: expected lines without branches, got {rows[node.lineno - 1]!r}"
                )
            last = inner[0].lineno - 1 if inner else entries[0].lineno - 1 if entries else None
            number = add(node.lineno, last or node.end_lineno, parent)
            numbers.append((number, node))
            if inner:
                suite(inner, number)
            for entry, following in zip(entries, [*entries[1:], None], strict=False):
                add(
                    entry.lineno, following.lineno - 1 if following else node.end_lineno - 1, number
                )
            if entries:
                closing = add(node.end_lineno, node.end_lineno, parent)
                lines[closing].after[number] = (
                    f"`{lines[closing].text}` closes `{_first(lines[number])}`."
                )
        for place, (number, node) in enumerate(numbers):
            for earlier, before in numbers[:place]:
                if reason := _clash(before, node, _first(lines[earlier]), _first(lines[number])):
                    lines[number].after[earlier] = reason

    suite(_body(function), -1)
    return rows[0], lines


def _body(function):
    return function.body[1:] if ast.get_docstring(function) is not None else function.body


def _entries(node):
    """Return the first nodes of a dict or list that is written with a row for each entry."""
    value = getattr(node, "value", None)
    if not isinstance(value, (ast.Dict, ast.List)):
        return []
    entries = value.keys if isinstance(value, ast.Dict) else value.elts
    rows = [entry.lineno for entry in entries if entry]
    apart = len(rows) > 1 and len({node.lineno, *rows, node.end_lineno}) == len(rows) + 2
    return entries if apart else []


def _first(line):
    return line.text.splitlines()[0]


def _clash(before, after, earlier, later):
    """Return what to say where two statements stand the other way round, None where they may."""
    if isinstance(after, ast.Return):
        return "Nothing runs after a `return`."
    given, changed = _given(before), _given(after)
    if names := given & _read(after):
        return f"`{later}` needs {min(names)}, which `{earlier}` sets."
    if names := _read(before) & changed:
        return f"`{later}` changes {min(names)}, which `{earlier}` needs as it was."
    if names := given & changed:
        return f"`{later}` and `{earlier}` both set {min(names)}; the last one counts."
    return None


def _read(node):
    inner = ast.walk(node)
    return {n.id for n in inner if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _given(node):
    """Return the names that a statement gives a value, or whose value it changes."""
    if isinstance(node, ast.FunctionDef):
        return {node.name}
    found = set()
    for inner in ast.walk(node):
        if isinstance(inner, (ast.Name, ast.Subscript, ast.Attribute)):
            if isinstance(inner.ctx, ast.Store):
                found.add(base(inner))
        elif isinstance(inner, ast.Expr):  # a call for what it does, such as outputs.append(y)
            found.add(base(inner.value))
    return found - {None}


# Wrong pieces


def wrong_pieces(source, call, namespace):
    """Return the wrong pieces that the checker recognises: those that it has a sentence of its own
    for, then the others, the likeliest first, and last other numbers.

    What the checker says must not speak of a variable that its own solution has and this one not.

    call       the call that checks the function
    namespace  what the function and the checker need; the function is not in it
    """
    _, right = lines_of(source)
    found, seen, names = [], set(), set(re.findall(r"\w+", source))
    for rank, (start, end, instead) in _slips(source)[:TRIED]:
        whole = source.encode()
        text = (whole[:start] + instead.encode() + whole[end:]).decode()
        if text in seen or not (changed := _changed(right, text)):
            continue
        seen.add(text)
        if mistake := _recognised(text, call, namespace):
            named = re.findall(r"^In (\w+)|where (\w+) belongs", str(mistake))
            if isinstance(mistake, Foreseen) or names.issuperset(filter(None, sum(named, ()))):
                order = rank >= NUMBERS, not isinstance(mistake, Foreseen)
                found.append((order, Wrong(*changed, start, end, instead, str(mistake))))
    return [piece for _, piece in sorted(found, key=lambda it: it[0])]


def _changed(right, text):
    """Return the number and the text of the one line that is another one, or None."""
    try:
        _, lines = lines_of(text)
    except (SyntaxError, ValueError):
        return None
    if [(it.indent, it.parent) for it in lines] != [(it.indent, it.parent) for it in right]:
        return None
    changed = [n for n, line in enumerate(lines) if line.text != right[n].text]
    return (changed[0], lines[changed[0]].text) if len(changed) == 1 else None


def _recognised(source, call, namespace):
    """Return what the checker raises for a function, None where it recognises no mistake."""
    names = dict(namespace)
    try:
        with warnings.catch_warnings(action="ignore"):
            exec(compile(source, "<ladder>", "exec"), names)
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(call, "<ladder>", "exec"), names)
    except NotYet as problem:
        return problem if isinstance(problem, Recognised) else None
    return None


def _slips(source):
    """Return (rank, (start, end, what stands there instead)) of all slips, the likeliest first."""
    function = ast.parse(source).body[0]
    names, place, found = mistakes.names_in(function), _Place(source), []

    def visit(node, parent):
        if isinstance(node, ast.expr) and not isinstance(getattr(node, "ctx", None), ast.Store):
            for rank, instead in (*_known(node, parent, names), *_more(node)):
                if (piece := place.of(node, parent, instead)) and not ODD.search(piece[2]):
                    found.append((rank, piece))
        for child in ast.iter_child_nodes(node):
            visit(child, node)

    for statement in _body(function):
        visit(statement, None)
    return sorted(found, key=lambda it: it[0])


def _known(node, parent, names):
    return ((rank, instead) for rank, _, instead in mistakes.slips_at(node, parent, names))


def _more(node):
    """Yield what only a checker's own sentence can explain: a method that is not called, two
    arguments in the wrong order."""
    match node:
        case ast.Call(ast.Attribute(owner), [_, *_]) if unparse(owner) != "np":
            yield 2, unparse(owner)
    match node:
        case ast.Call(function, [first, second, *others], words):
            yield 2, unparse(ast.Call(function, [second, first, *others], words))


class _Place:
    """Writes a slip into the source as a person would make it: a term that counts 0 times is left
    out, a factor -1 turns the sign."""

    def __init__(self, source):
        self.bytes = source.encode()
        sizes = [len(row) for row in self.bytes.splitlines(keepends=True)]
        self.rows = [sum(sizes[:n]) for n in range(len(sizes))]

    def start(self, node):
        return self.rows[node.lineno - 1] + node.col_offset

    def end(self, node):
        return self.rows[node.end_lineno - 1] + node.end_col_offset

    def text(self, node):
        return self.bytes[self.start(node) : self.end(node)].decode()

    def sign(self, before, after):
        """Return where the sign between two nodes stands, past the parentheses around them."""
        between = self.bytes[self.end(before) : self.start(after)]
        found = re.search(rb"[-+*/@]+=?", between)
        return self.end(before) + found.start(), self.end(before) + found.end()

    def of(self, node, parent, instead):
        """Return (start, end, what stands there), or None where no one would write it so."""
        text = unparse(node)
        match parent:
            case ast.BinOp(left, operator, right) if instead in (f"0 * ({text})", "1"):
                turns = isinstance(operator, (ast.Sub, ast.Div))
                kept = left if node is right else None if turns else right
                return self.plain(parent, self.text(kept)) if kept else None
            case ast.BinOp(left, operator, right) if instead in (f"-1 * ({text})", f"1 / ({text})"):
                return (*self.sign(left, right), OTHER[type(operator)]) if node is right else None
            case ast.AugAssign(target, ast.Add(), value) if instead == f"-1 * ({text})":
                return *self.sign(target, value), "-="
            case ast.Call(_, [argument]) if instead == "(lambda x: x)":
                return self.plain(parent, self.text(argument))
        if instead == f"list({text})[::-1]":
            turned = isinstance(node, ast.Call) and unparse(node.func) == "reversed"
            return self.plain(node, unparse(node.args[0]) if turned else f"reversed({text})")
        if "list(" in instead or "lambda" in instead:
            return None
        whole = unparse(ast.parse(instead, mode="eval"))
        whole = whole if '"' in whole else whole.replace("'", '"')
        if isinstance(node, ast.Tuple) and not self.text(node).startswith("("):
            whole = whole[1:-1]
        return self.plain(node, re.sub(r"(\w) \*\* (\w)", r"\1**\2", whole))

    def plain(self, node, instead):
        """Return the piece in the place of a node, in parentheses only where it needs them."""
        start, end = self.start(node), self.end(node)
        wide = self.bytes[start - 1 : start] + self.bytes[end : end + 1] == b"()"
        spans = [(start - 1, end + 1)] * wide + [(start, end)]
        wanted = self.shape(start, end, f"({instead})")
        for first, last in spans:
            if self.shape(first, last, instead) == wanted:
                return first, last, instead
        return start, end, f"({instead})"

    def shape(self, start, end, instead):
        """Return what Python makes of the source with this piece in it, None where it cannot."""
        try:
            return ast.dump(ast.parse(self.bytes[:start] + instead.encode() + self.bytes[end:]))
        except SyntaxError:
            return None


# Rungs


def wrong_lines(pieces, number, most=3):
    """Return the wrong lines to lay between the right ones: of as many lines as there are, or
    several of one where a solution has few."""
    found, places = [], {}
    for share in range(1, most + 1):
        for piece in pieces:
            known = piece.text in {it.text for it in found}
            if not known and places.get(piece.line, 0) < share and len(found) < most:
                found.append(piece)
                places[piece.line] = places.get(piece.line, 0) + 1
        if number > 2:
            break
    return found


def gaps(source, pieces, most=4):
    """Return [(start, end, {wrong piece: what to say})] of gaps that do not overlap, in order."""
    spans = {}
    for piece in pieces:
        start, end, instead = _narrow(source.encode(), piece)
        right = source.encode()[start:end].decode()
        if 0 < len(right) <= 40 and 0 < len(instead) <= 40 and "\n" not in right + instead:
            spans.setdefault((start, end), {}).setdefault(instead, piece.why)
    lines = {(start, end): source.encode()[:start].count(b"\n") for start, end in spans}
    taken, count = [], {}
    for limit in (1, 2, most):  # the likeliest first, in as many lines as there are
        for span in spans:
            apart = all(span[1] <= start or end <= span[0] for start, end in taken)
            if apart and len(taken) < most and count.get(lines[span], 0) < limit:
                taken.append(span)
                count[lines[span]] = count.get(lines[span], 0) + 1
    return [(*span, dict(list(spans[span].items())[:3])) for span in sorted(taken)]


def _narrow(whole, piece):
    """Return a piece without what it has in common with the right one, unless it is short."""
    old, new = whole[piece.start : piece.end], piece.instead.encode()
    if len(old) <= 20:
        return piece.start, piece.end, piece.instead
    parts = [re.findall(rb'\w+|\s+|"[^"]*"|.', text) for text in (old, new)]
    sizes = []
    for _ in range(2):  # from the front, then from the back
        same = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(*parts, strict=False))
        common = [part for part, _ in same]
        sizes.append(sum(map(len, common)))
        parts = [part[len(common) :][::-1] for part in parts]
    first, last = sizes
    shorter = new[first : len(new) - last].decode()
    if not all(map(_closed, (old[first : len(old) - last].decode(), shorter))):
        return piece.start, piece.end, piece.instead
    return piece.start + first, piece.end - last, shorter


def _closed(text):
    """Whether every bracket in a piece closes in it, and no list is cut."""
    depth = 0
    for sign in text:
        depth += (sign in "([{") - (sign in ")]}")
        if depth < 0 or (sign == "," and not depth):
            return False
    return depth == 0
