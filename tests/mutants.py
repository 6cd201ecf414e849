"""Slips in a solution, made one at a time in its source: the usual operators of mutation testing.

They know nothing of `lib.book.exercises.mistakes`, which they help to judge.
"""

import ast
import re

SWAPS = {
    ast.Add: [ast.Sub, ast.Mult],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Div, ast.Add],
    ast.Div: [ast.Mult],
    ast.FloorDiv: [ast.Mult],
    ast.Pow: [ast.Mult],
    ast.MatMult: [ast.Mult],
    ast.Gt: [ast.GtE, ast.Lt],
    ast.GtE: [ast.Gt, ast.Lt, ast.Eq],
    ast.Lt: [ast.LtE, ast.Gt],
    ast.Eq: [ast.NotEq, ast.GtE],
    ast.In: [ast.NotIn],
}
CALLS = {
    "tanh": ["sigmoid"],
    "sigmoid": ["tanh"],
    "exp": ["exp2"],
    "sum": ["mean", "max"],
    "mean": ["sum", "max"],
    "max": ["min", "mean"],
    "min": ["max"],
    "minimum": ["maximum"],
    "arange": ["ones"],
    "zeros": ["ones"],
    "zeros_like": ["ones_like"],
}


def mutants(source):
    """(what was changed, the changed source) for every slip in one function's source."""
    tree = ast.parse(source)
    seen = {ast.unparse(tree)}
    for owner, field, index, node in list(_places(tree.body[0])):
        for new in _slips(node, tree.body[0]):
            _put(owner, field, index, new)
            text = ast.unparse(ast.fix_missing_locations(tree))
            _put(owner, field, index, node)
            # a list in itself keeps NumPy busy for ever
            if text not in seen and not re.search(r"(\w+)\.append\(\1\)", text):
                seen.add(text)
                yield f"{ast.unparse(node)} -> {ast.unparse(ast.fix_missing_locations(new))}", text


def _places(function):
    """Where something can be exchanged: (its owner, field, index in that field, the node)."""
    for owner in ast.walk(function):
        for field, value in ast.iter_fields(owner):
            if isinstance(owner, ast.FunctionDef) and field != "body":
                continue
            for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if isinstance(node, ast.expr | ast.stmt) and not _is_docstring(node):
                    yield owner, field, index, node


def _put(owner, field, index, node):
    if index is None:
        setattr(owner, field, node)
    else:
        getattr(owner, field)[index] = node


def _is_docstring(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _slips(node, function):
    """What might stand in the place of a node."""
    match node:
        case ast.BinOp(left, op, right):
            yield from (left, right)
            yield from (ast.BinOp(left, swap(), right) for swap in SWAPS.get(type(op), []))
            if isinstance(op, ast.Sub | ast.Div):
                yield ast.BinOp(right, op, left)
        case ast.UnaryOp(ast.USub(), operand):
            yield operand
        case ast.Compare(left, [op], [right]):
            yield from (ast.Compare(left, [swap()], [right]) for swap in SWAPS.get(type(op), []))
        case ast.Constant(int() | float() as value) if not isinstance(value, bool):
            yield from (ast.Constant(value + 1), ast.Constant(value - 1), ast.Constant(2 * value))
        case ast.Attribute(value, "T"):
            yield value
        case ast.Name(name, ast.Load()) if name in _names(function):
            yield from (ast.Name(other, ast.Load()) for other in _names(function) if other != name)
        case ast.Subscript(value, ast.Constant(str(key)), ast.Load()):
            keys = {n.slice.value: None for n in ast.walk(function) if _is_key(n)}
            yield from (
                ast.Subscript(value, ast.Constant(other), ast.Load())
                for other in keys
                if other != key and other[:-1] == key[:-1]
            )
        case ast.Subscript(value, ast.Slice(lower, upper, step), ast.Load()):
            yield from (value, ast.Subscript(value, ast.Slice(upper, lower, step), ast.Load()))
        case ast.Tuple(items, ast.Load()) | ast.List(items, ast.Load()) if len(items) > 1:
            yield type(node)(items[::-1], ast.Load())
            yield from (item for item in items if not isinstance(item, ast.Starred))
        case ast.IfExp(_, body, orelse):
            yield from (body, orelse)
        case ast.For(target, iterable, body, orelse):
            yield ast.For(
                target,
                ast.parse(f"list({ast.unparse(iterable)})[::-1]").body[0].value,
                body,
                orelse,
            )
            yield ast.For(
                target, ast.parse(f"list({ast.unparse(iterable)})[1:]").body[0].value, body, orelse
            )
            yield ast.For(
                target, ast.parse(f"list({ast.unparse(iterable)})[:-1]").body[0].value, body, orelse
            )
        case ast.AugAssign(target, _, value):
            yield ast.Assign([target], value)
            yield ast.AugAssign(target, ast.Sub(), value)
        case ast.Return(value):
            yield ast.Expr(value)
    if isinstance(node, ast.Call):
        yield from _calls(node)
    if isinstance(node, ast.Assign | ast.AugAssign | ast.If | ast.Expr):
        yield ast.Pass()
    if isinstance(node, ast.If):
        yield from node.body


def _calls(node):
    """A call left out, of another function, with other arguments."""
    function, arguments, keywords = node.func, node.args, node.keywords
    if isinstance(function, ast.Attribute) and not isinstance(function.value, ast.Name):
        yield function.value  # a method of an expression
    elif arguments:
        yield arguments[0]
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    for other in CALLS.get(name, []):
        if isinstance(function, ast.Attribute):
            other = (
                ast.Name("sigmoid", ast.Load())
                if other == "sigmoid"
                else ast.Attribute(function.value, other, ast.Load())
            )
        else:
            other = (
                ast.Attribute(ast.Name("np", ast.Load()), other, ast.Load())
                if (name == "sigmoid")
                else ast.Name(other, ast.Load())
            )
        yield ast.Call(other, arguments, keywords)
    if len(arguments) > 1:
        yield ast.Call(function, arguments[::-1], keywords)
        yield from (
            ast.Call(function, arguments[:k] + arguments[k + 1 :], keywords)
            for k in range(len(arguments))
        )
    for k in range(len(keywords)):
        yield ast.Call(function, arguments, keywords[:k] + keywords[k + 1 :])


def _names(function):
    """Arguments and local variables, in order."""
    found = {a.arg: None for a in function.args.args}
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found[node.id] = None
    return list(found)


def _is_key(node):
    return (
        isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
    )
